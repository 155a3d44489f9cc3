#include "host/coord/coord_line.h"

void coord_line_push(struct coord_line *l, struct coord_job *job)
{
    job->next = NULL;
    if (l->last != NULL) {
        l->last->next = job;
    } else {
        l->first = job;
    }
    l->last = job;
    l->n++;
}

void coord_line_push_front(struct coord_line *l, struct coord_job *job)
{
    job->next = l->first;
    l->first = job;
    if (l->last == NULL) {
        l->last = job;
    }
    l->n++;
}

struct coord_job *coord_line_pop(struct coord_line *l)
{
    struct coord_job *job = l->first;

    if (job == NULL) {
        return NULL;
    }
    l->first = job->next;
    if (l->first == NULL) {
        l->last = NULL;
    }
    l->n--;
    job->next = NULL;
    return job;
}

void coord_line_remove(struct coord_line *l, const struct coord_job *job)
{
    struct coord_job *before = NULL;
    struct coord_job *at = l->first;

    while (at != NULL && at != job) {
        before = at;
        at = at->next;
    }
    if (at == NULL) {
        return;
    }
    if (before != NULL) {
        before->next = at->next;
    } else {
        l->first = at->next;
    }
    l->last = l->last == at ? before : l->last;
    l->n--;
    at->next = NULL;
}

void coord_line_expire(struct coord_line *l, int64_t now_ns, struct coord_line *out,
                       int64_t *next)
{
    struct coord_line kept = {0};
    struct coord_job *job = coord_line_pop(l);

    while (job != NULL) {
        if (job->deadline_ns <= now_ns) {
            coord_line_push(out, job);
        } else {
            *next = job->deadline_ns < *next ? job->deadline_ns : *next;
            coord_line_push(&kept, job);
        }
        job = coord_line_pop(l);
    }
    *l = kept;
}

void coord_job_finish(struct coord_counters *counters, struct coord_job *job, enum err e)
{
    if (e == ERR_OK) {
        atomic_fetch_add(&counters->signed_, 1);
    } else if (e == ERR_DEADLINE) {
        atomic_fetch_add(&counters->deadline, 1);
    } else {
        atomic_fetch_add(&counters->refused, 1);
    }
    atomic_fetch_sub(&counters->queue_depth, 1);
    job->err = e;
    job->done(job);
}
