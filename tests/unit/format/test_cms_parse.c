#include "parser_cases.h"
#include "sample_token.h"

#include "format/ber.h"
#include "format/cms_parse.h"

static enum err parse(struct view in)
{
    struct signed_data sd;
    const struct signed_data zero = {0};
    const enum err e = cms_parse(in, &sd);
    struct view cert;

    if (e != ERR_OK) {
        assert_memory_equal(&sd, &zero, sizeof sd);
        return e;
    }
    assert_true(sd.content_type.n > 0 && (sd.has_content || sd.content.n == 0));
    assert_true((sd.flaws & ~BER_FLAW_ALL) == 0);
    assert_true(sd.n_signers == 0 || (sd.signer.issuer.n > 0) != (sd.signer.ski.n > 0));
    assert_int_equal(cms_certificate(&sd, sd.n_certificates, &cert), ERR_RANGE);
    for (size_t i = 0; i < sd.n_certificates; i++) {
        assert_int_not_equal(cms_certificate(&sd, i, &cert), ERR_RANGE);
    }
    return e;
}

static void prefixes_and_flips(void **state)
{
    struct sample s;

    (void)state;
    sample_make(&s);
    refuses_every_prefix_of(parse, s.token);
    refuses_a_byte_after(parse, s.token);
    (void)survives_every_flip_of(parse, s.token);
}

#define ALG "300506032a0304"
#define SID "30053000020107"
#define SIGNER_REST ALG ALG "0401aa"
#define ENCAP  \
    "30060604" \
    "2a030405"

/* SignedData of these fields in a ContentInfo. */
static enum err read(const char *hex, struct signed_data *sd)
{
    static uint8_t buf[4096];
    static uint8_t body[4096];
    struct writer w = wr_init(buf, sizeof buf);
    struct view in;
    const size_t info = der_begin(&w, DER_SEQUENCE);
    size_t explicit_0 = 0;

    der_write(&w, DER_OID, oid_body(OID_SIGNED_DATA));
    explicit_0 = der_begin(&w, DER_CONTEXT_0);
    der_write(&w, DER_SEQUENCE, hex_bytes(hex, body, sizeof body));
    der_end(&w, explicit_0);
    der_end(&w, info);
    assert_int_equal(wr_finish(&w, &in), ERR_OK);
    (void)parse_copy(parse, in.p, in.n);
    return cms_parse(in, sd);
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
        size_t algs, certs, crls, signers;
        uint32_t flaws;
    } rows[] = {
        {"0201013100" ENCAP "3100", ERR_OK, 0, 0, 0, 0, 0},
        {"0201033107" ALG ENCAP "311d301b020101" SID SIGNER_REST, ERR_OK, 1, 0, 0, 1, 0},
        {"0201033100" ENCAP "a0003100", ERR_OK, 0, 0, 0, 0, 0},
        {"0201033100" ENCAP "a0043000a300a10230003100", ERR_OK, 0, 2, 1, 0, 0},
        {"0201033100" ENCAP "a004a30030003100", ERR_OK, 0, 2, 0, 0, BER_FLAW_SET_ORDER},
        {"020103310e300506032a0305" ALG ENCAP "3100", ERR_OK, 2, 0, 0, 0, BER_FLAW_SET_ORDER},
        {"02010331023000" ENCAP "3100", ERR_TRUNCATED, 0, 0, 0, 0, 0},
        {"0201803100" ENCAP "3100", ERR_RANGE, 0, 0, 0, 0, 0},
        {"020200803100" ENCAP "3100", ERR_RANGE, 0, 0, 0, 0, 0},
        {"0201033000" ENCAP "3100", ERR_TAG, 0, 0, 0, 0, 0},
        {"0201033100" ENCAP, ERR_TRUNCATED, 0, 0, 0, 0, 0},
        {"0201033100" ENCAP "a100a0003100", ERR_TAG, 0, 0, 0, 0, 0},
        {"0201033100" ENCAP "31000500", ERR_TRAILING, 0, 0, 0, 0, 0},
        {"0201033100300a06042a030405a00204003100", ERR_OK, 0, 0, 0, 0, 0},
        {"0201033100300a06042a030405a00230003100", ERR_TAG, 0, 0, 0, 0, 0},
        {"0201033100300c06042a030405a004040005003100", ERR_TRAILING, 0, 0, 0, 0, 0},
        {"0201033100" ENCAP "a001303100", ERR_TRUNCATED, 0, 0, 0, 0, 0},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct signed_data sd;

        assert_int_equal(read(rows[i].hex, &sd), rows[i].want);
        assert_int_equal(sd.n_digest_algs, rows[i].algs);
        assert_int_equal(sd.n_certificates, rows[i].certs);
        assert_int_equal(sd.n_crls, rows[i].crls);
        assert_int_equal(sd.n_signers, rows[i].signers);
        assert_int_equal(sd.flaws, rows[i].flaws);
    }
}

