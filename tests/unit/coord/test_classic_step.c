/* Stamps of the shared P-384 key: what is made of answers, and what of cores that lie, are
 * silent, go and come. */
#include "classic_fixture.h"

static void one_stamp_is_signed_by_three(void **state)
{
    struct shop *const w = shop_new(1);
    unsigned stamps = 0;

    (void)state;
    assert_int_equal(shop_stock(w), 10);
    shop_submit(w, 0, 1000);
    shop_run(w, 1);
    assert_true(shop_is_signed(w, 0));
    for (unsigned i = 0; i < NODES; i++) {
        stamps += w->cores[i].stamps;
    }
    assert_int_equal(stamps, TECDSA_T);
    assert_int_equal(shop_stock(w), 9);
    assert_int_equal(w->counters.presign_used, 1);
    assert_int_equal(w->counters.presign_wasted, 0);
    assert_int_equal(w->odd, 0);
    shop_free(w);
}

static void what_waits_goes_together(void **state)
{
    struct shop *const w = shop_new(12);
    unsigned r2s = 0;

    (void)state;
    for (unsigned i = 0; i < 100; i++) {
        shop_submit(w, i, 1000);
    }
    shop_run(w, 10);
    for (unsigned i = 0; i < 100; i++) {
        assert_true(shop_is_signed(w, i));
    }
    for (unsigned i = 0; i < NODES; i++) {
        r2s += w->cores[i].r2s;
        assert_int_equal(w->step->cores[i].pending, 0);
    }
    assert_true(r2s <= 30 * TECDSA_T);
    assert_int_equal(shop_stock(w), 20);
    shop_free(w);
}

static void an_empty_pool_waits_and_then_refuses(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    shop_submit(w, 0, 500);
    shop_submit(w, 1, 2000);
    shop_run(w, 400);
    assert_int_equal(w->jobs[0].done, 0);
    shop_run(w, 200);
    assert_int_equal(w->jobs[0].done, 1);
    assert_int_equal(w->jobs[0].job.err, ERR_NOSPACE);
    assert_true(w->jobs[0].ended_ns < w->jobs[0].job.deadline_ns);
    shop_deal(w, 0x0b);
    shop_run(w, 30);
    assert_true(shop_is_signed(w, 1));
    assert_int_equal(w->counters.presign_waited, 2);
    assert_int_equal(w->counters.presign_none, 1);
    assert_int_equal(w->counters.presign_held, 0);
    shop_free(w);
}

static void records_of_cores_that_are_down_are_no_use(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    shop_deal(w, 0x07);
    shop_run(w, 600);
    shop_drop(w, 2);
    shop_submit(w, 0, 300);
    shop_run(w, 400);
    assert_int_equal(w->jobs[0].job.err, ERR_NOSPACE);
    shop_free(w);
}

/* Whoever drives it sleeps until cores come back. */
static void nothing_is_due_while_too_few_are_left(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    shop_submit(w, 0, 500);
    for (unsigned i = 0; i < 3; i++) {
        shop_drop(w, i);
    }
    assert_int_equal(w->jobs[0].job.err, ERR_QUORUM);
    w->now_ns += 1000 * MS;
    shop_run(w, 1000);
    shop_free(w);
}

static void a_lying_core_is_asked_last(void **state)
{
    struct shop *const w = shop_new(20);

    (void)state;
    w->cores[0].manner = WRONG_W;
    for (unsigned i = 0; i < 80; i++) {
        shop_submit(w, i, 1000);
        shop_run(w, 10);
        assert_true(shop_is_signed(w, i));
    }
    /* The first triple and another with that core, at most the second of a member that both
     * have. */
    assert_true(w->counters.presign_wrong <= 4);
    assert_int_equal(w->counters.presign_wasted, w->counters.presign_wrong);
    assert_int_equal(classic_triples_behind(&w->step->triples, w->now_ns) & 1, 1);
    shop_free(w);
}

/* Three signed answers that make no signature are shown to their three, once for each. */
static void its_three_are_shown_a_wrong_signature(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[2].manner = WRONG_W;
    shop_deal(w, 0x07);
    shop_run(w, 600);
    shop_submit(w, 0, 500);
    shop_run(w, 600);
    assert_int_equal(w->counters.presign_wrong, 1);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(w->cores[i].words, i < 3);
    }
    assert_int_equal(w->cores[0].word.triple, 0x07);
    assert_memory_equal(&w->cores[0].word, &w->cores[1].word, sizeof w->cores[0].word);
    assert_int_equal(classic_unproven(&w->roster, &w->cores[0].word), 0);
    assert_int_equal(w->odd, 0); /* nobody knows whose it was */
    shop_free(w);
}

