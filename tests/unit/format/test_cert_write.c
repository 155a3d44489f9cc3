#include "openssl_evp.h"
#include "parser_cases.h"

#include "crypto/mldsa/mldsa.h"
#include "format/cert_parse.h"
#include "format/mldsa_pkcs8.h"

#include <openssl/x509v3.h>

/* A certificate of ML-DSA-65 under its own key, written, read back, and read by OpenSSL. */

#define BEGIN_S INT64_C(1767225600) /* 2026-01-01 */
#define END_S INT64_C(2556144000)   /* 2051-01-01: GeneralizedTime */

static uint8_t made[8192];
static struct view made_cert;
static struct mldsa_private_key private_key;
static struct mldsa_public_key public_key;
static struct mldsa_key_scratch key_scratch;
static struct mldsa_sign_scratch sign_scratch;
static struct mldsa_verify_scratch verify_scratch;
static uint8_t pk[MLDSA_PK_MAX];

struct values {
    uint8_t bytes[6][64];
    struct extension list[6];
    size_t n;
};

static void add(struct values *v, enum oid_id type, bool critical, const struct writer *w)
{
    assert_false(w->full);
    v->list[v->n++] = (struct extension){oid_body(type), critical, {w->p, w->len}};
}

static struct writer room(struct values *v)
{
    return wr_init(v->bytes[v->n], sizeof v->bytes[v->n]);
}

static void fill(struct values *v)
{
    static const uint8_t id[] = {1, 2, 3, 4};
    struct writer w = room(v);

    cert_write_basic_constraints(&w, true, 0);
    add(v, OID_BASIC_CONSTRAINTS, true, &w);
    w = room(v);
    cert_write_key_usage(&w, CERT_DIGITAL_SIGNATURE | CERT_KEY_CERT_SIGN);
    add(v, OID_KEY_USAGE, true, &w);
    w = room(v);
    cert_write_time_stamping(&w);
    add(v, OID_EXT_KEY_USAGE, true, &w);
    w = room(v);
    cert_write_ski(&w, (struct view){id, sizeof id});
    add(v, OID_SUBJECT_KEY_ID, false, &w);
    w = room(v);
    cert_write_aki(&w, (struct view){id, sizeof id});
    add(v, OID_AUTHORITY_KEY_ID, false, &w);
    w = room(v);
    cert_write_usage_period(&w, BEGIN_S, BEGIN_S + 86400);
    add(v, OID_PRIVATE_KEY_USAGE_PERIOD, false, &w);
}

static struct view name_of(uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);
    struct view name;

    cert_write_name(&w, (struct view){(const uint8_t *)"Test", 4});
    assert_int_equal(wr_finish(&w, &name), ERR_OK);
    return name;
}

static struct view spki_of(uint8_t *out, size_t cap)
{
    struct writer w = wr_init(out, cap);
    struct view spki;

    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, (struct view){pk, mldsa_65.pk_len}),
                     ERR_OK);
    assert_int_equal(wr_finish(&w, &spki), ERR_OK);
    return spki;
}

static int make(void **state)
{
    static const uint8_t seed[MLDSA_SEED_LEN] = {7};
    static const uint8_t serial[] = {0x80, 1};
    static uint8_t name[64];
    static uint8_t spki[2048];
    static uint8_t tbs_room[4096];
    static uint8_t sig[MLDSA_SIG_MAX];
    struct values v = {.n = 0};
    struct view tbs;
    struct writer w = wr_init(tbs_room, sizeof tbs_room);

    (void)state;
    mldsa_keygen(mldsa_best(), &mldsa_65, seed, &key_scratch, &private_key, pk, NULL);
    fill(&v);
    const struct cert_fields f = {
        .alg = SIGN_ML_DSA_65,
        .serial = {serial, sizeof serial},
        .issuer = name_of(name, sizeof name),
        .subject = name_of(name, sizeof name),
        .not_before_s = BEGIN_S,
        .not_after_s = END_S,
        .spki = spki_of(spki, sizeof spki),
        .extensions = v.list,
        .n_extensions = v.n,
    };

    cert_write_tbs(&w, &f);
    assert_int_equal(wr_finish(&w, &tbs), ERR_OK);
    assert_int_equal(
        mldsa_sign(&private_key, (struct view){NULL, 0}, tbs, seed, &sign_scratch, sig),
        ERR_OK);
    w = wr_init(made, sizeof made);
    cert_write(&w, tbs, SIGN_ML_DSA_65, (struct view){sig, mldsa_65.sig_len});
    assert_int_equal(wr_finish(&w, &made_cert), ERR_OK);
    return 0;
}

