#include "client/command/command.h"
#include "client/command/options.h"
#include "client/kit/diag.h"
#include "client/kit/file_io.h"
#include "client/verify/exit_code.h"
#include "client/verify/record_check.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PARTS 3

static const char usage[] =
    "usage: quorate extract [OPTION...] TOKEN\n"
    "\n"
    "Takes a hybrid token apart for other tools. Of X.tsr or X.tst it writes\n"
    "\n"
    "  X.classic.tst  the classic token, the bytes that the record is about\n"
    "  X.er           the record, an EvidenceRecord of RFC 4998\n"
    "  X.pq.tst       the archive time-stamp in the record, an ML-DSA-65 token\n"
    "\n"
    "  -o, --out X    another name in front of these\n"
    "  -f, --force    write over files that are already there\n"
    "\n"
    "exit code: 0 written, 2 not: there is no record, or it cannot be taken apart\n";

static const struct option long_options[] = {
    {"out", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct extract_args {
    const char *token, *out;
    bool force, help;
};

static const char *const suffixes[PARTS] = {".classic.tst", ".er", ".pq.tst"};

static enum err read_args(int argc, char **argv, struct extract_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "o:fh", long_options)) != -1) {
        switch (c) {
        case 'o':
            a->out = optarg;
            break;
        case 'f':
            a->force = true;
            break;
        case 'h':
            a->help = true;
            return ERR_OK;
        default:
            return ERR_TYPE;
        }
    }
    if (optind + 1 != argc) {
        diag("one TOKEN, please");
        return ERR_TYPE;
    }
    a->token = argv[optind];
    if (a->out == NULL && strcmp(a->token, "-") == 0) {
        diag("standard input needs --out");
        return ERR_TYPE;
    }
    return ERR_OK;
}

/* Bytes of path without .tsr or .tst. */
static size_t stem_len(const char *path)
{
    const size_t n = strlen(path);

    if (n > 4 && (strcmp(path + n - 4, ".tsr") == 0 || strcmp(path + n - 4, ".tst") == 0)) {
        return n - 4;
    }
    return n;
}

static enum err make_paths(const struct extract_args *a, char paths[PARTS][PATH_MAX])
{
    const char *stem = a->out != NULL ? a->out : a->token;
    const size_t n = a->out != NULL ? strlen(stem) : stem_len(stem);

    for (size_t i = 0; i < PARTS; i++) {
        const int len = n < PATH_MAX
                            ? snprintf(paths[i], PATH_MAX, "%.*s%s", (int)n, stem, suffixes[i])
                            : PATH_MAX;

        if (len < 0 || len >= PATH_MAX) {
            diag("%s: too long a name", stem);
            return ERR_NOSPACE;
        }
        if (strcmp(paths[i], a->token) == 0) {
            diag("%s would be written over itself", paths[i]);
            return ERR_STATE;
        }
        if (!a->force && access(paths[i], F_OK) == 0) {
            diag("%s is there already: --force writes over it", paths[i]);
            return ERR_STATE;
        }
    }
    return ERR_OK;
}

static enum err write_parts(const struct record *r, char paths[PARTS][PATH_MAX])
{
    const struct view parts[PARTS] = {r->data_object, r->bytes, r->er.time_stamp};

    for (size_t i = 0; i < PARTS; i++) {
        const enum err e = file_write_atomic(paths[i], parts[i]);

        if (e != ERR_OK) {
            diag("%s: %s", paths[i], strerrordesc_np(errno));
            return e;
        }
    }
    return ERR_OK;
}

/* A record whose tree lacks the token can still be taken apart; who judges it sees that. */
static bool can_be_apart(const struct record *r)
{
    return r->err == ERR_OK || (r->err == ERR_MISMATCH && r->er.time_stamp.n > 0);
}

static enum err extract(const struct extract_args *a, struct view der)
{
    char paths[PARTS][PATH_MAX];
    struct token token;
    struct record record = {.reason = ""};
    enum err e = token_open(der, &token);

    if (e == ERR_OK) {
        e = record_open(der, &token, &record);
    }
    if (e != ERR_OK) {
        diag("%s: %s", a->token, err_name(e));
    } else if (token.cms_err != ERR_OK) {
        diag("%s: neither a token nor a reply with one (%s)", a->token,
             err_name(token.cms_err));
        e = ERR_TYPE;
    } else if (!record.present) {
        diag("%s: there is no record in it: not a hybrid token", a->token);
        e = ERR_EXTENSION;
    } else if (!can_be_apart(&record)) {
        diag("%s: %s", a->token, record.reason);
        e = ERR_EXTENSION; /* whether it is genuine was not asked */
    } else {
        e = make_paths(a, paths);
        e = e == ERR_OK ? write_parts(&record, paths) : e;
    }
    record_close(&record);
    token_close(&token);
    return e;
}

static enum err run_with(const struct extract_args *a)
{
    struct file_bytes file = {NULL, 0};
    uint8_t *room = NULL;
    struct view der = {NULL, 0};
    enum err e = options_file(a->token, &file);

    if (e == ERR_OK) {
        e = token_unwrap_pem((struct view){file.p, file.n}, &room, &der);
        if (e != ERR_OK) {
            diag("%s: the PEM text holds no token", a->token);
        }
    }
    if (e == ERR_OK) {
        e = extract(a, der);
    }
    free(room);
    file_free(&file);
    return e;
}

static int run(int argc, char **argv)
{
    struct extract_args a = {.token = NULL};

    diag_open("quorate extract");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_extract, e);
    }
    return exit_code_of(run_with(&a));
}

const struct command command_extract = {
    .name = "extract",
    .summary = "take a hybrid token apart for other tools",
    .usage = usage,
    .run = run,
};
