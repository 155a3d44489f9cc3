#include "chain_fixture.h"
#include "fake_sign.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "pq_fixture.h"
#include "testing.h"

#include "format/cms_parse.h"
#include "format/er_attach.h"
#include "format/evidence_record.h"
#include "format/tsp_req.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"
#include "host/front/stamp_flow.h"
#include "host/front/tsp_view.h"

#include <jansson.h>
#include <string.h>

/* The way of requests under the profiles hybrid and pq, with what may fail on it. */

#define DEGRADES "pq_failure = degrade\ndegrade_policy = classic\n"

static const char file[] = "what is stamped";

static struct front *front;
static struct fixture *chain;
static unsigned resumed;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    front_fixture_serve(front, chain, FIXTURE_HYBRID(""));
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
}

static void resume(struct request *r)
{
    (void)r;
    resumed++;
}

static const struct config_policy *policy(const char *name)
{
    const struct config *c = &front->slot.now->config;
    size_t i = 0;

    while (strcmp(c->policies[i].name, name) != 0) {
        i++;
    }
    return &c->policies[i];
}

static struct view oid_of(const char *name)
{
    const struct config_oid *oid = &policy(name)->oid;

    return (struct view){oid->body, oid->body_len};
}

/* A request for the file; name: of the policy, or NULL for none. */
static struct request *make(const char *name, bool cert_req)
{
    struct request *r = request_take(&front->pool, front, serving_get(&front->slot));
    uint8_t space[TSP_REQ_MAX];
    uint8_t digest[HASH_MAX];
    struct writer w = wr_init(space, sizeof space);
    struct tsp_req req = {.imprint = {.alg = HASH_SHA256, .digest = {digest, 32}},
                          .cert_req = cert_req};
    struct view body;

    assert_non_null(r);
    r->resume = resume;
    r->verdict.body = HTTP_BODY_QUERY;
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)file, sizeof file - 1}, digest);
    if (name != NULL) {
        req.policy = oid_of(name);
    }
    tsp_req_write(&w, &req);
    assert_int_equal(wr_finish(&w, &body), ERR_OK);
    assert_int_equal(request_add_body(r, body, 65536), ERR_OK);
    return r;
}

static struct request *start(const char *name, bool cert_req)
{
    struct request *r = make(name, cert_req);

    assert_true(stamp_flow_begin(r, suspend));
    return r;
}

/* coord answers the job that came last. */
static void answer_coord(enum err e)
{
    struct coord_job *job = fake.job;

    assert_non_null(job);
    fake.job = NULL;
    if (job->ready != NULL && !job->ready(job)) {
        e = ERR_DEADLINE;
    } else if (e == ERR_OK) {
        fake_sign(job, front, chain);
    }
    job->err = e;
    job->done(job);
    stamp_flow_rest(front->stage);
}

static void answer_row(size_t at, enum err e)
{
    struct journal_entry *row = fake.rows[at];

    fake.rows[at] = NULL;
    row->err = e;
    row->done(row);
}

static void expect_rejection(struct request *r, enum err e)
{
    struct tsp_resp resp;

    stamp_flow_compose(r);
    assert_true(request_is_done(r));
    assert_int_equal(r->err, e);
    assert_int_equal(tsp_resp_parse(stamp_flow_reply(r), &resp), ERR_OK);
    assert_int_equal(resp.status, 2);
}

static struct signed_data open_token(struct view token, struct tst_info_view *tst)
{
    struct signed_data sd;

    assert_int_equal(cms_parse(token, &sd), ERR_OK);
    assert_int_equal(sd.n_signers, 1);
    assert_int_equal(tst_info_parse(sd.content, tst), ERR_OK);
    return sd;
}

/* Whether the SignerInfo's signature is the pq fixture's, over the SET OF. */
static bool pq_signed(const struct signed_data *sd)
{
    static uint8_t attrs[1024];
    const struct view a = sd->signer.signed_attrs;

    assert_true(a.n <= sizeof attrs);
    memcpy(attrs, a.p, a.n);
    attrs[0] = 0x31;
    return pq_fixture_verifies((struct view){attrs, a.n}, sd->signer.signature);
}

