/* presigner_kit.h - for tests of the engine of presignatures: up to six cores of one key, and a
 * host between them that may be changed. */
#ifndef TESTS_PRESIGNER_KIT_H
#define TESTS_PRESIGNER_KIT_H

#include "tecdsa_kit.h"

#include "enclave/presigner/presigner_parts.h"

#define WORLD_MAX TECDSA_PARTIES_MAX
#define WORLD_BEGIN_NS INT64_C(1000000000000)
#define WORLD_STEP_NS INT64_C(1000000)
#define WORLD_IDLE_NS INT64_C(50000000)
#define WORLD_QUEUE 1048576 /* bytes on their way to one core */
#define WORLD_PER_TRIPLE 64

struct world;

/* A message, as it comes out of the channel; false: it is not taken. */
typedef bool world_meddle(struct world *w, unsigned to, struct presigner_message *m,
                          uint8_t *bytes);

struct world_core {
    struct presigner *p;
    struct mesh *mesh;
    struct presign_pool pool;
    struct presign_slot *slots;
    struct drbg drbg;
    struct p384_signer *signer;
    struct p384_key identity;
    struct ed25519_key signing;
    struct pq1_work *work;
    struct entropy_source entropy;
    const struct mesh_attest *attest; /* NULL: the plan has no policy */
    uint64_t noise;
    unsigned inside; /* of the guard */
    size_t queued;
    uint8_t *queue; /* from(1) length(4) packet, one after the other */
};

struct world {
    struct tecdsa_kit *kit;
    unsigned n;
    int64_t now_ns;
    unsigned dead;  /* a mask: neither works nor is heard */
    unsigned muted; /* a mask: the host fetches nothing there */
    struct presigner_setup of;
    struct world_core core[WORLD_MAX];
    world_meddle *meddle;
    unsigned liar;
    /* What leaves a core, as the host sees it; NULL: nobody looks. */
    void (*seen)(struct world *w, unsigned from, const struct mesh_packet *packet);
    uint64_t bytes; /* of packets that the host carried */
    uint64_t counter;
    uint8_t buffer[WORLD_QUEUE];
};

static inline void *world_room(size_t align, size_t n)
{
    void *const room = aligned_alloc(align, (n + align - 1) / align * align);

    if (room == NULL) {
        abort();
    }
    memset(room, 0, n);
    return room;
}

static inline void world_must(enum err e)
{
    if (e != ERR_OK) {
        fprintf(stderr, "%s\n", err_name(e));
        abort();
    }
}

static inline enum err world_fill(void *self, uint8_t *out, size_t n)
{
    struct world_core *const c = self;

    tecdsa_noise(&c->noise, out, n);
    return ERR_OK;
}

static inline void world_enter(void *self)
{
    struct world_core *const c = self;

    if (c->inside++ != 0) {
        abort();
    }
}

static inline void world_leave(void *self)
{
    struct world_core *const c = self;

    c->inside--;
}

/* The keys of a core, and memory. */
static inline void world_core_new(struct world *w, unsigned i)
{
    struct world_core *const c = &w->core[i];
    uint8_t seed[DRBG_SEED_LEN] = {(uint8_t)(i + 1), 9};
    void *const memory = world_room(4096, p384_signer_size());

    c->noise = (uint64_t)(i + 1) << 48;
    c->entropy = (struct entropy_source){world_fill, c};
    c->work = world_room(64, sizeof *c->work);
    pq1_work_init(c->work);
    world_must(p384_signer_init(memory, seed, &c->signer));
    world_must(p384_key_generate(c->signer, &c->identity));
    world_must(ed25519_key_make(&c->work->stack, seed, &c->signing));
    memcpy(w->of.nodes[i].identity, c->identity.public_key, P384_PUBLIC_LEN);
    memcpy(w->of.nodes[i].signing_key, c->signing.public_key, ED25519_PUBLIC_LEN);
    w->of.nodes[i].incarnation = 1;
    c->p = world_room(64, presigner_size());
    c->mesh = world_room(64, sizeof *c->mesh);
    c->slots = world_room(64, presign_pool_slots(w->n, WORLD_PER_TRIPLE) * sizeof *c->slots);
    c->queue = malloc(WORLD_QUEUE);
    world_must(presign_pool_init(&c->pool, i, w->n, WORLD_PER_TRIPLE, c->slots));
}

