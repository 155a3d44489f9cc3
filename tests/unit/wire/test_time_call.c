/* Golden bytes of TIME_SAMPLE, docs/wire.md 7. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/frame.h"
#include "wire/time_call.h"

static const char GOLDEN[] = "0700000000000000"
                             "0100000000000000"
                             "0000000000000000"
                             "0200000000000000"
                             "0300000000000000"
                             "040303010001"
                             "03"
                             "703a31"
                             "02"
                             "ffffffffffffffff"
                             "0500000000000000"
                             "0600000000000000"
                             "e8030000"
                             "ff"
                             "00000000";

static uint8_t bytes[4096];

static struct time_report sample(void)
{
    return (struct time_report){
        .sample = {7, 1, 0, 2, 3, 4, 3, 3, TIME_LEAP_INSERT, 0},
        .n_sources = 1,
        .rows = {{{(const uint8_t *)"p:1", 3}, TIME_SOURCE_AGREES, -1, 5, 6, 1000, 0xff, {0}}}};
}

static struct view encoded(const struct time_report *r)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    time_report_encode(&w, r);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    struct time_report r;

    return time_report_decode(in, &r);
}

static enum err decode_changed(const struct time_report *r)
{
    return decode(encoded(r));
}

static void it_has_these_bytes(void **state)
{
    const struct time_report r = sample();
    uint8_t golden[128];

    (void)state;
    assert_int_equal(FRAME_TIME_SAMPLE, 0x40);
    assert_true(view_equal(encoded(&r), hex_bytes(GOLDEN, golden, sizeof golden)));
}

static void reads_back_and_nothing_else(void **state)
{
    const struct time_report r = sample();
    struct time_report out;

    (void)state;
    assert_int_equal(time_report_decode(encoded(&r), &out), ERR_OK);
    assert_memory_equal(&out.sample, &r.sample, sizeof r.sample);
    assert_int_equal(out.rows[0].offset_ns, -1);
    refuses_every_prefix_of(decode, encoded(&r));
    refuses_a_byte_after(decode, encoded(&r));
    (void)survives_every_flip_of(decode, encoded(&r));
}

static void refuses_samples_that_make_no_sense(void **state)
{
    static const struct time_sample bad[] = {
        {0, 1, 0, 2, 3, 4, 3, 3, 0, 0},  {7, -1, -1, 2, 3, 4, 3, 3, 0, 0},
        {7, 1, 0, -2, 3, 4, 3, 3, 0, 0}, {7, 1, 0, 4, 3, 4, 3, 3, 0, 0},
        {7, 1, 0, 2, 3, 17, 3, 3, 0, 0}, {7, 1, 0, 2, 3, 4, 0, 3, 0, 0},
        {7, 1, 0, 2, 3, 4, 5, 3, 0, 0},  {7, 1, 0, 2, 3, 4, 3, 5, 0, 0},
        {7, 1, 0, 2, 3, 4, 3, 2, 0, 0},  {7, 1, 0, 2, 3, 4, 3, 3, 4, 0},
        {7, 1, 0, 2, 3, 4, 3, 3, 0, 2},  {7, 1, 2, 2, 3, 4, 3, 3, 0, 0},
        {7, 1, -1, 2, 3, 4, 3, 3, 0, 0},
    };
    struct time_report r = sample();

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        r.sample = bad[i];
        assert_int_equal(decode_changed(&r), ERR_RANGE);
    }
    r.sample = (struct time_sample){7, 1, 0, 0, 0, 4, 3, 2, TIME_LEAP_UNKNOWN, TIME_FLAG_FENCE};
    assert_int_equal(decode_changed(&r), ERR_OK);
    assert_false(time_sample_holds(&r.sample));
}

static void refuses_rows_that_make_no_sense(void **state)
{
    static const uint8_t control[] = {'a', 0x1b};
    static uint8_t longest[TIME_NAME_MAX + 1];
    struct time_report r = sample();

    (void)state;
    memset(longest, 'n', sizeof longest);
    r.rows[0].name = (struct view){longest, TIME_NAME_MAX};
    assert_int_equal(decode_changed(&r), ERR_OK);
    r.rows[0].name.n++;
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r.rows[0].name = (struct view){control, sizeof control};
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r.rows[0].name = (struct view){control, 0};
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r = sample();
    r.rows[0].state = 0;
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r.rows[0].state = TIME_SOURCE_UNSYNCHRONISED + 1;
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r = sample();
    r.rows[0].half_width_ns = -1;
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r = sample();
    r.rows[0].delay_ns = -1;
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    r = sample();
    r.rows[0].kiss[0] = 'R'; /* and three zeros */
    assert_int_equal(decode_changed(&r), ERR_RANGE);
    memcpy(r.rows[0].kiss, "RATE", TIME_KISS_LEN);
    assert_int_equal(decode_changed(&r), ERR_OK);
}

static void takes_so_many_rows(void **state)
{
    struct time_report r = sample();
    struct view v;

    (void)state;
    for (size_t i = 1; i < TIME_SOURCES_MAX; i++) {
        r.rows[i] = r.rows[0];
    }
    r.n_sources = TIME_SOURCES_MAX;
    v = encoded(&r);
    assert_int_equal(decode(v), ERR_OK);
    assert_int_equal(parse_with(decode, v, 45, TIME_SOURCES_MAX + 1), ERR_RANGE);
    r.n_sources = 0;
    assert_int_equal(decode_changed(&r), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(refuses_samples_that_make_no_sense),
        cmocka_unit_test(refuses_rows_that_make_no_sense),
        cmocka_unit_test(takes_so_many_rows),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
