/* core_chains.h - what a certify command printed, cut into the chain of each key and held
 * against what the core said of itself. Pure. */
#ifndef HOST_AUTHORITY_CORE_CHAINS_H
#define HOST_AUTHORITY_CORE_CHAINS_H

#include "host/authority/core_keys.h"
#include "host/chain/tsa_chain.h"

#define CORE_CHAINS_PEM_MAX 98304 /* bytes of both in PEM: two of TSA_CHAIN_PEM_MAX */

struct core_chains {
    struct tsa_chain classic;
    bool has_pq;
    struct tsa_chain pq;
};

/* Reads the classic chain and, if the core has that key, the pq chain after it: it begins with
 * the first certificate of an ML-DSA-65 key. Each must be for the core's key and go up to a
 * self-signed root. A QuorateBinding may be absent, but must be true: the core's epoch,
 * threshold and total, exactly the core's other keys, and no better assurance.
 *
 * ERR_MISMATCH: a leaf is for another key, or its binding says something else. ERR_EVIDENCE: a
 * chain is missing or ends below the root, or a certificate too many. Else as
 * tsa_chain_parse(). why says more; *out is then all zero. */
MUST_CHECK enum err core_chains_parse(struct view pem, const struct core_keys *keys,
                                      int64_t now_s, struct core_chains *out,
                                      char why[TSA_CHAIN_WHY_MAX]);

#endif
