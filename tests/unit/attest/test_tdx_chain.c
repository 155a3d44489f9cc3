/* The certificates and lists of a quote and of its collateral: each thing that is wrong with
 * one is refused by its own name. */
#include "tdx_judge_kit.h"

struct of_cert {
    struct tdx_kit_cert *cert;
    enum attest_fault parse, name, issuer, ca, key, algorithm, signature, time;
};

#define OF_CERT(field, family)                                                                 \
    {                                                                                          \
        &k.field, ATTEST_TDX_##family##_PARSE, ATTEST_TDX_##family##_NAME,                     \
            ATTEST_TDX_##family##_ISSUER, ATTEST_TDX_##family##_CA, ATTEST_TDX_##family##_KEY, \
            ATTEST_TDX_##family##_ALGORITHM, ATTEST_TDX_##family##_SIGNATURE,                  \
            ATTEST_TDX_##family##_TIME                                                         \
    }

static const struct of_cert of_certs[] = {OF_CERT(ca, CA), OF_CERT(pck, PCK),
                                          OF_CERT(tcb, TCB_CERT), OF_CERT(qe_cert, QE_CERT)};

static void certificates_are_checked(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof of_certs / sizeof *of_certs; i++) {
        const struct of_cert *const f = &of_certs[i];
        struct tdx_kit_cert *const c = f->cert;

        fresh(false);
        c->spoil_outer = true;
        assert_int_equal(judge(), f->parse);
        fresh(false);
        c->critical = true;
        assert_int_equal(judge(), f->parse);
        fresh(false);
        c->subject = "Intel SGX";
        assert_int_equal(judge(), f->name);
        fresh(false);
        c->issuer = "Intel SGX Root CB";
        assert_int_equal(judge(), f->issuer);
        fresh(false);
        c->ca = !c->ca;
        assert_int_equal(judge(), f->ca);
        for (int spoil = TDX_KEY_CURVE; spoil < TDX_KEY_SPOILS; spoil++) {
            fresh(false);
            c->spoil_key = (enum tdx_kit_spoil_key)spoil;
            assert_int_equal(judge(), f->key);
        }
        fresh(false);
        c->off_curve = true;
        assert_int_equal(judge(), f->key);
        for (int spoil = TDX_ALG_OTHER; spoil < TDX_ALG_SPOILS; spoil++) {
            fresh(false);
            c->spoil_alg = (enum tdx_kit_spoil_alg)spoil;
            assert_int_equal(judge(), f->algorithm);
        }
        for (int spoil = TDX_SIG_NEGATIVE; spoil < TDX_SIG_SPOILS; spoil++) {
            fresh(false);
            c->spoil_sig = (enum tdx_kit_spoil_sig)spoil;
            assert_int_equal(judge(), f->signature);
        }
        fresh(false);
        c->by = TDX_KEY_OTHER;
        assert_int_equal(judge(), f->signature);
        fresh(false);
        c->from_s = at_s;
        c->until_s = at_s;
        assert_int_equal(judge(), ATTEST_OK);
        assert_true(claims.from_s == at_s && claims.until_s == at_s);
        fresh(false);
        c->from_s = at_s + 1;
        assert_int_equal(judge(), f->time);
        fresh(false);
        c->until_s = at_s - 1;
        assert_int_equal(judge(), f->time);
    }
}

static void the_root_is_checked(void **state)
{
    (void)state;
    fresh(false);
    k.root.spoil_outer = true;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_PARSE);
    fresh(false);
    k.root.key = TDX_KEY_OTHER;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_PIN);
    fresh(false);
    tdx_kit_make(&k, &made);
    made.root.pin[31] ^= 1;
    assert_int_equal(judge_made("version", "version"), ATTEST_TDX_ROOT_PIN);
    fresh(false);
    k.root.issuer = "Another";
    assert_int_equal(judge(), ATTEST_TDX_ROOT_ISSUER);
    fresh(false);
    k.root.ca = false;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_CA);
    for (size_t i = 0; i < 3; i++) {
        static const uint8_t usages[] = {0, CERT_KEY_CERT_SIGN, CERT_CRL_SIGN};

        fresh(false);
        k.root.usage = usages[i];
        assert_int_equal(judge(), ATTEST_TDX_ROOT_CA);
        fresh(false);
        k.ca.usage = usages[i];
        assert_int_equal(judge(), ATTEST_TDX_CA_CA);
    }
    fresh(false);
    k.root.spoil_alg = TDX_ALG_OTHER;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_ALGORITHM);
    fresh(false);
    k.root.by = TDX_KEY_OTHER;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_SIGNATURE);
    fresh(false);
    k.root.from_s = at_s + 1;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_TIME);
    fresh(false);
    k.root.until_s = at_s - 1;
    assert_int_equal(judge(), ATTEST_TDX_ROOT_TIME);
    fresh(false);
    k.ca.subject = "Intel SGX PCK Processor CA";
    k.pck.issuer = k.pck_crl.issuer = k.ca.subject;
    assert_int_equal(judge(), ATTEST_OK);
}

