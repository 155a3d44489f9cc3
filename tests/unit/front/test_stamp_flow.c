#include "chain_fixture.h"
#include "fake_sign.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include "format/tsp_req.h"
#include "format/tsp_resp.h"
#include "host/front/stamp_flow.h"
#include "host/front/tsp_view.h"

#include <jansson.h>
#include <string.h>

static const char file[] = "what is stamped";

static struct front *front;
static struct fixture *chain;
static unsigned suspended, resumed;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    suspended = 0;
    resumed = 0;
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

static void suspend(struct request *r)
{
    (void)r;
    suspended++;
}

static void resume(struct request *r)
{
    (void)r;
    resumed++;
}

/* A request whose body is this query. */
static struct request *make(struct view body, enum http_body kind)
{
    struct request *r = request_take(&front->pool, front, serving_get(&front->slot));

    assert_non_null(r);
    r->resume = resume;
    r->verdict.body = kind;
    assert_int_equal(request_add_body(r, body, 65536), ERR_OK);
    return r;
}

static struct view query(uint8_t *space, size_t cap, bool cert_req, const char *nonce)
{
    struct writer w = wr_init(space, cap);
    static uint8_t digest[HASH_MAX];
    struct tsp_req req = {.imprint = {.alg = HASH_SHA384, .digest = {digest, 48}},
                          .nonce = {(const uint8_t *)nonce, strlen(nonce)},
                          .cert_req = cert_req};
    struct view out;

    hash_once(HASH_SHA384, (struct view){(const uint8_t *)file, sizeof file - 1}, digest);
    tsp_req_write(&w, &req);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static void answer_coord(enum err e)
{
    struct coord_job *job = fake.job;

    assert_non_null(job);
    fake.job = NULL;
    job->err = e;
    if (e == ERR_OK) {
        fake_sign(job, front, chain);
    }
    job->done(job);
    stamp_flow_rest(front->stage);
}

static void answer_journal(enum err e)
{
    struct journal_entry *entry = fake.entry;

    assert_non_null(entry);
    fake.entry = NULL;
    entry->err = e;
    entry->done(entry);
}

static void expect_rejection(struct request *r, enum err e, enum fail_info bit)
{
    struct tsp_resp resp;

    assert_int_equal(r->err, e);
    assert_int_equal(tsp_resp_parse(stamp_flow_reply(r), &resp), ERR_OK);
    assert_int_equal(resp.status, 2);
    assert_int_equal(resp.fail_info, 1U << bit);
    assert_int_equal(resp.token.n, 0);
}

static void grants(void **state)
{
    uint8_t space[256];
    const struct view body = query(space, sizeof space, true, "\x01\x02\x03");
    struct request *r = make(body, HTTP_BODY_QUERY);
    uint8_t hash[HASH_MAX];

    (void)state;
    assert_true(stamp_flow_begin(r, suspend));
    assert_int_equal(suspended, 1);
    assert_int_equal(fake.job->deadline_ns, fixture_monotonic_ns + 2000000000);
    assert_memory_equal(fake.job->activation, front->slot.now->legs[0].chain->activation_hash,
                        ACTIVATION_HASH_LEN);
    answer_coord(ERR_OK);
    assert_int_equal(resumed, 0); /* never before the record is on disk */
    assert_int_equal(fake.entry->gen_time_ms, FIXTURE_NOW * 1000 + 120);
    assert_int_equal(fake.entry->policy_oid_len, 12);
    hash_once(HASH_SHA256, r->token, hash);
    assert_memory_equal(fake.entry->token_hash, hash, JOURNAL_TOKEN_HASH_LEN);
    answer_journal(ERR_OK);
    assert_int_equal(resumed, 1);
    assert_true(request_is_done(r));
    assert_int_equal(r->err, ERR_OK);
    assert_true(fixture_openssl_verifies(
        chain, stamp_flow_reply(r), (struct view){(const uint8_t *)file, sizeof file - 1}));
    assert_false(fixture_openssl_verifies(chain, stamp_flow_reply(r),
                                          (struct view){(const uint8_t *)file, 3}));
    request_release(&front->pool, r);
}

/* Not before the core has its next work; then several go into one commit. */
static void builds_tokens_when_coord_rests(void **state)
{
    uint8_t space[256];
    struct request *r[3];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        r[i] = make(query(space, sizeof space, true, ""), HTTP_BODY_QUERY);
        assert_true(stamp_flow_begin(r[i], suspend));
        fake_sign(fake.job, front, chain);
        fake.job->done(fake.job);
        assert_int_equal(r[i]->token.n, 0);
    }
    assert_int_equal(fake.entries, 0);
    stamp_flow_rest(front->stage);
    assert_int_equal(fake.entries, 3);
    assert_int_equal(fake.wakes, 1);
    for (size_t i = 0; i < 3; i++) {
        assert_ptr_equal(fake.rows[i], &r[i]->entry); /* in order of signing */
        fake.rows[i]->err = ERR_OK;
        fake.rows[i]->done(fake.rows[i]);
        assert_true(request_is_done(r[i]));
        request_release(&front->pool, r[i]);
    }
}

