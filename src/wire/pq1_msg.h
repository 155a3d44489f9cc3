/* pq1_msg.h - what two cores say to each other over the host: PQ/1. docs/wire.md 5.
 *
 * Every encoder writes one whole message, every decoder reads one and nothing after it. A
 * failed decode leaves *out all zero. Views point into the message. */
#ifndef WIRE_PQ1_MSG_H
#define WIRE_PQ1_MSG_H

#include "crypto/p384.h"
#include "wire/core_info.h"
#include "wire/evidence.h"

#define PQ1_EK_LEN 1184 /* ML-KEM-768, FIPS 203 table 3 */
#define PQ1_CT_LEN 1088
#define PQ1_NONCE_LEN 32
#define PQ1_HASH_LEN 48
#define PQ1_HELLO_LEN 1372
#define PQ1_KEM_LEN 1089
#define PQ1_FINISHED_LEN 145
#define PQ1_MESSAGE_MAX PQ1_HELLO_LEN /* bytes of the three that make a channel */
/* The same of an attested channel, whose KEM has an evidence block. */
#define PQ1_ATTESTED_MAX (PQ1_KEM_LEN + EVIDENCE_MAX)
#define PQ1_SESSION_LEN 48
#define PQ1_TAG_LEN 16
#define PQ1_RECORD_HEAD_LEN 59
#define PQ1_RECORD_OVERHEAD (PQ1_RECORD_HEAD_LEN + PQ1_TAG_LEN)
#define PQ1_PLAIN_MAX 65536 /* bytes in one record */
/* Of one direction of one channel: threshold-security 3. */
#define PQ1_RECORDS_MAX UINT64_C(4294967296)

/* The first byte of each. */
enum pq1_type {
    PQ1_HELLO = 1,
    PQ1_KEM = 2,
    PQ1_FINISHED = 3,
    PQ1_RECORD = 4,
};

/* Who speaks to whom; in every Hello, and in every record's associated data. */
struct pq1_ends {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t from, to;          /* roster indices, from 0 */
    uint32_t inc_from, inc_to; /* incarnations */
};

struct pq1_hello {
    struct pq1_ends ends;
    uint8_t nonce[PQ1_NONCE_LEN];
    struct view ek;              /* PQ1_EK_LEN: fresh ML-KEM-768 key */
    uint8_t ec[P384_PUBLIC_LEN]; /* fresh P-384 key, 04 | X | Y */
};
void pq1_hello_encode(struct writer *w, const struct pq1_hello *h);
/* ERR_LENGTH: not PQ1_HELLO_LEN bytes. ERR_TAG: another message. Keys are not looked at. */
MUST_CHECK enum err pq1_hello_decode(struct view message, struct pq1_hello *out);

struct pq1_kem {
    struct view ct;       /* PQ1_CT_LEN */
    struct view evidence; /* a block, of an attested channel alone; else empty */
};
void pq1_kem_encode(struct writer *w, const struct pq1_kem *k);
/* ERR_LENGTH: shorter than PQ1_KEM_LEN, or over PQ1_ATTESTED_MAX. ERR_TAG. The block is not
 * looked at. */
MUST_CHECK enum err pq1_kem_decode(struct view message, struct pq1_kem *out);

struct pq1_finished {
    uint8_t signature[P384_SIG_LEN]; /* over th, by the identity key; looked at first */
    uint8_t mac[PQ1_HASH_LEN];
};
void pq1_finished_encode(struct writer *w, const struct pq1_finished *f);
/* ERR_LENGTH, ERR_TAG: as above. */
MUST_CHECK enum err pq1_finished_decode(struct view message, struct pq1_finished *out);

/* th = SHA-384("quorate-pq1" | Hello_a | Hello_b | ct_ab | ct_ba | SHA-384(SPKI_a) |
 * SHA-384(SPKI_b) | SHA-384(Evidence_a) | SHA-384(Evidence_b)). Row 0 is a, the lower index. */
struct pq1_transcript {
    struct view hello[2];
    struct view ct[2];          /* ct_ab, ct_ba: by who made it */
    const uint8_t *identity[2]; /* P384_PUBLIC_LEN */
    const uint8_t *evidence[2]; /* PQ1_HASH_LEN: SHA-384 of the evidence */
};
void pq1_transcript_hash(const struct pq1_transcript *t, uint8_t th[PQ1_HASH_LEN]);

/* SHA-384 of the DER SubjectPublicKeyInfo (RFC 5480) of a P-384 key. */
void pq1_spki_hash(const uint8_t public_key[P384_PUBLIC_LEN], uint8_t out[PQ1_HASH_LEN]);

/* What a record says in clear. */
struct pq1_record {
    uint8_t type, round; /* of what uses the channel */
    uint8_t session[PQ1_SESSION_LEN];
    uint64_t seq;
    struct view sealed; /* ciphertext and tag: PQ1_TAG_LEN bytes or more */
};
/* The head alone; what is sealed follows. */
void pq1_record_head_encode(struct writer *w, const struct pq1_record *r);
/* ERR_TAG. ERR_TRUNCATED: shorter than head and tag. ERR_LENGTH: over PQ1_PLAIN_MAX. ERR_RANGE:
 * seq is PQ1_RECORDS_MAX or more. */
MUST_CHECK enum err pq1_record_decode(struct view message, struct pq1_record *out);

#define PQ1_AAD_LEN 131
/* "quorate-pq1-rec" | epoch_id | from | to | inc_from | inc_to | type | round | session | seq.
 * Writes PQ1_AAD_LEN bytes. */
void pq1_aad_encode(struct writer *w, const struct pq1_ends *e, const struct pq1_record *r);

#endif
