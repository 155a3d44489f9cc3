/* worker_io.h - the threads that sign, answer R3 and make commitments, and nothing else. With
 * one CPU there is none, and the main thread does one of these between two rounds of its loop:
 * with AVX2 none takes more than 2 ms. */
#ifndef ENCLAVE_WORKERS_WORKER_IO_H
#define ENCLAVE_WORKERS_WORKER_IO_H

#include "crypto/mldsa/pq_key.h"
#include "enclave/jobs/jobs.h"
#include "enclave/quorum/pq_worker.h"
#include "os/entropy.h"

#include <pthread.h>

struct worker_pool {
    pthread_mutex_t lock; /* of jobs' lanes, waiting and done */
    pthread_cond_t more;
    pthread_cond_t up; /* a thread has started */
    struct jobs *jobs;
    const struct p384_key *key;
    const struct pq_key *pq_key;                /* NULL: none; then pq_signers is, too */
    struct pq_signer *pq_signers;               /* one a thread */
    const struct pq_party *party;               /* NULL: none; then pq_workers is, too */
    struct pq_worker *pq_workers;               /* one a thread */
    const struct entropy_source *entropy;       /* for the signers' DRBGs, now and then */
    struct p384_signer *signers[LIMIT_WORKERS]; /* one a thread; without threads the first */
    uint32_t signatures[LIMIT_WORKERS];         /* of each since its last fresh entropy */
    size_t n;                                   /* threads */
    size_t idle;
    size_t started; /* threads that took their signer */
    int done_fd;    /* eventfd: readable once a batch is done */
};

/* What a pool works on. All stays the caller's, for as long as the process lives. */
struct worker_setup {
    struct jobs *jobs;
    const struct p384_key *key;
    const struct pq_key *pq_key;  /* NULL: none; then pq_signers is, too */
    struct pq_signer *pq_signers; /* one a thread */
    const struct pq_party
        *party; /* used once it is set up; NULL: none; then pq_workers is, too */
    struct pq_worker *pq_workers; /* one a thread */
    const struct entropy_source *entropy;
    struct p384_signer *signers[LIMIT_WORKERS]; /* max(n, 1) of them, each for one thread */
    size_t n;                                   /* threads */
};

/* CPUs that this process may use, at most LIMIT_WORKERS; 1 CPU: 0 threads. */
size_t worker_count(void);

/* Starts the threads, which block all signals. ERR_IO: the kernel refused. */
MUST_CHECK enum err worker_pool_start(struct worker_pool *p, const struct worker_setup *setup);

void worker_pool_submit(struct worker_pool *p, struct sign_batch *b);
void worker_pool_cancel(struct worker_pool *p, uint32_t lane);
/* Batches that are done, chained by next. Call it when done_fd is readable: it is then emptied.
 */
struct sign_batch *worker_pool_collect(struct worker_pool *p);

/* A batch of which another thread did the one job: it is collected as the others are. */
void worker_pool_done(struct worker_pool *p, struct sign_batch *b);

/* A place of the pool is to be filled, when nothing else is to be done. */
void worker_pool_submit_commit(struct worker_pool *p, struct pq_place *place);
/* One that is done. False: none. To be called after worker_pool_collect() until then. */
bool worker_pool_collect_commit(struct worker_pool *p, struct commit_done *out);

/* Without threads: does one job. False: none waits, or there are threads. */
bool worker_pool_work_one(struct worker_pool *p);

#endif
