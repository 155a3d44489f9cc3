/* Which of the stamps that wait go next, and to which three cores.
 *
 * The first in line goes first, wherever it can go. One that cannot go now, as the triples
 * whose clocks may serve its policy rest or have no presignatures, keeps its place: others pass
 * it on the way to triples that it cannot go to, and as soon as it can go somewhere it is
 * before them. So it waits for nobody behind it, and nobody waits for it. */
#include "host/coord/classic_own.h"
#include "host/coord/classic_time.h"

#include <string.h>

#define NEVER INT64_MAX

/* xorshift64: for spreading alone. */
static uint64_t draw(struct classic_step *s)
{
    s->chance ^= s->chance << 13;
    s->chance ^= s->chance >> 7;
    s->chance ^= s->chance << 17;
    return s->chance;
}

/* ---- what can be asked ---- */

/* Whether the job's owner holds the certificate that a core signs under. */
static bool accepts(const struct classic_step *s, const struct coord_job *job, unsigned party)
{
    const uint8_t *const all = job->accepts != NULL ? job->accepts : job->activation;
    const size_t n = job->accepts != NULL ? job->n_accepts : 1;
    bool any = false;

    for (size_t i = 0; i < n; i++) {
        any = any || memcmp(all + i * ACTIVATION_HASH_LEN, s->activations[party],
                            ACTIVATION_HASH_LEN) == 0;
    }
    return any;
}

unsigned classic_count_for(const struct classic_step *s, const struct coord_job *job)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        n += s->cores[i].up && accepts(s, job, i);
    }
    return n;
}

/* Triples of these cores alone, a mask of each. */
static unsigned triples_of(const struct classic_step *s, unsigned cores)
{
    unsigned of = 0;

    for (unsigned t = 0; t < s->triples.n; t++) {
        of |= (s->triples.at[t].s & ~cores) == 0 ? 1U << t : 0;
    }
    return of;
}

/* Triples with a core that the job leaves out for now. */
static unsigned left_out(const struct classic_step *s, const struct coord_job *job)
{
    unsigned cores = 0;

    for (unsigned i = 0; job->tries > 0 && i < s->roster->plan->total; i++) {
        cores |= job->gone[i].until_ns > s->pumped_ns ? 1U << i : 0;
    }
    return cores != 0 ? ~triples_of(s, ~cores) : 0;
}

/* As of classic_suits(), those that it leaves out for now among them. */
static unsigned suits_ever(const struct classic_step *s, const struct coord_job *job,
                           struct classic_alike *last)
{
    const uint8_t *const all = job->accepts != NULL ? job->accepts : job->activation;
    const size_t n = job->accepts != NULL ? job->n_accepts : 1;
    unsigned cores = 0;

    if (last->all == NULL || last->n != n ||
        (last->all != all && memcmp(last->all, all, n * ACTIVATION_HASH_LEN) != 0)) {
        for (unsigned i = 0; i < s->roster->plan->total; i++) {
            cores |= s->cores[i].up && accepts(s, job, i) ? 1U << i : 0;
        }
        *last = (struct classic_alike){all, n, triples_of(s, cores)};
    }
    return last->triples & ~job->barred;
}

unsigned classic_suits(const struct classic_step *s, const struct coord_job *job,
                       struct classic_alike *last)
{
    return suits_ever(s, job, last) & ~left_out(s, job);
}

size_t classic_count_suited(const struct classic_step *s, unsigned t, size_t most)
{
    struct classic_alike last = {0};
    size_t n = 0;

    for (const struct coord_job *job = s->waiting.first; job != NULL && n < most;
         job = job->next) {
        n += classic_suits(s, job, &last) >> t & 1;
    }
    return n;
}

unsigned classic_stocked(const struct classic_step *s, int64_t now_ns)
{
    unsigned ready = 0;
    unsigned can;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        ready |= quorum_core_is_ready(&s->cores[i], now_ns) ? 1U << i : 0;
    }
    can = triples_of(s, ready);
    for (unsigned t = 0; t < s->triples.n; t++) {
        if (classic_triples_rests(&s->triples, t, now_ns) ||
            classic_pool_stock(&s->pool, t) == 0) {
            can &= ~(1U << t);
        }
    }
    return can;
}

