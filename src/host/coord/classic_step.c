#include "host/coord/classic_step.h"

#include "host/coord/classic_own.h"

#include <assert.h>
#include <string.h>

#define NEVER INT64_MAX
#define NS_PER_MS INT64_C(1000000)

void classic_step_init(struct classic_step *s, const struct classic_step_setup *setup)
{
    memset(s, 0, sizeof *s);
    s->roster = setup->roster;
    s->counters = setup->counters;
    s->on_odd = setup->on_odd;
    s->on_rest = setup->on_rest;
    s->user = setup->user;
    s->chance = setup->chance | 1;
    s->sweep_ns = NEVER;
    s->promises.life_ns = (R1_LIFE_MS - CLASSIC_R1_MARGIN_MS) * NS_PER_MS;
    memcpy(s->sid_prefix, setup->sid_prefix, CLASSIC_SID_PREFIX_LEN);
    classic_pool_init(&s->pool, setup->roster->plan->total);
    classic_triples_init(&s->triples, &s->pool);
    s->current = s->triples.n;
}

/* xorshift64: for spreading alone. */
static uint64_t draw(struct classic_step *s)
{
    s->chance ^= s->chance << 13;
    s->chance ^= s->chance >> 7;
    s->chance ^= s->chance << 17;
    return s->chance;
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

void classic_step_heard(struct classic_step *s, unsigned party)
{
    s->cores[party].silent = false;
    s->cores[party].heard = s->next_generation;
}

/* The activation of those that a job may be signed under that a core signs under; NULL: none.
 */
static const uint8_t *accepted(const struct classic_step *s, const struct coord_job *job,
                               unsigned party)
{
    const uint8_t *const own = s->activations[party];
    const uint8_t *const all = job->accepts != NULL ? job->accepts : job->activation;
    const size_t n = job->accepts != NULL ? job->n_accepts : 1;

    for (size_t i = 0; i < n; i++) {
        if (memcmp(all + i * ACTIVATION_HASH_LEN, own, ACTIVATION_HASH_LEN) == 0) {
            return own;
        }
    }
    return NULL;
}

/* Cores that a job may be signed by, now or soon. */
static unsigned count_for(const struct classic_step *s, const struct coord_job *job)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        n += quorum_core_is_alive(&s->cores[i]) && accepted(s, job, i) != NULL;
    }
    return n;
}

/* Triples that can be asked now, a mask of their numbers: for a job, or for any (NULL). */
static unsigned usable(const struct classic_step *s, const struct coord_job *job,
                       int64_t now_ns)
{
    unsigned ready = 0;
    unsigned can = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        if (quorum_core_is_ready(&s->cores[i], now_ns) &&
            (job == NULL || accepted(s, job, i) != NULL)) {
            ready |= 1U << i;
        }
    }
    for (unsigned t = 0; t < s->triples.n; t++) {
        if ((s->triples.at[t].s & ~ready) == 0 &&
            !classic_triples_rests(&s->triples, t, now_ns)) {
            can |= 1U << t;
        }
    }
    return can;
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

