/* Hybrid and dual tokens that scripts and other implementations take: with QUORATE_SAMPLES set
 * they are written to that folder. Each is genuine. */
#include "dual_make.h"

#include "client/verify/legs.h"

#include <stdio.h>

static struct hy_node *classic_root, *pq_root, *classic, *pq;
static struct trust *trust;
static struct hy_bytes token, record, whole;
static uint8_t digest[64];

static int make(void **state)
{
    static const struct hy_cert classic_ca = {.name = "sample classic root", .ca = true};
    static const struct hy_cert pq_ca = {.name = "sample pq root", .ca = true};

    (void)state;
    classic_root = hy_key(SIGN_ECDSA_P384_SHA384);
    pq_root = hy_key(SIGN_ML_DSA_65);
    classic = hy_key(SIGN_ECDSA_P384_SHA384);
    pq = hy_key(SIGN_ML_DSA_65);
    hy_issue(classic_root, &classic_ca, NULL);
    hy_issue(pq_root, &pq_ca, NULL);
    hy_issue(classic, &(struct hy_cert){.name = "sample classic TSA", .other = pq},
             classic_root);
    hy_issue(pq, &(struct hy_cert){.name = "sample pq TSA", .other = classic}, pq_root);
    assert_int_equal(trust_new(&trust), ERR_OK);
    hy_trust(trust, TRUST_ANCHOR, classic_root);
    hy_trust(trust, TRUST_ANCHOR, pq_root);
    hy_trust(trust, TRUST_UNTRUSTED, classic);
    hy_trust(trust, TRUST_UNTRUSTED, pq);
    hash_once(HASH_SHA512, (struct view){(const uint8_t *)"abc", 3}, digest);
    return 0;
}

static int drop(void **state)
{
    (void)state;
    trust_free(trust);
    hy_free(classic_root);
    hy_free(pq_root);
    hy_free(classic);
    hy_free(pq);
    return 0;
}

static void write_sample(const char *name, struct view bytes)
{
    const char *folder = getenv("QUORATE_SAMPLES");
    char path[4096];

    if (folder != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", folder, name);
        FILE *f = fopen(path, "wb");

        assert_non_null(f);
        assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
        assert_int_equal(fclose(f), 0);
    }
}

/* require_pq as well. */
static void is_genuine(struct view der, bool quantum_safe)
{
    struct legs_report report;
    const struct verify_expect expect = {.digest = {digest, sizeof digest}};
    const struct legs_options options = {
        .verify = {.trust = trust}, .window_s = LEGS_WINDOW_S, .require_pq = true};

    assert_int_equal(legs_judge(der, &expect, &options, &report), ERR_OK);
    assert_int_equal(report.verdict, VERDICT_GENUINE);
    assert_int_equal(report.quantum_safe, quantum_safe);
    legs_free(&report);
}

static struct hy_stamp stamp_of(struct hy_node *signer, const char *policy, int64_t time_ms)
{
    return (struct hy_stamp){.signer = signer,
                             .policy = policy,
                             .time_ms = time_ms,
                             .imprint = {digest, sizeof digest}};
}

static void hybrid_tokens(void **state)
{
    static const struct {
        const char *name;
        size_t batch;
        bool bare, certificates;
    } rows[] = {
        {"hybrid.tsr", 5, false, true},
        {"hybrid-one.tst", 1, true, true},
        {"hybrid-bare.tsr", 2, false, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct hy_stamp s = stamp_of(classic, HY_HYBRID_POLICY, HY_NOW_MS);
        struct hy_stamp archive = stamp_of(pq, HY_EVIDENCE_POLICY, HY_NOW_MS + 40);

        archive.imprint.n = 0;
        s.response = !rows[i].bare;
        s.no_certificates = !rows[i].certificates;
        archive.no_certificates = s.no_certificates;
        hy_token(&s, &token);
        hy_record(token.der, rows[i].batch, &archive, &record);
        hy_attach(token.der, record.der, &whole);
        is_genuine(whole.der, true);
        write_sample(rows[i].name, whole.der);
        if (i == 0) {
            write_sample("hybrid-stripped.tsr", token.der);
        }
    }
}

static void other_tokens(void **state)
{
    struct hy_stamp s = stamp_of(pq, HY_PQ_POLICY, HY_NOW_MS);
    const struct dual_wish dual = {
        .stamp = stamp_of(NULL, "1.3.6.1.4.1.32473.3161.1.5", HY_NOW_MS),
        .who = {classic, pq},
    };

    (void)state;
    hy_token(&s, &token);
    is_genuine(token.der, false);
    write_sample("pq.tst", token.der);
    dual_token(&dual, &token);
    is_genuine(token.der, true);
    write_sample("dual.tst", token.der);
}

/* For fuzz/corpus/verify: a byte of options before each, and the digest that the target gives.
 */
static void write_seed(const char *name, struct view der)
{
    static uint8_t seed[HY_TOKEN_MAX + 1];

    assert_true(der.n < sizeof seed);
    seed[0] = 0x81; /* data is given, pq required */
    memcpy(seed + 1, der.p, der.n);
    write_sample(name, (struct view){seed, der.n + 1});
}

static void seeds(void **state)
{
    struct hy_stamp s = stamp_of(classic, HY_HYBRID_POLICY, HY_NOW_MS);
    struct hy_stamp archive = stamp_of(pq, HY_EVIDENCE_POLICY, HY_NOW_MS + 40);
    const struct dual_wish dual = {
        .stamp = stamp_of(NULL, "1.3.6.1.4.1.32473.3161.1.5", HY_NOW_MS),
        .who = {classic, pq},
    };

    (void)state;
    memset(digest, 0, sizeof digest);
    archive.imprint.n = 0;
    hy_token(&s, &token);
    hy_record(token.der, 3, &archive, &record);
    hy_attach(token.der, record.der, &whole);
    is_genuine(whole.der, true);
    write_seed("seed-hybrid", whole.der);
    write_seed("seed-stripped", token.der);
    dual_token(&dual, &token);
    is_genuine(token.der, true);
    write_seed("seed-dual", token.der);
    write_sample("seed-dual-cms", token.der);
}

static void certificates(void **state)
{
    (void)state;
    write_sample("document", (struct view){(const uint8_t *)"abc", 3});
    write_sample("classic-ca.der", classic_root->cert);
    write_sample("pq-ca.der", pq_root->cert);
    write_sample("classic-tsa.der", classic->cert);
    write_sample("pq-tsa.der", pq->cert);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hybrid_tokens),
        cmocka_unit_test(other_tokens),
        cmocka_unit_test(certificates),
        cmocka_unit_test(seeds),
    };

    return cmocka_run_group_tests(tests, make, drop);
}