/* A core begins: after the ceremony, or as another incarnation. */
static inline void world_start(struct world *w, unsigned i)
{
    struct world_core *const c = &w->core[i];
    struct presigner_setup of = w->of;

    of.own = i;
    of.key = &w->kit->key;
    of.share = &w->kit->share[i];
    of.identity = &c->identity;
    of.signing_key = &c->signing;
    of.entropy = &c->entropy;
    of.drbg = &c->drbg;
    of.signer = c->signer;
    of.work = c->work;
    of.mesh = c->mesh;
    of.pool = &c->pool;
    of.guard = (struct presign_guard){world_enter, world_leave, c};
    of.attest = c->attest;
    world_must(presigner_init(c->p, &of));
}

static inline struct world *world_new(unsigned n, uint64_t number)
{
    struct world *const w = world_room(64, sizeof *w);

    w->kit = tecdsa_kit_new(n, number);
    w->n = n;
    w->now_ns = WORLD_BEGIN_NS;
    w->of.n = n;
    memset(w->of.epoch_id, 0x17, sizeof w->of.epoch_id);
    for (unsigned i = 0; i < n; i++) {
        world_core_new(w, i);
    }
    for (unsigned i = 0; i < n; i++) {
        world_start(w, i);
    }
    return w;
}

static inline void world_free(struct world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        struct world_core *const c = &w->core[i];

        presigner_wipe(c->p);
        free(c->p);
        free(c->mesh);
        free(c->slots);
        free(c->queue);
        free(c->work);
        free(c->signer);
    }
    free(w->kit);
    free(w);
}

static inline bool world_up(const struct world *w, unsigned i)
{
    return i < w->n && (w->dead >> i & 1) == 0;
}

/* What a core has to say, to where it goes. */
static inline bool world_carry(struct world *w, unsigned from)
{
    struct writer out = wr_init(w->buffer, sizeof w->buffer);
    struct reader in;
    struct mesh_packet packet;

    (void)presigner_give(w->core[from].p, &out);
    in = rd_init((struct view){w->buffer, out.len});
    while (in.n > 0) {
        struct world_core *to = NULL;
        struct writer put;

        world_must(mesh_packet_decode(&in, &packet));
        w->bytes += packet.packet.n;
        if (w->seen != NULL) {
            w->seen(w, from, &packet);
        }
        if (!world_up(w, packet.node)) {
            continue;
        }
        to = &w->core[packet.node];
        if (to->queued + MESH_PACKET_HEAD_LEN + packet.packet.n > WORLD_QUEUE) {
            abort();
        }
        put = wr_init(to->queue + to->queued, WORLD_QUEUE - to->queued);

        packet.node = (uint8_t)from;
        mesh_packet_encode(&put, &packet);
        to->queued += put.len;
    }
    return out.len > 0;
}

/* As presigner_take(), with what is to be changed changed. */
static inline void world_take(struct world *w, unsigned to, const struct mesh_packet *packet)
{
    struct presigner *const p = w->core[to].p;
    struct mesh_message got;
    struct presigner_message m = {packet->node, &got.about, {NULL, 0}};

    if (w->meddle == NULL) {
        world_must(presigner_take(p, packet->node, packet->packet, w->now_ns));
        return;
    }
    world_must(mesh_take(p->of.mesh, packet->node, packet->packet, w->now_ns, &got));
    presigner_look(p, w->now_ns);
    m.bytes = got.body;
    if (got.body.p != NULL && w->meddle(w, to, &m, (uint8_t *)(uintptr_t)got.body.p)) {
        presigner_took(p, &m, w->now_ns);
    }
}

