#include "client/command/command.h"
#include "client/command/options.h"
#include "client/kit/diag.h"
#include "client/load/bench_check.h"
#include "client/stamp/stamp.h"
#include "client/verify/exit_code.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char usage[] =
    "usage: quorate bench [OPTION...] --url http://HOST:PORT/PATH\n"
    "\n"
    "Asks an authority for tokens and says how many it gave and how long it took. Every reply "
    "is\n"
    "looked at as it comes: status, digest and nonce. Replies are kept in memory and verified "
    "in\n"
    "full, signature and all, when the timed part is over.\n"
    "\n"
    "  -u, --url URL          the authority; plain http\n"
    "      --connections N    kept open, one query in flight on each (preset 32)\n"
    "      --threads N        that drive them (preset 2)\n"
    "      --duration S       seconds that count (preset 10)\n"
    "      --warmup S         seconds before that (preset 1)\n"
    "      --rate N           open loop: N queries a second, whether answers come or not;\n"
    "                         times count from when a query was due\n"
    "      --hash NAME        sha256 (preset), sha384, sha512, sha3-256, sha3-384, sha3-512\n"
    "      --policy OID       ask for this policy\n"
    "      --certs            ask for certificates in every token\n"
    "      --verify N         replies verified in full, spread evenly (preset 10000; 0: none)\n"
    "      --keep MIB         memory for replies (preset 64)\n"
    "  -c, --ca PATH          verify the chain too\n"
    "      --json             the figures as JSON\n"
    "\n"
    "exit code: 0 every reply was good, 1 a token was not genuine, 2 errors or rejections\n";

enum {
    OPT_CONNECTIONS = 256,
    OPT_THREADS,
    OPT_DURATION,
    OPT_WARMUP,
    OPT_RATE,
    OPT_HASH,
    OPT_POLICY,
    OPT_CERTS,
    OPT_VERIFY,
    OPT_KEEP,
    OPT_JSON,
};

static const struct option long_options[] = {
    {"url", required_argument, NULL, 'u'},
    {"connections", required_argument, NULL, OPT_CONNECTIONS},
    {"threads", required_argument, NULL, OPT_THREADS},
    {"duration", required_argument, NULL, OPT_DURATION},
    {"warmup", required_argument, NULL, OPT_WARMUP},
    {"rate", required_argument, NULL, OPT_RATE},
    {"hash", required_argument, NULL, OPT_HASH},
    {"policy", required_argument, NULL, OPT_POLICY},
    {"certs", no_argument, NULL, OPT_CERTS},
    {"verify", required_argument, NULL, OPT_VERIFY},
    {"keep", required_argument, NULL, OPT_KEEP},
    {"ca", required_argument, NULL, 'c'},
    {"json", no_argument, NULL, OPT_JSON},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

struct bench_args {
    const char *url;
    long connections, threads, duration_s, warmup_s, rate, verify, keep_mib;
    enum hash_alg hash;
    struct options_oid policy;
    struct trust *trust;
    bool certs, json, help, full;
};

static enum err take_number(int c, const char *value, struct bench_args *a)
{
    switch (c) {
    case OPT_CONNECTIONS:
        return options_number(value, 1, BENCH_CONNECTIONS_MAX, &a->connections);
    case OPT_THREADS:
        return options_number(value, 1, BENCH_THREADS_MAX, &a->threads);
    case OPT_DURATION:
        return options_number(value, 1, 86400, &a->duration_s);
    case OPT_WARMUP:
        return options_number(value, 0, 3600, &a->warmup_s);
    case OPT_RATE:
        return options_number(value, 1, 1000000, &a->rate);
    case OPT_VERIFY:
        return options_number(value, 0, 100000000, &a->verify);
    case OPT_KEEP:
        return options_number(value, 0, BENCH_KEEP_MAX >> 20, &a->keep_mib);
    default:
        return ERR_TYPE;
    }
}

static enum err take_option(int c, const char *value, struct bench_args *a)
{
    switch (c) {
    case 'u':
        a->url = value;
        return ERR_OK;
    case OPT_HASH:
        return options_hash(value, &a->hash);
    case OPT_POLICY:
        return options_oid(value, &a->policy);
    case 'c':
        a->full = true;
        return options_trust(&a->trust, TRUST_ANCHOR, value);
    case OPT_CERTS:
    case OPT_JSON:
    case 'h':
        return options_flag(c, (const struct options_flag[]){{OPT_CERTS, &a->certs, true},
                                                             {OPT_JSON, &a->json, true},
                                                             {'h', &a->help, true},
                                                             {0, NULL, false}});
    default:
        return take_number(c, value, a);
    }
}

static enum err read_args(int argc, char **argv, struct bench_args *a)
{
    int c = 0;

    while ((c = options_next(argc, argv, "u:c:h", long_options)) != -1) {
        TRY(take_option(c, optarg, a));
    }
    if (a->help) {
        return ERR_OK;
    }
    if (a->url == NULL || optind != argc) {
        diag("one --url and nothing else, please");
        return ERR_TYPE;
    }
    if (a->threads > a->connections) {
        a->threads = a->connections;
    }
    return ERR_OK;
}

static enum err make_plan(const struct bench_args *a, struct bench_plan *plan)
{
    const enum err e = bench_url_parse(a->url, &plan->url);

    if (e != ERR_OK) {
        diag("%s is not of the form http://HOST[:PORT][/PATH]", a->url);
        return e;
    }
    plan->threads = (unsigned)a->threads;
    plan->connections = (unsigned)a->connections;
    plan->warmup_ms = (uint64_t)a->warmup_s * 1000;
    plan->duration_ms = (uint64_t)a->duration_s * 1000;
    plan->rate_per_s = (uint64_t)a->rate;
    plan->keep_bytes = (size_t)a->keep_mib << 20;
    return bench_template_make(&plan->url, a->hash, a->policy.body, a->certs, &entropy_os,
                               &plan->form);
}

static void tell_failure(const char *url, const char *why)
{
    diag("%s: %s", url, why);
}

static void wait_never(unsigned ms)
{
    (void)ms;
}

static enum err keep_certificates(struct trust *trust, const struct signed_data *sd)
{
    struct view der;
    enum err e = ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < sd->n_certificates; i++) {
        if (cms_certificate(sd, i, &der) == ERR_OK) {
            e = trust_add(trust, TRUST_UNTRUSTED, der);
        }
    }
    return e;
}

