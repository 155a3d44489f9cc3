#include "testing.h"

#include "host/coord/coord_stock.h"

#include <string.h>

#define MS INT64_C(1000000)
#define LIFE ((R1_LIFE_MS - COORD_R1_MARGIN_MS) * MS)

static struct coord_stock s;

static int setup(void **state)
{
    (void)state;
    coord_stock_init(&s, R1_LIFE_MS);
    return 0;
}

static void add(int64_t asked_ns, uint8_t mark)
{
    struct coord_r1 r1 = {.asked_ns = asked_ns};

    r1.body[0] = mark;
    coord_stock_add(&s, &r1);
}

static void life_is_never_believed_longer(void **state)
{
    (void)state;
    coord_stock_init(&s, 60000);
    assert_int_equal(s.life_ns, LIFE);
    coord_stock_init(&s, 100);
    assert_int_equal(s.life_ns, (100 - COORD_R1_MARGIN_MS) * MS);
}

static void oldest_first_and_none_too_old(void **state)
{
    struct coord_r1 r1;

    (void)state;
    add(0, 1);
    add(10 * MS, 2);
    add(5 * MS, 3); /* an answer out of order */
    add(20 * MS, 4);
    assert_true(coord_stock_take(&s, LIFE, &r1));
    assert_int_equal(r1.body[0], 1);
    assert_true(coord_stock_take(&s, LIFE + 6 * MS, &r1));
    assert_int_equal(r1.body[0], 2);
    assert_true(coord_stock_take(&s, LIFE + 6 * MS, &r1)); /* 3 is dropped */
    assert_int_equal(r1.body[0], 4);
    assert_false(coord_stock_take(&s, LIFE + 6 * MS, &r1));
    add(0, 5);
    assert_int_equal(coord_stock_fresh(&s, LIFE + 1), 0);
}

static void ring_goes_round(void **state)
{
    struct coord_r1 r1;

    (void)state;
    for (size_t i = 0; i < 3 * COORD_STOCK_MAX; i++) {
        add(0, (uint8_t)i);
        if (i >= COORD_STOCK_MAX - 1) {
            assert_true(coord_stock_take(&s, 0, &r1));
            assert_int_equal(r1.body[0], (uint8_t)(i - (COORD_STOCK_MAX - 1)));
        }
    }
    coord_stock_drop(&s);
    assert_false(coord_stock_take(&s, 0, &r1));
}

static void wants_what_waits_when_nothing_was_used(void **state)
{
    (void)state;
    assert_int_equal(coord_stock_want(&s, 0, 0), 0);
    assert_int_equal(coord_stock_want(&s, 1, 0), 1);
    assert_int_equal(coord_stock_want(&s, 1000, 0), STAMP_BATCH_MAX);
    s.asked = 1;
    assert_int_equal(coord_stock_want(&s, 1, 0), 0);
    assert_int_equal(coord_stock_want(&s, 3, 0), 2);
    s.asked = COORD_STOCK_MAX;
    assert_int_equal(coord_stock_want(&s, 1000, 0), 0);
    s.asked = COORD_STOCK_MAX - 10;
    assert_int_equal(coord_stock_want(&s, 1000, 0), 10);
}

static void use(size_t n, int64_t now_ns)
{
    struct coord_r1 r1;

    for (size_t i = 0; i < n; i++) {
        add(now_ns, 0);
        assert_true(coord_stock_take(&s, now_ns, &r1));
    }
}

static void asks_ahead_for_half_a_window(void **state)
{
    const int64_t window = COORD_RATE_WINDOW_MS * MS;

    (void)state;
    use(100, window);
    assert_int_equal(coord_stock_want(&s, 0, window), 50);
    for (int i = 0; i < 26; i++) {
        add(window, 0);
    }
    assert_int_equal(coord_stock_want(&s, 0, window), 0); /* half of it is enough */
    assert_int_equal(coord_stock_want(&s, 1, window), 25);
    /* A pause ends it. */
    assert_int_equal(coord_stock_want(&s, 0, 4 * window + LIFE), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(life_is_never_believed_longer, setup),
        cmocka_unit_test_setup(oldest_first_and_none_too_old, setup),
        cmocka_unit_test_setup(ring_goes_round, setup),
        cmocka_unit_test_setup(wants_what_waits_when_nothing_was_used, setup),
        cmocka_unit_test_setup(asks_ahead_for_half_a_window, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
