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
                   h->ordering == p->ordering && h->min_accuracy_ms == p->min_accuracy_ms &&
                   h->max_accuracy_ms == p->max_accuracy_ms;
        }
    }
    return false;
}

/* A core that fits, and so was started with the plan's policies, if there is a plan. */
static bool cores_have(const struct cores_view *cores, const struct config_policy *p)
{
    for (size_t i = 0; i < cores->epoch.n; i++) {
        if (cores_fits(&cores->at[i])) {
            return core_has(&cores->at[i], p);
        }
    }
    return false;
}

static bool fits_core(const struct tsa_chain *chain, enum core_key key,
                      const struct coord_core_view *core)
{
    const struct coord_key *k = &core->keys[key - 1];

    return cores_fits(core) && view_equal(chain->public_key, (struct view){k->bytes, k->len}) &&
           memcmp(core->status.activation[key - 1], chain->activation_hash,
                  ACTIVATION_HASH_LEN) == 0;
}

size_t serving_chain_fits(const struct tsa_chain *chain, enum core_key key,
                          const struct cores_view *cores)
{
    size_t n = 0;

    for (size_t i = 0; i < cores->epoch.n; i++) {
        n += fits_core(chain, key, &cores->at[i]);
    }
    return n;
}

/* One more chain under which cores sign. */
static void add_live(struct serving_leg *leg, const struct tsa_chain *chain)
{
    if (leg->n_live == 0) {
        leg->chain = chain;
        leg->not_before_s = chain->not_before_s;
        leg->not_after_s = chain->not_after_s;
    }
    leg->not_before_s =
        chain->not_before_s > leg->not_before_s ? chain->not_before_s : leg->not_before_s;
    leg->not_after_s =
        chain->not_after_s < leg->not_after_s ? chain->not_after_s : leg->not_after_s;
    leg->live[leg->n_live] = chain;
    memcpy(leg->activations[leg->n_live++], chain->activation_hash, ACTIVATION_HASH_LEN);
}

static enum err find_state(const struct cores_view *cores, enum core_key key, size_t live)
{
    const struct coord_epoch_view *const e = &cores->epoch;
    const bool several = e->together && (key == KEY_PQ || e->shared.is_shared);
    const size_t need = several ? e->threshold : 1;
    size_t there = 0;
    size_t timed = 0;

    if (e->halted) {
        return ERR_HALTED;
    }
    for (size_t i = 0; i < e->n; i++) {
        const bool fits = cores_fits(&cores->at[i]);

        there += fits;
        timed += fits && cores->at[i].status.time_valid != 0;
    }
    if (there < need || (e->together && !e->has_roster)) {
        return ERR_QUORUM;
    }
    if (live >= need) {
        return ERR_OK;
    }
    /* Without the time a core asks for no certificate either: the cause, not what follows. */
    return timed < need ? ERR_TIME : ERR_STATE;
}

static void fill_leg(struct serving *s, enum core_key key, const struct serving_chains *chains,
                     const struct cores_view *cores)
{
    struct serving_leg *leg = &s->legs[key - 1];
    size_t live = 0;

    leg->used = config_uses_key(&s->config, key);
    for (size_t i = 0; i < chains->n[key - 1]; i++) {
        struct held_chain *const held = chains->at[key - 1][i];
        const size_t fits = serving_chain_fits(&held->chain, key, cores);

        (void)atomic_fetch_add_explicit(&held->refs, 1, memory_order_relaxed);
        leg->held[leg->n++] = held;
        live += fits;
        if (fits > 0) {
            add_live(leg, &held->chain);
        }
    }
    if (leg->n_live == 0 && leg->n > 0) {
        leg->chain = &leg->held[0]->chain;
        leg->not_before_s = leg->chain->not_before_s;
        leg->not_after_s = leg->chain->not_after_s;
    }
    leg->state = find_state(cores, key, live);
}

const struct tsa_chain *serving_leg_chain(const struct serving_leg *leg,
                                          const uint8_t activation[ACTIVATION_HASH_LEN])
{
    for (size_t i = 0; i < leg->n; i++) {
        const struct tsa_chain *const chain = &leg->held[i]->chain;

        if (memcmp(chain->activation_hash, activation, ACTIVATION_HASH_LEN) == 0) {
            return chain;
        }
    }
    return NULL;
}

