#include "client/command/command.h"
#include "client/command/options.h"
#include "client/evidence/bundle_report.h"
#include "client/kit/diag.h"
#include "client/kit/file_io.h"
#include "client/verify/exit_code.h"
#include "client/verify/legs.h"
#include "client/verify/legs_print.h"
#include "os/clock.h"

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
    "which signatures:\n"
    "      --require LEGS     classic, pq or classic,pq: these must be there and genuine\n"
    "      --pq-since DATE    as --require pq, once this machine's clock has reached DATE\n"
    "      --window SECONDS   how much later than the token its record may be (preset 5)\n"
    "      --hybrid-policy OID    a policy that promises a record, beside our own\n"
    "      --evidence-policy OID  the policy of archive time-stamps that goes with it\n"
    "down to the machines:\n"
    "      --bundle FILE      the bundle of the authority's epoch: who made its keys, on what\n"
    "      --measure DIR      compute the measurement of the bundle's recipe, of files in DIR\n"
    "how strictly:\n"
    "      --strict           refuse BER that is not DER\n"
    "      --allow-simulated  take a simulated authority's token, whose time is untrusted\n"
    "      --allow-sha1       take SHA-1 in old tokens\n"
    "output:\n"
    "      --json             the report as JSON\n"
    "      --quiet            the exit code alone\n"
    "\n"
    "exit code: 0 genuine, 1 not genuine, 2 could not tell, 3 a promised signature is "
    "missing\n";

