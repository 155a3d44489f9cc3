#include "coord_fixture.h"

static struct pair *p;
static struct counted_job jobs[COORD_QUEUE_MAX];

static int setup(void **state)
{
    (void)state;
    p = pair_new();
    pair_connect(p);
    p->step.changed = false;
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pair_free(p);
    return 0;
}

static void submit(uint32_t from, uint32_t n, int64_t life_ms)
{
    for (uint32_t i = from; i < from + n; i++) {
        job_fill(&jobs[i], p->core, i, p->now_ns + life_ms * MS);
        pair_submit(p, &jobs[i]);
    }
}

static void all_ended(uint32_t from, uint32_t n, enum err want)
{
    for (uint32_t i = from; i < from + n; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_int_equal(jobs[i].job.err, want);
    }
}

/* ---- greeting ---- */

static void greets_then_is_up(void **state)
{
    struct pair *q = pair_new();
    struct counted_job early;

    (void)state;
    assert_false(q->step.known.connected);
    assert_int_equal(q->step.known.last_err, ERR_QUORUM);
    coord_step_open(&q->step, q->now_ns);
    job_fill(&early, q->core, 1, q->now_ns + 1000 * MS);
    pair_submit(q, &early); /* not up yet */
    assert_int_equal(early.job.err, ERR_QUORUM);
    pair_pump(q);
    assert_int_equal(q->core->n, 1);
    assert_int_equal(q->core->frames[0].type, FRAME_HELLO);
    pair_answer(q, 0);
    pair_pump(q);
    assert_int_equal(q->core->frames[0].type, FRAME_STATE);
    assert_int_equal(q->step.phase, COORD_GREETING);
    pair_answer(q, 0);
    assert_int_equal(q->step.phase, COORD_UP);
    assert_true(q->step.changed);
    const struct coord_core_view *k = &q->step.known;

    assert_true(k->connected && k->status.state == CORE_SERVING && k->last_err == ERR_OK);
    assert_true(k->keys[0].len == 97 && k->keys[0].bytes[0] == 4);
    assert_true(k->n_policies == 1 && k->policies[0].number == 1 && k->policies[0].oid.n == 3);
    assert_true(k->policies[0].oid.p == k->oids[0] && k->oids[0][0] == 0x2b);
    assert_true(k->clock == CLOCK_KERNEL && k->index == 1 && k->keys[0].total == 1);
    pair_free(q);
}

static void polls_the_state(void **state)
{
    (void)state;
    p->now_ns += (COORD_POLL_SERVING_MS - 1) * MS;
    pair_pump(p);
    assert_int_equal(p->core->n, 0);
    p->now_ns += MS;
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_STATE), 1);
    p->core->state = CORE_TIME_DRIFT;
    pair_settle(p);
    assert_true(p->step.changed);
    assert_int_equal(p->step.known.last_err, ERR_STATE);
    p->step.changed = false;
    /* Now more often, and a state that stays is no change. */
    p->now_ns += COORD_POLL_MS * MS;
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_STATE), 1);
    pair_settle(p);
    assert_false(p->step.changed);
    memset(p->core->activation, 0x77, ACTIVATION_HASH_LEN);
    p->now_ns += COORD_POLL_MS * MS;
    pair_settle(p);
    assert_true(p->step.changed);
}

static void gives_up_a_core_that_does_not_answer(void **state)
{
    (void)state;
    submit(0, 1, 10000);
    pair_pump(p);
    p->now_ns += COORD_ANSWER_MS * MS - 1;
    assert_int_equal(coord_step_pump(&p->step, p->now_ns), ERR_OK);
    p->now_ns += 1;
    assert_int_equal(coord_step_pump(&p->step, p->now_ns), ERR_DEADLINE);
    coord_step_close(&p->step, ERR_DEADLINE);
    all_ended(0, 1, ERR_QUORUM);
    assert_true(p->step.changed);
    assert_int_equal(p->step.known.last_err, ERR_DEADLINE);
    assert_int_equal(coord_step_next(&p->step), INT64_MAX);
}

/* ---- stamps ---- */

