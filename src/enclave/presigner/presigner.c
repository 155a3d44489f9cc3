#include "base/mask.h"
#include "base/secret.h"
#include "enclave/presigner/presigner_parts.h"

#include <string.h>

_Static_assert(sizeof(struct presigner_round_2) == TECDSA_HASH_LEN + 123316 &&
                   sizeof(struct presigner_round_2) <= sizeof((struct presigner *)NULL)->out &&
                   sizeof(struct presign_round_1) <= PRESIGNER_HELD_SMALL_LEN &&
                   sizeof(struct presigner_end) == 627,
               "bytes alone");

size_t presigner_size(void)
{
    return sizeof(struct presigner);
}

/* ---- what the parts use ---- */

enum err presigner_fresh(struct presigner *p, void *out, size_t n)
{
    uint8_t entropy[DRBG_SEED_LEN];
    enum err e = p->of.entropy->fill(p->of.entropy->self, entropy, sizeof entropy);

    if (e == ERR_OK) {
        drbg_reseed(p->of.drbg, (struct view){entropy, sizeof entropy});
        e = drbg_generate(p->of.drbg, (struct view){NULL, 0}, out, n);
    }
    wipe(entropy, sizeof entropy);
    return e;
}

static void enter(const struct presigner *p)
{
    p->of.guard.enter(p->of.guard.self);
}

static void leave(const struct presigner *p)
{
    p->of.guard.leave(p->of.guard.self);
}

bool presigner_keep(struct presigner *p, int64_t now_ns)
{
    enum err e = ERR_OK;

    enter(p);
    e = presign_pool_add(p->of.pool, &p->record, now_ns);
    leave(p);
    return e == ERR_OK;
}

bool presigner_pool_takes(struct presigner *p, unsigned triple, unsigned records)
{
    unsigned n = 0;

    enter(p);
    n = presign_pool_count(p->of.pool, triple);
    leave(p);
    return n + presigner_sessions_of(p, triple) + records <= p->of.pool->per_triple;
}

/* What cannot be made twice waits until there is: a renewal may wait for evidence for long, so
 * only its one point at which nothing is sealed counts. */
bool presigner_has_room(const struct presigner *p, unsigned to, size_t n)
{
    return mesh_has_room(p->of.mesh, to, n);
}

enum err presigner_send(struct presigner *p, unsigned to, const struct pq1_about *about,
                        struct view message, int64_t now_ns)
{
    return mesh_send(p->of.mesh, to, about, message, now_ns);
}

bool presigner_tell(struct presigner *p, unsigned to, const struct pq1_about *about,
                    struct view message, int64_t now_ns)
{
    return presigner_has_room(p, to, message.n) &&
           presigner_send(p, to, about, message, now_ns) == ERR_OK;
}

/* ---- start ---- */

static enum err begin_mesh(struct presigner *p)
{
    struct mesh_setup setup = {
        .own = p->of.own,
        .nodes = p->of.n,
        .tools = {p->of.drbg, p->of.signer, p->of.identity, p->of.work},
        .attest = p->of.attest,
    };

    memcpy(setup.epoch_id, p->of.epoch_id, sizeof setup.epoch_id);
    memcpy(setup.key_id, p->of.key->key_id, sizeof setup.key_id);
    for (unsigned i = 0; i < p->of.n; i++) {
        setup.roster[i].incarnation = p->of.nodes[i].incarnation;
        memcpy(setup.roster[i].identity, p->of.nodes[i].identity, P384_PUBLIC_LEN);
    }
    return mesh_init(p->of.mesh, &setup);
}