static void reads_back(void **state)
{
    const struct mldsa_params *params;
    struct cert c;

    (void)state;
    assert_int_equal(cert_parse(made_cert, &c), ERR_OK);
    assert_int_equal(cert_ml_dsa_key(&c.ids, &params), ERR_OK);
    assert_ptr_equal(params, &mldsa_65);
    assert_int_equal(cert_ml_dsa_signature(&c.ids, &params), ERR_OK);
    assert_ptr_equal(params, &mldsa_65);
    assert_true(c.ca && c.has_path_len && c.path_len == 0 && c.tsa && c.may_time_stamp);
    assert_true(c.has_key_usage &&
                c.key_usage == (CERT_DIGITAL_SIGNATURE | CERT_KEY_CERT_SIGN));
    assert_true(c.has_usage_begin && c.usage_begin_s == BEGIN_S);
    assert_true(c.has_usage_end && c.usage_end_s == BEGIN_S + 86400);
    assert_true(c.ids.not_before.s == BEGIN_S && c.ids.not_after.s == END_S);
    assert_int_equal(c.ids.serial.n, 3); /* a zero keeps it positive */
    assert_int_equal(cert_ids_ski(&c.ids).n, 4);
    assert_int_equal(mldsa_public_key_parse(mldsa_best(), &mldsa_65, c.ids.public_key,
                                            &key_scratch, &public_key),
                     ERR_OK);
    assert_int_equal(mldsa_verify(&public_key, (struct view){NULL, 0}, c.ids.tbs,
                                  c.ids.signature, &verify_scratch),
                     ERR_OK);
}

static void openssl_reads_it(void **state)
{
    const uint8_t *p = made_cert.p;
    X509 *x = d2i_X509(NULL, &p, (long)made_cert.n);
    uint8_t *out = NULL;

    (void)state;
    assert_non_null(x);
    assert_int_equal(X509_check_ca(x), 1);
    assert_int_equal(X509_get_key_usage(x), KU_DIGITAL_SIGNATURE | KU_KEY_CERT_SIGN);
    assert_int_equal(X509_get_extended_key_usage(x), XKU_TIMESTAMP);
    const int n = i2d_X509(x, &out);

    assert_true(n > 0 && (size_t)n == made_cert.n);
    assert_memory_equal(out, made_cert.p, made_cert.n);
    OPENSSL_free(out);
    X509_free(x);
}

static enum err parse(struct view in)
{
    static const struct cert zero;
    struct cert c;
    const enum err e = cert_parse(in, &c);

    if (e != ERR_OK) {
        assert_memory_equal(&c, &zero, sizeof c);
    }
    return e;
}

static void prefixes_and_flips(void **state)
{
    (void)state;
    refuses_a_byte_after(parse, made_cert);
    for (size_t n = 0; n < made_cert.n; n += n < 64 ? 1 : 61) {
        assert_int_not_equal(parse((struct view){made_cert.p, n}), ERR_OK);
    }
}

