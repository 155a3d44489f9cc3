#include "parser_cases.h"
#include "sample_token.h"

#include "format/cms_attrs.h"
#include "format/multiple_signatures.h"

/* openssl dgst -verify holds these bytes to be signed by sample_signature. */
static const char golden[] =
    "3181f4301a06092a864886f70d010903310d060b2a864886f70d0109100104302806092a"
    "864886f70d010934311b3019300b0609608648016503040202a10a06082a8648ce3d0403"
    "03303f06092a864886f70d01090431320430ff3a2226ca7dc30fd12ea0aa553fb2971d82"
    "d615c3d2731cbecd1c26860dde92204fcd8e6f07e0716584809e2c1f14d5306b060b2a86"
    "4886f70d010910022f315c305a305830560420c9425395dc24d9cd07752e9bb295b1cc05"
    "c77c313740d3f4939585b71033d75f30323029a42730253111300f06035504030c085465"
    "7374205453413110300e060355040a0c0751756f72617465020500e1234567";

static void writes_the_golden_bytes(void **state)
{
    struct sample s;
    uint8_t want[SIGNED_ATTRS_MAX];

    (void)state;
    sample_make(&s);
    assert_true(view_equal(s.signed_attrs, hex_bytes(golden, want, sizeof want)));
}

/* Writes the attributes with an issuer of issuer_len bytes and reads them back; whether
 * signingCertificateV2 came last. */
static bool reads_back(enum sign_alg alg, size_t issuer_len)
{
    static uint8_t issuer[520];
    static const uint8_t digest[64] = {1, 2, 3};
    const struct view md = {digest, alg == SIGN_ECDSA_P384_SHA384 ? 48 : 64};
    const uint8_t cert_hash_byte = 0x5a;
    struct ess_cert_id_v2 cert = {.serial = {&cert_hash_byte, 1}};
    uint8_t buf[SIGNED_ATTRS_MAX];
    struct writer iw = wr_init(issuer, sizeof issuer);
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    struct cms_attrs a;

    memset(cert.cert_hash, cert_hash_byte, sizeof cert.cert_hash);
    der_head(&iw, DER_SEQUENCE, issuer_len - (issuer_len < 130 ? 2 : issuer_len < 259 ? 3 : 4));
    cert.issuer = (struct view){issuer, issuer_len};
    signed_attrs_write(&w, alg, md, &cert);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(cms_attrs_parse(out, &a), ERR_OK);
    assert_int_equal(a.flaws, 0); /* in DER's order above all */
    assert_int_equal(a.n_attrs, 4);
    assert_int_equal(a.n_unknown, 0);
    assert_int_equal(oid_find(a.content_type), OID_CT_TST_INFO);
    assert_true(view_equal(a.message_digest, md));
    assert_true(a.ess_v2.n_certs == 1 && a.ess_v1.n_certs == 0 && !a.has_signing_time);
    assert_true(a.ess_v2.hash.oid.n == 0 && a.ess_v2.has_issuer_serial);
    assert_true(view_equal(a.ess_v2.cert_hash, (struct view){cert.cert_hash, 32}));
    assert_true(view_equal(a.ess_v2.issuer, cert.issuer));
    assert_true(view_equal(a.ess_v2.serial, cert.serial));
    assert_true(a.has_protection);
    assert_true(a.protected_digest.params.n == 0 && a.protected_signature.params.n == 0);
    assert_int_equal(oid_find(a.protected_digest.oid),
                     alg == SIGN_ECDSA_P384_SHA384 ? OID_SHA384 : OID_SHA512);
    assert_int_equal(oid_find(a.protected_signature.oid),
                     alg == SIGN_ECDSA_P384_SHA384 ? OID_ECDSA_SHA384 : OID_ML_DSA_65);
    return a.ess_v2.cert_hash.p > a.message_digest.p;
}

