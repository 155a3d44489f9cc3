/* Sessions of DKLs23 that were ordered, and which of them are over at whom.
 *
 * A core says how many sessions it is at, not which. What an honest one says of that is so, and
 * it takes no more than four: so that number, with what it was told since, is what its places
 * are reckoned by, whatever the two others of a session say. Which one has ended where there is
 * one less is a guess, that puts off one triple's next order at worst and is set right by the
 * numbers that follow; what a triple is trusted with hangs on its records instead
 * (scheduler_triples.c). */
#include "host/mesh/scheduler_parts.h"

static bool is_at(const struct scheduler_session *of, unsigned core)
{
    return of->triple != 0 && of->at[core] != SCHEDULER_OUT;
}

static struct scheduler_session *find(struct scheduler *s, uint64_t counter)
{
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        if (s->sessions[i].triple != 0 && s->sessions[i].counter == counter) {
            return &s->sessions[i];
        }
    }
    return NULL;
}

/* ---- begin ---- */

/* A free one, or that of which least is to be expected. */
static struct scheduler_session *place(struct scheduler *s)
{
    struct scheduler_session *best = &s->sessions[0];

    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        struct scheduler_session *const of = &s->sessions[i];

        if (of->triple == 0) {
            return of;
        }
        if (of->over != best->over ? of->over : of->counter < best->counter) {
            best = of;
        }
    }
    return best;
}

void scheduler_sessions_begin(struct scheduler *s, unsigned triple, uint64_t counter,
                              int64_t now_ns)
{
    struct scheduler_session *const of = place(s);

    *of = (struct scheduler_session){
        .triple = (uint8_t)triple, .counter = counter, .since_ns = now_ns};
    for (unsigned i = 0; i < s->rule.total; i++) {
        of->at[i] = (triple & scheduler_bit(i)) != 0 ? SCHEDULER_TOLD : (uint8_t)SCHEDULER_OUT;
    }
    s->triples[triple].turn = counter;
    if (scheduler_triple_owes(s, triple, now_ns)) {
        s->trial_ns = now_ns + SCHEDULER_TRIAL_NS;
    }
}

/* ---- what there is ---- */

unsigned scheduler_sessions_of(const struct scheduler *s, unsigned triple)
{
    unsigned n = 0;

    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        n += s->sessions[i].triple == triple && !s->sessions[i].unheeded;
    }
    return n;
}

unsigned scheduler_sessions_room(const struct scheduler *s, unsigned core)
{
    unsigned n = s->cores[core].said.sessions;

    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        n += is_at(&s->sessions[i], core) && s->sessions[i].at[core] != SCHEDULER_COUNTED;
    }
    return n < SCHEDULER_SESSIONS_MAX ? SCHEDULER_SESSIONS_MAX - n : 0;
}

bool scheduler_sessions_on_trial(const struct scheduler *s, unsigned cores, int64_t now_ns)
{
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        const struct scheduler_session *const of = &s->sessions[i];

        for (unsigned k = 0; k < s->rule.total; k++) {
            if ((cores & scheduler_bit(k)) != 0 && is_at(of, k) &&
                scheduler_triple_owes(s, of->triple, now_ns)) {
                return true;
            }
        }
    }
    return false;
}

/* ---- what cores say ---- */

void scheduler_sessions_taken(struct scheduler *s, unsigned core, uint64_t counter)
{
    struct scheduler_session *const of = find(s, counter);

    if (of != NULL && of->at[core] == SCHEDULER_TOLD) {
        of->at[core] = SCHEDULER_TAKEN;
    }
}

void scheduler_sessions_heard(struct scheduler *s, unsigned core,
                              const struct presign_status *said, int64_t now_ns)
{
    struct scheduler_core *const c = &s->cores[core];

    if (!c->told) {
        c->strange = said->sessions;
        c->strange_ns = now_ns + SCHEDULER_ENDS_NS;
    }
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        struct scheduler_session *const of = &s->sessions[i];

        if (is_at(of, core) && of->at[core] == SCHEDULER_TAKEN) {
            of->at[core] = SCHEDULER_COUNTED;
        }
    }
}

/* Whoever has not been told of it is not. */
static void give_up(struct scheduler *s, struct scheduler_session *of, bool unheeded)
{
    const unsigned back = scheduler_take_back(s, PRESIGN_ORDER_MAKE, of->counter);

    for (unsigned i = 0; i < s->rule.total; i++) {
        of->at[i] = (back & scheduler_bit(i)) != 0 ? (uint8_t)SCHEDULER_OUT : of->at[i];
    }
    of->over = true;
    of->unheeded = unheeded;
}

unsigned scheduler_sessions_refused(struct scheduler *s, unsigned core, uint64_t counter,
                                    enum err e)
{
    struct scheduler_session *const of = find(s, counter);

    if (of == NULL) {
        return 0;
    }
    of->at[core] = SCHEDULER_OUT;
    if (of->over) {
        return 0;
    }
    give_up(s, of, e != ERR_NOSPACE);
    return of->triple;
}

void scheduler_sessions_lost(struct scheduler *s, unsigned core)
{
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        struct scheduler_session *const of = &s->sessions[i];

        if ((of->triple & scheduler_bit(core)) != 0) {
            of->at[core] = SCHEDULER_OUT;
            give_up(s, of, true);
        }
    }
}