static void one_job_takes_two_rounds(void **state)
{
    (void)state;
    submit(0, 1, 1000);
    pair_pump(p);
    assert_int_equal(p->core->n, 1);
    assert_int_equal(p->core->frames[0].type, FRAME_R1);
    p->now_ns += MS;
    pair_answer(p, 0);
    pair_pump(p);
    p->now_ns += MS;
    assert_int_equal(fake_count(p->core, FRAME_R2), 1);
    pair_settle(p);
    assert_true(job_is_signed(&jobs[0]));
    assert_int_equal(atomic_load(&p->counters.signed_), 1);
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
    assert_true(p->step.round_trip_ns > 0);
}

/* n jobs, one after the other, every step_ms; how many R1 and R2 frames are asked with the
 * last. */
static void one_by_one(uint32_t n, int64_t step_ns)
{
    for (uint32_t i = 0; i < n; i++) {
        submit(0, 1, 1000);
        pair_settle(p);
        assert_true(job_is_signed(&jobs[0]));
        p->now_ns += step_ns;
    }
}

static void a_steady_rate_has_its_r1_ahead(void **state)
{
    (void)state;
    one_by_one(300, MS / 2);
    for (uint32_t i = 0; i < 100; i++) {
        submit(0, 1, 1000);
        pair_pump(p);
        assert_true(fake_count(p->core, FRAME_R2) == 1); /* at once */
        pair_settle(p);
        assert_true(job_is_signed(&jobs[0]));
        p->now_ns += MS / 2;
    }
    /* Never more than is used within the window. */
    assert_true(p->step.stocks[0].n <= 64);
    assert_true(p->core->next_r1 <= 400 + 128);
}

static void rare_jobs_leave_no_stock_to_age(void **state)
{
    (void)state;
    one_by_one(20, 400 * MS);
    assert_true(p->core->next_r1 <= 40);
}

static void an_old_r1_is_never_sent(void **state)
{
    (void)state;
    one_by_one(300, MS / 2);
    const size_t held = p->step.stocks[0].n;

    assert_true(held > 0);
    p->now_ns += (R1_LIFE_MS - COORD_R1_MARGIN_MS) * MS;
    submit(0, 1, 1000);
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_R2), 0);
    assert_int_equal(fake_count(p->core, FRAME_R1), 1);
    pair_settle(p);
    assert_true(job_is_signed(&jobs[0]));
}

static void the_age_of_an_r1_counts_from_its_request(void **state)
{
    (void)state;
    submit(0, 1, 1000);
    pair_pump(p);
    p->now_ns += (R1_LIFE_MS - COORD_R1_MARGIN_MS) * MS + 1; /* the answer is slow */
    pair_answer(p, fake_find(p->core, FRAME_R1));
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_R2), 0);
    assert_int_equal(fake_count(p->core, FRAME_R1), 1);
    pair_settle(p);
    assert_true(job_is_signed(&jobs[0]));
}

static void a_crowd_is_split_into_frames(void **state)
{
    (void)state;
    submit(0, 12, 1000);
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_R1), 1);
    pair_answer(p, 0);
    pair_pump(p);
    /* Shared among all places: no worker of the core is idle. */
    assert_int_equal(fake_count(p->core, FRAME_R2), COORD_R2_FRAMES_MAX);
    pair_settle(p);
    for (size_t i = 0; i < 12; i++) {
        assert_true(job_is_signed(&jobs[i]));
    }
    assert_int_equal(p->core->largest, 2);
}

static void a_full_queue_stays_bounded(void **state)
{
    (void)state;
    submit(0, COORD_QUEUE_MAX, 100000);
    for (;;) {
        pair_pump(p);
        assert_true(fake_count(p->core, FRAME_R2) <= COORD_R2_FRAMES_MAX);
        assert_true(fake_count(p->core, FRAME_R1) <= COORD_R1_FRAMES_MAX);
        assert_true(p->step.stocks[0].n + p->step.stocks[0].asked <= COORD_STOCK_MAX);
        if (p->core->n == 0) {
            break;
        }
        pair_answer(p, p->core->n - 1); /* the newest first */
    }
    for (size_t i = 0; i < COORD_QUEUE_MAX; i++) {
        assert_true(job_is_signed(&jobs[i]));
    }
    assert_int_equal(p->core->largest, STAMP_BATCH_MAX);
    assert_int_equal(p->core->stamps, COORD_QUEUE_MAX);
}

