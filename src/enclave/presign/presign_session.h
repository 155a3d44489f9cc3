/* presign_session.h - one node's part in one presignature: the two rounds of
 * crypto/tecdsa/tecdsa_presign.h, with what they need around them (threshold-security F5, F6).
 *
 * A round-1 body is signed, so that whoever shows two different ones to two peers can be shown
 * to have done so; the session that comes of it ends without blame, and no setup goes. What a
 * session's end means for later ones is told to presign_standing.h. Messages are private and
 * authentic: the caller's channel. One that is late, early, or badly signed is dropped.
 *
 * No kernel, no heap. */
#ifndef ENCLAVE_PRESIGN_PRESIGN_SESSION_H
#define ENCLAVE_PRESIGN_PRESIGN_SESSION_H

#include "crypto/ed25519.h"
#include "enclave/presign/presign_pool.h"
#include "enclave/presign/presign_standing.h"

/* What a node said in round 1, and signed: "quorate-presign-v1" | body. */
struct presign_said {
    struct tecdsa_body body;
    uint8_t signature[ED25519_SIG_LEN];
};

/* Round 1, to each of the two. Round 2 is struct tecdsa_round_2 under the sender's sid2. */
struct presign_round_1 {
    struct presign_said said;
    struct tecdsa_ote_message extension;
};

/* What sessions of one thread have in common; all the caller's. */
struct presign_tools {
    struct work_stack *stack;
    struct tecdsa_presign_scratch *scratch;
    struct tecdsa_round_1 *round_1; /* room, erased after each use */
    const struct ed25519_key *identity;
    /* Of each node: the signing key of the plan. */
    const uint8_t (*signing_keys)[ED25519_PUBLIC_LEN];
};

/* Some 90 kB; may not be moved. Secret. */
struct presign_session {
    struct tecdsa_presign p;
    unsigned triple;
    bool said_by[TECDSA_PARTIES_MAX];
    struct presign_said said[TECDSA_PARTIES_MAX]; /* own too */
};

/* seed: TECDSA_SEED_LEN fresh bytes, which the caller erases. ERR_POLICY: the triple is none
 * that presignatures are made for now. What tecdsa_presign_begin() and ed25519_sign() give. */
MUST_CHECK enum err presign_session_begin(struct presign_session *s,
                                          const struct presign_tools *tools,
                                          const struct presign_standing *standing,
                                          struct tecdsa_signer *signer,
                                          const struct tecdsa_presign_of *of,
                                          const uint8_t seed[TECDSA_SEED_LEN], int64_t now_ns);

/* What tecdsa_presign_extend() and _multiply() give. */
MUST_CHECK enum err presign_session_write_1(struct presign_session *s,
                                            const struct presign_tools *tools, unsigned to,
                                            struct presign_round_1 *out);
MUST_CHECK enum err presign_session_write_2(struct presign_session *s,
                                            const struct presign_tools *tools, unsigned to,
                                            struct tecdsa_round_2 *out);

/* ERR_SIGNATURE: not the peer's body: it is dropped, and nothing changes. What
 * tecdsa_presign_accept_1() and _accept_2() give; sid2 is the sender's. */
MUST_CHECK enum err presign_session_take_1(struct presign_session *s,
                                           const struct presign_tools *tools, unsigned from,
                                           const struct presign_round_1 *in);
MUST_CHECK enum err presign_session_take_2(struct presign_session *s,
                                           const struct presign_tools *tools, unsigned from,
                                           const uint8_t sid2[TECDSA_HASH_LEN],
                                           const struct tecdsa_round_2 *in);

/* What tecdsa_presign_finish() gives. */
MUST_CHECK enum err presign_session_finish(struct presign_session *s,
                                           const struct presign_tools *tools,
                                           struct tecdsa_presignature *record);

/* Once the session has ended: with whom it is gone on. */
void presign_session_settle(const struct presign_session *s, struct presign_standing *standing,
                            int64_t now_ns);

/* Whether both are genuine, of one node and one session, and differ: proof against that node.
 */
bool presign_said_proves(const struct presign_tools *tools, const struct presign_said *a,
                         const struct presign_said *b);

#endif