static void order_is_ders_for_every_issuer(void **state)
{
    size_t cert_first = 0;

    (void)state;
    for (size_t n = 2; n <= 512; n++) {
        if (n == 130 || n == 259) { /* no element is so long with minimal lengths */
            continue;
        }
        assert_true(reads_back(SIGN_ECDSA_P384_SHA384, n));
        cert_first += reads_back(SIGN_ML_DSA_65, n) ? 0 : 1;
    }
    assert_true(cert_first > 0); /* a short issuer brings it before the 64-byte messageDigest */
}

static void a_digest_of_another_length_is_overflow(void **state)
{
    static const uint8_t digest[64];
    const struct ess_cert_id_v2 cert = {.issuer = sample_issuer(), .serial = sample_serial()};
    uint8_t buf[SIGNED_ATTRS_MAX];

    (void)state;
    for (size_t n = 0; n <= sizeof digest; n++) {
        struct writer w = wr_init(buf, sizeof buf);
        struct writer v = wr_init(buf, sizeof buf);

        signed_attrs_write(&w, SIGN_ECDSA_P384_SHA384, (struct view){digest, n}, &cert);
        assert_int_equal(w.full, n != 48);
        signed_attrs_write(&v, SIGN_ML_DSA_65, (struct view){digest, n}, &cert);
        assert_int_equal(v.full, n != 64);
    }
}

struct both {
    uint8_t issuers[2][520];
    uint8_t bytes[SIGN_ALG_COUNT][SIGNED_ATTRS_MAX];
    struct ess_cert_id_v2 certs[SIGN_ALG_COUNT];
    struct view attrs[SIGN_ALG_COUNT]; /* by enum sign_alg */
};

static const struct view some_tst_info = {(const uint8_t *)"0123", 4};

static void make_both(struct both *b, size_t issuer_len, size_t other_len)
{
    static const uint8_t serial = 7;
    const size_t lens[] = {issuer_len, other_len};

    for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
        struct writer iw = wr_init(b->issuers[i], sizeof b->issuers[i]);

        memset(b->certs[i].cert_hash, 0x40 + (int)i, sizeof b->certs[i].cert_hash);
        der_head(&iw, DER_SEQUENCE, lens[i] - (lens[i] < 130 ? 2 : lens[i] < 259 ? 3 : 4));
        b->certs[i].issuer = (struct view){b->issuers[i], lens[i]};
        b->certs[i].serial = (struct view){&serial, 1};
    }
    for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
        struct writer w = wr_init(b->bytes[i], sizeof b->bytes[i]);

        signed_attrs_write_dual(&w, (enum sign_alg)i, some_tst_info, b->certs);
        assert_int_equal(wr_finish(&w, &b->attrs[i]), ERR_OK);
    }
}

static const enum hash_alg md[] = {HASH_SHA384, HASH_SHA512};
static const enum oid_id md_oid[] = {OID_SHA384, OID_SHA512};
static const enum oid_id alg_oid[] = {OID_ECDSA_SHA384, OID_ML_DSA_65};

/* What the reader of RFC 5752 finds in the attributes of i is what it computes of the other's.
 */
static void link_is_right(const struct both *b, size_t i)
{
    const size_t other = 1 - i;
    struct multiple_signatures m;
    struct view value;
    struct view blank;
    struct view cert_hash;
    uint8_t room[SIGNED_ATTRS_MAX];
    uint8_t want[HASH_MAX];
    struct writer w = wr_init(room, sizeof room);
    struct reader r;
    struct reader seq;

    assert_int_equal(multiple_signatures_find(b->attrs[i], &value), ERR_OK);
    assert_int_equal(multiple_signatures_parse(value, &m), ERR_OK);
    assert_int_equal(oid_find(m.body_hash_alg.oid), md_oid[other]);
    assert_int_equal(oid_find(m.sign_alg.oid), alg_oid[other]);
    assert_int_equal(oid_find(m.hash_alg.oid), md_oid[i]);
    assert_true(m.body_hash_alg.params.n + m.sign_alg.params.n + m.hash_alg.params.n == 0);
    assert_int_equal(multiple_signatures_blank(&w, b->attrs[other]), ERR_OK);
    assert_int_equal(wr_finish(&w, &blank), ERR_OK);
    hash_once(md[i], blank, want);
    assert_true(view_equal(m.hash, (struct view){want, hash_len(md[i])}));
    r = rd_init(m.cert);
    assert_int_equal(der_enter(&r, DER_SEQUENCE, &seq), ERR_OK);
    assert_int_equal(der_read(&seq, DER_OCTETS, &cert_hash), ERR_OK);
    assert_int_equal(rd_finish(&seq), ERR_OK);
    assert_true(view_equal(cert_hash, (struct view){b->certs[other].cert_hash, 32}));
}

