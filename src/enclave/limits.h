/* limits.h - every pool, queue and deadline of the enclave. What happens when one is full
 * stands beside it, and in docs/limits.md. */
#ifndef ENCLAVE_LIMITS_H
#define ENCLAVE_LIMITS_H

#include "wire/evidence_call.h"
#include "wire/frame.h"
#include "wire/stamp.h"

#define LIMIT_LISTENERS 4 /* --listen; more: the command line is refused */

/* Connections. One more is accepted and closed at once. */
#define LIMIT_CONNECTIONS 16
/* While all places are taken: who sent no whole frame for so long is closed. */
#define LIMIT_SILENT_NS INT64_C(1000000000)
/* R2 frames under way on one connection. Further frames wait unread. */
#define LIMIT_CONNECTION_BATCHES 8
/* Frames of one connection that are carried out before the next has its turn. */
#define LIMIT_TURN 16
/* So that a free connection always finds a free batch. */
#define LIMIT_BATCHES 128
/* Of these, frames that KEY_PQ signs: what the write buffers have room for. */
#define LIMIT_CONNECTION_BATCHES_PQ 2
#define LIMIT_BATCHES_PQ 32

#define LIMIT_ANSWER_R2 \
    (FRAME_HEADER_LEN + 1 + STAMP_BATCH_MAX * (2 + 2 + STAMP_SIGNATURE_CLASSIC))
#define LIMIT_ANSWER_R2_PQ \
    (FRAME_HEADER_LEN + 1 + STAMP_BATCH_PQ_MAX * (2 + 2 + STAMP_SIGNATURE_DUAL))
/* The longest answer that core_step() writes, but for long ones, which go to an area, and an
 * evidence block: a full R1. AUDIT, AUDIT_LOG and HELLO are shorter; tests hold it. */
#define LIMIT_ANSWER (FRAME_HEADER_LEN + 1 + STAMP_BATCH_MAX * R1_MAX_LEN)
/* An evidence block. */
#define LIMIT_ANSWER_EVIDENCE (FRAME_HEADER_LEN + EVIDENCE_ANSWER_MAX)
/* One whole frame, but for the longest: those take an area. */
#define LIMIT_READ_BUFFER (FRAME_HEADER_LEN + FRAME_BODY_MAX)
/* Areas for long frames and long answers, shared by all connections of a core that signs with
 * others: each has room for a frame of up to FRAME_BODY_LONG_MAX and for its answer, so none
 * waits for an area while it holds one for the same frame. With all of them lent a connection
 * waits unread. */
#define LIMIT_AREAS 4
#define LIMIT_FRAME_LONG (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX)
#define LIMIT_AREA_LEN (UINT64_C(2) * LIMIT_FRAME_LONG)
/* Room for the answers of all batches under way, and one more. A frame for whose answer there
 * is no room waits. */
#define LIMIT_WRITE_BUFFER                        \
    (LIMIT_CONNECTION_BATCHES * LIMIT_ANSWER_R2 + \
     LIMIT_CONNECTION_BATCHES_PQ * LIMIT_ANSWER_R2_PQ)

/* R1 records that are open. More, or more than a connection leaves to all others: ERR_NOSPACE.
 */
#define LIMIT_R1_OPEN 1024

/* Audit entries kept. The oldest are overwritten, and counted. */
#define LIMIT_AUDIT_RING 1024
/* The same refusal is audited at most once in this time, with a count. */
#define LIMIT_AUDIT_PAUSE_NS INT64_C(1000000000)
/* The log's head is signed at most once in this time: until then the last one is given. */
#define LIMIT_AUDIT_SIGN_NS INT64_C(200000000)

/* Nonces of outsiders that evidence is being made for. More: ERR_BUSY. */
#define LIMIT_EVIDENCE_NONCES 4

/* Batches of round 1 that a core keeps ready where several sign together. None left:
 * ERR_NOSPACE for an R1 of the pq key. */
#define LIMIT_POOL 64
/* Of a whole pool so many are kept for connections that asked within LIMIT_POOL_ASKED_NS and
 * got less than the one that asks now; of the pool's places, and of the R1s that are open, a
 * connection leaves the others as many as it has. */
#define LIMIT_POOL_KEPT 16
#define LIMIT_POOL_ASKED_NS INT64_C(1000000000)
/* Batches of the threshold pool that are being made at a time; the others wait empty. */
#define LIMIT_FILLING 4

/* Records of presignatures that a core holds of each triple that it is of. More: nothing is
 * made for that triple. */
#define LIMIT_PRESIGN_EACH 512
/* The connection that fetches packets for other cores keeps that for so long after it asked. */
#define LIMIT_MESH_LANE_NS INT64_C(2000000000)

/* Signing threads; machines with more CPUs use so many. */
#define LIMIT_WORKERS 64
#define LIMIT_WORKER_STACK 131072 /* bytes; nettle runs on the signer's own stack */

/* A frame that has begun, or an answer of which the peer takes less than
 * LIMIT_STALL_PROGRESS, for so long: the connection is closed. */
#define LIMIT_STALL_NS INT64_C(5000000000)
#define LIMIT_STALL_PROGRESS 4096
/* Draining longer than this ends without the answers that nobody reads. */
#define LIMIT_DRAIN_NS INT64_C(5000000000)
/* Key ceremonies that one core begins. More: ERR_STALE; a core that is started anew has other
 * keys, and may begin as many. */
#define LIMIT_CEREMONIES 256
/* A round of a key ceremony, or an attempt at a signature in it, that takes longer ends it. */
#define LIMIT_CEREMONY_ROUND_NS INT64_C(10000000000)
/* And so much later for each round and quorum: of nodes that wait for one another, the one that
 * waits for the first message that is missing speaks first. */
#define LIMIT_CEREMONY_STAGGER_NS INT64_C(500000000)
/* The re-enrolment of a node that takes longer is ended at whoever still waits; another takes
 * another order. */
#define LIMIT_REENROL_NS INT64_C(10000000000)
/* Housekeeping: expiry, deadlines, the clock. */
#define LIMIT_TICK_NS INT64_C(100000000)
/* A core that did not look at its clock for so long stood still: it was stopped, or its machine
 * was suspended and perhaps copied meanwhile. Every R1, batch and session is void. */
#define LIMIT_STILL_NS INT64_C(5000000000)

/* The DRBG of R1 numbers takes fresh entropy after so many requests, besides the 32 bytes of
 * each. */
#define LIMIT_DRBG_REQUESTS 65536

_Static_assert(LIMIT_BATCHES == LIMIT_CONNECTIONS * LIMIT_CONNECTION_BATCHES, "one each");
_Static_assert(LIMIT_BATCHES_PQ == LIMIT_CONNECTIONS * LIMIT_CONNECTION_BATCHES_PQ, "one each");
_Static_assert(LIMIT_WRITE_BUFFER < (LIMIT_CONNECTION_BATCHES_PQ + 1) * LIMIT_ANSWER_R2_PQ,
               "no connection has more batches of KEY_PQ under way");
_Static_assert(LIMIT_ANSWER <= LIMIT_ANSWER_R2_PQ &&
                   LIMIT_ANSWER_EVIDENCE <= LIMIT_ANSWER_R2_PQ,
               "the longest of all");

#endif