/* Triples that have all that a stamp takes. */
static unsigned complete(const struct classic_step *s, int64_t now_ns)
{
    unsigned can = classic_stocked(s, now_ns);

    for (unsigned t = 0; t < s->triples.n; t++) {
        if (classic_promises_count(&s->promises, t) == 0) {
            can &= ~(1U << t);
        }
    }
    return can;
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

/* These R1s make no stamp under the job's policy, which says nothing of others: it goes to
 * other triples. Where the spans meet, those that are too wide by themselves are so in any
 * triple; where not, one of the three may be wrong, or they were read some ms apart: the triple
 * is asked after the others. */
static void bar(struct classic_step *s, struct coord_job *job, unsigned t,
                const struct classic_promise *promise)
{
    const bool meets = classic_time_meets(promise);
    const unsigned wide =
        meets ? classic_time_wide(promise, s->triples.at[t].s, job->rule.max_accuracy_ms) : 0;

    if (!meets) {
        classic_triples_stale(&s->triples, t);
    }
    for (unsigned i = 0; i < s->triples.n; i++) {
        if (i == t || (s->triples.at[i].s & wide) != 0) {
            job->barred |= 1U << i;
        }
    }
}

/* Whether somebody still wants it, who is asked once, before it goes out. */
static bool is_wanted(struct coord_job *job)
{
    const bool ask = job->ready != NULL && !job->asked;

    job->asked = job->asked || ask;
    return !ask || job->ready(job);
}

/* Puts the job into the run, with a presignature and R1s. If these make no stamp of its policy,
 * it stays in line, and they are there for others. False: the run's triple has no more. */
static bool add_one(struct classic_step *s, struct classic_run *run, struct coord_job *job,
                    int64_t now_ns)
{
    const struct classic_record *const picked = classic_pool_pick(&s->pool, run->t, draw(s));
    const struct classic_promise *const first = classic_promises_first(&s->promises, run->t);
    struct classic_record record;

    if (picked == NULL || first == NULL) {
        return false;
    }
    if (!is_wanted(job)) {
        coord_line_remove(&s->waiting, job);
        coord_job_finish(s->counters, job, ERR_DEADLINE);
        return true;
    }
    memcpy(job->activation, run->head.activation, ACTIVATION_HASH_LEN);
    if (classic_run_add(run, job, first, picked) != ERR_OK) {
        bar(s, job, run->t, first);
        return true;
    }
    coord_line_remove(&s->waiting, job);
    coord_rate_count(&s->rate, 1, now_ns);
    classic_pool_take(&s->pool, run->t, picked, &record);
    classic_promises_take(&s->promises, run->t);
    return true;
}

/* The first job that can go to one of these triples; *suits: to which. NULL: none can. */
static struct coord_job *first_of(const struct classic_step *s, unsigned can, unsigned *suits)
{
    struct coord_job *job = can != 0 ? s->waiting.first : NULL;
    struct classic_alike last = {0};

    while (job != NULL && (*suits = can & classic_suits(s, job, &last)) == 0) {
        job = job->next;
    }
    return job;
}

/* One question with its share of what waits. False: none is to be asked now. */
static bool begin_run(struct classic_step *s, int64_t now_ns)
{
    size_t at = 0;
    const size_t places = free_runs(s, &at);
    struct classic_run *const run = &s->runs[at];
    unsigned suits = 0;
    struct coord_job *job = places > 0 ? first_of(s, complete(s, now_ns), &suits) : NULL;
    size_t share;
    unsigned t;

    if (job == NULL) {
        return false;
    }
    t = classic_triples_choose(&s->triples, &s->pool, suits, s->current, now_ns);
    share = (s->waiting.n + places - 1) / places;
    share = share > CLASSIC_BATCH_LEAST ? share : CLASSIC_BATCH_LEAST;
    share = share < CLASSIC_BATCH_MAX ? share : CLASSIC_BATCH_MAX;
    classic_run_begin(run, t, s->triples.at[t].s, s->roster->epoch_id,
                      s->activations[classic_party(s->triples.at[t].s, 0)]);
    while (job != NULL && run->head.n < share) {
        struct coord_job *const next = job->next;
        struct classic_alike none = {0}; /* a job that goes takes what it accepts with it */

        if ((classic_suits(s, job, &none) >> t & 1) != 0 && !add_one(s, run, job, now_ns)) {
            break;
        }
        job = next;
    }
    run->busy = run->head.n > 0;
    run->generation = ++s->next_generation;
    run->asked_ns = now_ns;
    return true; /* at least the first one went, ended, or goes elsewhere */
}

void classic_begin_runs(struct classic_step *s, int64_t now_ns)
{
    while (begin_run(s, now_ns)) {
    }
}

/* ---- what has to wait ---- */

/* From when on each triple can be asked, as far as is known. */
struct outlook {
    unsigned up; /* triples of cores that are connected, a mask */
    int64_t from_ns[COORD_TRIPLES_MAX];
};

static void look_ahead(const struct classic_step *s, struct outlook *out)
{
    unsigned up = 0;

    memset(out->from_ns, 0, sizeof out->from_ns);
    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        const struct quorum_core *const c = &s->cores[i];
        const bool can = quorum_core_is_alive(c) && s->no_time_ns[i] <= s->pumped_ns;
        const int64_t from_ns = can ? c->rest_ns : NEVER;

        up |= c->up ? 1U << i : 0;
        for (unsigned t = 0; t < s->triples.n; t++) {
            int64_t *const of = &out->from_ns[t];

            *of = (s->triples.at[t].s >> i & 1) != 0 && from_ns > *of ? from_ns : *of;
        }
    }
    out->up = triples_of(s, up);
    for (unsigned t = 0; t < s->triples.n; t++) {
        const int64_t rest_ns = s->triples.at[t].rest_ns;

        out->from_ns[t] = rest_ns > out->from_ns[t] ? rest_ns : out->from_ns[t];
    }
}

