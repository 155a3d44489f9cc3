/* Whatever a core says, every job ends once, and only an honest answer signs anything. */
#include "coord_fixture.h"

static struct pair *p;
static struct counted_job jobs[600];
static uint8_t copy[2 * FRAME_BODY_MAX];

static int setup(void **state)
{
    (void)state;
    p = pair_new();
    pair_connect(p);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    pair_free(p);
    return 0;
}

static void submit(uint32_t n)
{
    for (uint32_t i = 0; i < n; i++) {
        job_fill(&jobs[i], p->core, i, p->now_ns + 1000 * MS);
        pair_submit(p, &jobs[i]);
    }
}

/* Submits n jobs and brings them so far that this type of frame waits for its answer. */
static size_t ready_for(enum frame_type type, uint32_t n)
{
    submit(n);
    pair_pump(p);
    if (type == FRAME_R2) {
        pair_answer(p, fake_find(p->core, FRAME_R1));
        pair_pump(p);
    }
    const size_t at = fake_find(p->core, type);

    assert_true(at < FAKE_FRAMES);
    return at;
}

static enum err take(struct view v)
{
    size_t used = 0;

    return coord_step_take(&p->step, v, p->now_ns, &used);
}

/* The connection is closed as the header asks for: then every job has ended with ERR_QUORUM. */
static void is_garbage(struct view v, enum err want, uint32_t n)
{
    const uint64_t before = atomic_load(&p->counters.frames_bad);

    assert_int_equal(take(v), want);
    assert_int_equal(atomic_load(&p->counters.frames_bad), before + 1);
    coord_step_close(&p->step, want);
    for (uint32_t i = 0; i < n; i++) {
        assert_int_equal(jobs[i].done, 1);
        assert_true(jobs[i].job.err == ERR_QUORUM || jobs[i].job.err == ERR_OK);
    }
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
    p->core->n = 0;
    p->core->in_len = 0;
    p->now_ns += 100 * MS;
    pair_connect(p); /* and another connection serves */
}

static void every_prefix_waits_for_the_rest(void **state)
{
    (void)state;
    const size_t at = ready_for(FRAME_R2, 3);
    const struct view v = fake_answer(p->core, at);
    size_t used = 0;

    for (size_t n = 0; n < v.n; n++) {
        assert_int_equal(coord_step_take(&p->step, (struct view){v.p, n}, p->now_ns, &used),
                         ERR_OK);
        assert_int_equal(used, 0);
    }
    assert_int_equal(coord_step_take(&p->step, v, p->now_ns, &used), ERR_OK);
    assert_int_equal(used, v.n);
    assert_true(job_is_signed(&jobs[0]));
}

static void a_body_cut_short_or_too_long_is_garbage(void **state)
{
    static const enum frame_type types[] = {FRAME_R1, FRAME_R2};

    (void)state;
    for (size_t t = 0; t < 2; t++) {
        for (int delta = -1; delta <= 1; delta += 2) {
            const size_t at = ready_for(types[t], 3);
            const uint64_t id = p->core->frames[at].id;
            const struct view v = fake_answer(p->core, at);
            const size_t len = v.n - FRAME_HEADER_LEN;

            memset(copy, 0, sizeof copy);
            memcpy(copy, v.p + FRAME_HEADER_LEN, len);
            is_garbage(fake_raw(p->core, (uint8_t)(types[t] | FRAME_ANSWER), id,
                                (struct view){copy, delta < 0 ? len - 1 : len + 1}),
                       delta < 0 ? ERR_TRUNCATED : ERR_TRAILING, 3);
        }
    }
}

static void header_and_type_are_checked(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        enum err want;
    } rows[] = {
        {0, 0x52, ERR_TAG},
        {1, 2, ERR_VERSION},
        {2, FRAME_R2, ERR_TYPE},
        {2, 0x00, ERR_TYPE},
        {2, FRAME_R1 | 0x80, ERR_TYPE},
        {2, FRAME_STATE | 0x80, ERR_TYPE},
        {3, 1, ERR_ENCODING},
        {7, 1, ERR_RANGE},
        {8, 0xee, ERR_MISMATCH},
        {15, 1, ERR_MISMATCH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t at = ready_for(FRAME_R2, 3);
        const struct view v = fake_answer(p->core, at);

        memcpy(copy, v.p, v.n);
        copy[rows[i].at] = rows[i].to;
        is_garbage((struct view){copy, v.n}, rows[i].want, 3);
    }
}

static void an_answer_counts_once(void **state)
{

    (void)state;
    const size_t at = ready_for(FRAME_R2, 3);
    const struct view v = fake_answer(p->core, at);

    memcpy(copy, v.p, v.n);
    assert_int_equal(take(v), ERR_OK);
    assert_true(job_is_signed(&jobs[0]));
    is_garbage((struct view){copy, v.n}, ERR_MISMATCH, 0);
    assert_int_equal(jobs[0].done, 1);
}

