/* ceremony_known.h - what a node has seen of a ceremony, what a record shows of one, and what
 * both can check of it. docs/wire.md 4.3.
 *
 * Hashes are those of crypto/tmldsa/tmldsa_keygen.h with the ceremony's id
 *
 *   sid = SHAKE256("TMLDSA-DKG-v1" 00 "sid" 00 epoch_id, plan hash)     48 bytes
 *
 * and two more: H("message", message), H("done", public key), the latter with the key_id of a
 * shared P-384 key as one field more. */
#ifndef WIRE_CEREMONY_KNOWN_H
#define WIRE_CEREMONY_KNOWN_H

#include "crypto/mldsa/mldsa.h"
#include "crypto/tecdsa/tecdsa_keygen.h"
#include "crypto/tmldsa/tmldsa_keygen.h"
#include "crypto/work_stack.h"
#include "wire/ceremony_msg.h"

#define CEREMONY_PK_LEN 1952

/* Public. Messages are views into their owner's memory; whole.n == 0: not there. */
struct ceremony_known {
    struct view plan_bytes;
    const struct plan *plan;
    uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct tmldsa_ceremony rules; /* path, parameters, sid */
    struct work_stack *stack;     /* where points are multiplied; NULL: anywhere */
    struct ceremony_msg msg[CEREMONY_ROUNDS][PLAN_NODES_MAX];
};

/* Starts with no messages. plan is what plan_bytes decode to; both stay where they are.
 * ERR_RANGE: no parameters for its threshold and total. */
MUST_CHECK enum err ceremony_known_init(struct ceremony_known *k, struct view plan_bytes,
                                        const struct plan *plan,
                                        const uint8_t nonce[PLAN_NONCE_LEN]);

/* Whether all nodes' messages of a round are there. */
bool ceremony_known_has_all(const struct ceremony_known *k, uint8_t round);

/* H("message", whole). */
void ceremony_known_hash(const struct ceremony_known *k, struct view whole,
                         uint8_t out[CEREMONY_HASH_LEN]);

/* A RHO or OPEN against its sender's COMMIT. ERR_MISMATCH: not what was committed to.
 * ERR_STATE: there is no COMMIT. */
MUST_CHECK enum err ceremony_known_check_opening(const struct ceremony_known *k,
                                                 const struct ceremony_msg *opening);

/* A T_REVEAL against a T_COMMIT of the same sender. ERR_MISMATCH. */
MUST_CHECK enum err ceremony_known_check_reveal(const struct ceremony_known *k,
                                                const struct ceremony_msg *commit,
                                                const struct ceremony_msg *reveal);

/* The first message, by round and sender, for which an ECHO, DONE or CONFIRM has another hash
 * than the message that is there has; NULL: none. */
const struct ceremony_msg *ceremony_known_differs(const struct ceremony_known *k,
                                                  const struct ceremony_msg *voucher);

/* The first subset, ascending, of which two members' T_COMMIT differ; 0: none. All T_COMMIT are
 * there. */
uint8_t ceremony_known_split(const struct ceremony_known *k);

/* Scratch of the functions below. Holds no secret between calls. */
struct ceremony_scratch {
    uint8_t t[CEREMONY_SUBSETS_MAX * CEREMONY_T_LEN];
    struct tmldsa_keygen_scratch keygen;
    struct tmldsa_matrix matrix;
    struct mldsa_key_scratch key;
    struct mldsa_public_key parsed;
    struct mldsa_verify_scratch verify;
};

/* rho of each node, as opened. All RHO are there. */
void ceremony_known_openings(const struct ceremony_known *k,
                             struct tmldsa_rho_opening out[PLAN_NODES_MAX]);

/* The public key that all RHO and T_REVEAL give. ERR_RANGE: a coefficient of t, not after
 * ceremony_body_check(). */
MUST_CHECK enum err ceremony_known_public_key(const struct ceremony_known *k,
                                              struct ceremony_scratch *scratch,
                                              uint8_t pk[CEREMONY_PK_LEN]);

/* H("done", public key): what DONE begins with. classic: the shared P-384 key, if there is one.
 */
void ceremony_known_done(const struct ceremony_known *k, const uint8_t pk[CEREMONY_PK_LEN],
                         const struct tecdsa_key *classic, uint8_t out[CEREMONY_HASH_LEN]);

/* mu of the message that quorums sign to show that the key works: "TMLDSA-DKG-selftest" | sid
 * under the context "dkg-test", so that the signatures are of no use elsewhere. */
MUST_CHECK enum err ceremony_known_test_mu(const struct ceremony_known *k,
                                           const uint8_t tr[MLDSA_TR_LEN],
                                           uint8_t mu[MLDSA_MU_LEN]);

/* Every signature of a TEST, by the public key, and its proof, where there is a shared P-384
 * key. ERR_SIGNATURE: one is not genuine. */
MUST_CHECK enum err ceremony_known_check_test(const struct ceremony_known *k,
                                              const struct mldsa_public_key *key,
                                              const struct tecdsa_key *classic,
                                              const struct ceremony_msg *test,
                                              struct ceremony_scratch *scratch);

#endif