/* Jobs of both keys, and of the two together, side by side: each has its own R1s and frames,
 * and those that KEY_PQ signs are small and few. */
static void both_keys_side_by_side(void **state)
{
    enum { JOBS = 300 };
    const unsigned takes_pq = 1U << (KEY_PQ - 1) | 1U << (KEY_DUAL - 1);
    const unsigned all = takes_pq | 1U << (KEY_CLASSIC - 1);

    (void)state;
    for (uint32_t i = 0; i < JOBS; i++) {
        job_fill(&jobs[i], p->core, i, p->now_ns + 100000 * MS);
        jobs[i].job.key = (uint8_t)(1 + i % STAMP_KEYS);
        pair_submit(p, &jobs[i]);
    }
    for (;;) {
        size_t pq = 0;

        pair_pump(p);
        for (size_t i = 0; i < COORD_REQUESTS_MAX; i++) {
            const struct coord_request *const q = &p->step.requests[i];

            if (q->id != 0 && q->type == FRAME_R2 && q->key != KEY_CLASSIC) {
                assert_true(q->n <= STAMP_BATCH_PQ_MAX);
                pq++;
            }
        }
        assert_true(pq <= COORD_R2_PQ_FRAMES_MAX);
        assert_true(fake_count(p->core, FRAME_R2) <= COORD_R2_FRAMES_MAX);
        assert_int_equal(coord_step_full(&p->step),
                         fake_count(p->core, FRAME_R2) == COORD_R2_FRAMES_MAX ? all
                         : pq == COORD_R2_PQ_FRAMES_MAX                       ? takes_pq
                                                                              : 0);
        if (p->core->n == 0) {
            break;
        }
        pair_answer(p, p->core->n - 1);
    }
    for (size_t i = 0; i < JOBS; i++) {
        assert_true(job_is_signed(&jobs[i]));
    }
    assert_int_equal(p->core->stamps, JOBS);
}

static void nothing_is_begun_without_room(void **state)
{
    (void)state;
    /* The core takes no bytes. */
    submit(0, COORD_QUEUE_MAX, 1500);
    for (int i = 0; i < 100; i++) {
        assert_int_equal(coord_step_pump(&p->step, p->now_ns), ERR_OK);
        assert_true(coord_step_next(&p->step) > p->now_ns);
        p->now_ns += 10 * MS;
    }
    assert_true(coord_step_send(&p->step).n <= COORD_OUT_MAX);
    p->now_ns += 500 * MS;
    assert_int_equal(coord_step_pump(&p->step, p->now_ns), ERR_OK);
    all_ended(0, COORD_QUEUE_MAX, ERR_DEADLINE);
}

static void one_frame_has_one_activation(void **state)
{
    (void)state;
    submit(0, 4, 1000);
    memset(jobs[1].job.activation, 0x55, ACTIVATION_HASH_LEN);
    memset(jobs[2].job.activation, 0x55, ACTIVATION_HASH_LEN);
    pair_settle(p);
    all_ended(0, 1, ERR_OK);
    all_ended(1, 2, ERR_STALE); /* after a second try */
    all_ended(3, 1, ERR_OK);
}

static void another_epoch_is_refused_at_once(void **state)
{
    (void)state;
    job_fill(&jobs[0], p->core, 0, p->now_ns + 1000 * MS);
    jobs[0].job.epoch_id[0] ^= 1;
    pair_submit(p, &jobs[0]);
    all_ended(0, 1, ERR_QUORUM);
    assert_int_equal(p->core->n, 0);
}

/* ---- refusals ---- */

static void stale_is_tried_once_more_with_a_fresh_r1(void **state)
{
    (void)state;
    one_by_one(100, MS);
    assert_true(p->step.stocks[0].n > 0);
    memset(p->core->r1_ns, 0, sizeof p->core->r1_ns); /* a clock event voids all R1s */
    submit(0, 3, 1000);
    pair_settle(p);
    for (size_t i = 0; i < 3; i++) {
        assert_true(job_is_signed(&jobs[i]));
        assert_int_equal(jobs[i].job.tries, 1);
    }
}

