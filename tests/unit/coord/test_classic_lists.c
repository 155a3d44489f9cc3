/* What cores list, and how often they are asked: one that lists without end has no more of the
 * front than others, and its made-up records take nothing away. */
#include "classic_fixture.h"

#define LIAR 4
#define SECOND 1000

static void a_core_that_lists_without_end_is_asked_like_others(void **state)
{
    struct shop *const w = shop_new(4);
    unsigned first;

    (void)state;
    shop_run(w, SECOND);
    w->cores[LIAR].manner = ENDLESS;
    first = w->cores[LIAR].lists;
    shop_run(w, INT64_C(10) * SECOND);
    assert_in_range(w->cores[LIAR].lists - first, CLASSIC_PAGES_MAX,
                    CLASSIC_PAGES_MAX + 2 * 10 * SECOND / 500);
    assert_int_equal(w->odd, 0); /* it may have them */
    for (unsigned i = 0; i < 4; i++) {
        shop_submit(w, i, SECOND);
    }
    shop_run(w, SECOND);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(w->jobs[i].job.err, ERR_OK);
    }
    shop_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_core_that_lists_without_end_is_asked_like_others),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
