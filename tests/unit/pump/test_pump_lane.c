#include "testing.h"

#include "host/mesh/pump_lane.h"

#include <stdlib.h>
#include <string.h>

static struct pump_lane lane;
static uint8_t bytes[70000];

static struct view packet(uint8_t first, size_t n)
{
    memset(bytes, 0xa5, n);
    bytes[0] = first;
    return (struct view){bytes, n};
}

static void packets_come_out_as_they_went_in(void **state)
{
    struct view got;
    size_t cursor = 0;

    (void)state;
    memset(&lane, 0, sizeof lane);
    assert_true(pump_lane_empty(&lane));
    assert_false(pump_lane_next(&lane, &cursor, &got));
    for (uint8_t i = 0; i < 5; i++) {
        assert_true(pump_lane_put(&lane, packet(i, 1 + 1000U * i)));
    }
    for (uint8_t i = 0; i < 5; i++) {
        assert_true(pump_lane_next(&lane, &cursor, &got));
        assert_int_equal(got.n, 1 + 1000U * i);
        assert_int_equal(got.p[0], i);
    }
    assert_false(pump_lane_next(&lane, &cursor, &got));
    pump_lane_drop(&lane);
    cursor = 0;
    assert_true(pump_lane_next(&lane, &cursor, &got));
    assert_int_equal(got.p[0], 1);
    assert_int_equal(pump_lane_clear(&lane), 4);
    assert_int_equal(pump_lane_room(&lane), PUMP_LANE_MAX);
}

static void a_full_lane_takes_nothing_and_keeps_what_it_has(void **state)
{
    unsigned n = 0;

    (void)state;
    memset(&lane, 0, sizeof lane);
    while (pump_lane_put(&lane, packet((uint8_t)n, 65000))) {
        n++;
    }
    assert_int_equal(n, PUMP_LANE_MAX / 65004);
    assert_true(pump_lane_put(&lane, packet(77, pump_lane_room(&lane) - 4)));
    assert_int_equal(pump_lane_room(&lane), 0);
    assert_false(pump_lane_put(&lane, packet(78, 1)));
    assert_false(pump_lane_put(&lane, (struct view){bytes, SIZE_MAX}));
    assert_int_equal(pump_lane_clear(&lane), n + 1);
}

/* What is put never waits for what stands before the oldest to be used again. */
static void room_is_found_again(void **state)
{
    unsigned in = 0;
    unsigned out = 0;

    (void)state;
    memset(&lane, 0, sizeof lane);
    for (unsigned i = 0; i < 2000; i++) {
        struct view got;
        size_t cursor = 0;

        if (i % 3 != 2 && pump_lane_put(&lane, packet((uint8_t)in, 1 + i * 37 % 65000))) {
            in++;
        } else if (pump_lane_next(&lane, &cursor, &got)) {
            assert_int_equal(got.p[0], (uint8_t)out);
            pump_lane_drop(&lane);
            out++;
        }
    }
    assert_true(out > 600);
    assert_int_equal(pump_lane_clear(&lane), in - out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_come_out_as_they_went_in),
        cmocka_unit_test(a_full_lane_takes_nothing_and_keeps_what_it_has),
        cmocka_unit_test(room_is_found_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
