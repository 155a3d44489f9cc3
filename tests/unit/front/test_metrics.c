#include "testing.h"

#include "host/front/metrics.h"

#include <pthread.h>

#define THREADS 8
#define ROUNDS 1000

static void *count(void *user)
{
    struct metrics *m = user;

    for (int i = 0; i < ROUNDS; i++) {
        metrics_count_http(m, http_route_at(1), METHOD_POST, 200);
        metrics_count_granted(m, 3, HASH_SHA512);
        metrics_observe(m, METRIC_SIGN_SECONDS, 150000);
    }
    return NULL;
}

static void adds_threads_up(void **state)
{
    struct metrics *m = metrics_new();
    static struct metrics_sums sums;
    pthread_t threads[THREADS];

    (void)state;
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, count, m), 0);
    }
    for (int i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
    }
    metrics_sum(m, &sums);
    assert_int_equal(sums.http[1][METHOD_POST][0], THREADS * ROUNDS);
    assert_int_equal(sums.granted[3][HASH_SHA512], THREADS * ROUNDS);
    assert_int_equal(sums.buckets[METRIC_SIGN_SECONDS][1], THREADS * ROUNDS);
    assert_int_equal(sums.sum_ns[METRIC_SIGN_SECONDS], UINT64_C(150000) * THREADS * ROUNDS);
    metrics_free(m);
}

static void keeps_numbers_apart(void **state)
{
    struct metrics *m = metrics_new();
    static struct metrics_sums sums;

    (void)state;
    metrics_count_http(m, NULL, METHOD_OTHER, 404);
    metrics_count_http(m, http_route_at(0), METHOD_GET, 299); /* a status without a column */
    metrics_count_rejected(m, FAIL_SYSTEM_FAILURE);
    metrics_count_rate_limited(m);
    metrics_observe(m, METRIC_REQUEST_SECONDS, 100000);        /* on the bound: in the bucket */
    metrics_observe(m, METRIC_REQUEST_SECONDS, INT64_MAX / 4); /* over all */
    metrics_observe(m, METRIC_REQUEST_SECONDS, -1);
    metrics_sum(m, &sums);
    assert_int_equal(sums.http[HTTP_ROUTES][METHOD_OTHER][3], 1);
    assert_int_equal(metrics_status(3), 404);
    assert_int_equal(sums.http[0][METHOD_GET][METRICS_STATUSES - 1], 1);
    assert_int_equal(sums.rejected[FAIL_SYSTEM_FAILURE], 1);
    assert_int_equal(sums.rate_limited, 1);
    assert_int_equal(sums.buckets[METRIC_REQUEST_SECONDS][0], 2);
    assert_int_equal(sums.buckets[METRIC_REQUEST_SECONDS][METRICS_BUCKETS], 1);
    metrics_free(m);
}

/* More policies over the years than places: the last slot takes them together. */
static void keeps_policy_slots(void **state)
{
    struct metrics *m = metrics_new();

    (void)state;
    for (unsigned i = 0; i < CONFIG_POLICIES_MAX; i++) {
        assert_int_equal(metrics_policy_slot(m, (uint8_t)(i + 10)), i);
        assert_int_equal(metrics_policy_number(m, i), i + 10);
    }
    assert_int_equal(metrics_policy_slot(m, 10), 0);
    assert_int_equal(metrics_policy_slot(m, 200), CONFIG_POLICIES_MAX);
    assert_int_equal(metrics_policy_number(m, CONFIG_POLICIES_MAX), 0);
    metrics_free(m);
}

static void has_rising_bounds(void **state)
{
    (void)state;
    for (size_t i = 1; i < METRICS_BUCKETS; i++) {
        assert_true(metrics_bound_ns(i) > metrics_bound_ns(i - 1));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_threads_up),
        cmocka_unit_test(keeps_numbers_apart),
        cmocka_unit_test(keeps_policy_slots),
        cmocka_unit_test(has_rising_bounds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
