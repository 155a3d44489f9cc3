#include "chain_fixture.h"
#include "fake_sign.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "pq_fixture.h"
#include "testing.h"

#include "format/cms_parse.h"
#include "format/tsp_req.h"
#include "format/tsp_resp.h"
#include "format/tst_info_parse.h"
#include "host/front/readiness.h"
#include "host/front/stamp_flow.h"
#include "host/front/tsp_view.h"

#include <jansson.h>
#include <string.h>

/* The way of requests under the profile dual: one stamp of both keys, one token, one row. */

static const char file[] = "what is stamped";

static struct front *front;
static struct fixture *chain;

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    front_fixture_serve(front, chain, FIXTURE_DUAL);
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

static void on_request(struct request *r)
{
    (void)r;
}

static struct request *make(bool cert_req)
{
    struct request *r = request_take(&front->pool, front, serving_get(&front->slot));
    uint8_t space[TSP_REQ_MAX];
    uint8_t digest[HASH_MAX];
    struct writer w = wr_init(space, sizeof space);
    const struct tsp_req req = {.imprint = {.alg = HASH_SHA256, .digest = {digest, 32}},
                                .cert_req = cert_req};
    struct view body;

    assert_non_null(r);
    r->resume = on_request;
    r->verdict.body = HTTP_BODY_QUERY;
    hash_once(HASH_SHA256, (struct view){(const uint8_t *)file, sizeof file - 1}, digest);
    tsp_req_write(&w, &req);
    assert_int_equal(wr_finish(&w, &body), ERR_OK);
    assert_int_equal(request_add_body(r, body, 65536), ERR_OK);
    return r;
}

static void answer_coord(enum err e)
{
    struct coord_job *job = fake.job;

    assert_non_null(job);
    fake.job = NULL;
    if (e == ERR_OK) {
        fake_sign(job, front, chain);
    }
    job->err = e;
    job->done(job);
    stamp_flow_rest(front->stage);
}

static struct request *granted(bool cert_req)
{
    struct request *r = make(cert_req);

    fake.entries = 0;
    assert_true(stamp_flow_begin(r, on_request));
    answer_coord(ERR_OK);
    assert_int_equal(fake.entries, 1);
    fake.rows[0]->err = ERR_OK;
    fake.rows[0]->done(fake.rows[0]);
    stamp_flow_compose(r);
    assert_int_equal(r->err, ERR_OK);
    return r;
}

/* Whether the SignerInfo's signature is that of its key, over the SET OF. */
static bool is_signed(const struct signer_info *s, bool pq)
{
    static uint8_t attrs[1024];
    const struct view set = {attrs, s->signed_attrs.n};
    const struct serving_leg *legs = front->slot.now->legs;
    uint8_t digest[HASH_MAX];
    uint8_t r_s[STAMP_SIGNATURE_CLASSIC] = {0};
    struct reader r = rd_init(s->signature);
    struct reader seq;

    assert_true(set.n <= sizeof attrs);
    memcpy(attrs, s->signed_attrs.p, set.n);
    attrs[0] = 0x31;
    if (pq) {
        return pq_fixture_verifies(set, s->signature);
    }
    assert_int_equal(der_enter(&r, DER_SEQUENCE, &seq), ERR_OK);
    for (size_t i = 0; i < 2; i++) {
        struct view v;

        assert_int_equal(der_read_integer(&seq, &v), ERR_OK);
        if (v.n == 49) {
            v = (struct view){v.p + 1, 48};
        }
        memcpy(r_s + 48 * i + 48 - v.n, v.p, v.n);
    }
    hash_once(HASH_SHA384, set, digest);
    return p384_verify(legs[0].chain->public_key.p, digest, r_s) == ERR_OK;
}

static void grants_dual(void **state)
{
    (void)state;
    for (int cert_req = 0; cert_req < 2; cert_req++) {
        struct request *r = granted(cert_req == 1);
        const struct serving_leg *legs = front->slot.now->legs;
        uint8_t activation[ACTIVATION_HASH_LEN];
        uint8_t hash[HASH_MAX];
        struct tst_info_view tst;
        struct signed_data sd;
        struct signer_info si;
        struct reader each;

        activation_dual(legs[0].chain->activation_hash, legs[1].chain->activation_hash,
                        activation);
        assert_int_equal(r->job.key, KEY_DUAL);
        assert_memory_equal(r->job.activation, activation, sizeof activation);
        assert_int_equal(fake.rows[0]->profile, JOURNAL_DUAL);
        hash_once(HASH_SHA256, r->token, hash);
        assert_memory_equal(fake.rows[0]->token_hash, hash, JOURNAL_TOKEN_HASH_LEN);
        assert_int_equal(cms_parse(r->token, &sd), ERR_OK);
        assert_true(sd.flaws == 0 && sd.n_signers == 2 && sd.n_digest_algs == 2);
        assert_int_equal(sd.has_certificates, cert_req);
        /* without the roots: two of the classic chain, one of the pq chain */
        assert_int_equal(sd.n_certificates, cert_req == 1 ? 3 : 0);
        assert_int_equal(tst_info_parse(sd.content, &tst), ERR_OK);
        each = rd_init(sd.signer_infos);
        for (int pq = 0; pq < 2; pq++) {
            assert_int_equal(cms_parse_signer(&each, &si), ERR_OK);
            assert_true(is_signed(&si, pq == 1));
            assert_true(view_equal(si.serial, legs[pq].chain->activation.serial));
        }
        assert_false(fixture_openssl_verifies(
            chain, stamp_flow_reply(r), (struct view){(const uint8_t *)file, sizeof file - 1}));
        request_release(&front->pool, r);
    }
}

