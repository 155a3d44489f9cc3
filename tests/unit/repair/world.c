#include "world.h"

#include "testing.h"

#include <stdlib.h>

static void give_keys(struct world *w, struct world_node *n, uint8_t i, uint32_t attempt)
{
    const uint8_t seed[ED25519_SEED_LEN] = {0x51, i, (uint8_t)attempt};
    const uint8_t drbg[DRBG_SEED_LEN] = {0xd6, i, (uint8_t)attempt};

    pq1_work_init(&n->work);
    drbg_init(&n->drbg, (struct view){drbg, sizeof drbg}, (struct view){NULL, 0});
    assert_int_equal(ed25519_key_make(&n->work.stack, seed, &n->signing_key), ERR_OK);
    n->tools =
        (struct reenrol_tools){.pq1 = {&n->drbg, w->plan_kit.signer, &n->identity, &n->work},
                               .signing_key = &n->signing_key,
                               .attest = n->tools.attest};
    reenrol_roster_init(&n->roster);
}

struct world *world_new(uint64_t seed)
{
    const uint8_t pq_seed[32] = {9};
    struct world *w = aligned_alloc(64, (sizeof *w + 63) / 64 * 64);

    assert_non_null(w);
    memset(w, 0, sizeof *w);
    w->random = seed;
    w->epoch_id[0] = 0xe0;
    w->held = WORLD_NODES;
    assert_int_equal(plan_kit_make(&w->plan_kit, 3, WORLD_NODES), ERR_OK);
    w->classic = tecdsa_kit_new(WORLD_NODES, seed);
    w->pq = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_65, 3, WORLD_NODES), 1,
                           pq_seed);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        struct world_node *const n = &w->nodes[i];

        n->identity = w->plan_kit.keys[i];
        n->repetitions = 100U + i;
        give_keys(w, n, i, 0);
        memcpy(w->plan_kit.plan.nodes[i].signing_key, n->signing_key.public_key,
               PLAN_SIGNING_KEY_LEN);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].plan = w->plan_kit.plan;
    }
    return w;
}

void world_free(struct world *w)
{
    plan_kit_free(&w->plan_kit);
    free(w->classic);
    tmldsa_kit_free(w->pq);
    free(w);
}

void world_lose(struct world *w, uint8_t i)
{
    struct world_node *const n = &w->nodes[i];

    w->attempt++;
    w->old = *n;
    w->old.tools = (struct reenrol_tools){
        .pq1 = {&w->old.drbg, w->plan_kit.signer, &w->old.identity, &w->old.work},
        .signing_key = &w->old.signing_key};
    memset(&n->r, 0, sizeof n->r);
    n->plan = w->plan_kit.plan;
    give_keys(w, n, i, w->attempt);
    assert_int_equal(reenrol_kit_key(&w->plan_kit, i, w->attempt, &n->identity), ERR_OK);
    assert_int_equal(reenrol_kit_order(&w->plan_kit, w->epoch_id, i, w->attempt, 0, &w->order),
                     ERR_OK);
    memcpy(w->order.signing_key, n->signing_key.public_key, sizeof w->order.signing_key);
    assert_int_equal(reenrol_kit_sign(&w->plan_kit, 1, &w->order), ERR_OK);
}

enum err world_order(struct world *w, uint8_t i)
{
    return reenrol_roster_take(&w->nodes[i].roster, &w->nodes[i].plan, w->epoch_id, &w->order);
}

static void keep_packets(struct world *w, struct view packets)
{
    struct reader r = rd_init(packets);
    struct reenrol_packet p;

    while (r.n > 0) {
        assert_int_equal(reenrol_packet_decode(&r, &p), ERR_OK);
        assert_true(w->queued < WORLD_QUEUE);
        w->queue[w->queued].from = p.from;
        w->queue[w->queued].to = p.to;
        w->queue[w->queued].n = p.bytes.n;
        memcpy(w->queue[w->queued++].bytes, p.bytes.p, p.bytes.n);
    }
}

enum err world_begin(struct world *w, uint8_t i, unsigned helpers)
{
    struct world_node *const n = &w->nodes[i];
    const struct reenrol_setup setup = {&n->plan, &n->roster, &w->order, helpers,
                                        &w->classic->key};
    uint8_t bytes[REENROL_OUT_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);
    enum err e = ERR_OK;

