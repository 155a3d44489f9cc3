#include "testing.h"

#include "host/coord/ended_list.h"

#include <string.h>

#define NONCE "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"

static unsigned count(const char *text)
{
    struct reader r = rd_init((struct view){(const uint8_t *)text, strlen(text)});
    uint8_t nonce[PLAN_NONCE_LEN];
    unsigned n = 0;

    while (ended_list_next(&r, nonce)) {
        for (size_t i = 0; i < sizeof nonce; i++) {
            assert_int_equal(nonce[i], i);
        }
        n++;
    }
    return n;
}

static void reads_what_it_wrote(void **state)
{
    uint8_t text[2 * ENDED_LINE_MAX + 1] = {0};
    struct writer w = wr_init(text, sizeof text - 1);
    uint8_t nonce[PLAN_NONCE_LEN];

    (void)state;
    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] = (uint8_t)i;
    }
    ended_list_write(&w, "core-1", nonce);
    assert_string_equal((const char *)text, "ended core-1 " NONCE "\n");
    ended_list_write(&w, "core-12", nonce);
    assert_false(w.full);
    assert_int_equal(count((const char *)text), 2);
}

static void passes_over_what_is_none(void **state)
{
    (void)state;
    assert_int_equal(count(""), 0);
    assert_int_equal(count("\n\n"), 0);
    assert_int_equal(count("ended core-1 " NONCE), 0); /* cut */
    assert_int_equal(count("ended core-1 0001020\nended core-1 " NONCE "\n"), 1);
    assert_int_equal(count("# of people\nended core-1 " NONCE "\nstarted core-1 " NONCE "\n"),
                     1);
    assert_int_equal(count("ended core-1_" NONCE "\n"), 0);
    assert_int_equal(count("ended core-1 x" NONCE "\n"), 0);
    assert_int_equal(count("ended " NONCE "\n"), 0);
    assert_int_equal(count("ended core-1 " NONCE "\r\n"), 0);
}

static void orders_are_lines_among_them(void **state)
{
    static uint8_t text[2 * ENDED_LINE_MAX + ENDED_ORDER_MAX + 1];
    static uint8_t longest[REENROL_ORDER_MAX];
    struct writer w = wr_init(text, sizeof text - 1);
    struct reader r;
    uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t space[REENROL_ORDER_MAX];
    struct view order;

    (void)state;
    for (size_t i = 0; i < sizeof nonce; i++) {
        nonce[i] = (uint8_t)i;
    }
    ended_list_write(&w, "core-1", nonce);
    memset(longest, 0xab, sizeof longest);
    ended_list_write_order(&w, (struct view){longest, sizeof longest});
    ended_list_write(&w, "core-1", nonce);
    assert_false(w.full);
    assert_int_equal(count((const char *)text), 2);
    r = rd_init((struct view){text, w.len});
    assert_true(ended_list_next_order(&r, space, &order));
    assert_true(view_equal(order, (struct view){longest, sizeof longest}));
    assert_false(ended_list_next_order(&r, space, &order));
    static const char *const none[] = {"order \n", "order abc\n", "order xx\n",
                                       "order ab", "orders ab\n", "order  ab\n"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        r = rd_init((struct view){(const uint8_t *)none[i], strlen(none[i])});
        assert_false(ended_list_next_order(&r, space, &order));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(passes_over_what_is_none),
        cmocka_unit_test(orders_are_lines_among_them),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
