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

struct serving {
    atomic_uint refs;
    struct config config;
    struct http_limits limits;
    struct held_chain *held;       /* NULL: there is none yet */
    const struct tsa_chain *chain; /* the one in held, or NULL */
    enum err
        state; /* ERR_OK: the core serves under this chain; else why requests are rejected */
    uint8_t epoch_id[EPOCH_ID_LEN];            /* of that core */
    bool core_has_policy[CONFIG_POLICIES_MAX]; /* the core knows the policy as configured */
    unsigned policy_slot[CONFIG_POLICIES_MAX]; /* metrics_policy_slot() */
    struct client_nets trusted_proxies;
    bool time_trusted; /* the core's clock is not trust-system */
    bool simulated;    /* a policy is one of a simulated authority */
};

/* A new snapshot with one reference. chain may be NULL, else gets one more reference; core:
 * what coord knows of it. NULL: out of memory. */
struct serving *serving_new(const struct config *c, struct held_chain *chain,
                            const struct coord_core_view *core, struct metrics *metrics);

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
void serving_put(struct serving *s);

/* Why no request is served at now_s, seconds since 1970; ERR_OK: they are.
 * ERR_STATE: no certificate, not valid now, or the core is not activated with it. ERR_QUORUM:
 * no core. */
enum err serving_check(const struct serving *s, int64_t now_s);

#endif
