/* What holds whatever liars and the host do. */
#include "presim.h"

#include "base/mask.h"

const char *const presim_rules[PRESIM_RULES] = {
    "none",
    "an honest node is cut or left out by another one",
    "no setup goes for what no check shows",
    "a setup whose check failed is erased, and the pair waits",
    "a counter serves once",
    "a record is the same at all honest nodes",
    "what three honest nodes hold gives a signature",
    "a record answers once",
    "who told two bodies is known to those he told",
    "a node that stood still has no records",
    "three honest nodes make a record when all is well",
    "an honest node answers once with a record",
    "a record is for its own three",
    "an honest peer's R1 is what it said",
    "a front names a record in one session",
    "a token verifies over bytes that were written apart",
    "no two tokens are of one presignature",
    "no front holds an honest node, or three of them, for a liar",
    "every job ends once, by its deadline",
    "with three able nodes a job is served within 2 s of healing",
    "an old process is heard by nobody who knows of the new one",
    "and no record that it has a part in is kept",
    "two indices are re-enrolled in an epoch, no more",
};

static const struct presigner *engine(const struct presim *s, unsigned node)
{
    return s->w->core[node].p;
}

void presim_check_order(struct presim *s, unsigned node, const struct presign_order *o)
{
    for (unsigned i = 0; o->kind == PRESIGN_ORDER_MAKE && i < PRESIM_NODES; i++) {
        if (i != node && (o->triple >> i & 1) != 0) {
            if (o->counter <= s->counters[node][i]) {
                presim_break(s, PRESIM_FRESH, node);
            }
            s->counters[node][i] = o->counter;
        }
    }
}

/* ---- two bodies ---- */

/* What a node took of another in a session that is under way there; NULL: nothing. */
static const struct presign_said *said_by(const struct presigner *p, const uint8_t *sid1,
                                          unsigned from)
{
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        const struct presigner_live *const live = &p->live[i];

        if (live->on && memcmp(live->sid1, sid1, TECDSA_HASH_LEN) == 0 &&
            live->session.said_by[from]) {
            return &live->session.said[from];
        }
    }
    return NULL;
}

static struct presim_two *two_of(struct presim *s, const uint8_t *sid1, unsigned from)
{
    struct presim_two *two = s->twos;

    while (two < s->twos + s->n_twos &&
           (two->from != from || memcmp(two->sid1, sid1, TECDSA_HASH_LEN) != 0)) {
        two++;
    }
    if (two == s->twos + s->n_twos && s->n_twos < PRESIM_TWOS_MAX) {
        s->n_twos++;
        memcpy(two->sid1, sid1, TECDSA_HASH_LEN);
        two->from = from;
    }
    return two < s->twos + s->n_twos ? two : NULL;
}

void presim_check_heard(struct presim *s, unsigned node, const struct presigner_message *m)
{
    const uint8_t *const sid1 = m->about->session;
    const struct presign_said *said;
    struct presim_two *two;

    if (s->lies[m->from] != PRESIM_BODIES || m->about->type != MESH_PRESIGN ||
        m->about->round != 1 || !presim_is_honest(s, node)) {
        return;
    }
    said = said_by(engine(s, node), sid1, m->from);
    two = said != NULL ? two_of(s, sid1, m->from) : NULL;
    if (two != NULL) { /* which of the two: the distance says it, as in presim_liar.c */
        two->took[(node + PRESIM_NODES - m->from) % PRESIM_NODES > 2] |= 1U << node;
    }
}

/* Where nothing was lost, both know it of each other. */
static void check_proofs(struct presim *s)
{
    for (size_t i = 0; i < s->n_twos && s->was_calm && !s->voided; i++) {
        const struct presim_two *const two = &s->twos[i];
        const bool both = two->took[0] != 0 && two->took[1] != 0 && (two->sid1[0] & 1) == 0;

        for (unsigned node = 0; both && node < PRESIM_NODES; node++) {
            if (((two->took[0] | two->took[1]) >> node & 1) != 0 &&
                !engine(s, node)->standing.with[two->from].out) {
                presim_break(s, PRESIM_PROVEN, node);
            }
        }
    }
}

/* ---- after every step ---- */

static bool all_are_benign(const struct presim *s)
{
    unsigned all = 0;

    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        all |= s->lies[i];
    }
    return (all & ~(unsigned)PRESIM_BENIGN) == 0;
}

