#include "canned_server.h"
#include "token_make.h"

#include "client/load/bench_check.h"
#include "client/stamp/stamp.h"

#define DAY 86400
#define T0 1700000000
#define NOW (T0 + 50 * DAY)
#define T_END (T0 + 100 * DAY)

struct world {
    struct canned_server server;
    struct pki_node root, tsa;
    struct made_token old;
    struct http_client *http;
    struct query query;
    unsigned asked[9]; /* requests by the digit that ends the path */
};

static unsigned told;
static char last[VERIFY_REASON_MAX]; /* that was told */
#define LOAD_MS_MAX 10000

static unsigned waited[8];
static unsigned n_waited;

static void tell(const char *url, const char *why)
{
    (void)url;
    assert_true(strlen(why) > 0);
    (void)snprintf(last, sizeof last, "%s", why);
    told++;
}

static void wait_ms(unsigned ms)
{
    waited[n_waited++] = ms;
}

static void put(struct canned_answer *out, struct view v)
{
    memcpy(out->body, v.p, v.n);
    out->body_len = v.n;
}

static void give_token(struct world *w, struct view body, bool bare_signer,
                       struct canned_answer *out)
{
    static struct made_token token;
    struct tsp_req req;

    assert_int_equal(tsp_req_parse(body, &req), ERR_OK);
    const struct token_wish wish = {
        .policy = "1.3.6.1.4.1.32473.3161.1.1",
        .hash_alg = req.imprint.alg,
        .hashed_message = req.imprint.digest,
        .gen_time_s = NOW,
        .nonce = req.nonce,
        .no_certificates = !req.cert_req || bare_signer,
    };

    make_token(&wish, &w->tsa, &token);
    put(out, token.der);
}

static void reject(struct canned_answer *out, enum fail_info bit)
{
    uint8_t bytes[256];
    struct writer wr = wr_init(bytes, sizeof bytes);
    struct view v;

    tsp_resp_write_rejection(&wr, bit, "no");
    assert_int_equal(wr_finish(&wr, &v), ERR_OK);
    put(out, v);
}

/* 0 good, 1 busy, 2 a page, 3 not now, 4 refused, 5 an old token, 6 good at the second time, 7
 * nothing at all, 8 without certificates, whoever asks */
static void answer(void *self, const char *path, struct view body, struct canned_answer *out)
{
    struct world *w = self;
    const unsigned kind = (unsigned)(path[1] - '0');

    w->asked[kind]++;
    switch (kind) {
    case 0:
        give_token(w, body, false, out);
        break;
    case 1:
        out->status = 503;
        break;
    case 2:
        out->type = "text/html";
        break;
    case 3:
        reject(out, FAIL_TIME_NOT_AVAILABLE);
        break;
    case 4:
        reject(out, FAIL_UNACCEPTED_POLICY);
        break;
    case 5:
        put(out, w->old.der);
        break;
    case 6:
        if (w->asked[kind] == 1) {
            out->status = 429;
        } else {
            give_token(w, body, false, out);
        }
        break;
    case 8:
        give_token(w, body, true, out);
        break;
    default:
        break;
    }
}

static int make(void **state)
{
    static const uint8_t digest[32] = {9, 8, 7};
    const struct query_wants wants = {{NULL, 0}, true, true};
    const struct http_options options = {2, 5, NULL};
    struct world *w = calloc(1, sizeof *w);
    const struct token_wish wish = {
        .policy = "1.2.3",
        .hash_alg = HASH_SHA256,
        .hashed_message = {digest, sizeof digest},
        .gen_time_s = NOW,
    };

    told = 0;
    n_waited = 0;
    w->root = pki_make(&(struct pki_cert){"root", T0, T_END, PKI_CA_EXT}, NULL);
    w->tsa = pki_make(&(struct pki_cert){"tsa", T0, T_END, PKI_TSA_EXT}, &w->root);
    make_token(&wish, &w->tsa, &w->old);
    assert_int_equal(query_make(HASH_SHA256, digest, &wants, &entropy_os, &w->query), ERR_OK);
    assert_int_equal(http_new(&options, &w->http), ERR_OK);
    w->server.answer = answer;
    w->server.self = w;
    canned_start(&w->server);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;

    canned_stop(&w->server);
    http_free(w->http);
    pki_free(&w->root);
    pki_free(&w->tsa);
    free(w);
    return 0;
}

/* Asks the URLs that the digits name, in turn; *index is the one that served. */
static enum err ask(struct world *w, const char *digits, unsigned retries, const char **url)
{
    char text[STAMP_URLS_MAX][80];
    const char *urls[STAMP_URLS_MAX];
    struct stamp_job job = {
        .urls = urls,
        .n_urls = strlen(digits),
        .retries = retries,
        .backoff_ms = 100,
        .http = w->http,
        .tell = tell,
        .wait_ms = wait_ms,
    };
    struct http_reply reply;
    struct legs_report report;
    const char *served = NULL;

