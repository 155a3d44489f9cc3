#include "host/coord/classic_step.h"

#include "host/coord/classic_own.h"

#include <assert.h>
#include <string.h>

#define NEVER INT64_MAX

_Static_assert(COORD_TRIPLES_MAX <= 32, "the mask of a job");
#define NS_PER_MS INT64_C(1000000)

void classic_step_init(struct classic_step *s, const struct classic_step_setup *setup)
{
    memset(s, 0, sizeof *s);
    s->roster = setup->roster;
    s->counters = setup->counters;
    s->on_odd = setup->on_odd;
    s->on_rest = setup->on_rest;
    s->on_few = setup->on_few;
    s->few = (struct classic_few){.level = COORD_TRIPLES_NONE};
    s->user = setup->user;
    s->chance = setup->chance | 1;
    s->sweep_ns = NEVER;
    s->patience_ns = NEVER;
    s->gone_ns = NEVER;
    s->promises.life_ns = (R1_LIFE_MS - CLASSIC_R1_MARGIN_MS) * NS_PER_MS;
    memcpy(s->sid_prefix, setup->sid_prefix, CLASSIC_SID_PREFIX_LEN);
    classic_pool_init(&s->pool, setup->roster->plan->total);
    classic_triples_init(&s->triples, &s->pool);
    s->current = s->triples.n;
}

/* ---- who ---- */

unsigned classic_step_alive(const struct classic_step *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        n += quorum_core_is_alive(&s->cores[i]);
    }
    return n;
}

bool classic_step_may_serve(const struct classic_step *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        n += s->cores[i].up;
    }
    return n >= TECDSA_T;
}

void classic_step_heard(struct classic_step *s, unsigned party)
{
    s->cores[party].silent = false;
    s->cores[party].heard = s->next_generation;
}

/* ---- R1 ---- */

static struct classic_ask *free_ask(struct classic_step *s)
{
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        if (!s->asks[i].busy) {
            return &s->asks[i];
        }
    }
    return NULL;
}

/* How many R1s are asked for, of triple t or (triples.n) of all. */
static size_t count_asked(const struct classic_step *s, unsigned t)
{
    size_t n = 0;

    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        const struct classic_ask *const a = &s->asks[i];

        n += a->busy && (t == s->triples.n || a->t == t) ? a->n : 0;
    }
    return n;
}

static void begin_ask(struct classic_step *s, struct classic_ask *a, unsigned t, size_t n,
                      int64_t now_ns)
{
    a->busy = true;
    a->t = t;
    a->sent = 0;
    a->answered = 0;
    a->generation = ++s->next_generation;
    a->asked_ns = now_ns;
    a->n = n;
    for (size_t i = 0; i < n; i++) {
        struct writer w = wr_init(a->promises[i].sid0, SID0_LEN);

        wr_bytes(&w, s->sid_prefix, CLASSIC_SID_PREFIX_LEN);
        wr_u64le(&w, s->next_sid++);
        a->promises[i].t = t;
        a->promises[i].asked_ns = now_ns;
    }
}

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Triples with presignatures that the first stamp can go to that can go anywhere; with none,
 * those that the next one could go to. */
static unsigned asked_next(const struct classic_step *s, int64_t now_ns)
{
    const unsigned can = classic_stocked(s, now_ns);
    struct classic_alike last = {0};
    unsigned suits = 0;

    for (const struct coord_job *job = s->waiting.first; can != 0 && suits == 0 && job != NULL;
         job = job->next) {
        suits = can & classic_suits(s, job, &last);
    }
    return suits != 0 ? suits : can;
}

/* Asks those three for R1s that are asked next. */
static void ask_ahead(struct classic_step *s, int64_t now_ns)
{
    struct classic_ask *a = free_ask(s);
    size_t have;
    size_t want;

    s->current = classic_triples_choose(&s->triples, &s->pool, asked_next(s, now_ns),
                                        s->current, now_ns);
    if (s->current == s->triples.n || a == NULL) {
        return;
    }
    have = classic_promises_count(&s->promises, s->current) + count_asked(s, s->current);
    want = coord_rate_want(&s->rate, have,
                           classic_count_suited(s, s->current, CLASSIC_PROMISES_MAX),
                           CLASSIC_PROMISES_MAX, now_ns);
    if (have >= classic_pool_stock(&s->pool, s->current)) {
        return;
    }
    want = smaller(want, classic_pool_stock(&s->pool, s->current) - have);
    want = smaller(want, STAMP_BATCH_MAX);
    have = s->promises.n + count_asked(s, s->triples.n);
    want = smaller(want, have < CLASSIC_PROMISES_MAX ? CLASSIC_PROMISES_MAX - have : 0);
    if (want > 0) {
        begin_ask(s, a, s->current, want, now_ns);
    }
}

/* ---- the calls ---- */

