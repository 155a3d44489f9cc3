#include "base/mask.h"
#include "host/mesh/scheduler_parts.h"

#define N_SESSIONS \
    (sizeof((struct scheduler *)NULL)->sessions / sizeof(struct scheduler_session))

/* ---- sessions ---- */

static bool can_transfer(struct scheduler_both p)
{
    return scheduler_pair_talks(p) && scheduler_pair_is_set_up(p);
}

static uint64_t ended(const struct scheduler_core *c)
{
    return c->said.made_dkls + c->said.aborted;
}

static void end_session(struct scheduler *s, struct scheduler_session *of, bool failed,
                        int64_t now_ns)
{
    if (failed) {
        scheduler_rest_longer(&s->triples[of->triple], now_ns);
    }
    scheduler_take_back(s, PRESIGN_ORDER_MAKE, of->counter);
    *of = (struct scheduler_session){0};
}

/* Sessions that a core is in, or of a triple. */
static unsigned sessions_of(const struct scheduler *s, unsigned core, unsigned triple)
{
    unsigned n = 0;

    for (size_t i = 0; i < N_SESSIONS; i++) {
        n += triple != 0 ? s->sessions[i].triple == triple
                         : (s->sessions[i].triple & scheduler_bit(core)) != 0;
    }
    return n;
}

/* A batch without a message ends 10 s after the last one, and a session without a peer 10 s
 * after its order: by then others are under way, and an abort that counted for one would let
 * its triple rest, twice as long for each. */
void scheduler_dkls_discount(struct scheduler *s, unsigned core,
                             const struct presign_status *said, int64_t now_ns)
{
    struct scheduler_core *c = &s->cores[core];
    const uint64_t more =
        c->told && said->aborted > c->said.aborted ? said->aborted - c->said.aborted : 0;
    const bool batch = c->said.accel == PRESIGN_ACCEL_LIVE &&
                       said->accel != PRESIGN_ACCEL_LIVE &&
                       said->made_accel == c->said.made_accel;
    uint64_t others = batch && more > 0 ? 1 : 0;

    if (now_ns - c->dropped_ns >= SCHEDULER_SESSION_NS) {
        c->dropped = 0;
    }
    while (others < more && c->dropped > 0) {
        others++;
        c->dropped--;
    }
    c->ended += others;
    for (size_t i = 0; i < N_SESSIONS; i++) {
        s->sessions[i].aborted[core] += others;
    }
}

static void note_dropped(struct scheduler *s, const struct scheduler_session *of)
{
    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((of->triple & scheduler_bit(i)) != 0 && s->cores[i].up) {
            s->cores[i].dropped++;
            s->cores[i].dropped_ns = of->since_ns;
        }
    }
}

/* What each core has ended counts for the oldest that all three can have ended: one that waits
 * for a core which does nothing keeps no other from being over. */
static void settle_session(struct scheduler *s, struct scheduler_session *of, int64_t now_ns)
{
    bool over = true;
    bool aborted = false;

    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((of->triple & scheduler_bit(i)) != 0) {
            over = over && ended(&s->cores[i]) > s->cores[i].ended;
            aborted = aborted || s->cores[i].said.aborted > of->aborted[i];
        }
    }
    if (!over) {
        if (now_ns - of->since_ns >= SCHEDULER_SESSION_NS) {
            end_session(s, of, true, now_ns);
        }
        return;
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        s->cores[i].ended += of->triple >> i & 1;
    }
    s->triples[of->triple].fails = aborted ? s->triples[of->triple].fails : 0;
    end_session(s, of, aborted, now_ns);
}

/* Oldest first. */
static void settle_sessions(struct scheduler *s, int64_t now_ns)
{
    uint64_t last = 0;

    for (size_t n = 0; n < N_SESSIONS; n++) {
        struct scheduler_session *next = NULL;

        for (size_t i = 0; i < N_SESSIONS; i++) {
            struct scheduler_session *of = &s->sessions[i];

            if (of->triple != 0 && of->counter > last &&
                (next == NULL || of->counter < next->counter)) {
                next = of;
            }
        }
        if (next == NULL) {
            return;
        }
        last = next->counter;
        settle_session(s, next, now_ns);
    }
}

