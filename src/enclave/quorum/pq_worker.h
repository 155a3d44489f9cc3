/* pq_worker.h - what one thread makes batches and answers of a party with. */
#ifndef ENCLAVE_QUORUM_PQ_WORKER_H
#define ENCLAVE_QUORUM_PQ_WORKER_H

#include "crypto/work_stack.h"
#include "enclave/quorum/pq_party.h"

/* In locked memory; nothing of a call stays there. */
struct pq_worker {
    struct work_stack stack;
    struct tmldsa_respond_scratch scratch;
};

void pq_worker_init(struct pq_worker *w);

/* Round 1 of a place that pq_party_fill() gave. ERR_BUG: the stack was too short. */
MUST_CHECK enum err pq_worker_commit(struct pq_worker *w, const struct pq_party *p,
                                     struct pq_place *place);

/* pq_answer_make(); a->err is ERR_BUG if the stack was too short. */
void pq_worker_answer(struct pq_worker *w, const struct pq_party *p, struct pq_answer *a);

#endif