/* A flipped byte in an R1 answer: in what the coordinator knows it is seen; in what only the
 * core knows (r1_id, the span, part) it is not ours to judge. */
static void an_r1_of_something_else_is_garbage(void **state)
{
    static const struct {
        size_t at;
        enum err want;
    } rows[] = {
        {0, ERR_TRAILING},                         /* count */
        {1, ERR_MISMATCH},                         /* epoch_id */
        {1 + EPOCH_ID_LEN, ERR_MISMATCH},          /* key */
        {1 + EPOCH_ID_LEN + 1, ERR_MISMATCH},      /* sid0 */
        {1 + EPOCH_ID_LEN + 32, ERR_MISMATCH},     /* its number */
        {1 + EPOCH_ID_LEN + 1 + 32, ERR_MISMATCH}, /* index */
        {1 + R1_BODY_LEN + 1 + 48, ERR_MISMATCH},  /* sid0 of the second */
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const size_t at = ready_for(FRAME_R1, 3);
        const uint64_t id = p->core->frames[at].id;
        const struct view v = fake_answer(p->core, at);
        const size_t len = v.n - FRAME_HEADER_LEN;

        memcpy(copy, v.p + FRAME_HEADER_LEN, len);
        copy[rows[i].at] ^= 1;
        is_garbage(fake_raw(p->core, FRAME_R1 | FRAME_ANSWER, id, (struct view){copy, len}),
                   rows[i].want, 3);
    }
}

static void a_signature_of_another_length_is_garbage(void **state)
{
    static const uint16_t lengths[] = {1, 95, 97, 3309};

    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        uint8_t body[STAMP_SIGNATURE_MAX];
        struct writer w = wr_init(body, sizeof body);
        static const uint8_t zeros[STAMP_SIGNATURE_MAX];
        struct view done;
        const size_t at = ready_for(FRAME_R2, 1);

        wr_u8(&w, 1);
        r2_result_encode(&w, &(struct r2_result){.signature = {zeros, lengths[i]}});
        assert_int_equal(wr_finish(&w, &done), ERR_OK);
        is_garbage(fake_raw(p->core, FRAME_R2 | FRAME_ANSWER, p->core->frames[at].id, done),
                   ERR_LENGTH, 1);
        assert_int_equal(jobs[0].job.err, ERR_QUORUM);
    }
}

static void another_count_is_garbage(void **state)
{
    (void)state;
    const uint8_t two_refused[] = {2, 0x02, 0x03, 0x02, 0x03};
    size_t at = ready_for(FRAME_R2, 1);

    is_garbage(fake_raw(p->core, FRAME_R2 | FRAME_ANSWER, p->core->frames[at].id,
                        (struct view){two_refused, sizeof two_refused}),
               ERR_MISMATCH, 1);
}

static void a_state_of_another_boot_is_garbage(void **state)
{
    (void)state;
    p->now_ns += COORD_POLL_SERVING_MS * MS;
    pair_pump(p);
    struct fake_core *other = fake_new(9);
    uint8_t body[512];
    struct writer w = wr_init(body, sizeof body);
    struct view done;

    fake_state(other, &w);
    assert_int_equal(wr_finish(&w, &done), ERR_OK);
    is_garbage(fake_raw(p->core, FRAME_STATE | FRAME_ANSWER, p->core->frames[0].id, done),
               ERR_MISMATCH, 0);
    free(other);
}

