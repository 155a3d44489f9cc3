/* What has no presignature, no time, or no answer. */
#include "host/coord/classic_own.h"

#define NEVER INT64_MAX

/* ---- cores that are too few ---- */

void classic_end_if_cut_off(struct classic_step *s)
{
    if (!classic_step_may_serve(s)) {
        classic_step_end(s, ERR_QUORUM);
    }
}

/* Cores that say that they know the time, or say nothing: if is_heard, that answer. */
static unsigned count_timely(const struct classic_step *s, bool is_heard)
{
    unsigned n = 0;

    for (unsigned i = 0; i < s->roster->plan->total; i++) {
        n += s->cores[i].up && s->no_time_ns[i] <= s->pumped_ns &&
             (!is_heard || quorum_core_is_alive(&s->cores[i]));
    }
    return n;
}

/* Ends those that wait and came by then, and notes when the next ones have waited so long. */
static void end_waiting(struct classic_step *s, int64_t came_ns, enum err e)
{
    struct coord_line all = s->waiting;
    struct coord_job *job;

    s->waiting = (struct coord_line){0};
    while ((job = coord_line_pop(&all)) != NULL) {
        const int64_t until_ns = job->came_ns + CLASSIC_PATIENCE_NS;

        if (job->came_ns <= came_ns) {
            coord_job_finish(s->counters, job, e);
        } else {
            coord_line_push(&s->waiting, job);
            s->patience_ns = until_ns < s->patience_ns ? until_ns : s->patience_ns;
        }
    }
}

/* What a silent core knows nobody knows: it may answer the next moment, as one that stood still
 * and goes on. */
void classic_end_hopeless(struct classic_step *s, int64_t now_ns)
{
    const bool few = classic_step_alive(s) < TECDSA_T;

    s->patience_ns = NEVER;
    classic_end_if_cut_off(s);
    if (count_timely(s, false) < TECDSA_T) {
        end_waiting(s, now_ns, ERR_TIME);
    } else if (few || count_timely(s, true) < TECDSA_T) {
        end_waiting(s, now_ns - CLASSIC_PATIENCE_NS, few ? ERR_QUORUM : ERR_TIME);
    }
}

/* ---- presignatures that are not there ---- */

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

/* Jobs whose time is over, and, so long before, those that find no presignature. */
static void sweep_line(struct classic_step *s, int64_t now_ns, int64_t *next)
{
    const unsigned can = classic_stocked(s, now_ns);
    struct coord_line all = s->waiting;
    struct coord_line late = {0};
    struct coord_line empty = {0};
    struct classic_alike last = {0};
    struct coord_job *job;

    s->waiting = (struct coord_line){0};
    while ((job = coord_line_pop(&all)) != NULL) {
        const bool finds_none = (can & classic_suits(s, job, &last)) == 0;
        const int64_t early_ns = job->deadline_ns - CLASSIC_EMPTY_NS;
        const int64_t look_ns = early_ns > now_ns ? early_ns : job->deadline_ns;

        if (job->barred == 0 && finds_none && early_ns <= now_ns) {
            coord_line_push(&empty, job);
        } else if (job->deadline_ns <= now_ns || (finds_none && early_ns <= now_ns)) {
            coord_line_push(&late, job);
        } else {
            coord_line_push(&s->waiting, job);
            *next = look_ns < *next ? look_ns : *next;
        }
    }
    while ((job = coord_line_pop(&empty)) != NULL) {
        refuse_starved(s, job);
    }
    while ((job = coord_line_pop(&late)) != NULL) {
        coord_job_finish(s->counters, job, job->barred != 0 ? ERR_TIME : ERR_DEADLINE);
    }
}

void classic_sweep(struct classic_step *s, int64_t now_ns)
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

void classic_look_for_silence(struct classic_step *s, int64_t now_ns)
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

void classic_give_up_all(struct classic_step *s, unsigned party)
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