/* While a core is certified anew only one of the chains may be the new one. */
static void judge_pair(struct serving *s)
{
    const struct serving_leg *classic = &s->legs[KEY_CLASSIC - 1];
    const struct serving_leg *pq = &s->legs[KEY_PQ - 1];

    s->pair = ERR_OK;
    s->pair_why = "";
    if (classic->used && pq->used && classic->state == ERR_OK && pq->state == ERR_OK) {
        for (size_t i = 0; i < classic->n_live && s->pair == ERR_OK; i++) {
            s->pair = chain_pair_check(classic->live[i], pq->chain, &s->pair_why);
        }
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

/* A clock that is believed as it stands is named as such, whichever core has it. */
static bool is_time_trusted(const struct cores_view *cores)
{
    bool any = false;

    for (size_t i = 0; i < cores->epoch.n; i++) {
        if (cores_fits(&cores->at[i])) {
            any = true;
            if (cores->at[i].clock == CLOCK_TRUST_SYSTEM) {
                return false;
            }
        }
    }
    return any;
}

/* No certificate vouches for nothing. */
static bool is_attested(const struct serving *s)
{
    size_t chains = 0;
    size_t attested = 0;

    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        for (size_t k = 0; s->legs[i].used && k < s->legs[i].n; k++) {
            const struct tsa_chain *const c = &s->legs[i].held[k]->chain;

            chains++;
            attested += c->has_binding && c->binding.n_measurements > 0;
        }
    }
    return chains > 0 && attested == chains;
}

struct serving *serving_new(const struct config *c, const struct serving_chains *chains,
                            const struct cores_view *cores, struct metrics *metrics)
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
    fill_leg(s, KEY_CLASSIC, chains, cores);
    fill_leg(s, KEY_PQ, chains, cores);
    judge_pair(s);
    s->attested = is_attested(s);
    s->time_trusted = is_time_trusted(cores);
    memcpy(s->epoch_id,
           cores->epoch.together ? cores->epoch.epoch_id : cores->at[0].status.epoch_id,
           EPOCH_ID_LEN);
    for (size_t i = 0; i < c->n_policies; i++) {
        const struct view oid = {c->policies[i].oid.body, c->policies[i].oid.body_len};

        s->policy_slot[i] = metrics_policy_slot(metrics, (uint8_t)c->policies[i].number);
        s->core_has_policy[i] = cores_have(cores, &c->policies[i]);
        s->simulated = s->simulated || oid_is_simulated_policy(oid);
    }
    return s;
}

void serving_set_stage(struct serving *s, struct stage *stage, atomic_uint *held)
{
    s->stage = stage;
    s->stage_held = held;
    (void)atomic_fetch_add_explicit(held, 1, memory_order_relaxed);
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
            for (size_t k = 0; k < s->legs[i].n; k++) {
                held_chain_put(s->legs[i].held[k]);
            }
        }
        if (s->stage_held != NULL) { /* the last look at the stage */
            (void)atomic_fetch_sub_explicit(s->stage_held, 1, memory_order_release);
        }
        free(s);
    }
}

bool serving_leg_valid(const struct serving_leg *leg, int64_t now_s)
{
    return leg->chain != NULL && now_s >= leg->not_before_s && now_s <= leg->not_after_s;
}

void serving_name(const struct serving *s, struct coord_job *job)
{
    memcpy(job->epoch_id, s->epoch_id, sizeof job->epoch_id);
    if (job->key == KEY_DUAL) {
        activation_dual(s->legs[KEY_CLASSIC - 1].chain->activation_hash,
                        s->legs[KEY_PQ - 1].chain->activation_hash, job->activation);
        job->accepts = NULL;
        return;
    }
    const struct serving_leg *const leg = &s->legs[job->key - 1];

    memcpy(job->activation, leg->chain->activation_hash, sizeof job->activation);
    job->accepts = leg->activations[0];
    job->n_accepts = leg->n_live;
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
