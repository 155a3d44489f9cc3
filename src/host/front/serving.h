/* serving.h - what requests are served by: configuration, certificates, and what the core said
 * of itself. A snapshot that never changes; a reload or a new core makes another, and requests
 * under way keep theirs. */
#ifndef HOST_FRONT_SERVING_H
#define HOST_FRONT_SERVING_H

#include "host/chain/tsa_chain.h"
#include "host/config/config.h"
#include "host/coord/coord.h"
#include "host/front/client_addr.h"
#include "host/front/http_rules.h"
#include "host/front/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

/* A chain that several snapshots share. */
struct held_chain {
    atomic_uint refs;
    struct tsa_chain chain;
};

/* One of the core's keys, and the certificates that it signs under. */
struct serving_leg {
    bool used;                     /* a policy needs it */
    struct held_chain *held;       /* NULL: there is none yet */
    const struct tsa_chain *chain; /* the one in held, or NULL */
    enum err
        state; /* ERR_OK: the core signs under this chain; else why requests are rejected */
};

struct serving {
    atomic_uint refs;
    struct config config;
    struct http_limits limits;
    struct serving_leg legs[WIRE_KEYS_MAX]; /* by enum core_key - 1 */
    enum err pair; /* ERR_MISMATCH: both legs are served, and their certificates are not of one
                      authority */
    const char *pair_why;                      /* what is wrong then; else "" */
    uint8_t epoch_id[EPOCH_ID_LEN];            /* of that core */
    bool core_has_policy[CONFIG_POLICIES_MAX]; /* the core knows the policy as configured */
    unsigned policy_slot[CONFIG_POLICIES_MAX]; /* metrics_policy_slot() */
    struct client_nets trusted_proxies;
    bool time_trusted; /* the core's clock is not trust-system */
    bool simulated;    /* a policy is one of a simulated authority */
};

/* A new snapshot with one reference. chains: by enum core_key - 1; each may be NULL, else gets
 * one more reference. core: what coord knows of it. NULL: out of memory. */
struct serving *serving_new(const struct config *c,
                            struct held_chain *const chains[WIRE_KEYS_MAX],
                            const struct coord_core_view *core, struct metrics *metrics);

/* Whether the core has that chain's key, and was activated with its certificate; chain may be
 * NULL. */
bool serving_chain_fits(const struct tsa_chain *chain, enum core_key key,
                        const struct coord_core_view *core);

/* All zero, with one reference; NULL: out of memory. */
struct held_chain *held_chain_new(void);
void held_chain_put(struct held_chain *h); /* NULL: nothing */

/* Where the present snapshot is found. */
struct serving_slot {
    pthread_mutex_t lock;
    struct serving *now;
};

/* Puts next in place; its reference passes to the slot. */
void serving_swap(struct serving_slot *slot, struct serving *next);

/* A reference to the present snapshot; give it back with serving_put(). From any thread. */
struct serving *serving_get(struct serving_slot *slot);
void serving_hold(struct serving *s); /* one more */
void serving_put(struct serving *s);

/* Copies what R2 names for that key, KEY_DUAL too: every leg that it takes has its chain. */
void serving_activation(const struct serving *s, uint8_t key, uint8_t out[ACTIVATION_HASH_LEN]);

/* Whether the leg's certificates are valid at now_s, seconds since 1970. */
bool serving_leg_valid(const struct serving_leg *leg, int64_t now_s);

/* Why no token of policy p of this snapshot can be made at now_s; ERR_OK: it can.
 * ERR_STATE: no certificate, not valid now, the core is not activated with it, or does not have
 * the policy as we do. ERR_QUORUM: no core. ERR_MISMATCH: tokens of p have signatures of both
 * keys, and their certificates do not name one another. */
enum err serving_check(const struct serving *s, const struct config_policy *p, int64_t now_s);

#endif
