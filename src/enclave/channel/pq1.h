/* pq1.h - PQ/1: the channel between two cores over an untrusted host (threshold-security 3).
 *
 * Recorded traffic stays secret if either ECDH over P-384 or ML-KEM-768 holds; the peer is whom
 * the roster names, as long as ECDSA over P-384 holds while the channel is made. A step machine
 * for one pair: a message in, a message out, no kernel, no heap. Both sides do the same:
 *
 *   pq1_begin()   -> Hello                              pq1_take(Hello)    -> KEM
 *   pq1_take(KEM) -> Finished (signature, then MAC)     pq1_take(Finished) -> verified
 *
 * An attested channel takes evidence of both machines in besides. It is in no message of its
 * own: after the peer's Hello pq1_wants_evidence(), nothing waits meanwhile, and
 * pq1_give_evidence() writes the KEM with it. The peer's is judged before anything is done with
 * its KEM. Both vouch for both Hellos, so for the keys, ends and nonces of this attempt alone,
 * and stand in th: evidence of another attempt, end or use makes no channel.
 *
 * Renewal is the same again: the keys in use serve until the peer's Finished is genuine, and
 * are erased then. In between, once the own Finished is out, nothing is sealed, so that all
 * records of the old keys come before the peer's Finished. */
#ifndef ENCLAVE_CHANNEL_PQ1_H
#define ENCLAVE_CHANNEL_PQ1_H

#include "crypto/drbg.h"
#include "crypto/mlkem/mlkem.h"
#include "crypto/work_stack.h"
#include "enclave/channel/pq1_record.h"
#include "wire/report_data.h"

/* A channel older than this seals and opens nothing more; pq1_due() asks for a new one at half
 * of it, and at half of PQ1_RECORDS_MAX. */
#define PQ1_LIFE_NS INT64_C(3600000000000)

/* One end, as the plan lists it. */
struct pq1_party {
    uint8_t index;                     /* in the roster, from 0 */
    uint32_t incarnation;              /* of that place in the roster */
    uint8_t identity[P384_PUBLIC_LEN]; /* the key that signs th */
    struct view context; /* what else both ends must mean, or empty; stands in th with the
                            evidence */
};

/* Who judges what a peer shows. An error refuses it, and ends the attempt. */
struct pq1_judge {
    enum err (*judge)(void *self, uint8_t peer, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN]);
    void *self;
};

struct pq1_setup {
    uint8_t epoch_id[EPOCH_ID_LEN];
    struct pq1_party own, peer;
    const struct pq1_judge *judge; /* of an attested channel, the caller's; else NULL */
};

/* What a step works on, erased before it returns. One serves all channels of a thread. In
 * locked memory; pq1_work_init() first. */
struct pq1_work {
    struct work_stack stack;
    struct mlkem_decaps_key decaps;
    struct mlkem_encaps_key encaps;
    struct mlkem_key_scratch key_scratch;
    struct mlkem_scratch scratch;
    struct mlkem_message m;
};
void pq1_work_init(struct pq1_work *w);

/* What a step needs of the core. All of it is the caller's. */
struct pq1_tools {
    struct drbg *drbg;               /* fresh entropy for it is the caller's care */
    struct p384_signer *signer;      /* for keys of one channel, and to sign */
    const struct p384_key *identity; /* of the own end */
    struct pq1_work *work;
};

/* What was sent last of a channel that is being made. */
enum pq1_step {
    PQ1_STEP_NONE = 0,
    PQ1_STEP_HELLO,
    PQ1_STEP_KEM,
    PQ1_STEP_FINISHED,
    PQ1_STEP_EVIDENCE, /* the peer's Hello is there; the own KEM waits for evidence */
};

/* A channel that is being made. Row 0 is of a, the end of the lower index, row 1 of b. */
struct pq1_making {
    struct mlkem_seed seed; /* of the own ek: d, z */
    struct p384_key ec;     /* of the own ec */
    uint8_t hello[2][PQ1_HELLO_LEN];
    uint8_t ct[2][PQ1_CT_LEN];      /* by who made it */
    bool has_kem;                   /* the peer's, before the own is out */
    struct mlkem_shared_key shared; /* what the own ct carries */
    uint8_t th[PQ1_HASH_LEN];
    struct pq1_key key[2]; /* by who seals with it */
    uint8_t fin[2][PQ1_HASH_LEN];
};

