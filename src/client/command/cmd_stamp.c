#include "client/command/command.h"
#include "client/command/options.h"
#include "client/kit/diag.h"
#include "client/kit/progress.h"
#include "client/stamp/stamp.h"
#include "client/token/token_facts.h"
#include "client/verify/exit_code.h"

#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define TIMEOUT_S 15
#define CONNECT_TIMEOUT_S 5
#define RETRIES 2
#define BACKOFF_MS 500

static const char usage[] =
    "usage: quorate stamp [OPTION...] --url URL FILE...\n"
    "\n"
    "Hashes each FILE here, asks a time-stamping authority for a token over the digest, "
    "verifies\n"
    "what comes back, and writes it to FILE.tsr. The file itself stays on this machine.\n"
    "\n"
    "  -u, --url URL        the authority; more of them are asked when the first does not "
    "serve\n"
    "      --hash NAME      sha256 (preset), sha384, sha512, sha3-256, sha3-384, sha3-512\n"
    "      --policy OID     ask for this policy\n"
    "      --no-certs       do not ask for certificates in the token\n"
    "  -c, --ca PATH        verify the chain too: trusted certificates, a file or a folder\n"
    "      --untrusted PATH certificates that may stand in between\n"
    "      --tls-ca FILE    who may vouch for an https server, in place of the system's list\n"
    "  -o, --out FILE       where the token of a single FILE goes; - is standard output\n"
    "  -f, --force          write over a token that is already there\n"
    "      --retries N      rounds after the first (preset 2)\n"
    "      --timeout S      seconds for one exchange (preset 15)\n"
    "      --json           what was stamped, as JSON\n"
    "      --quiet          neither results nor a progress bar\n"
    "\n"
    "exit code: 0 all stamped, 1 an answer was not genuine, 2 some could not be stamped\n";

enum {
    OPT_HASH = 256,
    OPT_POLICY,
    OPT_NO_CERTS,
    OPT_CERTS,
    OPT_UNTRUSTED,
    OPT_TLS_CA,
    OPT_RETRIES,
    OPT_TIMEOUT,
    OPT_JSON,
    OPT_QUIET,
};

static const struct option long_options[] = {
    {"url", required_argument, NULL, 'u'},
    {"hash", required_argument, NULL, OPT_HASH},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"no-certs", no_argument, NULL, OPT_NO_CERTS},
    {"certs", no_argument, NULL, OPT_CERTS},
    {"ca", required_argument, NULL, 'c'},
    {"untrusted", required_argument, NULL, OPT_UNTRUSTED},
    {"tls-ca", required_argument, NULL, OPT_TLS_CA},
    {"out", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, 'f'},
    {"retries", required_argument, NULL, OPT_RETRIES},
    {"timeout", required_argument, NULL, OPT_TIMEOUT},
    {"json", no_argument, NULL, OPT_JSON},
    {"quiet", no_argument, NULL, OPT_QUIET},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct stamp_args {
    const char *urls[STAMP_URLS_MAX];
    size_t n_urls;
    enum hash_alg hash;
    struct options_oid policy;
    struct trust *trust;
    const char *tls_ca, *out;
    long retries, timeout_s;
    bool no_certs, force, json, quiet, help;
    char **files;
    size_t n_files;
};

struct stamping {
    const struct stamp_args *args;
    struct stamp_job job;
    struct progress progress;
    json_t *results; /* NULL unless --json */
};

/* The bar must make way for a diagnostic, and the callbacks of a job carry no context. */
static const struct progress *shown_progress;

static enum err take_url(const char *url, struct stamp_args *a)
{
    if (a->n_urls == STAMP_URLS_MAX) {
        diag("more than %d URLs", STAMP_URLS_MAX);
        return ERR_TYPE;
    }
    a->urls[a->n_urls++] = url;
    return ERR_OK;
}

static enum err take_flag(int c, struct stamp_args *a)
{
    return options_flag(c, (const struct options_flag[]){{OPT_NO_CERTS, &a->no_certs, true},
                                                         {OPT_CERTS, &a->no_certs, false},
                                                         {'f', &a->force, true},
                                                         {OPT_JSON, &a->json, true},
                                                         {OPT_QUIET, &a->quiet, true},
                                                         {'h', &a->help, true},
                                                         {0, NULL, false}});
}

