/* ceremony_record.h - what remains of a key ceremony: public, equal bytes from every node.
 * docs/wire.md 4.4.
 *
 *   version(1)=1 plan_length(4) plan nonce(32) messages public_key(1952) [classic]
 *
 * The messages are those of all nodes in COMMIT, ECHO, RHO, T_COMMIT, T_REVEAL, DONE and TEST,
 * round by round. classic, where the plan has a shared P-384 key: public_key(97), and a public
 * share(49) of each node. SHA-384 of it all is the ceremony's id. */
#ifndef WIRE_CEREMONY_RECORD_H
#define WIRE_CEREMONY_RECORD_H

#include "wire/ceremony_classic.h"

#define CEREMONY_RECORD_VERSION 1
#define CEREMONY_RECORD_MAX 262144 /* bytes */

/* Writes the record of a ceremony of which all those messages are there. classic: what
 * ceremony_classic_encode() gives, or empty. */
void ceremony_record_encode(struct writer *w, const struct ceremony_known *k,
                            const uint8_t pk[CEREMONY_PK_LEN], struct view classic);

struct ceremony_record {
    struct plan plan;
    struct ceremony_known known;
    struct view pk;      /* CEREMONY_PK_LEN */
    struct view classic; /* of a shared P-384 key, or empty */
};

/* Reads a whole record and nothing after it. Views point into bytes, and out may not be moved:
 * out->known refers to out->plan. On failure *out is zero. Nothing is verified.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_VERSION; ERR_LENGTH: over CEREMONY_RECORD_MAX; ERR_TAG: not
 * the message that stands there; what plan_decode(), ceremony_msg_decode() and
 * ceremony_body_check() give. */
MUST_CHECK enum err ceremony_record_decode(struct view bytes, struct ceremony_record *out);

/* What a verification looks at, in order. */
enum ceremony_check {
    CEREMONY_CHECK_SIGNATURES = 0, /* of every message, by the identity keys of the plan */
    CEREMONY_CHECK_ECHO,           /* all saw the same COMMITs */
    CEREMONY_CHECK_RHO,            /* every rho is what was committed to */
    CEREMONY_CHECK_T,              /* members of a subset agree, and every t is that one */
    CEREMONY_CHECK_KEY,            /* the public key follows from them */
    CEREMONY_CHECK_CLASSIC,        /* so does the P-384 key, if one is shared */
    CEREMONY_CHECK_DONE,           /* all saw the same messages and the same key */
    CEREMONY_CHECK_TEST,           /* each quorum's signature is genuine, as are proofs */
    CEREMONY_CHECKS,
};

/* What is wrong with one check, if anything. */
struct ceremony_finding {
    enum err err;    /* ERR_OK, or ERR_SIGNATURE, ERR_MISMATCH */
    uint8_t accused; /* whose message shows it; CEREMONY_NOBODY */
};

/* Verifies a record that was decoded; scratch may hold anything. Every check is made, as far as
 * those before it hold: ERR_STATE: not made. Whether all hold. */
bool ceremony_record_verify(const struct ceremony_record *r, struct ceremony_scratch *scratch,
                            struct ceremony_finding findings[CEREMONY_CHECKS]);

/* SHA-384 of the record. */
void ceremony_record_id(struct view bytes, uint8_t id[CEREMONY_HASH_LEN]);

#endif