/* Answers all R2 frames that wait with this error, a frame as a whole or each stamp. */
static void refuse_all_r2(enum err e, bool whole)
{
    while (fake_count(p->core, FRAME_R2) > 0) {
        const size_t at = fake_find(p->core, FRAME_R2);
        uint8_t body[1 + 2 * STAMP_BATCH_MAX];
        struct writer w = wr_init(body, sizeof body);
        struct reader r =
            rd_init((struct view){p->core->frames[at].body, p->core->frames[at].len});
        struct r2_head h;
        size_t used = 0;
        struct view done;

        assert_int_equal(r2_head_decode(&r, &h), ERR_OK);
        if (!whole) {
            wr_u8(&w, h.n);
        }
        for (size_t i = 0; i < (whole ? 1U : h.n); i++) {
            wr_u16le(&w, (uint16_t)e);
        }
        assert_int_equal(wr_finish(&w, &done), ERR_OK);
        const struct view v = fake_raw(p->core, whole ? FRAME_ERROR : FRAME_R2 | FRAME_ANSWER,
                                       p->core->frames[at].id, done);

        fake_forget(p->core, at);
        assert_int_equal(coord_step_take(&p->step, v, p->now_ns, &used), ERR_OK);
    }
}

static void refusals_are_told_as_the_header_says(void **state)
{
    static const struct {
        enum err from_core, want;
    } rows[] = {
        {ERR_TIME, ERR_TIME},    {ERR_STATE, ERR_STATE},     {ERR_QUORUM, ERR_QUORUM},
        {ERR_STALE, ERR_STALE},  {ERR_NOSPACE, ERR_NOSPACE}, {ERR_BUG, ERR_BUG},
        {ERR_POLICY, ERR_BUG},   {ERR_RANGE, ERR_BUG},       {ERR_TYPE, ERR_BUG},
        {ERR_MISMATCH, ERR_BUG},
    };

    (void)state;
    for (size_t i = 0; i < 2 * sizeof rows / sizeof rows[0]; i++) {
        submit(0, 3, 1000);
        for (int round = 0; round < 4; round++) { /* stale comes round again */
            pair_pump(p);
            while (fake_count(p->core, FRAME_R1) > 0) {
                pair_answer(p, fake_find(p->core, FRAME_R1));
            }
            pair_pump(p);
            refuse_all_r2(rows[i / 2].from_core, i % 2 == 0);
        }
        all_ended(0, 3, rows[i / 2].want);
        pair_settle(p);
    }
    assert_int_equal(atomic_load(&p->counters.refused), 6 * sizeof rows / sizeof rows[0]);
    assert_int_equal(atomic_load(&p->counters.frames_bad), 0);
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
}

static void no_r1_ends_who_waits_for_it(void **state)
{
    (void)state;
    p->core->refuse = ERR_STATE;
    submit(0, 5, 1000);
    pair_settle(p);
    all_ended(0, 5, ERR_STATE);
    p->core->refuse = ERR_TIME;
    submit(0, 5, 1000);
    pair_settle(p);
    all_ended(0, 5, ERR_TIME);
    p->core->refuse = ERR_POLICY;
    submit(0, 5, 1000);
    pair_settle(p);
    all_ended(0, 5, ERR_BUG);
}

static void a_refusal_asks_for_the_state(void **state)
{
    (void)state;
    p->core->refuse = ERR_STATE;
    p->core->state = CORE_WAITING;
    submit(0, 1, 1000);
    pair_pump(p);
    pair_answer(p, 0);
    pair_pump(p);
    assert_int_equal(fake_count(p->core, FRAME_STATE), 1);
    pair_settle(p);
    assert_int_equal(p->step.known.status.state, CORE_WAITING);
    assert_true(p->step.changed);
}

