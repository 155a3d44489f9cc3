/* stamp.h - rounds 1 and 2 of a stamp, and the rule that both sides derive from them.
 * docs/wire.md 3. */
#ifndef WIRE_STAMP_H
#define WIRE_STAMP_H

#include "crypto/hash.h"
#include "wire/core_info.h"

#define STAMP_T_MAX 6         /* signers of one stamp */
#define STAMP_BATCH_MAX 64    /* stamps in one R1 or R2 frame */
#define STAMP_BATCH_PQ_MAX 16 /* stamps that KEY_PQ signs in one R2 frame: that is long */
#define STAMP_KEYS 3          /* what R1 and R2 may name: enum core_key */
#define SID0_LEN 32
#define R1_ID_LEN 16
#define R1_PART_LEN 32
#define R1_BODY_LEN 146
#define R1_BATCH_ID_LEN 16
#define R1_COM_LEN 48
#define R1_PROOF_LEN 64                                                /* Ed25519 */
#define R1_OFFER_LEN (1 + R1_BATCH_ID_LEN + R1_COM_LEN + R1_PROOF_LEN) /* after a body */
#define R1_MAX_LEN (R1_BODY_LEN + R1_OFFER_LEN)
#define R1_MAC_LEN 16
#define R1_MACS_MAX 6                             /* nodes of a plan: each has a place */
#define R1_MACS_LEN 96                            /* a MAC for each, after a body */
#define R1_PROVEN_LEN (R1_BODY_LEN + R1_MACS_LEN) /* of KEY_CLASSIC where several sign */
#define STAMP_PRESIGN_LEN 48                      /* id of a presignature */
#define STAMP_X_LEN 48
#define STAMP_SERIAL_LEN 20
#define STAMP_NONCE_MAX 64
#define STAMP_SIGNATURE_MAX 4096
#define STAMP_SIGNATURE_CLASSIC 96 /* r | s */
#define STAMP_SIGNATURE_PQ 3309    /* FIPS 204 table 2 */
/* Of KEY_DUAL: both, in that order. */
#define STAMP_SIGNATURE_DUAL (STAMP_SIGNATURE_CLASSIC + STAMP_SIGNATURE_PQ)
#define R1_LIFE_MS 250
#define STAMP_TIME_MAX_NS INT64_C(9223372036000000000) /* int64 ns ends in 2262 */

/* ---- round 1: promise a time and a part of the serial number ---- */
struct r1_ask {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key;      /* enum core_key */
    struct view sid0; /* n times SID0_LEN bytes, n from 1 to STAMP_BATCH_MAX; labels, trusted
                         for nothing */
};
void r1_ask_encode(struct writer *w, const struct r1_ask *a);
/* ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE (count, key). */
MUST_CHECK enum err r1_ask_decode(struct view body, struct r1_ask *out);

struct r1_body {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key;
    uint8_t sid0[SID0_LEN];
    uint8_t index; /* of the core, from 1 */
    uint8_t r1_id[R1_ID_LEN];
    int64_t lo_ns, hi_ns; /* true time lay in [lo, hi], ns since 1970-01-01T00:00:00Z */
    uint8_t part[R1_PART_LEN];
};
/* Exactly R1_BODY_LEN bytes: what R2 must repeat byte by byte. */
void r1_body_encode(struct writer *w, const struct r1_body *b);
/* ERR_LENGTH: not R1_BODY_LEN bytes. ERR_RANGE: lo > hi, before 1970 or after 2262. */
MUST_CHECK enum err r1_body_decode(struct view in, struct r1_body *out);

/* What follows the body where several signers make one signature of KEY_PQ: the commitment of
 * round 1, and the signer's own word for all of it, which others can be shown. */
struct r1_offer {
    uint8_t batch_id[R1_BATCH_ID_LEN];
    uint8_t com[R1_COM_LEN];
    uint8_t proof[R1_PROOF_LEN]; /* Ed25519 over r1_offer_signed() */
};
void r1_offer_encode(struct writer *w, const struct r1_offer *o);
/* ERR_LENGTH: not R1_OFFER_LEN bytes. ERR_RANGE: not one batch. */
MUST_CHECK enum err r1_offer_decode(struct view in, struct r1_offer *out);

/* Whether t signers of key make a signature in a session of rounds, of batches that they
 * offered (docs/wire.md 3.3); or in one round, of a presignature that all of them hold (3.6).
 * Neither: one signs alone. */
static inline bool stamp_has_offers(uint8_t key, uint8_t t)
{
    return key == KEY_PQ && t > 1;
}
static inline bool stamp_is_presigned(uint8_t key, uint8_t t)
{
    return key == KEY_CLASSIC && t > 1;
}

