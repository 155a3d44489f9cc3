#include "parser_cases.h"
#include "sample_token.h"

#include "format/ber.h"
#include "format/tst_info_parse.h"

static enum err parse(struct view in)
{
    struct tst_info_view t;
    const struct tst_info_view zero = {0};
    const enum err e = tst_info_parse(in, &t);

    if (e != ERR_OK) {
        assert_memory_equal(&t, &zero, sizeof t);
    } else {
        assert_true(t.policy.n > 0 && t.hash_oid.n > 0 && t.serial_number.n > 0);
        assert_true(t.hash_alg == HASH_NONE || t.hashed_message.n == hash_len(t.hash_alg));
        assert_true(t.accuracy_millis <= 999 && t.accuracy_micros <= 999);
        assert_true(t.has_accuracy || tst_info_accuracy_us(&t) == 0);
        assert_true((t.flaws & ~BER_FLAW_ALL) == 0);
    }
    return e;
}

static void prefixes_and_flips(void **state)
{
    struct sample s;

    (void)state;
    sample_make_tst_info(&s);
    refuses_every_prefix_of(parse, s.tst_info);
    refuses_a_byte_after(parse, s.tst_info);
    (void)survives_every_flip_of(parse, s.tst_info);
}

#define POLICY "06022a03"
#define SHA1 "3021300906052b0e03021a05000414da39a3ee5e6b4b0d3255bfef95601890afd80709"
#define HEAD "020101" POLICY SHA1 "020105"
#define TIME "180f32303139303431323039303033325a"

/* A TSTInfo of these elements. */
static enum err read(const char *hex, struct tst_info_view *t)
{
    static uint8_t buf[256];
    uint8_t body[256];
    struct writer w = wr_init(buf, sizeof buf);
    struct view in;

    der_write(&w, DER_SEQUENCE, hex_bytes(hex, body, sizeof body));
    assert_int_equal(wr_finish(&w, &in), ERR_OK);
    (void)parse_copy(parse, in.p, in.n);
    return tst_info_parse(in, t);
}

static void optional_fields(void **state)
{
    static const struct {
        const char *hex;
        uint64_t accuracy_us;
        bool has_accuracy, ordering;
        size_t nonce, tsa, extensions;
        uint32_t flaws;
    } rows[] = {
        {HEAD TIME, 0, false, false, 0, 0, 0, 0},
        {HEAD TIME "3000", 0, true, false, 0, 0, 0, BER_FLAW_DEFAULT},
        {HEAD TIME "3003020101", 1000000, true, false, 0, 0, 0, 0},
        {HEAD TIME "3004800203e7", 999000, true, false, 0, 0, 0, 0},
        {HEAD TIME "3004810203e7", 999, true, false, 0, 0, 0, 0},
        {HEAD TIME "3009020102800103810104", 2003004, true, false, 0, 0, 0, 0},
        {HEAD TIME "3009020100800100810100", 0, true, false, 0, 0, 0, BER_FLAW_DEFAULT},
        {HEAD TIME "0101ff", 0, false, true, 0, 0, 0, 0},
        {HEAD TIME "010101", 0, false, true, 0, 0, 0, BER_FLAW_BOOLEAN},
        {HEAD TIME "010100", 0, false, false, 0, 0, 0, BER_FLAW_DEFAULT},
        {HEAD TIME "0202ff00", 0, false, false, 2, 0, 0, 0},
        {HEAD TIME "a004a4023000", 0, false, false, 0, 4, 0, 0},
        {HEAD TIME "a10a300806022a0304020500", 0, false, false, 0, 0, 10, 0},
        {HEAD TIME "a100", 0, false, false, 0, 0, 0, BER_FLAW_DEFAULT},
        {HEAD TIME "30030201010101ff020107a004a4023000a108300606022a030400", 1000000, true,
         true, 1, 4, 8, 0},
        {HEAD "181132303139303431323039303033322e305a", 0, false, false, 0, 0, 0,
         BER_FLAW_TIME},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tst_info_view t;

        assert_int_equal(read(rows[i].hex, &t), ERR_OK);
        assert_true(tst_info_accuracy_us(&t) == rows[i].accuracy_us);
        assert_int_equal(t.has_accuracy, rows[i].has_accuracy);
        assert_int_equal(t.ordering, rows[i].ordering);
        assert_int_equal(t.nonce.n, rows[i].nonce);
        assert_int_equal(t.tsa.n, rows[i].tsa);
        assert_int_equal(t.extensions.n, rows[i].extensions);
        assert_int_equal(t.flaws, rows[i].flaws);
        assert_int_equal(oid_find(t.hash_oid), OID_SHA1);
        assert_true(t.hash_alg == HASH_NONE && t.hash_params.n == 2);
        assert_true(t.gen_time.s == 1555059632);
    }
}

static void says_what_is_wrong(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
    } rows[] = {
        {"", ERR_TRUNCATED},
        {HEAD, ERR_TRUNCATED},
        {"020180" POLICY SHA1 "020105" TIME, ERR_RANGE}, /* version -128 */
        {"02020080" POLICY SHA1 "020105" TIME, ERR_RANGE},
        {"02010106022a83" SHA1 "020105" TIME, ERR_ENCODING},
        {"020101" POLICY SHA1 "02020005" TIME, ERR_ENCODING},
        {"020101" POLICY "3010300b0609608648016503040201040100020105" TIME, ERR_LENGTH},
        {HEAD "170d3139303431323039303033325a", ERR_TAG}, /* UTCTime */
        {HEAD "180e3230313930343132303930303332", ERR_ENCODING},
        {HEAD TIME "3004800203e8", ERR_RANGE},        /* 1000 millis */
        {HEAD TIME "30030201ff", ERR_RANGE},          /* -1 s */
        {HEAD TIME "3006810101800101", ERR_TRAILING}, /* micros before millis */
        {HEAD TIME "0102ffff", ERR_ENCODING},
        {HEAD TIME "0101ff3000", ERR_TRAILING}, /* accuracy after ordering */
        {HEAD TIME "a000", ERR_TRUNCATED},
        {HEAD TIME "a00481008200", ERR_TRAILING},
        {HEAD TIME "a1020500", ERR_TAG},
        {HEAD TIME "0500", ERR_TRAILING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct tst_info_view t;

        assert_int_equal(read(rows[i].hex, &t), rows[i].want);
    }
}

static void other_versions_are_told(void **state)
{
    struct tst_info_view t;

    (void)state;
    assert_int_equal(read("020102" POLICY SHA1 "020105" TIME, &t), ERR_OK);
    assert_int_equal(t.version, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(optional_fields),
        cmocka_unit_test(says_what_is_wrong),
        cmocka_unit_test(other_versions_are_told),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
