/* sim_job.h - a job of a test in virtual time, and when it was done. */
#ifndef TESTS_SIM_JOB_H
#define TESTS_SIM_JOB_H

#include "quorum_node.h"

#include "host/coord/coord.h"

struct sim_job {
    struct coord_job job;
    const struct party_kit *kit;
    unsigned done;
    int64_t done_ns;
};

static inline void sim_job_done(struct coord_job *job)
{
    struct sim_job *const j = job->user;

    j->done++;
    j->done_ns = j->kit->now_ns;
}

static inline enum err sim_job_to_sign(const struct coord_job *job, uint8_t *mu)
{
    quorum_node_mu(&job->stamp, mu);
    return ERR_OK;
}

/* A stamp by the pq key that is to be there within so many milliseconds. */
static inline void sim_job_make(struct sim_job *j, const struct party_kit *kit,
                                int64_t within_ms)
{
    *j = (struct sim_job){.job = {.key = KEY_PQ,
                                  .policy = 1,
                                  .hash_alg = HASH_SHA512,
                                  .rule = {3, 100, 1000},
                                  .deadline_ns = kit->now_ns + within_ms * MS,
                                  .to_sign = sim_job_to_sign,
                                  .done = sim_job_done,
                                  .user = j},
                          .kit = kit};
    memcpy(j->job.epoch_id, kit->epoch_id, EPOCH_ID_LEN);
}

#endif
