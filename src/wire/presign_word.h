/* presign_word.h - what a signer says of its answer out of a presignature, and what three of
 * them show to others: that they make no signature, so that one of the three is bad.
 * docs/wire.md 3.6 and 14.4.
 *
 * Nobody can make it up: each answer is signed with its record, r and digest, honest answers of
 * one record to one digest always make a signature, and an honest signer gives one. */
#ifndef WIRE_PRESIGN_WORD_H
#define WIRE_PRESIGN_WORD_H

#include "wire/core_info.h"

#define PRESIGN_WORD_SIGNERS 3
#define PRESIGN_SUM_LEN 96 /* w | u */
#define PRESIGN_ANSWER_LEN \
    (PRESIGN_SUM_LEN + 64) /* w | u | Ed25519 over presign_word_signed() */
#define PRESIGN_WORD_SIGNED_LEN (17 + EPOCH_ID_LEN + 1 + 3 * 48 + PRESIGN_SUM_LEN)
#define PRESIGN_WORD_LEN (1 + 3 * 48 + PRESIGN_WORD_SIGNERS * PRESIGN_ANSWER_LEN)

struct presign_word {
    uint8_t triple; /* mask, bit i for the node of index i, from 0 */
    uint8_t id[48];
    uint8_t r[48];
    uint8_t digest[48];                                        /* SHA-384 of what is signed */
    uint8_t answers[PRESIGN_WORD_SIGNERS][PRESIGN_ANSWER_LEN]; /* members ascending */
};

/* What a signer signs of its answer w | u: "quorate-answer-v1" | epoch_id | triple | id | r |
 * digest | w | u. answers of *of are not looked at. */
void presign_word_signed(const struct presign_word *of, const uint8_t epoch_id[EPOCH_ID_LEN],
                         const uint8_t sum[PRESIGN_SUM_LEN],
                         uint8_t out[PRESIGN_WORD_SIGNED_LEN]);

/* PRESIGN_WORD_LEN bytes. */
void presign_word_encode(struct writer *w, const struct presign_word *word);
/* ERR_TRUNCATED. The triple is not judged. */
MUST_CHECK enum err presign_word_decode(struct reader *r, struct presign_word *out);

#endif
