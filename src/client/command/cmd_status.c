#include "client/command/command.h"
#include "client/command/options.h"
#include "client/command/status_args.h"
#include "client/kit/diag.h"
#include "client/status/time_table.h"
#include "client/verify/exit_code.h"

#include <stdio.h>
#include <unistd.h>

static const char usage[] =
    "usage: quorate status [OPTION...]\n"
    "\n"
    "Says whether an authority would grant a token now, and what each of its nodes says of its "
    "time:\n"
    "sources that agree, offset from its machine's clock, half the width of its span, state, "
    "and why\n"
    "its time holds or does not. A table on a terminal, else a line for each node.\n"
    "\n" STATUS_OPTIONS_HELP "      --json           all that the authority says, as JSON\n"
    "\n"
    "exit code: 0 it was said, 2 the authority could not be asked\n";

static enum err print_json(const struct http_reply *r)
{
    return options_print_json(
        json_loadb((const char *)r->body, r->body_len, JSON_REJECT_DUPLICATES, NULL));
}

static enum err print(const struct status_args *a, const struct http_reply *reply,
                      const struct time_facts *facts)
{
    if (a->json) {
        return print_json(reply);
    }
    if (isatty(STDOUT_FILENO)) {
        time_table_print(facts, "\n", stdout);
        return ERR_OK;
    }
    (void)printf("ready=%s reason=\"%s\" degraded=\"%s\"\n", facts->ready ? "yes" : "no",
                 facts->reason, facts->degraded);
    time_lines_print(facts, "", stdout);
    return ERR_OK;
}

static enum err show(const struct status_args *a)
{
    struct time_ask ask;
    struct http_reply reply = {0};
    static struct time_facts facts;
    const char *why = "";

    TRY(status_args_open(a, &ask));
    enum err e = time_ask_once(&ask, &reply, &facts, &why);

    if (e != ERR_OK) {
        diag("%s: %s (%s)", ask.url, why, err_name(e));
    } else {
        e = print(a, &reply, &facts);
    }
    http_reply_free(&reply);
    time_ask_close(&ask);
    return e;
}

static int run(int argc, char **argv)
{
    struct status_args a;

    diag_open("quorate status");
    const enum err e = status_args_read(argc, argv, false, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_status, e);
    }
    return show(&a) == ERR_OK ? EXIT_CODE_GENUINE : EXIT_CODE_COULD_NOT_TELL;
}

const struct command command_status = {
    .name = "status",
    .summary = "say how the nodes of an authority are, and their time",
    .usage = usage,
    .run = run,
};
