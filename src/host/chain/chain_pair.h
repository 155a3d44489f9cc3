/* chain_pair.h - whether the chains of both keys speak of one authority in one epoch: what a
 * verifier of a token with both signatures will ask (quorate_binding.h). */
#ifndef HOST_CHAIN_CHAIN_PAIR_H
#define HOST_CHAIN_CHAIN_PAIR_H

#include "host/chain/tsa_chain.h"

/* Each QuorateBinding that is there must name the key of the other chain; of two the epoch is
 * the same, and both or neither are simulated. *why: "" or what is wrong.
 * ERR_MISMATCH: it is not so. */
MUST_CHECK enum err chain_pair_check(const struct tsa_chain *classic,
                                     const struct tsa_chain *pq, const char **why);

#endif
