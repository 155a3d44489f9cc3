/* coord_fixture.h - a machine, a fake core and a clock; jobs that say how often they were done.
 */
#ifndef TESTS_COORD_FIXTURE_H
#define TESTS_COORD_FIXTURE_H

#include "fake_core.h"

#define MS INT64_C(1000000)

struct pair {
    struct coord_counters counters;
    struct coord_step step;
    struct fake_core *core;
    int64_t now_ns;
};

struct counted_job {
    struct coord_job job;
    int done; /* how often */
};

static inline void job_done(struct coord_job *job)
{
    ((struct counted_job *)job->user)->done++;
}

/* Job number i for this core. */
static inline void job_fill(struct counted_job *j, const struct fake_core *core, uint32_t i,
                            int64_t deadline_ns)
{
    memset(j, 0, sizeof *j);
    j->job.deadline_ns = deadline_ns;
    j->job.key = KEY_CLASSIC;
    j->job.policy = 1;
    j->job.hash_alg = HASH_SHA256;
    memcpy(j->job.hashed_message, &i, sizeof i);
    j->job.nonce_len = (uint8_t)(i % 9);
    memset(j->job.nonce, 0x11, j->job.nonce_len);
    j->job.rule = (struct stamp_policy){3, 100, 1000, false};
    memcpy(j->job.epoch_id, core->epoch_id, EPOCH_ID_LEN);
    memcpy(j->job.activation, core->activation, ACTIVATION_HASH_LEN);
    j->job.done = job_done;
    j->job.user = j;
    j->job.err = ERR_BUG;
}

/* Whether what the job got is what the core derived. */
static inline bool job_is_signed(const struct counted_job *j)
{
    uint8_t bytes[STAMP_SIGNATURE_DUAL];
    const struct view want = fake_sign(&j->job.stamp, j->job.key, bytes);

    return j->done == 1 && j->job.err == ERR_OK && j->job.signature_len == want.n &&
           memcmp(want.p, j->job.signature, want.n) == 0;
}

static inline void pair_submit(struct pair *p, struct counted_job *j)
{
    atomic_fetch_add(&p->counters.queue_depth, 1);
    coord_step_submit(&p->step, &j->job);
}

/* Lets the machine do what is due, and hands its bytes to the core. */
static inline void pair_pump(struct pair *p)
{
    p->core->now_ns = p->now_ns;
    assert_int_equal(coord_step_pump(&p->step, p->now_ns), ERR_OK);
    const struct view out = coord_step_send(&p->step);

    fake_receive(p->core, out);
    coord_step_sent(&p->step, out.n);
    assert_true(coord_step_next(&p->step) > p->now_ns); /* it never spins */
}

/* The core answers what it was asked as number at. */
static inline void pair_answer(struct pair *p, size_t at)
{
    size_t used = 0;

    p->core->now_ns = p->now_ns;
    const struct view v = fake_answer(p->core, at);

    assert_int_equal(coord_step_take(&p->step, v, p->now_ns, &used), ERR_OK);
    assert_int_equal(used, v.n);
}

/* Until the core has nothing to answer any more. */
static inline void pair_settle(struct pair *p)
{
    pair_pump(p);
    while (p->core->n > 0) {
        pair_answer(p, 0);
        pair_pump(p);
    }
}

static inline void pair_connect(struct pair *p)
{
    coord_step_open(&p->step, p->now_ns);
    pair_settle(p);
    assert_int_equal(p->step.phase, COORD_UP);
}

static inline struct pair *pair_new(void)
{
    static const uint8_t prefix[COORD_SID_PREFIX_LEN] = {7};
    struct pair *p = calloc(1, sizeof *p);

    assert_non_null(p);
    p->now_ns = 1000 * MS;
    p->core = fake_new(1);
    coord_step_init(&p->step, &p->counters, prefix);
    return p;
}

static inline void pair_free(struct pair *p)
{
    free(p->core);
    free(p);
}

#endif
