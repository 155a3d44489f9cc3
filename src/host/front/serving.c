#include "host/front/serving.h"

#include "format/oid.h"
#include "host/chain/chain_pair.h"
#include "host/front/sigstore_req.h"

#include <stdlib.h>
#include <string.h>

/* The policy as the core was started with, and as we will write it, must be the same, or no
 * signature would fit. */
static bool core_has(const struct coord_core_view *core, const struct config_policy *p)
{
    const struct view oid = {p->oid.body, p->oid.body_len};

    for (size_t i = 0; i < core->n_policies; i++) {
        const struct hello_policy *h = &core->policies[i];

        if (h->number == p->number && view_equal(h->oid, oid)) {
            return h->key == config_policy_key(p) && h->digits == p->digits &&
                   h->min_accuracy_ms == p->min_accuracy_ms &&
                   h->max_accuracy_ms == p->max_accuracy_ms;
        }
    }
    return false;
}

bool serving_chain_fits(const struct tsa_chain *chain, enum core_key key,
                        const struct coord_core_view *core)
{
    const struct coord_key *k = &core->keys[key - 1];

    return chain != NULL && core->connected &&
           view_equal(chain->public_key, (struct view){k->bytes, k->len}) &&
           memcmp(core->status.activation[key - 1], chain->activation_hash,
                  ACTIVATION_HASH_LEN) == 0;
}

static void fill_leg(struct serving *s, enum core_key key, struct held_chain *held,
                     const struct coord_core_view *core)
{
    struct serving_leg *leg = &s->legs[key - 1];

    leg->used = config_uses_key(&s->config, key);
    if (held != NULL) {
        (void)atomic_fetch_add_explicit(&held->refs, 1, memory_order_relaxed);
        leg->held = held;
        leg->chain = &held->chain;
    }
    leg->state = !core->connected                            ? ERR_QUORUM
                 : serving_chain_fits(leg->chain, key, core) ? ERR_OK
                                                             : ERR_STATE;
}

/* While a core is certified anew only one of the chains may be the new one. */
static void judge_pair(struct serving *s)
{
    const struct serving_leg *classic = &s->legs[KEY_CLASSIC - 1];
    const struct serving_leg *pq = &s->legs[KEY_PQ - 1];

    s->pair = ERR_OK;
    s->pair_why = "";
    if (classic->used && pq->used && classic->state == ERR_OK && pq->state == ERR_OK) {
        s->pair = chain_pair_check(classic->chain, pq->chain, &s->pair_why);
    }
}

struct held_chain *held_chain_new(void)
{
    struct held_chain *h = calloc(1, sizeof *h);

    if (h != NULL) {
        atomic_init(&h->refs, 1);
    }
    return h;
}

void held_chain_put(struct held_chain *h)
{
    if (h != NULL && atomic_fetch_sub_explicit(&h->refs, 1, memory_order_acq_rel) == 1) {
        free(h);
    }
}

struct serving *serving_new(const struct config *c,
                            struct held_chain *const chains[WIRE_KEYS_MAX],
                            const struct coord_core_view *core, struct metrics *metrics)
{
    struct serving *s = calloc(1, sizeof *s);

    if (s == NULL ||
        client_nets_parse(c->front.trusted_proxies, &s->trusted_proxies) != ERR_OK) {
        free(s);
        return NULL;
    }
    atomic_init(&s->refs, 1);
    s->config = *c;
    s->limits = (struct http_limits){.query_max = c->front.query_max,
                                     .json_max = SIGSTORE_REQ_MAX,
                                     .data_max = c->front.data_max,
                                     .data_stamping = c->front.data_stamping};
    fill_leg(s, KEY_CLASSIC, chains[KEY_CLASSIC - 1], core);
    fill_leg(s, KEY_PQ, chains[KEY_PQ - 1], core);
    judge_pair(s);
    s->time_trusted = core->connected && core->clock != CLOCK_TRUST_SYSTEM;
    memcpy(s->epoch_id, core->status.epoch_id, EPOCH_ID_LEN);
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct view oid = {c->policies[i].oid.body, c->policies[i].oid.body_len};

        s->policy_slot[i] = metrics_policy_slot(metrics, (uint8_t)c->policies[i].number);
        s->core_has_policy[i] = core_has(core, &c->policies[i]);
        s->simulated = s->simulated || oid_is_simulated_policy(oid);
    }
    return s;
}

void serving_swap(struct serving_slot *slot, struct serving *next)
{
    (void)pthread_mutex_lock(&slot->lock);
    struct serving *old = slot->now;

    slot->now = next;
    (void)pthread_mutex_unlock(&slot->lock);
    serving_put(old);
}

struct serving *serving_get(struct serving_slot *slot)
{
    (void)pthread_mutex_lock(&slot->lock);
    struct serving *s = slot->now;

    (void)atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
    (void)pthread_mutex_unlock(&slot->lock);
    return s;
}

void serving_hold(struct serving *s)
{
    (void)atomic_fetch_add_explicit(&s->refs, 1, memory_order_relaxed);
}

void serving_put(struct serving *s)
{
    if (s != NULL && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
            held_chain_put(s->legs[i].held);
        }
        free(s);
    }
}

bool serving_leg_valid(const struct serving_leg *leg, int64_t now_s)
{
    return leg->chain != NULL && now_s >= leg->chain->not_before_s &&
           now_s <= leg->chain->not_after_s;
}

void serving_activation(const struct serving *s, uint8_t key, uint8_t out[ACTIVATION_HASH_LEN])
{
    if (key == KEY_DUAL) {
        activation_dual(s->legs[KEY_CLASSIC - 1].chain->activation_hash,
                        s->legs[KEY_PQ - 1].chain->activation_hash, out);
    } else {
        memcpy(out, s->legs[key - 1].chain->activation_hash, ACTIVATION_HASH_LEN);
    }
}

/* One stamp under p. */
static enum err check_stamp(const struct serving *s, const struct config_policy *p,
                            int64_t now_s)
{
    for (enum core_key key = KEY_CLASSIC; key <= KEY_PQ; key++) {
        const struct serving_leg *leg = &s->legs[key - 1];

        if (!core_key_takes((uint8_t)config_policy_key(p), key)) {
            continue;
        }
        TRY(leg->state);
        if (!serving_leg_valid(leg, now_s)) {
            return ERR_STATE;
        }
    }
    return s->core_has_policy[p - s->config.policies] ? ERR_OK : ERR_STATE;
}

enum err serving_check(const struct serving *s, const struct config_policy *p, int64_t now_s)
{
    const struct config_policy *evidence = config_evidence(&s->config, p);

    TRY(check_stamp(s, p, now_s));
    if (evidence != NULL) {
        TRY(check_stamp(s, evidence, now_s));
    }
    return evidence != NULL || config_policy_key(p) == KEY_DUAL ? s->pair : ERR_OK;
}