/* One pair, seen from one end. Secret; lives in locked memory. */
struct pq1 {
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t index[2]; /* own, peer */
    uint32_t incarnation[2];
    uint8_t identity[2][P384_PUBLIC_LEN];
    const struct pq1_judge *judge;
    uint8_t context[2][PQ1_HASH_LEN]; /* SHA-384 */
    bool has_context[2];
    uint8_t evidence[2][PQ1_HASH_LEN]; /* what stands in th */

    enum pq1_step step;
    struct pq1_making making;

    bool verified;
    int64_t verified_ns; /* monotonic */
    struct pq1_lane send, receive;
};

/* The pair, without a channel. ERR_RANGE: both ends have one index or one identity; *c is zero
 * then. */
MUST_CHECK enum err pq1_init(struct pq1 *c, const struct pq1_setup *setup);

/* Begins to make a channel, or a new one; what was being made is erased, and what is in use
 * stays. Writes the own Hello, PQ1_HELLO_LEN bytes. ERR_MISMATCH: tools have another identity
 * than the setup. ERR_STATE: DRBG or signer want a reseed. ERR_NOSPACE: out is too short. On
 * failure nothing is being made. */
MUST_CHECK enum err pq1_begin(struct pq1 *c, const struct pq1_tools *tools, struct writer *out);

/* Takes the peer's next message and writes the answer to it, if it has one: at most
 * PQ1_MESSAGE_MAX bytes. On an attested channel a Hello has none yet, nor has a KEM that comes
 * before the own evidence. ERR_STATE: not the message that is awaited; nothing changes, so one
 * that comes twice does no harm. After any other error what was being made is erased:
 * ERR_LENGTH: not so long as that message is. ERR_MISMATCH: a Hello of another pair or other
 * way round, or with our own nonce. ERR_QUORUM: of another epoch. ERR_STALE: of another
 * incarnation. ERR_ENCODING, ERR_RANGE: a key that is none (FIPS 203 7.2; P-384: not on the
 * curve). ERR_SIGNATURE: a Finished whose signature or MAC is not genuine. ERR_EVIDENCE: a KEM
 * without evidence on an attested channel; else what the judge gives. ERR_STATE too: DRBG or
 * signer want a reseed. ERR_NOSPACE: out is too short. */
MUST_CHECK enum err pq1_take(struct pq1 *c, const struct pq1_tools *tools, int64_t now_ns,
                             struct view message, struct writer *out);

/* Whether evidence of the own machine is awaited, and for what it must vouch. */
bool pq1_wants_evidence(const struct pq1 *c, uint8_t report_data[REPORT_DATA_LEN]);

/* Writes the KEM, at most PQ1_ATTESTED_MAX bytes. pq1_go_on() then. ERR_STATE: it is not
 * awaited; nothing changes. ERR_LENGTH: no block, or over EVIDENCE_MAX; ERR_NOSPACE: out is too
 * short: it is awaited still. The block is not judged: the peer does. */
MUST_CHECK enum err pq1_give_evidence(struct pq1 *c, struct view block, struct writer *out);

/* After the own KEM, where the peer's had come before it: writes the Finished. ERR_STATE: there
 * is nothing to say; nothing changes. Else as pq1_take(). */
MUST_CHECK enum err pq1_go_on(struct pq1 *c, const struct pq1_tools *tools, struct writer *out);

/* Whether a message of that kind (its first byte) is awaited. */
bool pq1_awaits(const struct pq1 *c, struct view message);

/* What is being made is erased, and awaited no longer; what is in use stays. */
void pq1_abandon(struct pq1 *c);

/* VERIFIED: a channel is in use, and its end is who the setup says. */
static inline bool pq1_is_verified(const struct pq1 *c)
{
    return c->verified;
}

/* Whether it is time for pq1_begin(): no channel, or one that nears a limit. now_ns is
 * monotonic. */
bool pq1_is_due(const struct pq1 *c, int64_t now_ns);

/* As pq1_lane_seal() and pq1_lane_open(). ERR_STATE too: no channel, one that is over
 * PQ1_LIFE_NS old, or, to seal, a renewal whose own Finished is out. */
MUST_CHECK enum err pq1_seal(struct pq1 *c, int64_t now_ns, const struct pq1_about *about,
                             struct view plain, struct writer *out);
MUST_CHECK enum err pq1_open(struct pq1 *c, int64_t now_ns, struct view record,
                             struct pq1_about *about, uint8_t *plain, size_t cap, size_t *n);

/* Erases all of it. */
void pq1_wipe(struct pq1 *c);

#endif
