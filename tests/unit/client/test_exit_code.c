#include "testing.h"

#include "client/verify/exit_code.h"

/* Every enumerator of every class: only class 04 is "not genuine", only ERR_OK is success. */
static void walks_every_error(void **state)
{
    unsigned known = 0;

    (void)state;
    assert_int_equal(exit_code_of(ERR_OK), 0);
    for (unsigned number = 1; number <= 0xffff; number++) {
        if (!err_known(number)) {
            continue;
        }
        const enum err e = (enum err)number;

        known++;
        assert_int_equal(exit_code_of(e), err_class(e) == 4 ? 1 : 2);
    }
    assert_true(known >= 20);
}

static void an_unknown_number_is_not_success(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of((enum err)0x7777), 2);
}

static void each_verdict_has_its_own(void **state)
{
    (void)state;
    assert_int_equal(exit_code_of_verdict(VERDICT_GENUINE), 0);
    assert_int_equal(exit_code_of_verdict(VERDICT_NOT_GENUINE), 1);
    assert_int_equal(exit_code_of_verdict(VERDICT_COULD_NOT_TELL), 2);
    assert_int_equal(exit_code_of_verdict(VERDICT_INCOMPLETE), 3);
    assert_int_equal(exit_code_of_verdict((enum verdict)99), 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(walks_every_error),
        cmocka_unit_test(each_verdict_has_its_own),
        cmocka_unit_test(an_unknown_number_is_not_success),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