/* Asks those three for R1s that are asked next. */
static void ask_ahead(struct classic_step *s, int64_t now_ns)
{
    const unsigned can = usable(s, s->waiting.first, now_ns);
    struct classic_ask *a = free_ask(s);
    size_t have;
    size_t want;

    s->current = classic_triples_choose(&s->triples, &s->pool, can, s->current, now_ns);
    if (s->current == s->triples.n || a == NULL) {
        return;
    }
    have = classic_promises_count(&s->promises, s->current) + count_asked(s, s->current);
    want = coord_rate_want(&s->rate, have, s->waiting.n, CLASSIC_PROMISES_MAX, now_ns);
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

/* ---- R2 ---- */

/* How many more questions may be asked, and the number of the first. */
static size_t free_runs(const struct classic_step *s, size_t *first)
{
    size_t n = 0;

    for (size_t i = CLASSIC_RUNS_MAX; i-- > 0;) {
        if (!s->runs[i].busy) {
            *first = i;
            n++;
        }
    }
    return n;
}

/* The first job that waits and is still wanted; NULL: none. */
static struct coord_job *first_wanted(struct classic_step *s)
{
    struct coord_job *job = s->waiting.first;

    while (job != NULL && job->ready != NULL && !job->asked) {
        job->asked = true;
        if (job->ready(job)) {
            break;
        }
        coord_job_finish(s->counters, coord_line_pop(&s->waiting), ERR_DEADLINE);
        job = s->waiting.first;
    }
    return job;
}

/* Puts the first job into the run, with a presignature and R1s. False: that is all. */
static bool add_one(struct classic_step *s, struct classic_run *run, int64_t now_ns)
{
    struct coord_job *const job = first_wanted(s);
    const uint8_t *const activation =
        job != NULL ? accepted(s, job, classic_party(run->s, 0)) : NULL;
    const struct classic_record *const picked = classic_pool_pick(&s->pool, run->t, draw(s));
    struct classic_promise promise;
    enum err e;

    if (picked == NULL || activation == NULL ||
        memcmp(activation, run->head.activation, ACTIVATION_HASH_LEN) != 0 ||
        !classic_promises_take(&s->promises, run->t, &promise)) {
        return false;
    }
    memcpy(job->activation, activation, ACTIVATION_HASH_LEN);
    e = classic_run_add(run, job, &promise, picked);
    if (e == ERR_OK) {
        struct classic_record record;

        (void)coord_line_pop(&s->waiting);
        coord_rate_count(&s->rate, 1, now_ns);
        classic_pool_take(&s->pool, run->t, picked, &record);
    } else { /* their spans are too far apart: others may be closer */
        classic_triples_refused(&s->triples, run->t, now_ns);
        classic_promises_drop(&s->promises, run->t);
    }
    return e == ERR_OK;
}

/* Triples of can that have all that a stamp takes. */
static unsigned complete(const struct classic_step *s, unsigned can)
{
    for (unsigned t = 0; t < s->triples.n; t++) {
        if (classic_pool_stock(&s->pool, t) == 0 ||
            classic_promises_count(&s->promises, t) == 0) {
            can &= ~(1U << t);
        }
    }
    return can;
}

/* One question with its share of what waits. False: it is not to be asked now. */
static bool begin_run(struct classic_step *s, int64_t now_ns)
{
    struct coord_job *const job = first_wanted(s);
    const unsigned can = job != NULL ? complete(s, usable(s, job, now_ns)) : 0;
    const unsigned t = classic_triples_choose(&s->triples, &s->pool, can, s->current, now_ns);
    size_t first = 0;
    const size_t places = free_runs(s, &first);
    struct classic_run *const run = &s->runs[first];
    size_t share;

    if (t == s->triples.n || places == 0) {
        return false;
    }
    share = (s->waiting.n + places - 1) / places;
    share =
        smaller(share > CLASSIC_BATCH_LEAST ? share : CLASSIC_BATCH_LEAST, CLASSIC_BATCH_MAX);
    classic_run_begin(run, t, s->triples.at[t].s, s->roster->epoch_id,
                      s->activations[classic_party(s->triples.at[t].s, 0)]);
    while (run->head.n < share && add_one(s, run, now_ns)) {
    }
    run->busy = run->head.n > 0;
    run->generation = ++s->next_generation;
    run->asked_ns = now_ns;
    return run->busy;
}

/* ---- presignatures that are not there ---- */

/* Whether a job that waits finds none among the triples that can be asked. */
static bool is_starved(const struct classic_step *s, int64_t now_ns)
{
    const unsigned can = s->waiting.n > 0 ? usable(s, s->waiting.first, now_ns) : 0;

    for (unsigned t = 0; t < s->triples.n; t++) {
        if ((can >> t & 1) != 0 && classic_pool_stock(&s->pool, t) > 0) {
            return false;
        }
    }
    return s->waiting.n > 0;
}

static void note_starved(struct classic_step *s, int64_t now_ns)
{
    s->starved = is_starved(s, now_ns);
    for (struct coord_job *job = s->waiting.first; s->starved && job != NULL; job = job->next) {
        if (!job->starved) {
            job->starved = true;
            atomic_fetch_add(&s->counters->presign_waited, 1);
        }
    }
}

/* None is there in time: for want of any, or because those there are others'. */
static void refuse_starved(struct classic_step *s, struct coord_job *job)
{
    unsigned stock = 0;

    for (unsigned t = 0; t < s->triples.n; t++) {
        stock += classic_pool_stock(&s->pool, t);
    }
    atomic_fetch_add(stock == 0 ? &s->counters->presign_none : &s->counters->presign_held, 1);
    coord_job_finish(s->counters, job, ERR_NOSPACE);
}

/* ---- time ---- */

static void sweep_line(struct classic_step *s, int64_t now_ns, int64_t *next)
{
    struct coord_line late = {0};
    struct coord_job *job;

    coord_line_expire(&s->waiting, s->starved ? now_ns + CLASSIC_EMPTY_NS : now_ns, &late,
                      next);
    *next -= s->starved && *next != NEVER ? CLASSIC_EMPTY_NS : 0;
    while ((job = coord_line_pop(&late)) != NULL) {
        if (job->starved && s->starved) {
            refuse_starved(s, job);
        } else {
            coord_job_finish(s->counters, job, ERR_DEADLINE);
        }
    }
}

static void sweep(struct classic_step *s, int64_t now_ns)
{
    const int64_t soonest = now_ns + CLASSIC_SWEEP_NS;
    int64_t next = NEVER;

    sweep_line(s, now_ns, &next);
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        struct classic_run *const run = &s->runs[i];

        for (unsigned k = 0; run->busy && k < run->head.n; k++) {
            struct coord_job *const job = run->stamps[k].job;

            if (job != NULL && job->deadline_ns <= now_ns) {
                run->stamps[k].job = NULL;
                coord_job_finish(s->counters, job, ERR_DEADLINE);
            } else if (job != NULL && job->deadline_ns < next) {
                next = job->deadline_ns;
            }
        }
    }
    s->sweep_ns = next < soonest ? soonest : next;
}

