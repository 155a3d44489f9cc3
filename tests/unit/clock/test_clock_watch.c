#include "clock_rig.h"

static struct clock_watch watch;
static int64_t counter, second;

static void start(void)
{
    watch = (struct clock_watch){0};
    counter = 5 * NS_S;
    second = NS_S;
    assert_int_equal(clock_watch_look(&watch, counter, second), TIME_EVENT_NONE);
}

static enum time_event go(int64_t counter_ns, int64_t second_ns)
{
    counter += counter_ns;
    second += second_ns;
    return clock_watch_look(&watch, counter, second);
}

static void nothing_happens(void **state)
{
    (void)state;
    start();
    for (int i = 0; i < 10000;
         i++) { /* 500 ppm apart, and each pair is read as badly as may be */
        const int64_t jitter = i % 2 == 0 ? WATCH_PAIR_NS : -WATCH_PAIR_NS;

        assert_int_equal(go(100 * NS_MS, 100 * NS_MS + 50000 + jitter), TIME_EVENT_NONE);
    }
}

static void jumps(void **state)
{
    static const struct {
        int64_t counter_ns, second_ns;
        enum time_event e;
    } cases[] = {
        {100 * NS_MS + NS_S, 100 * NS_MS, TIME_EVENT_JUMP},
        {100 * NS_MS, NS_S, TIME_EVENT_JUMP},
        {100 * NS_MS - NS_S, 100 * NS_MS, TIME_EVENT_BACK},
        {100 * NS_MS, -1, TIME_EVENT_BACK},
        {-1, 0, TIME_EVENT_BACK},
        {0, 0, TIME_EVENT_NONE},
        {100 * NS_MS, 0, TIME_EVENT_JUMP},
        {102 * NS_MS, 100 * NS_MS, TIME_EVENT_JUMP},
        {WATCH_GAP_NS, WATCH_GAP_NS, TIME_EVENT_NONE},
        {WATCH_GAP_NS + 1, WATCH_GAP_NS, TIME_EVENT_GAP},
        {101 * NS_MS, 100 * NS_MS, TIME_EVENT_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        start();
        assert_int_equal(go(cases[i].counter_ns, cases[i].second_ns), cases[i].e);
        assert_int_equal(go(100 * NS_MS, 100 * NS_MS), TIME_EVENT_NONE); /* from there on */
    }
}

/* The distance follows as fast as a kernel may slew, and no faster. */
static void follows_a_slew(void **state)
{
    int64_t distance;

    (void)state;
    start();
    distance = watch.distance_ns;
    assert_int_equal(go(100 * NS_MS, 100 * NS_MS + 60000), TIME_EVENT_NONE);
    assert_int_equal(watch.distance_ns, distance + 60000);
    assert_int_equal(go(100 * NS_MS, 100 * NS_MS + 700000), TIME_EVENT_NONE);
    assert_int_equal(watch.distance_ns, distance + 160000);
    assert_int_equal(go(100 * NS_MS, 100 * NS_MS), TIME_EVENT_NONE);
    assert_int_equal(watch.distance_ns, distance + 260000);
    assert_int_equal(go(100 * NS_MS, 100 * NS_MS - 900000), TIME_EVENT_NONE);
    assert_int_equal(watch.distance_ns, distance + 160000);
}

/* How far a rate that is off by 1 % gets before it is found. */
static void another_rate(void **state)
{
    (void)state;
    for (int sign = -1; sign <= 1; sign += 2) {
        int64_t off = 0;

        start();
        while (go(10 * NS_MS + sign * NS_MS / 10, 10 * NS_MS) == TIME_EVENT_NONE) {
            off += NS_MS / 10;
            assert_true(off <= WATCH_UNSEEN_NS - WATCH_PAIR_NS);
        }
        assert_true(off >= NS_MS);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_happens),
        cmocka_unit_test(jumps),
        cmocka_unit_test(follows_a_slew),
        cmocka_unit_test(another_rate),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
