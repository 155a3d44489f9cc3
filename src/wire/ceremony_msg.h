/* ceremony_msg.h - the messages of a key ceremony, and what their bodies hold.
 * docs/wire.md 4.2.
 *
 * Every message is signed by its sender's P-384 identity key, so whoever holds it can show it
 * to others. Every round but those of PQ/1 has bodies of one length, which follows from the
 * plan, the sender and the receiver: a signed message with another body is a proof against its
 * sender. */
#ifndef WIRE_CEREMONY_MSG_H
#define WIRE_CEREMONY_MSG_H

#include "wire/plan.h"

#define CEREMONY_HASH_LEN 48
#define CEREMONY_RHO_LEN 32
#define CEREMONY_SALT_LEN 32
#define CEREMONY_SIGMA_LEN 64
#define CEREMONY_T_LEN 4416 /* t of one subset: 6 polynomials, 23 bits a coefficient */
#define CEREMONY_SIGNATURE_LEN 3309
#define CEREMONY_SUBSETS_MAX 20 /* C(6,3) */
#define CEREMONY_HEADER_LEN 7
#define CEREMONY_TO_ALL 0xff
#define CEREMONY_PROOF_MAX 12 /* messages in one complaint */
/* Bytes of a whole message: the longest is a TEST_RESPOND of (5,6) that accepts everything. */
#define CEREMONY_MSG_MAX 4194304

enum ceremony_round {
    CEREMONY_PQ1_HELLO = 1, /* to each peer: the channel's own messages */
    CEREMONY_PQ1_KEM = 2,
    CEREMONY_PQ1_FINISH = 3,
    CEREMONY_COMMIT = 4,       /* to all */
    CEREMONY_ECHO = 5,         /* to all */
    CEREMONY_SEALED = 6,       /* to each peer: one OPEN message as a PQ/1 record */
    CEREMONY_RHO = 7,          /* to all */
    CEREMONY_T_COMMIT = 8,     /* to all */
    CEREMONY_T_REVEAL = 9,     /* to all */
    CEREMONY_DONE = 10,        /* to all */
    CEREMONY_TEST = 11,        /* to all: signatures that the key made */
    CEREMONY_CONFIRM = 12,     /* to all */
    CEREMONY_TEST_COMMIT = 16, /* to all, of use to one quorum: the rounds of one signature */
    CEREMONY_TEST_REVEAL = 17,
    CEREMONY_TEST_RESPOND = 18,
    CEREMONY_OPEN = 32, /* inside SEALED, and in a complaint; never alone */
    CEREMONY_COMPLAINT = 33,
    CEREMONY_ABORT = 34,
};
#define CEREMONY_ROUNDS 13 /* those with one message from each node: all up to CONFIRM */

struct ceremony_msg {
    uint8_t round, sender;
    uint8_t to; /* a node, or CEREMONY_TO_ALL */
    struct view body;
    struct view signature; /* P384_SIG_LEN */
    struct view whole;     /* set by decoding: all of the message */
};
void ceremony_msg_encode(struct writer *w, const struct ceremony_msg *m);
/* Reads the next message; the reader is then after it. ERR_TRUNCATED. ERR_RANGE: a round that
 * is none, a node over PLAN_NODES_MAX, a message to its sender, to all where the round is to
 * one or the other way round, over CEREMONY_MSG_MAX. */
MUST_CHECK enum err ceremony_msg_decode(struct reader *r, struct ceremony_msg *out);

/* What a signature is over: SHA-384("quorate-ceremony-v1" | epoch_id | round | sender | to |
 * body), each field after its LE32 length. */
void ceremony_msg_digest(const uint8_t epoch_id[EPOCH_ID_LEN], const struct ceremony_msg *m,
                         uint8_t out[P384_DIGEST_LEN]);

/* Of (r, s) and (r, n - s), both genuine, only the one with the lower s is taken: nobody but
 * the signer can then make other bytes out of a message. This makes a signature that one. */
void ceremony_msg_lower(uint8_t signature[P384_SIG_LEN]);

/* ERR_SIGNATURE: not the sender's, or not in its lower form. */
MUST_CHECK enum err ceremony_msg_verify(const struct plan *p,
                                        const uint8_t epoch_id[EPOCH_ID_LEN],
                                        const struct ceremony_msg *m);

/* Whether a message of that round goes to all. */
bool ceremony_round_is_public(uint8_t round);

/* Subsets as masks, bit i for node i, ascending: all of size nodes out of total. Returns how
 * many, at most CEREMONY_SUBSETS_MAX. Secrets belong to subsets of total - threshold + 1. */
size_t ceremony_subsets(unsigned total, unsigned size, uint8_t out[CEREMONY_SUBSETS_MAX]);
static inline unsigned ceremony_subset_size(const struct plan *p)
{
    return 1U + p->total - p->threshold;
}