/* Bytes of one R1 of a key of which t sign: the body; the offer if there is one, or a MAC for
 * each node where a presignature is used. */
size_t r1_len(uint8_t key, uint8_t t);
/* What the proof of an R1 with an offer is over: "quorate-r1-v1" and all before it. */
#define R1_SIGNED_LEN (13 + R1_MAX_LEN - R1_PROOF_LEN)
void r1_offer_signed(const uint8_t r1[R1_MAX_LEN], uint8_t out[R1_SIGNED_LEN]);
/* What the MACs of an R1 with such are over: "quorate-r1-mac-v1" and the body. */
#define R1_MACED_LEN (17 + R1_BODY_LEN)
void r1_maced(const uint8_t r1[R1_PROVEN_LEN], uint8_t out[R1_MACED_LEN]);

/* The answer: u8 n, then n R1s of each bytes, see r1_len(). *r1s: n times each bytes.
 * ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE. */
MUST_CHECK enum err r1_answer_decode(struct view body, size_t each, struct view *r1s);

/* ---- round 2: the imprints ---- */
struct r2_head { /* the same for all stamps of a frame */
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t key;
    uint8_t activation[ACTIVATION_HASH_LEN];
    uint8_t t;                    /* signers, 1 to STAMP_T_MAX */
    uint8_t signers[STAMP_T_MAX]; /* their indices, ascending */
    uint8_t n;                    /* stamps that follow, 1 to stamp_batch_max() */
};
struct r2_stamp {
    uint8_t sid0[SID0_LEN];
    struct view bodies; /* t times r1_len(), in the order of signers */
    uint8_t hash_alg;   /* enum hash_alg, never HASH_NONE */
    uint8_t policy;     /* number */
    struct view hashed_message;
    struct view nonce;   /* INTEGER body; n == 0: absent */
    struct view presign; /* STAMP_PRESIGN_LEN bytes where a presignature is used, else none */
};
void r2_head_encode(struct writer *w, const struct r2_head *h);
void r2_stamp_encode(struct writer *w, const struct r2_stamp *s);
/* How many stamps an R2 frame of this key may have, and bytes of a signature of it. */
size_t stamp_batch_max(uint8_t key);
size_t stamp_signature_len(uint8_t key);
/* Reads the head; the reader is then at the first stamp. ERR_TRUNCATED, ERR_RANGE: a key that
 * is none, a count outside what stands above, more than one stamp where R1s have offers, more
 * than one signer of KEY_DUAL. */
MUST_CHECK enum err r2_head_decode(struct reader *r, struct r2_head *out);
/* Reads the next stamp; after h->n of them the caller asks rd_finish(). ERR_RANGE: an algorithm
 * that is none, a nonce over STAMP_NONCE_MAX. */
MUST_CHECK enum err r2_stamp_decode(struct reader *r, const struct r2_head *h,
                                    struct r2_stamp *out);

/* The answer: u8 n, then for each stamp u16 err and, where that is ERR_OK, u16 length and the
 * signature. ERR_TRUNCATED; ERR_RANGE: no signature, or one over STAMP_SIGNATURE_MAX. */
struct r2_result {
    enum err err;
    struct view signature; /* stamp_signature_len() bytes; of a presignature w | u, as many */
};
void r2_result_encode(struct writer *w, const struct r2_result *r);
MUST_CHECK enum err r2_result_decode(struct reader *r, struct r2_result *out);

/* ---- what both sides derive, and nobody chooses ---- */
struct stamp_policy {
    uint8_t digits; /* of genTime's fraction, 0 to 3 */
    uint32_t min_accuracy_ms, max_accuracy_ms;
    bool ordering; /* tokens come in the order of their genTime, RFC 3161 2.4.2 */
};
struct stamp {
    uint8_t x[STAMP_X_LEN]; /* session id everywhere; zero where one signs alone: no message
                               names it */
    uint8_t serial[STAMP_SERIAL_LEN];
    int64_t gen_time_ms; /* since 1970-01-01T00:00:00Z */
    uint32_t accuracy_ms;
};

/* The unit that genTime is rounded to, in ms: 0 for 3 digits, else 10, 100 or 1000
 * (architecture: u). */
int64_t stamp_unit_ms(uint8_t digits);

/* Computes X, genTime, accuracy and serial number from one stamp of an R2 frame.
 * ERR_MISMATCH: a body is not of this epoch, key, sid0 or signer, or signers is not ascending.
 * ERR_RANGE: a span that r1_body_decode() refuses; a serial number of zero.
 * ERR_TIME: the accuracy would be over the policy's maximum. */
MUST_CHECK enum err stamp_derive(const struct r2_head *h, const struct r2_stamp *s,
                                 const struct stamp_policy *p, struct stamp *out);

#endif
