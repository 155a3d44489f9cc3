/* Dual tokens: two SignerInfos over one TSTInfo, linked by RFC 5752. One thing is wrong with
 * each row; deleting a check makes one fail. */
#include "legs_world.h"

#include "format/cms_one_signer.h"

static int make_dual(void **state)
{
    struct world *w;

    make(state);
    w = *state;
    w->wish = (struct dual_wish){
        .stamp = {.policy = "1.2.3", .imprint = w->stamp.imprint, .time_ms = HY_NOW_MS},
        .who = {w->classic, w->pq},
    };
    return 0;
}

static void dual_is(struct world *w, const char *legs, enum verdict v, const char *because)
{
    dual_token(&w->wish, &w->token);
    legs_are(w, w->token.der, legs, v, because);
}

static void good_ones_are_quantum_safe_in_either_order(void **state)
{
    struct world *w = *state;

    dual_is(w, "GGG", VERDICT_GENUINE, "each SignerInfo names the other");
    assert_true(w->report.quantum_safe);
    assert_false(w->report.proven_by_pq);
    assert_int_equal(gen_time_ms(&w->report.proven), HY_NOW_MS);
    w->wish.who[0] = w->pq;
    w->wish.who[1] = w->classic;
    w->wish.no_cert = true; /* RFC 5752 does not ask for it */
    w->options.require_pq = true;
    w->options.require_classic = true;
    dual_is(w, "GGG", VERDICT_GENUINE, "each SignerInfo names the other");
}

static void a_dual_token_without_certificates_needs_them(void **state)
{
    struct world *w = *state;

    w->wish.stamp.no_certificates = true;
    dual_is(w, "UUU", VERDICT_COULD_NOT_TELL, "not in the token");
    hy_trust(w->trust, TRUST_UNTRUSTED, w->classic);
    hy_trust(w->trust, TRUST_UNTRUSTED, w->pq);
    dual_is(w, "GGG", VERDICT_GENUINE, "same authority");
}

static void one_signer_alone_says_that_there_was_another(void **state)
{
    struct world *w = *state;
    struct view one = {NULL, 0};
    struct hy_bytes *half = calloc(1, sizeof *half);

    for (size_t i = 0; i < 2; i++) {
        struct writer out = wr_init(half->b, sizeof half->b);

        dual_token(&w->wish, &w->token);
        assert_int_equal(cms_one_signer(&out, w->token.der, i), ERR_OK);
        one = hy_done(&out);
        legs_are(w, one, i == 0 ? "GAA" : "AGA", VERDICT_INCOMPLETE, "");
        w->options.require_pq = true;
        judge(w, one);
        assert_int_equal(w->report.verdict, i == 0 ? VERDICT_NOT_GENUINE : VERDICT_INCOMPLETE);
        w->options.require_pq = false;
    }
    free(half);
}

/* A forger of one algorithm leaves the link out; the policy says it still. */
static void the_policy_says_that_there_was_another(void **state)
{
    static const struct {
        const char *policy;
        enum verdict want;
    } rows[] = {
        {OID_POLICY_DUAL, VERDICT_INCOMPLETE},
        {"1.2.3", VERDICT_GENUINE},
    };
    struct world *w = *state;
    struct hy_bytes *half = calloc(1, sizeof *half);

    w->wish.no_link[0] = true;
    w->wish.no_link[1] = true;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        w->wish.stamp.policy = rows[i].policy;
        dual_token(&w->wish, &w->token);
        for (size_t k = 0; k < 2; k++) {
            struct writer out = wr_init(half->b, sizeof half->b);

            assert_int_equal(cms_one_signer(&out, w->token.der, k), ERR_OK);
            legs_are(w, hy_done(&out), k == 0 ? "GAA" : "AGA", rows[i].want, "");
        }
    }
    free(half);
}

static void a_bad_signature_fails_its_leg(void **state)
{
    struct world *w = *state;

    for (size_t i = 0; i < 2; i++) {
        const struct signer_info *s = NULL;
        struct token t;
        struct reader r;
        struct signer_info other;

        dual_token(&w->wish, &w->token);
        assert_int_equal(token_open(w->token.der, &t), ERR_OK);
        r = rd_init(t.cms.signer_infos);
        assert_int_equal(cms_parse_signer(&r, &other), ERR_OK);
        if (i == 1) {
            assert_int_equal(cms_parse_signer(&r, &other), ERR_OK);
        }
        s = &other;
        w->token.b[(size_t)(s->signature.p - w->token.b) + s->signature.n / 2] ^= 1;
        token_close(&t);
        legs_are(w, w->token.der, i == 0 ? "NGG" : "GNG", VERDICT_NOT_GENUINE, "signature");
    }
}

static void each_names_the_other(void **state)
{
    struct world *w = *state;

    w->wish.no_link[0] = true;
    dual_is(w, "GGN", VERDICT_NOT_GENUINE, "does not name the other");
    w->wish.no_link[0] = false;
    w->wish.no_link[1] = true; /* whose attributes have nothing to blank, then */
    dual_is(w, "GGN", VERDICT_NOT_GENUINE, "hash of the other's attributes");
}

static void other_body_hash(struct multiple_signatures *m)
{
    m->body_hash_alg.oid = oid_body(OID_SHA256);
}

static void other_sign_alg(struct multiple_signatures *m)
{
    m->sign_alg.oid = oid_body(OID_ECDSA_SHA256);
}

static void other_hash_alg(struct multiple_signatures *m)
{
    m->hash_alg.oid = oid_body(OID_SHA256);
}

