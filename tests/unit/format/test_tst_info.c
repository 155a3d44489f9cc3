#include "parser_cases.h"
#include "sample_token.h"

#include "format/gen_time.h"
#include "format/tst_info_parse.h"

/* As openssl ts -reply -text reads it: see sample_token.h. */
static const char golden[] =
    "307a020101060c2b0601040181fd599859015b302f300b0609608648016503040201"
    "0420ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    "02140080010203000000000000000000000000000000"
    "181232303237303131353038303030302e31325a3007020101800201f4"
    "0203008102";

static void writes_the_golden_bytes(void **state)
{
    struct sample s;
    uint8_t want[TST_INFO_MAX];

    (void)state;
    sample_make_tst_info(&s);
    assert_true(view_equal(s.tst_info, hex_bytes(golden, want, sizeof want)));
}

/* Writes t and reads it back. */
static void reads_back(const struct tst_info *t)
{
    uint8_t buf[TST_INFO_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    struct tst_info_view v;
    struct reader number;

    tst_info_write(&w, t);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(tst_info_parse(out, &v), ERR_OK);
    assert_int_equal(v.version, 1);
    assert_int_equal(v.flaws, 0);
    assert_true(view_equal(v.policy, t->policy));
    assert_true(v.hash_alg == t->hash_alg && v.hash_params.n == 0);
    assert_true(view_equal(v.hashed_message, t->hashed_message));
    assert_true(gen_time_ms(&v.gen_time) == t->gen_time_ms);
    assert_true(v.has_accuracy);
    assert_true(tst_info_accuracy_us(&v) == (uint64_t)t->accuracy_ms * 1000);
    assert_true(view_equal(v.nonce, t->nonce));
    assert_true(v.ordering == t->ordering && v.tsa.n == 0 && v.extensions.n == 0);
    number = rd_init(v.serial_number); /* the same number: what is cut off was zero */
    for (size_t i = 0; i < TST_SERIAL_LEN; i++) {
        uint8_t b = 0;

        if (TST_SERIAL_LEN - i <= v.serial_number.n) {
            assert_int_equal(rd_u8(&number, &b), ERR_OK);
        }
        assert_int_equal(b, t->serial_number[i]);
    }
}

/* BOOLEAN TRUE after the accuracy; FALSE is its DEFAULT, and absent. */
static void says_that_it_is_ordered(void **state)
{
    uint8_t buf[TST_INFO_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    uint8_t golden_bytes[TST_INFO_MAX];
    struct sample s;
    struct view out;
    struct view want;

    (void)state;
    sample_make_tst_info(&s);
    s.fields.ordering = true;
    reads_back(&s.fields);
    tst_info_write(&w, &s.fields);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    want = hex_bytes(golden, golden_bytes, sizeof golden_bytes);
    assert_int_equal(out.n, want.n + 3);
    assert_memory_equal(out.p + 2, want.p + 2, want.n - 2 - 5); /* up to the nonce */
    assert_memory_equal(out.p + want.n - 5, "\x01\x01\xff", 3);
    assert_memory_equal(out.p + want.n - 2, want.p + want.n - 5, 5);
}

static void every_digest_and_accuracy(void **state)
{
    static const uint8_t digest[HASH_MAX] = {1, 2, 3};
    static const uint32_t accuracies[] = {1,
                                          9,
                                          127,
                                          128,
                                          255,
                                          999,
                                          1000,
                                          1001,
                                          127000,
                                          128000,
                                          32767000,
                                          32768000,
                                          65536001,
                                          8388608000 / 100,
                                          TST_ACCURACY_MS_MAX};
    struct sample s;

    (void)state;
    sample_make_tst_info(&s);
    for (unsigned alg = HASH_SHA256; alg <= HASH_SHA3_512; alg++) {
        s.fields.hash_alg = (enum hash_alg)alg;
        s.fields.hashed_message = (struct view){digest, hash_len(s.fields.hash_alg)};
        reads_back(&s.fields);
    }
    for (size_t i = 0; i < sizeof accuracies / sizeof accuracies[0]; i++) {
        s.fields.accuracy_ms = accuracies[i];
        reads_back(&s.fields);
    }
}

static void every_serial_number_length(void **state)
{
    struct sample s;

    (void)state;
    sample_make_tst_info(&s);
    for (size_t i = 0; i < TST_SERIAL_LEN; i++) {
        memset(s.fields.serial_number, 0, TST_SERIAL_LEN);
        s.fields.serial_number[i] = 0x7f;
        reads_back(&s.fields);
        if (i > 0) {
            s.fields.serial_number[i] = 0x80;
            reads_back(&s.fields);
        }
    }
}

static void every_nonce_length(void **state)
{
    static uint8_t nonce[TST_NONCE_MAX];
    struct sample s;

    (void)state;
    nonce[0] = 0xfe; /* negative, and kept so */
    sample_make_tst_info(&s);
    for (size_t n = 0; n <= TST_NONCE_MAX; n++) {
        s.fields.nonce = (struct view){nonce, n};
        reads_back(&s.fields);
    }
}

static void the_largest_fits(void **state)
{
    static const uint8_t digest[HASH_MAX] = {1};
    static const uint8_t nonce[TST_NONCE_MAX] = {1};
    uint8_t policy[TST_POLICY_MAX];
    struct sample s;

    (void)state;
    memset(policy, 1, sizeof policy);
    sample_make_tst_info(&s);
    s.fields.policy = (struct view){policy, sizeof policy};
    s.fields.hash_alg = HASH_SHA512;
    s.fields.hashed_message = (struct view){digest, sizeof digest};
    s.fields.nonce = (struct view){nonce, sizeof nonce};
    s.fields.accuracy_ms = TST_ACCURACY_MS_MAX;
    s.fields.gen_time_ms = GEN_TIME_MS_MAX;
    memset(s.fields.serial_number, 0x7f, TST_SERIAL_LEN);
    reads_back(&s.fields);
}

static bool refuses(const struct tst_info *t)
{
    uint8_t buf[2 * TST_INFO_MAX];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    tst_info_write(&w, t);
    return wr_finish(&w, &out) == ERR_NOSPACE && out.n == 0;
}

static void refuses_what_is_outside(void **state)
{
    static const uint8_t long_bytes[TST_NONCE_MAX + 1] = {1};
    struct sample s;
    struct tst_info t;

    (void)state;
    sample_make_tst_info(&s);
    assert_false(refuses(&s.fields));
    t = s.fields;
    t.policy.n = 0;
    assert_true(refuses(&t));
    t.policy = (struct view){long_bytes, TST_POLICY_MAX + 1};
    assert_true(refuses(&t));
    t = s.fields;
    t.hash_alg = HASH_NONE;
    assert_true(refuses(&t));
    t.hashed_message.n = 0;
    assert_true(refuses(&t));
    t = s.fields;
    t.hashed_message.n--;
    assert_true(refuses(&t));
    t = s.fields;
    memset(t.serial_number, 0, TST_SERIAL_LEN);
    assert_true(refuses(&t));
    t.serial_number[0] = 0x80;
    assert_true(refuses(&t));
    t = s.fields;
    t.gen_time_ms = -1;
    assert_true(refuses(&t));
    t.gen_time_ms = GEN_TIME_MS_MAX + 1;
    assert_true(refuses(&t));
    t = s.fields;
    t.accuracy_ms = 0;
    assert_true(refuses(&t));
    t.accuracy_ms = TST_ACCURACY_MS_MAX + 1;
    assert_true(refuses(&t));
    t = s.fields;
    t.nonce = (struct view){long_bytes, TST_NONCE_MAX + 1};
    assert_true(refuses(&t));
}

static void overflow_is_kept(void **state)
{
    uint8_t buf[TST_INFO_MAX];
    struct sample s;

    (void)state;
    sample_make_tst_info(&s);
    for (size_t cap = 0; cap < s.tst_info.n; cap++) {
        struct writer w = wr_init(buf, cap);
        struct view out;

        tst_info_write(&w, &s.fields);
        assert_int_equal(wr_finish(&w, &out), ERR_NOSPACE);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_that_it_is_ordered),
        cmocka_unit_test(writes_the_golden_bytes),
        cmocka_unit_test(every_digest_and_accuracy),
        cmocka_unit_test(every_serial_number_length),
        cmocka_unit_test(every_nonce_length),
        cmocka_unit_test(the_largest_fits),
        cmocka_unit_test(refuses_what_is_outside),
        cmocka_unit_test(overflow_is_kept),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
