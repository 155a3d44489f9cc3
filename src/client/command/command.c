#include "client/command/command.h"

#include "base/version.h"
#include "client/command/exec_authority.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <stdio.h>
#include <string.h>

static int run_authority(int argc, char **argv)
{
    const enum err e = exec_authority(argc, argv);

    diag("quorate-authority cannot be run: it is neither beside this program nor in PATH");
    return exit_code_of(e);
}

static const struct command command_dev = {
    .name = "dev",
    .summary = "run a simulated authority on this machine (dev up)",
    .run = run_authority,
};

static const struct command command_authority = {
    .name = "authority",
    .summary = "run and supervise an authority (authority run)",
    .run = run_authority,
};

static const struct command command_csr = {
    .name = "csr",
    .summary = "write an authority's certificate requests, for a CA outside",
    .run = run_authority,
};

const struct command *const command_list[] = {
    &command_stamp,    &command_query,  &command_verify, &command_inspect,   &command_extract,
    &command_ceremony, &command_status, &command_time,   &command_attest,    &command_measure,
    &command_audit,    &command_bench,  &command_dev,    &command_authority, &command_csr,
};
const size_t command_count = sizeof command_list / sizeof command_list[0];

const struct command *command_find(const char *name)
{
    for (size_t i = 0; i < command_count; i++) {
        if (strcmp(command_list[i]->name, name) == 0) {
            return command_list[i];
        }
    }
    return NULL;
}

static void print_overview(FILE *out)
{
    (void)fputs("usage: quorate COMMAND [OPTION...]\n\ncommands:\n", out);
    for (size_t i = 0; i < command_count; i++) {
        (void)fprintf(out, "  %-10s %s\n", command_list[i]->name, command_list[i]->summary);
    }
    (void)fputs("  help       this text, or that of one command (quorate help verify)\n"
                "  version    the version of this program\n\n"
                "exit code: 0 genuine or done, 1 not genuine, 2 could not tell, 3 a promised "
                "signature is missing\n",
                out);
}

void command_print_usage(const struct command *c)
{
    (void)fputs(c->usage, stdout);
}

int command_usage_error(const struct command *c)
{
    diag("see quorate help %s", c->name);
    return EXIT_CODE_COULD_NOT_TELL;
}

int command_not_run(const struct command *c, enum err e)
{
    if (e == ERR_OK) {
        command_print_usage(c);
        return EXIT_CODE_GENUINE;
    }
    return e == ERR_TYPE ? command_usage_error(c) : exit_code_of(e);
}

static int run_help(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stdout);
        return EXIT_CODE_GENUINE;
    }
    const struct command *c = command_find(argv[1]);

    if (c == NULL) {
        diag("no command %s", argv[1]);
        return EXIT_CODE_COULD_NOT_TELL;
    }
    if (c->usage == NULL) {
        static char help[] = "--help";
        char *args[] = {argv[1], help, NULL};

        return c->run(2, args);
    }
    command_print_usage(c);
    return EXIT_CODE_GENUINE;
}

static int run_version(bool json)
{
    (void)printf(json ? "{\"version\": \"%s\"}\n" : "quorate %s\n", quorate_version);
    return EXIT_CODE_GENUINE;
}

int command_dispatch(int argc, char **argv)
{
    if (argc < 2) {
        print_overview(stderr);
        return EXIT_CODE_COULD_NOT_TELL;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        return run_help(argc - 1, argv + 1);
    }
    if (strcmp(argv[1], "version") == 0 || strcmp(argv[1], "--version") == 0) {
        return run_version(argc > 2 && strcmp(argv[2], "--json") == 0);
    }
    const struct command *c = command_find(argv[1]);

    if (c == NULL) {
        diag("no command %s; see quorate help", argv[1]);
        return EXIT_CODE_COULD_NOT_TELL;
    }
    return c->run(argc - 1, argv + 1);
}
