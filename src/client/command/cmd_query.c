#include "client/command/command.h"
#include "client/command/options.h"
#include "client/inspect/tsq.h"
#include "client/kit/diag.h"
#include "client/stamp/query_make.h"
#include "client/verify/exit_code.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <string.h>

static const char usage[] =
    "usage: quorate query [OPTION...] --out FILE.tsq FILE\n"
    "       quorate query [OPTION...] --out FILE.tsq --digest HEX\n"
    "\n"
    "Writes a TimeStampReq for FILE, to be sent by other means and given to verify --query.\n"
    "\n"
    "      --hash NAME     sha256 (preset), sha384, sha512, sha3-256, sha3-384, sha3-512\n"
    "      --digest HEX    a digest by that hash, in place of a file\n"
    "      --policy OID    ask for this policy\n"
    "      --no-nonce      without a nonce: an answer could then be an old one\n"
    "      --no-certs      do not ask for certificates in the answer\n"
    "  -o, --out FILE      where the query goes; - is standard output\n"
    "      --json          say what was asked as JSON\n"
    "\n"
    "exit code: 0 written, 2 not\n";

enum {
    OPT_HASH = 256,
    OPT_DIGEST,
    OPT_POLICY,
    OPT_NO_NONCE,
    OPT_NO_CERTS,
    OPT_JSON,
};

static const struct option long_options[] = {
    {"hash", required_argument, NULL, OPT_HASH},
    {"digest", required_argument, NULL, OPT_DIGEST},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"no-nonce", no_argument, NULL, OPT_NO_NONCE},
    {"no-certs", no_argument, NULL, OPT_NO_CERTS},
    {"certs", no_argument, NULL, 'C'},
    {"out", required_argument, NULL, 'o'},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct query_args {
    enum hash_alg hash;
    struct options_digest digest;
    struct options_oid policy;
    bool no_nonce, no_certs, json, help;
    const char *out, *file;
};

static enum err take_option(int c, const char *value, struct query_args *a)
{
    switch (c) {
    case OPT_HASH:
        return options_hash(value, &a->hash);
    case OPT_DIGEST:
        return options_digest(value, &a->digest);
    case OPT_POLICY:
        return options_oid(value, &a->policy);
    case 'o':
        a->out = value;
        return ERR_OK;
    default:
        return options_flag(c, (const struct options_flag[]){{OPT_NO_NONCE, &a->no_nonce, true},
                                                             {OPT_NO_CERTS, &a->no_certs, true},
                                                             {'C', &a->no_certs, false},
                                                             {OPT_JSON, &a->json, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    }
}

static enum err read_args(int argc, char **argv, struct query_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "o:h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    a->file = optind < argc ? argv[optind] : NULL;
    if (a->out == NULL) {
        diag("where to? give --out FILE");
        return ERR_TYPE;
    }
    if (a->json && strcmp(a->out, "-") == 0) {
        diag("--json and --out - would both go to standard output");
        return ERR_TYPE;
    }
    if (optind + 1 < argc || (a->file == NULL) == (a->digest.value.n == 0)) {
        diag("one FILE or one --digest, please");
        return ERR_TYPE;
    }
    if (a->digest.value.n > 0 && a->digest.value.n != hash_len(a->hash)) {
        diag("a digest by %s has %zu hexadecimal digits", hash_name(a->hash),
             2 * hash_len(a->hash));
        return ERR_TYPE;
    }
    return ERR_OK;
}

static enum err print_json(struct view query)
{
    struct tsq q;

    TRY(tsq_parse(query, &q));
    return options_print_json(tsq_json(&q));
}

static enum err write_query(const struct query_args *a)
{
    uint8_t digest[HASH_MAX] = {0};
    struct query q;
    const struct query_wants wants = {a->policy.body, !a->no_nonce, !a->no_certs};

    if (a->file == NULL) {
        memcpy(digest, a->digest.bytes, hash_len(a->hash));
    } else if (file_hash(a->file, a->hash, NULL, digest) != ERR_OK) {
        diag("%s: %s", a->file, strerrordesc_np(errno));
        return ERR_IO;
    }
    const enum err e = query_make(a->hash, digest, &wants, &entropy_os, &q);

    if (e != ERR_OK) {
        diag("no query could be made (%s)", err_name(e));
        return e;
    }
    if (file_write_atomic(a->out, q.bytes) != ERR_OK) {
        diag("%s: %s", a->out, strerrordesc_np(errno));
        return ERR_IO;
    }
    return a->json ? print_json(q.bytes) : ERR_OK;
}

static int run(int argc, char **argv)
{
    struct query_args a = {.hash = HASH_SHA256};

    diag_open("quorate query");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        return command_not_run(&command_query, e);
    }
    return exit_code_of(write_query(&a));
}

const struct command command_query = {
    .name = "query",
    .summary = "write a query to a file",
    .usage = usage,
    .run = run,
};
