/* Golden bytes of TIME_STATUS, docs/wire.md 9. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/frame.h"
#include "wire/time_status.h"

static const char GOLDEN[] = "03010500"
                             "0000"
                             "0b0100"
                             "040304"
                             "02030507"
                             "0200000000000000"
                             "0400000000000000"
                             "0100000000000000"
                             "feffffffffffffff"
                             "0900000000000000"
                             "0300000000000000"
                             "fdffffffffffffff"
                             "0500000000000000"
                             "0a00000000000000"
                             "0600000000000000"
                             "0100000000000000"
                             "e8030000"
                             "d0070000"
                             "01"
                             "03"
                             "703a31"
                             "02"
                             "ffffffffffffffff"
                             "0500000000000000"
                             "0600000000000000"
                             "e8030000"
                             "ff"
                             "00000000";

static uint8_t bytes[TIME_STATUS_LEN_MAX];

static struct time_status status(void)
{
    return (struct time_status){
        .clock = CLOCK_NTS,
        .counter = TIME_COUNTER_RAW,
        .state = CORE_SERVING,
        .flags = TIME_STATUS_VALID | TIME_STATUS_SPAN | TIME_STATUS_PERMIT,
        .leap = TIME_LEAP_INSERT,
        .sources = 4,
        .quota = 3,
        .agreeing = 4,
        .index = 2,
        .threshold = 3,
        .total = 5,
        .peers = 7,
        .lo_ns = 2,
        .hi_ns = 4,
        .half_width_ns = 1,
        .offset_ns = -2,
        .bound_ns = 9,
        .given_ns = 3,
        .rate_lo_ppb = -3,
        .rate_hi_ppb = 5,
        .leap_expires_s = 10,
        .adjusted = 6,
        .events = 1,
        .heard_ms = 1000,
        .sample_ms = 2000,
        .n_sources = 1,
        .rows = {{{(const uint8_t *)"p:1", 3}, TIME_SOURCE_AGREES, -1, 5, 6, 1000, 0xff, {0}}}};
}

static struct view encoded(const struct time_status *s)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    time_status_encode(&w, s);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct time_status s;

    return time_status_decode(in, &s);
}

static void it_has_these_bytes(void **state)
{
    const struct time_status s = status();
    uint8_t golden[256];

    (void)state;
    assert_int_equal(FRAME_TIME_STATUS, 0x42);
    assert_true(view_equal(encoded(&s), hex_bytes(GOLDEN, golden, sizeof golden)));
}

static void reads_back_and_nothing_else(void **state)
{
    const struct time_status s = status();
    struct time_status out;

    (void)state;
    assert_int_equal(time_status_decode(encoded(&s), &out), ERR_OK);
    assert_memory_equal(&out, &s, offsetof(struct time_status, rows));
    assert_int_equal(out.rows[0].offset_ns, -1);
    refuses_every_prefix_of(decode, encoded(&s));
    refuses_a_byte_after(decode, encoded(&s));
    (void)survives_every_flip_of(decode, encoded(&s));
}

static void the_longest_fits(void **state)
{
    static uint8_t name[TIME_NAME_MAX];
    struct time_status s = status();

    (void)state;
    memset(name, 'n', sizeof name);
    s.n_sources = TIME_SOURCES_MAX;
    for (size_t i = 0; i < TIME_SOURCES_MAX; i++) {
        s.rows[i] = s.rows[0];
        s.rows[i].name = (struct view){name, sizeof name};
    }
    assert_int_equal(encoded(&s).n, TIME_STATUS_LEN_MAX);
    assert_int_equal(decode(encoded(&s)), ERR_OK);
}

static void refuses_words_that_stand_nowhere(void **state)
{
    static const struct {
        size_t at;
        uint8_t value;
    } rows[] = {{0, 0},    {0, 4},  {1, 3},  {2, 0},  {2, 12},  {3, 9},
                {6, 0x4b}, {7, 4},  {8, 3},  {9, 17}, {9, 2},   {10, 5},
                {11, 5},   {12, 7}, {13, 6}, {14, 7}, {15, 32}, {15, 0xff}};
    const struct time_status s = status();

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view v = encoded(&s);

        bytes[rows[i].at] = rows[i].value;
        assert_int_equal(decode(v), ERR_RANGE);
    }
}

static void refuses_numbers_that_make_no_sense(void **state)
{
    struct time_status bad[12];

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        bad[i] = status();
    }
    bad[0].lo_ns = 5;
    bad[1].lo_ns = -1;
    bad[2].hi_ns = INT64_MAX;
    bad[3].flags &= (uint8_t)~TIME_STATUS_VALID; /* and a span in it */
    bad[4].flags &= (uint8_t)~TIME_STATUS_SPAN;
    bad[5].half_width_ns = -1;
    bad[6].offset_ns = INT64_MIN;
    bad[7].bound_ns = -1;
    bad[8].given_ns = INT64_MAX;
    bad[9].rate_lo_ppb = 6;
    bad[10].rate_hi_ppb = INT64_MAX;
    bad[11].leap_expires_s = -1;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(decode(encoded(&bad[i])), ERR_RANGE);
    }
}

static void it_says_what_is_believed(void **state)
{
    struct time_status s = status();

    (void)state;
    assert_string_equal(time_status_label(&s), "nts, CLOCK_MONOTONIC_RAW");
    s.counter = TIME_COUNTER_TSC;
    assert_string_equal(time_status_label(&s), "nts, TSC");
    s.clock = CLOCK_KERNEL;
    assert_string_equal(time_status_label(&s), "kernel, untrusted");
    s.clock = CLOCK_TRUST_SYSTEM;
    assert_string_equal(time_status_label(&s), "trust-system, untrusted");
    s.clock = 9;
    assert_string_equal(time_status_label(&s), "unknown");
    assert_string_equal(time_reason_name(TIME_PEERS), "peers");
    assert_string_equal(time_reason_name(TIME_UNREADABLE), "unreadable");
    assert_string_equal(time_reason_name(TIME_UNSYNCHRONISED), "unsynchronised");
    for (int i = TIME_SOURCE_STARTING; i <= TIME_SOURCE_UNSYNCHRONISED; i++) {
        assert_string_not_equal(time_source_state_name((enum time_source_state)i), "unknown");
    }
    assert_string_equal(time_source_state_name((enum time_source_state)0), "unknown");
    assert_string_equal(time_leap_name(TIME_LEAP_DELETE), "delete");
    assert_string_equal(time_leap_name(TIME_LEAP_UNKNOWN), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(the_longest_fits),
        cmocka_unit_test(refuses_words_that_stand_nowhere),
        cmocka_unit_test(refuses_numbers_that_make_no_sense),
        cmocka_unit_test(it_says_what_is_believed),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
