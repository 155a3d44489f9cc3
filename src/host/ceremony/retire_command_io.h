/* retire_command_io.h - `quorate ceremony retire`. */
#ifndef HOST_CEREMONY_RETIRE_COMMAND_IO_H
#define HOST_CEREMONY_RETIRE_COMMAND_IO_H

#include "wire/plan.h"

struct retire_args {
    const char *record, *config; /* one of them; NULL: the other */
    const char *order;           /* made if it is not there, with what follows */
    const char *reason, *next;   /* NULL: as the manual says */
    const char *out;             /* NULL: the order is only signed */
    const char *keys[PLAN_OPERATORS_MAX], *cores[PLAN_NODES_MAX];
    size_t n_keys, n_cores;
    bool json, help;
};

/* Says on stdout and stderr what was done; gives enum command_exit. */
int command_retire_epoch(const struct retire_args *args);

/* The same of a command line; argv[0] is the verb. */
int command_retire(int argc, char **argv);

#endif
