#include "client/command.h"
#include "client/diag.h"
#include "client/exit_code.h"
#include "client/file_io.h"
#include "client/options.h"
#include "client/verify.h"
#include "client/verify_print.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: quorate verify [OPTION...] TOKEN\n"
    "\n"
    "Says whether TOKEN (a TimeStampResp or a bare TimeStampToken, DER, BER or PEM) is "
    "genuine.\n"
    "\n"
    "what it should be of (one or more):\n"
    "  -d, --data FILE        this data\n"
    "      --digest HEX       data with this digest, by the token's own hash\n"
    "  -q, --query FILE       the answer to this query: imprint, nonce and policy\n"
    "      --policy OID       issued under this policy\n"
    "whom to believe:\n"
    "  -c, --ca PATH          certificates that are trusted, a file or a folder; may be "
    "repeated\n"
    "      --untrusted PATH   certificates that may stand in between\n"
    "      --crl PATH         revocation lists for the chain\n"
    "      --at TIME          judge the chain at TIME, in place of the token's own time\n"
    "how strictly:\n"
    "      --strict           refuse BER that is not DER\n"
    "      --allow-simulated  take a simulated authority's token, whose time is untrusted\n"
    "      --allow-sha1       take SHA-1 in old tokens\n"
    "output:\n"
    "      --json             the report as JSON\n"
    "      --quiet            the exit code alone\n"
    "\n"
    "exit code: 0 genuine, 1 not genuine, 2 could not tell\n";

enum {
    OPT_DIGEST = 256,
    OPT_POLICY,
    OPT_UNTRUSTED,
    OPT_CRL,
    OPT_AT,
    OPT_STRICT,
    OPT_SIMULATED,
    OPT_SHA1,
    OPT_JSON,
    OPT_QUIET,
};

static const struct option long_options[] = {
    {"data", required_argument, NULL, 'd'},
    {"digest", required_argument, NULL, OPT_DIGEST},
    {"query", required_argument, NULL, 'q'},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"ca", required_argument, NULL, 'c'},
    {"untrusted", required_argument, NULL, OPT_UNTRUSTED},
    {"crl", required_argument, NULL, OPT_CRL},
    {"at", required_argument, NULL, OPT_AT},
    {"strict", no_argument, NULL, OPT_STRICT},
    {"allow-simulated", no_argument, NULL, OPT_SIMULATED},
    {"allow-sha1", no_argument, NULL, OPT_SHA1},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct verify_args {
    const char *token, *data, *query;
    struct options_digest digest;
    struct options_oid policy;
    struct trust *trust;
    struct verify_options options;
    bool json, quiet, help;
};

/* Of two --data the user means both; only one could be judged. */
static enum err once(bool given, const char *name)
{
    if (given) {
        diag("%s is given twice", name);
        return ERR_TYPE;
    }
    return ERR_OK;
}

static enum err take_option(int c, const char *value, struct verify_args *a)
{
    switch (c) {
    case 'd':
        TRY(once(a->data != NULL, "--data"));
        a->data = value;
        return ERR_OK;
    case 'q':
        TRY(once(a->query != NULL, "--query"));
        a->query = value;
        return ERR_OK;
    case 'c':
        return options_trust(&a->trust, TRUST_ANCHOR, value);
    case 'h':
        a->help = true;
        return ERR_OK;
    case OPT_DIGEST:
        TRY(once(a->digest.value.n > 0, "--digest"));
        return options_digest(value, &a->digest);
    case OPT_POLICY:
        TRY(once(a->policy.body.n > 0, "--policy"));
        return options_oid(value, &a->policy);
    case OPT_UNTRUSTED:
        return options_trust(&a->trust, TRUST_UNTRUSTED, value);
    case OPT_CRL:
        return options_trust(&a->trust, TRUST_CRL, value);
    case OPT_AT:
        TRY(once(a->options.has_at, "--at"));
        a->options.has_at = true;
        return options_time(value, &a->options.at_s);
    case OPT_STRICT:
        a->options.strict = true;
        return ERR_OK;
    case OPT_SIMULATED:
        a->options.allow_simulated = true;
        return ERR_OK;
    case OPT_SHA1:
        a->options.allow_sha1 = true;
        return ERR_OK;
    case OPT_JSON:
        a->json = true;
        return ERR_OK;
    case OPT_QUIET:
        a->quiet = true;
        return ERR_OK;
    default:
        return ERR_TYPE; /* getopt_long() has said why */
    }
}