static struct legs_options judging(const struct trust *trust)
{
    return (struct legs_options){
        .verify = {.trust = trust, .allow_simulated = true},
        .window_s = LEGS_WINDOW_S,
    };
}

/* One ordinary stamp before the load: it says early what is wrong, and brings the signer's
 * certificate, with which the other replies are verified. */
static enum err ask_once(const struct bench_args *a, struct trust *trust)
{
    const struct http_options http = {5, 15, NULL};
    const struct query_wants wants = {a->policy.body, true, true};
    const char *const urls[] = {a->url};
    uint8_t digest[HASH_MAX] = {0};
    struct stamp_job job = {
        .urls = urls,
        .n_urls = 1,
        .verify = judging(trust),
        .full = a->full,
        .tell = tell_failure,
        .wait_ms = wait_never,
    };
    struct query query;
    struct http_reply reply;
    struct legs_report report;
    const char *url = NULL;

    TRY(query_make(a->hash, digest, &wants, &entropy_os, &query));
    TRY(http_new(&http, &job.http));
    enum err e = stamp_ask(&job, &query, &reply, &report, &url);

    if (e == ERR_OK) {
        e = keep_certificates(trust, &report.token.token.cms);
        if (e == ERR_OK && report.has_pq) {
            e = keep_certificates(trust, &report.pq.token.cms);
        }
        legs_free(&report);
        http_reply_free(&reply);
    }
    http_free(job.http);
    return e;
}

static double rate_of(const struct bench_result *r)
{
    return (double)r->granted * 1e6 / (double)r->measured_us;
}

static double ms_of(const struct latency *l, uint32_t per_100k)
{
    return (double)latency_quantile_us(l, per_100k) / 1000;
}

static void print_text(const struct bench_args *a, const struct bench_result *r,
                       const struct bench_checked *c)
{
    (void)printf("%s loop, %ld connections, %ld threads, %ld s",
                 a->rate > 0 ? "open" : "closed", a->connections, a->threads, a->duration_s);
    if (a->rate > 0) {
        (void)printf(", %ld queries/s asked", a->rate);
    }
    (void)printf("\ntokens     %llu, %.1f tokens/s\n", (unsigned long long)r->granted,
                 rate_of(r));
    (void)printf("time       p50 %.3f ms, p99 %.3f ms, p99.9 %.3f ms, longest %.3f ms\n",
                 ms_of(&r->latency, 50000), ms_of(&r->latency, 99000),
                 ms_of(&r->latency, 99900), (double)r->latency.max_us / 1000);
    (void)printf("failures   %llu rejected, %llu HTTP errors, %llu connections broken, "
                 "%llu unanswered\n",
                 (unsigned long long)r->rejected, (unsigned long long)r->http_errors,
                 (unsigned long long)r->broken, (unsigned long long)r->unanswered);
    (void)printf("verified   status, digest and nonce of all: %llu wrong; in full %llu of %zu "
                 "kept: %llu not genuine\n",
                 (unsigned long long)r->wrong, (unsigned long long)c->looked_at, r->n_kept,
                 (unsigned long long)c->bad);
    if (c->bad > 0) {
        (void)printf("           %s\n", c->first);
    }
}

