#include "testing.h"

#include "enclave/timed/told.h"

static void each_failure_is_told_once(void **state)
{
    uint64_t told = 0;
    unsigned kinds = 0;

    (void)state;
    assert_false(told_first(&told, ERR_OK));
    for (unsigned code = 1; code <= 0x0fff; code++) {
        if (err_known(code)) {
            assert_true(told_first(&told, (enum err)code)); /* none hides another */
            assert_false(told_first(&told, (enum err)code));
            kinds++;
        }
    }
    assert_true(kinds > 20);
    for (int turn = 0; turn < 10; turn++) { /* nor do two in turn fill the log */
        assert_false(told_first(&told, turn % 2 == 0 ? ERR_STALE : ERR_MISMATCH));
    }
    told = 0;
    assert_true(told_first(&told, ERR_STALE));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(each_failure_is_told_once)};

    return cmocka_run_group_tests(tests, NULL, NULL);
}
