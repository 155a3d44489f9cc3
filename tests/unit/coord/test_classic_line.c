/* Stamps of the shared P-384 key that wait: policies that clocks are too wide for, which stamp
 * goes next, and what none waits for. */
#include "classic_fixture.h"

static void submit_narrow(struct shop *w, unsigned i)
{
    shop_submit(w, i, 1900);
    w->jobs[i].job.policy = 2;
    w->jobs[i].job.rule = shop_narrow;
}

/* A policy that clocks do not serve ends at once, and costs other policies nothing. */
static void clocks_too_wide_for_a_policy_say_so_at_once(void **state)
{
    struct shop *const w = shop_new(20);

    (void)state;
    submit_narrow(w, 0);
    shop_run(w, 20);
    assert_true(shop_is_signed(w, 0));
    for (unsigned i = 0; i < NODES; i++) {
        w->cores[i].wide_ns = 4 * MS;
    }
    shop_run(w, 300); /* R1s that were asked ahead are over */
    for (unsigned i = 1; i < 40; i += 2) {
        submit_narrow(w, i);
        shop_submit(w, i + 1, 1000);
        shop_run(w, 10);
        assert_int_equal(w->jobs[i].done, 1);
        assert_int_equal(w->jobs[i].job.err, ERR_TIME);
        assert_true(shop_is_signed(w, i + 1));
    }
    assert_int_equal(w->counters.presign_wasted, 0);
    shop_free(w);
}

/* One or two that say that they know the time badly take no policy from the others. */
static void who_is_too_wide_is_left_out_of_that_policy(void **state)
{
    for (unsigned liars = 1; liars <= 2; liars++) {
        struct shop *const w = shop_new(30);

        (void)state;
        for (unsigned i = 0; i < liars; i++) {
            w->cores[i].wide_ns = 700 * MS; /* of the wide policy it is a good one */
        }
        shop_run(w, 300);
        for (unsigned i = 0; i < 10; i++) {
            submit_narrow(w, 2 * i);
            shop_submit(w, 2 * i + 1, 1000);
            shop_run(w, 20);
            assert_true(shop_is_signed(w, 2 * i));
            assert_true(shop_is_signed(w, 2 * i + 1));
        }
        shop_free(w);
    }
}

/* Each wide enough for itself, and too far from one another: another three may do. */
static void triples_that_do_not_serve_are_tried_once(void **state)
{
    struct shop *const w = shop_new(30);

    (void)state;
    w->cores[0].wide_ns = w->cores[1].wide_ns = 3 * MS - 1;
    w->now_ns += MS / 2; /* genTime is of whole ms */
    shop_run(w, 300);
    for (unsigned i = 0; i < 10; i++) {
        submit_narrow(w, i);
        shop_run(w, 20);
        assert_true(shop_is_signed(w, i));
    }
    shop_free(w);
}

/* Cores 0, 1 and 2 have presignatures, and 0 is too wide for the narrow policy: that is nothing
 * against 2, 3 and 4, who have none yet, or rest. */
static void a_stamp_waits_for_a_triple_that_cannot_be_asked_now(void **state)
{
    (void)state;
    for (unsigned rests = 0; rests < 2; rests++) {
        struct shop *const w = shop_new(0);

        w->cores[0].wide_ns = 700 * MS;
        shop_deal(w, 0x07);
        if (rests != 0) {
            shop_deal(w, 0x1c);
        }
        shop_run(w, 600);
        if (rests != 0) {
            w->step->cores[3].rest_ns = w->now_ns + 250 * MS;
        }
        submit_narrow(w, 0);
        shop_run(w, 200);
        assert_int_not_equal(w->jobs[0].job.barred, 0);
        assert_int_equal(w->jobs[0].done, 0);
        if (rests == 0) {
            shop_deal(w, 0x1c);
        }
        shop_run(w, 200);
        assert_true(shop_is_signed(w, 0));
        assert_int_equal(w->counters.presign_wasted, 0);
        shop_free(w);
    }
}