static void tie(struct presigner *p)
{
    tecdsa_gadget_init(&p->gadget);
    p->standing.own = p->of.own;
    p->tools =
        (struct presign_tools){&p->of.work->stack, &p->scratch, &p->round_1, p->of.signing_key,
                               (const uint8_t(*)[ED25519_PUBLIC_LEN])p->signing_keys};
    p->signer.key = p->of.key;
    p->signer.share = p->of.share;
    p->signer.gadget = &p->gadget;
    p->accel_signer = p->signer;
    for (unsigned i = 0; i < p->of.n; i++) {
        struct presigner_pair *const pair = &p->pair[i];

        memcpy(p->signing_keys[i], p->of.nodes[i].signing_key, ED25519_PUBLIC_LEN);
        if (i != p->of.own) {
            p->signer.pair[i] = (struct tecdsa_pair){
                &pair->setup.setup_bob, &pair->setup.setup_alice, pair->setup.zero_seed, 0};
        }
    }
}

enum err presigner_init(struct presigner *p, const struct presigner_setup *setup)
{
    uint8_t entropy[DRBG_SEED_LEN];
    enum err e = ERR_OK;

    if (setup->n < TECDSA_T || setup->n > TECDSA_PARTIES_MAX || setup->own >= setup->n) {
        return ERR_RANGE;
    }
    p->of = *setup;
    tie(p);
    e = setup->entropy->fill(setup->entropy->self, entropy, sizeof entropy);
    if (e == ERR_OK) {
        drbg_init(setup->drbg, (struct view){entropy, sizeof entropy},
                  (struct view){setup->epoch_id, sizeof setup->epoch_id});
        e = setup->joined ? ERR_OK : begin_mesh(p);
    }
    wipe(entropy, sizeof entropy);
    if (e != ERR_OK) {
        wipe(p, sizeof *p);
    }
    return e;
}

/* ---- in ---- */

/* A peer that stood still has nothing of what was made with it. Setups go with the next SETUP,
 * which a host that looks at both ends gives. */
static void forget_peer(struct presigner *p, unsigned peer, int64_t now_ns)
{
    enter(p);
    presign_pool_void(p->of.pool, peer);
    leave(p);
    presigner_sessions_end(p, peer, now_ns);
    presigner_batch_void(p);
}

/* Whoever has a seed has the key of R1s, too: before anything is made with that peer, so that
 * there is no record whose R1s nobody could look at. */
static void meet(struct presigner *p, int64_t now_ns)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        const uint8_t *const key = mesh_mac_key(p->of.mesh, i);
        const uint32_t seeds = mesh_seeds(p->of.mesh, i);

        if (key == NULL || p->pair[i].seeds == seeds) {
            continue;
        }
        if (p->pair[i].seeds != 0) {
            forget_peer(p, i, now_ns);
        }
        p->pair[i].seeds = seeds;
        enter(p);
        r1_macs_meet(&p->of.pool->macs, i, key);
        leave(p);
    }
}

/* A channel that broke takes with it what was on its way. */
void presigner_look(struct presigner *p, int64_t now_ns)
{
    meet(p, now_ns);
    for (unsigned i = 0; i < p->of.n; i++) {
        struct presigner_pair *const pair = &p->pair[i];
        const uint32_t breaks = presigner_is_peer(p, i) ? mesh_breaks(p->of.mesh, i) : 0;

        if (breaks != pair->breaks) {
            pair->breaks = breaks;
            presigner_held_forget(p, i);
            presigner_sessions_end(p, i, now_ns);
            presigner_batch_end(p);
            presigner_setup_end(p, i);
        }
    }
}

enum presigner_said presigner_deal(struct presigner *p, const struct presigner_message *m,
                                   int64_t now_ns)
{
    switch (m->about->type) {
    case MESH_SETUP:
        return presigner_pair_take(p, m, now_ns);
    case MESH_PRESIGN:
        return presigner_session_take(p, m, now_ns);
    case MESH_ACCEL:
        return presigner_batch_take(p, m, now_ns);
    case MESH_REPAIR:
        if (p->of.repair.take != NULL) {
            p->of.repair.take(p->of.repair.self, m->from, m->about, m->bytes, now_ns);
            return PRESIGNER_TAKEN;
        }
        return PRESIGNER_DROPPED;
    default:
        return PRESIGNER_DROPPED;
    }
}

