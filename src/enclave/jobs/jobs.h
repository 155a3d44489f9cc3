/* jobs.h - what threads are to make: signatures, one batch per R2 frame, and answers to R3, one
 * each, in fixed slots; and commitments of round 1, when nothing of that waits.
 *
 * A batch waits in the lane of its connection; the next job is taken from the lanes in turn, so
 * a full lane delays another by one job at most. Not locked: worker_io.c does that. Batches are
 * got, filled, collected and put back by the main thread alone. */
#ifndef ENCLAVE_JOBS_JOBS_H
#define ENCLAVE_JOBS_JOBS_H

#include "crypto/p384.h"
#include "enclave/judge/stamping.h"
#include "enclave/limits.h"
#include "enclave/quorum/pq_party.h"

struct sign_job {
    uint8_t digest[SIGN_DIGEST_LEN]; /* SHA-384 for KEY_CLASSIC, mu for KEY_PQ */
    uint8_t signature[P384_SIG_LEN]; /* of KEY_CLASSIC */
    enum err err;                    /* of the signing */
};

/* Signatures of a batch that KEY_PQ signs: few batches have such, and they are long. */
struct sign_long {
    struct sign_long *next; /* in the free list */
    uint8_t signatures[STAMP_BATCH_PQ_MAX][STAMP_SIGNATURE_DUAL];
};

struct sign_batch {
    struct sign_batch *next; /* in the free list, its lane, or the list of done ones */
    uint64_t request_id;
    uint32_t lane;                  /* number of the connection */
    uint8_t key;                    /* enum core_key */
    bool csr;                       /* of SIGN_CSR: one job, and no stamp */
    struct sign_long *pq;           /* where KEY_PQ signs, else NULL */
    struct pq_answer *answer;       /* of an R3: it is the one job; else NULL */
    bool is_order;                  /* of PRESIGN_ORDER, which no worker carries out */
    bool is_long;                   /* the connection's: its answer takes an area */
    size_t n;                       /* stamps in the frame */
    enum err errs[STAMP_BATCH_MAX]; /* of the judgement; each ERR_OK has the next job; of
                                       KEY_DUAL the next two, KEY_CLASSIC first */
    size_t n_jobs;
    struct sign_job jobs[STAMP_BATCH_MAX];
    size_t taken, done; /* of n_jobs */
};

struct sign_lane {
    struct sign_batch *first, *last; /* batches with jobs that nobody took yet */
};

/* A commitment that was made, or not. */
struct commit_done {
    struct pq_place *place;
    enum err err;
};

struct jobs {
    struct sign_batch *free;
    struct sign_batch *done;
    struct sign_lane lanes[LIMIT_CONNECTIONS];
    uint32_t turn;  /* lane that is asked first */
    size_t waiting; /* jobs that nobody took yet */
    size_t busy;    /* batches that are not free */
    size_t n_commits, n_committed;
    struct pq_place *commits[PQ_POOL_MAX]; /* that nobody took yet */
    struct commit_done committed[PQ_POOL_MAX];
    struct sign_long *free_pq;
    struct sign_batch batches[LIMIT_BATCHES];
    struct sign_long pq[LIMIT_BATCHES_PQ];
};

void jobs_init(struct jobs *q);

/* Jobs of one stamp under that key. */
static inline size_t jobs_each(uint8_t key)
{
    return key == KEY_DUAL ? 2 : 1;
}

/* A free batch for that key, emptied; NULL: there is none. */
struct sign_batch *jobs_get(struct jobs *q, uint8_t key);
void jobs_put(struct jobs *q, struct sign_batch *b);

/* The key that signs that job of b, KEY_CLASSIC or KEY_PQ. */
enum core_key jobs_key(const struct sign_batch *b, const struct sign_job *job);

/* Where the signature of that job of b stands: STAMP_SIGNATURE_CLASSIC or STAMP_SIGNATURE_PQ
 * bytes. Those of one stamp stand in a row. */
uint8_t *jobs_signature(struct sign_batch *b, struct sign_job *job);

/* Puts a batch with at least one job into its lane. */
void jobs_submit(struct jobs *q, struct sign_batch *b);

/* The next job in turn and its batch; NULL: none waits. */
struct sign_job *jobs_take(struct jobs *q, struct sign_batch **batch);

/* Says that a job of b that was taken is signed. True: b is whole, and now among the done. */
bool jobs_finish(struct jobs *q, struct sign_batch *b);

/* Nobody waits for this lane's answers any more: jobs not yet taken end with ERR_STATE. True:
 * at least one batch got whole by that. */
bool jobs_cancel(struct jobs *q, uint32_t lane);

/* All batches that are done, chained by next; NULL: none. */
struct sign_batch *jobs_collect(struct jobs *q);

/* A place of the pool is to be filled; each is there once. */
void jobs_submit_commit(struct jobs *q, struct pq_place *place);

/* The next of them; NULL: none, or other jobs come first. */
struct pq_place *jobs_take_commit(struct jobs *q);

/* Says what became of one that was taken. */
void jobs_finish_commit(struct jobs *q, struct pq_place *place, enum err e);

/* One that is done. False: none. */
bool jobs_collect_commit(struct jobs *q, struct commit_done *out);

#endif
