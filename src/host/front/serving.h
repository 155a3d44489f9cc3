/* serving.h - what requests are served by: configuration, certificates, and what the core said
 * of itself. A snapshot that never changes; a reload or a new core makes another, and requests
 * under way keep theirs. */
#ifndef HOST_FRONT_SERVING_H
#define HOST_FRONT_SERVING_H

#include "host/chain/tsa_chain.h"
#include "host/config/config.h"
#include "host/front/client_addr.h"
#include "host/front/cores.h"
#include "host/front/http_rules.h"
#include "host/front/metrics.h"

#include <pthread.h>
#include <stdatomic.h>

/* A chain that several snapshots share. */
struct held_chain {
    atomic_uint refs;
    struct tsa_chain chain;
};

/* The chains of each key, by enum core_key - 1: of the pq key one, of the classic key one for
 * each core. */
struct serving_chains {
    size_t n[WIRE_KEYS_MAX];
    struct held_chain *at[WIRE_KEYS_MAX][COORD_CORES_MAX]; /* n of each; never NULL */
};

/* One of the cores' keys, and the certificates that it signs under. */
struct serving_leg {
    bool used; /* a policy needs it */
    size_t n;
    struct held_chain *held[COORD_CORES_MAX]; /* n of them */
    size_t n_live;                            /* of these, those under which a core signs: */
    const struct tsa_chain *live[COORD_CORES_MAX];
    uint8_t activations[COORD_CORES_MAX][ACTIVATION_HASH_LEN];
    int64_t not_before_s, not_after_s; /* when all of these are valid */
    const struct tsa_chain *chain; /* the first of these, else of held; NULL: there is none */
    enum err state; /* ERR_OK: enough cores sign under them; else why requests are rejected */
};

struct stage;

struct serving {
    atomic_uint refs;
    struct stage *stage;     /* whose cores; NULL: nobody was told */
    atomic_uint *stage_held; /* its count */
    struct config config;
    struct http_limits limits;
    struct serving_leg legs[WIRE_KEYS_MAX]; /* by enum core_key - 1 */
    enum err pair; /* ERR_MISMATCH: both legs are served, and their certificates are not of one
                      authority */
    const char *pair_why;                      /* what is wrong then; else "" */
    uint8_t epoch_id[EPOCH_ID_LEN];            /* of the cores */
    bool core_has_policy[CONFIG_POLICIES_MAX]; /* the core knows the policy as configured */
    unsigned policy_slot[CONFIG_POLICIES_MAX]; /* metrics_policy_slot() */
    struct client_nets trusted_proxies;
    bool time_trusted; /* the core's clock is not trust-system */
    bool simulated;    /* a policy is one of a simulated authority */
    bool
        attested; /* each certificate names the code that its key's epoch was attested to run */
};

/* A new snapshot with one reference. Each chain gets one more reference. NULL: out of memory.
 */
struct serving *serving_new(const struct config *c, const struct serving_chains *chains,
                            const struct cores_view *cores, struct metrics *metrics);

/* The snapshot's requests go to that stage; *held, one of its own, counts those that do. Before
 * anybody has the snapshot. */
void serving_set_stage(struct serving *s, struct stage *stage, atomic_uint *held);

/* How many cores have that chain's key, and were activated with its certificate. */
size_t serving_chain_fits(const struct tsa_chain *chain, enum core_key key,
                          const struct cores_view *cores);

/* The chain of a leg with this activation hash; NULL: there is none. */
const struct tsa_chain *serving_leg_chain(const struct serving_leg *leg,
                                          const uint8_t activation[ACTIVATION_HASH_LEN]);

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

/* What R2 is to name for that key, KEY_DUAL too, and the epoch: into job, which holds on to s.
 * Every leg that it takes has its chain. */
void serving_name(const struct serving *s, struct coord_job *job);

/* Whether the leg's certificates are valid at now_s, seconds since 1970. */
bool serving_leg_valid(const struct serving_leg *leg, int64_t now_s);

/* Why no token of policy p of this snapshot can be made at now_s; ERR_OK: it can.
 * ERR_STATE: no certificate, not valid now, the core is not activated with it, or does not have
 * the policy as we do. ERR_QUORUM: no core, or too few. ERR_HALTED. ERR_MISMATCH: tokens of p
 * have signatures of both keys, and their certificates do not name one another. */
enum err serving_check(const struct serving *s, const struct config_policy *p, int64_t now_s);

#endif
