/* Revocation lists, made here and by OpenSSL: what is read of them, and what is refused. */
#include "parser_cases.h"
#include "snp_chain_kit.h"

#include "format/crl_parse.h"

static enum err parse(struct view in)
{
    struct crl c;
    const enum err e = crl_parse(in, &c);

    assert_true(e == ERR_OK || c.tbs.n + c.issuer.n + c.revoked.n + c.signature.n == 0);
    return e;
}

static void lists_are_read(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    const struct snp_kit_crl list = snp_kit_list();
    struct crl c;

    (void)state;
    assert_int_equal(crl_parse(snp_kit_crl(&list, der), &c), ERR_OK);
    assert_true(c.this_update.s == list.from_s && c.next_update.s == list.until_s);
    assert_true(c.has_next_update);
    assert_int_equal(oid_find(c.alg.oid), OID_RSA_PSS);
    assert_int_equal(c.signature.n, RSA_PSS_4096_LEN);
    for (unsigned s = 0; s < 256; s++) {
        const uint8_t serial = (uint8_t)s;

        assert_int_equal(crl_revokes(&c, (struct view){&serial, 1}), s == 9 || s == 7);
    }
    assert_false(crl_revokes(&c, (struct view){(const uint8_t *)"\x00\x09", 2}));
}

static void parts_and_flips_are_survived(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    const struct snp_kit_crl list = snp_kit_list();
    const struct view good = snp_kit_crl(&list, der);

    (void)state;
    refuses_every_prefix_of(parse, good);
    refuses_a_byte_after(parse, good);
    (void)survives_every_flip_of(parse, good);
}

static void odd_lists_are_refused(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    struct snp_kit_crl list = snp_kit_list();
    struct view v;

    (void)state;
    list.critical = true;
    assert_int_equal(parse(snp_kit_crl(&list, der)), ERR_EXTENSION);
    list = snp_kit_list();
    v = snp_kit_crl(&list, der);
    der[9] = 2; /* version 3: 30 82 .. .. 30 81 .. 02 01 xx */
    assert_int_equal(parse(v), ERR_VERSION);
    v = snp_kit_crl(&list, der);
    der[v.n - RSA_PSS_4096_LEN - 1] = 1; /* unused bits */
    assert_int_equal(parse(v), ERR_RANGE);
    v = snp_kit_crl(&list, der);
    der[v.n - RSA_PSS_4096_LEN - 5 - 1] = 2; /* trailer, outside of what is signed */
    assert_int_equal(parse(v), ERR_MISMATCH);
    list.more = true;
    assert_int_equal(parse(snp_kit_crl(&list, der)), ERR_TRAILING);
    list = snp_kit_list();
    list.until_s = 0;
    list.n_revoked = 0;
    assert_int_equal(parse(snp_kit_crl(&list, der)), ERR_OK);
}

/* BIT STRINGs that hold no signature: without a byte, and with none but that of unused bits. */
static void empty_signatures_are_refused(void **state)
{
    static uint8_t der[SNP_KIT_DER_MAX];
    static uint8_t cut[SNP_KIT_DER_MAX];
    const struct snp_kit_crl list = snp_kit_list();
    struct crl c;

    (void)state;
    assert_int_equal(crl_parse(snp_kit_crl(&list, der), &c), ERR_OK);
    for (size_t n = 0; n < 3; n++) {
        struct writer w = wr_init(cut, sizeof cut);
        struct view v;
        const size_t mark = der_begin(&w, DER_SEQUENCE);

        wr_view(&w, c.tbs);
        snp_kit_alg(&w, list.pss);
        der_write(&w, DER_BIT_STRING, (struct view){(const uint8_t *)"\0\0", n});
        der_end(&w, mark);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        assert_int_equal(parse_copy(parse, v.p, v.n), n < 2 ? ERR_RANGE : ERR_OK);
    }
}

static X509_REVOKED *entry(long serial)
{
    X509_REVOKED *r = X509_REVOKED_new();
    ASN1_INTEGER *n = ASN1_INTEGER_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, 1700000000);
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();

    assert_int_equal(ASN1_INTEGER_set(n, serial), 1);
    assert_int_equal(X509_REVOKED_set_serialNumber(r, n), 1);
    assert_int_equal(X509_REVOKED_set_revocationDate(r, t), 1);
    assert_int_equal(ASN1_ENUMERATED_set(reason, CRL_REASON_SUPERSEDED), 1);
    assert_int_equal(X509_REVOKED_add1_ext_i2d(r, NID_crl_reason, reason, 0, 0), 1);
    ASN1_ENUMERATED_free(reason);
    ASN1_TIME_free(t);
    ASN1_INTEGER_free(n);
    return r;
}

/* version: 0 is version 1, which is not written. */
static void openssl_writes_version(long version)
{
    X509_CRL *x = X509_CRL_new();
    X509_NAME *name = X509_NAME_new();
    ASN1_TIME *t = ASN1_TIME_set(NULL, 1700000000);
    uint8_t *der = NULL;
    struct crl c;

    assert_true(version == 0 || X509_CRL_set_version(x, version) == 1);
    assert_int_equal(X509_CRL_set_issuer_name(x, name), 1);
    assert_int_equal(X509_CRL_set1_lastUpdate(x, t), 1);
    assert_int_equal(X509_CRL_add0_revoked(x, entry(0x1234)), 1);
    assert_int_equal(X509_CRL_add0_revoked(x, entry(200)), 1);
    assert_true(X509_CRL_sign(x, snp_kit_rsa(SNP_KIT_RSA_ARK), EVP_sha256()) > 0);
    const int n = i2d_X509_CRL(x, &der);

    assert_true(n > 0);
    assert_int_equal(crl_parse((struct view){der, (size_t)n}, &c), ERR_OK);
    assert_false(c.has_next_update);
    assert_true(c.this_update.s == 1700000000);
    assert_true(crl_revokes(&c, (struct view){(const uint8_t *)"\x12\x34", 2}));
    assert_true(crl_revokes(&c, (struct view){(const uint8_t *)"\x00\xc8", 2}));
    assert_false(crl_revokes(&c, (struct view){(const uint8_t *)"\x12\x35", 2}));
    OPENSSL_free(der);
    ASN1_TIME_free(t);
    X509_NAME_free(name);
    X509_CRL_free(x);
}

static void openssl_writes(void **state)
{
    (void)state;
    openssl_writes_version(0);
    openssl_writes_version(1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lists_are_read),        cmocka_unit_test(parts_and_flips_are_survived),
        cmocka_unit_test(odd_lists_are_refused), cmocka_unit_test(empty_signatures_are_refused),
        cmocka_unit_test(openssl_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
