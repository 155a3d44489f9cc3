#include "host/front/serving.h"

#include "format/oid.h"
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
            return h->key == KEY_CLASSIC && h->digits == p->digits &&
                   h->min_accuracy_ms == p->min_accuracy_ms &&
                   h->max_accuracy_ms == p->max_accuracy_ms;
        }
    }
    return false;
}

/* Whether the core lives, has the key that the chain certifies, and signs under it. */
static enum err judge_core(const struct serving *s, const struct coord_core_view *core)
{
    if (!core->connected) {
        return ERR_QUORUM;
    }
    if (s->chain == NULL ||
        !view_equal(s->chain->public_key,
                    (struct view){core->public_key, core->public_key_len}) ||
        memcmp(core->status.activation[KEY_CLASSIC - 1], s->chain->activation_hash,
               ACTIVATION_HASH_LEN) != 0) {
        return ERR_STATE;
    }
    return ERR_OK;
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

struct serving *serving_new(const struct config *c, struct held_chain *chain,
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
    if (chain != NULL) {
        (void)atomic_fetch_add_explicit(&chain->refs, 1, memory_order_relaxed);
        s->held = chain;
        s->chain = &chain->chain;
    }
    s->state = judge_core(s, core);
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

void serving_put(struct serving *s)
{
    if (s != NULL && atomic_fetch_sub_explicit(&s->refs, 1, memory_order_acq_rel) == 1) {
        held_chain_put(s->held);
        free(s);
    }
}

enum err serving_check(const struct serving *s, int64_t now_s)
{
    if (s->state != ERR_OK) {
        return s->state;
    }
    return now_s >= s->chain->not_before_s && now_s <= s->chain->not_after_s ? ERR_OK
                                                                             : ERR_STATE;
}
