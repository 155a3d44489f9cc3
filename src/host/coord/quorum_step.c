#include "host/coord/quorum_step.h"

#include <assert.h>
#include <string.h>

#define NEVER INT64_MAX

void quorum_step_init(struct quorum_step *s, const struct quorum_roster *roster,
                      const struct quorum_step_setup *setup)
{
    uint8_t *room = setup->room;

    memset(s, 0, sizeof *s);
    s->roster = roster;
    s->counters = setup->counters;
    s->scratch = setup->scratch;
    s->on_blame = setup->on_blame;
    s->on_odd = setup->on_odd;
    s->on_ratio = setup->on_ratio;
    s->sample = setup->sample;
    s->saved = QUORUM_HEDGE_SESSIONS * QUORUM_HEDGES_SAVED;
    s->user = setup->user;
    memcpy(s->sid_prefix, setup->sid_prefix, QUORUM_SID_PREFIX_LEN);
    quorum_ratios_init(&s->ratios, roster->key->params->n, roster->key->params->t);
    quorum_choice_init(&s->choice, roster->key->params->n, roster->key->params->t);
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        s->slots[i].run.room = room;
        room += quorum_run_room(roster->key->params);
    }
}

/* ---- who ---- */

static unsigned total(const struct quorum_step *s)
{
    return s->roster->key->params->n;
}

static unsigned threshold(const struct quorum_step *s)
{
    return s->roster->key->params->t;
}

unsigned quorum_step_alive(const struct quorum_step *s)
{
    unsigned n = 0;

    for (unsigned i = 0; i < total(s); i++) {
        n += quorum_core_is_alive(&s->cores[i]);
    }
    return n;
}

void quorum_step_heard(struct quorum_step *s, unsigned party)
{
    s->cores[party].silent = false;
    s->cores[party].heard = s->next_generation;
}

/* Those that can be asked now, a mask; in a trial of figures those alone that nobody doubts. */
static unsigned ready(const struct quorum_step *s, bool undoubted, int64_t now_ns)
{
    unsigned mask = 0;

    for (unsigned i = 0; i < total(s); i++) {
        const struct quorum_core *const c = &s->cores[i];

        mask |=
            quorum_core_is_ready(c, now_ns) && !(undoubted && quorum_core_is_doubted(c, now_ns))
                ? 1U << i
                : 0;
    }
    return mask;
}

/* The best T of those that may be asked now, but for some, a mask; 0: they are fewer. */
static unsigned choose(struct quorum_step *s, unsigned without, int64_t now_ns)
{
    const unsigned can = ready(s, false, now_ns) & ~without;
    const unsigned act = quorum_ratios_ask(&s->ratios, ready(s, true, now_ns) & can);

    return act != 0 ? act : quorum_choose(&s->choice, s->cores, can, s->ratios.behind, now_ns);
}

/* ---- sessions ---- */

static void ban_guilty(struct quorum_step *s, struct quorum_run *run)
{
    for (unsigned i = 0; i < total(s); i++) {
        if ((run->guilty >> i & 1) != 0 && !s->cores[i].proved) {
            s->cores[i].banned = true;
            s->cores[i].proved = true;
            if (s->on_blame != NULL) {
                s->on_blame(s->user, i, run);
            }
        }
    }
}

/* One of the signers made the others refuse, or refuses itself: who, does not show. */
static void doubt_all(struct quorum_step *s, const struct quorum_run *run, int64_t now_ns)
{
    quorum_choice_spoiled(&s->choice, run->session.act);
    for (size_t i = 0; i < run->head.t; i++) {
        struct quorum_core *const c = &s->cores[quorum_run_party(run, i)];

        quorum_core_doubt(c, now_ns);
        c->rest_ns = now_ns + QUORUM_REST_NS;
    }
}

/* The session is over without a signature: the job is first in line for the next one, unless
 * it is there, or has one, since this was late. */