static json_t *figures(const struct bench_args *a, const struct bench_result *r,
                       const struct bench_checked *c)
{
    json_t *time =
        json_pack("{s:f, s:f, s:f, s:f}", "p50_ms", ms_of(&r->latency, 50000), "p99_ms",
                  ms_of(&r->latency, 99000), "p99_9_ms", ms_of(&r->latency, 99900), "max_ms",
                  (double)r->latency.max_us / 1000);

    return json_pack(
        "{s:s, s:I, s:I, s:I, s:I, s:I, s:f, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, "
        "s:I}",
        "loop", a->rate > 0 ? "open" : "closed", "connections", (json_int_t)a->connections,
        "threads", (json_int_t)a->threads, "duration_s", (json_int_t)a->duration_s,
        "asked_per_s", (json_int_t)a->rate, "tokens", (json_int_t)r->granted, "tokens_per_s",
        rate_of(r), "time", time, "rejected", (json_int_t)r->rejected, "http_errors",
        (json_int_t)r->http_errors, "broken", (json_int_t)r->broken, "unanswered",
        (json_int_t)r->unanswered, "wrong", (json_int_t)r->wrong, "kept", (json_int_t)r->n_kept,
        "verified", (json_int_t)c->looked_at, "not_genuine", (json_int_t)c->bad);
}

static enum err judge(const struct bench_result *r, const struct bench_checked *c)
{
    if (r->wrong > 0 || c->bad > 0) {
        return ERR_SIGNATURE;
    }
    return r->granted == 0 || r->rejected + r->http_errors + r->broken + r->unanswered > 0
               ? ERR_IO
               : ERR_OK;
}

static enum err measure(const struct bench_args *a, const struct bench_plan *plan,
                        struct trust *trust)
{
    const struct legs_options options = judging(trust);
    struct bench_result result;
    struct bench_checked checked = {0};
    enum err e = bench_load_run(plan, &result);

    if (e != ERR_OK) {
        diag("%s: %s", a->url, e == ERR_IO ? strerrordesc_np(errno) : err_name(e));
    } else {
        e = bench_check(plan, &result, &options, a->full, (size_t)a->verify, &checked);
    }
    if (e == ERR_OK) {
        e = judge(&result, &checked);
        if (a->json) {
            const enum err printed = options_print_json(figures(a, &result, &checked));

            e = e != ERR_OK ? e : printed;
        } else {
            print_text(a, &result, &checked);
        }
    }
    bench_result_free(&result);
    return e;
}

static enum err bench_with(struct bench_args *a)
{
    struct bench_plan *plan = calloc(1, sizeof *plan);
    enum err e = plan == NULL ? ERR_NOSPACE : ERR_OK;

    if (e == ERR_OK && a->trust == NULL) {
        e = trust_new(&a->trust);
    }
    if (e == ERR_OK) {
        e = make_plan(a, plan);
    }
    if (e == ERR_OK) {
        e = ask_once(a, a->trust);
    }
    if (e == ERR_OK) {
        e = measure(a, plan, a->trust);
    }
    free(plan);
    return e;
}

static int run(int argc, char **argv)
{
    struct bench_args a = {
        .connections = 32,
        .threads = 2,
        .duration_s = 10,
        .warmup_s = 1,
        .verify = 10000,
        .keep_mib = 64,
        .hash = HASH_SHA256,
    };
    int code = EXIT_CODE_GENUINE;

    diag_open("quorate bench");
    const enum err e = read_args(argc, argv, &a);

    if (e != ERR_OK || a.help) {
        code = command_not_run(&command_bench, e);
    } else {
        code = exit_code_of(bench_with(&a));
    }
    trust_free(a.trust);
    return code;
}

const struct command command_bench = {
    .name = "bench",
    .summary = "measure an authority",
    .usage = usage,
    .run = run,
};
