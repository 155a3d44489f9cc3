/* core_presign.h - a core's part in stamps of the classic key where several cores share it: R1
 * with MACs, R2 answered out of the pool of presignatures (docs/wire.md 3.6). One R2 per
 * record, whatever comes of it. core_rounds.c calls it for such a key; judgement is that of
 * every stamp. */
#ifndef ENCLAVE_CORE_CORE_PRESIGN_H
#define ENCLAVE_CORE_CORE_PRESIGN_H

#include "enclave/core/core_step.h"
#include "enclave/presign/presign_pool.h"

/* The ceremony is over, and its plan has a shared key, which is this core's classic key from
 * now on: the one of before is not announced and signs nothing. Presignatures are made from
 * here on. Nothing where the plan has none, or this core makes none. What presigner_init()
 * gives. */
MUST_CHECK enum err core_presign_begin(struct core *c);

/* Ends it for another ceremony, or before the end: records and what makes them are erased. The
 * own key of before is the classic one again. False: a slice is under way; nothing is promised
 * any more, and the caller asks again. */
bool core_presign_end(struct core *c);

/* A clock event, as core_quorum_void() has it. Gives how many records are void. */
size_t core_presign_void(struct core *c);

/* Housekeeping: records that are too old. */
void core_presign_tick(struct core *c);

/* What became of records; gives how many are there. Of a core that shares its key. */
size_t core_presign_counts(const struct core *c, struct presign_counts *out);

/* Completes an R1 whose body is written: a MAC for each other node. ERR_STATE: no key is
 * shared. What r1_macs_write() gives. */
MUST_CHECK enum err core_presign_prove(const struct core *c, uint8_t r1[R1_PROVEN_LEN]);

/* A judged question: who signs, their R1s, the presignature, and what is signed. */
struct core_presign_ask {
    const struct r2_head *head;
    struct view r1s; /* head->t times R1_PROVEN_LEN */
    const uint8_t *id;
    const uint8_t *digest; /* SHA-384, this core's own */
};

/* This core's answer to it, and the r of the record. ERR_STATE: no key is shared, or it draws
 * no more. ERR_QUORUM: the signers are no three of its cores with this one, or not those of the
 * record, which stays. ERR_SIGNATURE: an R1 is not its signer's; the record stays. ERR_STALE:
 * there is no such record (any more). What presign_pool_answer() gives: the record is gone. */
MUST_CHECK enum err core_presign_answer(struct core *c, const struct core_presign_ask *ask,
                                        struct tecdsa_answer *out,
                                        uint8_t r[TECDSA_SCALAR_LEN]);

/* The answer to an R2 whose stamps, c->stamps, several cores sign. c->now was read for it. */
void core_presign_r2(struct core *c, const struct r2_head *h, struct writer *w);

/* The fence of core_reenrol.h: that node (a place, from 0) is another process from now on, as
 * the plan and roster of the member say. Whatever was made with the old one is void. */
void core_presign_fence(struct core *c, uint8_t node);

#endif
