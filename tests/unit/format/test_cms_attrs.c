#include "parser_cases.h"
#include "sample_token.h"

#include "format/ber.h"
#include "format/cms_attrs.h"

static enum err parse(struct view in)
{
    struct cms_attrs a;
    const struct cms_attrs zero = {0};
    const enum err e = cms_attrs_parse(in, &a);

    if (e != ERR_OK) {
        assert_memory_equal(&a, &zero, sizeof a);
    } else {
        assert_true(a.n_unknown <= a.n_attrs && a.n_attrs <= CMS_ATTRS_MAX);
        assert_true(a.ess_v1.n_certs == 0 || a.ess_v1.cert_hash.n > 0);
        assert_true(a.ess_v2.n_certs == 0 || a.ess_v2.cert_hash.n > 0);
        assert_true(a.ess_v1.hash.oid.n == 0);
        assert_true(!a.has_protection || a.protected_signature.oid.n > 0);
        assert_true((a.flaws & ~BER_FLAW_ALL) == 0);
    }
    return e;
}

static void prefixes_and_flips(void **state)
{
    struct sample s;

    (void)state;
    sample_make(&s);
    refuses_a_byte_after(parse, s.signed_attrs);
    (void)survives_every_flip_of(parse, s.signed_attrs);
    for (size_t n = 1; n < s.signed_attrs.n; n++) { /* of no bytes at all: absent */
        assert_int_not_equal(parse_copy(parse, s.signed_attrs.p, n), ERR_OK);
    }
    assert_int_equal(parse_copy(parse, s.signed_attrs.p, 0), ERR_OK);
}

/* A SET of one attribute of that type and with these values; then twice. */
static struct view attribute(enum oid_id type, const char *values, unsigned times)
{
    static uint8_t buf[512];
    uint8_t body[256];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    const size_t set = der_begin(&w, DER_SET);

    for (unsigned i = 0; i < times; i++) {
        const size_t seq = der_begin(&w, DER_SEQUENCE);

        der_write(&w, DER_OID, oid_body(type));
        der_write(&w, DER_SET, hex_bytes(values, body, sizeof body));
        der_end(&w, seq);
    }
    der_end(&w, set);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

#define SHA256_ALG "300b0609608648016503040201"
#define SHA256_NULL "300d06096086480165030402010500"
#define SHA512_ALG "300b0609608648016503040203"
#define P384_ALG "a10a06082a8648ce3d040303"

static const struct {
    enum oid_id type;
    const char *values;
    enum err want;
    uint32_t flaws;
} rows[] = {
    {OID_CONTENT_TYPE, "06022a03", ERR_OK, 0},
    {OID_CONTENT_TYPE, "06022a83", ERR_ENCODING, 0},
    {OID_CONTENT_TYPE, "0500", ERR_TAG, 0},
    {OID_CONTENT_TYPE, "", ERR_TRUNCATED, 0},
    {OID_CONTENT_TYPE, "06022a0306022a04", ERR_RANGE, 0}, /* two values */
    {OID_MESSAGE_DIGEST, "0401aa", ERR_OK, 0},
    {OID_MESSAGE_DIGEST, "0400", ERR_RANGE, 0},
    {OID_MESSAGE_DIGEST, "0401aa0401aa", ERR_RANGE, 0},
    {OID_SIGNING_TIME, "170d3139303431323039303033325a", ERR_OK, 0},
    {OID_SIGNING_TIME, "180f32303139303431323039303033325a", ERR_OK, 0},
    {OID_SIGNING_TIME, "181132303139303431323039303033322e305a", ERR_OK, BER_FLAW_TIME},
    {OID_SIGNING_TIME, "170d3139303431333239303033325a", ERR_RANGE, 0},
    {OID_SIGNING_TIME, "0400", ERR_TAG, 0},
    {OID_SIGNING_CERTIFICATE, "3007300530030401aa", ERR_OK, 0},
    {OID_SIGNING_CERTIFICATE, "30023000", ERR_RANGE, 0}, /* no certificate */
    {OID_SIGNING_CERTIFICATE, "3006300430020400", ERR_RANGE, 0},
    {OID_SIGNING_CERTIFICATE, "3009300530030401aa3000", ERR_OK, 0}, /* policies */
    {OID_SIGNING_CERTIFICATE, "3009300530030401aa0500", ERR_TAG, 0},
    {OID_SIGNING_CERTIFICATE, "300c300a30030401aa30030401bb", ERR_OK, 0},
    {OID_SIGNING_CERTIFICATE, "300c300a30030401aa30030501bb", ERR_TAG, 0},
    {OID_SIGNING_CERTIFICATE_V2, "3007300530030401aa", ERR_OK, 0},
    {OID_SIGNING_CERTIFICATE_V2, "301430123010" SHA256_ALG "0401aa", ERR_OK, BER_FLAW_DEFAULT},
    {OID_SIGNING_CERTIFICATE_V2, "301630143012" SHA256_NULL "0401aa", ERR_OK, 0},
    {OID_SIGNING_CERTIFICATE_V2, "301430123010" SHA512_ALG "0401aa", ERR_OK, 0},
    {OID_ALGORITHM_PROTECTION, "3019" SHA512_ALG P384_ALG, ERR_OK, 0},
    {OID_ALGORITHM_PROTECTION, "300d" SHA512_ALG, ERR_TRUNCATED, 0},
    {OID_ALGORITHM_PROTECTION, "301b" SHA512_ALG P384_ALG "a200", ERR_TRAILING, 0},
    {OID_ER_INTERNAL, "0500", ERR_OK, 0}, /* none that we know here */
    {OID_ER_INTERNAL, "", ERR_OK, 0},
    {OID_ER_INTERNAL, "05", ERR_TRUNCATED, 0},
};

static void reads_each_attribute(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = attribute(rows[i].type, rows[i].values, 1);
        struct cms_attrs a;

        assert_int_equal(parse_copy(parse, in.p, in.n), rows[i].want);
        assert_int_equal(cms_attrs_parse(in, &a), rows[i].want);
        assert_int_equal(a.flaws, rows[i].flaws);
        assert_int_equal(a.n_unknown,
                         rows[i].type == OID_ER_INTERNAL && rows[i].want == ERR_OK ? 1 : 0);
    }
}

