/* core_presign.h - a core's part in stamps of the classic key where several cores share it: R1
 * with a proof, R2 answered out of the pool of presignatures (docs/wire.md 3.6). One R2 per
 * record, whatever comes of it. core_rounds.c calls it for such a key; judgement is that of
 * every stamp. */
#ifndef ENCLAVE_CORE_CORE_PRESIGN_H
#define ENCLAVE_CORE_CORE_PRESIGN_H

#include "crypto/tecdsa/tecdsa_online.h"
#include "enclave/core/core_step.h"

/* Completes an R1 whose body is written: the proof by this core's signing key. ERR_STATE: no
 * key is shared. ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err core_presign_prove(const struct core *c, uint8_t r1[R1_PROVEN_LEN]);

/* A judged question: who signs, their R1s, the presignature, and what is signed. */
struct core_presign_ask {
    const struct r2_head *head;
    struct view r1s; /* head->t times R1_PROVEN_LEN */
    const uint8_t *id;
    const uint8_t *digest; /* SHA-384, this core's own */
};

/* This core's answer to it. ERR_STATE: no key is shared, or it draws no more. ERR_QUORUM: the
 * signers are no three of its cores with this one, or not those of the record, which stays.
 * ERR_SIGNATURE: an R1 is not its signer's; the record stays. ERR_STALE: there is no such
 * record (any more). What presign_pool_answer() gives: the record is gone. */
MUST_CHECK enum err core_presign_answer(struct core *c, const struct core_presign_ask *ask,
                                        struct tecdsa_answer *out);

/* The answer to an R2 whose stamps, c->stamps, several cores sign. c->now was read for it. */
void core_presign_r2(struct core *c, const struct r2_head *h, struct writer *w);

/* The fence of core_reenrol.h: that node (a place, from 0) is another process from now on, as
 * the plan and roster of the member say. Whatever was made with the old one is void. */
void core_presign_fence(struct core *c, uint8_t node);

#endif
