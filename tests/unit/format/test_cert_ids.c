#include "parser_cases.h"
#include "sample_token.h"

#include "format/cert_ids.h"

static enum err parse(struct view in)
{
    struct cert_ids c;
    const struct cert_ids zero = {0};
    const enum err e = cert_ids_parse(in, &c);

    if (e != ERR_OK) {
        assert_memory_equal(&c, &zero, sizeof c);
    } else {
        assert_true(c.version >= 1 && c.version <= 3);
        assert_true(c.serial.n > 0 && c.serial.n <= CERT_IDS_SERIAL_MAX);
        assert_true(c.issuer.n > 0 && c.subject.n > 0 && c.spki.n > 0 && c.key_alg.oid.n > 0);
        (void)cert_ids_ski(&c);
        (void)cert_ids_is_tsa(&c);
    }
    return e;
}

static const struct view sample = {sample_cert, sizeof sample_cert};

static void prefixes_and_flips(void **state)
{
    (void)state;
    refuses_every_prefix_of(parse, sample);
    refuses_a_byte_after(parse, sample);
    (void)survives_every_flip_of(parse, sample);
}

static void reads_the_sample(void **state)
{
    struct cert_ids c;
    struct extension ext;

    (void)state;
    assert_int_equal(cert_ids_parse(sample, &c), ERR_OK);
    assert_int_equal(c.version, 3);
    assert_true(view_equal(c.serial, sample_serial()));
    assert_true(view_equal(c.issuer, sample_issuer()));
    assert_true(view_equal(c.subject, c.issuer) && c.subject.p != c.issuer.p);
    assert_int_equal(oid_find(c.key_alg.oid), OID_EC_PUBLIC_KEY);
    assert_true(c.public_key.n == 97 && c.public_key.p[0] == 4);
    assert_int_equal(oid_find(c.signature_alg.oid), OID_ECDSA_SHA384);
    assert_true(c.not_after.s - c.not_before.s == INT64_C(3650) * 86400);
    assert_false(cert_ids_valid_at(&c, c.not_before.s - 1));
    assert_true(cert_ids_valid_at(&c, c.not_before.s));
    assert_true(cert_ids_valid_at(&c, c.not_after.s));
    assert_false(cert_ids_valid_at(&c, c.not_after.s + 1));
    assert_true(cert_ids_is_tsa(&c));
    assert_true(cert_ids_ski(&c).n == 20);
    assert_int_equal(cert_ids_extension(&c, OID_KEY_USAGE, &ext), ERR_OK);
    assert_true(ext.critical && ext.value.n == 4);
    assert_int_equal(cert_ids_extension(&c, OID_AUTHORITY_KEY_ID, &ext), ERR_EXTENSION);
    assert_true(ext.value.n == 0);
}

/* ---- certificates made to measure ---- */

#define ALG "300506032a0304"
#define VALIDITY "301e170d3139303431323039303033325a170d3239303431323039303033325a"

struct parts {
    const char *version, *serial, *alg, *issuer, *validity, *spki, *tail, *outer_alg,
        *signature;
};

static const struct parts usual = {
    .version = "a003020102",
    .serial = "020105",
    .alg = ALG,
    .issuer = "3000",
    .validity = VALIDITY,
    .spki = "300b" ALG "03020001",
    .tail = "",
    .outer_alg = ALG,
    .signature = "03020001",
};

static void put(struct writer *w, const char *hex)
{
    uint8_t bytes[512];

    wr_view(w, hex_bytes(hex, bytes, sizeof bytes));
}

static struct view make(const struct parts *p)
{
    static uint8_t buf[1024];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    const size_t cert = der_begin(&w, DER_SEQUENCE);
    const size_t tbs = der_begin(&w, DER_SEQUENCE);

