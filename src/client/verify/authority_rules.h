/* authority_rules.h - when an archive time-stamp is one of the authority that made the token:
 * policies and QuorateBinding, token.md. Pure. */
#ifndef CLIENT_VERIFY_AUTHORITY_RULES_H
#define CLIENT_VERIFY_AUTHORITY_RULES_H

#include "base/bytes.h"

/* Policies that the verifier names beside those of oid.h; OID bodies, n == 0: none. */
struct authority_policies {
    struct view hybrid, evidence;
};

/* Whether the policy promises a record in every token. */
bool authority_is_hybrid(const struct authority_policies *named, struct view policy);

/* Whether the policy promises two SignerInfos in every token. */
bool authority_is_dual(struct view policy);

/* Whether the policy is one of archive time-stamps, which no client can ask for. */
bool authority_is_evidence(const struct authority_policies *named, struct view policy);

/* Whether the policy is one of ours that clients ask for, so that it can be no evidence. */
bool authority_is_requestable(struct view policy);

/* Judges whether two certificates (DER) are of one authority in one epoch: each has a
 * QuorateBinding that names the key of the other, the epochs are the same, and both or neither
 * are simulated. *simulated: they are. *reason gets what was found.
 *
 * ERR_EVIDENCE: they are not, or a QuorateBinding is missing or malformed. */
MUST_CHECK enum err authority_same(struct view classic_cert, struct view pq_cert,
                                   bool *simulated, const char **reason);

#endif