enum {
    OPT_DIGEST = 256,
    OPT_POLICY,
    OPT_UNTRUSTED,
    OPT_CRL,
    OPT_AT,
    OPT_STRICT,
    OPT_SIMULATED,
    OPT_SHA1,
    OPT_REQUIRE,
    OPT_PQ_SINCE,
    OPT_WINDOW,
    OPT_HYBRID_POLICY,
    OPT_EVIDENCE_POLICY,
    OPT_BUNDLE,
    OPT_MEASURE,
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
    {"require", required_argument, NULL, OPT_REQUIRE},
    {"pq-since", required_argument, NULL, OPT_PQ_SINCE},
    {"window", required_argument, NULL, OPT_WINDOW},
    {"hybrid-policy", required_argument, NULL, OPT_HYBRID_POLICY},
    {"evidence-policy", required_argument, NULL, OPT_EVIDENCE_POLICY},
    {"bundle", required_argument, NULL, OPT_BUNDLE},
    {"measure", required_argument, NULL, OPT_MEASURE},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct verify_args {
    const char *token, *data, *query, *bundle, *measure;
    struct options_digest digest;
    struct options_oid policy, hybrid_policy, evidence_policy;
    struct trust *trust;
    struct legs_options options;
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

/* "classic,pq" */
static enum err take_require(const char *value, struct legs_options *o)
{
    if (strcmp(value, "classic") == 0) {
        o->require_classic = true;
    } else if (strcmp(value, "pq") == 0) {
        o->require_pq = true;
    } else if (strcmp(value, "classic,pq") == 0 || strcmp(value, "pq,classic") == 0) {
        o->require_classic = true;
        o->require_pq = true;
    } else {
        diag("--require takes classic, pq or classic,pq");
        return ERR_TYPE;
    }
    return ERR_OK;
}

static enum err take_window(const char *value, struct legs_options *o)
{
    long seconds = 0;

    TRY(options_number(value, 0, LEGS_WINDOW_MAX, &seconds));
    o->window_s = (uint32_t)seconds;
    return ERR_OK;
}

static enum err take_evidence_policy(const char *value, struct verify_args *a)
{
    TRY(options_oid(value, &a->evidence_policy));
    if (authority_is_requestable(a->evidence_policy.body)) {
        diag("%s is a policy that clients ask for: it is no evidence", value);
        return ERR_POLICY;
    }
    return ERR_OK;
}

static enum err take_flag(int c, struct verify_args *a)
{
    struct verify_options *v = &a->options.verify;

    return options_flag(
        c, (const struct options_flag[]){{OPT_STRICT, &v->strict, true},
                                         {OPT_SIMULATED, &v->allow_simulated, true},
                                         {OPT_SHA1, &v->allow_sha1, true},
                                         {OPT_JSON, &a->json, true},
                                         {OPT_QUIET, &a->quiet, true},
                                         {'h', &a->help, true},
                                         {0, NULL, false}});
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
        TRY(once(a->options.verify.has_at, "--at"));
        a->options.verify.has_at = true;
        return options_time(value, &a->options.verify.at_s);
    case OPT_REQUIRE:
        return take_require(value, &a->options);
    case OPT_PQ_SINCE:
        TRY(once(a->options.has_pq_since, "--pq-since"));
        a->options.has_pq_since = true;
        return options_time(value, &a->options.pq_since_s);
    case OPT_WINDOW:
        return take_window(value, &a->options);
    case OPT_HYBRID_POLICY:
        TRY(once(a->hybrid_policy.body.n > 0, "--hybrid-policy"));
        return options_oid(value, &a->hybrid_policy);
    case OPT_EVIDENCE_POLICY:
        TRY(once(a->evidence_policy.body.n > 0, "--evidence-policy"));
        return take_evidence_policy(value, a);
    case OPT_BUNDLE:
        TRY(once(a->bundle != NULL, "--bundle"));
        a->bundle = value;
        return ERR_OK;
    case OPT_MEASURE:
        TRY(once(a->measure != NULL, "--measure"));
        a->measure = value;
        return ERR_OK;
    default:
        return take_flag(c, a);
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
    if (!a->help && a->measure != NULL && a->bundle == NULL) {
        diag("--measure goes with --bundle");
        return ERR_TYPE;
    }
    a->token = argv[optind];
    a->options.verify.trust = a->trust;
    a->options.policies =
        (struct authority_policies){a->hybrid_policy.body, a->evidence_policy.body};
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

/* bundle: NULL: none was given, or read. */
static enum err print(const struct verify_args *a, const struct legs_report *r,
                      const struct bundle_report *bundle, int code)
{
    if (a->quiet) {
        return ERR_OK;
    }
    if (!a->json) {
        legs_print_text(r, stdout);
        if (bundle != NULL) {
            bundle_report_print(bundle, stdout);
        }
        return ERR_OK;
    }
    json_t *const j = legs_print_json(r);

    if (json_object_set_new(j, "exit_code", json_integer(code)) != 0 ||
        (bundle != NULL && json_object_set_new(j, "bundle", bundle_report_json(bundle)) != 0)) {
        json_decref(j);
        return ERR_NOSPACE;
    }
    return options_print_json(j);
}

/* A token that is not genuine is that, whatever lies beside it. */
static void lower(int *code, int to)
{
    if (*code == EXIT_CODE_GENUINE) {
        *code = to;
    }
}

/* The bundle beside the token; a verdict on it can only lower *code's. */
static enum err judge_bundle(const struct verify_args *a, const struct legs_report *token,
                             int *code)
{
    static struct bundle_report report; /* half a megabyte: not for the stack */
    struct file_bytes f;

    if (a->bundle == NULL) {
        return print(a, token, NULL, *code);
    }
    if (options_file(a->bundle, &f) != ERR_OK) {
        lower(code, EXIT_CODE_COULD_NOT_TELL);
        return print(a, token, NULL, *code);
    }
    bundle_report_make(&report, (struct view){f.p, f.n}, token);
    if (a->measure != NULL) {
        bundle_report_measure(&report, a->measure);
    }
    if (report.read != ERR_OK) {
        diag("%s: no bundle that can be read (%s)", a->bundle, err_name(report.read));
        lower(code, EXIT_CODE_COULD_NOT_TELL);
    } else if (!report.holds) {
        lower(code, EXIT_CODE_NOT_GENUINE);
    }
    const enum err e = print(a, token, &report, *code);

    file_free(&f);
    return e;
}

static enum err judge(const struct verify_args *a, struct view token,
                      const struct tsp_req *query, int *code)
{
    struct legs_report report;
    const char *data = a->data;
    const struct verify_expect expect = {
        .digest_data = a->data != NULL ? digest_file : NULL,
        .self = &data,
        .digest = a->digest.value,
        .query = query,
        .policy = a->policy.body,
    };
    enum err e = legs_judge(token, &expect, &a->options, &report);

    if (e == ERR_OK) {
        *code = exit_code_of_verdict(report.verdict);
        e = judge_bundle(a, &report, code);
    } else {
        diag("%s: cannot be judged (%s)", a->token, err_name(e));
    }
    legs_free(&report);
    return e;
}

/* --pq-since goes by this machine's clock: a genTime is what a forger chooses. */
static enum err tell_time(struct legs_options *o)
{
    struct kernel_time now;

    TRY(clock_os.kernel_time(clock_os.self, &now));
    o->now_s = now.now_ns / 1000000000;
    return ERR_OK;
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
    struct verify_args a = {.options = {.window_s = LEGS_WINDOW_S}};
    int code = EXIT_CODE_COULD_NOT_TELL;

    diag_open("quorate verify");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        code = command_not_run(&command_verify, e);
    } else {
        enum err done = tell_time(&a.options);

        if (done == ERR_OK) {
            done = run_with(&a, &code);
        } else {
            diag("there is no clock");
        }

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