static enum err take_option(int c, const char *value, struct stamp_args *a)
{
    switch (c) {
    case 'u':
        return take_url(value, a);
    case OPT_HASH:
        return options_hash(value, &a->hash);
    case OPT_POLICY:
        return options_oid(value, &a->policy);
    case 'c':
        return options_trust(&a->trust, TRUST_ANCHOR, value);
    case OPT_UNTRUSTED:
        return options_trust(&a->trust, TRUST_UNTRUSTED, value);
    case OPT_TLS_CA:
        a->tls_ca = value;
        return ERR_OK;
    case 'o':
        a->out = value;
        return ERR_OK;
    case OPT_RETRIES:
        return options_number(value, 0, 16, &a->retries);
    case OPT_TIMEOUT:
        return options_number(value, 1, 3600, &a->timeout_s);
    default:
        return take_flag(c, a);
    }
}

static enum err read_args(int argc, char **argv, struct stamp_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "u:c:o:fh", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    a->files = argv + optind;
    a->n_files = (size_t)(argc - optind);
    if (a->n_urls == 0 || a->n_files == 0) {
        diag("one --url and one FILE at least, please");
        return ERR_TYPE;
    }
    if (a->out != NULL && a->n_files != 1) {
        diag("--out is for a single FILE");
        return ERR_TYPE;
    }
    if (a->json && a->out != NULL && strcmp(a->out, "-") == 0) {
        diag("--json and --out - would both go to standard output");
        return ERR_TYPE;
    }
    for (size_t i = 0; i < a->n_files; i++) {
        if (a->out == NULL && strcmp(a->files[i], "-") == 0) {
            diag("standard input needs --out");
            return ERR_TYPE;
        }
    }
    return ERR_OK;
}

static void tell_failure(const char *url, const char *why)
{
    progress_clear(shown_progress);
    diag("%s: %s", url, why);
}

static void wait_ms(unsigned ms)
{
    const struct timespec t = {ms / 1000, (long)(ms % 1000) * 1000000};

    (void)nanosleep(&t, NULL);
}

static enum err out_path(const struct stamp_args *a, const char *file, char path[PATH_MAX])
{
    const int n = a->out != NULL ? snprintf(path, PATH_MAX, "%s", a->out)
                                 : snprintf(path, PATH_MAX, "%s.tsr", file);

    if (n < 0 || n >= PATH_MAX) {
        diag("%s: too long a name", file);
        return ERR_NOSPACE;
    }
    /* A token cannot be had again: the second one would say a later time. */
    if (!a->force && strcmp(path, "-") != 0 && access(path, F_OK) == 0) {
        diag("%s is there already: --force writes over it", path);
        return ERR_STATE;
    }
    return ERR_OK;
}

static enum err report_result(struct stamping *s, const char *file, const char *path,
                              const char *url, const struct legs_report *r)
{
    char line[2 * VERIFY_REASON_MAX];
    char time[TIME_TEXT_LEN];
    char accuracy[TIME_TEXT_LEN];

    if (r->token.simulated) {
        diag("%s: a simulated authority: its time is untrusted, verify needs "
             "--allow-simulated",
             path);
    }
    if (r->token.steps[STEP_SIGNATURE].result != RESULT_PASS) {
        diag("%s: the signature was not checked: the signer's certificate is not at hand",
             path);
    }
    if (s->results != NULL) {
        json_t *row =
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:b, s:o}", "file", file, "token_file", path,
                      "url", url, "verdict", verify_verdict_name(r->verdict), "simulated",
                      (int)r->token.simulated, "quantum_safe", (int)r->quantum_safe, "token",
                      token_facts_json(&r->token.token.tst));

        return json_array_append_new(s->results, row) == 0 ? ERR_OK : ERR_NOSPACE;
    }
    if (!s->args->quiet && strcmp(path, "-") != 0) {
        token_facts_time(&r->token.token.tst.gen_time, time);
        token_facts_accuracy(&r->token.token.tst, accuracy);
        (void)snprintf(line, sizeof line, "%s, accuracy %s, by %s%s", time, accuracy,
                       r->token.signer[0] != '\0' ? r->token.signer : "an unknown signer",
                       r->quantum_safe ? ", quantum-safe" : "");
        (void)printf("%s: %s\n", path, line);
    }
    return ERR_OK;
}