void scheduler_sessions_forgive(struct scheduler *s)
{
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        s->sessions[i].unheeded = true;
    }
}

/* ---- what is over ---- */

/* How many of those that each core was at it says it is at no more. */
static void count_ended(const struct scheduler *s, int64_t now_ns,
                        unsigned ended[SCHEDULER_NODES])
{
    for (unsigned i = 0; i < s->rule.total; i++) {
        const struct scheduler_core *const c = &s->cores[i];
        unsigned n = now_ns < c->strange_ns ? c->strange : 0;

        for (size_t k = 0; k < SCHEDULER_SESSIONS; k++) {
            n += is_at(&s->sessions[k], i) && s->sessions[k].at[i] == SCHEDULER_COUNTED;
        }
        ended[i] = n > c->said.sessions ? n - c->said.sessions : 0;
    }
}

static bool is_late(const struct scheduler_session *of, int64_t now_ns)
{
    return now_ns - of->since_ns >= SCHEDULER_ENDS_NS;
}

/* Whether it can be one of these at each core that was at it. */
static bool can_be(const struct scheduler *s, const struct scheduler_session *of,
                   const unsigned ended[SCHEDULER_NODES], int64_t now_ns)
{
    bool any = false;
    bool can = of->triple != 0;

    for (unsigned i = 0; i < s->rule.total; i++) {
        any = any || is_at(of, i);
        can = can && (!is_at(of, i) || (of->at[i] == SCHEDULER_COUNTED && ended[i] > 0));
    }
    return can && (!of->over || !any || is_late(of, now_ns));
}

/* What speaks against a session's being over, what counts most first. */
struct doubt {
    bool early;     /* it need not be, by its time */
    bool unseen;    /* no record of its triple has been seen since */
    unsigned fails; /* of its triple, of late */
    int64_t loose;  /* for so long a core of it has said that it ended what is not over */
    unsigned owes;
    uint64_t counter;
};

static struct doubt doubt_of(const struct scheduler *s, const struct scheduler_session *of,
                             int64_t now_ns)
{
    const struct scheduler_triple *const t = &s->triples[of->triple];
    struct doubt d = {.early = !is_late(of, now_ns),
                      .unseen = t->seen == 0 || t->seen_ns < of->since_ns,
                      .fails = scheduler_triple_fails(s, of->triple, now_ns),
                      .owes = t->owes,
                      .counter = of->counter};

    for (unsigned i = 0; i < s->rule.total; i++) {
        const int64_t loose = now_ns - s->cores[i].loose_ns;

        d.loose = is_at(of, i) && s->cores[i].is_loose && loose > d.loose ? loose : d.loose;
    }
    return d;
}

static bool is_less(const struct doubt *a, const struct doubt *b)
{
    return a->early != b->early     ? a->early < b->early
           : a->unseen != b->unseen ? a->unseen < b->unseen
           : a->fails != b->fails   ? a->fails < b->fails
           : a->loose != b->loose   ? a->loose < b->loose
           : a->owes != b->owes     ? a->owes < b->owes
                                    : a->counter < b->counter;
}

static struct scheduler_session *
next_over(struct scheduler *s, const unsigned ended[SCHEDULER_NODES], int64_t now_ns)
{
    struct scheduler_session *best = NULL;
    struct doubt least = {0};

    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        struct scheduler_session *const of = &s->sessions[i];
        const struct doubt d = doubt_of(s, of, now_ns);

        if (can_be(s, of, ended, now_ns) && (best == NULL || is_less(&d, &least))) {
            best = of;
            least = d;
        }
    }
    return best;
}

/* It is over at all that were at it, or should be. */
static void settle(struct scheduler *s, struct scheduler_session *of, int64_t now_ns)
{
    struct scheduler_triple *const t = &s->triples[of->triple];
    const bool late = is_late(of, now_ns);

    if (late && !of->unheeded && t->seen_ns < of->since_ns) {
        scheduler_triple_failed(s, of->triple, now_ns);
    } else if (!late && !of->over) {
        s->trial_ns = scheduler_triple_owes(s, of->triple, now_ns) ? now_ns : s->trial_ns;
        scheduler_triple_unseen(s, of->triple, now_ns);
    }
    t->seen = (uint8_t)(t->seen - (t->seen > 0));
    (void)scheduler_take_back(s, PRESIGN_ORDER_MAKE, of->counter);
    *of = (struct scheduler_session){0};
}

void scheduler_sessions_settle(struct scheduler *s, int64_t now_ns)
{
    unsigned ended[SCHEDULER_NODES] = {0};
    struct scheduler_session *of;

    count_ended(s, now_ns, ended);
    while ((of = next_over(s, ended, now_ns)) != NULL) {
        for (unsigned i = 0; i < s->rule.total; i++) {
            ended[i] -= is_at(of, i);
        }
        settle(s, of, now_ns);
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        struct scheduler_core *const c = &s->cores[i];

        c->loose_ns = c->is_loose ? c->loose_ns : now_ns;
        c->is_loose = ended[i] > 0;
    }
    for (size_t i = 0; i < SCHEDULER_SESSIONS; i++) {
        of = &s->sessions[i];
        if (of->triple != 0 && now_ns - of->since_ns >= SCHEDULER_SESSION_NS) {
            settle(s, of, now_ns);
        }
    }
}