/* Who has not answered a question of the three of s in time has a rest, or is not asked until
 * it says something. */
static void call_silent(struct classic_step *s, unsigned three, unsigned answered,
                        uint64_t generation, int64_t now_ns)
{
    for (unsigned place = 0; place < TECDSA_T; place++) {
        const unsigned party = classic_party(three, place);
        struct quorum_core *const c = &s->cores[party];

        if ((answered >> place & 1) == 0) {
            c->silent = c->heard < generation;
            if (quorum_core_rest(c, ERR_DEADLINE, now_ns) && s->on_odd != NULL) {
                s->on_odd(s->user, party, ERR_DEADLINE, QUORUM_REST_LONG_NS);
            }
        }
    }
}

static void look_for_silence(struct classic_step *s, int64_t now_ns)
{
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        struct classic_ask *const a = &s->asks[i];

        if (a->busy && now_ns - a->asked_ns >= CLASSIC_SILENT_NS) {
            call_silent(s, s->triples.at[a->t].s, a->answered, a->generation, now_ns);
            classic_free_ask(s, a);
        }
    }
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        struct classic_run *const run = &s->runs[i];

        if (run->busy && !classic_run_is_whole(run) &&
            now_ns - run->asked_ns >= CLASSIC_SILENT_NS) {
            call_silent(s, run->s, run->answered, run->generation, now_ns);
            classic_give_up(s, run);
        }
    }
}

/* What waits for that core is given up. */
static void give_up_all(struct classic_step *s, unsigned party)
{
    for (size_t i = 0; i < CLASSIC_ASKS_MAX; i++) {
        struct classic_ask *const a = &s->asks[i];
        const unsigned place = a->busy ? classic_place(s->triples.at[a->t].s, party) : TECDSA_T;

        if (place < TECDSA_T && (a->answered >> place & 1) == 0) {
            classic_free_ask(s, a);
        }
    }
    for (size_t i = 0; i < CLASSIC_RUNS_MAX; i++) {
        struct classic_run *const run = &s->runs[i];
        const unsigned place = run->busy ? classic_place(run->s, party) : TECDSA_T;

        if (place < TECDSA_T && (run->answered >> place & 1) == 0) {
            classic_give_up(s, run);
        }
    }
}