/* A key that is pinned and yet none of P-256. */
static void a_pinned_key_is_looked_at(void **state)
{
    struct cert c;

    (void)state;
    fresh(false);
    k.root.spoil_key = TDX_KEY_CURVE;
    tdx_kit_make(&k, &made);
    assert_int_equal(cert_parse(tdx_kit_cert(&k.root, &k, made.certs[4]), &c), ERR_OK);
    hash_once(HASH_SHA256, c.ids.spki, made.root.pin);
    assert_int_equal(judge_made("version", "version"), ATTEST_TDX_ROOT_KEY);
}

static void certificates_come_as_three(void **state)
{
    (void)state;
    fresh(false);
    k.no_root_pem = true;
    assert_int_equal(judge(), ATTEST_TDX_CHAIN_PEM);
    fresh(false);
    k.after_pem = "x";
    assert_int_equal(judge(), ATTEST_TDX_CHAIN_PEM);
    fresh(false);
    k.after_pem = " \r\n";
    assert_int_equal(judge(), ATTEST_OK);
    k.no_nul = true;
    assert_int_equal(judge(), ATTEST_OK);
    k.after_pem = "-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n";
    assert_int_equal(judge(), ATTEST_TDX_CHAIN_PEM);
    fresh(false);
    k.pck.pad = 1100; /* below TDX_CERT_MAX with what else it has */
    assert_int_equal(judge(), ATTEST_OK);
    k.pck.pad = TDX_CERT_MAX;
    assert_int_equal(judge(), ATTEST_TDX_CHAIN_PEM);
    fresh(false);
    k.tcb.pad = TDX_CERT_MAX;
    assert_int_equal(judge(), ATTEST_TDX_TCB_CERT_PARSE);
    fresh(false);
    k.qe_cert.pad = TDX_CERT_MAX;
    assert_int_equal(judge(), ATTEST_TDX_QE_CERT_PARSE);
}

static void platforms_are_told_whole(void **state)
{
    (void)state;
    for (uint8_t i = 1; i <= 4; i++) {
        fresh(false);
        k.spoil.left_out = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        fresh(false);
        k.spoil.twice = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        fresh(false);
        k.spoil.trail = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        if (i != 2) {
            fresh(false);
            k.spoil.short_one = i;
            assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        }
    }
    for (uint8_t i = 1; i <= 18; i++) {
        fresh(false);
        k.spoil.left_out_svn = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        fresh(false);
        k.spoil.twice_svn = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        fresh(false);
        k.spoil.long_svn = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
        fresh(false);
        k.spoil.trail_svn = i;
        assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
    }
    fresh(false);
    k.spoil.trail_outer = true;
    assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
    fresh(false);
    k.pck.pck = false;
    assert_int_equal(judge(), ATTEST_TDX_PCK_EXTENSION);
    fresh(false);
    k.spoil.unknown = true;
    assert_int_equal(judge(), ATTEST_OK);
}

/* A byte that changes is refused, or changes what is told of the platform. */
static void every_flip_of_the_extension_shows(void **state)
{
    struct tdx_pck good;
    struct tdx_pck other;
    struct cert c;

    (void)state;
    fresh(false);
    assert_int_equal(cert_parse(tdx_kit_cert(&k.pck, &k, made.certs[0]), &c), ERR_OK);
    assert_int_equal(tdx_pck_parse(&c, &good), ATTEST_OK);
    assert_memory_equal(&good, &k.platform, sizeof good);
    const size_t from = (size_t)(c.ids.extensions.p - made.certs[0]);

    /* The extension is the last of the list. */
    for (size_t i = from + c.ids.extensions.n - 445; i < from + c.ids.extensions.n; i++) {
        for (unsigned bit = 0; bit < 8; bit++) {
            made.certs[0][i] ^= (uint8_t)(1U << bit);
            if (tdx_pck_parse(&c, &other) == ATTEST_OK) {
                assert_memory_not_equal(&other, &good, sizeof good);
            }
            made.certs[0][i] ^= (uint8_t)(1U << bit);
        }
    }
}