/* A certificate with these extensions; *c stays in use until the next. */
static enum err parse_into(const struct extension *list, size_t n, struct cert *c)
{
    static uint8_t tbs_room[4096];
    static uint8_t cert_room[4096];
    static uint8_t name[64];
    static uint8_t spki[2048];
    static const uint8_t serial[] = {1};
    struct writer w = wr_init(tbs_room, sizeof tbs_room);
    struct view tbs;
    struct view cert;
    const struct mldsa_params *params;
    const struct cert_fields f = {
        .alg = SIGN_ECDSA_P384_SHA384,
        .serial = {serial, 1},
        .issuer = name_of(name, sizeof name),
        .subject = name_of(name, sizeof name),
        .not_before_s = BEGIN_S,
        .not_after_s = END_S,
        .spki = spki_of(spki, sizeof spki),
        .extensions = list,
        .n_extensions = n,
    };

    cert_write_tbs(&w, &f);
    assert_int_equal(wr_finish(&w, &tbs), ERR_OK);
    w = wr_init(cert_room, sizeof cert_room);
    cert_write(&w, tbs, SIGN_ECDSA_P384_SHA384, (struct view){serial, 1});
    assert_int_equal(wr_finish(&w, &cert), ERR_OK);
    const enum err e = cert_parse(cert, c);

    assert_int_equal(cert_ml_dsa_signature(&c->ids, &params), ERR_BAD_ALG);
    assert_null(params);
    return e;
}

static enum err parse_extended(const struct extension *list, size_t n)
{
    struct cert c;

    return parse_into(list, n, &c);
}

static enum err parse_one(enum oid_id type, struct view value)
{
    const struct extension x = {oid_body(type), true, value};

    return parse_extended(&x, 1);
}

#define PARSE(type, ...)                                          \
    parse_one(type, (struct view){(const uint8_t[]){__VA_ARGS__}, \
                                  sizeof((const uint8_t[]){__VA_ARGS__})})

static void refuses_malformed_values(void **state)
{
    (void)state;
    assert_int_equal(PARSE(OID_KEY_USAGE, 3, 2, 7, 0x80), ERR_OK);
    assert_int_equal(PARSE(OID_KEY_USAGE, 3, 1, 0), ERR_ENCODING);
    assert_int_equal(PARSE(OID_KEY_USAGE, 3, 2, 8, 0x80), ERR_ENCODING);
    assert_int_equal(PARSE(OID_KEY_USAGE, 3, 4, 7, 0, 0, 0x80), ERR_ENCODING);
    assert_int_equal(PARSE(OID_KEY_USAGE, 3, 2, 7, 0x80, 0), ERR_TRAILING);
    assert_int_equal(PARSE(OID_BASIC_CONSTRAINTS, 0x30, 6, 1, 1, 255, 2, 1, 127), ERR_OK);
    assert_int_equal(PARSE(OID_BASIC_CONSTRAINTS, 0x30, 7, 1, 1, 255, 2, 2, 0, 128), ERR_RANGE);
    assert_int_equal(PARSE(OID_BASIC_CONSTRAINTS, 0x30, 6, 1, 1, 255, 2, 1, 255), ERR_RANGE);
    assert_int_equal(PARSE(OID_BASIC_CONSTRAINTS, 0x30, 3, 1, 1, 255, 0), ERR_TRAILING);
    assert_int_equal(PARSE(OID_BASIC_CONSTRAINTS, 0x30, 5, 1, 1, 255, 5, 0), ERR_TRAILING);
    assert_int_equal(PARSE(OID_EXT_KEY_USAGE, 0x30, 3, 6, 1, 0x2a, 0), ERR_TRAILING);
    assert_int_equal(PARSE(OID_PRIVATE_KEY_USAGE_PERIOD, 0x30, 0), ERR_OK);
    assert_int_equal(PARSE(OID_PRIVATE_KEY_USAGE_PERIOD, 0x30, 0, 0), ERR_TRAILING);
    assert_int_equal(PARSE(OID_PRIVATE_KEY_USAGE_PERIOD, 0x30, 2, 5, 0), ERR_TRAILING);
}