/* Whether none of these triples can be asked before the job's deadline, be it one without
 * presignatures now. Silent cores may speak within CLASSIC_PATIENCE_NS. */
static bool is_hopeless(struct classic_step *s, const struct outlook *o, unsigned suits,
                        const struct coord_job *job, int64_t now_ns)
{
    const int64_t until_ns = job->came_ns + CLASSIC_PATIENCE_NS;

    for (unsigned t = 0; t < s->triples.n; t++) {
        if ((suits >> t & 1) != 0 && o->from_ns[t] < job->deadline_ns) {
            return false;
        }
    }
    if ((suits & o->up) != 0 && now_ns < until_ns) {
        s->patience_ns = until_ns < s->patience_ns ? until_ns : s->patience_ns;
        return false;
    }
    return true;
}

/* Whoever is barred from all triples but such ends: clocks do not serve its policy, as far as
 * they are known, and one liar's clock says nothing of honest ones. */
static void end_hopeless(struct classic_step *s, int64_t now_ns)
{
    struct coord_line all = s->waiting;
    struct coord_line late = {0};
    struct classic_alike last = {0};
    struct outlook outlook;
    struct coord_job *job;

    look_ahead(s, &outlook);
    s->waiting = (struct coord_line){0};
    while ((job = coord_line_pop(&all)) != NULL) {
        const bool ends = job->barred != 0 &&
                          is_hopeless(s, &outlook, suits_ever(s, job, &last), job, now_ns);

        coord_line_push(ends ? &late : &s->waiting, job);
    }
    while ((job = coord_line_pop(&late)) != NULL) {
        coord_job_finish(s->counters, job, ERR_TIME);
    }
}

/* When the job goes again to a core that it leaves out. */
static int64_t back_ns(const struct classic_step *s, const struct coord_job *job)
{
    int64_t next = NEVER;

    for (unsigned i = 0; job->tries > 0 && i < s->roster->plan->total; i++) {
        const int64_t until_ns = job->gone[i].until_ns;

        next = until_ns > s->pumped_ns && until_ns < next ? until_ns : next;
    }
    return next;
}

void classic_look_at_line(struct classic_step *s, int64_t now_ns)
{
    const unsigned can = classic_stocked(s, now_ns);
    struct classic_alike last = {0};
    bool barred = false;

    s->starved = false;
    s->gone_ns = NEVER;
    for (struct coord_job *job = s->waiting.first; job != NULL; job = job->next) {
        const bool finds_none = (can & classic_suits(s, job, &last)) == 0;
        const int64_t again_ns = back_ns(s, job);

        s->gone_ns = again_ns < s->gone_ns ? again_ns : s->gone_ns;
        s->starved = s->starved || finds_none;
        barred = barred || (finds_none && job->barred != 0);
        if (finds_none && !job->starved) {
            job->starved = true;
            atomic_fetch_add(&s->counters->presign_waited, 1);
        }
    }
    if (barred) {
        end_hopeless(s, now_ns);
    }
}