void presigner_took(struct presigner *p, const struct presigner_message *m, int64_t now_ns)
{
    switch (presigner_deal(p, m, now_ns)) {
    case PRESIGNER_LATER:
        presigner_hold(p, m, now_ns);
        break;
    case PRESIGNER_DROPPED:
        p->dropped++;
        break;
    case PRESIGNER_TAKEN:
        break;
    }
}

enum err presigner_take(struct presigner *p, unsigned from, struct view packet, int64_t now_ns)
{
    struct mesh_message got;
    enum err e = ERR_OK;

    if (!presigner_is_peer(p, from)) {
        return ERR_RANGE;
    }
    e = mesh_take(p->of.mesh, from, packet, now_ns, &got);
    presigner_look(p, now_ns);
    if (e == ERR_OK && got.body.p != NULL) {
        presigner_took(p, &(struct presigner_message){from, &got.about, got.body}, now_ns);
    }
    return e;
}

static enum err switch_accel(struct presigner *p, bool on)
{
    if (p->of.n != TECDSA_ACCEL_PARTIES) {
        return ERR_POLICY;
    }
    p->epoch.switched_off = !on;
    return ERR_OK;
}

enum err presigner_order(struct presigner *p, const struct presign_order *order, int64_t now_ns)
{
    switch (order->kind) {
    case PRESIGN_ORDER_SETUP:
        return presigner_setup_order(p, order, now_ns);
    case PRESIGN_ORDER_MAKE:
        return presigner_make_order(p, order, now_ns);
    case PRESIGN_ORDER_BATCH:
        return presigner_batch_order(p, order, now_ns);
    case PRESIGN_ORDER_ACCEL:
        return switch_accel(p, order->on);
    case PRESIGN_ORDER_WRONG:
        return presigner_wrong_order(p, order, now_ns);
    case PRESIGN_ORDER_RENEW:
        return presigner_renew_order(p, order);
    default:
        return ERR_RANGE;
    }
}

/* ---- work, out ---- */

bool presigner_work(struct presigner *p, int64_t now_ns)
{
    static bool (*const parts[])(struct presigner *,
                                 int64_t) = {presigner_held_step, presigner_batch_step,
                                             presigner_sessions_step, presigner_pairs_step};
    const unsigned n = sizeof parts / sizeof parts[0];

    for (unsigned i = 0; i < n; i++) {
        const unsigned turn = (p->turn + i) % n;

        if (parts[turn](p, now_ns)) {
            p->turn = (turn + 1) % n;
            return true;
        }
    }
    return false;
}

size_t presigner_give(struct presigner *p, struct writer *out)
{
    return mesh_give(p->of.mesh, out);
}

/* What passed since the last tick, as far as it was looked at. */
static int64_t passed(struct presigner *p, int64_t now_ns)
{
    const int64_t ns = p->looked_ns == 0 ? 0 : now_ns - p->looked_ns;

    p->looked_ns = now_ns;
    return ns < PRESIGNER_LOOK_NS ? ns : PRESIGNER_LOOK_NS;
}

/* Time counts against whoever is silent while others are heard: where nobody is, nobody carries
 * what they say, and records are good when that is over. */
static void look_for_dead(struct presigner *p, int64_t now_ns)
{
    const int64_t ns = passed(p, now_ns);

    for (unsigned i = 0; i < p->of.n; i++) {
        const uint64_t heard = mesh_heard(p->of.mesh, i);

        if (heard != p->pair[i].heard) {
            p->pair[i].heard = heard;
            p->pair[i].silent_ns = 0;
            p->carried_ns = now_ns;
        }
    }
    for (unsigned i = 0; i < p->of.n && now_ns - p->carried_ns < PRESIGNER_CARRIED_NS; i++) {
        struct presigner_pair *const pair = &p->pair[i];

        if (!presigner_is_peer(p, i) || pair->silent_ns >= PRESIGNER_DEAD_NS) {
            continue;
        }
        pair->silent_ns += ns;
        if (pair->silent_ns >= PRESIGNER_DEAD_NS) {
            enter(p);
            presign_pool_lose(p->of.pool, i);
            leave(p);
        }
    }
}