static void give_up(struct quorum_step *s, struct quorum_slot *slot)
{
    struct coord_job *const job = slot->late ? NULL : slot->run.job;

    quorum_slot_free(slot, s->cores);
    if (job != NULL) {
        coord_line_push_front(&s->waiting, job);
    }
}

static void begin(struct quorum_step *s, struct quorum_slot *slot, struct coord_job *job,
                  unsigned act, int64_t now_ns)
{
    uint8_t sid0[SID0_LEN];
    struct writer w = wr_init(sid0, sizeof sid0);

    wr_bytes(&w, s->sid_prefix, QUORUM_SID_PREFIX_LEN);
    wr_u64le(&w, s->next_sid++);
    quorum_run_begin(&slot->run, s->roster, job, act, sid0);
    slot->busy = true;
    slot->late = false;
    s->sessions++;
    atomic_fetch_add(&s->counters->sessions, 1);
    s->saved += s->saved < QUORUM_HEDGE_SESSIONS * QUORUM_HEDGES_SAVED;
    quorum_slot_ask(slot, ++s->next_generation, now_ns);
}

/* A job ends once: whatever else is under way for it is dropped. */
static void finish(struct quorum_step *s, struct coord_job *job, enum err e, int64_t now_ns)
{
    quorum_slots_drop(s->slots, s->cores, job, now_ns);
    coord_line_remove(&s->waiting, job);
    coord_job_finish(s->counters, job, e);
}

/* A place for a session; NULL: there is none. One that was left is given up for a job in line.
 */
static struct quorum_slot *find_free(struct quorum_step *s, bool for_line)
{
    struct quorum_slot *found = NULL;

    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        if (!s->slots[i].busy) {
            return &s->slots[i];
        }
        found = for_line && s->slots[i].left ? &s->slots[i] : found;
    }
    if (found != NULL) {
        quorum_slot_free(found, s->cores);
    }
    return found;
}

/* Gives waiting jobs sessions, as far as there are places and cores. */
static void begin_all(struct quorum_step *s, int64_t now_ns)
{
    while (s->waiting.n > 0) {
        struct quorum_slot *const slot = find_free(s, true);
        struct coord_job *const job = s->waiting.first;
        const unsigned act = slot != NULL ? choose(s, 0, now_ns) : 0;

        if (act == 0) {
            return;
        }
        (void)coord_line_pop(&s->waiting);
        if (job->ready != NULL && !job->asked) {
            job->asked = true;
            if (!job->ready(job)) {
                finish(s, job, ERR_DEADLINE, now_ns);
                continue;
            }
        }
        begin(s, slot, job, act, now_ns);
    }
}

/* Whether another session may be begun for the job of this one, were it late. */
static bool may_hedge(const struct quorum_step *s, const struct quorum_slot *slot)
{
    return slot->busy && !slot->late && !slot->run.job->hedged && s->waiting.n == 0 &&
           s->saved >= QUORUM_HEDGE_SESSIONS;
}

/* Who waits for a session that is late has another one. */
static void hedge_all(struct quorum_step *s, int64_t now_ns)
{
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &s->slots[i];
        struct quorum_slot *const other = find_free(s, false);
        unsigned late;
        unsigned act;

        if (other == NULL || !may_hedge(s, slot)) {
            continue;
        }
        late = quorum_slot_late(slot, s->cores, now_ns);
        act = late != 0 ? choose(s, late, now_ns) : 0;
        if (act != 0) {
            slot->late = true;
            slot->run.job->hedged = true;
            s->saved -= QUORUM_HEDGE_SESSIONS;
            atomic_fetch_add(&s->counters->hedges, 1);
            begin(s, other, slot->run.job, act, now_ns);
        }
    }
}

/* ---- jobs ---- */