    put(&w, p->version);
    put(&w, p->serial);
    put(&w, p->alg);
    put(&w, p->issuer);
    put(&w, p->validity);
    put(&w, "3000");
    put(&w, p->spki);
    put(&w, p->tail);
    der_end(&w, tbs);
    put(&w, p->outer_alg);
    put(&w, p->signature);
    der_end(&w, cert);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static enum err parse_parts(const struct parts *p)
{
    const struct view in = make(p);

    return parse_copy(parse, in.p, in.n);
}

static void says_what_is_wrong(void **state)
{
    struct parts p = usual;
    char serial[2 * CERT_IDS_SERIAL_MAX + 16] = "0240";

    (void)state;
    assert_int_equal(parse_parts(&p), ERR_OK);
    p.version = "";
    assert_int_equal(parse_parts(&p), ERR_OK);
    p.version = "a003020103";
    assert_int_equal(parse_parts(&p), ERR_RANGE);
    p = usual;
    p.serial = "02020005";
    assert_int_equal(parse_parts(&p), ERR_ENCODING);
    for (size_t i = 0; i < CERT_IDS_SERIAL_MAX; i++) {
        strcat(serial, "11");
    }
    p.serial = serial;
    assert_int_equal(parse_parts(&p), ERR_OK);
    serial[3] = '1';
    strcat(serial, "11");
    assert_int_equal(parse_parts(&p), ERR_RANGE);
    p = usual;
    p.outer_alg = "300706032a03040500";
    assert_int_equal(parse_parts(&p), ERR_MISMATCH);
    p.outer_alg = "300506032a0305";
    assert_int_equal(parse_parts(&p), ERR_MISMATCH);
    p = usual;
    p.issuer = "3100";
    assert_int_equal(parse_parts(&p), ERR_TAG);
    p = usual;
    p.validity = "3020180f32303139303431323039303033325a170d3239303431323039303033325a";
    assert_int_equal(parse_parts(&p), ERR_OK);
    p.validity = "300f170d3139303431323039303033325a";
    assert_int_equal(parse_parts(&p), ERR_TRUNCATED);
    p.validity = "301e170d3139303431333239303033325a170d3239303431323039303033325a";
    assert_int_equal(parse_parts(&p), ERR_RANGE);
    p.validity = "300404000400";
    assert_int_equal(parse_parts(&p), ERR_TAG);
    p = usual;
    p.spki = "300b" ALG "03020101"; /* bits that are no bytes */
    assert_int_equal(parse_parts(&p), ERR_ENCODING);
    p.spki = "3009" ALG "0300";
    assert_int_equal(parse_parts(&p), ERR_TRUNCATED);
    p = usual;
    p.tail = "810100820100";
    assert_int_equal(parse_parts(&p), ERR_OK);
    p.tail = "0500";
    assert_int_equal(parse_parts(&p), ERR_TRAILING);
    p.tail = "a30430020500";
    assert_int_equal(parse_parts(&p), ERR_TAG);
}

/* EKU in an extension: what makes a time-stamping certificate. */
static void only_critical_and_alone_is_tsa(void **state)
{
    static const struct {
        const char *tail;
        bool tsa;
    } rows[] = {
        {"a31a301830160603551d250101ff040c300a06082b06010505070308", true},
        {"a317301530130603551d25040c300a06082b06010505070308", false},
        {"a31a301830160603551d25010100040c300a06082b06010505070308", false},
        {"a31a301830160603551d250101ff040c300a06082b06010505070301", false},
        {"a31f301d301b0603551d250101ff0411300f06082b0601050507030806032a0304", false},
        {"a31c301a30180603551d250101ff040e300a06082b060105050703080500", false},
        {"a310300e300c0603551d250101ff04023000", false},
        {"a310300e300c0603551d0f0101ff04023000", false},
        {"a340303e301d0603551d250101ff0413301106082b0601050507030806052a03040506"
         "301d0603551d250101ff0413301106082b0601050507030806052a03040506",
         false},
        {"", false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct parts p = usual;
        struct cert_ids c;

        p.tail = rows[i].tail;
        assert_int_equal(parse_parts(&p), ERR_OK);
        assert_int_equal(cert_ids_parse(make(&p), &c), ERR_OK);
        assert_int_equal(cert_ids_is_tsa(&c), rows[i].tsa);
    }
}

static void extensions_stand_once(void **state)
{
    struct parts p = usual;
    struct cert_ids c;
    struct extension ext;

    (void)state;
    p.tail = "a318301630090603551d0e0402040030090603551d0e04020400";
    assert_int_equal(cert_ids_parse(make(&p), &c), ERR_OK);
    assert_int_equal(cert_ids_extension(&c, OID_SUBJECT_KEY_ID, &ext), ERR_RANGE);
    assert_true(ext.value.n == 0 && ext.type.n == 0);
    assert_true(cert_ids_ski(&c).n == 0);
}

static void malformed_key_ids_are_absent(void **state)
{
    struct parts p = usual;
    struct cert_ids c;

    (void)state;
    p.tail = "a30e300c300a0603551d0e04030401aa";
    assert_int_equal(cert_ids_parse(make(&p), &c), ERR_OK);
    assert_true(cert_ids_ski(&c).n == 1);
    p.tail = "a30e300c300a0603551d0e0403040000";
    assert_int_equal(cert_ids_parse(make(&p), &c), ERR_OK);
    assert_true(cert_ids_ski(&c).n == 0);
    p.tail = "a30e300c300a0603551d0e04030501aa";
    assert_int_equal(cert_ids_parse(make(&p), &c), ERR_OK);
    assert_true(cert_ids_ski(&c).n == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(reads_the_sample),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(only_critical_and_alone_is_tsa),
        cmocka_unit_test(extensions_stand_once),
        cmocka_unit_test(malformed_key_ids_are_absent),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