/* ---- revocation ---- */

#define OF_LIST(field, family)                                                \
    {                                                                         \
        &k.field, ATTEST_TDX_##family##_PARSE, ATTEST_TDX_##family##_ISSUER,  \
            ATTEST_TDX_##family##_ALGORITHM, ATTEST_TDX_##family##_SIGNATURE, \
            ATTEST_TDX_##family##_TIME, ATTEST_TDX_##family##_REVOKED         \
    }

static void lists_are_checked(void **state)
{
    static const struct {
        struct tdx_kit_crl *crl;
        enum attest_fault parse, issuer, algorithm, signature, time, revoked;
    } lists[] = {OF_LIST(root_crl, ROOT_CRL), OF_LIST(pck_crl, PCK_CRL)};

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct tdx_kit_crl *const c = lists[i].crl;

        fresh(false);
        c->spoil_outer = true;
        assert_int_equal(judge(), lists[i].parse);
        fresh(false);
        c->pad = TDX_CRL_MAX - 1024;
        assert_int_equal(judge(), ATTEST_OK);
        c->pad = TDX_CRL_MAX;
        assert_int_equal(judge(), lists[i].parse);
        fresh(false);
        c->issuer = "Another";
        assert_int_equal(judge(), lists[i].issuer);
        fresh(false);
        c->spoil_alg = TDX_ALG_OTHER;
        assert_int_equal(judge(), lists[i].algorithm);
        fresh(false);
        c->by = TDX_KEY_OTHER;
        assert_int_equal(judge(), lists[i].signature);
        fresh(false);
        c->until_s = 0;
        assert_int_equal(judge(), lists[i].time);
        fresh(false);
        c->until_s = at_s - 1;
        assert_int_equal(judge(), lists[i].time);
        fresh(false);
        c->from_s = at_s + 1;
        assert_int_equal(judge(), lists[i].time);
        fresh(false);
        c->revoked = i == 0 ? k.ca.serial : k.pck.serial;
        assert_int_equal(judge(), lists[i].revoked);
        tdx_kit_make(&k, &made);
        *(i == 0 ? &made.ev.collateral.root_crl : &made.ev.collateral.pck_crl) =
            (struct view){NULL, 0};
        assert_int_equal(judge_made("version", "version"), lists[i].parse);
    }
    fresh(false);
    k.root_crl.revoked = k.tcb.serial;
    assert_int_equal(judge(), ATTEST_TDX_TCB_CERT_REVOKED);
    k.root_crl.revoked = k.qe_cert.serial;
    assert_int_equal(judge(), ATTEST_TDX_QE_CERT_REVOKED);
}

/* What failed leaves nothing behind. */
static void nothing_is_left_of_what_is_refused(void **state)
{
    static const struct tdx_chain zero;
    static const uint8_t no_key[P256_PUBLIC_LEN];
    static struct tdx_chain c;
    struct tdx_quote q;
    struct tdx_roots roots = {&made.root, 1};
    uint8_t key[P256_PUBLIC_LEN];

    (void)state;
    fresh(false);
    k.spoil.left_out = 4;
    tdx_kit_make(&k, &made);
    assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_OK);
    assert_int_equal(tdx_chain_verify(q.pck_chain, &roots, at_s, &c), ATTEST_TDX_PCK_EXTENSION);
    assert_memory_equal(&c, &zero, sizeof c);
    fresh(false);
    k.root_crl.revoked = k.tcb.serial;
    tdx_kit_make(&k, &made);
    assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_OK);
    assert_int_equal(tdx_chain_verify(q.pck_chain, &roots, at_s, &c), ATTEST_OK);
    assert_int_equal(tdx_chain_signer(&c, TDX_SIGNS_TCB_INFO, made.ev.collateral.tcb_info_chain,
                                      made.ev.collateral.root_crl, at_s, key),
                     ATTEST_TDX_TCB_CERT_REVOKED);
    assert_memory_equal(key, no_key, sizeof key);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(certificates_are_checked),
        cmocka_unit_test(the_root_is_checked),
        cmocka_unit_test(a_pinned_key_is_looked_at),
        cmocka_unit_test(certificates_come_as_three),
        cmocka_unit_test(platforms_are_told_whole),
        cmocka_unit_test(every_flip_of_the_extension_shows),
        cmocka_unit_test(lists_are_checked),
        cmocka_unit_test(nothing_is_left_of_what_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