static void dual_attributes_name_one_another(void **state)
{
    struct both b;

    (void)state;
    for (size_t n = 2; n <= 512; n++) {
        if (n == 130 || n == 259) { /* no element is so long with minimal lengths */
            continue;
        }
        make_both(&b, n, n % 100 + 2);
        for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
            uint8_t digest[HASH_MAX];
            struct cms_attrs a;

            assert_int_equal(cms_attrs_parse(b.attrs[i], &a), ERR_OK);
            assert_int_equal(a.flaws, 0); /* in DER's order above all */
            assert_int_equal(a.n_attrs, 5);
            assert_true(view_equal(a.ess_v2.issuer, b.certs[i].issuer));
            hash_once(md[i], some_tst_info, digest);
            assert_true(view_equal(a.message_digest, (struct view){digest, hash_len(md[i])}));
            link_is_right(&b, i);
        }
    }
}

/* Of the names of sample_token.h; tests/interop/dual.sh has other code compute such bytes. */
static void dual_golden_bytes(void **state)
{
    static const char *const want[] = {
        "0c223359cfb39f5f3915ab3a91d3a0b24890bc493315080ef73628b3eb78108a",
        "91ee1983a2ffb22deb32d9570e8a4be25c5ec55e01a124daa43da6612ce6137a",
    };
    static const uint8_t hash_bytes[32] = {0xaa, 0xbb};
    const struct ess_cert_id_v2 cert = {.issuer = sample_issuer(), .serial = sample_serial()};
    struct ess_cert_id_v2 certs[] = {cert, cert};
    uint8_t buf[SIGNED_ATTRS_MAX];

    (void)state;
    memcpy(certs[SIGN_ECDSA_P384_SHA384].cert_hash, hash_bytes, sizeof hash_bytes);
    for (size_t i = 0; i < SIGN_ALG_COUNT; i++) {
        struct writer w = wr_init(buf, sizeof buf);
        uint8_t got[HASH_MAX];
        uint8_t bytes[32];
        struct view out;

        signed_attrs_write_dual(&w, (enum sign_alg)i, some_tst_info, certs);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        hash_once(HASH_SHA256, out, got);
        assert_true(
            view_equal((struct view){got, 32}, hex_bytes(want[i], bytes, sizeof bytes)));
    }
}

static void a_dual_one_that_does_not_fit_is_overflow(void **state)
{
    struct both b;
    uint8_t buf[SIGNED_ATTRS_MAX];

    (void)state;
    make_both(&b, 512, 512);
    for (size_t cap = 0; cap < b.attrs[1].n; cap++) {
        struct writer w = wr_init(buf, cap);

        signed_attrs_write_dual(&w, SIGN_ML_DSA_65, some_tst_info, b.certs);
        assert_true(w.full);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_the_golden_bytes),
        cmocka_unit_test(order_is_ders_for_every_issuer),
        cmocka_unit_test(a_digest_of_another_length_is_overflow),
        cmocka_unit_test(dual_attributes_name_one_another),
        cmocka_unit_test(dual_golden_bytes),
        cmocka_unit_test(a_dual_one_that_does_not_fit_is_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
