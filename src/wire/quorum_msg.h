/* quorum_msg.h - what signers of a threshold pq stamp show one another and the coordinator:
 * REVEAL answers R2, RESPOND answers R3. docs/wire.md 3.3 and 3.4.
 *
 * Both are signed with the sender's Ed25519 identity key, so that whoever got a wrong one can
 * show it to others. The host carries them; it can drop them, and nothing more. */
#ifndef WIRE_QUORUM_MSG_H
#define WIRE_QUORUM_MSG_H

#include "crypto/tmldsa/tmldsa_respond.h"
#include "wire/stamp.h"

#define QUORUM_SIG_LEN 64

/* What one signer says in round 2 or 3 of session x. */
struct quorum_word {
    uint8_t index;         /* of the signer, from 1 */
    struct view body;      /* REVEAL: w as tmldsa_commit.h packs it; RESPOND: a response */
    struct view signature; /* QUORUM_SIG_LEN, over quorum_word_signed() */
};

enum quorum_round { QUORUM_REVEAL = 2, QUORUM_RESPOND = 3 };

/* What the signature is over: "quorate-pq-v1", the round, x, index, SHA-384 of the body. */
#define QUORUM_SIGNED_LEN (13 + 1 + STAMP_X_LEN + 1 + 48)
void quorum_word_signed(enum quorum_round round, const uint8_t x[STAMP_X_LEN],
                        const struct quorum_word *word, uint8_t out[QUORUM_SIGNED_LEN]);

/* index(1) signature(64) length(4) body. */
#define QUORUM_WORD_HEAD (1 + QUORUM_SIG_LEN + 4)
void quorum_word_encode(struct writer *w, const struct quorum_word *word);
/* ERR_TRUNCATED. ERR_RANGE: an index that is none, a body over max bytes. */
MUST_CHECK enum err quorum_word_decode(struct reader *r, size_t max, struct quorum_word *out);

/* R3: x(48) n(1) words, those of the other signers in ascending order; none: the session is
 * given back. */
struct r3 {
    uint8_t x[STAMP_X_LEN];
    uint8_t n; /* to STAMP_T_MAX - 1 */
    struct quorum_word reveals[STAMP_T_MAX - 1];
};
void r3_encode(struct writer *w, const struct r3 *m);
/* reveal_len: bytes of one REVEAL under the parameters in use. ERR_TRUNCATED, ERR_TRAILING.
 * ERR_RANGE: a count, an index, an order outside what stands above. ERR_LENGTH: a REVEAL of
 * another length. On failure *out is zero. */
MUST_CHECK enum err r3_decode(struct view body, size_t reveal_len, struct r3 *out);

#endif