static inline void world_deliver(struct world *w, unsigned to)
{
    struct world_core *const c = &w->core[to];
    struct reader in = rd_init((struct view){c->queue, c->queued});
    struct mesh_packet packet;

    c->queued = 0;
    while (in.n > 0) {
        world_must(mesh_packet_decode(&in, &packet));
        world_take(w, to, &packet);
    }
}

/* One round of everybody. Whether anything moved. */
static inline bool world_step(struct world *w)
{
    bool moved = false;

    for (unsigned i = 0; i < w->n; i++) {
        if (world_up(w, i)) {
            world_must(presigner_tick(w->core[i].p, w->now_ns));
            while (presigner_work(w->core[i].p, w->now_ns)) {
                moved = true;
            }
            moved = ((w->muted >> i & 1) == 0 && world_carry(w, i)) || moved;
        }
    }
    for (unsigned i = 0; i < w->n; i++) {
        if (world_up(w, i)) {
            world_deliver(w, i);
        }
    }
    w->now_ns += moved ? WORLD_STEP_NS : WORLD_IDLE_NS;
    return moved;
}

/* Until nothing moves. */
static inline void world_run(struct world *w)
{
    while (world_step(w)) {
    }
}

/* Time goes by. */
static inline void world_wait(struct world *w, int64_t ns)
{
    const int64_t until = w->now_ns + ns;

    while (w->now_ns < until) {
        (void)world_step(w);
    }
}

/* Until those that came to nothing have been told of. */
static inline void world_end_sessions(struct world *w)
{
    world_wait(w, PRESIGNER_SESSION_NS + WORLD_IDLE_NS);
}

/* Until all that are up have channels and seeds. */
static inline void world_connect(struct world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        for (unsigned j = 0; j < w->n; j++) {
            while (
                i != j && world_up(w, i) && world_up(w, j) &&
                (mesh_seed(w->core[i].mesh, j) == NULL || !mesh_verified(w->core[i].mesh, j))) {
                (void)world_step(w);
            }
        }
    }
    world_run(w);
}

/* A world whose cores have channels, for a test and after it: in the variable w of its file. */
static inline int world_begin(void **state)
{
    struct world **const w = *state;

    *w = world_new(5, 31);
    world_connect(*w);
    return 0;
}

static inline int world_end(void **state)
{
    struct world **const w = *state;

    world_free(*w);
    return 0;
}

#define WORLD_CASE(f) cmocka_unit_test_prestate_setup_teardown(f, world_begin, world_end, &w)

/* Setups of a pair, as 512 transfers would have given them. */
static inline void world_set_up(struct world *w, unsigned i, unsigned j)
{
    const unsigned ends[2] = {i, j};

    tecdsa_kit_setup(w->kit, i, j);
    for (unsigned k = 0; k < 2; k++) {
        const unsigned own = ends[k];
        const unsigned peer = ends[1 - k];
        struct presign_setup *const s = &w->core[own].p->pair[peer].setup;

        memset(s, 0, sizeof *s);
        s->state = PRESIGN_SETUP_DONE;
        s->of = (struct presign_setup_of){.own = own, .peer = peer, .counter = 1};
        s->setup_bob = w->kit->bob[own][peer];
        s->setup_alice = w->kit->alice[own][peer];
        memcpy(s->zero_seed, w->kit->zero_seed[own][peer], sizeof s->zero_seed);
        s->as_bob.key_id = s->of.key_id;
        memcpy(s->id, w->kit->bob[i < j ? i : j][i < j ? j : i].id, sizeof s->id);
    }
}

static inline void world_set_up_all(struct world *w)
{
    for (unsigned i = 0; i < w->n; i++) {
        for (unsigned j = i + 1; j < w->n; j++) {
            world_set_up(w, i, j);
        }
    }
}

/* ---- orders ---- */

static inline enum err world_order(struct world *w, unsigned i, const struct presign_order *o)
{
    return presigner_order(w->core[i].p, o, w->now_ns);
}

/* To all of a mask, which must take it. */
static inline void world_order_all(struct world *w, unsigned mask,
                                   const struct presign_order *o)
{
    for (unsigned i = 0; i < w->n; i++) {
        if ((mask >> i & 1) == 1 && world_up(w, i)) {
            world_must(world_order(w, i, o));
        }
    }
}

