/* Every fault has a text of its own and a class. */
#include "testing.h"

#include "attest/attest_fault.h"

#include <string.h>

static void texts_are_distinct(void **state)
{
    (void)state;
    for (int i = 0; i < ATTEST_FAULT_COUNT; i++) {
        assert_true(strlen(attest_fault_name((enum attest_fault)i)) > 0);
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(attest_fault_name((enum attest_fault)i),
                                    attest_fault_name((enum attest_fault)j));
        }
    }
    assert_string_equal(attest_fault_name(ATTEST_OK), "ok");
    assert_string_equal(attest_fault_name(ATTEST_FAULT_COUNT), "unknown");
}

static void classes_are_refusals(void **state)
{
    (void)state;
    assert_int_equal(attest_fault_err(ATTEST_OK), ERR_OK);
    for (int i = 1; i < ATTEST_FAULT_COUNT; i++) {
        const enum err e = attest_fault_err((enum attest_fault)i);

        assert_true(err_known(e) && e != ERR_BUG);
    }
    assert_int_equal(attest_fault_err(ATTEST_FAULT_COUNT), ERR_BUG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(texts_are_distinct),
        cmocka_unit_test(classes_are_refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