static enum err read_args(int argc, char **argv, struct verify_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "d:q:c:h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (!a->help && optind + 1 != argc) {
        diag("one TOKEN, please");
        return ERR_TYPE;
    }
    a->token = argv[optind];
    a->options.trust = a->trust;
    return ERR_OK;
}

static enum err digest_file(void *self, const struct digest_alg *alg, uint8_t *out)
{
    const char *path = *(const char **)self;
    struct digest_state *state = NULL;

    TRY(digest_new(alg, &state));
    const struct file_sink sink = {digest_take, state};
    enum err e = file_stream(path, &sink, NULL);

    if (e != ERR_OK) {
        diag("%s: %s", path, strerrordesc_np(errno));
    } else {
        e = digest_final(state, out);
    }
    digest_free(state);
    return e;
}

static enum err print(const struct verify_args *a, const struct verify_report *r)
{
    if (a->quiet) {
        return ERR_OK;
    }
    if (!a->json) {
        verify_print_text(r, stdout);
        return ERR_OK;
    }
    return options_print_json(verify_print_json(r));
}

static enum err judge(const struct verify_args *a, struct view token,
                      const struct tsp_req *query, int *code)
{
    struct verify_report report;
    const char *data = a->data;
    const struct verify_expect expect = {
        .digest_data = a->data != NULL ? digest_file : NULL,
        .self = &data,
        .digest = a->digest.value,
        .query = query,
        .policy = a->policy.body,
    };
    enum err e = verify_token(token, &expect, &a->options, &report);

    if (e == ERR_OK) {
        *code = exit_code_of_verdict(report.verdict);
        e = print(a, &report);
    } else {
        diag("%s: cannot be judged (%s)", a->token, err_name(e));
    }
    verify_free(&report);
    return e;
}

static enum err run_with(const struct verify_args *a, int *code)
{
    struct file_bytes token = {NULL, 0};
    struct file_bytes query_bytes = {NULL, 0};
    struct tsp_req query;
    uint8_t *room = NULL;
    struct view der = {NULL, 0};
    enum err e = options_file(a->token, &token);

    if (e == ERR_OK && a->query != NULL) {
        e = options_query(a->query, &query_bytes, &query);
    }
    if (e == ERR_OK) {
        e = token_unwrap_pem((struct view){token.p, token.n}, &room, &der);
        if (e != ERR_OK) {
            diag("%s: the PEM text holds no token", a->token);
        }
    }
    if (e == ERR_OK) {
        e = judge(a, der, a->query != NULL ? &query : NULL, code);
    }
    free(room);
    file_free(&query_bytes);
    file_free(&token);
    return e;
}

static int run(int argc, char **argv)
{
    struct verify_args a = {0};
    int code = EXIT_CODE_COULD_NOT_TELL;

    diag_open("quorate verify");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK) {
        code = e == ERR_TYPE ? command_usage_error(&command_verify) : exit_code_of(e);
    } else if (a.help) {
        command_print_usage(&command_verify);
        code = EXIT_CODE_GENUINE;
    } else {
        const enum err done = run_with(&a, &code);

        code = done == ERR_OK ? code : exit_code_of(done);
    }
    trust_free(a.trust);
    return code;
}

const struct command command_verify = {
    .name = "verify",
    .summary = "say whether a token is genuine",
    .usage = usage,
    .run = run,
};
