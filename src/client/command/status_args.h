/* status_args.h - what `quorate status` and `quorate time watch` take alike. */
#ifndef CLIENT_COMMAND_STATUS_ARGS_H
#define CLIENT_COMMAND_STATUS_ARGS_H

#include "client/status/time_ask.h"

#define STATUS_OPTIONS_HELP                                                                    \
    "  -u, --url URL        the authority (preset http://127.0.0.1:3161), where it shows its " \
    "status\n"                                                                                 \
    "                       on its main address (admin_on_main)\n"                             \
    "      --admin ADDR     its admin address, ADDR:PORT or unix:PATH\n"                       \
    "      --tls-ca FILE    who may vouch for an https server, in place of the system's "      \
    "list\n"

struct status_args {
    const char *url, *admin, *tls_ca;
    long count; /* 0: without end */
    bool json, help;
};

/* As getopt_long() gave it. ERR_TYPE: it is not among them; it has said why. */
MUST_CHECK enum err status_args_read(int argc, char **argv, bool watch,
                                     struct status_args *out);

/* As time_ask_open() with what they name; has said on stderr what is wrong before it fails. */
MUST_CHECK enum err status_args_open(const struct status_args *args, struct time_ask *ask);

#endif
