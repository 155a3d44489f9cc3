/* core_quorum.h - a core's part in stamps of the pq key where several cores sign it: R1 with an
 * offer, R2 -> REVEAL, R3 -> RESPOND (docs/wire.md 3.3). core_step.c calls it for such a key;
 * judgement is that of every stamp. */
#ifndef ENCLAVE_CORE_CORE_QUORUM_H
#define ENCLAVE_CORE_CORE_QUORUM_H

#include "enclave/core/core_step.h"

/* The ceremony is over and party set up; its pool is filled from now on. It stays the caller's,
 * as long as the core lives. c has its index, threshold, total, epoch_id and public key. */
void core_quorum_begin(struct core *c, struct pq_party *party);

/* Ends it for another ceremony: every batch and session is destroyed. False: a worker still has
 * one; nothing is promised any more, and the caller asks again. */
bool core_quorum_end(struct core *c);

/* A clock event, as after a machine was copied or stopped: no batch may be used that another
 * copy may use. Ends all sessions. Gives how many batches are void. */
size_t core_quorum_void(struct core *c);

/* ---- pool ---- */

/* A place whose batch is to be made by pq_worker_commit() and then given to
 * core_quorum_filled(). NULL: none now. */
struct pq_place *core_quorum_fill(struct core *c);
void core_quorum_filled(struct core *c, struct pq_place *place, enum err e);

/* ---- frames ---- */

/* Whether the connection of that lane gets n batches now. ERR_NOSPACE: there are not so many;
 * or it would leave fewer places of the pool to all others than it holds itself, or fewer than
 * LIMIT_POOL_KEPT batches while another connection asked lately and got less. So who asks
 * without end takes what is left over. */
MUST_CHECK enum err core_quorum_room(struct core *c, uint32_t lane, size_t n);

/* Completes an R1 of that lane whose body is written: offer and proof. ERR_NOSPACE: the GMP
 * arena. */
MUST_CHECK enum err core_quorum_offer(struct core *c, uint32_t lane, uint8_t r1[R1_MAX_LEN]);

/* Opens the session of a judged question: err(2) and, if that is 0, the own REVEAL. Gives that
 * error; what it is stands in pq_party_open(). A refusal is counted. */
enum err core_quorum_open(struct core *c, const struct pq_question *q, struct writer *w);

/* The answer to an R2 whose stamp, c->stamps[0], several cores sign. c->now was read for it. */
void core_quorum_r2(struct core *c, const struct r2_head *h, struct writer *w);

/* R3: *batch is to be submitted; NULL: the session was given back. ERR_TYPE: this core signs
 * alone. ERR_NOSPACE: too much is under way. What r3_decode() and pq_party_take() give. */
MUST_CHECK enum err core_quorum_r3(struct core *c, const struct core_call *call,
                                   struct sign_batch **batch);

/* core_finish() of that batch. */
void core_quorum_finish(struct core *c, struct sign_batch *b, struct writer *w);

/* Housekeeping: sessions past their life. */
void core_quorum_tick(struct core *c);

/* No session is under way that its signers can still be at. */
bool core_quorum_drained(const struct core *c);

#endif