void classic_step_end(struct classic_step *s, enum err e)
{
    struct coord_line all = s->waiting;
    struct coord_job *job;

    s->waiting = (struct coord_line){0};
    s->sweep_ns = NEVER;
    s->patience_ns = NEVER;
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        classic_free_ask(s, &s->asks[i]);
    }
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        struct classic_run *const run = &s->runs[i];

        for (unsigned k = 0; run->busy && k < run->head.n; k++) {
            if (run->stamps[k].job != NULL) {
                coord_line_push(&all, run->stamps[k].job);
                run->stamps[k].job = NULL;
            }
        }
        classic_give_up(s, run);
    }
    while ((job = coord_line_pop(&all)) != NULL) {
        coord_job_finish(s->counters, job, e);
    }
}

void classic_step_up(struct classic_step *s, unsigned party, const uint8_t *activation,
                     int64_t life_ns)
{
    struct quorum_core *const c = &s->cores[party];

    c->up = activation != NULL;
    c->silent = false;
    c->rest_ns = c->wrong > 0 ? c->rest_ns : 0; /* a new connection does not make it right */
    s->pairs.said[party] = (struct classic_pairs_said){0};
    if (activation != NULL) {
        memcpy(s->activations[party], activation, ACTIVATION_HASH_LEN);
        s->sources[party] = (struct classic_source){.since = 1};
        s->promises.life_ns = life_ns < s->promises.life_ns ? life_ns : s->promises.life_ns;
        return;
    }
    s->few.looked_ns = 0;
    classic_give_up_all(s, party);
    classic_pool_forget(&s->pool, party);
    for (unsigned t = 0; t < s->triples.n; t++) {
        if ((s->triples.at[t].s >> party & 1) != 0) {
            classic_promises_drop(&s->promises, t);
        }
    }
    classic_end_if_cut_off(s);
}

void classic_step_silent(struct classic_step *s, unsigned party)
{
    s->cores[party].silent = true;
    s->few.looked_ns = 0;
    classic_give_up_all(s, party);
}

void classic_step_submit(struct classic_step *s, struct coord_job *job, int64_t now_ns)
{
    assert(job->key == KEY_CLASSIC && job->to_sign != NULL &&
           job->nonce_len <= STAMP_NONCE_MAX && hash_len((enum hash_alg)job->hash_alg) > 0);
    if (!classic_step_may_serve(s) ||
        memcmp(job->epoch_id, s->roster->epoch_id, EPOCH_ID_LEN) != 0) {
        coord_job_finish(s->counters, job, ERR_QUORUM);
        return;
    }
    if (classic_count_for(s, job) < TECDSA_T) {
        coord_job_finish(s->counters, job, ERR_STALE);
        return;
    }
    job->came_ns = now_ns;
    job->starved = false;
    job->barred = 0;
    memset(job->gone, 0, sizeof job->gone);
    coord_line_push(&s->waiting, job);
    if (job->deadline_ns - CLASSIC_EMPTY_NS < s->sweep_ns) {
        s->sweep_ns = job->deadline_ns - CLASSIC_EMPTY_NS;
    }
    coord_rate_count(&s->rate, 0, now_ns);
}

void classic_step_pump(struct classic_step *s, int64_t now_ns)
{
    s->pumped_ns = now_ns;
    classic_look_for_silence(s, now_ns);
    classic_watch(s, now_ns);
    classic_pool_expire(&s->pool, now_ns);
    classic_promises_expire(&s->promises, now_ns);
    classic_end_hopeless(s, now_ns);
    classic_begin_runs(s, now_ns);
    classic_look_at_line(s, now_ns);
    if (now_ns >= s->sweep_ns) {
        classic_sweep(s, now_ns);
    }
    ask_ahead(s, now_ns);
    classic_combine(s, now_ns);
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* When somebody who rests can be asked again. */
static int64_t next_rested(const struct classic_step *s)
{
    int64_t next = NEVER;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        const int64_t rested = s->cores[i].rest_ns;

        next = rested > s->pumped_ns ? earlier(next, rested) : next;
    }
    for (unsigned t = 0; t < s->triples.n; t++) {
        const int64_t rested = s->triples.at[t].rest_ns;

        next = rested > s->pumped_ns ? earlier(next, rested) : next;
    }
    return next;
}

int64_t classic_step_next(const struct classic_step *s)
{
    int64_t next = earlier(s->sweep_ns, s->patience_ns);

    if (classic_has_whole(s)) {
        return s->pumped_ns;
    }
    if (s->waiting.n > 0) {
        next = earlier(earlier(next, next_rested(s)), s->gone_ns);
    }
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        if (s->asks[i].busy) {
            next = earlier(next, s->asks[i].asked_ns + CLASSIC_SILENT_NS);
        }
    }
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        if (s->runs[i].busy) {
            next = earlier(next, s->runs[i].asked_ns + CLASSIC_SILENT_NS);
        }
    }
    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        if (quorum_core_is_alive(&s->cores[i])) {
            next = earlier(next, classic_source_due(s, i));
        }
    }
    return next;
}
