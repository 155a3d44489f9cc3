#include "testing.h"

#include "client/load/latency.h"

#include <stdlib.h>

static void small_times_are_exact(void **state)
{
    struct latency *l = calloc(1, sizeof *l);

    (void)state;
    for (uint64_t us = 1; us <= 100; us++) {
        latency_add(l, us);
    }
    assert_int_equal(l->count, 100);
    assert_int_equal(l->max_us, 100);
    assert_int_equal(latency_quantile_us(l, 50000), 50);
    assert_int_equal(latency_quantile_us(l, 99000), 99);
    assert_int_equal(latency_quantile_us(l, 99900), 100);
    assert_int_equal(latency_quantile_us(l, 100000), 100);
    assert_int_equal(latency_quantile_us(l, 0), 1);
    free(l);
}

/* Whatever the time, what comes back is not less and at most a 64th more. */
static void every_size_is_within_a_64th(void **state)
{
    struct latency *l = calloc(1, sizeof *l);

    (void)state;
    for (uint64_t us = 1; us < UINT64_C(1) << 32; us = us + us / 7 + 1) {
        *l = (struct latency){0};
        latency_add(l, us);
        latency_add(l, us * 4); /* so that the longest does not help */
        const uint64_t q = latency_quantile_us(l, 50000);

        assert_true(q >= us && q <= us + us / 64 + 1);
    }
    *l = (struct latency){0};
    latency_add(l, UINT64_MAX);
    assert_true(latency_quantile_us(l, 50000) > UINT64_C(3600) * 1000000);
    free(l);
}

static void merging_adds(void **state)
{
    struct latency *a = calloc(1, sizeof *a);
    struct latency *b = calloc(1, sizeof *b);

    (void)state;
    assert_int_equal(latency_quantile_us(a, 50000), 0);
    latency_add(a, 10);
    latency_add(b, 20);
    latency_add(b, 30);
    latency_merge(a, b);
    assert_int_equal(a->count, 3);
    assert_int_equal(a->sum_us, 60);
    assert_int_equal(a->max_us, 30);
    assert_int_equal(latency_quantile_us(a, 50000), 20);
    free(a);
    free(b);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(small_times_are_exact),
        cmocka_unit_test(every_size_is_within_a_64th),
        cmocka_unit_test(merging_adds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
