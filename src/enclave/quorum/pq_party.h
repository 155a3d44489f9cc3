/* pq_party.h - one node's part in threshold signatures of the pq key: a pool of batches made
 * ahead, and sessions that use each of them once (threshold-ml-dsa A6).
 *
 *   pool     pq_party_fill() -> tmldsa_commit() on a worker -> pq_party_filled()
 *   round 1  pq_party_offer()                          a commitment for the R1
 *   round 2  pq_party_open()    judged R2 -> REVEAL    the batch is bound to X for ever
 *   round 3  pq_party_take()    R3 -> an answer -> pq_answer_make() on a worker
 *            pq_party_answered()   RESPOND is out: the batch is gone
 *
 * A step machine without kernel, heap or randomness of its own. The main thread calls all but
 * pq_answer_make() and tmldsa_commit(), which touch only what they were given. */
#ifndef ENCLAVE_QUORUM_PQ_PARTY_H
#define ENCLAVE_QUORUM_PQ_PARTY_H

#include "crypto/ed25519.h"
#include "enclave/quorum/batch_seen.h"
#include "wire/plan.h"
#include "wire/quorum_msg.h"

#define PQ_POOL_MAX 64   /* batches and sessions; full: no batch is made, no session opened */
#define PQ_ANSWERS_MAX 4 /* R3s under way; more: ERR_NOSPACE */
#define PQ_SESSION_LIFE_NS INT64_C(5000000000)           /* then its batch is destroyed */
#define PQ_OFFER_LIFE_NS (R1_LIFE_MS * INT64_C(1000000)) /* of a batch that was offered */

enum pq_place_state {
    PQ_EMPTY,
    PQ_MAKING,    /* a worker has it */
    PQ_READY,     /* to be offered */
    PQ_OPEN,      /* in a session, revealed */
    PQ_ANSWERING, /* a worker has the session's R3 */
};

/* A place of the pool: a batch, and the one session that it is ever in. */
struct pq_place {
    enum pq_place_state state;
    bool doomed;      /* destroyed when the worker is done */
    uint32_t lane;    /* from the offer on: of whom it is */
    int64_t since_ns; /* READY: offered, or PQ_NEVER; then: the session's beginning */
    struct tmldsa_batch batch;
    struct tmldsa_session session;
};
#define PQ_NEVER INT64_MIN

/* One R3 that is being answered. */
struct pq_answer {
    bool busy;
    uint64_t request_id; /* the caller's, as lane */
    uint32_t lane;
    struct pq_place *place;
    uint8_t *reveals; /* room for T - 1 of them */
    uint8_t *out;     /* room for tmldsa_respond_max() bytes */
    struct view response;
    enum err err;
    unsigned culprit; /* with ERR_RANGE and ERR_MISMATCH: whose REVEAL is wrong; from 0 */
};

/* Everybody else, by roster place from 0. */
struct pq_peer {
    uint8_t signing_key[ED25519_PUBLIC_LEN];
    struct batch_seen seen;
};

struct pq_counts {
    uint64_t offered, opened, answered, expired, given_back, refused, repetitions;
};

struct pq_party {
    const struct tmldsa_public_key *key;
    const struct tmldsa_share *share;
    const struct ed25519_key *identity;
    struct work_stack *stack; /* of the main thread */
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t boot[BATCH_BOOT_LEN];
    uint8_t node_key[TMLDSA_NODE_KEY_LEN]; /* secret; hedges the seeds */
    uint64_t next_number;
    uint64_t repetitions_warn, repetitions_refuse;
    size_t pool; /* places in use, at most PQ_POOL_MAX */
    size_t turn; /* where the next offer looks first */
    struct pq_counts counts;
    struct pq_peer peers[PLAN_NODES_MAX];
    struct pq_place places[PQ_POOL_MAX];
    struct pq_answer answers[PQ_ANSWERS_MAX];
};

/* Memory and facts, all the caller's for as long as the party lives. Memory is locked. */
struct pq_party_setup {
    const struct tmldsa_public_key *key;
    const struct tmldsa_share *share;
    const struct ed25519_key *identity;
    struct work_stack *stack;
    const struct plan *plan;
    const uint8_t *epoch_id;
    const uint8_t *node_key; /* TMLDSA_NODE_KEY_LEN random bytes */
    uint64_t repetitions;    /* that are answered already: of a share that was lost before */
    size_t pool;             /* 1 to PQ_POOL_MAX */
    uint8_t *room;           /* pq_party_room() bytes */
};

/* Bytes of room for that many batches. */
size_t pq_party_room(const struct tmldsa_params *p, size_t pool);

void pq_party_init(struct pq_party *p, const struct pq_party_setup *setup);

