#include "enclave/jobs/jobs.h"

#include "base/secret.h"

void jobs_init(struct jobs *q)
{
    wipe(q, offsetof(struct jobs, batches)); /* jobs_get() readies each of these */
    for (size_t i = 0; i < LIMIT_BATCHES; i++) {
        q->batches[i].next = q->free;
        q->free = &q->batches[i];
    }
    for (size_t i = 0; i < LIMIT_BATCHES_PQ; i++) {
        q->pq[i].next = q->free_pq;
        q->free_pq = &q->pq[i];
    }
}

struct sign_batch *jobs_get(struct jobs *q, uint8_t key)
{
    struct sign_batch *const b = q->free;
    const bool is_long = core_key_takes(key, KEY_PQ);
    struct sign_long *const pq = is_long ? q->free_pq : NULL;

    if (b == NULL || (is_long && pq == NULL)) {
        return NULL;
    }
    if (pq != NULL) {
        q->free_pq = pq->next;
    }
    b->key = key;
    b->csr = false;
    b->pq = pq;
    b->answer = NULL;
    b->is_order = false;
    b->is_long = false;
    q->free = b->next;
    q->busy++;
    b->next = NULL;
    b->n = 0;
    b->n_jobs = 0;
    b->taken = 0;
    b->done = 0;
    return b;
}

enum core_key jobs_key(const struct sign_batch *b, const struct sign_job *job)
{
    if (b->key == KEY_DUAL) {
        return (job - b->jobs) % 2 == 0 ? KEY_CLASSIC : KEY_PQ;
    }
    return (enum core_key)b->key;
}

uint8_t *jobs_signature(struct sign_batch *b, struct sign_job *job)
{
    const size_t at = (size_t)(job - b->jobs);

    if (b->key == KEY_DUAL) {
        return b->pq->signatures[at / 2] + (at % 2) * STAMP_SIGNATURE_CLASSIC;
    }
    return b->key == KEY_PQ ? b->pq->signatures[at] : job->signature;
}

void jobs_put(struct jobs *q, struct sign_batch *b)
{
    if (b->pq != NULL) {
        b->pq->next = q->free_pq;
        q->free_pq = b->pq;
        b->pq = NULL;
    }
    b->next = q->free;
    q->free = b;
    q->busy--;
}

void jobs_submit(struct jobs *q, struct sign_batch *b)
{
    struct sign_lane *const lane = &q->lanes[b->lane];

    b->next = NULL;
    if (lane->first == NULL) {
        lane->first = b;
    } else {
        lane->last->next = b;
    }
    lane->last = b;
    q->waiting += b->n_jobs;
}

struct sign_job *jobs_take(struct jobs *q, struct sign_batch **batch)
{
    struct sign_lane *lane;
    struct sign_batch *b;

    *batch = NULL;
    if (q->waiting == 0) {
        return NULL;
    }
    while (q->lanes[q->turn].first == NULL) {
        q->turn = (q->turn + 1) % LIMIT_CONNECTIONS;
    }
    lane = &q->lanes[q->turn];
    q->turn = (q->turn + 1) % LIMIT_CONNECTIONS;
    q->waiting--;
    b = lane->first;
    *batch = b;
    b->taken++;
    if (b->taken == b->n_jobs) {
        lane->first = b->next;
    }
    return &b->jobs[b->taken - 1];
}

static bool is_whole(struct jobs *q, struct sign_batch *b)
{
    if (b->done < b->n_jobs) {
        return false;
    }
    b->next = q->done;
    q->done = b;
    return true;
}

bool jobs_finish(struct jobs *q, struct sign_batch *b)
{
    b->done++;
    return is_whole(q, b);
}

bool jobs_cancel(struct jobs *q, uint32_t lane)
{
    struct sign_batch *b = q->lanes[lane].first;
    bool any = false;

    q->lanes[lane] = (struct sign_lane){NULL, NULL};
    while (b != NULL) {
        struct sign_batch *const next = b->next;

        while (b->taken < b->n_jobs) {
            b->jobs[b->taken].err = ERR_STATE;
            b->taken++;
            b->done++;
            q->waiting--;
        }
        any = is_whole(q, b) || any;
        b = next;
    }
    return any;
}

struct sign_batch *jobs_collect(struct jobs *q)
{
    struct sign_batch *const list = q->done;

    q->done = NULL;
    return list;
}

void jobs_submit_commit(struct jobs *q, struct pq_place *place)
{
    q->commits[q->n_commits++] = place;
}

struct pq_place *jobs_take_commit(struct jobs *q)
{
    return q->waiting == 0 && q->n_commits > 0 ? q->commits[--q->n_commits] : NULL;
}

void jobs_finish_commit(struct jobs *q, struct pq_place *place, enum err e)
{
    q->committed[q->n_committed++] = (struct commit_done){place, e};
}

bool jobs_collect_commit(struct jobs *q, struct commit_done *out)
{
    if (q->n_committed == 0) {
        return false;
    }
    *out = q->committed[--q->n_committed];
    return true;
}
