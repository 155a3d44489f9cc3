#include "client/command/ceremony_report.h"
#include "client/command/command.h"
#include "client/command/exec_authority.h"
#include "client/command/options.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: quorate ceremony plan --core URI ... --threshold T [--classic KIND]\n"
    "             [--policy FILE] [--key PEM ...] [--out FILE]\n"
    "       quorate ceremony run --plan FILE [--out FILE] [--json]\n"
    "       quorate ceremony blame --record FILE [--chain FILE] [--json] PROOF\n"
    "       quorate ceremony order|reenrol|renew|retire --record FILE ...\n"
    "       quorate ceremony verify [--id HEX] [--json | --quiet] RECORD\n"
    "\n"
    "plan, run, order, reenrol, renew and retire speak to cores, blame judges what a front "
    "kept of a "
    "lie:\n"
    "see quorate ceremony run --help. What follows is verify.\n"
    "\n"
    "Says whether RECORD, what a key ceremony left behind, is genuine: that the nodes of its "
    "plan\n"
    "made its public key together, and that every quorum of them can sign with it. Offline.\n"
    "\n"
    "      --id HEX   it should be the ceremony with this id (SHA-384 of the record)\n"
    "      --json     the report as JSON\n"
    "      --quiet    the exit code alone\n"
    "\n"
    "exit code: 0 genuine, 1 not genuine, 2 could not tell\n";

enum {
    OPT_ID = 256,
    OPT_JSON,
    OPT_QUIET,
};

static const struct option long_options[] = {
    {"id", required_argument, NULL, OPT_ID},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct ceremony_args {
    const char *record;
    struct options_digest id;
    bool json, quiet, help;
};

static enum err take_id(const char *value, struct ceremony_args *a)
{
    if (a->id.value.n > 0) {
        diag("--id is given twice");
        return ERR_TYPE;
    }
    TRY(options_digest(value, &a->id));
    if (a->id.value.n != CEREMONY_HASH_LEN) {
        diag("--id has %d bytes, please", CEREMONY_HASH_LEN);
        return ERR_TYPE;
    }
    return ERR_OK;
}

static enum err take_option(int c, struct ceremony_args *a)
{
    switch (c) {
    case OPT_ID:
        return take_id(optarg, a);
    default:
        return options_flag(c, (const struct options_flag[]){{OPT_JSON, &a->json, true},
                                                             {OPT_QUIET, &a->quiet, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    }
}

static enum err read_args(int argc, char **argv, struct ceremony_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "h", long_options)) != -1) {
        TRY(take_option(c, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    if (optind + 2 != argc || strcmp(argv[optind], "verify") != 0) {
        diag("plan, run, order, reenrol, renew, retire, blame, or verify and one RECORD, "
             "please");
        return ERR_TYPE;
    }
    a->record = argv[optind + 1];
    return ERR_OK;
}

static enum err print(const struct ceremony_args *a, const struct ceremony_report *r)
{
    if (a->quiet) {
        return ERR_OK;
    }
    if (a->json) {
        return options_print_json(ceremony_report_json(r));
    }
    ceremony_report_print(r, stdout);
    return ERR_OK;
}

static enum err verify(const struct ceremony_args *a, int *code)
{
    static struct ceremony_report report; /* half a megabyte: not for the stack */
    struct file_bytes f;
    enum err e = ERR_OK;

    TRY(options_file(a->record, &f));
    ceremony_report_make(&report, (struct view){f.p, f.n}, a->id.value);
    *code = ceremony_report_exit(&report);
    e = print(a, &report);
    file_free(&f);
    return e;
}

/* What needs the host's program: it drives cores, and keeps proofs. */
static bool is_for_authority(int argc, char **argv)
{
    return argc > 1 && (strcmp(argv[1], "plan") == 0 || strcmp(argv[1], "run") == 0 ||
                        strcmp(argv[1], "blame") == 0 || strcmp(argv[1], "order") == 0 ||
                        strcmp(argv[1], "reenrol") == 0 || strcmp(argv[1], "renew") == 0 ||
                        strcmp(argv[1], "retire") == 0);
}

static int run(int argc, char **argv)
{
    struct ceremony_args a = {0};
    int code = EXIT_CODE_COULD_NOT_TELL;
    enum err e = ERR_OK;

    diag_open("quorate ceremony");
    if (is_for_authority(argc, argv)) {
        e = exec_authority(argc, argv);
        diag("quorate-authority cannot be run: it is neither beside this program nor in PATH");
        return exit_code_of(e);
    }
    e = read_args(argc, argv, &a);
    if (e != ERR_OK || a.help) {
        return command_not_run(&command_ceremony, e);
    }
    e = verify(&a, &code);
    return e == ERR_OK ? code : EXIT_CODE_COULD_NOT_TELL;
}

const struct command command_ceremony = {
    .name = "ceremony",
    .summary = "make a key of several cores; say whether its record is genuine",
    .usage = usage,
    .run = run,
};
