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

/* ---- lists with one thing wrong, written byte by byte ---- */

enum wrong {
    WRONG_NOTHING = 0,
    WRONG_ENTRY,            /* no SEQUENCE */
    WRONG_ENTRY_SERIAL,     /* not minimal */
    WRONG_ENTRY_DATE,       /* of month 13 */
    WRONG_ENTRY_CRITICAL,   /* an extension */
    WRONG_ENTRY_EXTENSION,  /* one that is none */
    WRONG_ENTRY_EXTENSIONS, /* no SEQUENCE of them */
    WRONG_ENTRY_MORE,       /* something behind them */
    WRONG_VERSION,          /* not minimal */
    WRONG_VERSION_0,        /* version 1, which is not written */
    WRONG_INNER_ALG,        /* no SEQUENCE */
    WRONG_INNER_OTHER,      /* another algorithm */
    WRONG_ISSUER,           /* no SEQUENCE */
    WRONG_THIS,             /* of month 13 */
    WRONG_NEXT,             /* likewise */
    WRONG_CRITICAL,         /* an extension of the list */
    WRONG_EXTENSION,        /* one that is none */
    WRONG_EXTENSIONS,       /* no SEQUENCE of them */
    WRONG_EXTENSIONS_MORE,  /* something behind them */
    WRONG_TBS,              /* no SEQUENCE */
    WRONG_TBS_MORE,         /* something behind its last */
    WRONG_ALG,              /* no SEQUENCE */
    WRONG_BITS,             /* no BIT STRING */
    WRONG_MORE,             /* something behind the signature */
    WRONG_TOP,              /* no SEQUENCE */
    WRONG_COUNT,
};

static void put(struct writer *w, enum der_tag tag, const char *bytes, size_t n)
{
    der_write(w, tag, (struct view){(const uint8_t *)bytes, n});
}

static enum der_tag seq_unless(bool wrong)
{
    return wrong ? DER_SET : DER_SEQUENCE;
}

static void put_date(struct writer *w, bool wrong)
{
    put(w, DER_UTC_TIME, wrong ? "261301000000Z" : "260101000000Z", 13);
}

static void put_alg(struct writer *w, bool other, bool no_sequence)
{
    const size_t seq = der_begin(w, seq_unless(no_sequence));

    put(w, DER_OID, other ? "\x2a\x03" : "\x2a\x04", 2);
    der_end(w, seq);
}

static void put_extensions(struct writer *w, bool no_sequence, bool critical, bool none)
{
    const size_t list = der_begin(w, seq_unless(no_sequence));
    const size_t x = der_begin(w, seq_unless(none));

    put(w, DER_OID, "\x2a\x05", 2);
    if (critical) {
        put(w, DER_BOOLEAN, "\xff", 1);
    }
    put(w, DER_OCTETS, "\x05\x00", 2);
    der_end(w, x);
    der_end(w, list);
}

static void put_entry(struct writer *w, enum wrong wrong)
{
    const size_t entry = der_begin(w, seq_unless(wrong == WRONG_ENTRY));

    put(w, DER_INTEGER, wrong == WRONG_ENTRY_SERIAL ? "\0\7" : "\7",
        wrong == WRONG_ENTRY_SERIAL ? 2 : 1);
    put_date(w, wrong == WRONG_ENTRY_DATE);
    put_extensions(w, wrong == WRONG_ENTRY_EXTENSIONS, wrong == WRONG_ENTRY_CRITICAL,
                   wrong == WRONG_ENTRY_EXTENSION);
    if (wrong == WRONG_ENTRY_MORE) {
        put(w, DER_NULL, "", 0);
    }
    der_end(w, entry);
}

static void put_tbs(struct writer *w, enum wrong wrong)
{
    const size_t tbs = der_begin(w, seq_unless(wrong == WRONG_TBS));

    if (wrong == WRONG_VERSION) {
        put(w, DER_INTEGER, "\0\1", 2);
    } else {
        put(w, DER_INTEGER, wrong == WRONG_VERSION_0 ? "\0" : "\1", 1);
    }
    put_alg(w, wrong == WRONG_INNER_OTHER, wrong == WRONG_INNER_ALG);
    put(w, seq_unless(wrong == WRONG_ISSUER), "", 0);
    put_date(w, wrong == WRONG_THIS);
    put_date(w, wrong == WRONG_NEXT);
    const size_t list = der_begin(w, DER_SEQUENCE);

    put_entry(w, WRONG_NOTHING);
    put_entry(w, wrong);
    put_entry(w, WRONG_NOTHING);
    der_end(w, list);
    const size_t explicit_0 = der_begin(w, DER_CONTEXT_0);

    put_extensions(w, wrong == WRONG_EXTENSIONS, wrong == WRONG_CRITICAL,
                   wrong == WRONG_EXTENSION);
    if (wrong == WRONG_EXTENSIONS_MORE) {
        put(w, DER_NULL, "", 0);
    }
    der_end(w, explicit_0);
    if (wrong == WRONG_TBS_MORE) {
        put(w, DER_NULL, "", 0);
    }
    der_end(w, tbs);
}

static void one_wrong_thing_is_enough(void **state)
{
    (void)state;
    for (int wrong = WRONG_NOTHING; wrong < WRONG_COUNT; wrong++) {
        uint8_t der[512];
        struct writer w = wr_init(der, sizeof der);
        struct view v;
        const size_t top = der_begin(&w, seq_unless(wrong == WRONG_TOP));

        put_tbs(&w, (enum wrong)wrong);
        put_alg(&w, false, wrong == WRONG_ALG);
        put(&w, wrong == WRONG_BITS ? DER_OCTETS : DER_BIT_STRING, "\0\1", 2);
        if (wrong == WRONG_MORE) {
            put(&w, DER_NULL, "", 0);
        }
        der_end(&w, top);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        const enum err e = parse_copy(parse, v.p, v.n);

        if ((e == ERR_OK) != (wrong == WRONG_NOTHING)) {
            fail_msg("%d: %s", wrong, err_name(e));
        }
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

/* Entries that crl_parse() never read: everything is revoked. */
static void bytes_that_are_no_entries_revoke(void **state)
{
    static const uint8_t empty[] = {0x30, 0x00};
    const struct crl c = {.revoked = {empty, sizeof empty}};

    (void)state;
    assert_true(crl_revokes(&c, (struct view){(const uint8_t *)"\x12\x34", 2}));
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
        cmocka_unit_test(lists_are_read),
        cmocka_unit_test(parts_and_flips_are_survived),
        cmocka_unit_test(odd_lists_are_refused),
        cmocka_unit_test(bytes_that_are_no_entries_revoke),
        cmocka_unit_test(empty_signatures_are_refused),
        cmocka_unit_test(one_wrong_thing_is_enough),
        cmocka_unit_test(openssl_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