static void shows_as_json(void **state)
{
    static uint8_t text[65536];
    struct request *r = granted(true);
    struct writer w = wr_init(text, sizeof text);
    struct view out;

    (void)state;
    tsp_view_write(&(struct tsp_view){.job = &r->job, .policy = r->policy, .token = r->token},
                   &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(out.n <= tsp_view_max(r->token.n));
    json_t *j = json_loadb((const char *)out.p, out.n, JSON_REJECT_DUPLICATES, NULL);

    assert_string_equal(json_string_value(json_object_get(j, "profile")), "dual");
    assert_int_equal(json_string_length(json_object_get(j, "signature")), 2 * (96 + 3309));
    json_decref(j);
    request_release(&front->pool, r);
}

/* One signature of the two is no signature. */
static void needs_both_signatures(void **state)
{
    static const size_t lens[] = {STAMP_SIGNATURE_CLASSIC, STAMP_SIGNATURE_PQ, 95, 0,
                                  STAMP_SIGNATURE_DUAL - 1};

    (void)state;
    for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
        struct request *r = make(true);
        struct coord_job *job = &r->job;

        assert_true(stamp_flow_begin(r, on_request));
        fake_sign(job, front, chain);
        job->signature_len = lens[i];
        job->done(job);
        stamp_flow_rest(front->stage);
        assert_int_equal(r->err, ERR_LENGTH);
        request_release(&front->pool, r);
    }
    assert_int_equal(fake.entries, 0);
}

static void fails_as_the_core_says(void **state)
{
    struct request *r = make(true);

    (void)state;
    assert_true(stamp_flow_begin(r, on_request));
    answer_coord(ERR_QUORUM);
    assert_int_equal(r->err, ERR_QUORUM);
    assert_int_equal(fake.entries, 0);
    request_release(&front->pool, r);
}

/* Either key without its certificate: refused, and not ready, for the policy is the default. */
static void refuses_without_one_key(void **state)
{
    (void)state;
    for (size_t bad = 0; bad < 2; bad++) {
        struct serving *s = serving_get(&front->slot);
        struct held_chain *const chains[WIRE_KEYS_MAX] = {s->legs[0].held[0],
                                                          s->legs[1].held[0]};
        const struct time_views times = {0};
        struct cores_view cores;
        struct request *r;

        fake.core.status.activation[bad][0] ^= 1;
        serving_swap(&front->slot,
                     front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics));
        r = make(true);
        assert_false(stamp_flow_begin(r, on_request));
        assert_int_equal(r->err, ERR_STATE);
        request_release(&front->pool, r);
        cores_look(NULL, &cores);
        assert_false(
            readiness_judge(front->slot.now, &cores, &times, true, fixture_real_s).ready);
        fake.core.status.activation[bad][0] ^= 1;
        serving_swap(&front->slot,
                     front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics));
        r = granted(true);
        request_release(&front->pool, r);
        serving_put(s);
    }
}

/* The core has the policy under another key: what it signs would not fit. */
static void refuses_a_policy_of_one_key(void **state)
{
    struct request *r;
    struct serving *s = serving_get(&front->slot);
    struct held_chain *const chains[WIRE_KEYS_MAX] = {s->legs[0].held[0], s->legs[1].held[0]};

    (void)state;
    fake.core.policies[0].key = KEY_CLASSIC;
    serving_swap(&front->slot,
                 front_fixture_snapshot(&s->config, chains[0], chains[1], front->metrics));
    r = make(true);
    assert_false(stamp_flow_begin(r, on_request));
    assert_int_equal(r->err, ERR_STATE);
    request_release(&front->pool, r);
    serving_put(s);
}

/* Certificates that name other keys: no token with both signatures, but those with one. */
static void refuses_certificates_of_two_authorities(void **state)
{
    struct serving *s = serving_get(&front->slot);
    struct cores_view cores;
    const struct time_views times = {0};
    struct readiness ready;
    struct serving *next;

    (void)state;
    s->legs[1].held[0]->chain.has_binding = true; /* and names no key */
    next = front_fixture_snapshot(&s->config, s->legs[0].held[0], s->legs[1].held[0],
                                  front->metrics);
    assert_int_equal(next->pair, ERR_MISMATCH);
    for (size_t i = 0; i < next->config.n_policies; i++) { /* dual is the first */
        assert_int_equal(serving_check(next, &next->config.policies[i], fixture_real_s),
                         i == 0 ? ERR_MISMATCH : ERR_OK);
    }
    cores_look(NULL, &cores);
    ready = readiness_judge(next, &cores, &times, true, fixture_real_s);
    assert_false(ready.ready || ready.certificate);
    assert_string_equal(ready.reason, "the certificates of both keys do not name one another");
    serving_swap(&front->slot, next);
    struct request *r = make(true);

    assert_false(stamp_flow_begin(r, on_request));
    assert_int_equal(r->err, ERR_MISMATCH);
    request_release(&front->pool, r);
    s->legs[1].held[0]->chain.has_binding = false;
    serving_put(s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(grants_dual, begin, end),
        cmocka_unit_test_setup_teardown(shows_as_json, begin, end),
        cmocka_unit_test_setup_teardown(needs_both_signatures, begin, end),
        cmocka_unit_test_setup_teardown(fails_as_the_core_says, begin, end),
        cmocka_unit_test_setup_teardown(refuses_without_one_key, begin, end),
        cmocka_unit_test_setup_teardown(refuses_certificates_of_two_authorities, begin, end),
        cmocka_unit_test_setup_teardown(refuses_a_policy_of_one_key, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