/* ---- the calls ---- */

void classic_step_show(const struct classic_step *s, struct coord_shared_view *out)
{
    out->is_shared = true;
    out->answering = (uint8_t)classic_step_alive(s);
    out->n = (uint8_t)s->triples.n;
    for (unsigned t = 0; t < s->triples.n; t++) {
        out->triples[t].s = s->triples.at[t].s;
        out->triples[t].rests =
            s->triples.at[t].rest_ns - s->pumped_ns > CLASSIC_DOUBT_LONGEST_NS;
        out->triples[t].stock = (uint16_t)classic_pool_stock(&s->pool, t);
    }
}

void classic_step_end(struct classic_step *s, enum err e)
{
    struct coord_line all = s->waiting;
    struct coord_job *job;

    s->waiting = (struct coord_line){0};
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

/* Nobody waits for cores that do not answer. */
static bool end_if_few(struct classic_step *s)
{
    const bool few = classic_step_alive(s) < TECDSA_T;

    if (few) {
        classic_step_end(s, ERR_QUORUM);
    }
    return few;
}

void classic_step_up(struct classic_step *s, unsigned party, const uint8_t *activation,
                     int64_t life_ns)
{
    struct quorum_core *const c = &s->cores[party];

    c->up = activation != NULL;
    c->silent = false;
    c->rest_ns = c->wrong > 0 ? c->rest_ns : 0; /* a new connection does not make it right */
    if (activation != NULL) {
        memcpy(s->activations[party], activation, ACTIVATION_HASH_LEN);
        s->sources[party] = (struct classic_source){.since = 1};
        s->promises.life_ns = life_ns < s->promises.life_ns ? life_ns : s->promises.life_ns;
        return;
    }
    give_up_all(s, party);
    classic_pool_forget(&s->pool, party);
    for (unsigned t = 0; t < s->triples.n; t++) {
        if ((s->triples.at[t].s >> party & 1) != 0) {
            classic_promises_drop(&s->promises, t);
        }
    }
    end_if_few(s);
}

void classic_step_silent(struct classic_step *s, unsigned party)
{
    s->cores[party].silent = true;
    give_up_all(s, party);
    end_if_few(s);
}

void classic_step_submit(struct classic_step *s, struct coord_job *job, int64_t now_ns)
{
    assert(job->key == KEY_CLASSIC && job->to_sign != NULL &&
           job->nonce_len <= STAMP_NONCE_MAX && hash_len((enum hash_alg)job->hash_alg) > 0);
    if (classic_step_alive(s) < TECDSA_T ||
        memcmp(job->epoch_id, s->roster->epoch_id, EPOCH_ID_LEN) != 0) {
        coord_job_finish(s->counters, job, ERR_QUORUM);
        return;
    }
    if (count_for(s, job) < TECDSA_T) {
        coord_job_finish(s->counters, job, ERR_STALE);
        return;
    }
    job->starved = false;
    coord_line_push(&s->waiting, job);
    if (job->deadline_ns - CLASSIC_EMPTY_NS < s->sweep_ns) {
        s->sweep_ns = job->deadline_ns - CLASSIC_EMPTY_NS;
    }
    coord_rate_count(&s->rate, 0, now_ns);
}

void classic_step_pump(struct classic_step *s, int64_t now_ns)
{
    s->pumped_ns = now_ns;
    look_for_silence(s, now_ns);
    if (end_if_few(s)) {
        return;
    }
    classic_pool_expire(&s->pool, now_ns);
    classic_promises_expire(&s->promises, now_ns);
    while (begin_run(s, now_ns)) {
    }
    note_starved(s, now_ns);
    if (now_ns >= s->sweep_ns) {
        sweep(s, now_ns);
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
    int64_t next = s->sweep_ns;

    if (classic_has_whole(s)) {
        return s->pumped_ns;
    }
    if (s->waiting.n > 0) {
        next = earlier(next, next_rested(s));
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
