#include "enclave/workers/worker_io.h"

#include "base/secret.h"
#include "enclave/workers/thread_io.h"

#include <sched.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

/* glibc's mutex cannot fail here: a plain one, initialised, never locked twice. */
static void take_lock(struct worker_pool *p)
{
    (void)pthread_mutex_lock(&p->lock);
}

static void give_lock(struct worker_pool *p)
{
    (void)pthread_mutex_unlock(&p->lock);
}

size_t worker_count(void)
{
    cpu_set_t set;
    int n = 1;

    CPU_ZERO(&set);
    if (sched_getaffinity(0, sizeof set, &set) == 0) {
        n = CPU_COUNT(&set);
    }
    if (n <= 1) {
        return 0;
    }
    return n > LIMIT_WORKERS ? LIMIT_WORKERS : (size_t)n;
}

/* An eventfd takes 2^64 - 2 of these before it would block. */
static void notify(const struct worker_pool *p)
{
    const uint64_t one = 1;

    (void)!write(p->done_fd, &one, sizeof one);
}

static enum err reseed(const struct worker_pool *p, struct p384_signer *signer)
{
    uint8_t fresh[DRBG_SEED_LEN];
    const enum err e = p->entropy->fill(p->entropy->self, fresh, sizeof fresh);

    if (e == ERR_OK) {
        p384_signer_reseed(signer, (struct view){fresh, sizeof fresh});
    }
    wipe(fresh, sizeof fresh);
    return e;
}

/* Fresh entropy hedges each signature, FIPS 204 3.4. */
static void sign_pq(struct worker_pool *p, size_t at, struct sign_batch *b,
                    struct sign_job *job)
{
    uint8_t rnd[MLDSA_SEED_LEN];

    job->err = p->entropy->fill(p->entropy->self, rnd, sizeof rnd);
    if (job->err == ERR_OK) {
        job->err =
            pq_sign(&p->pq_signers[at], p->pq_key, job->digest, rnd, jobs_signature(b, job));
    }
    wipe(rnd, sizeof rnd);
}

/* Does one job that was taken, with signer number at, without the lock. */
static void sign(struct worker_pool *p, size_t at, struct sign_batch *b, struct sign_job *job)
{
    struct p384_signer *const signer = p->signers[at];

    if (b->answer != NULL) {
        pq_worker_answer(&p->pq_workers[at], p->party, b->answer);
        job->err = ERR_OK;
        return;
    }
    if (jobs_key(b, job) == KEY_PQ) {
        sign_pq(p, at, b, job);
        return;
    }

    job->err = ERR_OK;
    if (++p->signatures[at] >= P384_RESEED_AFTER) {
        job->err = reseed(p, signer);
        p->signatures[at] = job->err == ERR_OK ? 0 : p->signatures[at];
    }
    if (job->err == ERR_OK) {
        job->err = p384_sign(signer, p->key, job->digest, jobs_signature(b, job));
    }
}

/* What one thread does at a time: a job, or a commitment. */
struct piece {
    struct sign_batch *batch;
    struct sign_job *job;   /* NULL: a commitment */
    struct pq_place *place; /* of the commitment */
    enum err err;
};

/* With the lock. False: there is nothing to do. */
static bool take_piece(struct worker_pool *p, struct piece *x)
{
    x->job = jobs_take(p->jobs, &x->batch);
    x->place = x->job == NULL ? jobs_take_commit(p->jobs) : NULL;
    return x->job != NULL || x->place != NULL;
}

/* Without it. */
static void do_piece(struct worker_pool *p, size_t at, struct piece *x)
{
    if (x->job != NULL) {
        sign(p, at, x->batch, x->job);
    } else {
        x->err = pq_worker_commit(&p->pq_workers[at], p->party, x->place);
    }
}

/* With it. True: notify() is to follow, without the lock, or who is told would wait for it. The
 * first of its list is told, whatever the other list holds: they are collected at different
 * times. */
