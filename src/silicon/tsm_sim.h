/* tsm_sim.h - a provider of evidence (os/tsm_provider.h) whose processor is simulated. */
#ifndef SILICON_TSM_SIM_H
#define SILICON_TSM_SIM_H

#include "silicon/silicon.h"

#include "os/tsm_provider.h"

struct tsm_sim {
    struct tsm_provider base;
    struct silicon *chip;
    /* A firmware that holds its guest back, for tests: reports it refuses yet. */
    unsigned busy;
};

/* Takes the chip, which close() frees. What its report() gives then: TSM_BUSY; TSM_KERNEL: it
 * could not be made. */
void tsm_sim_open(struct silicon *chip, struct tsm_sim *out);

#endif