static void who_has_not_signed_its_answer_is_known(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[2].manner = UNPROVEN_W;
    shop_deal(w, 0x07);
    shop_run(w, 600);
    shop_submit(w, 0, 500);
    shop_run(w, 600);
    assert_int_equal(w->counters.presign_wrong, 1);
    assert_int_equal(w->odd, 1);
    assert_true(w->step->cores[2].wrong > 0);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(w->cores[i].words, 0);
    }
    shop_free(w);
}

static void two_lying_cores_of_five_do_not_stop_it(void **state)
{
    struct shop *const w = shop_new(16);

    (void)state;
    w->cores[1].manner = WRONG_W;
    w->cores[3].manner = WRONG_W;
    for (unsigned i = 0; i < 16; i++) { /* the pool of 0, 2 and 4 */
        shop_submit(w, i, 1000);
        shop_run(w, 20);
        assert_true(shop_is_signed(w, i));
    }
    assert_true(w->counters.presign_wrong <= 27);
    shop_free(w);
}

static void three_wrong_signatures_rest_a_triple_for_an_hour(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[2].manner = WRONG_W;
    for (unsigned i = 0; i < 5; i++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 600);
    shop_submit(w, 0, 500);
    shop_run(w, 600);
    assert_int_equal(w->jobs[0].job.err, ERR_NOSPACE);
    assert_int_equal(w->counters.presign_wrong, CLASSIC_WRONG_MAX);
    assert_int_equal(w->counters.presign_held, 1);
    assert_int_equal(w->rests, 1);
    w->cores[2].manner = HONEST;
    w->now_ns += INT64_C(3601000) * MS;
    for (unsigned i = 0; i < NODES; i++) { /* what there was is too old */
        shop_lose(w, i);
        shop_drop(w, i);
        shop_connect(w, w->step, i);
    }
    shop_deal(w, 0x07);
    shop_submit(w, 1, 500);
    shop_run(w, 100);
    assert_true(shop_is_signed(w, 1));
    shop_free(w);
}

static void a_silent_core_is_left_alone(void **state)
{
    struct shop *const w = shop_new(8);

    (void)state;
    w->cores[4].manner = SILENT;
    for (unsigned i = 0; i < 20; i++) {
        shop_submit(w, i, 1000);
    }
    shop_run(w, 900);
    for (unsigned i = 0; i < 20; i++) {
        assert_true(shop_is_signed(w, i));
    }
    assert_true(w->step->cores[4].silent || w->cores[4].r2s == 0);
    shop_free(w);
}

static void fewer_than_three_is_refused_at_once(void **state)
{
    struct shop *const w = shop_new(2);

    (void)state;
    shop_submit(w, 0, 1000);
    for (unsigned i = 0; i < 3; i++) {
        shop_drop(w, i);
    }
    classic_step_pump(w->step, w->now_ns);
    assert_int_equal(w->jobs[0].done, 1);
    assert_int_equal(w->jobs[0].job.err, ERR_QUORUM);
    shop_submit(w, 1, 1000);
    assert_int_equal(w->jobs[1].job.err, ERR_QUORUM);
    shop_free(w);
}

/* Five are connected and three are needed: two answer, and of the others two are silent, and
 * one is as well or says that it does not know the time. Nobody knows what the silent ones will
 * say the next moment. */
static void who_is_silent_may_speak_in_a_moment(void **state)
{
    (void)state;
    for (unsigned no_time = 0; no_time < 2; no_time++) {
        struct shop *const w = shop_new(8);
        int64_t waited_ns;

        for (unsigned i = 2; i < NODES; i++) {
            w->cores[i].manner = i == 4 && no_time != 0 ? NO_TIME : SILENT;
        }
        shop_run(w, 600); /* they are asked what they have */
        for (unsigned i = 2; i < (no_time != 0 ? 4 : NODES); i++) {
            classic_step_silent(w->step, i);
        }
        shop_submit(w, 0, 1000);
        waited_ns = w->now_ns;
        shop_run(w, 900);
        waited_ns = w->jobs[0].ended_ns - waited_ns;
        assert_int_equal(w->jobs[0].done, 1);
        assert_int_equal(w->jobs[0].job.err, no_time != 0 ? ERR_TIME : ERR_QUORUM);
        assert_int_equal(waited_ns, CLASSIC_PATIENCE_NS);
        assert_int_equal(w->step->cores[2].silent && w->step->cores[3].silent, 1);
        shop_submit(w, 1, 1000);
        shop_run(w, 40);
        assert_int_equal(w->jobs[1].done, 0);
        w->cores[2].manner = w->cores[3].manner = HONEST;
        shop_run(w, 300);
        assert_true(shop_is_signed(w, 1));
        shop_free(w);
    }
}