static void other_hash(struct multiple_signatures *m)
{
    static const uint8_t zero[64];

    m->hash.p = m->hash.n > 0 ? zero : NULL;
}

static void other_cert(struct multiple_signatures *m)
{
    static uint8_t id[36] = {0x30, 34, 0x04, 32};

    m->cert = (struct view){id, sizeof id};
}

static void other_cert_hash(struct multiple_signatures *m)
{
    static uint8_t id[64];
    struct writer w = wr_init(id, sizeof id);

    /* the right value, by another algorithm as it says */
    der_head(&w, DER_SEQUENCE, 13 + m->cert.n - 2);
    der_head(&w, DER_SEQUENCE, 11);
    der_write(&w, DER_OID, oid_body(OID_SHA3_256));
    wr_bytes(&w, m->cert.p + 2, m->cert.n - 2);
    m->cert = hy_done(&w);
}

static void garbled(struct multiple_signatures *m)
{
    static const uint8_t not_a_sequence[] = {0x05, 0x00};

    m->cert = (struct view){not_a_sequence, sizeof not_a_sequence};
}

static void what_the_link_says_must_be_so(void **state)
{
    static const struct {
        void (*spoil)(struct multiple_signatures *m);
        const char *because;
    } rows[] = {
        {other_body_hash, "other algorithms"}, {other_sign_alg, "other algorithms"},
        {other_hash_alg, "other algorithms"},  {other_hash, "hash of the other's attributes"},
        {other_cert, "another certificate"},   {other_cert_hash, "another certificate"},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned who = 0; who < 2; who++) {
            w->wish.spoil_link = rows[i].spoil;
            w->wish.spoil_which = who;
            dual_is(w, "GGN", VERDICT_NOT_GENUINE, rows[i].because);
        }
    }
    w->wish.spoil_link = garbled;
    dual_token(&w->wish, &w->token);
    judge(w, w->token.der);
    assert_int_equal(w->report.verdict, VERDICT_NOT_GENUINE);
}

static void the_authority_is_one(void **state)
{
    struct world *w = *state;

    w->wish.who[1] = w->other_pq;
    dual_is(w, "GGN", VERDICT_NOT_GENUINE, "names another ML-DSA key");
    w->wish.who[0] = w->other_classic;
    w->wish.who[1] = w->pq;
    dual_is(w, "GGN", VERDICT_NOT_GENUINE, "names another classic key");
}

static void two_of_a_kind_are_refused(void **state)
{
    struct world *w = *state;

    w->wish.who[1] = w->other_classic;
    dual_is(w, "NAA", VERDICT_NOT_GENUINE, "2 SignerInfos");
    w->wish.who[0] = w->pq;
    w->wish.who[1] = w->other_pq;
    dual_is(w, "ANA", VERDICT_NOT_GENUINE, "2 SignerInfos");
}

static void another_document_fails_both_legs(void **state)
{
    struct world *w = *state;
    uint8_t other[64] = {9};

    w->expect.digest = (struct view){other, sizeof other};
    dual_is(w, "NNG", VERDICT_NOT_GENUINE, "imprint");
}

/* The reply around it, its status as given. */
static struct view in_reply(struct view token, uint8_t status, struct hy_bytes *out)
{
    struct writer w = wr_init(out->b, sizeof out->b);
    const size_t resp = der_begin(&w, DER_SEQUENCE);
    const size_t info = der_begin(&w, DER_SEQUENCE);

    der_write(&w, DER_INTEGER, (struct view){&status, 1});
    der_end(&w, info);
    wr_view(&w, token);
    der_end(&w, resp);
    out->der = hy_done(&w);
    return out->der;
}

static void the_reply_around_it_counts(void **state)
{
    struct world *w = *state;
    struct hy_bytes *reply = calloc(1, sizeof *reply);

    dual_token(&w->wish, &w->token);
    legs_are(w, in_reply(w->token.der, 0, reply), "GGG", VERDICT_GENUINE, "same authority");
    legs_are(w, in_reply(w->token.der, 2, reply), "NGG", VERDICT_NOT_GENUINE, "rejection");
    free(reply);
}

/* Of a token alone the order of SignerInfos is gone: without certificates nothing else is
 * wrong.
 */
static void strict_counts_for_the_whole(void **state)
{
    struct world *w = *state;

    w->wish.who[0] = w->pq; /* SignerInfos in the wrong order */
    w->wish.who[1] = w->classic;
    w->wish.stamp.no_certificates = true;
    hy_trust(w->trust, TRUST_UNTRUSTED, w->classic);
    hy_trust(w->trust, TRUST_UNTRUSTED, w->pq);
    dual_is(w, "GGG", VERDICT_GENUINE, "same authority");
    w->options.verify.strict = true;
    legs_are(w, w->token.der, "NGG", VERDICT_NOT_GENUINE, "encoding");
    w->wish.who[0] = w->classic;
    w->wish.who[1] = w->pq;
    dual_is(w, "GGG", VERDICT_GENUINE, "same authority");
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, make_dual, drop)
    const struct CMUnitTest tests[] = {
        CASE(good_ones_are_quantum_safe_in_either_order),
        CASE(a_dual_token_without_certificates_needs_them),
        CASE(one_signer_alone_says_that_there_was_another),
        CASE(the_policy_says_that_there_was_another),
        CASE(a_bad_signature_fails_its_leg),
        CASE(each_names_the_other),
        CASE(what_the_link_says_must_be_so),
        CASE(the_authority_is_one),
        CASE(two_of_a_kind_are_refused),
        CASE(another_document_fails_both_legs),
        CASE(the_reply_around_it_counts),
        CASE(strict_counts_for_the_whole),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
