/* command.h - the subcommands of quorate. */
#ifndef CLIENT_COMMAND_COMMAND_H
#define CLIENT_COMMAND_COMMAND_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>

struct command {
    const char *name;
    const char *summary;
    const char *usage;                 /* what help prints; NULL: another program's own */
    int (*run)(int argc, char **argv); /* argv[0] is the subcommand; gives an exit code */
};

extern const struct command command_stamp;
extern const struct command command_query;
extern const struct command command_verify;
extern const struct command command_inspect;
extern const struct command command_extract;
extern const struct command command_ceremony;
extern const struct command command_bench;
extern const struct command command_status;
extern const struct command command_time;
extern const struct command command_attest;
extern const struct command command_measure;
extern const struct command command_audit;

/* The table, in the order in which help lists it. */
extern const struct command *const command_list[];
extern const size_t command_count;

/* NULL: no such command. */
const struct command *command_find(const char *name);

/* Runs what argv says: argv[1] is the subcommand. Gives the exit code of the program. */
int command_dispatch(int argc, char **argv);

/* Says on stderr where help is, and gives the exit code for wrong usage. */
int command_usage_error(const struct command *c);

/* What a command ends with that does not run: e is what reading its arguments gave. ERR_OK
 * means that they ask for help, which it prints on stdout; ERR_TYPE is wrong usage. */
int command_not_run(const struct command *c, enum err e);

/* Prints the help of one command on stdout. */
void command_print_usage(const struct command *c);

#endif