void quorum_step_end(struct quorum_step *s)
{
    struct coord_job *job;

    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        if (s->slots[i].busy && !s->slots[i].left) {
            finish(s, s->slots[i].run.job, ERR_QUORUM, s->pumped_ns);
        }
        if (s->slots[i].busy) {
            quorum_slot_free(&s->slots[i], s->cores);
        }
    }
    struct coord_line all = s->waiting;

    s->waiting = (struct coord_line){0};
    while ((job = coord_line_pop(&all)) != NULL) {
        coord_job_finish(s->counters, job, ERR_QUORUM);
    }
}

void quorum_step_submit(struct quorum_step *s, struct coord_job *job, int64_t now_ns)
{
    assert(job->key == KEY_PQ && job->to_sign != NULL && job->nonce_len <= STAMP_NONCE_MAX &&
           hash_len((enum hash_alg)job->hash_alg) > 0);
    if (s->roster == NULL || quorum_step_alive(s) < threshold(s) ||
        memcmp(job->epoch_id, s->roster->epoch_id, EPOCH_ID_LEN) != 0) {
        coord_job_finish(s->counters, job, ERR_QUORUM);
        return;
    }
    job->asked = false;
    job->hedged = false;
    coord_line_push(&s->waiting, job);
    quorum_step_pump(s, now_ns);
}

void quorum_step_up(struct quorum_step *s, unsigned party, bool up, int64_t now_ns)
{
    struct quorum_core *const c = &s->cores[party];

    quorum_core_up(c, up, now_ns);
    for (size_t i = 0; !up && i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &s->slots[i];

        if (slot->busy && (slot->run.session.act >> party & 1) != 0) {
            give_up(s, slot);
        }
    }
    c->given.n = 0;                             /* they were that connection's */
    c->rest_ns = c->wrong > 0 ? c->rest_ns : 0; /* a new connection does not make it right */
    quorum_step_pump(s, now_ns);
}

void quorum_step_silent(struct quorum_step *s, unsigned party, int64_t now_ns)
{
    s->cores[party].silent = true;
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &s->slots[i];

        if (slot->busy && (quorum_slot_missing(slot) >> party & 1) != 0) {
            give_up(s, slot);
        }
    }
    quorum_step_pump(s, now_ns);
}

/* ---- frames ---- */

bool quorum_step_pull(struct quorum_step *s, unsigned party, struct writer *w)
{
    if (quorum_given_pull(&s->cores[party].given, QUORUM_ID_GIVEN, w)) {
        return true;
    }
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        if (quorum_slot_pull(&s->slots[i], i, s->cores, party, w)) {
            return true;
        }
    }
    return false;
}

/* A core refused, or did not answer: it has a rest. */
static void rest(struct quorum_step *s, unsigned party, enum err e, int64_t now_ns)
{
    if (quorum_core_rest(&s->cores[party], e, now_ns) && s->on_odd != NULL) {
        s->on_odd(s->user, party, e, QUORUM_REST_LONG_NS);
    }
}

static void rest_wrong(struct quorum_step *s, unsigned party, enum err e, int64_t now_ns)
{
    const int64_t rest_ns = quorum_core_rest_wrong(&s->cores[party], now_ns);

    if (s->on_odd != NULL && !s->cores[party].proved) {
        s->on_odd(s->user, party, e, rest_ns);
    }
}

/* Counters, not blame: an honest core gives an odd response now and then. */
static void count_response(struct quorum_step *s, const struct quorum_run *run, int64_t now_ns)
{
    bool any = false;

    for (size_t i = 0; i < run->head.t; i++) {
        const unsigned party = quorum_run_party(run, i);
        const bool odd = tmldsa_blame_is_odd(s->roster->key->params, 1, &run->responses[party]);

        quorum_core_count(&s->cores[party], odd, now_ns);
        any = any || odd;
    }
    if (any) {
        quorum_choice_spoiled(&s->choice, run->session.act);
    } else {
        quorum_choice_whole(&s->choice, run->session.act);
    }
}