/* A peer is another process from now on: what it says is under these keys alone, and sessions
 * with the old one are destroyed; one that a worker has ends with ERR_STATE. Gives how many. */
size_t pq_party_fence(struct pq_party *p, unsigned peer, const struct plan_node *node);

/* ---- pool ---- */

/* An empty place to be filled, with its batch id and a seed made of rng; NULL: none. rng is
 * fresh, and the caller wipes it. tmldsa_commit() follows, on any thread, and then
 * pq_party_filled(), whatever it gave. */
struct pq_place *pq_party_fill(struct pq_party *p, const uint8_t rng[TMLDSA_NODE_RNG_LEN]);
void pq_party_filled(struct pq_party *p, struct pq_place *place, enum err e);

/* Batches that can be offered. */
size_t pq_party_ready(const struct pq_party *p);

/* Batches that are offered or in a session: of that lane. *all: of every lane. */
size_t pq_party_held(const struct pq_party *p, uint32_t lane, size_t *all);

/* A worker has an R3. */
bool pq_party_answering(const struct pq_party *p);
/* Or may soon: a session is younger than an R1 may be. */
bool pq_party_busy(const struct pq_party *p, int64_t now_ns);

/* ---- rounds ---- */

/* A commitment for one R1, proof excluded, to that lane. A batch is offered once: others may
 * have it in a session that never came here, and would refuse it in every other one.
 * ERR_NOSPACE: none is ready. */
MUST_CHECK enum err pq_party_offer(struct pq_party *p, uint32_t lane, int64_t now_ns,
                                   struct r1_offer *out);

/* Completes an R1 whose body and offer stand in r1: its proof. ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err pq_party_prove(struct pq_party *p, uint8_t r1[R1_MAX_LEN]);

/* A stamp (or another typed object) that this node was judged to sign. */
struct pq_question {
    const struct r2_head *head;
    struct view r1s; /* head->t times R1_MAX_LEN */
    const uint8_t *x;
    const uint8_t *mu; /* made by this node itself */
};

/* Opens session x and shows w of the own batch in it; *word is this node's REVEAL, its body a
 * loan until the answer is out, its signature in sig. Judgement 4 is made here: all proofs are
 * genuine and no batch was in a session before.
 *
 * ERR_STATE: the key's cap on repetitions is reached. ERR_QUORUM: not a quorum with this node.
 * ERR_SIGNATURE, ERR_MISMATCH, ERR_STALE, ERR_RANGE, ERR_LENGTH: what is wrong with an offer.
 * ERR_NOSPACE: the GMP arena. Nothing is bound or shown then, but for ERR_NOSPACE, which ends
 * the batch. */
MUST_CHECK enum err pq_party_open(struct pq_party *p, int64_t now_ns,
                                  const struct pq_question *q, uint8_t sig[QUORUM_SIG_LEN],
                                  struct quorum_word *word);

/* Takes the others' REVEALs; *answer is to be made by pq_answer_make() and given back to
 * pq_party_answered(). ERR_STALE: no such session, or answered already. ERR_QUORUM: not the
 * other signers. ERR_SIGNATURE: a REVEAL is not its sender's: nothing of it counts, and the
 * session goes on. ERR_NOSPACE: PQ_ANSWERS_MAX. */
MUST_CHECK enum err pq_party_take(struct pq_party *p, const struct r3 *m,
                                  struct pq_answer **answer);

/* Who asked for the batch of session x gives the session back: its batch is destroyed. False:
 * that lane has no such session, or it is answered, or being answered. */
bool pq_party_give_back(struct pq_party *p, uint32_t lane, const uint8_t x[STAMP_X_LEN]);

/* Any thread; scratch is that thread's. */
void pq_answer_make(const struct pq_party *p, struct tmldsa_respond_scratch *scratch,
                    struct pq_answer *a);

/* The answer is made: *word is this node's RESPOND, its body a loan until pq_party_release(),
 * its signature in sig. The session is over. a->err if that is not ERR_OK. */
MUST_CHECK enum err pq_party_answered(struct pq_party *p, struct pq_answer *a,
                                      uint8_t sig[QUORUM_SIG_LEN], struct quorum_word *word);
void pq_party_release(struct pq_party *p, struct pq_answer *a);

/* Destroys the batch of a place, and the session that it is in. */
void pq_place_empty(struct pq_party *p, struct pq_place *place);

/* Destroys the batches of sessions past their life, and those whose offer is older than an R1
 * lives. Gives how many. */
size_t pq_party_expire(struct pq_party *p, int64_t now_ns);

/* The machine may have been copied, or is leaving: destroys every batch and session that no
 * worker holds, and lets those end with ERR_STATE. Gives how many there were. */
size_t pq_party_void(struct pq_party *p);

#endif
