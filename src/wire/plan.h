/* plan.h - what the nodes of a key ceremony agree on before anything else: who they are, how
 * many of them sign, and under which rules. docs/wire.md 4.1.
 *
 * A plan has one encoding. Its SHA-384 is the plan hash; with the ceremony nonce it gives the
 * epoch_id, which every message of the ceremony is signed over. */
#ifndef WIRE_PLAN_H
#define WIRE_PLAN_H

#include "crypto/p384.h"
#include "wire/core_info.h"

#define PLAN_VERSION 1
#define PLAN_VERSION_SHARED 2   /* the same fields; of PLAN_CLASSIC_SHARED */
#define PLAN_VERSION_ATTESTED 3 /* with a policy that every node's evidence must satisfy */
#define PLAN_NODES_MAX 6
#define PLAN_LEVEL_65 65 /* ML-DSA-65 */
#define PLAN_NAME_MAX 64
#define PLAN_LISTEN_MAX 128
#define PLAN_OPERATORS_MAX 16
#define PLAN_POLICY_MAX 16384 /* bytes of a policy's text */
#define PLAN_PROVIDER_MAX 32
#define PLAN_PLATFORM_LEN 64
#define PLAN_PLATFORMS_MAX 4 /* of one node: its machine and spares */
#define PLAN_MAX 24576       /* bytes of a whole plan */
#define PLAN_HASH_LEN 48
#define PLAN_NONCE_LEN 32
#define PLAN_SIGNING_KEY_LEN 32
#define PLAN_CLASSIC_THRESHOLD                                     \
    3 /* signers of a P-384 key: presigning is sound for no others \
       */
/* Answered repetitions of a core at which its key is refused (threshold-security F7). */
#define PLAN_REPETITIONS_MAX UINT64_C(8589934592)

enum plan_assurance {
    PLAN_SIMULATED = 1, /* nobody attested who holds the identity keys, or software did */
    PLAN_ATTESTED = 2,  /* hardware did, of every node; of PLAN_VERSION_ATTESTED alone */
};

/* Whose the P-384 key is. */
enum plan_classic {
    PLAN_CLASSIC_NODE = 0,   /* each node has its own, which this ceremony does not make */
    PLAN_CLASSIC_SHARED = 1, /* the nodes make one together */
};

struct plan_node {
    struct view name;                          /* 1 to PLAN_NAME_MAX of [A-Za-z0-9._-] */
    uint8_t identity[P384_PUBLIC_LEN];         /* signs ceremony messages and PQ/1 */
    uint8_t signing_key[PLAN_SIGNING_KEY_LEN]; /* Ed25519: R1, REVEAL, RESPOND of the pq leg */
    uint8_t boot_nonce[PLAN_NONCE_LEN];
    struct view listen; /* 1 to PLAN_LISTEN_MAX of visible ASCII: a label for people */
    /* Of an attested plan; else both are empty. */
    struct view provider;  /* who runs it: 1 to PLAN_PROVIDER_MAX of the characters of a name */
    struct view platforms; /* 1 to PLAN_PLATFORMS_MAX x PLAN_PLATFORM_LEN, ascending: on which
                              machines it may run. None is zero */
};

struct plan {
    uint8_t threshold, total; /* 2 <= threshold <= total <= PLAN_NODES_MAX */
    uint8_t level;            /* PLAN_LEVEL_65 */
    uint8_t assurance;        /* enum plan_assurance */
    uint8_t classic;          /* enum plan_classic */
    uint8_t orders_needed;    /* operators who must sign an order, at most n_operators */
    size_t n_operators, n_policies;
    /* Of an attested plan; else number is 0, policy empty, previous zero. */
    uint64_t number;                /* of the epoch, from 1 */
    uint8_t previous[EPOCH_ID_LEN]; /* SHA-384 of the document of the epoch before (bundle/);
                                       zero if number is 1, and only then */
    struct view policy; /* 1 to PLAN_POLICY_MAX bytes, read by attest/ and not here */
    uint64_t repetitions_warn, repetitions_refuse; /* warn <= refuse <= PLAN_REPETITIONS_MAX */
    struct plan_node nodes[PLAN_NODES_MAX];        /* a node's place is its index, from 0 */
    uint8_t operators[PLAN_OPERATORS_MAX][P384_PUBLIC_LEN]; /* ascending */
    struct hello_policy policies[WIRE_POLICIES_MAX];        /* numbers ascending */
};

/* Whether nodes show evidence to one another before the ceremony makes anything. */
static inline bool plan_is_attested(const struct plan *p)
{
    return p->policy.n > 0;
}

void plan_encode(struct writer *w, const struct plan *p);

/* Reads a whole plan and nothing after it. Views point into bytes. On failure *out is zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING. ERR_VERSION: none of the versions. ERR_LENGTH: over PLAN_MAX.
 * ERR_RANGE: a value outside what stands above; evidence in a plan without a policy; a P-384
 * key that is no point of the curve; a policy of KEY_DUAL; a shared P-384 key of another
 * threshold than PLAN_CLASSIC_THRESHOLD; as many nodes of one provider as sign together.
 * ERR_ENCODING: two nodes share a name, key, nonce or platform, or platforms, operators or
 * policies do not ascend. */
MUST_CHECK enum err plan_decode(struct view bytes, struct plan *out);

/* The node's platform at that place, from 0; fewer than node->platforms.n / PLAN_PLATFORM_LEN.
 */
static inline const uint8_t *plan_platform(const struct plan_node *node, size_t place)
{
    return node->platforms.p + place * PLAN_PLATFORM_LEN;
}

/* Whether the plan lists that platform for the node. */
bool plan_lists_platform(const struct plan_node *node, const uint8_t id[PLAN_PLATFORM_LEN]);

/* SHA-384 of the encoding. */
void plan_hash(struct view bytes, uint8_t out[PLAN_HASH_LEN]);

/* SHA-384("quorate-epoch-v1" | plan | P-384 identity keys ascending | boot nonces ascending |
 * nonce), each field after its LE32 length (architecture.md). p is what bytes decode to. */
void plan_epoch_id(struct view bytes, const struct plan *p, const uint8_t nonce[PLAN_NONCE_LEN],
                   uint8_t out[EPOCH_ID_LEN]);

#endif
