#include "client/command/status_args.h"

#include "client/command/options.h"
#include "client/kit/diag.h"

#include <getopt.h>
#include <limits.h>

#define TIMEOUT_S 5
#define CONNECT_TIMEOUT_S 3

enum { OPT_ADMIN = 256, OPT_TLS_CA, OPT_JSON, OPT_COUNT };

static const struct option long_options[] = {
    {"url", required_argument, NULL, 'u'},
    {"admin", required_argument, NULL, OPT_ADMIN},
    {"tls-ca", required_argument, NULL, OPT_TLS_CA},
    {"json", no_argument, NULL, OPT_JSON},
    {"count", required_argument, NULL, OPT_COUNT},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum err take_option(int c, const char *value, struct status_args *a)
{
    switch (c) {
    case 'u':
        a->url = value;
        return ERR_OK;
    case OPT_ADMIN:
        a->admin = value;
        return ERR_OK;
    case OPT_TLS_CA:
        a->tls_ca = value;
        return ERR_OK;
    case OPT_COUNT:
        return options_number(value, 1, INT_MAX, &a->count);
    default:
        return options_flag(c, (const struct options_flag[]){{OPT_JSON, &a->json, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    }
}

enum err status_args_read(int argc, char **argv, bool watch, struct status_args *out)
{
    int c = 0;

    *out = (struct status_args){0};
    while ((c = options_next(argc, argv, "u:h", long_options)) != -1) {
        TRY(take_option(c, optarg, out));
    }
    if (out->help) {
        return ERR_OK;
    }
    if (watch ? out->json : out->count != 0) {
        diag("%s", watch ? "--json is of quorate status" : "--count is of quorate time watch");
        return ERR_TYPE;
    }
    if (optind != argc) {
        diag("%s: not understood", argv[optind]);
        return ERR_TYPE;
    }
    return ERR_OK;
}

enum err status_args_open(const struct status_args *args, struct time_ask *ask)
{
    const struct http_options http = {
        .connect_timeout_s = CONNECT_TIMEOUT_S, .timeout_s = TIMEOUT_S, .tls_ca = args->tls_ca};
    const enum err e = time_ask_open(ask, args->url, args->admin, &http);

    if (e == ERR_TYPE) {
        diag("--url or --admin, not both");
    } else if (e != ERR_OK) {
        diag("cannot ask (%s)", err_name(e));
    }
    return e;
}
