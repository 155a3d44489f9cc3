#include "pki.h"

#include "client/trust/chain.h"
#include "client/trust/crl_check.h"
#include "client/trust/trust_parts.h"
#include "client/verify/signer_cert.h"

#include <string.h>

#define DAY 86400
#define T0 1700000000
#define T_END (T0 + 100 * DAY)
#define NOW (T0 + 50 * DAY)

struct world {
    struct pki_node root, sub, tsa;
    struct trust *trust;
    STACK_OF(X509) * chain;
    char reason[256];
};

static void add(struct trust *t, enum trust_kind kind, X509 *x)
{
    struct view der = pki_der(x);

    assert_int_equal(trust_add(t, kind, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
}

static void add_crl(struct trust *t, X509_CRL *x)
{
    struct view der = pki_crl_der(x);

    assert_int_equal(trust_add(t, TRUST_CRL, der), ERR_OK);
    OPENSSL_free((void *)(uintptr_t)der.p);
    X509_CRL_free(x);
}

static int make(void **state)
{
    struct world *w = calloc(1, sizeof *w);

    w->root = pki_make(&(struct pki_cert){"root", T0, T_END, PKI_CA_EXT}, NULL);
    w->sub = pki_make(&(struct pki_cert){"sub", T0, T_END, PKI_CA_EXT}, &w->root);
    w->tsa = pki_make(&(struct pki_cert){"tsa", T0 + DAY, T_END - DAY, PKI_TSA_EXT}, &w->sub);
    assert_int_equal(trust_new(&w->trust), ERR_OK);
    *state = w;
    return 0;
}

static int drop(void **state)
{
    struct world *w = *state;

    sk_X509_pop_free(w->chain, X509_free);
    trust_free(w->trust);
    pki_free(&w->root);
    pki_free(&w->sub);
    pki_free(&w->tsa);
    free(w);
    return 0;
}

static enum err check(struct world *w, int64_t at_s)
{
    sk_X509_pop_free(w->chain, X509_free);
    return chain_check(w->trust, w->tsa.cert, NULL, &(struct chain_rules){.at_s = at_s},
                       &w->chain, w->reason, sizeof w->reason);
}

static void needs_every_link(void **state)
{
    struct world *w = *state;

    assert_int_equal(check(w, NOW), ERR_SIGNATURE);
    add(w->trust, TRUST_ANCHOR, w->root.cert);
    assert_int_equal(check(w, NOW), ERR_SIGNATURE);
    assert_null(w->chain);
    add(w->trust, TRUST_UNTRUSTED, w->sub.cert);
    assert_int_equal(check(w, NOW), ERR_OK);
    assert_int_equal(sk_X509_num(w->chain), 3);
    assert_string_equal(w->reason, "3 certificates up to CN=root");
}

static void takes_helpers_from_the_token(void **state)
{
    struct world *w = *state;
    STACK_OF(X509) *helpers = sk_X509_new_null();

    add(w->trust, TRUST_ANCHOR, w->root.cert);
    assert_true(sk_X509_push(helpers, w->sub.cert) > 0);
    assert_int_equal(chain_check(w->trust, w->tsa.cert, helpers,
                                 &(struct chain_rules){.at_s = NOW}, &w->chain, w->reason,
                                 sizeof w->reason),
                     ERR_OK);
    sk_X509_free(helpers);
}

static void an_anchor_need_not_sign_itself(void **state)
{
    struct world *w = *state;

    add(w->trust, TRUST_ANCHOR, w->tsa.cert);
    assert_int_equal(check(w, NOW), ERR_OK);
    assert_int_equal(sk_X509_num(w->chain), 1);
    assert_int_equal(crl_check(w->trust, w->chain, NOW, w->reason, sizeof w->reason),
                     ERR_STALE);
}

static void judges_at_the_instant_given(void **state)
{
    struct world *w = *state;

    add(w->trust, TRUST_ANCHOR, w->root.cert);
    add(w->trust, TRUST_UNTRUSTED, w->sub.cert);
    assert_int_equal(check(w, T0 + DAY - 1), ERR_SIGNATURE);
    assert_int_equal(check(w, T0 + DAY), ERR_OK);
    assert_int_equal(check(w, T_END - DAY - 1), ERR_OK);
    assert_int_equal(check(w, T_END - DAY + 1), ERR_SIGNATURE);
    assert_non_null(strstr(w->reason, "expired"));
    assert_non_null(strstr(w->reason, "CN=tsa"));
}

static void an_unrelated_root_is_no_anchor(void **state)
{
    struct world *w = *state;
    struct pki_node other = pki_make(&(struct pki_cert){"root", T0, T_END, PKI_CA_EXT}, NULL);

    add(w->trust, TRUST_ANCHOR, other.cert);
    add(w->trust, TRUST_UNTRUSTED, w->sub.cert);
    assert_int_equal(check(w, NOW), ERR_SIGNATURE);
    pki_free(&other);
}

/* Revocation */

static void give_chain(struct world *w)
{
    add(w->trust, TRUST_ANCHOR, w->root.cert);
    add(w->trust, TRUST_UNTRUSTED, w->sub.cert);
    assert_int_equal(check(w, NOW), ERR_OK);
}

static enum err revocation(struct world *w)
{
    return crl_check(w->trust, w->chain, NOW, w->reason, sizeof w->reason);
}

static void needs_a_list_for_every_link(void **state)
{
    struct world *w = *state;

    give_chain(w);
    assert_int_equal(revocation(w), ERR_STALE);
    add_crl(w->trust, pki_crl(&w->sub, NOW - DAY, NOW + DAY, NULL));
    assert_int_equal(revocation(w), ERR_STALE);
    assert_non_null(strstr(w->reason, "CN=sub"));
    add_crl(w->trust, pki_crl(&w->root, NOW - DAY, NOW + DAY, NULL));
    assert_int_equal(revocation(w), ERR_OK);
}

static void a_list_must_reach_to_gen_time(void **state)
{
    struct world *w = *state;

    give_chain(w);
    add_crl(w->trust, pki_crl(&w->root, NOW - DAY, NOW + DAY, NULL));
    add_crl(w->trust, pki_crl(&w->sub, NOW - 2 * DAY, NOW - DAY, NULL));
    assert_int_equal(revocation(w), ERR_STALE);
    /* From after the certificate's end: it may have been dropped. */
    add_crl(w->trust, pki_crl(&w->sub, T_END, T_END + DAY, NULL));
    assert_int_equal(revocation(w), ERR_STALE);
    add_crl(w->trust, pki_crl(&w->sub, NOW + DAY, NOW + 2 * DAY, NULL));
    assert_int_equal(revocation(w), ERR_OK);
}

static void a_list_counts_only_with_its_issuers_signature(void **state)
{
    struct world *w = *state;
    struct pki_node other = pki_make(&(struct pki_cert){"sub", T0, T_END, PKI_CA_EXT}, NULL);

    give_chain(w);
    add_crl(w->trust, pki_crl(&w->root, NOW - DAY, NOW + DAY, NULL));
    add_crl(w->trust, pki_crl(&other, NOW - DAY, NOW + DAY, NULL));
    assert_int_equal(revocation(w), ERR_STALE);
    pki_free(&other);
}

/* RFC 3161 4: the reason decides whether earlier tokens live on. */
static void reasons_decide_about_the_past(void **state)
{
    static const struct {
        int64_t at_s;
        int reason;
        enum err e;
    } rows[] = {
        {NOW + DAY, -1, ERR_SIGNATURE},
        {NOW - DAY, -1, ERR_SIGNATURE},
        {NOW + DAY, CRL_REASON_KEY_COMPROMISE, ERR_SIGNATURE},
        {NOW + DAY, CRL_REASON_CERTIFICATE_HOLD, ERR_SIGNATURE},
        {NOW + DAY, CRL_REASON_UNSPECIFIED, ERR_OK},
        {NOW + DAY, CRL_REASON_AFFILIATION_CHANGED, ERR_OK},
        {NOW + DAY, CRL_REASON_SUPERSEDED, ERR_OK},
        {NOW + DAY, CRL_REASON_CESSATION_OF_OPERATION, ERR_OK},
        {NOW, CRL_REASON_SUPERSEDED, ERR_SIGNATURE},
        {NOW - DAY, CRL_REASON_SUPERSEDED, ERR_SIGNATURE},
    };
    struct world *w = *state;

    give_chain(w);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pki_revoked revoked = {w->tsa.cert, rows[i].at_s, rows[i].reason};

        sk_X509_CRL_pop_free(w->trust->crls, X509_CRL_free);
        w->trust->crls = sk_X509_CRL_new_null();
        add_crl(w->trust, pki_crl(&w->root, NOW - DAY, NOW + DAY, NULL));
        add_crl(w->trust, pki_crl(&w->sub, NOW - DAY, NOW + DAY, &revoked));
        assert_int_equal(revocation(w), rows[i].e);
    }
}

static void a_revoked_authority_spoils_its_signer(void **state)
{
    struct world *w = *state;
    const struct pki_revoked revoked = {w->sub.cert, NOW - DAY, -1};

    give_chain(w);
    add_crl(w->trust, pki_crl(&w->sub, NOW - DAY, NOW + DAY, NULL));
    add_crl(w->trust, pki_crl(&w->root, NOW - DAY, NOW + DAY, &revoked));
    assert_int_equal(revocation(w), ERR_SIGNATURE);
    assert_string_equal(w->reason, "revoked: CN=sub");
}

/* The signer's certificate */

static void eku_is_critical_and_alone(void **state)
{
    static const struct {
        const char *value;
        enum err e;
    } rows[] = {
        {"critical,timeStamping", ERR_OK},
        {"timeStamping", ERR_SIGNATURE},
        {"critical,timeStamping,codeSigning", ERR_SIGNATURE},
        {"critical,codeSigning", ERR_SIGNATURE},
        {"critical,anyExtendedKeyUsage", ERR_SIGNATURE},
        {NULL, ERR_SIGNATURE},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pki_cert c = {
            "x", T0, T_END, {{rows[i].value ? NID_ext_key_usage : 0, rows[i].value}}};
        struct pki_node n = pki_make(&c, &w->root);

        assert_int_equal(signer_cert_check_eku(n.cert, w->reason, sizeof w->reason), rows[i].e);
        pki_free(&n);
    }
}

static void key_usage_is_signing_alone(void **state)
{
    static const struct {
        const char *value;
        enum err e;
    } rows[] = {
        {"critical,digitalSignature", ERR_OK},
        {"nonRepudiation", ERR_OK},
        {"digitalSignature,nonRepudiation", ERR_OK},
        {NULL, ERR_OK},
        {"keyEncipherment", ERR_SIGNATURE},
        {"digitalSignature,keyCertSign", ERR_SIGNATURE},
    };
    struct world *w = *state;

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct pki_cert c = {
            "x", T0, T_END, {{rows[i].value ? NID_key_usage : 0, rows[i].value}}};
        struct pki_node n = pki_make(&c, &w->root);

        assert_int_equal(signer_cert_check_key_usage(n.cert, NOW, w->reason, sizeof w->reason),
                         rows[i].e);
        pki_free(&n);
    }
}

