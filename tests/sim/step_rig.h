/* step_rig.h - the scheduler of sessions over five cores in virtual time, which do what a test
 * says is wrong with them. */
#ifndef TESTS_STEP_RIG_H
#define TESTS_STEP_RIG_H

#include "sim_job.h"
#include "testing.h"

#include "host/coord/quorum_step.h"

#define STEP_RIG_EVENTS_MAX 256
#define STEP_RIG_JOBS_MAX 40
#define STEP_RIG_TRIP_NS (2 * MS)

/* An answer on its way. */
struct step_rig_event {
    bool busy;
    int64_t at_ns;
    unsigned party;
    struct frame_header head;
    uint8_t *body;
    size_t n;
};

struct step_rig {
    struct party_kit *kit;
    struct quorum_node nodes[5];
    struct quorum_roster roster;
    struct quorum_step *step;
    struct quorum_scratch *scratch;
    struct coord_counters counters;
    uint8_t *room, *ask_room, *answer_room;
    size_t ask_max, answer_max;
    struct step_rig_event events[STEP_RIG_EVENTS_MAX];
    struct sim_job jobs[STEP_RIG_JOBS_MAX];
    unsigned blamed;   /* a mask */
    uint64_t asked[5]; /* frames */
    /* What is wrong with a core. */
    struct {
        bool silent, refills_not, lies, wrong_z, loses_r3, garbles;
        bool spoils; /* its R1 is such that honest signers refuse R2: a batch of old, a far span
                      */
        bool is_quick;
        int64_t slow_ns, slow_r3_ns; /* later than else, always or with R3 */
    } faults[5];
};

extern struct step_rig rig;

/* Fixtures of cmocka: all five up, nothing wrong. */
int step_rig_start(void **state);
int step_rig_stop(void **state);

/* Asks what there is to ask. */
void step_rig_pull(void);

/* Lets time go until this moment. */
void step_rig_run(int64_t end_ns);

/* Job i, to be done within so many milliseconds. */
void step_rig_submit(size_t i, int64_t within_ms);

/* It has ended, once, so. */
void step_rig_ends(size_t i, enum err e);

#endif