enum err presigner_tick(struct presigner *p, int64_t now_ns)
{
    const enum err e = mesh_tick(p->of.mesh, now_ns);

    presigner_look(p, now_ns);
    look_for_dead(p, now_ns);
    presigner_held_tick(p, now_ns);
    presigner_pairs_tick(p, now_ns);
    presigner_sessions_tick(p, now_ns);
    presigner_batch_tick(p, now_ns);
    enter(p);
    presign_pool_tick(p->of.pool, now_ns);
    leave(p);
    return e;
}

/* ---- what is told ---- */

static uint32_t seconds(int64_t ns)
{
    return ns <= 0 ? 0 : (uint32_t)((ns + INT64_C(999999999)) / INT64_C(1000000000));
}

static void tell_peer(const struct presigner *p, unsigned peer, int64_t now_ns,
                      struct presign_peer_status *out)
{
    static const uint8_t setups[] = {
        [PRESIGN_SETUP_IDLE] = PRESIGN_PAIR_NONE,
        [PRESIGN_SETUP_RUNNING] = PRESIGN_PAIR_RUNNING,
        [PRESIGN_SETUP_DONE] = PRESIGN_PAIR_DONE,
        [PRESIGN_SETUP_FAILED] = PRESIGN_PAIR_RESTS,
    };
    const struct presigner_pair *const pair = &p->pair[peer];
    const struct presign_with *const with = &p->standing.with[peer];
    const bool hidden = pair->setup.state == PRESIGN_SETUP_FAILED &&
                        !presign_standing_shows(&p->standing, peer, now_ns);

    out->incarnation = p->of.nodes[peer].incarnation;
    if (peer == p->of.own) {
        return;
    }
    out->channel = (uint8_t)(mesh_verified(p->of.mesh, peer) ? PRESIGN_CHANNEL_VERIFIED
                             : mesh_making(p->of.mesh, peer) ? PRESIGN_CHANNEL_MAKING
                                                             : PRESIGN_CHANNEL_NONE);
    out->setup = setups[hidden ? PRESIGN_SETUP_DONE : pair->setup.state];
    out->seeded = mesh_seed(p->of.mesh, peer) != NULL;
    out->counter = presigner_counter(p, peer);
    out->wait_s = hidden ? 0 : with->dead ? UINT32_MAX : seconds(with->wait_until_ns - now_ns);
}

static void tell_pool(const struct presigner *p, int64_t now_ns, struct presign_status *out)
{
    const struct presign_pool *const pool = p->of.pool;

    out->n_triples = pool->n_triples;
    out->cap = (uint16_t)pool->per_triple;
    for (unsigned i = 0; i < pool->n_triples; i++) {
        out->triples[i].triple = pool->triples[i];
        out->triples[i].count = (uint16_t)presign_pool_count(pool, pool->triples[i]);
        out->triples[i].usable =
            presign_standing_shows_usable(&p->standing, pool->triples[i], now_ns);
    }
    out->used = pool->counts.used;
    out->expired = pool->counts.expired;
    out->voided = pool->counts.voided;
}

static uint8_t accel_state(const struct presigner *p)
{
    if (p->epoch.late >= TECDSA_ACCEL_LATE_MAX) {
        return PRESIGN_ACCEL_OVER;
    }
    if (p->of.n != TECDSA_ACCEL_PARTIES || p->epoch.switched_off) {
        return PRESIGN_ACCEL_OFF;
    }
    return p->accel.fate == TECDSA_ACCEL_DONE || p->epoch.live ? PRESIGN_ACCEL_LIVE
                                                               : PRESIGN_ACCEL_ON;
}