static void a_core_that_refuses_or_answers_nothing_costs_records_only(void **state)
{
    static const enum manner manners[] = {GARBAGE, REFUSES_R2, LATE_CLOCK, CLAIMS_STALE,
                                          OTHER_R};

    (void)state;
    for (size_t m = 0; m < sizeof manners / sizeof manners[0]; m++) {
        struct shop *const w = shop_new(20);

        w->cores[3].manner = manners[m];
        for (unsigned i = 0; i < 30; i++) {
            shop_submit(w, i, 1000);
            shop_run(w, 20);
            assert_true(shop_is_signed(w, i));
        }
        assert_int_equal(w->counters.presign_used, 30);
        shop_free(w);
    }
}

/* Cores that call gone whatever they are asked for, when there is nothing but records that they
 * have a part in: a stamp neither uses up its tries on these nor ends before its time, and
 * takes the first one that is made without them. */
static void a_stamp_waits_for_a_record_of_others(void **state)
{
    static const unsigned stale[] = {1U << 3, 1U << 3 | 1U << 4};

    (void)state;
    for (size_t k = 0; k < sizeof stale / sizeof stale[0]; k++) {
        struct shop *const w = shop_new(0);

        for (unsigned i = 0; i < NODES; i++) {
            w->cores[i].manner = (stale[k] >> i & 1) != 0 ? CLAIMS_STALE : HONEST;
        }
        for (unsigned s = 0; s < 1U << NODES; s++) {
            for (unsigned n = 0; __builtin_popcount(s) == TECDSA_T && n < 30; n++) {
                if ((s & stale[k]) != 0) {
                    shop_deal(w, s);
                }
            }
        }
        shop_run(w, 600);
        shop_submit(w, 0, 2000);
        shop_run(w, 1900);
        assert_int_equal(w->jobs[0].done, 0);
        assert_true(w->counters.presign_wasted < CLASSIC_TRIES_MAX);
        shop_deal(w, 0x07);
        shop_run(w, 30);
        assert_true(shop_is_signed(w, 0));
        shop_submit(w, 1, 1000); /* nothing is made for this one */
        shop_run(w, 1000);
        assert_int_equal(w->jobs[1].job.err, ERR_NOSPACE);
        assert_true(w->jobs[1].ended_ns >= w->jobs[1].job.deadline_ns - CLASSIC_EMPTY_NS);
        shop_free(w);
    }
}

/* Which clocks serve its policy is another matter: whoever it leaves out for a moment may. */
static void who_is_left_out_is_not_called_too_wide(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    w->cores[0].wide_ns = 4 * MS;
    w->cores[3].manner = CLAIMS_STALE;
    for (unsigned n = 0; n < 30; n++) {
        shop_deal(w, 0x07);
        shop_deal(w, 0x1c);
    }
    shop_run(w, 600);
    shop_submit(w, 0, 1000);
    w->jobs[0].job.policy = 2;
    w->jobs[0].job.rule = shop_narrow;
    shop_run(w, 300);
    assert_int_equal(w->jobs[0].done, 0);
    assert_true(w->jobs[0].job.barred != 0 && w->jobs[0].job.gone[3].n > CLASSIC_GONE_MAX);
    w->cores[3].manner = HONEST;
    shop_run(w, 400);
    assert_true(shop_is_signed(w, 0));
    shop_free(w);
}