    if (i == w->order.node) {
        const struct reenrol_public known = {{&w->pq->matrix, w->pq->t},
                                             &w->pq->keygen_scratch};

        e = reenrol_ask(&n->r, &n->tools, &setup, &known, w->now_ns, &out);
    } else {
        const struct reenrol_holder holder = {&w->classic->share[i], &w->pq->share[i],
                                              n->repetitions};

        e = reenrol_help(&n->r, &n->tools, &setup, &holder, w->now_ns, &out);
    }
    assert_false(out.full);
    assert_true(e == ERR_OK || out.len == 0);
    keep_packets(w, (struct view){bytes, out.len});
    return e;
}

static bool waits(const struct world *w, size_t at)
{
    return w->queue[at].from == w->held || w->queue[at].to == w->held;
}

/* A packet that is the first of its pair: between two nodes their order stays. */
static size_t pick(struct world *w)
{
    size_t at = 0;

    tecdsa_noise(&w->random, &at, sizeof at);
    at %= w->queued;
    for (size_t i = 0; i < w->queued && waits(w, at); i++) {
        at = (at + 1) % w->queued;
    }
    for (size_t i = 0; i < at; i++) {
        if (w->queue[i].from == w->queue[at].from && w->queue[i].to == w->queue[at].to) {
            return i;
        }
    }
    return at;
}

void world_give(struct world *w, uint8_t from, uint8_t to, struct view packet)
{
    const struct reenrol_packet p = {from, to, packet};
    uint8_t bytes[REENROL_OUT_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);

    reenrol_take(&w->nodes[to].r, &w->nodes[to].tools, &p, w->now_ns, &out);
    assert_false(out.full);
    keep_packets(w, (struct view){bytes, out.len});
}

size_t world_pop(struct world *w, size_t at, uint8_t *bytes)
{
    const size_t n = w->queue[at].n;

    memcpy(bytes, w->queue[at].bytes, n);
    memmove(&w->queue[at], &w->queue[at + 1], (--w->queued - at) * sizeof w->queue[0]);
    return n;
}

/* The next packet that does not wait; false: there is none. */
static bool carry(struct world *w)
{
    const size_t at = w->queued > 0 ? pick(w) : 0;
    static uint8_t in[REENROL_PACKET_MAX];

    if (w->queued == 0 || waits(w, at)) {
        return false;
    }
    const uint8_t from = w->queue[at].from;
    const uint8_t to = w->queue[at].to;
    size_t n = world_pop(w, at, in);

    if (w->fault == NULL || w->fault(w, from, to, in, &n)) {
        world_give(w, from, to, (struct view){in, n});
    }
    return true;
}

bool world_poll(struct world *w, uint8_t i)
{
    uint8_t bytes[REENROL_OUT_MAX];
    struct writer out = wr_init(bytes, sizeof bytes);

    reenrol_poll(&w->nodes[i].r, &w->nodes[i].tools, w->now_ns, &out);
    assert_false(out.full);
    keep_packets(w, (struct view){bytes, out.len});
    return out.len > 0;
}

void world_settle(struct world *w)
{
    bool more = true;

    while (more) {
        more = carry(w);
        for (uint8_t i = 0; i < WORLD_NODES; i++) {
            more = world_poll(w, i) || more;
        }
    }
}

void world_run(struct world *w, unsigned helpers)
{
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        assert_int_equal(world_order(w, i), ERR_OK);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if ((helpers >> i & 1) == 1 || i == w->order.node) {
            assert_int_equal(world_begin(w, i, helpers), ERR_OK);
        }
    }
    world_settle(w);
}

void world_check_done(struct world *w)
{
    const uint8_t i = w->order.node;
    struct world_node *const n = &w->nodes[i];

    for (uint8_t j = 0; j < WORLD_NODES; j++) {
        assert_true(j == i || tecdsa_erased(&w->nodes[j].r.helper, sizeof n->r.helper));
        assert_true(tecdsa_erased(w->nodes[j].r.sums, sizeof n->r.sums));
        assert_true(tecdsa_erased(w->nodes[j].r.channels, sizeof n->r.channels));
    }
    assert_int_equal(n->r.state, REENROL_DONE);
    assert_int_equal(reenrol_finish(&n->r, &n->tools, &w->pq->share_scratch, &w->shares),
                     ERR_OK);
    assert_memory_equal(&w->shares.classic, &w->classic->share[i], sizeof w->shares.classic);
    assert_memory_equal(&w->shares.pq, &w->pq->share[i], sizeof w->shares.pq);
    assert_true(tecdsa_erased(&n->r.repaired, sizeof n->r.repaired));
    assert_true(tecdsa_erased(&n->r.secrets, sizeof n->r.secrets));
}
