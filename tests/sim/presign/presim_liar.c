/* A node whose owner is against us: its engine is a real one, what leaves it is not. It speaks
 * through its own channels and signs what it says. */
#include "presim.h"

#define LIE_OFTEN 600 /* of a thousand messages */

static const char label[] = "quorate-presign-v1";

static bool has(const struct presim *s, unsigned node, enum presim_lie lie)
{
    return (s->lies[node] & (unsigned)lie) != 0;
}

static void make_liar(struct presim *s, unsigned lies)
{
    const unsigned node = sim_below(&s->rng, PRESIM_NODES);
    struct tecdsa_share *const share = &s->w->kit->share[node];

    s->lies[node] |= lies;
    if ((lies & PRESIM_SHARE) != 0) {
        tecdsa_scalar_add(&share->x, &share->x, &share->x);
    }
}

void presim_liar_begin(struct presim *s)
{
    /* What a fault has to meet to be one. */
    static const unsigned needed[PRESIM_PLANTS] = {[PRESIM_PLANT_SID2] = PRESIM_BODIES,
                                                   [PRESIM_PLANT_KEEP] = PRESIM_COLUMN,
                                                   [PRESIM_PLANT_SILENT] = PRESIM_BODIES};
    const unsigned dice = sim_below(&s->rng, 10);

    if (needed[s->options.plant] != 0) {
        make_liar(s, needed[s->options.plant]);
        return;
    }
    for (unsigned n = dice < 4 ? 0 : dice < 8 ? 1 : 2; n > 0; n--) {
        unsigned lies = 1U << sim_below(&s->rng, PRESIM_LIES);

        lies |= sim_chance(&s->rng, 300) ? 1U << sim_below(&s->rng, PRESIM_LIES) : 0;
        make_liar(s, lies);
    }
}

/* ---- round 1 ---- */

static void sign_body(const struct presim *s, unsigned node, struct presign_said *said)
{
    uint8_t bytes[sizeof label - 1 + sizeof said->body];
    struct world_core *const c = &s->w->core[node];

    memcpy(bytes, label, sizeof label - 1);
    memcpy(bytes + sizeof label - 1, &said->body, sizeof said->body);
    world_must(ed25519_sign(&c->work->stack, &c->signing, (struct view){bytes, sizeof bytes},
                            said->signature));
}

/* The higher of two peers is told another body: so each session of the liar has two. */
static bool tells_two(const struct presim *s, unsigned from, unsigned to,
                      const struct presign_round_1 *m)
{
    return has(s, from, PRESIM_BODIES) && (m->said.body.sid1[0] & 1) == 0 &&
           (to + PRESIM_NODES - from) % PRESIM_NODES > 2;
}

static void change_1(struct presim *s, unsigned from, unsigned to, struct presign_round_1 *m)
{
    if (tells_two(s, from, to, m)) {
        m->said.body.commitment[0] ^= 1;
        sign_body(s, from, &m->said);
        s->totals->lies++;
    }
    if (has(s, from, PRESIM_COLUMN)) {
        const unsigned column = sim_below(&s->rng, TECDSA_OTS);

        sim_flip(&s->rng, m->extension.u[column], TECDSA_COLUMN_LEN);
        s->totals->lies++;
    }
}

/* ---- round 2 ---- */

static void change_2(struct presim *s, unsigned from, struct pq1_about *about,
                     struct presigner_round_2 *m)
{
    struct tecdsa_round_2 *const b = &m->body;

    if (has(s, from, PRESIM_SID2)) {
        about->session[0] ^= 1;
        s->totals->lies++;
    }
    if (has(s, from, PRESIM_ROW)) {
        const unsigned row = 1 + sim_below(&s->rng, TECDSA_XI - 1);

        b->product.a[row][sim_below(&s->rng, TECDSA_RVOLE_WIDTH)][TECDSA_SCALAR_LEN - 1] ^= 1;
        s->totals->lies++;
    }
    if (has(s, from, PRESIM_OTHER)) {
        uint8_t *const at[] = {b->gu + 1, b->gv + 1, b->pk + 1, b->r + 1, b->salt};

        at[sim_below(&s->rng, 5)][20] ^= 1;
        s->totals->lies++;
    }
}

/* ---- all ---- */

static void change_session(struct presim *s, unsigned to, const struct presigner_message *m,
                           struct pq1_about *about, uint8_t *bytes)
{
    if (m->about->round == 1 && m->bytes.n == sizeof(struct presign_round_1)) {
        change_1(s, m->from, to, (struct presign_round_1 *)bytes);
    } else if (m->about->round == 2 && m->bytes.n == sizeof(struct presigner_round_2)) {
        change_2(s, m->from, about, (struct presigner_round_2 *)bytes);
    } else if (has(s, m->from, PRESIM_END)) {
        sim_flip(&s->rng, bytes, m->bytes.n);
        s->totals->lies++;
    }
}

bool presim_liar_change(struct presim *s, unsigned to, const struct presigner_message *m,
                        struct pq1_about *about, uint8_t *bytes)
{
    const bool two = has(s, m->from, PRESIM_BODIES);

    if (!two && !sim_chance(&s->rng, LIE_OFTEN)) {
        return true;
    }
    if (has(s, m->from, PRESIM_SILENT) && sim_chance(&s->rng, 500)) {
        return false;
    }
    if (about->type == MESH_PRESIGN) {
        change_session(s, to, m, about, bytes);
    } else if ((about->type == MESH_ACCEL && has(s, m->from, PRESIM_ACCEL)) ||
               (about->type == MESH_SETUP && has(s, m->from, PRESIM_SETUP))) {
        sim_flip(&s->rng, bytes, m->bytes.n);
        s->totals->lies++;
    }
    return true;
}