/* Everything that a verifier would ask of the finished token but for paths. */
static void check_hybrid(struct request *r, bool cert_req)
{
    static uint8_t object[TOKEN_BUILD_MAX];
    struct er_detached d;
    struct evidence_record er;
    struct tst_info_view tst;
    uint8_t leaf[ER_HASH_LEN];
    uint8_t root[ER_HASH_LEN];

    stamp_flow_compose(r);
    assert_int_equal(r->err, ERR_OK);
    assert_true(fixture_openssl_verifies(
        chain, stamp_flow_reply(r), (struct view){(const uint8_t *)file, sizeof file - 1}));
    assert_int_equal(er_detach(r->token, object, sizeof object, &d), ERR_OK);
    assert_int_equal(evidence_record_parse(d.record, &er), ERR_OK);
    hash_once(HASH_SHA512, d.data_object, leaf);
    assert_int_equal(er_path_root(&er.path, (struct view){leaf, sizeof leaf}, root), ERR_OK);

    const struct signed_data pq = open_token(er.time_stamp, &tst);

    assert_true(pq_signed(&pq));
    assert_true(view_equal(tst.hashed_message, (struct view){root, sizeof root}));
    assert_true(view_equal(tst.policy, oid_of("evidence")));
    assert_int_equal(pq.has_certificates, cert_req);
    assert_int_equal(pq.n_certificates, cert_req ? 1 : 0);

    const struct signed_data classic = open_token(d.data_object, &tst);

    assert_true(view_equal(tst.policy, oid_of("hybrid")));
    assert_int_equal(classic.has_certificates, cert_req);
}

static void check_row(const struct journal_entry *row, enum journal_profile profile,
                      const char *name)
{
    assert_int_equal(row->profile, profile);
    assert_true(view_equal((struct view){row->policy_oid, row->policy_oid_len}, oid_of(name)));
}

/* ---- granted ---- */

static void grants_hybrid(void **state)
{
    (void)state;
    for (int cert_req = 0; cert_req < 2; cert_req++) {
        struct request *r = start(NULL, cert_req == 1);
        uint8_t hash[HASH_MAX];

        resumed = 0;
        fake.entries = 0;
        assert_int_equal(fake.job->key, KEY_CLASSIC);
        answer_coord(ERR_OK);
        assert_int_equal(fake.entries, 0); /* half of it is no token yet */
        assert_int_equal(fake.job->key, KEY_PQ);
        answer_coord(ERR_OK);
        assert_int_equal(fake.entries, 2);
        check_row(fake.rows[0], JOURNAL_PQ, "evidence");
        check_row(fake.rows[1], JOURNAL_HYBRID, "hybrid");
        hash_once(HASH_SHA256, r->token, hash); /* the data object */
        assert_memory_equal(fake.rows[1]->token_hash, hash, JOURNAL_TOKEN_HASH_LEN);
        hash_once(HASH_SHA256, r->evidence.archive->bare, hash);
        assert_memory_equal(fake.rows[0]->token_hash, hash, JOURNAL_TOKEN_HASH_LEN);
        answer_row(0, ERR_OK);
        assert_int_equal(resumed, 0);
        answer_row(1, ERR_OK);
        assert_int_equal(resumed, 1);
        check_hybrid(r, cert_req == 1);
        request_release(&front->pool, r);
    }
}

/* Several tokens under one pq signature: each has its own way to the root. */
static void shares_a_signature(void **state)
{
    struct request *r[3];

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        r[i] = start(NULL, i == 1);
        struct coord_job *job = &r[i]->job;

        fake_sign(job, front, chain);
        job->done(job);
        stamp_flow_rest(front->stage);
    }
    assert_int_equal(fake.jobs, 4); /* one for all, when its frame goes out */
    fake.job = fake.all[1];
    answer_coord(ERR_OK);
    assert_int_equal(fake.entries, 4);
    for (size_t i = 0; i < 4; i++) {
        answer_row(i, ERR_OK);
    }
    for (size_t i = 0; i < 3; i++) {
        check_hybrid(r[i], i == 1);
        request_release(&front->pool, r[i]);
    }
}

static void grants_pq(void **state)
{
    struct request *r = start("pq", true);
    struct tst_info_view tst;

    (void)state;
    assert_int_equal(fake.job->key, KEY_PQ);
    assert_memory_equal(fake.job->activation, front->slot.now->legs[1].chain->activation_hash,
                        ACTIVATION_HASH_LEN);
    answer_coord(ERR_OK);
    assert_int_equal(fake.entries, 1);
    check_row(fake.rows[0], JOURNAL_PQ, "pq");
    answer_row(0, ERR_OK);
    stamp_flow_compose(r);
    assert_int_equal(r->err, ERR_OK);

    const struct signed_data sd = open_token(r->token, &tst);

    assert_true(pq_signed(&sd));
    assert_true(view_equal(tst.policy, oid_of("pq")));
    assert_int_equal(sd.n_certificates, 1);
    request_release(&front->pool, r);
}