static enum err stamp_file(struct stamping *s, const char *file)
{
    const struct stamp_args *a = s->args;
    const struct query_wants wants = {a->policy.body, true, !a->no_certs};
    const struct file_progress progress = {progress_tell, &s->progress};
    struct legs_report report;
    struct http_reply reply;
    struct query query;
    uint8_t digest[HASH_MAX];
    char path[PATH_MAX];
    const char *url = NULL;

    TRY(out_path(a, file, path));
    if (file_hash(file, a->hash, &progress, digest) != ERR_OK) {
        progress_clear(&s->progress);
        diag("%s: %s", file, strerrordesc_np(errno));
        return ERR_IO;
    }
    TRY(query_make(a->hash, digest, &wants, &entropy_os, &query));
    TRY(stamp_ask(&s->job, &query, &reply, &report, &url));
    progress_clear(&s->progress);
    enum err e = file_write_atomic(path, (struct view){reply.body, reply.body_len});

    if (e != ERR_OK) {
        diag("%s: %s", path, strerrordesc_np(errno));
    } else {
        e = report_result(s, file, path, url, &report);
    }
    legs_free(&report);
    http_reply_free(&reply);
    return e;
}

/* Goes on after a failure; an answer that was not genuine outweighs one that did not come. */
static enum err stamp_all(struct stamping *s)
{
    enum err worst = ERR_OK;

    for (size_t i = 0; i < s->args->n_files; i++) {
        progress_file(&s->progress, i, s->args->files[i]);
        const enum err e = stamp_file(s, s->args->files[i]);

        if (e != ERR_OK) {
            progress_clear(&s->progress);
            diag("%s: not stamped (%s)", s->args->files[i], err_name(e));
        }
        if (e != ERR_OK && (worst == ERR_OK || exit_code_of(e) < exit_code_of(worst))) {
            worst = e;
        }
    }
    return worst;
}

static enum err stamp_with(const struct stamp_args *a)
{
    const struct http_options http = {CONNECT_TIMEOUT_S, (unsigned)a->timeout_s, a->tls_ca};
    const bool full = a->trust != NULL && trust_has(a->trust, TRUST_ANCHOR);
    struct stamping s = {
        .args = a,
        .job =
            {
                .urls = a->urls,
                .n_urls = a->n_urls,
                .retries = (unsigned)a->retries,
                .backoff_ms = BACKOFF_MS,
                .verify = {.verify = {.trust = a->trust, .allow_simulated = true},
                           .window_s = LEGS_WINDOW_S},
                .full = full,
                .tell = tell_failure,
                .wait_ms = wait_ms,
            },
        .results = a->json ? json_array() : NULL,
    };
    enum err e = http_new(&http, &s.job.http);

    if (e == ERR_OK) {
        progress_open(&s.progress, !a->quiet, a->n_files);
        shown_progress = &s.progress;
        e = stamp_all(&s);
        shown_progress = NULL;
    }
    http_free(s.job.http);
    if (a->json) {
        const enum err printed = options_print_json(s.results);

        e = e != ERR_OK ? e : printed;
    }
    return e;
}

static int run(int argc, char **argv)
{
    struct stamp_args a = {.hash = HASH_SHA256, .retries = RETRIES, .timeout_s = TIMEOUT_S};
    int code = EXIT_CODE_GENUINE;

    diag_open("quorate stamp");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        code = command_not_run(&command_stamp, e);
    } else {
        code = exit_code_of(stamp_with(&a));
    }
    trust_free(a.trust);
    return code;
}

const struct command command_stamp = {
    .name = "stamp",
    .summary = "have files time-stamped",
    .usage = usage,
    .run = run,
};