/* Another front was before this one, each time: no triple rests, and its stamps go on. */
static void what_others_took_lets_no_triple_rest(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    for (unsigned i = 3; i < NODES; i++) {
        shop_drop(w, i);
    }
    for (unsigned n = 0; n < 40; n++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 600);
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned n = 0; n < 38; n++) {
            atomic_store(&w->cores[i].shares[n].state, TECDSA_PRESIGNATURE_NONE);
        }
    }
    shop_submit(w, 0, 1000);
    shop_run(w, 200); /* cores are asked what is left meanwhile */
    assert_true(shop_is_signed(w, 0));
    for (unsigned t = 0; t < w->step->triples.n; t++) {
        assert_false(classic_triples_rests(&w->step->triples, t, w->now_ns));
    }
    shop_free(w);
}

static void cores_without_time_say_so_at_once(void **state)
{
    struct shop *const w = shop_new(20);

    (void)state;
    w->cores[0].manner = NO_TIME;
    w->cores[1].manner = NO_TIME;
    for (unsigned i = 0; i < 10; i++) { /* three are left */
        shop_submit(w, i, 1000);
        shop_run(w, 50);
    }
    shop_run(w, 1000);
    for (unsigned i = 0; i < 10; i++) {
        assert_true(shop_is_signed(w, i));
    }
    w->cores[2].manner = NO_TIME;
    shop_run(w, 300); /* R1s that were asked ahead are over */
    shop_submit(w, 20, 1900);
    shop_run(w, 800);
    assert_int_equal(w->jobs[20].done, 1);
    assert_int_equal(w->jobs[20].job.err, ERR_TIME);
    for (unsigned i = 0; i < 3; i++) {
        w->cores[i].manner = HONEST;
    }
    shop_run(w, 300); /* they are asked again */
    shop_submit(w, 21, 1000);
    shop_run(w, 100);
    assert_true(shop_is_signed(w, 21));
    shop_free(w);
}

static void two_fronts_share_the_pools(void **state)
{
    struct shop *const w = shop_new(10);

    (void)state;
    w->other = shop_front(w, 99);
    for (unsigned i = 0; i < NODES; i++) {
        shop_connect(w, w->other, i);
    }
    shop_run_of(w, w->other, 20);
    for (unsigned i = 0; i < 80; i += 2) {
        shop_submit_to(w, w->step, i, 1000);
        shop_run(w, 5);
        shop_submit_to(w, w->other, i + 1, 1000);
        shop_run_of(w, w->other, 5);
        assert_true(shop_is_signed(w, i));
        assert_true(shop_is_signed(w, i + 1));
    }
    assert_true(w->counters.presign_wasted >
                0); /* each has taken some that the other had used */
    classic_step_end(w->other, ERR_QUORUM);
    shop_free(w);
}

static void a_core_comes_back_with_a_new_pool(void **state)
{
    struct shop *const w = shop_new(3);

    (void)state;
    shop_drop(w, 0);
    assert_int_equal(shop_stock(w), 4 * 3);
    shop_lose(w, 0);
    shop_connect(w, w->step, 0);
    shop_run(w, 600);
    assert_int_equal(shop_stock(w), 4 * 3); /* the others still list what it has no more */
    shop_deal(w, 0x07);
    shop_run(w, 600);
    assert_int_equal(shop_stock(w), 4 * 3 + 1);
    for (unsigned i = 0; i < 13; i++) {
        shop_submit(w, i, 500);
    }
    shop_run(w, 400);
    for (unsigned i = 0; i < 13; i++) {
        assert_true(shop_is_signed(w, i));
    }
    shop_free(w);
}

static void a_core_that_has_lost_its_pool_is_asked_what_is_left(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 2000);
    assert_int_equal(shop_stock(w), 60);
    for (unsigned i = 0; i < 50; i++) { /* a clock event, say: on the same connection */
        atomic_store(&w->cores[1].shares[i].state, TECDSA_PRESIGNATURE_NONE);
    }
    for (unsigned i = 0; i < 10; i++) {
        shop_submit(w, i, 1000);
    }
    shop_run(w, 50);
    for (unsigned i = 0; i < 10; i++) {
        assert_true(shop_is_signed(w, i) || w->jobs[i].done == 0);
    }
    assert_true(w->counters.presign_wasted <= 20);
    for (unsigned i = 0; i < 20; i++) {
        shop_deal(w, 0x07);
    }
    shop_run(w, 500);
    for (unsigned i = 0; i < 10; i++) {
        assert_true(shop_is_signed(w, i));
    }
    shop_free(w);
}