/* A body is a head and then entries, mask(1) value, masks ascending:
 *
 *   COMMIT    com_rho(48), and for each subset of the sender: com(48)
 *   ECHO      for each node: hash(48) of its COMMIT
 *   OPEN      for each subset of both sender and receiver: sigma(64) salt(32)
 *   RHO       rho(32) salt(32)
 *   T_COMMIT  for each subset of the sender: hash(48) of t
 *   T_REVEAL  for each subset whose lowest node is the sender: t(4416)
 *   DONE      hash(48) of the public key, and hashes(48) of the messages of all nodes in
 *             COMMIT, ECHO, RHO, T_COMMIT and T_REVEAL, round by round
 *   TEST      for each quorum whose lowest node is the sender: signature(3309)
 *   CONFIRM   SHA-384 of the record(48), and hashes(48) of the messages of all nodes in DONE
 *             and TEST, round by round
 *
 * Where the plan has a shared P-384 key, four of these heads have more bytes at their end
 * (crypto/tecdsa/tecdsa_keygen.h):
 *
 *   COMMIT    commitment(48) to an opening
 *   OPEN      share(48) for the receiver
 *   RHO       opening(276)
 *   TEST      proof(97) that the sender holds its share, before the signatures
 *
 * The three rounds of a signature begin with quorum(1) attempt(1); then come batch_id(16)
 * com(48), or session(48) and what crypto/tmldsa/tmldsa_commit.h and tmldsa_respond.h say.
 *
 * Length of the body that m must have; 0 for the rounds that have none. */
size_t ceremony_body_len(const struct plan *p, const struct ceremony_msg *m);

/* ERR_LENGTH, ERR_ENCODING: not the masks that belong there. ERR_RANGE: in T_REVEAL, a
 * coefficient that is q or more. For the rounds above only, and ABORT and COMPLAINT. */
MUST_CHECK enum err ceremony_body_check(const struct plan *p, const struct ceremony_msg *m);

/* The masks that a body of m has, in order. Returns how many. */
size_t ceremony_body_masks(const struct plan *p, const struct ceremony_msg *m,
                           uint8_t out[CEREMONY_SUBSETS_MAX]);

/* Of a body that passed the check: its head, and the value at a mask (empty: none there). */
struct view ceremony_body_head(const struct plan *p, const struct ceremony_msg *m);
struct view ceremony_body_entry(const struct plan *p, const struct ceremony_msg *m,
                                uint8_t mask);

/* What its head ends with where the plan has a shared P-384 key; empty: nothing. */
struct view ceremony_body_classic(const struct plan *p, const struct ceremony_msg *m);

/* The hash that a DONE or CONFIRM begins with. */
struct view ceremony_body_own(const struct ceremony_msg *m);

/* The hash in an ECHO, DONE or CONFIRM for the message of node sender in round; empty: m says
 * nothing of it. */
struct view ceremony_body_hash_of(const struct plan *p, const struct ceremony_msg *m,
                                  uint8_t round, uint8_t sender);

/* ---- how a ceremony ends badly ---- */
enum ceremony_reason {
    CEREMONY_NO_REASON = 0,
    CEREMONY_MISSING = 1,         /* a message of accused did not come in time */
    CEREMONY_MALFORMED = 2,       /* signed by accused, and no body of its round */
    CEREMONY_EQUIVOCATION = 3,    /* accused signed two messages for one round */
    CEREMONY_BAD_OPENING = 4,     /* accused's opening is not what it committed to */
    CEREMONY_BAD_T = 5,           /* accused's hash of t is not that of the opened seeds */
    CEREMONY_BAD_REVEAL = 6,      /* accused's t is not what it committed to */
    CEREMONY_BAD_ECHO = 7,        /* accused vouched for a message that it did not have */
    CEREMONY_BAD_DONE = 8,        /* accused has another public key out of the same messages */
    CEREMONY_FALSE_COMPLAINT = 9, /* accused complained without reason */
    CEREMONY_CHANNEL = 10,        /* PQ/1 with accused failed; no proof for others */
    CEREMONY_NORM = 11,           /* own sums are too long (F7): nobody's fault, run again */
    CEREMONY_OTHER_RECORD = 12,   /* accused confirmed another record of the same messages */
    CEREMONY_BAD_TEST = 13,       /* accused's part of a signature, or a signature, is wrong */
    CEREMONY_OWN_FAULT = 14,      /* this node failed: randomness, signing */
    CEREMONY_DISPUTE = 15,        /* in a complaint: two nodes saw different messages */
    CEREMONY_BAD_SHARE = 16,      /* accused dealt a share that is not of what it opened */
    CEREMONY_EVIDENCE = 17, /* of accused's machine: none, or refused; no proof for others */
};
#define CEREMONY_REASON_LAST CEREMONY_EVIDENCE
#define CEREMONY_NOBODY 0xff

struct ceremony_abort {
    uint8_t reason;  /* enum ceremony_reason, neither NO_REASON nor DISPUTE */
    uint8_t accused; /* a node, or CEREMONY_NOBODY */
};
void ceremony_abort_encode(struct writer *w, const struct ceremony_abort *a);
/* ERR_TRUNCATED, ERR_TRAILING, ERR_RANGE. */
MUST_CHECK enum err ceremony_abort_decode(struct view body, struct ceremony_abort *out);

/* A complaint carries the messages that prove it; ceremony_judge.h says which. */
struct ceremony_complaint {
    uint8_t reason, accused;
    size_t n;
    struct ceremony_msg proof[CEREMONY_PROOF_MAX];
};
void ceremony_complaint_encode(struct writer *w, const struct ceremony_complaint *c);
/* ERR_TRUNCATED, ERR_TRAILING; ERR_RANGE: a reason that has no proof, no node accused, a
 * count over CEREMONY_PROOF_MAX or 0, and what ceremony_msg_decode() says. */
MUST_CHECK enum err ceremony_complaint_decode(struct view body, struct ceremony_complaint *out);

#endif