/* Each row: what the greeting says; what becomes of the connection. */
static void a_greeting_that_cannot_be_served_is_refused(void **state)
{
    static const struct {
        uint8_t threshold, index;
        uint16_t life_ms;
    } rows[] = {{2, 1, 250}, {0, 1, 250}, {1, 0, 250}, {1, 4, 250}, {1, 1, COORD_R1_MARGIN_MS},
                {1, 1, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct pair *q = pair_new();
        uint8_t body[4096];
        struct writer w = wr_init(body, sizeof body);
        struct hello h = {.index = rows[i].index,
                          .n_keys = 1,
                          .keys = {{KEY_CLASSIC, rows[i].threshold, 3, {body, 1}}},
                          .clock = CLOCK_KERNEL,
                          .r1_life_ms = rows[i].life_ms};
        struct view done;
        size_t used = 0;

        coord_step_open(&q->step, q->now_ns);
        pair_pump(q);
        hello_encode(&w, &h);
        assert_int_equal(wr_finish(&w, &done), ERR_OK);
        const struct view v =
            fake_raw(q->core, FRAME_HELLO | FRAME_ANSWER, q->core->frames[0].id, done);

        assert_true(coord_step_take(&q->step, v, q->now_ns, &used) != ERR_OK);
        pair_free(q);
    }
}

static void a_refused_greeting_tells_why(void **state)
{
    struct pair *q = pair_new();
    const uint8_t code[] = {0x02, 0x03}; /* ERR_QUORUM */
    size_t used = 0;

    (void)state;
    coord_step_open(&q->step, q->now_ns);
    pair_pump(q);
    const struct view v =
        fake_raw(q->core, FRAME_ERROR, q->core->frames[0].id, (struct view){code, sizeof code});

    assert_int_equal(coord_step_take(&q->step, v, q->now_ns, &used), ERR_QUORUM);
    pair_free(q);
}

/* ---- a long run with everything at random, from one seed ---- */

static uint64_t seed;

static uint32_t dice(uint32_t n)
{
    seed = seed * 6364136223846793005U + 1442695040888963407U;
    return (uint32_t)(seed >> 33) % n;
}

static bool is_under_way(const struct counted_job *j)
{
    return j->job.user != NULL && j->done == 0;
}

static void check_ended(struct counted_job *j)
{
    if (j->done > 0) {
        assert_int_equal(j->done, 1);
        assert_true(j->job.err != ERR_OK || job_is_signed(j));
        j->done = -1; /* its place is free; another call would be seen */
    }
    assert_true(j->done == 0 || j->done == -1);
}

static void random_answer(void)
{
    const size_t at = dice((uint32_t)p->core->n);

    if (dice(50) == 0) {
        memset(p->core->r1_ns, 0, sizeof p->core->r1_ns); /* a clock event */
    }
    p->core->refuse = dice(40) == 0 ? (dice(2) ? ERR_NOSPACE : ERR_TIME) : ERR_OK;
    pair_answer(p, at);
}

static void random_disconnect(void)
{
    struct fake_core *old = p->core;

    coord_step_close(&p->step, ERR_IO);
    p->core = fake_new((uint8_t)(1 + dice(250)));
    p->core->next_r1 = old->next_r1;
    free(old);
    p->now_ns += dice(100) * MS;
    coord_step_open(&p->step, p->now_ns);
}

static void random_submit(size_t *submitted)
{
    const uint32_t i = dice(600);

    if (is_under_way(&jobs[i])) {
        return;
    }
    job_fill(&jobs[i], p->core, i, p->now_ns + (int64_t)dice(300) * MS);
    if (dice(30) == 0) {
        jobs[i].job.activation[0] ^= 1;
    }
    pair_submit(p, &jobs[i]);
    (*submitted)++;
}

static void random_run(uint64_t from_seed)
{
    size_t submitted = 0;

    seed = from_seed;
    memset(jobs, 0, sizeof jobs);
    for (int step = 0; step < 20000; step++) {
        const uint32_t what = dice(100);

        if (what < 45) {
            random_submit(&submitted);
        } else if (what < 85 && p->core->n > 0) {
            random_answer();
        } else if (what < 98) {
            p->now_ns += (int64_t)dice(3000) * 1000;
        } else if (dice(40) == 0) {
            random_disconnect();
        }
        if (coord_step_pump(&p->step, p->now_ns) != ERR_OK) {
            random_disconnect();
        }
        pair_pump(p);
        for (size_t i = 0; i < 600; i++) {
            check_ended(&jobs[i]);
        }
        assert_true(p->step.r2_frames <= COORD_R2_FRAMES_MAX);
    }
    coord_step_close(&p->step, ERR_IO);
    for (size_t i = 0; i < 600; i++) {
        check_ended(&jobs[i]);
        assert_false(is_under_way(&jobs[i]));
    }
    assert_int_equal(atomic_load(&p->counters.queue_depth), 0);
    assert_true(atomic_load(&p->counters.signed_) > 1000);
    assert_int_equal(atomic_load(&p->counters.signed_) + atomic_load(&p->counters.refused) +
                         atomic_load(&p->counters.deadline),
                     submitted);
}

static void every_job_ends_once(void **state)
{
    (void)state;
    for (uint64_t s = 1; s <= 3; s++) {
        (void)setup(NULL);
        random_run(s);
        (void)teardown(NULL);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
    const struct CMUnitTest tests[] = {
        CASE(every_prefix_waits_for_the_rest),
        CASE(a_body_cut_short_or_too_long_is_garbage),
        CASE(header_and_type_are_checked),
        CASE(an_answer_counts_once),
        CASE(an_r1_of_something_else_is_garbage),
        CASE(a_signature_of_another_length_is_garbage),
        CASE(another_count_is_garbage),
        CASE(a_state_of_another_boot_is_garbage),
        cmocka_unit_test(a_greeting_that_cannot_be_served_is_refused),
        cmocka_unit_test(a_refused_greeting_tells_why),
        cmocka_unit_test(every_job_ends_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