static void check_pair(struct presim *s, unsigned node, unsigned peer)
{
    const struct presign_with *const with = &engine(s, node)->standing.with[peer];
    const struct presign_setup *const setup = &engine(s, node)->pair[peer].setup;

    if (presim_is_honest(s, peer) && (with->n > 0 || with->dead || with->out)) {
        presim_break(s, PRESIM_BLAME, node);
    }
    if (with->n > 0 && all_are_benign(s)) {
        presim_break(s, PRESIM_KEPT, node);
    }
    if (s->w->now_ns < with->wait_until_ns && setup->state != PRESIGN_SETUP_FAILED) {
        presim_break(s, PRESIM_ERASED, node);
    }
    if (setup->state == PRESIGN_SETUP_FAILED &&
        (setup->setup_bob.ready || setup->setup_alice.ready ||
         !tecdsa_erased(setup->zero_seed, sizeof setup->zero_seed))) {
        presim_break(s, PRESIM_ERASED, node);
    }
}

static bool all_honest(const struct presim *s, unsigned triple)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        if ((triple >> i & 1) != 0 && !presim_is_honest(s, i)) {
            return false;
        }
    }
    return true;
}

void presim_check_step(struct presim *s)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        for (unsigned j = 0; presim_is_honest(s, i) && j < PRESIM_NODES; j++) {
            if (i != j) {
                check_pair(s, i, j);
            }
        }
        for (unsigned t = 0; presim_is_honest(s, i) && t < 1U << PRESIM_NODES; t++) {
            if (engine(s, i)->standing.triples[t].bad && all_honest(s, t)) {
                presim_break(s, PRESIM_BLAME, i);
            }
        }
    }
}

/* ---- records ---- */

/* Its pool is as it should be. */
static bool is_kept_well(const struct presim *s, unsigned node)
{
    return presim_is_honest(s, node) && (s->tellers >> node & 1) == 0;
}

static const struct presign_slot *find(const struct presim *s, unsigned node, const uint8_t *id)
{
    const struct presign_pool *const pool = &s->w->core[node].pool;
    const struct presign_slot *slot = presign_pool_above(pool, 0);

    while (slot != NULL && memcmp(slot->record.id, id, TECDSA_HASH_LEN) != 0) {
        slot = presign_pool_next(pool, slot);
    }
    return slot;
}

/* The three answer, which is to be a signature; and once. */
static void sign(struct presim *s, unsigned node, const uint8_t *id, unsigned triple,
                 const uint8_t *r)
{
    uint8_t digest[P384_DIGEST_LEN];
    struct world_sign of = {s->w, r, digest};
    unsigned at = 0;

    tecdsa_digest((unsigned)s->totals->signatures, digest);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        struct world_core *const c = &s->w->core[i];
        struct tecdsa_answer again;

        if ((triple >> i & 1) == 0) {
            continue;
        }
        if (presign_pool_answer(&c->pool, &c->work->stack, id, digest, s->w->now_ns,
                                &s->w->kit->answer[at++]) != ERR_OK) {
            presim_break(s, PRESIM_SIGNS, i);
        }
        if (presign_pool_answer(&c->pool, &c->work->stack, id, digest, s->w->now_ns, &again) !=
            ERR_STALE) {
            presim_break(s, PRESIM_ONCE, i);
        }
    }
    if (tecdsa_on_stack(world_combine, &of) != ERR_OK) {
        presim_break(s, PRESIM_SIGNS, node);
    }
    s->totals->signatures++;
}

static void check_record(struct presim *s, unsigned node, const struct presign_slot *slot)
{
    const unsigned triple = slot->record.s;
    uint8_t id[TECDSA_HASH_LEN], r[TECDSA_SCALAR_LEN];
    unsigned have = 0;

    memcpy(id, slot->record.id, sizeof id);
    memcpy(r, slot->record.r, sizeof r);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        const struct presign_slot *const other = is_kept_well(s, i) ? find(s, i, id) : NULL;

        if (other != NULL) {
            have |= 1U << i;
            if (other->record.s != triple || memcmp(other->record.r, r, sizeof r) != 0) {
                presim_break(s, PRESIM_SAME, i);
            }
        }
    }
    if (have == triple) {
        sign(s, node, id, triple, r);
    }
}

void presim_check_end(struct presim *s)
{
    check_proofs(s);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        const struct presign_pool *const pool = &s->w->core[i].pool;
        uint64_t number = 0;
        const struct presign_slot *slot;

        while (is_kept_well(s, i) && (slot = presign_pool_above(pool, number)) != NULL) {
            number = slot->number;
            s->totals->records++;
            check_record(s, i, slot);
        }
        for (unsigned j = 0; j < PRESIM_NODES; j++) {
            s->totals->cuts += i != j ? engine(s, i)->standing.with[j].n : 0;
        }
        s->totals->proofs += engine(s, i)->lies;
    }
}
