#include "enclave/quorum/pq_party.h"

#include "base/secret.h"

#include <string.h>

/* Bytes of one REVEAL, of all that one R3 brings, and of the longest answer to it. */
static size_t reveals_len(const struct tmldsa_params *p)
{
    return (p->t - 1U) * tmldsa_pack_batch_len(p);
}

size_t pq_party_room(const struct tmldsa_params *p, size_t pool)
{
    return pool * tmldsa_pack_batch_len(p) +
           PQ_ANSWERS_MAX * (reveals_len(p) + tmldsa_respond_max(p, 1));
}

void pq_party_init(struct pq_party *p, const struct pq_party_setup *setup)
{
    const struct tmldsa_params *params = setup->key->params;
    const struct plan *plan = setup->plan;
    uint8_t *room = setup->room;

    memset(p, 0, sizeof *p);
    p->key = setup->key;
    p->share = setup->share;
    p->identity = setup->identity;
    p->stack = setup->stack;
    p->next_number = 1;
    p->repetitions_warn = plan->repetitions_warn;
    p->repetitions_refuse = plan->repetitions_refuse;
    p->counts.repetitions = setup->repetitions;
    p->pool = setup->pool;
    memcpy(p->epoch_id, setup->epoch_id, EPOCH_ID_LEN);
    memcpy(p->boot, plan->nodes[setup->share->party].boot_nonce, BATCH_BOOT_LEN);
    memcpy(p->node_key, setup->node_key, TMLDSA_NODE_KEY_LEN);
    for (size_t i = 0; i < plan->total; i++) {
        memcpy(p->peers[i].signing_key, plan->nodes[i].signing_key, ED25519_PUBLIC_LEN);
        batch_seen_init(&p->peers[i].seen, plan->nodes[i].boot_nonce);
    }
    for (size_t i = 0; i < p->pool; i++, room += tmldsa_pack_batch_len(params)) {
        p->places[i].batch.w = room;
    }
    for (size_t i = 0; i < PQ_ANSWERS_MAX; i++) {
        p->answers[i].reveals = room;
        room += reveals_len(params);
        p->answers[i].out = room;
        room += tmldsa_respond_max(params, 1);
    }
}

void pq_place_empty(struct pq_party *p, struct pq_place *place)
{
    tmldsa_batch_destroy(p->key->params, &place->batch);
    wipe(&place->session, sizeof place->session);
    place->state = PQ_EMPTY;
    place->doomed = false;
}

/* ---- pool ---- */

struct pq_place *pq_party_fill(struct pq_party *p, const uint8_t rng[TMLDSA_NODE_RNG_LEN])
{
    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        if (place->state == PQ_EMPTY) {
            place->state = PQ_MAKING;
            batch_id_make(p->boot, p->next_number++, place->batch.commitment.batch_id);
            tmldsa_batch_seed(p->key->path, rng, p->node_key, place->batch.commitment.batch_id,
                              place->batch.seed);
            return place;
        }
    }
    return NULL;
}

void pq_party_filled(struct pq_party *p, struct pq_place *place, enum err e)
{
    place->state = PQ_READY;
    place->since_ns = PQ_NEVER;
    if (e != ERR_OK || place->doomed) {
        pq_place_empty(p, place);
    }
}

static bool can_be_offered(const struct pq_place *place)
{
    return place->state == PQ_READY && place->since_ns == PQ_NEVER;
}

size_t pq_party_ready(const struct pq_party *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->pool; i++) {
        n += can_be_offered(&p->places[i]);
    }
    return n;
}

static bool is_held(const struct pq_place *place)
{
    return place->state == PQ_OPEN || place->state == PQ_ANSWERING ||
           (place->state == PQ_READY && place->since_ns != PQ_NEVER);
}

size_t pq_party_held(const struct pq_party *p, uint32_t lane, size_t *all)
{
    size_t n = 0;

    *all = 0;
    for (size_t i = 0; i < p->pool; i++) {
        *all += is_held(&p->places[i]);
        n += is_held(&p->places[i]) && p->places[i].lane == lane;
    }
    return n;
}

bool pq_party_answering(const struct pq_party *p)
{
    for (size_t i = 0; i < PQ_ANSWERS_MAX; i++) {
        if (p->answers[i].busy) {
            return true;
        }
    }
    return false;
}

bool pq_party_busy(const struct pq_party *p, int64_t now_ns)
{
    for (size_t i = 0; i < p->pool; i++) {
        const struct pq_place *const place = &p->places[i];

        if (place->state == PQ_OPEN && now_ns - place->since_ns <= PQ_OFFER_LIFE_NS) {
            return true;
        }
    }
    return pq_party_answering(p);
}

enum err pq_party_offer(struct pq_party *p, uint32_t lane, int64_t now_ns, struct r1_offer *out)
{
    *out = (struct r1_offer){0};
    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[(p->turn + i) % p->pool];

        if (can_be_offered(place)) {
            p->turn = (p->turn + i + 1) % p->pool;
            place->since_ns = now_ns;
            place->lane = lane;
            memcpy(out->batch_id, place->batch.commitment.batch_id, R1_BATCH_ID_LEN);
            memcpy(out->com, place->batch.commitment.com, R1_COM_LEN);
            p->counts.offered++;
            return ERR_OK;
        }
    }
    return ERR_NOSPACE;
}

/* ---- ends ---- */

static bool is_over(const struct pq_place *place, int64_t now_ns)
{
    return (place->state == PQ_OPEN && now_ns - place->since_ns > PQ_SESSION_LIFE_NS) ||
           (place->state == PQ_READY && place->since_ns != PQ_NEVER &&
            now_ns - place->since_ns > PQ_OFFER_LIFE_NS);
}

size_t pq_party_expire(struct pq_party *p, int64_t now_ns)
{
    size_t gone = 0;

    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        if (is_over(place, now_ns)) {
            pq_place_empty(p, place);
            gone++;
        }
    }
    p->counts.expired += gone;
    return gone;
}

size_t pq_party_void(struct pq_party *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        n += place->state != PQ_EMPTY;
        if (place->state == PQ_MAKING || place->state == PQ_ANSWERING) {
            place->doomed = true;
        } else {
            pq_place_empty(p, place);
        }
    }
    return n;
}

size_t pq_party_fence(struct pq_party *p, unsigned peer, const struct plan_node *node)
{
    size_t n = 0;

    memcpy(p->peers[peer].signing_key, node->signing_key, ED25519_PUBLIC_LEN);
    batch_seen_init(&p->peers[peer].seen, node->boot_nonce);
    for (size_t i = 0; i < p->pool; i++) {
        struct pq_place *const place = &p->places[i];

        if ((place->state != PQ_OPEN && place->state != PQ_ANSWERING) ||
            (place->session.act >> peer & 1) == 0) {
            continue;
        }
        n++;
        if (place->state == PQ_ANSWERING) {
            place->doomed = true;
        } else {
            pq_place_empty(p, place);
        }
    }
    return n;
}