/* No longer than that: a triple that rests beyond the stamp's deadline is none. */
static void no_stamp_waits_for_a_triple_that_rests_for_long(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[0].wide_ns = 700 * MS;
    shop_deal(w, 0x07);
    shop_deal(w, 0x1c);
    shop_run(w, 600);
    w->step->triples.at[classic_pool_find(&w->step->pool, 0x1c)].rest_ns =
        w->now_ns + 2000 * MS;
    for (unsigned s = 0; s < 1U << NODES; s++) { /* and no others of honest cores */
        if (__builtin_popcount(s) == TECDSA_T && (s & 1) == 0) {
            w->step->triples.at[classic_pool_find(&w->step->pool, s)].rest_ns =
                w->now_ns + 2000 * MS;
        }
    }
    submit_narrow(w, 0);
    shop_run(w, 100);
    assert_int_equal(w->jobs[0].done, 1);
    assert_int_equal(w->jobs[0].job.err, ERR_TIME);
    shop_free(w);
}

/* 3 and 4 are silent: as long as any stamp waits for a word of such. */
static void a_stamp_of_a_narrow_policy_waits_for_silent_cores(void **state)
{
    struct shop *const w = shop_new(0);
    const int64_t from_ns = w->now_ns + 600 * MS;

    (void)state;
    w->cores[0].wide_ns = 700 * MS;
    shop_deal(w, 0x07);
    w->cores[3].manner = w->cores[4].manner = SILENT;
    shop_run(w, 600);
    classic_step_silent(w->step, 3);
    classic_step_silent(w->step, 4);
    submit_narrow(w, 0);
    shop_run(w, 7);
    submit_narrow(w, 1); /* when its patience ends nothing else is due */
    shop_run(w, 200);
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(w->jobs[i].done, 1);
        assert_int_equal(w->jobs[i].job.err, ERR_TIME);
        assert_int_equal(w->jobs[i].ended_ns - from_ns,
                         (int64_t)i * 7 * MS + CLASSIC_PATIENCE_NS);
    }
    shop_free(w);
}

/* Nor does a triple rest for others as its clocks are too far apart for a narrow policy. */
static void a_narrow_policy_lets_no_triple_rest(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[0].off_ns = -3 * MS; /* the spans do not meet */
    w->cores[2].off_ns = 3 * MS;
    for (unsigned i = 0; i < 4; i++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 600);
    for (unsigned i = 0; i < 8; i += 2) {
        submit_narrow(w, i);
        shop_submit(w, i + 1, 1000);
        shop_run(w, 20);
        assert_true(shop_is_signed(w, i + 1));
    }
    shop_free(w);
}

/* What cannot go keeps nobody behind it waiting, and is the first to go when it can. */
static void who_can_go_passes_who_cannot(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[0].wide_ns = 700 * MS;
    for (unsigned i = 0; i < 12; i++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 600);
    submit_narrow(w, 0);
    submit_narrow(w, 1);
    for (unsigned i = 2; i < 8; i++) {
        shop_submit(w, i, 1000);
        shop_run(w, 10);
        assert_true(shop_is_signed(w, i));
    }
    for (unsigned i = 8; i < 16; i++) { /* together; the pool has six */
        shop_submit(w, i, 1900);
    }
    shop_run(w, 50);
    for (unsigned i = 8; i < 16; i++) {
        assert_int_equal(shop_is_signed(w, i), i < 14);
    }
    assert_int_equal(w->jobs[0].done + w->jobs[1].done, 0);
    for (unsigned i = 0; i < 3; i++) {
        shop_deal(w, 0x1c);
    }
    shop_run(w, 50);
    assert_true(shop_is_signed(w, 0) && shop_is_signed(w, 1) && shop_is_signed(w, 14));
    assert_int_equal(w->jobs[15].done, 0);
    assert_int_equal(w->counters.presign_wasted, 0);
    assert_int_equal(w->counters.presign_waited, 4);
    shop_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_too_wide_for_a_policy_say_so_at_once),
        cmocka_unit_test(who_is_too_wide_is_left_out_of_that_policy),
        cmocka_unit_test(triples_that_do_not_serve_are_tried_once),
        cmocka_unit_test(a_stamp_waits_for_a_triple_that_cannot_be_asked_now),
        cmocka_unit_test(no_stamp_waits_for_a_triple_that_rests_for_long),
        cmocka_unit_test(a_stamp_of_a_narrow_policy_waits_for_silent_cores),
        cmocka_unit_test(a_narrow_policy_lets_no_triple_rest),
        cmocka_unit_test(who_can_go_passes_who_cannot),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