    for (size_t i = 0; i < job.n_urls; i++) {
        (void)snprintf(text[i], sizeof text[i], "%s/%c",
                       digits[i] == '!' ? "http://127.0.0.1:1" : w->server.url, digits[i]);
        urls[i] = text[i];
    }
    const enum err e = stamp_ask(&job, &w->query, &reply, &report, &served);

    *url = NULL;
    if (e == ERR_OK) {
        assert_int_equal(job.first, strcspn(digits, served + strlen(served) - 1));
        *url = digits + job.first;
        assert_int_equal(report.token.steps[STEP_SIGNATURE].result, RESULT_PASS);
        assert_int_equal(report.token.steps[STEP_NONCE].result, RESULT_PASS);
        legs_free(&report);
        http_reply_free(&reply);
    }
    return e;
}

static void the_first_that_serves_is_enough(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "01", 2, &url), ERR_OK);
    assert_int_equal(*url, '0');
    assert_int_equal(w->asked[1], 0);
    assert_int_equal(told, 0);
}

static void others_are_asked_when_it_does_not(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "!123450", 2, &url), ERR_OK);
    assert_int_equal(*url, '0');
    assert_int_equal(told, 6);
    assert_int_equal(n_waited, 0);
}

static void only_what_may_change_is_asked_again(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "12346", 3, &url), ERR_OK);
    assert_int_equal(*url, '6');
    assert_int_equal(w->asked[1], 2);
    assert_int_equal(w->asked[2], 1);
    assert_int_equal(w->asked[3], 2);
    assert_int_equal(w->asked[4], 1);
    assert_int_equal(n_waited, 1);
    assert_int_equal(waited[0], 100);
}

static void rounds_end_and_waits_double(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "13", 3, &url), ERR_IO);
    assert_int_equal(w->asked[1], 4);
    assert_int_equal(w->asked[3], 4);
    assert_int_equal(n_waited, 3);
    assert_int_equal(waited[2], 400);
    n_waited = 0;
    assert_int_equal(ask(w, "4", 3, &url), ERR_IO);
    assert_int_equal(n_waited, 0);
}

/* Nothing is forged where an authority gives no token. */
static void a_refusal_is_told_as_one(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "4", 0, &url), ERR_IO);
    assert_string_equal(last, "the authority refused (rejection): unacceptedPolicy: no");
    assert_int_equal(ask(w, "3", 0, &url), ERR_IO);
    assert_string_equal(last, "the authority refused (rejection): timeNotAvailable: no");
    assert_int_equal(ask(w, "5", 0, &url), ERR_MISMATCH);
    assert_ptr_equal(strstr(last, "NOT GENUINE: "), last);
}

static void certificates_that_were_asked_for_must_come(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "8", 3, &url), ERR_MISMATCH);
    assert_int_equal(told, 1);
    assert_int_equal(ask(w, "80", 3, &url), ERR_OK);
    assert_int_equal(*url, '0');
}

static void a_token_of_something_else_is_told_apart(void **state)
{
    struct world *w = *state;
    const char *url = NULL;

    assert_int_equal(ask(w, "5", 3, &url), ERR_MISMATCH);
    assert_int_equal(w->asked[5], 1);
    assert_int_equal(ask(w, "51", 0, &url), ERR_MISMATCH);
    assert_int_equal(ask(w, "7", 0, &url), ERR_MISMATCH); /* an empty reply is no reply */
}

static void http_statuses_have_a_meaning(void **state)
{
    (void)state;
    assert_int_equal(stamp_outcome_of_http(200, true), STAMP_GOOD);
    assert_int_equal(stamp_outcome_of_http(201, true), STAMP_GOOD);
    assert_int_equal(stamp_outcome_of_http(200, false), STAMP_REFUSED);
    assert_int_equal(stamp_outcome_of_http(404, true), STAMP_REFUSED);
    assert_int_equal(stamp_outcome_of_http(302, true), STAMP_REFUSED);
    assert_int_equal(stamp_outcome_of_http(408, false), STAMP_LATER);
    assert_int_equal(stamp_outcome_of_http(429, true), STAMP_LATER);
    assert_int_equal(stamp_outcome_of_http(502, false), STAMP_LATER);
}

static void not_a_url_is_not_asked(void **state)
{
    struct world *w = *state;
    static const char *const urls[] = {"ftp://127.0.0.1/", "file:///etc/passwd", "http://"};
    struct http_reply reply;

    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(http_post_query(w->http, urls[i], w->query.bytes, &reply), ERR_RANGE);
        assert_true(strlen(reply.problem) > 0);
        http_reply_free(&reply);
    }
}