static bool give_piece(struct worker_pool *p, const struct piece *x)
{
    bool first;

    if (x->job != NULL) {
        first = p->jobs->done == NULL;
        return jobs_finish(p->jobs, x->batch) && first;
    }
    first = p->jobs->n_committed == 0;
    jobs_finish_commit(p->jobs, x->place, x->err);
    return first;
}

static void *run(void *arg)
{
    struct worker_pool *const p = arg;
    struct piece x;
    size_t at = 0;

    take_lock(p);
    at = p->started++;
    (void)pthread_cond_signal(&p->up);
    for (;;) {
        if (!take_piece(p, &x)) {
            p->idle++;
            (void)pthread_cond_wait(&p->more, &p->lock);
            p->idle--;
            continue;
        }
        give_lock(p);
        do_piece(p, at, &x);
        take_lock(p);
        if (give_piece(p, &x)) {
            give_lock(p);
            notify(p);
            take_lock(p);
        }
    }
    return NULL;
}

/* A thread that is still being set up makes calls that the sandbox does not allow: rseq(2). */
static void await_threads(struct worker_pool *p)
{
    take_lock(p);
    while (p->started < p->n) {
        (void)pthread_cond_wait(&p->up, &p->lock);
    }
    give_lock(p);
}

enum err worker_pool_start(struct worker_pool *p, const struct worker_setup *setup)
{
    *p = (struct worker_pool){.jobs = setup->jobs,
                              .key = setup->key,
                              .pq_key = setup->pq_key,
                              .pq_signers = setup->pq_signers,
                              .party = setup->party,
                              .pq_workers = setup->pq_workers,
                              .entropy = setup->entropy};
    memcpy(p->signers, setup->signers, sizeof p->signers);
    p->done_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (p->done_fd < 0 || pthread_mutex_init(&p->lock, NULL) != 0 ||
        pthread_cond_init(&p->more, NULL) != 0 || pthread_cond_init(&p->up, NULL) != 0) {
        return ERR_IO;
    }
    for (; p->n < setup->n; p->n++) {
        TRY(thread_start(run, p, LIMIT_WORKER_STACK));
    }
    await_threads(p);
    return ERR_OK;
}

void worker_pool_submit(struct worker_pool *p, struct sign_batch *b)
{
    const size_t n = b->n_jobs;
    size_t idle;

    take_lock(p);
    jobs_submit(p->jobs, b);
    idle = p->idle;
    give_lock(p);
    if (idle > 0 && n > 1) {
        (void)pthread_cond_broadcast(&p->more);
    } else if (idle > 0) {
        (void)pthread_cond_signal(&p->more);
    }
}

void worker_pool_cancel(struct worker_pool *p, uint32_t lane)
{
    bool any;

    take_lock(p);
    any = jobs_cancel(p->jobs, lane);
    give_lock(p);
    if (any) {
        notify(p);
    }
}

struct sign_batch *worker_pool_collect(struct worker_pool *p)
{
    struct sign_batch *list;
    uint64_t count;

    (void)!read(p->done_fd, &count, sizeof count);
    take_lock(p);
    list = jobs_collect(p->jobs);
    give_lock(p);
    return list;
}

void worker_pool_done(struct worker_pool *p, struct sign_batch *b)
{
    bool first;

    take_lock(p);
    first = p->jobs->done == NULL;
    (void)jobs_finish(p->jobs, b);
    give_lock(p);
    if (first) {
        notify(p);
    }
}

void worker_pool_submit_commit(struct worker_pool *p, struct pq_place *place)
{
    size_t idle;

    take_lock(p);
    jobs_submit_commit(p->jobs, place);
    idle = p->idle;
    give_lock(p);
    if (idle > 0) {
        (void)pthread_cond_signal(&p->more);
    }
}

bool worker_pool_collect_commit(struct worker_pool *p, struct commit_done *out)
{
    bool any;

    take_lock(p);
    any = jobs_collect_commit(p->jobs, out);
    give_lock(p);
    return any;
}

bool worker_pool_work_one(struct worker_pool *p)
{
    struct piece x;

    if (p->n > 0 || !take_piece(p, &x)) {
        return false;
    }
    do_piece(p, 0, &x);
    if (give_piece(p, &x)) {
        notify(p);
    }
    return true;
}
