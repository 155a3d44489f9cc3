/* cluster_chains.h - what a certify command printed for several cores, cut into the chain of
 * each core's classic key, or of the one that they share, and that of their pq key. Pure. */
#ifndef HOST_AUTHORITY_CLUSTER_CHAINS_H
#define HOST_AUTHORITY_CLUSTER_CHAINS_H

#include "host/authority/core_keys.h"
#include "host/chain/tsa_chain.h"
#include "wire/plan.h"

struct cluster_chains {
    size_t n;                                 /* 1: of a shared classic key */
    struct tsa_chain classic[PLAN_NODES_MAX]; /* in the order of keys */
    struct tsa_chain pq;
};

/* Reads n classic chains and then the pq chain; each ends with its self-signed root. keys: what
 * each of n cores said, all of one epoch and with the same pq key; of cores that share a
 * classic key one, which stands for all. A QuorateBinding may be absent, but must be true: the
 * epoch, its key's threshold and total, and exactly the other keys: of the pq key all classic
 * ones, of a classic one the pq key.
 *
 * ERR_MISMATCH: a leaf is for another key, or its binding says something else. ERR_EVIDENCE:
 * too few or too many chains, or one without its root. Else as tsa_chain_parse(). why says
 * more; *out is then all zero. */
MUST_CHECK enum err cluster_chains_parse(struct view pem, const struct core_keys *keys,
                                         size_t n, int64_t now_s, struct cluster_chains *out,
                                         char why[TSA_CHAIN_WHY_MAX]);

#endif