static void what_was_named_is_never_used_again(void **state)
{
    struct shop *const w = shop_new(0);

    (void)state;
    shop_deal(w, 0x07);
    shop_run(w, 600);
    shop_submit(w, 0, 1000);
    classic_step_pump(w->step, w->now_ns); /* R1 */
    for (unsigned i = 0; i < 3; i++) {
        shop_pull(w, w->step, i);
        assert_true(shop_answer(w, w->step, i));
    }
    classic_step_pump(w->step, w->now_ns); /* R2 */
    shop_pull(w, w->step, 0);
    for (unsigned i = 0; i < 3; i++) { /* nobody has seen it: all list it again */
        shop_drop(w, i);
        shop_connect(w, w->step, i);
    }
    shop_run(w, 1100);
    assert_int_equal(shop_stock(w), 0);
    assert_int_equal(w->counters.presign_wasted, 1);
    assert_int_equal(w->jobs[0].done, 1);
    assert_int_equal(w->jobs[0].job.err, ERR_NOSPACE);
    shop_free(w);
}

static void a_deadline_ends_a_stamp_under_way(void **state)
{
    struct shop *const w = shop_new(1);

    (void)state;
    shop_submit(w, 0, 100);
    classic_step_pump(w->step, w->now_ns);
    for (unsigned i = 0; i < NODES; i++) {
        shop_pull(w, w->step, i);
        (void)shop_answer(w, w->step, i);
        w->cores[i].manner = SILENT;
    }
    shop_run(w, 150);
    assert_int_equal(w->jobs[0].done, 1);
    assert_int_equal(w->jobs[0].job.err, ERR_DEADLINE);
    shop_free(w);
}

static void another_activation_is_refused(void **state)
{
    struct shop *const w = shop_new(1);
    static const uint8_t accepts[2][ACTIVATION_HASH_LEN] = {{1}, {0xac}};
    struct shop_job *const j = &w->jobs[1];

    (void)state;
    for (unsigned i = 0; i < 3; i++) {
        static const uint8_t other[ACTIVATION_HASH_LEN] = {9};

        classic_step_up(w->step, i, NULL, 0);
        classic_step_up(w->step, i, other, 200 * MS);
    }
    shop_submit(w, 0, 100);
    assert_int_equal(w->jobs[0].job.err, ERR_STALE);
    for (unsigned i = 0; i < 3; i++) {
        classic_step_up(w->step, i, NULL, 0);
        classic_step_up(w->step, i, shop_activation, 200 * MS);
    }
    shop_submit(w, 1, 1000);
    j->job.accepts = accepts[0];
    j->job.n_accepts = 2;
    shop_run(w, 100);
    assert_true(shop_is_signed(w, 1));
    assert_memory_equal(j->job.activation, shop_activation, ACTIVATION_HASH_LEN);
    shop_free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_stamp_is_signed_by_three),
        cmocka_unit_test(what_waits_goes_together),
        cmocka_unit_test(an_empty_pool_waits_and_then_refuses),
        cmocka_unit_test(records_of_cores_that_are_down_are_no_use),
        cmocka_unit_test(nothing_is_due_while_too_few_are_left),
        cmocka_unit_test(a_lying_core_is_asked_last),
        cmocka_unit_test(its_three_are_shown_a_wrong_signature),
        cmocka_unit_test(who_has_not_signed_its_answer_is_known),
        cmocka_unit_test(two_lying_cores_of_five_do_not_stop_it),
        cmocka_unit_test(three_wrong_signatures_rest_a_triple_for_an_hour),
        cmocka_unit_test(a_silent_core_is_left_alone),
        cmocka_unit_test(fewer_than_three_is_refused_at_once),
        cmocka_unit_test(who_is_silent_may_speak_in_a_moment),
        cmocka_unit_test(a_core_that_refuses_or_answers_nothing_costs_records_only),
        cmocka_unit_test(a_stamp_waits_for_a_record_of_others),
        cmocka_unit_test(who_is_left_out_is_not_called_too_wide),
        cmocka_unit_test(what_others_took_lets_no_triple_rest),
        cmocka_unit_test(cores_without_time_say_so_at_once),
        cmocka_unit_test(two_fronts_share_the_pools),
        cmocka_unit_test(a_core_comes_back_with_a_new_pool),
        cmocka_unit_test(a_core_that_has_lost_its_pool_is_asked_what_is_left),
        cmocka_unit_test(what_was_named_is_never_used_again),
        cmocka_unit_test(a_deadline_ends_a_stamp_under_way),
        cmocka_unit_test(another_activation_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
