/* fake_work.h - coord and journal, played by the tests: what they are asked is kept until a
 * test answers it. */
#ifndef TESTS_UNIT_FRONT_FAKE_WORK_H
#define TESTS_UNIT_FRONT_FAKE_WORK_H

#include "host/coord/coord.h"
#include "host/log/journal.h"

#define FAKE_JOBS_MAX 128

extern struct fake_work {
    struct coord_job *job; /* the last one submitted, not answered yet; NULL: none */
    struct coord_job *all[FAKE_JOBS_MAX];      /* every one that came, but for at_once */
    struct journal_entry *rows[FAKE_JOBS_MAX]; /* likewise */
    struct journal_entry *entry;               /* likewise */
    unsigned jobs, entries;                    /* how many came */
    unsigned wakes;                            /* of the journal, where there was an entry */
    bool at_once; /* coord answers job_err before coord_submit() returns */
    enum err job_err;
    struct coord_core_view core;                      /* what coord_look() gives of the first */
    struct coord_core_view more[COORD_CORES_MAX - 1]; /* and of the others */
    struct coord_epoch_view epoch;                    /* what coord_look_epoch() gives */
    bool healthy;                                     /* what journal_healthy() gives */
} fake;

/* Nothing was asked, a serving core without a key is connected, the journal is healthy. */
void fake_reset(void);

#endif
