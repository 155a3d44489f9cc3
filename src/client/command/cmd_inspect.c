#include "base/secret.h"
#include "client/command/command.h"
#include "client/command/options.h"
#include "client/inspect/inspect.h"
#include "client/kit/diag.h"
#include "client/verify/exit_code.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: quorate inspect [--json] FILE...\n"
    "\n"
    "Says what each FILE holds: a query (.tsq), a reply (.tsr), a token, certificates, or a "
    "key;\n"
    "DER, BER or PEM; - is standard input. Nothing is verified: quorate verify does that.\n"
    "\n"
    "      --json   as JSON: one object, or an array for several files\n"
    "\n"
    "exit code: 0 all could be read, 2 some could not\n";

static const struct option long_options[] = {
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static enum err inspect_bytes(struct view bytes, json_t *list)
{
    json_t *j = NULL;

    if (list == NULL) {
        return inspect_print(bytes, stdout);
    }
    TRY(inspect_json(bytes, &j));
    return json_array_append_new(list, j) == 0 ? ERR_OK : ERR_NOSPACE;
}

static enum err inspect_file(const char *path, json_t *list, bool several)
{
    struct file_bytes f;

    TRY(options_file(path, &f));
    if (list == NULL && several) {
        char name[DIAG_LINE_MAX];

        diag_escape((struct view){(const uint8_t *)path, strlen(path)}, name, sizeof name);
        (void)printf("%s: ", name);
    }
    const enum err e = inspect_bytes((struct view){f.p, f.n}, list);

    wipe(f.p, f.n); /* it may be a private key */
    file_free(&f);
    if (e == ERR_TAG) {
        diag("%s: neither query, reply, token, certificate, request for one nor key", path);
    } else if (e != ERR_OK) {
        diag("%s: cannot be read (%s)", path, err_name(e));
    }
    return e;
}

static enum err inspect_all(char **files, size_t n, bool json)
{
    json_t *list = json ? json_array() : NULL;
    enum err first = ERR_OK;

    for (size_t i = 0; i < n; i++) {
        const enum err e = inspect_file(files[i], list, n > 1);

        first = first != ERR_OK ? first : e;
    }
    if (!json) {
        return first;
    }
    if (n == 1 && json_array_size(list) == 0) {
        json_decref(list);
        return first;
    }
    json_t *one = n == 1 ? json_incref(json_array_get(list, 0)) : json_incref(list);
    const enum err printed = options_print_json(one);

    json_decref(list);
    return first != ERR_OK ? first : printed;
}

static int run(int argc, char **argv)
{
    bool json = false;
    int c = 0;

    diag_open("quorate inspect");
    while ((c = options_next(argc, argv, "h", long_options)) != -1) {
        if (c == 'h') {
            command_print_usage(&command_inspect);
            return EXIT_CODE_GENUINE;
        }
        if (c != 'j') {
            return command_usage_error(&command_inspect);
        }
        json = true;
    }
    if (optind == argc) {
        diag("one FILE at least, please");
        return command_usage_error(&command_inspect);
    }
    /* What cannot be read is no verdict about genuineness. */
    return inspect_all(argv + optind, (size_t)(argc - optind), json) == ERR_OK
               ? EXIT_CODE_GENUINE
               : EXIT_CODE_COULD_NOT_TELL;
}

const struct command command_inspect = {
    .name = "inspect",
    .summary = "say what a query, reply, token or certificate holds",
    .usage = usage,
    .run = run,
};
