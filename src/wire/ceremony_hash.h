/* ceremony_hash.h - the hashes of a key ceremony. docs/wire.md 4.3.
 *
 * All are SHAKE256("TMLDSA-DKG-v1" | 00 | tag | 00 | fields, each after its LE32 length), of 48
 * bytes where nothing else is said (threshold-security F8). What they take may be secret; what
 * they leave behind is erased. */
#ifndef WIRE_CEREMONY_HASH_H
#define WIRE_CEREMONY_HASH_H

#include "wire/ceremony_msg.h"

/* What each node opened, by its index. */
struct ceremony_rho {
    uint8_t of[PLAN_NODES_MAX][CEREMONY_RHO_LEN];
};
/* The parts of one subset's secret, by the index of who drew them. Secret: its owner wipes it.
 */
struct ceremony_sigma {
    uint8_t of[PLAN_NODES_MAX][CEREMONY_SIGMA_LEN];
};

/* H("sid", epoch_id, plan hash): what every other hash begins with. */
void ceremony_hash_sid(const uint8_t epoch_id[EPOCH_ID_LEN],
                       const uint8_t hash_of_plan[PLAN_HASH_LEN],
                       uint8_t sid[CEREMONY_HASH_LEN]);

/* H("rho", sid, node, rho, salt): com_rho. rho_salt is the body of a RHO. */
void ceremony_hash_rho(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t node, struct view rho_salt,
                       uint8_t out[CEREMONY_HASH_LEN]);

/* H("seed", sid, node, mask, sigma, salt): com of one part of a secret. sigma_salt is an entry
 * of an OPEN. */
void ceremony_hash_seed(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t node, uint8_t mask,
                        struct view sigma_salt, uint8_t out[CEREMONY_HASH_LEN]);

/* H("message", sid, whole message): what ECHO and DONE vouch for. */
void ceremony_hash_message(const uint8_t sid[CEREMONY_HASH_LEN], struct view whole,
                           uint8_t out[CEREMONY_HASH_LEN]);

/* H("rho-final", sid, rho of each node): the rho of the public key, 32 bytes. */
void ceremony_hash_rho_final(const uint8_t sid[CEREMONY_HASH_LEN],
                             const struct ceremony_rho *rho, size_t total,
                             uint8_t out[CEREMONY_RHO_LEN]);

/* H("seed-final", sid, rho of each node, mask, then node and sigma of each member of the
 * subset): the seed of the subset's secret, 64 bytes. sigma->of[j] is looked at where j is a
 * member. Every node's rho enters, so that not even a subset of bad nodes can choose it. */
void ceremony_hash_seed_final(const uint8_t sid[CEREMONY_HASH_LEN],
                              const struct ceremony_rho *rho, size_t total, uint8_t mask,
                              const struct ceremony_sigma *sigma,
                              uint8_t out[CEREMONY_SIGMA_LEN]);

/* H("t", sid, mask, t as CEREMONY_T_LEN bytes). */
void ceremony_hash_t(const uint8_t sid[CEREMONY_HASH_LEN], uint8_t mask, struct view t,
                     uint8_t out[CEREMONY_HASH_LEN]);

/* H("done", sid, public key). */
void ceremony_hash_done(const uint8_t sid[CEREMONY_HASH_LEN], struct view public_key,
                        uint8_t out[CEREMONY_HASH_LEN]);

#endif
