/* presign_setup.h - what two cores set up once before they make presignatures together: 256
 * oblivious transfers in each direction, and the seed of their zero-sharing
 * (crypto/tecdsa/tecdsa_base_ot.h). One node's part, as a step machine.
 *
 * Both do the same: each sends six messages, and every one but the first after it took the
 * peer's one before. They are private and authentic: the caller carries them in records of the
 * pair's PQ/1 channel, whose round and session are those of here. A message that is late,
 * early, of another session or of no length for its round is dropped, and changes nothing. A
 * check that fails erases all of it: the pair starts anew, with new nonces and a higher
 * counter, when its wait is over (threshold-security F6). The peer is told that it ended, never
 * why.
 *
 * No kernel, no heap: memory and randomness are arguments. */
#ifndef ENCLAVE_PRESIGN_PRESIGN_SETUP_H
#define ENCLAVE_PRESIGN_PRESIGN_SETUP_H

#include "crypto/tecdsa/tecdsa_base_ot.h"
#include "crypto/work_stack.h"

/* Of whom, and which. */
struct presign_setup_of {
    uint8_t key_id[TECDSA_HASH_LEN];
    uint8_t epoch_id[TECDSA_HASH_LEN];
    unsigned own, peer; /* indices, from 0 */
    uint32_t own_incarnation, peer_incarnation;
    uint64_t counter; /* of this pair's setups, the same at both */
};

/* Fresh bytes; the caller erases them. */
struct presign_setup_fresh {
    uint8_t bob[TECDSA_SEED_LEN], alice[TECDSA_SEED_LEN];
    uint8_t nonce[TECDSA_NONCE_LEN];
    struct tecdsa_zero_part part;
};

/* The messages, by round; bytes alone. Their session is zero for NONCE, then s->id. */
enum presign_setup_round {
    PRESIGN_SETUP_NONCE = 1,
    PRESIGN_SETUP_FIRST,
    PRESIGN_SETUP_CHOICES,
    PRESIGN_SETUP_CHALLENGE,
    PRESIGN_SETUP_RESPONSE,
    PRESIGN_SETUP_OPENING,
};
struct presign_setup_nonce {
    uint8_t counter[8]; /* lowest byte first */
    uint8_t nonce[TECDSA_NONCE_LEN];
};
struct presign_setup_first {
    struct tecdsa_ot_first first;
    uint8_t commitment[TECDSA_HASH_LEN]; /* to the sender's part of the zero-sharing's seed */
};
struct presign_setup_opening {
    struct tecdsa_ot_opening opening;
    struct tecdsa_zero_part part;
};
union presign_setup_body {
    struct presign_setup_nonce nonce;
    struct presign_setup_first first;
    struct tecdsa_ot_choices choices;
    struct tecdsa_ot_challenge challenge;
    struct tecdsa_ot_response response;
    struct presign_setup_opening opening;
};
#define PRESIGN_SETUP_BODY_LEN sizeof(union presign_setup_body) /* the longest */
/* 0: no round. */
size_t presign_setup_body_len(uint8_t round);

enum presign_setup_state {
    PRESIGN_SETUP_IDLE = 0,
    PRESIGN_SETUP_RUNNING,
    PRESIGN_SETUP_DONE,
    PRESIGN_SETUP_FAILED, /* a check failed; all of it is erased */
};

/* One pair. Some 80 kB, which may not be moved while it runs. Secret. */
struct presign_setup {
    enum presign_setup_state state;
    uint8_t round; /* of the message that was written last */
    struct presign_setup_of of;
    struct presign_setup_fresh fresh;
    struct tecdsa_setup_of as_bob, as_alice;
    uint8_t id[TECDSA_HASH_LEN]; /* of the direction whose Bob has the lower index */
    struct tecdsa_ot_bob bob;
    struct tecdsa_ot_alice alice;
    uint8_t commitment[TECDSA_HASH_LEN]; /* the peer's */
    union presign_setup_body in, out;
    /* From DONE on. */
    struct tecdsa_setup_bob setup_bob;
    struct tecdsa_setup_alice setup_alice;
    uint8_t zero_seed[TECDSA_OT_KEY_LEN];
};

/* Begins, whatever was there before, and writes NONCE. ERR_RANGE: own and peer are the same, or
 * one of them is no party. */
MUST_CHECK enum err presign_setup_begin(struct presign_setup *s,
                                        const struct presign_setup_of *of,
                                        const struct presign_setup_fresh *fresh,
                                        struct writer *out);

/* The peer's message, and our next one, which has round s->round then; after OPENING none is
 * left, and the state is DONE. ERR_STATE: not running. ERR_STALE: not the round or session
 * whose turn it is, or another counter; ERR_LENGTH: not of its round: nothing changes. What the
 * checks of tecdsa_base_ot.h give: the state is FAILED, and all else is erased. ERR_NOSPACE:
 * too little room in out, which ends it too. */
MUST_CHECK enum err presign_setup_take(struct presign_setup *s, struct work_stack *stack,
                                       uint8_t round, const uint8_t session[TECDSA_HASH_LEN],
                                       struct view body, struct writer *out);

/* Erases all of it. */
void presign_setup_wipe(struct presign_setup *s);

#endif
