#include "testing.h"

#include "enclave/nts/ntp_packet.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)

static void header_goes_both_ways(void **state)
{
    uint8_t in[NTP_HEADER_LEN];
    uint8_t out[NTP_HEADER_LEN];
    struct ntp_header h;
    struct view v;

    (void)state;
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = (uint8_t)(0xe4 + 5 * i);
    }
    for (size_t n = 0; n < sizeof in; n++) {
        struct reader r = {in, n};

        assert_int_equal(ntp_header_decode(&r, &h), ERR_TRUNCATED);
        assert_true(h.version == 0 && h.transmit == 0);
    }
    {
        struct reader r = {in, sizeof in};
        struct writer w = wr_init(out, sizeof out);

        assert_int_equal(ntp_header_decode(&r, &h), ERR_OK);
        assert_true(h.leap == 3 && h.version == 4 && h.mode == 4 && h.stratum == 0xe9);
        assert_true(h.poll == (int8_t)0xee && h.precision == (int8_t)0xf3);
        ntp_header_encode(&w, &h);
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        assert_memory_equal(out, in, sizeof in);
    }
}

static void fields_are_walked_and_padded(void **state)
{
    static uint8_t large[70000];
    uint8_t buf[64];
    struct writer w = wr_init(buf, sizeof buf);
    struct reader r;
    struct ntp_field f;

    (void)state;
    ntp_field_write(&w, 0x0104, (struct view){(const uint8_t *)"abc", 3});
    ntp_field_write(&w, 0x0204, (struct view){(const uint8_t *)"abcdefghijklm", 13});
    assert_int_equal(w.len, 16 + 20);
    r = (struct reader){buf, w.len};
    assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    assert_true(f.type == 0x0104 && f.body.n == 12 && f.whole.p == buf && f.whole.n == 16);
    assert_memory_equal(f.body.p, "abc\0\0\0\0\0\0\0\0\0", 12);
    assert_int_equal(ntp_field_parse(&r, &f), ERR_OK);
    assert_true(f.type == 0x0204 && f.body.n == 16 && r.n == 0);
    buf[3] = 12; /* too short */
    r = (struct reader){buf, w.len};
    assert_int_equal(ntp_field_parse(&r, &f), ERR_ENCODING);
    buf[3] = 18; /* no multiple of four */
    r = (struct reader){buf, w.len};
    assert_int_equal(ntp_field_parse(&r, &f), ERR_ENCODING);
    buf[3] = 40; /* more than is there */
    r = (struct reader){buf, w.len};
    assert_int_equal(ntp_field_parse(&r, &f), ERR_TRUNCATED);
    assert_true(f.type == 0 && f.body.n == 0);
    r = (struct reader){buf, 3};
    assert_int_equal(ntp_field_parse(&r, &f), ERR_TRUNCATED);
    w = wr_init(large, sizeof large);
    ntp_field_write(&w, 1, (struct view){buf, 0});
    assert_false(w.full);
    ntp_field_write(&w, 1, (struct view){large, 65530}); /* no length can tell */
    assert_true(w.full);
}

/* 2036-02-07T06:28:16Z, RFC 5905 6: where era 1 begins. */
static void eras_follow_what_is_near(void **state)
{
    const int64_t era1_s = INT64_C(2085978496);
    int64_t t = 0;

    (void)state;
    assert_int_equal(ntp_time_ns(UINT64_C(0xffffffff) << 32, era1_s * NS_PER_S, &t), ERR_OK);
    assert_true(t == (era1_s - 1) * NS_PER_S);
    assert_int_equal(ntp_time_ns(0, era1_s * NS_PER_S, &t), ERR_OK);
    assert_true(t == era1_s * NS_PER_S);
    assert_int_equal(ntp_time_ns(UINT64_C(0x80000000), (era1_s - 5) * NS_PER_S, &t), ERR_OK);
    assert_true(t == era1_s * NS_PER_S + NS_PER_S / 2);
    assert_int_equal(ntp_time_ns(UINT64_MAX, (era1_s + 5) * NS_PER_S, &t), ERR_OK);
    assert_true(t == era1_s * NS_PER_S - 1);
    assert_int_equal(ntp_time_ns(UINT64_C(2208988800) << 32, NS_PER_S, &t), ERR_OK);
    assert_true(t == 0);
    assert_int_equal(ntp_time_ns(UINT64_C(2208988799) << 32, NS_PER_S, &t), ERR_RANGE);
    assert_true(t == 0);
    assert_int_equal(ntp_time_ns(0, INT64_MAX, &t), ERR_RANGE); /* era 3: after 2255 */
}

static void spans_are_rounded_up(void **state)
{
    (void)state;
    assert_true(ntp_short_ns(0) == 0);
    assert_true(ntp_short_ns(1) == 15259);
    assert_true(ntp_short_ns(0x10000) == NS_PER_S);
    assert_true(ntp_short_ns(UINT32_MAX) == INT64_C(65535999984742));
    assert_true(ntp_log2_ns(0) == NS_PER_S && ntp_log2_ns(1) == 2 * NS_PER_S);
    assert_true(ntp_log2_ns(-1) == NS_PER_S / 2 + 1);
    assert_true(ntp_log2_ns(-29) == 2 && ntp_log2_ns(-30) == 1 && ntp_log2_ns(-128) == 1);
    assert_true(ntp_log2_ns(127) == NS_PER_S << 16);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(header_goes_both_ways),
        cmocka_unit_test(fields_are_walked_and_padded),
        cmocka_unit_test(eras_follow_what_is_near),
        cmocka_unit_test(spans_are_rounded_up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