static void grants_classic_beside(void **state)
{
    struct request *r = start("classic", true);

    (void)state;
    answer_coord(ERR_OK);
    check_row(fake.rows[0], JOURNAL_CLASSIC, "classic");
    answer_row(0, ERR_OK);
    stamp_flow_compose(r);
    assert_int_equal(r->err, ERR_OK);
    request_release(&front->pool, r);
}

static void shows_as_json(void **state)
{
    static uint8_t text[65536];
    struct request *r = start(NULL, true);
    struct writer w = wr_init(text, sizeof text);
    struct view out;

    (void)state;
    answer_coord(ERR_OK);
    answer_coord(ERR_OK);
    answer_row(0, ERR_OK);
    answer_row(1, ERR_OK);
    stamp_flow_compose(r);
    tsp_view_write(&(struct tsp_view){.job = &r->job,
                                      .policy = r->policy,
                                      .archive = r->evidence.archive,
                                      .token = r->token},
                   &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(out.n <= tsp_view_max(r->token.n));
    json_t *j = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, NULL);
    const json_t *e = json_object_get(j, "evidence");

    assert_string_equal(json_string_value(json_object_get(j, "profile")), "hybrid");
    assert_string_equal(json_string_value(json_object_get(e, "policy")),
                        "1.3.6.1.4.1.32473.3161.1.4");
    assert_int_equal(json_object_size(e), 4);
    assert_int_equal(json_string_length(json_object_get(j, "token")), (r->token.n + 2) / 3 * 4);
    json_decref(j);
    request_release(&front->pool, r);
}

/* ---- refused ---- */

static void nobody_asks_for_evidence(void **state)
{
    struct request *r = make("evidence", true);

    (void)state;
    assert_false(stamp_flow_begin(r, suspend));
    assert_int_equal(r->err, ERR_POLICY);
    request_release(&front->pool, r);
    assert_int_equal(fake.jobs, 0);
}

/* Whatever stops the pq part: no token, and no row of one. */
static void requires_the_pq_part(void **state)
{
    static const enum err rows[] = {ERR_STATE, ERR_QUORUM, ERR_TIME, ERR_DEADLINE, ERR_NOSPACE};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct request *r = start(NULL, true);

        answer_coord(ERR_OK);
        answer_coord(rows[i]);
        expect_rejection(r, rows[i]);
        request_release(&front->pool, r);
    }
    assert_int_equal(fake.entries, 0);
}

/* The row of the archive time-stamp is as needed as that of the token. */
static void needs_both_rows(void **state)
{
    (void)state;
    for (size_t bad = 0; bad < 2; bad++) {
        struct request *r = start(NULL, true);

        fake.entries = 0;
        answer_coord(ERR_OK);
        answer_coord(ERR_OK);
        answer_row(0, bad == 0 ? ERR_IO : ERR_OK);
        answer_row(1, bad == 1 ? ERR_IO : ERR_OK);
        expect_rejection(r, ERR_IO);
        request_release(&front->pool, r);
    }
}

/* The pq key is not activated, or under another certificate. */
static void refuses_without_pq_key(void **state)
{
    struct request *r;

    (void)state;
    fake.core.status.activation[1][0] ^= 1;
    struct serving *s = serving_get(&front->slot);
    struct held_chain *const chains[WIRE_KEYS_MAX] = {s->legs[0].held[0], s->legs[1].held[0]};

    serving_swap(&front->slot,
                 front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics));
    for (int pq = 0; pq < 2; pq++) {
        r = make(pq == 1 ? "pq" : NULL, true);
        assert_false(stamp_flow_begin(r, suspend));
        assert_int_equal(r->err, ERR_STATE);
        request_release(&front->pool, r);
    }
    r = start("classic", true); /* needs the other key alone */
    answer_coord(ERR_QUORUM);
    request_release(&front->pool, r);
    serving_put(s);
}

/* The deadline comes between the two parts: answered once, and nothing is signed or recorded
 * for it. */
