/* core_member.h - what a core that signs with others has besides: its part in a key ceremony,
 * and what that leaves: a share, and the party that signs with it. The bytes for all of it are
 * there from the start, in locked memory; nothing of it ever leaves it but as frames. */
#ifndef ENCLAVE_MEMBER_CORE_MEMBER_H
#define ENCLAVE_MEMBER_CORE_MEMBER_H

#include "base/build.h"
#include "enclave/attest/attest_channels.h"
#include "enclave/ceremony/ceremony.h"
#include "enclave/identity/identity.h"
#include "enclave/limits.h"
#include "enclave/presigner/presign_desk.h"
#include "enclave/quorum/pq_party.h"
#include "enclave/repair/adopt.h"

/* The pools are compiled for one number of signers out of one number of cores. */
#define MEMBER_THRESHOLD QUORATE_THRESHOLD
#define MEMBER_TOTAL QUORATE_TOTAL

/* The machine runs on a stack of its own, erased after each call: its frames hold secrets. */
#define MEMBER_STACK_LEN (BUILD_ASAN ? 1048576 : 131072)
/* An ABORT that a tick writes while other messages wait. */
#define MEMBER_ABORT_LEN (CEREMONY_HEADER_LEN + 2 + P384_SIG_LEN)

struct core_member {
    _Alignas(64) uint8_t stack[MEMBER_STACK_LEN]; /* first: it grows away from what follows */
    struct reenrol_shares reenrol_shares; /* of a share that comes again, till it is taken */
    struct ceremony ceremony;
    struct attestor attestor; /* of plans with a policy: what all nodes showed */
    struct ceremony_tools tools;
    struct ceremony_attest attest; /* by which the ceremony reaches the attestor */
    struct drbg drbg;              /* of the channels; seeded anew for each ceremony */
    const struct ed25519_key *signing_key;
    uint8_t *pool_room;     /* pq_party_room() bytes */
    size_t out_at, out_len; /* messages that wait for the host */
    uint8_t out[CEREMONY_OUT_MAX + MEMBER_ABORT_LEN];
    uint8_t own_classic[P384_PUBLIC_LEN]; /* the key before a shared one */
    bool ended;                           /* this ceremony's end is audited */
    bool in_use;      /* the key is: no ceremony is begun, and none ends, any more */
    bool leaving;     /* a key that is to go, as soon as no worker is at it */
    bool reenrolling; /* the end of a re-enrolment is not audited */

    /* Of all ceremonies that began here. */
    size_t n_nonces;
    uint8_t nonces[LIMIT_CEREMONIES][PLAN_NONCE_LEN];

    /* Nodes that were lost and came again: core_reenrol.h. */
    struct reenrol_roster roster; /* of this epoch; the plan's keys follow it */
    struct reenrol reenrol;
    struct reenrol_attest reenrol_attest; /* by which it reaches the attestor */
    struct drbg reenrol_drbg;             /* of its channels; seeded anew for each */
    uint64_t repetitions;                 /* of the own share before it was lost */
    size_t reenrol_len;
    uint8_t reenrol_out[REENROL_OUT_MAX];

    /* From a finished ceremony on. */
    struct tmldsa_public_key key;
    struct tmldsa_share share;
    struct pq_party party;
    /* Where the plan has a shared P-384 key. */
    struct tecdsa_key classic;
    struct tecdsa_share classic_share;
    struct member_presign *presign; /* NULL: no presignatures are made */
};

/* What makes and keeps presignatures of that. All but desk is the presigner's and the pool's
 * while it is in use. */
struct member_presign {
    struct presign_desk desk;
    struct pq1_work work;
    struct mesh mesh;
    struct presign_pool pool;
    struct presign_slot *slots;
    struct presigner *presigner;
    struct p384_signer *signer;
    struct drbg drbg;
    struct attest_channels channels; /* of a plan with a policy */
};

/* What it works with; all of it outlives it. */
struct core_member_setup {
    const struct entropy_source *entropy;
    struct p384_signer *signer; /* the main thread's */
    const struct identity *identity;
    struct pq1_work *work;
    /* For presignatures; NULL: none are made. */
    const struct presign_meeting *meeting;
    struct p384_signer *presign_signer; /* of the thread that makes them */
};

/* Whether the longest messages of that many signers, in a ceremony as in a session, each go
 * into one frame. */
bool core_member_fits(const struct tmldsa_params *p);

/* Bytes of memory that a member takes; 0: of that many signers no signature can be made, or
 * not with frames of FRAME_BODY_LONG_MAX. */
size_t core_member_size(void);

/* In memory, of core_member_size() bytes, zero, aligned to 64 and locked. */
struct core_member *core_member_init(uint8_t *memory, const struct core_member_setup *setup);

/* Whether a ceremony of that nonce may begin: none had it since this core started, and there
 * were fewer than LIMIT_CEREMONIES. With a nonce that comes again, messages of the old ceremony
 * would be genuine in the new one, and an honest core seem to contradict itself. */
bool core_member_is_fresh(const struct core_member *m, const uint8_t nonce[PLAN_NONCE_LEN]);
/* It begins. */
void core_member_note(struct core_member *m, const uint8_t nonce[PLAN_NONCE_LEN]);

/* Erases records and what makes them. Nobody else is at it. */
void core_member_wipe_presign(struct core_member *m);
/* Erases shares, keys, party and pool. */
void core_member_wipe_key(struct core_member *m);
/* Erases all that is secret, before the end. */
void core_member_wipe(struct core_member *m);

/* Room that no ceremony and no pool uses yet, aligned to 64: for self-tests at the start. The
 * caller erases it. */
uint8_t *core_member_spare(struct core_member *m, size_t *n);

#endif