/* RFC 3161 2.3: critical, and timeStamping alone. */
static void tells_who_may_time_stamp(void **state)
{
    static const uint8_t tsa[] = {0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 8};
    static const uint8_t two[] = {0x30, 20, 6, 8,    0x2b, 6, 1, 5, 5, 7, 3,
                                  8,    6,  8, 0x2b, 6,    1, 5, 5, 7, 3, 1};
    static const uint8_t server[] = {0x30, 10, 6, 8, 0x2b, 6, 1, 5, 5, 7, 3, 1};
    struct extension x = {oid_body(OID_EXT_KEY_USAGE), true, {tsa, sizeof tsa}};
    struct cert c;

    (void)state;
    assert_int_equal(parse_into(&x, 1, &c), ERR_OK);
    assert_true(c.has_ext_key_usage && c.tsa && c.may_time_stamp);
    x.critical = false;
    assert_int_equal(parse_into(&x, 1, &c), ERR_OK);
    assert_true(c.has_ext_key_usage && !c.tsa && c.may_time_stamp);
    x = (struct extension){oid_body(OID_EXT_KEY_USAGE), true, {two, sizeof two}};
    assert_int_equal(parse_into(&x, 1, &c), ERR_OK);
    assert_true(!c.tsa && c.may_time_stamp);
    x.value = (struct view){server, sizeof server};
    assert_int_equal(parse_into(&x, 1, &c), ERR_OK);
    assert_true(!c.tsa && !c.may_time_stamp);
    assert_int_equal(parse_into(NULL, 0, &c), ERR_OK);
    assert_true(!c.has_ext_key_usage && !c.tsa && c.may_time_stamp);
}

static void extensions_are_bounded(void **state)
{
    static uint8_t types[CERT_PARSE_EXTENSIONS_MAX + 1][2];
    struct extension list[CERT_PARSE_EXTENSIONS_MAX + 1];

    (void)state;
    for (uint8_t i = 0; i <= CERT_PARSE_EXTENSIONS_MAX; i++) {
        types[i][0] = 0x2a;
        types[i][1] = i;
        list[i] = (struct extension){{types[i], 2}, false, {types[i], 2}};
    }
    assert_int_equal(parse_extended(list, CERT_PARSE_EXTENSIONS_MAX), ERR_OK);
    assert_int_equal(parse_extended(list, CERT_PARSE_EXTENSIONS_MAX + 1), ERR_RANGE);
}

static void is_of_version_3(void **state)
{
    static const uint8_t version[] = {0xa0, 3, 2, 1, 2};
    static uint8_t bytes[sizeof made];

    (void)state;
    memcpy(bytes, made_cert.p, made_cert.n);
    uint8_t *at = memmem(bytes, made_cert.n, version, sizeof version);

    assert_non_null(at);
    at[4] = 1;
    assert_int_equal(parse((struct view){bytes, made_cert.n}), ERR_VERSION);
}

static void refuses_bad_extensions(void **state)
{
    static const uint8_t empty_sequence[] = {0x30, 0x00};
    const struct view empty = {empty_sequence, 2};
    const struct extension unknown = {oid_body(OID_QTST_STATEMENT), true, empty};
    const struct extension harmless = {oid_body(OID_QTST_STATEMENT), false, empty};
    const struct extension other_name = {oid_body(OID_SUBJECT_ALT_NAME), true, empty};
    const struct extension twice[] = {harmless, harmless};
    const struct extension no_purpose = {oid_body(OID_EXT_KEY_USAGE), true, empty};
    const struct extension no_bits = {oid_body(OID_KEY_USAGE), true, empty};
    const struct extension plain = {oid_body(OID_BASIC_CONSTRAINTS), true, empty};

    (void)state;
    assert_int_equal(parse_extended(&unknown, 1), ERR_EXTENSION);
    assert_int_equal(parse_extended(&harmless, 1), ERR_OK);
    assert_int_equal(parse_extended(&other_name, 1), ERR_OK);
    assert_int_equal(parse_extended(twice, 2), ERR_RANGE);
    assert_int_equal(parse_extended(&no_purpose, 1), ERR_TRUNCATED);
    assert_int_equal(parse_extended(&no_bits, 1), ERR_TAG);
    assert_int_equal(parse_extended(&plain, 1), ERR_OK);
    assert_int_equal(parse_extended(NULL, 0), ERR_OK);
}