static void each_known_attribute_stands_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = attribute(rows[i].type, rows[i].values, 2);

        if (rows[i].want == ERR_OK) {
            assert_int_equal(parse_copy(parse, in.p, in.n),
                             rows[i].type == OID_ER_INTERNAL ? ERR_OK : ERR_RANGE);
        }
    }
}

static void attributes_are_bounded(void **state)
{
    struct view in = attribute(OID_ER_INTERNAL, "", 4);
    static uint8_t buf[2048];
    struct reader r;
    struct view all;

    (void)state;
    assert_int_equal(cms_attrs_open(in, &r), ERR_OK);
    for (size_t n = CMS_ATTRS_MAX; n <= CMS_ATTRS_MAX + 4; n += 4) {
        struct writer w = wr_init(buf, sizeof buf);
        const size_t set = der_begin(&w, DER_SET);

        for (size_t i = 0; i < n; i += 4) {
            wr_bytes(&w, r.p, r.n);
        }
        der_end(&w, set);
        assert_int_equal(wr_finish(&w, &all), ERR_OK);
        assert_int_equal(parse(all), n > CMS_ATTRS_MAX ? ERR_RANGE : ERR_OK);
    }
}

/* What the issuer says where it is not one directoryName. */
static void issuers(void **state)
{
    static const struct {
        const char *names; /* 4 bytes */
        size_t issuer;
        enum err want;
    } cases[] = {
        {"a4023000", 2, ERR_OK},        {"a4023100", 0, ERR_OK}, /* no Name */
        {"82026162", 0, ERR_OK},                                 /* dNSName */
        {"a4008200", 0, ERR_OK},                                 /* two */
        {"a4018200", 0, ERR_TRUNCATED},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char hex[128] = "30123010300e0401aa30093004";
        struct cms_attrs a;
        struct view in;

        strcat(hex, cases[i].names);
        strcat(hex, "020105");
        in = attribute(OID_SIGNING_CERTIFICATE, hex, 1);
        assert_int_equal(parse_copy(parse, in.p, in.n), cases[i].want);
        assert_int_equal(cms_attrs_parse(in, &a), cases[i].want);
        if (cases[i].want == ERR_OK) {
            assert_true(a.ess_v1.has_issuer_serial && a.ess_v1.issuer_names.n == 4);
            assert_int_equal(a.ess_v1.issuer.n, cases[i].issuer);
            assert_int_equal(a.ess_v1.serial.n, 1);
        }
    }
}

static void order_is_told(void **state)
{
    uint8_t buf[64];
    struct cms_attrs a;

    (void)state;
    assert_int_equal(
        cms_attrs_parse(hex_bytes("3110300606022a033100300606022a023100", buf, sizeof buf), &a),
        ERR_OK);
    assert_int_equal(a.flaws, BER_FLAW_ATTRS_ORDER);
    assert_int_equal(a.n_unknown, 2);
}

static void open_and_next(void **state)
{
    uint8_t buf[64];
    struct reader r;
    struct cms_attr attr;

    (void)state;
    assert_int_equal(cms_attrs_open((struct view){NULL, 0}, &r), ERR_OK);
    assert_int_equal(cms_attrs_next(&r, &attr), ERR_TRAILING);
    assert_int_equal(cms_attrs_open(hex_bytes("a108300606022a033100", buf, sizeof buf), &r),
                     ERR_OK);
    assert_int_equal(cms_attrs_next(&r, &attr), ERR_OK);
    assert_true(attr.type.n == 2 && attr.values.n == 0);
    assert_int_equal(cms_attrs_next(&r, &attr), ERR_TRAILING);
    assert_int_equal(cms_attrs_open(hex_bytes("3000", buf, sizeof buf), &r), ERR_TAG);
    assert_int_equal(cms_attrs_open(hex_bytes("310000", buf, sizeof buf), &r), ERR_TRAILING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(reads_each_attribute),
        cmocka_unit_test(each_known_attribute_stands_once),
        cmocka_unit_test(attributes_are_bounded),
        cmocka_unit_test(issuers),
        cmocka_unit_test(order_is_told),
        cmocka_unit_test(open_and_next),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