/* A batch: triples in turn. */
static inline struct presign_order world_batch_of(struct world *w, unsigned records)
{
    struct presign_order o = {
        .kind = PRESIGN_ORDER_BATCH, .counter = ++w->counter, .records = (uint8_t)records};

    for (unsigned b = 0; b < records; b++) {
        o.triples[b] = (uint8_t)(b % TECDSA_ACCEL_TRIPLES);
    }
    return o;
}

static inline void world_batch(struct world *w, unsigned records)
{
    const struct presign_order o = world_batch_of(w, records);

    world_order_all(w, (1U << w->n) - 1, &o);
}

static inline struct presign_order world_make_of(struct world *w, unsigned triple)
{
    return (struct presign_order){
        .kind = PRESIGN_ORDER_MAKE, .counter = ++w->counter, .triple = (uint8_t)triple};
}

static inline void world_make(struct world *w, unsigned triple)
{
    const struct presign_order o = world_make_of(w, triple);

    world_order_all(w, triple, &o);
}

/* Of both ends. */
static inline struct presign_order world_setup_of(struct world *w, unsigned peer)
{
    return (struct presign_order){
        .kind = PRESIGN_ORDER_SETUP, .counter = ++w->counter, .peer = (uint8_t)peer};
}

static inline void world_setup(struct world *w, unsigned i, unsigned j)
{
    struct presign_order o = world_setup_of(w, j);

    world_must(world_order(w, i, &o));
    o.peer = (uint8_t)i;
    world_must(world_order(w, j, &o));
}

static inline unsigned world_count(const struct world *w, unsigned i, unsigned triple)
{
    return presign_pool_count(&w->core[i].pool, triple);
}

static inline void world_status(struct world *w, unsigned i, struct presign_status *out)
{
    presigner_status(w->core[i].p, w->now_ns, out);
}

/* ---- the online round ---- */

struct world_sign {
    struct world *w;
    const uint8_t *r, *digest;
};

static inline enum err world_combine(void *arg)
{
    const struct world_sign *const s = arg;
    uint8_t sig[P384_SIG_LEN];

    return tecdsa_online_combine(s->w->kit->key.public_key, s->r, s->digest, s->w->kit->answer,
                                 sig);
}

/* The three of a triple answer for the oldest record of it that the lowest has. ERR_STALE: one
 * has none of that id. */
static inline enum err world_sign(struct world *w, unsigned triple, unsigned message)
{
    const struct presign_pool *const pool = &w->core[__builtin_ctz(triple)].pool;
    const struct presign_slot *slot = presign_pool_above(pool, 0);
    uint8_t id[TECDSA_HASH_LEN], r[TECDSA_SCALAR_LEN], digest[P384_DIGEST_LEN];
    struct world_sign s = {w, r, digest};
    unsigned at = 0;

    while (slot != NULL && slot->record.s != triple) {
        slot = presign_pool_next(pool, slot);
    }
    if (slot == NULL) {
        return ERR_STALE;
    }
    memcpy(id, slot->record.id, sizeof id);
    memcpy(r, slot->record.r, sizeof r);
    tecdsa_digest(message, digest);
    for (unsigned i = 0; i < w->n; i++) {
        if ((triple >> i & 1) == 1) {
            TRY(presign_pool_answer(&w->core[i].pool, &w->core[i].work->stack, id, digest,
                                    w->now_ns, &w->kit->answer[at++]));
        }
    }
    return tecdsa_on_stack(world_combine, &s);
}

/* Signs with all that the lowest of each triple has: how many signatures. */
static inline unsigned world_sign_all(struct world *w)
{
    unsigned n = 0;

    for (unsigned s = 0; s < 1U << w->n; s++) {
        while (__builtin_popcount(s) == TECDSA_T &&
               world_count(w, (unsigned)__builtin_ctz(s), s) > 0) {
            world_must(world_sign(w, s, n));
            n++;
        }
    }
    return n;
}

#endif