/* Without certReq there is no certificates field; the token is shorter by them. */
static void leaves_certificates_out(void **state)
{
    uint8_t space[256];
    size_t n[2];

    (void)state;
    for (int i = 0; i < 2; i++) {
        struct request *r = make(query(space, sizeof space, i == 1, ""), HTTP_BODY_QUERY);

        assert_true(stamp_flow_begin(r, suspend));
        answer_coord(ERR_OK);
        answer_journal(ERR_OK);
        n[i] = r->token.n;
        assert_true(fixture_openssl_verifies(
            chain, r->resp, (struct view){(const uint8_t *)file, sizeof file - 1}));
        request_release(&front->pool, r);
    }
    assert_true(n[1] - n[0] >= front->slot.now->legs[0].chain->certificates.n);
}

static void hashes_data(void **state)
{
    struct request *r = make((struct view){0}, HTTP_BODY_DATA);
    uint8_t digest[HASH_MAX];

    (void)state;
    hash_init(&r->hash, HASH_SHA256);
    hash_update(&r->hash, file, sizeof file - 1);
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)file, sizeof file - 1}, digest);
    assert_true(stamp_flow_begin(r, suspend));
    assert_int_equal(fake.job->hash_alg, HASH_SHA256);
    assert_memory_equal(fake.job->hashed_message, digest, 32);
    assert_true(r->cert_req);
    answer_coord(ERR_QUORUM);
    request_release(&front->pool, r);
}

static void rejects_without_asking(void **state)
{
    uint8_t space[256];
    struct view body = query(space, sizeof space, false, "");
    struct request *r = make((struct view){body.p, body.n - 1}, HTTP_BODY_QUERY);

    (void)state;
    assert_false(stamp_flow_begin(r, suspend));
    expect_rejection(r, ERR_TRUNCATED, FAIL_BAD_DATA_FORMAT);
    request_release(&front->pool, r);
    r = make((struct view){(const uint8_t *)"{}", 2}, HTTP_BODY_JSON);
    assert_false(stamp_flow_begin(r, suspend));
    expect_rejection(r, ERR_ENCODING, FAIL_BAD_DATA_FORMAT);
    request_release(&front->pool, r);
    fixture_real_s = FIXTURE_NOW + 1001; /* the certificate has ended */
    r = make(body, HTTP_BODY_QUERY);
    assert_false(stamp_flow_begin(r, suspend));
    expect_rejection(r, ERR_STATE, FAIL_SYSTEM_FAILURE);
    request_release(&front->pool, r);
    assert_int_equal(fake.jobs, 0);
    assert_int_equal(suspended, 0);
}

static void passes_refusals_on(void **state)
{
    static const struct {
        enum err err;
        enum fail_info bit;
    } rows[] = {
        {ERR_TIME, FAIL_TIME_NOT_AVAILABLE}, {ERR_QUORUM, FAIL_SYSTEM_FAILURE},
        {ERR_DEADLINE, FAIL_SYSTEM_FAILURE}, {ERR_STALE, FAIL_SYSTEM_FAILURE},
        {ERR_NOSPACE, FAIL_SYSTEM_FAILURE},
    };
    uint8_t space[256];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request *r = make(query(space, sizeof space, false, ""), HTTP_BODY_QUERY);

        fake.at_once = i % 2 == 0; /* before coord_submit() returns, and after */
        fake.job_err = rows[i].err;
        assert_true(stamp_flow_begin(r, suspend));
        if (!fake.at_once) {
            answer_coord(rows[i].err);
        }
        expect_rejection(r, rows[i].err, rows[i].bit);
        request_release(&front->pool, r);
    }
    assert_int_equal(resumed, sizeof rows / sizeof rows[0]);
    assert_int_equal(fake.entries, 0);
}

/* What is not on disk is not answered with a token. */
static void needs_the_record(void **state)
{
    uint8_t space[256];
    struct request *r = make(query(space, sizeof space, false, ""), HTTP_BODY_QUERY);

    (void)state;
    assert_true(stamp_flow_begin(r, suspend));
    answer_coord(ERR_OK);
    answer_journal(ERR_IO);
    expect_rejection(r, ERR_IO, FAIL_SYSTEM_FAILURE);
    request_release(&front->pool, r);
}

/* The deadline passes while coord, or the journal, has the request: answered once, and the
 * object is free only when both have let go. */
