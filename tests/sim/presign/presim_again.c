/* The world as the fixture left it, for the next history in one process: copies of what a
 * history changes. What an engine erases after each use, or reads no further than it wrote, is
 * left alone; it is most of 40 MB. */
#include "presim.h"

struct presim_kept {
    struct world w;
    struct tecdsa_share share[TECDSA_PARTIES_MAX];
    struct presigner engine[PRESIM_NODES];
    struct mesh mesh[PRESIM_NODES];
};

struct presim_kept *presim_keep(const struct world *w)
{
    struct presim_kept *const k = world_room(64, sizeof *k);

    memcpy(&k->w, w, offsetof(struct world, buffer));
    memcpy(k->share, w->kit->share, sizeof k->share);
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        memcpy(&k->engine[i], w->core[i].p, sizeof k->engine[i]);
        memcpy(&k->mesh[i], w->core[i].mesh, sizeof k->mesh[i]);
    }
    return k;
}

/* ---- channels ---- */

static void mesh_again(struct mesh *m, const struct mesh *kept)
{
    const size_t head = offsetof(struct mesh_peer, plain);

    memcpy(m, kept, offsetof(struct mesh, peers));
    for (unsigned i = 0; i < MESH_NODES_MAX; i++) {
        memset(m->peers[i].plain, 0, m->peers[i].used);
        memcpy(&m->peers[i], &kept->peers[i], head);
        memcpy(m->peers[i].plain, kept->peers[i].plain, kept->peers[i].used);
        m->outbox.lanes[i].from = kept->outbox.lanes[i].from;
        m->outbox.lanes[i].to = kept->outbox.lanes[i].to;
        sim_must(kept->outbox.lanes[i].to == 0);
    }
    m->outbox.turn = kept->outbox.turn;
    m->counts = kept->counts;
    m->given = kept->given;
    m->given_by = kept->given_by;
}

/* ---- engines ---- */

/* A setup that was begun anew has another id, and one that went is none. */
static bool is_as_it_was(const struct presign_setup *a, const struct presign_setup *kept)
{
    return a->state == PRESIGN_SETUP_DONE && kept->state == PRESIGN_SETUP_DONE &&
           a->setup_bob.ready && a->setup_alice.ready &&
           memcmp(a->id, kept->id, sizeof a->id) == 0 &&
           memcmp(a->setup_bob.id, kept->setup_bob.id, sizeof a->setup_bob.id) == 0 &&
           memcmp(a->setup_alice.id, kept->setup_alice.id, sizeof a->setup_alice.id) == 0;
}

static void pair_again(struct presigner_pair *pair, const struct presigner_pair *kept)
{
    if (!is_as_it_was(&pair->setup, &kept->setup)) {
        memcpy(&pair->setup, &kept->setup, sizeof pair->setup);
    }
    memcpy(pair, kept, offsetof(struct presigner_pair, setup));
}

static void held_again(struct presigner_held *h)
{
    for (unsigned k = 0; k < PRESIGNER_HELD; k++) {
        uint8_t *const bytes =
            k < PRESIGNER_HELD_SMALL ? h->small[k] : h->large[k - PRESIGNER_HELD_SMALL];

        memset(bytes, 0, h->head[k].n);
        h->head[k] = (struct presigner_head){0};
    }
}

static void engine_again(struct presigner *p, const struct presigner *kept, bool batched)
{
    memcpy(p, kept, offsetof(struct presigner, pair));
    for (unsigned i = 0; i < TECDSA_PARTIES_MAX; i++) {
        pair_again(&p->pair[i], &kept->pair[i]);
    }
    for (unsigned i = 0; i < PRESIGNER_SESSIONS; i++) {
        if (p->live[i].on) {
            memset(&p->live[i], 0, sizeof p->live[i]);
        }
    }
    memcpy(p->ended, kept->ended, sizeof p->ended);
    if (batched) {
        memcpy(&p->accel, &kept->accel, sizeof p->accel);
    }
    for (unsigned i = 0; i < PRESIGNER_PEERS_MAX; i++) {
        held_again(&p->held[i]);
    }
}

void presim_again(struct world *w, const struct presim_kept *k, unsigned batched)
{
    for (unsigned i = 0; i < PRESIM_NODES; i++) {
        struct world_core *const c = &w->core[i];

        presign_pool_void(&c->pool, i); /* the fixture has no records */
        engine_again(c->p, &k->engine[i], (batched >> i & 1) != 0);
        mesh_again(c->mesh, &k->mesh[i]);
    }
    memcpy(w, &k->w, offsetof(struct world, buffer));
    memcpy(w->kit->share, k->share, sizeof k->share);
}
