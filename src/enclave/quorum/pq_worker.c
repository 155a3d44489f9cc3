#include "enclave/quorum/pq_worker.h"

#include <string.h>

struct call {
    struct pq_worker *w;
    const struct pq_party *p;
    struct pq_place *place;
    struct pq_answer *answer;
};

void pq_worker_init(struct pq_worker *w)
{
    memset(&w->scratch, 0, sizeof w->scratch);
    work_stack_init(&w->stack);
}

static enum err commit(void *arg)
{
    const struct call *const c = arg;

    return tmldsa_commit(c->p->key, c->p->share->party, &c->w->scratch.commit,
                         &c->place->batch);
}

enum err pq_worker_commit(struct pq_worker *w, const struct pq_party *p, struct pq_place *place)
{
    struct call c = {.w = w, .p = p, .place = place};

    return work_stack_run(&w->stack, commit, &c);
}

static enum err answer(void *arg)
{
    const struct call *const c = arg;

    pq_answer_make(c->p, &c->w->scratch, c->answer);
    return ERR_OK;
}

void pq_worker_answer(struct pq_worker *w, const struct pq_party *p, struct pq_answer *a)
{
    struct call c = {.w = w, .p = p, .answer = a};
    const enum err e = work_stack_run(&w->stack, answer, &c);

    a->err = e != ERR_OK ? e : a->err;
}