static void refuses_what_does_not_fit(void **state)
{
    uint8_t out[16];
    struct writer w = wr_init(out, sizeof out);

    (void)state;
    assert_int_equal(cert_write_spki(&w, SIGN_ML_DSA_65, (struct view){pk, 1951}), ERR_LENGTH);
    assert_int_equal(cert_write_spki(&w, SIGN_ECDSA_P384_SHA384, (struct view){pk, 96}),
                     ERR_LENGTH);
    assert_int_equal(w.len, 0);
    cert_write_usage_period(&w, -1, 0);
    assert_true(w.full);
}

/* Lengths and parameters that are none: each has its own error. */
static void ml_dsa_algorithms(void **state)
{
    static const uint8_t null[] = {5, 0};
    const struct mldsa_params *params;
    struct cert c;

    (void)state;
    assert_int_equal(cert_parse(made_cert, &c), ERR_OK);
    c.ids.public_key.n--;
    c.ids.signature.n--;
    assert_int_equal(cert_ml_dsa_key(&c.ids, &params), ERR_LENGTH);
    assert_null(params);
    assert_int_equal(cert_ml_dsa_signature(&c.ids, &params), ERR_LENGTH);
    c.ids.key_alg.params = (struct view){null, sizeof null};
    c.ids.signature_alg.params = (struct view){null, sizeof null};
    assert_int_equal(cert_ml_dsa_key(&c.ids, &params), ERR_ENCODING);
    assert_int_equal(cert_ml_dsa_signature(&c.ids, &params), ERR_ENCODING);
    assert_null(params);
    c.ids.key_alg.oid = oid_body(OID_EC_PUBLIC_KEY);
    assert_int_equal(cert_ml_dsa_key(&c.ids, &params), ERR_BAD_ALG);
    assert_int_equal(mldsa_alg_by_oid(OID_ML_DSA_44, &params), ERR_OK);
    assert_ptr_equal(params, &mldsa_44);
    assert_int_equal(mldsa_alg_by_oid(OID_ML_DSA_87, &params), ERR_OK);
    assert_ptr_equal(params, &mldsa_87);
}

static void private_key_file(void **state)
{
    uint8_t seed[MLDSA_PKCS8_SEED_LEN] = {1, 2, 3};
    uint8_t back[MLDSA_PKCS8_SEED_LEN];
    uint8_t file[MLDSA_PKCS8_LEN + 1];

    (void)state;
    mldsa_pkcs8_write(seed, file);
    assert_int_equal(mldsa_pkcs8_parse((struct view){file, MLDSA_PKCS8_LEN}, back), ERR_OK);
    assert_memory_equal(back, seed, sizeof seed);
    assert_int_equal(mldsa_pkcs8_parse((struct view){file, MLDSA_PKCS8_LEN + 1}, back),
                     ERR_LENGTH);
    assert_int_equal(mldsa_pkcs8_parse((struct view){file, MLDSA_PKCS8_LEN - 1}, back),
                     ERR_LENGTH);
    file[17] ^= 1; /* id-ml-dsa-87 */
    assert_int_equal(mldsa_pkcs8_parse((struct view){file, MLDSA_PKCS8_LEN}, back), ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back),
        cmocka_unit_test(openssl_reads_it),
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(refuses_bad_extensions),
        cmocka_unit_test(refuses_malformed_values),
        cmocka_unit_test(tells_who_may_time_stamp),
        cmocka_unit_test(extensions_are_bounded),
        cmocka_unit_test(is_of_version_3),
        cmocka_unit_test(refuses_what_does_not_fit),
        cmocka_unit_test(ml_dsa_algorithms),
        cmocka_unit_test(private_key_file),
    };

    return cmocka_run_group_tests(tests, make, NULL);
}