/* A short load. Where the machine has other work, the server may answer nothing in that time:
 * then it gets more. */
static void load(const struct bench_plan *wanted, struct bench_result *result)
{
    struct bench_plan plan = *wanted;

    for (;; plan.duration_ms *= 4) {
        assert_int_equal(bench_load_run(&plan, result), ERR_OK);
        if (result->granted + result->rejected + result->http_errors + result->wrong > 0 ||
            plan.duration_ms > LOAD_MS_MAX) {
            return;
        }
        bench_result_free(result);
    }
}

/* A short closed loop against the same server, which closes each connection: every token is
 * counted and verified. */
static void a_load_is_measured_and_verified(void **state)
{
    struct world *w = *state;
    static struct bench_plan plan = {
        .threads = 1, .connections = 2, .duration_ms = 300, .keep_bytes = 1 << 20};
    char url[80];
    struct bench_result result;
    struct bench_checked checked;
    struct view der = pki_der(w->tsa.cert);
    struct legs_options options = {.window_s = LEGS_WINDOW_S};
    struct trust *trust = NULL;

    assert_int_equal(trust_new(&trust), ERR_OK);
    assert_int_equal(trust_add(trust, TRUST_UNTRUSTED, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    options.verify.trust = trust;
    (void)snprintf(url, sizeof url, "%s/0", w->server.url);
    assert_int_equal(bench_url_parse(url, &plan.url), ERR_OK);
    assert_int_equal(bench_template_make(&plan.url, HASH_SHA256, (struct view){NULL, 0}, false,
                                         &entropy_os, &plan.form),
                     ERR_OK);
    load(&plan, &result);
    assert_true(result.granted > 0);
    assert_true(result.n_kept >= result.granted);
    assert_int_equal(result.latency.count, result.granted);
    assert_int_equal(result.rejected + result.http_errors + result.wrong, 0);
    assert_int_equal(bench_check(&plan, &result, &options, false, 1000000, &checked), ERR_OK);
    assert_int_equal(checked.looked_at, result.n_kept);
    assert_int_equal(checked.bad, 0);
    assert_int_equal(bench_check(&plan, &result, &options, false, 2, &checked), ERR_OK);
    assert_int_equal(checked.looked_at, result.n_kept < 2 ? result.n_kept : 2);

    result.bytes[result.kept[0].at + result.kept[0].len - 1] ^= 1; /* in the signature */
    assert_int_equal(bench_check(&plan, &result, &options, false, 1000000, &checked), ERR_OK);
    assert_int_equal(checked.bad, 1);
    assert_non_null(strstr(checked.first, "NOT GENUINE: signature"));
    bench_result_free(&result);
    trust_free(trust);
}

static void a_load_counts_what_is_no_token(void **state)
{
    struct world *w = *state;
    static struct bench_plan plan = {
        .threads = 1, .connections = 1, .duration_ms = 100, .rate_per_s = 50};
    struct bench_result result;
    char url[80];

    for (unsigned kind = 1; kind <= 5; kind++) {
        (void)snprintf(url, sizeof url, "%s/%u", w->server.url, kind);
        assert_int_equal(bench_url_parse(url, &plan.url), ERR_OK);
        assert_int_equal(bench_template_make(&plan.url, HASH_SHA256, (struct view){NULL, 0},
                                             false, &entropy_os, &plan.form),
                         ERR_OK);
        load(&plan, &result);
        assert_int_equal(result.granted, 0);
        assert_true((kind <= 2   ? result.http_errors
                     : kind <= 4 ? result.rejected
                                 : result.wrong) > 0);
        bench_result_free(&result);
    }
    assert_int_equal(bench_url_parse("http://127.0.0.1:1/", &plan.url), ERR_OK);
    assert_int_equal(bench_load_run(&plan, &result), ERR_IO);
    bench_result_free(&result);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(the_first_that_serves_is_enough),
        WORLD_TEST(others_are_asked_when_it_does_not),
        WORLD_TEST(only_what_may_change_is_asked_again),
        WORLD_TEST(rounds_end_and_waits_double),
        WORLD_TEST(a_refusal_is_told_as_one),
        WORLD_TEST(certificates_that_were_asked_for_must_come),
        WORLD_TEST(a_token_of_something_else_is_told_apart),
        cmocka_unit_test(http_statuses_have_a_meaning),
        WORLD_TEST(not_a_url_is_not_asked),
        WORLD_TEST(a_load_is_measured_and_verified),
        WORLD_TEST(a_load_counts_what_is_no_token),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
