#include "parser_cases.h"
#include "sample_token.h"

#include "format/ber.h"
#include "format/tsp_resp.h"

static enum err parse(struct view in)
{
    struct tsp_resp t;
    const struct tsp_resp zero = {0};
    const enum err e = tsp_resp_parse(in, &t);

    if (e != ERR_OK) {
        assert_memory_equal(&t, &zero, sizeof t);
    } else {
        struct reader r = rd_init(t.status_string);
        struct view text;

        while (r.n > 0) {
            assert_int_equal(tsp_resp_next_text(&r, &text), ERR_OK);
        }
        assert_true(t.has_fail_info || t.fail_info == 0);
        assert_true((t.flaws & ~BER_FLAW_ALL) == 0);
    }
    return e;
}

static void prefixes_and_flips(void **state)
{
    struct sample s;
    uint8_t buf[64];
    struct writer w = wr_init(buf, sizeof buf);
    struct view rejection;

    (void)state;
    sample_make(&s);
    refuses_every_prefix_of(parse, s.resp);
    refuses_a_byte_after(parse, s.resp);
    tsp_resp_write_rejection(&w, FAIL_BAD_ALG, "md5");
    assert_int_equal(wr_finish(&w, &rejection), ERR_OK);
    refuses_every_prefix_of(parse, rejection);
    refuses_a_byte_after(parse, rejection);
    (void)survives_every_flip_of(parse, rejection);
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
        uint32_t status, fail_info, flaws;
        bool has_fail_info;
    } rows[] = {
        {"30053003020100", ERR_OK, 0, 0, 0, false},
        {"30053003020105", ERR_OK, 5, 0, 0, false},
        {"3006300402020100", ERR_OK, 256, 0, 0, false},
        {"300530030201ff", ERR_RANGE, 0, 0, 0, false},
        {"300a30080206010000000000", ERR_RANGE, 0, 0, 0, false},
        {"30023000", ERR_TRUNCATED, 0, 0, 0, false},
        {"3000", ERR_TRUNCATED, 0, 0, 0, false},
        {"3009300702010230020c00", ERR_OK, 2, 0, 0, false},
        {"300730050201023000", ERR_OK, 2, 0, BER_FLAW_DEFAULT, false},
        {"3009300702010230021300", ERR_TAG, 0, 0, 0, false}, /* PKIFreeText is UTF8String */
        {"3009300702010203020780", ERR_OK, 2, 1, 0, true},
        {"3009300702010203020004", ERR_OK, 2, 1 << 5, BER_FLAW_BITS, true},
        {"300c300a02010203050020000000", ERR_OK, 2, 1 << 2, BER_FLAW_BITS, true},
        {"3009300702010203020781", ERR_OK, 2, 1, BER_FLAW_BITS, true},
        {"3009300702010203020700", ERR_OK, 2, 0, BER_FLAW_BITS, true},
        {"30083006020102030100", ERR_OK, 2, 0, 0, true},
        {"30083006020102030101", ERR_ENCODING, 0, 0, 0, false},
        {"3009300702010203020880", ERR_ENCODING, 0, 0, 0, false},
        {"300730050201020300", ERR_ENCODING, 0, 0, 0, false},
        {"300e300c020102030707000000000080", ERR_OK, 2, 0, 0, true}, /* bit 40 */
        {"300d300b0201020306040000000110", ERR_OK, 2, UINT32_C(1) << 31, 0, true},
        {"300730050201020500", ERR_TRAILING, 0, 0, 0, false},
        {"300730030201000500", ERR_TAG, 0, 0, 0, false},
        {"300730030201003000", ERR_OK, 0, 0, 0, false}, /* a token, of whatever worth */
        {"3009300302010030003000", ERR_TRAILING, 0, 0, 0, false},
    };
    uint8_t buf[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view in = hex_bytes(rows[i].hex, buf, sizeof buf);
        struct tsp_resp t;

        assert_int_equal(parse_copy(parse, in.p, in.n), rows[i].want);
        assert_int_equal(tsp_resp_parse(in, &t), rows[i].want);
        assert_int_equal(t.status, rows[i].status);
        assert_int_equal(t.fail_info, rows[i].fail_info);
        assert_int_equal(t.flaws, rows[i].flaws);
        assert_int_equal(t.has_fail_info, rows[i].has_fail_info);
    }
}

static void texts_are_read_one_by_one(void **state)
{
    static const uint8_t two[] = {0x0c, 0x01, 'a', 0x0c, 0x00};
    struct reader r = rd_init((struct view){two, sizeof two});
    struct view text;

    (void)state;
    assert_int_equal(tsp_resp_next_text(&r, &text), ERR_OK);
    assert_true(text.n == 1 && text.p[0] == 'a');
    assert_int_equal(tsp_resp_next_text(&r, &text), ERR_OK);
    assert_true(text.n == 0);
    assert_int_equal(tsp_resp_next_text(&r, &text), ERR_TRAILING);
}

static void tells_a_token_from_a_response(void **state)
{
    struct sample s;

    (void)state;
    sample_make(&s);
    assert_true(tsp_resp_is_token(s.token));
    assert_false(tsp_resp_is_token(s.resp));
    assert_false(tsp_resp_is_token(s.tst_info));
    assert_false(tsp_resp_is_token((struct view){NULL, 0}));
    assert_int_equal(parse(s.token), ERR_TAG);
}

static void names(void **state)
{
    (void)state;
    assert_string_equal(tsp_resp_status_name(PKI_GRANTED), "granted");
    assert_string_equal(tsp_resp_status_name(PKI_REVOCATION_NOTIFICATION),
                        "revocationNotification");
    assert_string_equal(tsp_resp_status_name(6), "unknown");
    assert_string_equal(tsp_resp_fail_name(1), "unknown");
    assert_string_equal(tsp_resp_fail_name(99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(texts_are_read_one_by_one),
        cmocka_unit_test(tells_a_token_from_a_response),
        cmocka_unit_test(names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
