/* What triples are trusted with, and which one is next (docs/adr/0033).
 *
 * A triple is judged by its records alone: by those that all three say they hold. One that has
 * a bad core may claim what it likes; of its honest ones the number does not rise before there
 * is a record. What is made and used between two statuses is not seen; of many it is seen of
 * some. */
#include "base/mask.h"
#include "host/mesh/scheduler_parts.h"

/* ---- what it showed ---- */

unsigned scheduler_triple_fails(const struct scheduler *s, unsigned triple, int64_t now_ns)
{
    const struct scheduler_rest *const rest = &s->triples[triple].rest;

    return now_ns - rest->until_ns < SCHEDULER_FORGET_NS ? rest->fails : 0;
}

bool scheduler_triple_owes(const struct scheduler *s, unsigned triple, int64_t now_ns)
{
    return s->triples[triple].owes > 0 && scheduler_triple_fails(s, triple, now_ns) > 0;
}

void scheduler_triple_failed(struct scheduler *s, unsigned triple, int64_t now_ns)
{
    struct scheduler_triple *const t = &s->triples[triple];

    t->rest.fails = scheduler_triple_fails(s, triple, now_ns);
    scheduler_rest_longer(&t->rest, now_ns);
    t->owes = SCHEDULER_OWES;
    t->rose = 0;
    t->unseen = 0;
}

void scheduler_triple_unseen(struct scheduler *s, unsigned triple, int64_t now_ns)
{
    struct scheduler_triple *const t = &s->triples[triple];

    t->unseen_ns = t->unseen == 0 ? now_ns : t->unseen_ns;
    t->unseen = (uint8_t)(t->unseen + (t->unseen < SCHEDULER_UNSEEN_MAX));
    if (t->unseen == SCHEDULER_UNSEEN_MAX && now_ns - t->unseen_ns >= SCHEDULER_UNSEEN_NS) {
        scheduler_triple_failed(s, triple, now_ns);
    }
}

static unsigned count_of(const struct presign_status *said, unsigned triple)
{
    for (size_t i = 0; i < said->n_triples; i++) {
        if (said->triples[i].triple == triple) {
            return said->triples[i].count;
        }
    }
    return UINT16_MAX;
}

void scheduler_triples_rise(struct scheduler *s, unsigned core,
                            const struct presign_status *said, int64_t now_ns)
{
    for (size_t i = 0; s->cores[core].told && i < said->n_triples; i++) {
        const unsigned m = said->triples[i].triple;
        struct scheduler_triple *const t = &s->triples[m];

        if (said->triples[i].count <= count_of(&s->cores[core].said, m)) {
            continue;
        }
        t->rose |= (uint8_t)scheduler_bit(core);
        if ((m & ~(unsigned)t->rose) == 0) {
            t->rose = 0;
            t->unseen = 0;
            t->seen_ns = now_ns;
            t->seen = (uint8_t)(t->seen + (t->seen < scheduler_sessions_of(s, m)));
            t->owes = (uint8_t)(t->owes - (t->owes > 0));
        }
    }
}

/* ---- which is next ---- */

/* Whether another record of the triple can be begun now. */
static bool can_make(const struct scheduler *s, unsigned triple, int64_t now_ns)
{
    const struct scheduler_triple *const t = &s->triples[triple];
    const unsigned runs = scheduler_sessions_of(s, triple);
    const struct scheduler_has stock = scheduler_count(s, triple);

    if (now_ns < t->rest.until_ns || runs >= (t->owes > 0 ? 1 : SCHEDULER_SESSIONS_MAX) ||
        !stock.usable || stock.least + runs >= s->rule.target ||
        !scheduler_have_room(s, triple) || !scheduler_dkls_can(s, triple)) {
        return false;
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((triple & scheduler_bit(i)) != 0 && scheduler_sessions_room(s, i) == 0) {
            return false;
        }
    }
    return true;
}

static bool is_triple_of(unsigned m, unsigned live)
{
    return mask_count(m) == SCHEDULER_SIGNERS && (m & ~live) == 0;
}

/* Whether there is one that owes nothing, and could be kept from its places. */
static bool has_good(const struct scheduler *s, unsigned live, int64_t now_ns)
{
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if (is_triple_of(m, live) && !scheduler_triple_owes(s, m, now_ns) &&
            scheduler_count(s, m).usable && scheduler_dkls_can(s, m)) {
            return true;
        }
    }
    return false;
}

/* What speaks against a triple, what counts most first. */
struct rank {
    bool waits;     /* those on trial begin first: one at a time, and seldom */
    unsigned fails; /* of late */
    unsigned has;   /* records that are there, or are being made */
    uint64_t turn;
};

static bool is_lower(const struct rank *a, const struct rank *b)
{
    return a->waits != b->waits   ? a->waits < b->waits
           : a->fails != b->fails ? a->fails < b->fails
           : a->has != b->has     ? a->has < b->has
                                  : a->turn < b->turn;
}

unsigned scheduler_triples_pick(const struct scheduler *s, unsigned live, int64_t now_ns)
{
    const bool good = has_good(s, live, now_ns);
    struct rank least = {0};
    unsigned best = 0;

    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        const bool trial = good && scheduler_triple_owes(s, m, now_ns);
        const struct rank r = {.waits = !trial,
                               .fails = scheduler_triple_fails(s, m, now_ns),
                               .has = scheduler_count(s, m).least + scheduler_sessions_of(s, m),
                               .turn = s->triples[m].turn};

        if (!is_triple_of(m, live) || (best != 0 && !is_lower(&r, &least)) ||
            !can_make(s, m, now_ns) ||
            (trial && (now_ns < s->trial_ns || scheduler_sessions_on_trial(s, m, now_ns)))) {
            continue;
        }
        least = r;
        best = m;
    }
    return best;
}