/* Whether another record of the triple can be begun now. */
static bool can_make(const struct scheduler *s, unsigned triple, unsigned most, int64_t now_ns)
{
    const struct scheduler_rest *rest = &s->triples[triple];
    const unsigned runs = sessions_of(s, 0, triple);
    const struct scheduler_has stock = scheduler_count(s, triple);

    if (now_ns < rest->until_ns || runs >= (rest->fails > 0 ? 1 : most) || !stock.usable ||
        stock.least + runs >= s->rule.target || !scheduler_have_room(s, triple) ||
        !scheduler_every_pair(s, triple, can_transfer)) {
        return false;
    }
    for (unsigned i = 0; i < s->rule.total; i++) {
        if ((triple & scheduler_bit(i)) != 0 &&
            sessions_of(s, i, 0) >= SCHEDULER_SESSIONS_MAX) {
            return false;
        }
    }
    return true;
}

/* The triple that lacks most; 0: none that can be made now. */
static unsigned pick_triple(const struct scheduler *s, unsigned live, int64_t now_ns)
{
    /* Of several, one session each: a core that does nothing leaves the others room. */
    const unsigned most = mask_count(live) > SCHEDULER_SIGNERS ? 1 : SCHEDULER_SESSIONS_MAX;
    unsigned best = 0;
    unsigned least = UINT16_MAX;

    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if (mask_count(m) != SCHEDULER_SIGNERS || (m & ~live) != 0 ||
            !can_make(s, m, most, now_ns)) {
            continue;
        }
        const unsigned has = scheduler_count(s, m).least + sessions_of(s, 0, m);

        if (has < least) {
            least = has;
            best = m;
        }
    }
    return best;
}

static struct scheduler_session *free_session(struct scheduler *s)
{
    for (size_t i = 0; i < N_SESSIONS; i++) {
        if (s->sessions[i].triple == 0) {
            return &s->sessions[i];
        }
    }
    return NULL;
}

enum err scheduler_dkls_make(struct scheduler *s, const struct entropy_source *entropy,
                             unsigned live, int64_t now_ns, uint64_t wall_us)
{
    for (unsigned m = pick_triple(s, live, now_ns); m != 0; m = pick_triple(s, live, now_ns)) {
        struct presign_order o = {.kind = PRESIGN_ORDER_MAKE, .triple = (uint8_t)m};
        struct scheduler_session *of = free_session(s);

        if (of == NULL) {
            break;
        }
        TRY(entropy->fill(entropy->self, o.label, sizeof o.label));
        o.counter = scheduler_next_counter(s, wall_us);
        for (unsigned i = 0; i < s->rule.total; i++) {
            of->aborted[i] = s->cores[i].said.aborted;
            s->cores[i].ended =
                sessions_of(s, i, 0) == 0 ? ended(&s->cores[i]) : s->cores[i].ended;
        }
        of->triple = (uint8_t)m;
        of->counter = o.counter;
        of->since_ns = now_ns;
        scheduler_push_all(s, m, &o);
    }
    return ERR_OK;
}

/* ---- setups ---- */

/* Whether one of two has taken that order, and is not at it any more: what broke their channel
 * ended it, and the other one may wait for long. */
static bool has_ended(const struct presign_peer_status *said, uint64_t counter)
{
    return said->setup == PRESIGN_PAIR_RESTS ||
           (said->setup == PRESIGN_PAIR_NONE && said->counter >= counter);
}

static void settle_pair(struct scheduler *s, unsigned a, unsigned b, int64_t now_ns)
{
    struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    const struct scheduler_both said = scheduler_both(s, a, b);

    if (!p->runs) {
        return;
    }
    if (scheduler_pair_is_set_up(said)) {
        p->runs = false;
        p->rest.fails = 0;
    } else if (now_ns - p->since_ns >= SCHEDULER_SETUP_NS || has_ended(said.of_a, p->counter) ||
               has_ended(said.of_b, p->counter)) {
        p->runs = false;
        scheduler_rest_longer(&p->rest, now_ns);
        scheduler_take_back(s, PRESIGN_ORDER_SETUP, p->counter);
    }
}

