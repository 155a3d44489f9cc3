/* worker_io.h - the threads that sign, and nothing else. With one CPU there is none, and the
 * main thread signs between two rounds of its loop. */
#ifndef ENCLAVE_CORE_WORKER_IO_H
#define ENCLAVE_CORE_WORKER_IO_H

#include "crypto/pq_key.h"
#include "enclave/core/jobs.h"
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
/* Without threads: makes one signature. False: none waits, or there are threads. */
bool worker_pool_sign_one(struct worker_pool *p);

#endif
