/* What there is to see of the shared P-384 key: pairs, triples, and when somebody is to look.
 */
#include "classic_fixture.h"

/* Told of each other by both; of those alone that answer. */
static void pairs_that_are_set_up_are_shown(void **state)
{
    struct shop *const w = shop_new(1);
    struct coord_shared_view v = {0};

    (void)state;
    classic_step_show(w->step, &v);
    assert_int_equal(v.pairs, 10);
    assert_int_equal(v.set_up, 0);
    for (unsigned i = 0; i < NODES; i++) {
        w->cores[i].set_up = (uint8_t)(0x1f & ~(1U << i));
    }
    w->cores[4].set_up = 0x03; /* the others are wrong about the rest */
    shop_run(w, 2500);
    v = (struct coord_shared_view){0};
    classic_step_show(w->step, &v);
    assert_int_equal(v.pairs, 10);
    assert_int_equal(v.set_up, 8);
    for (unsigned t = 0; t < v.n; t++) {
        assert_true(v.triples[t].answers);
        assert_int_equal(v.triples[t].set_up,
                         (v.triples[t].s & 0x10) == 0 || v.triples[t].s == 0x13);
    }
    shop_drop(w, 4);
    v = (struct coord_shared_view){0};
    classic_step_show(w->step, &v);
    assert_int_equal(v.pairs, 6);
    assert_int_equal(v.set_up, 6);
    for (unsigned t = 0; t < v.n; t++) {
        assert_int_equal(v.triples[t].answers, (v.triples[t].s & 0x10) == 0);
    }
    assert_int_equal(w->odd, 0);
    shop_free(w);
}

static void assert_few(const struct shop *w, unsigned enough, unsigned one, unsigned none)
{
    assert_int_equal(w->few[COORD_TRIPLES_ENOUGH], enough);
    assert_int_equal(w->few[COORD_TRIPLES_ONE], one);
    assert_int_equal(w->few[COORD_TRIPLES_NONE], none);
}

/* Once when it begins, and once when it ends; a start is neither. */
static void few_usable_triples_are_told_once(void **state)
{
    struct shop *const w = shop_new(1);
    struct coord_shared_view v = {0};

    (void)state;
    shop_run(w, 2500);
    assert_few(w, 0, 0, 0);
    w->cores[0].says_rests = 0x07;
    shop_run(w, 2500);
    classic_step_show(w->step, &v);
    assert_int_equal(v.usable, 9);
    for (unsigned t = 0; t < v.n; t++) {
        assert_int_equal(v.triples[t].rests, v.triples[t].s == 0x07);
        assert_int_equal(v.triples[t].usable, v.triples[t].s != 0x07);
    }
    w->cores[0].says_rests = 0;
    shop_drop(w, 4);
    shop_run(w, 2500);
    assert_few(w, 0, 0, 0);
    shop_drop(w, 3);
    shop_run(w, 5000);
    assert_few(w, 0, 1, 0);
    shop_drop(w, 2);
    shop_run(w, 5000);
    assert_few(w, 0, 1, 1);
    for (unsigned i = 2; i < 5; i++) {
        w->cores[i].up = true;
        shop_connect(w, w->step, i);
    }
    shop_run(w, 5000);
    assert_few(w, 1, 1, 1);
    shop_free(w);
}

static void who_says_how_another_cluster_stands_is_odd(void **state)
{
    struct shop *const w = shop_new(1);
    struct coord_shared_view v = {0};

    (void)state;
    w->cores[2].set_up = 0x1b;
    w->cores[2].says_nodes = 4;
    shop_run(w, 9000);
    assert_true(w->odd > 0);
    classic_step_show(w->step, &v);
    assert_int_equal(v.set_up, 0);
    shop_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pairs_that_are_set_up_are_shown),
        cmocka_unit_test(few_usable_triples_are_told_once),
        cmocka_unit_test(who_says_how_another_cluster_stands_is_odd),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