/* A session that was whole: what it says of its signers. */
static void count_session(struct quorum_step *s, const struct quorum_run *run)
{
    unsigned who;
    enum quorum_ratio_news news;

    if (run->guilty != 0) {
        return;
    }
    news = quorum_ratios_count(&s->ratios, run->session.act, run->found, &who);
    if (news != QUORUM_RATIO_SAME && s->on_ratio != NULL) {
        s->on_ratio(s->user, who, news);
    }
}

/* Of one session in so many every response is looked at. */
static void look_at_sample(struct quorum_step *s, struct quorum_run *run)
{
    if (quorum_sample_draw(&s->sample)) {
        atomic_fetch_add(&s->counters->sampled, 1);
        quorum_run_check(run, s->scratch);
    }
}

/* All of a phase have answered. */
static void advance(struct quorum_step *s, struct quorum_slot *slot, int64_t now_ns)
{
    const enum err e = quorum_run_next(&slot->run, s->scratch);

    if (e != ERR_OK) { /* spans too wide: others may be closer */
        doubt_all(s, &slot->run, now_ns);
        give_up(s, slot);
        return;
    }
    if (slot->run.phase != QUORUM_OVER) {
        for (size_t i = 0; i < slot->run.head.t; i++) {
            s->cores[quorum_run_party(&slot->run, i)].empty = 0;
        }
        quorum_slot_ask(slot, ++s->next_generation, now_ns);
        return;
    }
    slot->sent = 0;
    count_response(s, &slot->run, now_ns);
    look_at_sample(s, &slot->run);
    count_session(s, &slot->run);
    ban_guilty(s, &slot->run);
    if (slot->run.found) {
        s->signed_++;
        atomic_fetch_add(&s->counters->late_signed, slot->late);
        finish(s, slot->run.job, ERR_OK, now_ns);
    } else {
        give_up(s, slot);
    }
}

static enum frame_type asked_type(const struct quorum_run *run)
{
    return run->phase == QUORUM_ASK_R1   ? FRAME_R1
           : run->phase == QUORUM_ASK_R2 ? FRAME_R2
                                         : FRAME_R3;
}

/* What the frame says to the question of this place. *wrong: that is no answer. */
static enum err read_answer(struct quorum_step *s, struct quorum_slot *slot, size_t at,
                            const struct frame_header *h, struct view body, bool *wrong)
{
    enum err e = ERR_BUG;

    *wrong = true;
    if (h->type == FRAME_ERROR) {
        TRY(frame_error_decode(body, &e));
        *wrong = false;
        return e;
    }
    e = quorum_run_take(&slot->run, at, body, s->scratch);
    *wrong = !slot->run.refused;
    return e;
}

enum err quorum_step_take(struct quorum_step *s, unsigned party, const struct frame_header *h,
                          struct view body, int64_t now_ns)
{
    struct quorum_core *const c = &s->cores[party];
    const size_t number = h->request_id >> 8 & 0xff;
    struct quorum_slot *const slot = number < QUORUM_RUNS_MAX ? &s->slots[number] : NULL;
    size_t at;
    bool wrong;
    enum err e;

    quorum_step_heard(s, party);
    if (slot == NULL || !quorum_slot_expects(slot, number, party, h->request_id, &at)) {
        return ERR_OK; /* late: that session was given up */
    }
    if (h->type != FRAME_ERROR && h->type != (asked_type(&slot->run) | FRAME_ANSWER)) {
        return ERR_TYPE;
    }
    quorum_core_time(c, slot->run.phase - QUORUM_ASK_R1, now_ns - slot->phase_ns);
    if (slot->left) {
        quorum_slot_hear(slot, s->cores, at);
        quorum_step_pump(s, now_ns);
        return ERR_OK;
    }
    e = read_answer(s, slot, at, h, body, &wrong);
    if (e == ERR_OK) {
        c->pending--;
        if (quorum_run_is_whole(&slot->run)) {
            advance(s, slot, now_ns);
        }
    } else {
        if (wrong && slot->run.guilty == 0) {
            rest_wrong(s, party, e, now_ns);
        } else if (slot->run.phase == QUORUM_ASK_R1 || e == ERR_NOSPACE ||
                   slot->run.guilty != 0) {
            rest(s, party, e, now_ns);
        } else {
            doubt_all(s, &slot->run, now_ns);
        }
        ban_guilty(s, &slot->run);
        give_up(s, slot);
    }
    quorum_step_pump(s, now_ns);
    return ERR_OK;
}

