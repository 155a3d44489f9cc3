#include "testing.h"

#include "host/front/rate_limit.h"

#include <string.h>

#define SECOND INT64_C(1000000000)

static struct rate_key key(uint8_t last)
{
    return (struct rate_key){.family = 4, .bytes = {10, 0, 0, last}};
}

static void gives_back_with_time(void **state)
{
    struct rate_limit *r = rate_limit_new(64, 1);
    const struct rate_key a = key(1);
    const struct rate_key b = key(2);
    int64_t now = 5 * SECOND;

    (void)state;
    assert_non_null(r);
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 0);
    }
    assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 1);
    assert_int_equal(rate_limit_take(r, &b, 2, 5, now), 0); /* another address is not touched */
    now += SECOND / 2;
    assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 0);
    assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 1);
    now += 100 * SECOND; /* never more than burst */
    for (int i = 0; i < 5; i++) {
        assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 0);
    }
    assert_int_equal(rate_limit_take(r, &a, 2, 5, now), 1);
    rate_limit_free(r);
}

/* However finely the calls cut it, time gives back per_s a second. */
static void loses_no_time(void **state)
{
    struct rate_limit *r = rate_limit_new(64, 1);
    const struct rate_key a = key(1);
    unsigned granted = 0;

    (void)state;
    for (int64_t now = 0; now <= SECOND; now += 700) {
        granted += rate_limit_take(r, &a, 1000, 10, now) == 0 ? 1 : 0;
    }
    assert_true(granted >= 1009 && granted <= 1010);
    rate_limit_free(r);
}

static void says_how_long(void **state)
{
    struct rate_limit *r = rate_limit_new(64, 1);
    const struct rate_key a = key(1);

    (void)state;
    assert_int_equal(rate_limit_take(r, &a, 1, 1, 0), 0);
    assert_int_equal(rate_limit_take(r, &a, 1, 1, 0), 2);
    assert_int_equal(rate_limit_take(r, &a, 1, 1, SECOND / 2), 1);
    assert_int_equal(rate_limit_take(r, &a, 1, 1, SECOND), 0);
    assert_int_equal(rate_limit_take(r, &a, 1, 1, 0),
                     2); /* a clock that went back gives nothing */
    rate_limit_free(r);
}

/* More addresses than places: the table keeps its size, and the newest are remembered. */
static void forgets_the_oldest(void **state)
{
    struct rate_limit *r = rate_limit_new(RATE_WAYS, 1); /* one set */
    int64_t now = 0;

    (void)state;
    for (uint8_t i = 0; i < RATE_WAYS + 1; i++) {
        const struct rate_key k = key(i);

        now += SECOND / 1000;
        assert_int_equal(rate_limit_take(r, &k, 1, 1, now), 0);
    }
    const struct rate_key newest = key(RATE_WAYS);
    const struct rate_key oldest = key(0);

    assert_int_not_equal(rate_limit_take(r, &newest, 1, 1, now), 0);
    assert_int_equal(rate_limit_take(r, &oldest, 1, 1, now),
                     0); /* forgotten: a full bucket again */
    rate_limit_free(r);
}

static void survives_extremes(void **state)
{
    struct rate_limit *r = rate_limit_new(1, UINT64_MAX);
    const struct rate_key a = key(1);

    (void)state;
    assert_int_equal(rate_limit_take(r, &a, 1000000, 1000000, 0), 0);
    assert_int_equal(rate_limit_take(r, &a, 1000000, 1000000, INT64_MAX), 0);
    assert_int_equal(rate_limit_take(r, &a, 1, 1000000, INT64_MAX), 0);
    rate_limit_free(r);
    rate_limit_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_back_with_time), cmocka_unit_test(loses_no_time),
        cmocka_unit_test(says_how_long),        cmocka_unit_test(forgets_the_oldest),
        cmocka_unit_test(survives_extremes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