static void is_too_late_between(void **state)
{
    struct request *r = start(NULL, true);

    (void)state;
    answer_coord(ERR_OK);
    assert_int_equal(request_pool_sweep(&front->pool, INT64_MAX), 1);
    expect_rejection(r, ERR_DEADLINE);
    request_release(&front->pool, r);
    assert_ptr_equal(front->pool.free, NULL);
    answer_coord(ERR_OK);
    assert_int_equal(fake.entries, 0);
    assert_ptr_equal(front->pool.free, r);
    assert_int_equal(resumed, 1);
}

static void stops_between(void **state)
{
    struct request *r = start(NULL, true);

    (void)state;
    answer_coord(ERR_OK);
    stamp_flow_stop(front);
    assert_int_equal(resumed, 1);
    fake.at_once = true; /* a coord that ends refuses what comes */
    fake.job_err = ERR_QUORUM;
    answer_coord(ERR_QUORUM);
    expect_rejection(r, ERR_DEADLINE);
    request_release(&front->pool, r);
    assert_ptr_equal(front->pool.free, r);
}

/* ---- degraded ---- */

static void expect_classic(struct request *r)
{
    struct tst_info_view tst;

    assert_int_equal(fake.job->key, KEY_CLASSIC);
    assert_int_equal(fake.job->policy, policy("classic")->number);
    fake.entries = 0;
    answer_coord(ERR_OK);
    assert_int_equal(fake.entries, 1);
    check_row(fake.rows[0], JOURNAL_CLASSIC, "classic");
    answer_row(0, ERR_OK);
    stamp_flow_compose(r);
    assert_int_equal(r->err, ERR_OK);
    (void)open_token(r->token, &tst);
    assert_true(view_equal(tst.policy, oid_of("classic")));
    assert_true(fixture_openssl_verifies(
        chain, stamp_flow_reply(r), (struct view){(const uint8_t *)file, sizeof file - 1}));
}

static void degrades(void **state)
{
    struct metrics_sums sums;
    struct request *r;

    (void)state;
    front_fixture_serve(front, chain, FIXTURE_HYBRID(DEGRADES));
    r = start(NULL, true);
    answer_coord(ERR_OK);
    assert_int_equal(fake.job->deadline_ns, fixture_monotonic_ns + 1000000000); /* half */
    answer_coord(ERR_DEADLINE);
    expect_classic(r);
    request_release(&front->pool, r);
    metrics_sum(front->metrics, &sums);
    assert_int_equal(sums.degraded, 1);
    /* Who names the policy gets that or nothing. */
    r = start("hybrid", true);
    answer_coord(ERR_OK);
    answer_coord(ERR_STATE);
    expect_rejection(r, ERR_STATE);
    request_release(&front->pool, r);
    /* When the classic key fails, there is nothing to turn to. */
    r = start(NULL, true);
    answer_coord(ERR_TIME);
    expect_rejection(r, ERR_TIME);
    request_release(&front->pool, r);
}

static void degrades_at_once(void **state)
{
    struct request *r;

    (void)state;
    fake.core.status.epoch_id[0] ^= 1;
    front_fixture_serve(front, chain, FIXTURE_HYBRID(DEGRADES));
    fake.core.status.activation[1][0] ^= 1;
    struct serving *s = serving_get(&front->slot);
    struct held_chain *const chains[WIRE_KEYS_MAX] = {s->legs[0].held[0], NULL};

    serving_swap(&front->slot,
                 front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics));
    r = start(NULL, true);
    expect_classic(r);
    request_release(&front->pool, r);
    r = make("hybrid", true);
    assert_false(stamp_flow_begin(r, suspend));
    assert_int_equal(r->err, ERR_STATE);
    request_release(&front->pool, r);
    serving_put(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants_hybrid, begin, end),
        cmocka_unit_test_setup_teardown(shares_a_signature, begin, end),
        cmocka_unit_test_setup_teardown(grants_pq, begin, end),
        cmocka_unit_test_setup_teardown(grants_classic_beside, begin, end),
        cmocka_unit_test_setup_teardown(shows_as_json, begin, end),
        cmocka_unit_test_setup_teardown(nobody_asks_for_evidence, begin, end),
        cmocka_unit_test_setup_teardown(requires_the_pq_part, begin, end),
        cmocka_unit_test_setup_teardown(needs_both_rows, begin, end),
        cmocka_unit_test_setup_teardown(refuses_without_pq_key, begin, end),
        cmocka_unit_test_setup_teardown(is_too_late_between, begin, end),
        cmocka_unit_test_setup_teardown(stops_between, begin, end),
        cmocka_unit_test_setup_teardown(degrades, begin, end),
        cmocka_unit_test_setup_teardown(degrades_at_once, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