static void answers_in_time(void **state)
{
    uint8_t space[256];

    (void)state;
    for (int with_journal = 0; with_journal < 2; with_journal++) {
        struct request *r = make(query(space, sizeof space, false, ""), HTTP_BODY_QUERY);

        resumed = 0;
        assert_true(stamp_flow_begin(r, suspend));
        if (with_journal == 1) {
            answer_coord(ERR_OK);
        }
        assert_int_equal(
            request_pool_sweep(&front->pool, r->job.deadline_ns + REQUEST_GRACE_NS), 0);
        assert_int_equal(
            request_pool_sweep(&front->pool, r->job.deadline_ns + REQUEST_GRACE_NS + 1), 1);
        assert_int_equal(request_pool_sweep(&front->pool, INT64_MAX), 0);
        assert_int_equal(resumed, 1);
        expect_rejection(r, ERR_DEADLINE, FAIL_SYSTEM_FAILURE);
        request_release(&front->pool, r); /* the connection is through with it */
        assert_ptr_equal(front->pool.free, NULL);
        if (with_journal == 1) {
            answer_journal(ERR_OK);
        } else {
            answer_coord(ERR_OK);
            assert_null(fake.entry); /* too late: nothing is recorded */
        }
        assert_int_equal(resumed, 1);
        assert_ptr_equal(front->pool.free, r);
    }
}

static void stops(void **state)
{
    uint8_t space[256];
    const struct view body = query(space, sizeof space, false, "");
    struct request *a = make(body, HTTP_BODY_QUERY);
    struct request *b = make(body, HTTP_BODY_QUERY);

    (void)state;
    assert_true(stamp_flow_begin(a, suspend));
    stamp_flow_stop(front);
    assert_int_equal(resumed, 1);
    assert_int_equal(a->err, ERR_DEADLINE);
    assert_false(stamp_flow_begin(b, suspend));
    expect_rejection(b, ERR_STATE, FAIL_SYSTEM_FAILURE);
    answer_coord(ERR_QUORUM);
    request_release(&front->pool, a);
    request_release(&front->pool, b);
}

/* A policy that the core was not started with cannot be served, whatever the configuration
 * says. */
static void wants_the_cores_policy(void **state)
{
    uint8_t space[256];
    struct request *r;

    (void)state;
    struct serving *s = serving_get(&front->slot);

    fake.core.policies[0].min_accuracy_ms++;
    struct held_chain *const chains[WIRE_KEYS_MAX] = {s->legs[0].held[0]};
    struct serving *next =
        front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics);

    serving_put(s);
    serving_swap(&front->slot, next);
    r = make(query(space, sizeof space, false, ""), HTTP_BODY_QUERY);
    assert_false(stamp_flow_begin(r, suspend));
    expect_rejection(r, ERR_STATE, FAIL_SYSTEM_FAILURE);
    request_release(&front->pool, r);
}

static void shows_as_json(void **state)
{
    static uint8_t text[TSP_VIEW_FRAME_MAX + 8192];
    uint8_t space[256];
    struct request *r = make(query(space, sizeof space, true, "\x7f\x01"), HTTP_BODY_QUERY);
    struct writer w = wr_init(text, sizeof text);
    struct view out;

    (void)state;
    assert_true(stamp_flow_begin(r, suspend));
    answer_coord(ERR_OK);
    answer_journal(ERR_OK);
    tsp_view_write(
        &(struct tsp_view){
            .err = r->err, .job = &r->job, .policy = r->policy, .token = r->token},
        &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    json_t *j = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(j);
    assert_string_equal(json_string_value(json_object_get(j, "status")), "granted");
    assert_string_equal(json_string_value(json_object_get(j, "policy")),
                        "1.3.6.1.4.1.32473.3161.1.1");
    assert_string_equal(json_string_value(json_object_get(j, "gen_time")),
                        "2023-11-14T22:13:20.12Z");
    assert_string_equal(json_string_value(json_object_get(j, "nonce")), "7f01");
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(j, "accuracy"), "seconds")), 1);
    assert_int_equal(
        json_integer_value(json_object_get(json_object_get(j, "accuracy"), "millis")), 250);
    assert_int_equal(json_string_length(json_object_get(j, "signature")), 192);
    assert_int_equal(json_string_length(json_object_get(j, "token")), (r->token.n + 2) / 3 * 4);
    assert_string_equal(json_string_value(json_object_get(j, "profile")), "classic");
    assert_true(json_is_null(json_object_get(j, "evidence")));
    assert_int_equal(json_object_size(j), 15);
    json_decref(j);
    request_release(&front->pool, r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants, begin, end),
        cmocka_unit_test_setup_teardown(builds_tokens_when_coord_rests, begin, end),
        cmocka_unit_test_setup_teardown(leaves_certificates_out, begin, end),
        cmocka_unit_test_setup_teardown(hashes_data, begin, end),
        cmocka_unit_test_setup_teardown(rejects_without_asking, begin, end),
        cmocka_unit_test_setup_teardown(passes_refusals_on, begin, end),
        cmocka_unit_test_setup_teardown(needs_the_record, begin, end),
        cmocka_unit_test_setup_teardown(answers_in_time, begin, end),
        cmocka_unit_test_setup_teardown(stops, begin, end),
        cmocka_unit_test_setup_teardown(wants_the_cores_policy, begin, end),
        cmocka_unit_test_setup_teardown(shows_as_json, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