static void gen_time_is_inside_the_key_usage_period(void **state)
{
    struct world *w = *state;
    PKEY_USAGE_PERIOD *p = PKEY_USAGE_PERIOD_new();
    X509 *x = X509_dup(w->tsa.cert);

    p->notBefore = ASN1_GENERALIZEDTIME_set(NULL, NOW);
    p->notAfter = ASN1_GENERALIZEDTIME_set(NULL, NOW + DAY);
    assert_int_equal(X509_add1_ext_i2d(x, NID_private_key_usage_period, p, 0, 0), 1);
    assert_int_equal(signer_cert_check_key_usage(x, NOW - 1, w->reason, 64), ERR_SIGNATURE);
    assert_int_equal(signer_cert_check_key_usage(x, NOW, w->reason, 64), ERR_OK);
    assert_int_equal(signer_cert_check_key_usage(x, NOW + DAY, w->reason, 64), ERR_OK);
    assert_int_equal(signer_cert_check_key_usage(x, NOW + DAY + 1, w->reason, 64),
                     ERR_SIGNATURE);
    PKEY_USAGE_PERIOD_free(p);
    X509_free(x);
}

#define WORLD_TEST(f) cmocka_unit_test_setup_teardown(f, make, drop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        WORLD_TEST(needs_every_link),
        WORLD_TEST(takes_helpers_from_the_token),
        WORLD_TEST(an_anchor_need_not_sign_itself),
        WORLD_TEST(judges_at_the_instant_given),
        WORLD_TEST(an_unrelated_root_is_no_anchor),
        WORLD_TEST(needs_a_list_for_every_link),
        WORLD_TEST(a_list_must_reach_to_gen_time),
        WORLD_TEST(a_list_counts_only_with_its_issuers_signature),
        WORLD_TEST(reasons_decide_about_the_past),
        WORLD_TEST(a_revoked_authority_spoils_its_signer),
        WORLD_TEST(eku_is_critical_and_alone),
        WORLD_TEST(key_usage_is_signing_alone),
        WORLD_TEST(gen_time_is_inside_the_key_usage_period),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