void presigner_status(struct presigner *p, int64_t now_ns, struct presign_status *out)
{
    memset(out, 0, sizeof *out);
    out->n_nodes = p->of.n;
    for (unsigned i = 0; i < p->of.n; i++) {
        tell_peer(p, i, now_ns, &out->nodes[i]);
    }
    enter(p);
    tell_pool(p, now_ns, out);
    leave(p);
    out->sessions = (uint8_t)presigner_sessions_open(p);
    out->accel = accel_state(p);
    out->late = (uint8_t)p->epoch.late;
    out->batch_counter = p->epoch.last_counter;
    out->made_dkls = p->made_dkls;
    out->made_accel = p->made_accel;
    out->aborted = p->aborted;
    out->dropped = p->dropped;
    out->lies = p->lies;
}

/* ---- what goes ---- */

enum err presigner_reincarnate(struct presigner *p, unsigned node, uint32_t incarnation,
                               const uint8_t *identity, const uint8_t *signing_key,
                               int64_t now_ns)
{
    struct presigner_node *const of = &p->of.nodes[presigner_is_peer(p, node) ? node : 0];

    TRY(mesh_drop(p->of.mesh, node, incarnation, identity));
    enter(p);
    presign_pool_void(p->of.pool, node);
    leave(p);
    presigner_sessions_end(p, node, now_ns);
    presigner_batch_void(p);
    presigner_held_forget(p, node);
    presigner_setup_end(p, node);
    wipe(&p->pair[node], sizeof p->pair[node]);
    p->pair[node].breaks = mesh_breaks(p->of.mesh, node);
    p->accel_signer.pair[node].zero_seed = NULL;
    presign_standing_order(&p->standing, node); /* operators asked for it */
    of->incarnation = incarnation;
    if (identity != NULL) {
        memcpy(of->identity, identity, sizeof of->identity);
    }
    if (signing_key != NULL) {
        memcpy(of->signing_key, signing_key, sizeof of->signing_key);
        memcpy(p->signing_keys[node], signing_key, ED25519_PUBLIC_LEN);
    }
    return ERR_OK;
}

/* Of the copies of a machine only the one that meets the peer again has a setup, a seed and a
 * key of R1s with it. */
static void forget_pairs(struct presigner *p)
{
    for (unsigned i = 0; i < p->of.n; i++) {
        if (presigner_is_peer(p, i)) {
            presigner_held_forget(p, i);
            presigner_setup_forget(p, i);
            p->pair[i].seeds = 0;
            p->accel_signer.pair[i].zero_seed = NULL;
            enter(p);
            r1_macs_forget(&p->of.pool->macs, i);
            leave(p);
        }
    }
}

/* Two copies of this machine must not seal with one key, nor answer one session twice; nor must
 * a peer that guesses of one set of choices (delta) in each of them find out all of it. */
enum err presigner_void(struct presigner *p, int64_t now_ns)
{
    uint8_t entropy[DRBG_SEED_LEN];
    enum err e = ERR_OK;

    enter(p);
    presign_pool_void(p->of.pool, p->of.own);
    leave(p);
    presigner_sessions_end(p, p->of.own, now_ns);
    presigner_batch_void(p);
    forget_pairs(p);
    e = presigner_fresh(p, entropy, sizeof entropy);
    if (e == ERR_OK) {
        p384_signer_reseed(p->of.signer, (struct view){entropy, sizeof entropy});
    }
    wipe(entropy, sizeof entropy);
    return e == ERR_OK ? mesh_break(p->of.mesh) : e;
}

void presigner_wipe(struct presigner *p)
{
    enter(p);
    presign_pool_void(p->of.pool, p->of.own);
    leave(p);
    mesh_wipe(p->of.mesh);
    drbg_wipe(p->of.drbg);
    wipe(p, sizeof *p);
}