static enum err parse_signer(struct view in)
{
    struct reader r = rd_init(in);
    struct signer_info si;
    const enum err e = cms_parse_signer(&r, &si);

    return e == ERR_OK ? rd_finish(&r) : e;
}

static void reads_each_signer(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
    } rows[] = {
        {"", ERR_TRAILING},
        {"301b020101" SID SIGNER_REST, ERR_OK},
        {"3015020103800411223344300306010130030601010400", ERR_OK}, /* by key id */
        {"30110201038000300306010130030601010400", ERR_RANGE},
        {"301d020101" SID ALG "a000" ALG "0401aa", ERR_OK},
        {"301d020101" SID ALG ALG "0401aaa100", ERR_OK},
        {"301d020101" SID ALG "a100" ALG "0401aa", ERR_TAG},
        {"301d020101" SID ALG ALG "0401aaa200", ERR_TRAILING},
        {"301d020101" SID ALG ALG "0401aaa000", ERR_TRAILING},
        {"301b020101" SID ALG ALG "2401aa", ERR_TAG},
        {"301b0201013006300002020007" ALG ALG "0400", ERR_ENCODING},
        {"301b02010130053100020107" SIGNER_REST, ERR_TAG},
        {"301b020180" SID SIGNER_REST, ERR_RANGE},
    };
    uint8_t buf[64];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = hex_bytes(rows[i].hex, buf, sizeof buf);

        assert_int_equal(parse_copy(parse_signer, in.p, in.n), rows[i].want);
    }
}

static void only_signed_data(void **state)
{
    struct sample s;

    (void)state;
    sample_make(&s);
    assert_int_equal(parse_with(parse, s.token, 14, 0x01), ERR_TYPE); /* id-data */
    assert_int_equal(parse_with(parse, s.token, 15, 0xa1), ERR_TAG);
    assert_int_equal(parse(s.resp), ERR_TAG);
    assert_int_equal(parse(s.tst_info), ERR_TAG);
}

static void lists_are_bounded(void **state)
{
    (void)state;
    for (size_t n = CMS_LIST_MAX; n <= CMS_LIST_MAX + 1; n++) {
        static char hex[4 * (CMS_LIST_MAX + 32)];
        static uint8_t head[16];
        struct signed_data sd;
        struct writer w = wr_init(head, sizeof head);
        char digits[2 * sizeof head + 1];
        struct view v;

        der_head(&w, DER_CONTEXT_0, 2 * n);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        hex_write(v, digits);
        strcpy(hex, "0201033100" ENCAP);
        strcat(hex, digits);
        for (size_t i = 0; i < n; i++) {
            strcat(hex, "3000");
        }
        strcat(hex, "3100");
        assert_int_equal(read(hex, &sd), n == CMS_LIST_MAX ? ERR_OK : ERR_RANGE);
    }
}

static void certificates_by_number(void **state)
{
    struct signed_data sd;
    struct view cert;

    (void)state;
    assert_int_equal(read("0201033100" ENCAP "a00a300030020500a30205003100", &sd), ERR_OK);
    assert_int_equal(cms_certificate(&sd, 0, &cert), ERR_OK);
    assert_int_equal(cert.n, 2);
    assert_int_equal(cms_certificate(&sd, 1, &cert), ERR_OK);
    assert_int_equal(cert.n, 4);
    assert_int_equal(cms_certificate(&sd, 2, &cert), ERR_TYPE);
    assert_int_equal(cms_certificate(&sd, 3, &cert), ERR_RANGE);
    assert_int_equal(cert.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_and_flips), cmocka_unit_test(reads_each_form),
        cmocka_unit_test(reads_each_signer),  cmocka_unit_test(only_signed_data),
        cmocka_unit_test(lists_are_bounded),  cmocka_unit_test(certificates_by_number),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
