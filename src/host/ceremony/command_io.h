/* command_io.h - `quorate ceremony plan`, `quorate ceremony run` and what they share with
 * `quorate ceremony blame`. */
#ifndef HOST_CEREMONY_COMMAND_IO_H
#define HOST_CEREMONY_COMMAND_IO_H

#include "host/ceremony/run_io.h"

#include <stdio.h>

enum command_exit {
    COMMAND_DONE = 0,
    /* A node is at fault: proven, or seen here; or the record is not genuine. Of blame: the
     * file proves nothing. */
    COMMAND_BLAMED = 1,
    COMMAND_USAGE = 2,  /* usage, the plan, a file */
    COMMAND_NO_KEY = 3, /* no key was made, and nobody is proven to be at fault */
};

#define COMMAND_KEY_MAX 8192 /* bytes of an operator's key in PEM */

struct command_ask {
    const char *plan, *out; /* NULL: as the manual says */
    const char *cores[PLAN_NODES_MAX];
    size_t n_cores;
    unsigned long threshold;
    const char *policy;   /* of the draft: the file of it; NULL: nobody shows evidence */
    const char *previous; /* of the draft: the bundle of the epoch before; NULL: the first */
    const char *classic;  /* of the draft: "node" or "threshold"; NULL: the preset */
    const char *record, *chain, *proof; /* of blame; record of orders, too */
    const char *config;                 /* of orders */
    unsigned long place, attempt;       /* of order */
    const char *platform;               /* of order, in hexadecimal */
    const char *renew;                  /* of order: two places */
    /* Of plan and order; of order, reenrol and renew. */
    const char *keys[PLAN_OPERATORS_MAX], *orders[PLAN_NODES_MAX];
    size_t n_keys, n_orders;
    bool json, help;
};

/* argv[0] is the verb. What it says goes to stdout and stderr; gives enum command_exit. */
int command_ceremony(int argc, char **argv);

/* On stderr. Gives status. */
int command_say(int status, const char *which, const char *what);

/* How it is used. Gives status. */
int command_usage(FILE *to, int status);

/* ---- plan_command_io.c, run_command_io.c: give enum command_exit ---- */

int command_plan(const struct command_ask *o);
int command_run(const struct command_ask *o);

/* A node's URI as its label says it, from the folder of that file. False: too long. */
bool command_uri(const char *beside, struct view listen, char out[RUN_URI_MAX]);

#endif