static bool can_set_up(const struct scheduler *s, unsigned a, unsigned b, int64_t now_ns)
{
    const struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    const struct scheduler_both said = scheduler_both(s, a, b);

    return !p->runs && now_ns >= p->rest.until_ns && scheduler_pair_talks(said) &&
           !scheduler_pair_is_set_up(said) && said.of_a->wait_s == 0 &&
           said.of_b->wait_s == 0 &&
           scheduler_have_room(s, scheduler_bit(a) | scheduler_bit(b));
}

/* Both are told. */
static void begin_pair(struct scheduler *s, unsigned a, unsigned b, int64_t now_ns,
                       uint64_t wall_us)
{
    struct scheduler_pair *p = &s->pairs[scheduler_bit(a) | scheduler_bit(b)];
    struct presign_order o = {.kind = PRESIGN_ORDER_SETUP, .peer = (uint8_t)b};

    o.counter = p->counter = scheduler_next_counter(s, wall_us);
    scheduler_push(s, a, &o);
    o.peer = (uint8_t)a;
    scheduler_push(s, b, &o);
    p->runs = true;
    p->since_ns = now_ns;
}

void scheduler_dkls_set_up(struct scheduler *s, unsigned live, int64_t now_ns, uint64_t wall_us)
{
    unsigned busy = 0;

    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        busy |= s->pairs[m].runs ? m : 0;
    }
    for (unsigned a = 0; a < s->rule.total; a++) {
        for (unsigned b = a + 1; b < s->rule.total; b++) {
            const unsigned pair = scheduler_bit(a) | scheduler_bit(b);

            if ((pair & (busy | ~live)) == 0 && can_set_up(s, a, b, now_ns)) {
                begin_pair(s, a, b, now_ns, wall_us);
                busy |= pair;
            }
        }
    }
}

/* ---- both ---- */

static void refuse_make(struct scheduler *s, uint64_t counter, enum err e, int64_t now_ns)
{
    for (size_t i = 0; i < N_SESSIONS; i++) {
        struct scheduler_session *of = &s->sessions[i];

        if (of->triple == 0 || of->counter != counter) {
            continue;
        }
        if (e == ERR_NOSPACE) { /* nobody's fault: a pool or a queue is full */
            s->triples[of->triple].until_ns = now_ns + SCHEDULER_PAUSE_NS;
        }
        end_session(s, of, e != ERR_NOSPACE, now_ns);
    }
}

static void refuse_setup(struct scheduler *s, uint64_t counter, int64_t now_ns)
{
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if (s->pairs[m].runs && s->pairs[m].counter == counter) {
            s->pairs[m].runs = false;
            scheduler_rest_longer(&s->pairs[m].rest, now_ns);
            scheduler_take_back(s, PRESIGN_ORDER_SETUP, counter);
        }
    }
}

void scheduler_dkls_refused(struct scheduler *s, const struct presign_order *order, enum err e,
                            int64_t now_ns)
{
    if (order->kind == PRESIGN_ORDER_MAKE) {
        refuse_make(s, order->counter, e, now_ns);
    } else {
        refuse_setup(s, order->counter, now_ns);
    }
}

void scheduler_dkls_lost(struct scheduler *s, unsigned core)
{
    for (size_t i = 0; i < N_SESSIONS; i++) {
        if ((s->sessions[i].triple & scheduler_bit(core)) != 0) {
            note_dropped(s, &s->sessions[i]);
            end_session(s, &s->sessions[i], false, 0);
        }
    }
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        if ((m & scheduler_bit(core)) != 0 && s->pairs[m].runs) {
            scheduler_take_back(s, PRESIGN_ORDER_SETUP, s->pairs[m].counter);
            s->pairs[m].runs = false;
        }
    }
}

void scheduler_dkls_settle(struct scheduler *s, int64_t now_ns)
{
    settle_sessions(s, now_ns);
    for (unsigned a = 0; a < s->rule.total; a++) {
        for (unsigned b = a + 1; b < s->rule.total; b++) {
            settle_pair(s, a, b, now_ns);
        }
    }
}

bool scheduler_dkls_busy(const struct scheduler *s)
{
    bool busy = false;

    for (size_t i = 0; i < N_SESSIONS; i++) {
        busy = busy || s->sessions[i].triple != 0;
    }
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        busy = busy || s->pairs[m].runs;
    }
    return busy;
}