/* ---- time ---- */

/* Who did not answer in time has a rest, or is not asked until it says something. */
static void look_for_silence(struct quorum_step *s, int64_t now_ns)
{
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &s->slots[i];

        if (!slot->busy || now_ns < quorum_slot_silent_ns(slot)) {
            continue;
        }
        const unsigned missing = quorum_slot_missing(slot); /* or they take no question */

        for (unsigned party = 0; party < total(s); party++) {
            if ((missing >> party & 1) != 0) {
                /* Who said something else meanwhile lives: that frame was lost, or waits. */
                s->cores[party].silent = s->cores[party].heard < slot->generation;
                rest(s, party, ERR_DEADLINE, now_ns);
                quorum_core_doubt(&s->cores[party], now_ns);
            }
        }
        give_up(s, slot);
    }
}

static void look_for_deadlines(struct quorum_step *s, int64_t now_ns)
{
    struct coord_line late = {0};
    struct coord_job *job;
    int64_t next = NEVER;

    coord_line_expire(&s->waiting, now_ns, &late, &next);
    while ((job = coord_line_pop(&late)) != NULL) {
        quorum_slots_drop(s->slots, s->cores, job, now_ns); /* one that was late */
        coord_job_finish(s->counters, job, ERR_DEADLINE);
    }
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        struct quorum_slot *const slot = &s->slots[i];

        if (slot->busy && !slot->left && slot->run.job->deadline_ns <= now_ns) {
            finish(s, slot->run.job, ERR_DEADLINE, now_ns);
        }
    }
}

void quorum_step_pump(struct quorum_step *s, int64_t now_ns)
{
    s->pumped_ns = now_ns;
    for (unsigned i = 0; i < total(s); i++) {
        quorum_core_tick(&s->cores[i], now_ns);
    }
    look_for_silence(s, now_ns);
    look_for_deadlines(s, now_ns);
    if (quorum_step_alive(s) < threshold(s)) {
        quorum_step_end(s); /* at once: nobody waits for a core that does not answer */
        return;
    }
    begin_all(s, now_ns);
    hedge_all(s, now_ns);
}

int64_t quorum_step_next(const struct quorum_step *s)
{
    int64_t next = NEVER;

    for (const struct coord_job *job = s->waiting.first; job != NULL; job = job->next) {
        next = job->deadline_ns < next ? job->deadline_ns : next;
    }
    for (unsigned i = 0; i < total(s); i++) {
        const struct quorum_core *const c = &s->cores[i];
        const int64_t rested = s->waiting.n > 0 ? c->rest_ns : 0;

        next = rested > s->pumped_ns && rested < next ? rested : next;
        next = c->missed && c->back_ns < next ? c->back_ns : next;
    }
    for (size_t i = 0; i < QUORUM_RUNS_MAX; i++) {
        const struct quorum_slot *const slot = &s->slots[i];

        if (slot->busy) {
            const int64_t silent = quorum_slot_silent_ns(slot);
            const int64_t late = quorum_slot_late_ns(slot, s->cores);

            next = silent < next ? silent : next;
            next = may_hedge(s, slot) && late > s->pumped_ns && late < next ? late : next;
        }
        if (slot->busy && !slot->left && slot->run.job->deadline_ns < next) {
            next = slot->run.job->deadline_ns;
        }
    }
    return next;
}