static void a_full_core_is_asked_again(void **state)
{
    (void)state;
    p->core->refuse = ERR_NOSPACE;
    submit(0, 2, 1000);
    pair_settle(p);
    assert_int_equal(jobs[0].done, 0);
    p->core->refuse = ERR_OK;
    p->now_ns += COORD_R1_PAUSE_MS * MS - 1;
    pair_pump(p);
    assert_int_equal(p->core->n, 0);
    assert_int_equal(coord_step_next(&p->step), p->now_ns + 1);
    p->now_ns += 1;
    pair_settle(p);
    all_ended(0, 2, ERR_OK);
}

/* ---- deadlines ---- */

static void deadlines_end_jobs_wherever_they_are(void **state)
{
    (void)state;
    submit(0, 1, 1000);
    pair_pump(p);
    pair_answer(p, 0);
    pair_pump(p); /* job 0 is in R2 */
    submit(1, 1, 50);
    submit(2, 1, 60);
    pair_pump(p); /* 1 and 2 wait for R1 */
    assert_true(coord_step_next(&p->step) <= p->now_ns + 50 * MS);
    p->now_ns += 50 * MS;
    pair_pump(p);
    all_ended(1, 1, ERR_DEADLINE);
    assert_int_equal(jobs[2].done, 0);
    p->now_ns += 950 * MS;
    pair_pump(p);
    all_ended(0, 1, ERR_DEADLINE);
    all_ended(2, 1, ERR_DEADLINE);
    pair_settle(p); /* the late answer changes nothing */
    all_ended(0, 3, ERR_DEADLINE);
    assert_int_equal(atomic_load(&p->counters.deadline), 3);
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
    assert_int_equal(p->step.r2_frames, 0);
}

static void a_past_deadline_ends_at_once(void **state)
{
    (void)state;
    submit(0, 2, -1);
    pair_pump(p);
    all_ended(0, 2, ERR_DEADLINE);
}

/* ---- connections ---- */

static void a_lost_core_ends_all_jobs_and_another_serves(void **state)
{
    struct fake_core *old = p->core;

    (void)state;
    submit(0, 200, 1000);
    pair_pump(p);
    pair_answer(p, 0);
    pair_pump(p); /* some in R2, some waiting */
    coord_step_close(&p->step, ERR_IO);
    all_ended(0, 200, ERR_QUORUM);
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
    assert_false(p->step.known.connected);
    submit(0, 1, 1000);
    all_ended(0, 1, ERR_QUORUM);
    p->core = fake_new(2);
    free(old);
    p->now_ns += 100 * MS;
    p->step.changed = false;
    pair_connect(p);
    assert_true(p->step.changed);
    submit(0, 100, 1000);
    pair_settle(p);
    for (size_t i = 0; i < 100; i++) {
        assert_true(job_is_signed(&jobs[i]));
    }
}

static void a_reason_is_told_once(void **state)
{
    (void)state;
    coord_step_close(&p->step, ERR_IO);
    assert_true(p->step.changed);
    p->step.changed = false;
    coord_step_close(&p->step, ERR_IO); /* it cannot be dialled */
    assert_false(p->step.changed);
    coord_step_close(&p->step, ERR_RANGE);
    assert_true(p->step.changed);
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(greets_then_is_up),
        CASE(polls_the_state),
        CASE(gives_up_a_core_that_does_not_answer),
        CASE(one_job_takes_two_rounds),
        CASE(a_steady_rate_has_its_r1_ahead),
        CASE(rare_jobs_leave_no_stock_to_age),
        CASE(an_old_r1_is_never_sent),
        CASE(the_age_of_an_r1_counts_from_its_request),
        CASE(a_crowd_is_split_into_frames),
        CASE(a_full_queue_stays_bounded),
        CASE(both_keys_side_by_side),
        CASE(nothing_is_begun_without_room),
        CASE(one_frame_has_one_activation),
        CASE(another_epoch_is_refused_at_once),
        CASE(stale_is_tried_once_more_with_a_fresh_r1),
        CASE(refusals_are_told_as_the_header_says),
        CASE(no_r1_ends_who_waits_for_it),
        CASE(a_refusal_asks_for_the_state),
        CASE(a_full_core_is_asked_again),
        CASE(deadlines_end_jobs_wherever_they_are),
        CASE(a_past_deadline_ends_at_once),
        CASE(a_lost_core_ends_all_jobs_and_another_serves),
        CASE(a_reason_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
