/* When cores of another epoch have presignatures enough for the front to go over to them. */
#include "testing.h"

#include "host/front/cores.h"

#define TARGET 32
#define TRIPLES 10

/* All triples of five answer, each with so many. */
static struct coord_shared_view all_with(uint16_t stock)
{
    struct coord_shared_view v = {.is_shared = true, .n = TRIPLES};

    for (size_t i = 0; i < TRIPLES; i++) {
        v.triples[i].answers = true;
        v.triples[i].stock = stock;
    }
    return v;
}

static void half_of_what_is_kept_is_enough(void **state)
{
    struct coord_shared_view v = all_with(TARGET / 2);

    (void)state;
    assert_true(cores_have_stock(&v, TARGET));
    v.triples[3].stock--;
    assert_false(cores_have_stock(&v, TARGET));
    v.triples[4].stock++; /* they count together */
    assert_true(cores_have_stock(&v, TARGET));
    v = all_with(0);
    v.triples[0].stock = TRIPLES * TARGET / 2;
    assert_true(cores_have_stock(&v, TARGET));
    v.triples[0].stock--;
    assert_false(cores_have_stock(&v, TARGET));
    v = all_with(TARGET / 2);
    assert_false(cores_have_stock(&v, TARGET + 1)); /* of an odd number, more than half */
}

static void one_triple_bears_the_first_requests(void **state)
{
    struct coord_shared_view v = all_with(CORES_STOCK_MIN - 1);

    (void)state;
    assert_false(cores_have_stock(&v, CORES_STOCK_MIN)); /* half, but nowhere as many */
    v.triples[9].stock = CORES_STOCK_MIN;
    assert_true(cores_have_stock(&v, CORES_STOCK_MIN));
}

/* A core that is gone takes its triples out of both sides. */
static void who_does_not_answer_counts_for_nothing(void **state)
{
    struct coord_shared_view v = all_with(TARGET / 2);

    (void)state;
    for (size_t i = 0; i < TRIPLES - 4; i++) {
        v.triples[i].answers = false;
        v.triples[i].stock = i % 2 == 0 ? 0 : TARGET;
    }
    assert_true(cores_have_stock(&v, TARGET));
    v.triples[TRIPLES - 1].stock--;
    assert_false(cores_have_stock(&v, TARGET));
    for (size_t i = 0; i < TRIPLES; i++) {
        v.triples[i].answers = false;
    }
    assert_false(cores_have_stock(&v, TARGET));
    v.n = 0;
    assert_false(cores_have_stock(&v, TARGET)); /* nobody has listed any yet */
}

static void cores_without_a_shared_key_need_none(void **state)
{
    struct coord_shared_view v = {.is_shared = false};

    (void)state;
    assert_true(cores_have_stock(&v, TARGET));
    v.n = TRIPLES;
    v.triples[0].answers = true;
    assert_true(cores_have_stock(&v, TARGET));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(half_of_what_is_kept_is_enough),
        cmocka_unit_test(one_triple_bears_the_first_requests),
        cmocka_unit_test(who_does_not_answer_counts_for_nothing),
        cmocka_unit_test(cores_without_a_shared_key_need_none),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
