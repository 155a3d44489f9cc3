#include "testing.h"

#include "os/clock.h"

#include <sys/timex.h>
#include <time.h>

/* By the clock that is under test: time() reads one that lags behind it by a tick. */
static int64_t realtime_ns(void)
{
    struct timespec ts;

    assert_int_equal(clock_gettime(CLOCK_REALTIME, &ts), 0);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}

static void reads_the_kernels_clocks(void **state)
{
    struct timex tx = {0};
    struct kernel_time k;
    const int64_t before = realtime_ns();
    const int64_t m1 = clock_os.monotonic_ns(clock_os.self);
    const int64_t m2 = clock_os.monotonic_ns(clock_os.self);

    (void)state;
    assert_int_equal(clock_os.kernel_time(clock_os.self, &k), ERR_OK);
    assert_true(m1 > 0 && m2 >= m1);
    assert_true(k.now_ns >= before && k.now_ns <= realtime_ns());
    assert_int_equal(k.synchronised, adjtimex(&tx) != TIME_ERROR && !(tx.status & STA_UNSYNC));
    assert_true(k.bound_us <= tx.maxerror); /* it grows between two readings */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_the_kernels_clocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
