/* plant.h - faults that are planted in one node, to see that the simulation finds them. Nothing
 * of them is in src/: the linker puts plant.c before the functions that a fault changes
 * (--wrap), and each does what it always does unless the node that is being driven has it. */
#ifndef TESTS_SIM_PLANT_H
#define TESTS_SIM_PLANT_H

#include <stdbool.h>

enum plant {
    PLANT_NONE,
    PLANT_JUDGEMENT_1, /* takes any body for an R1 of its own */
    PLANT_JUDGEMENT_2, /* no R1 is too old, and none is void after a clock event */
    PLANT_JUDGEMENT_3, /* does not hold genTime against its own clock */
    PLANT_JUDGEMENT_4, /* signs with spans that are far from its own */
    PLANT_JUDGEMENT_5, /* takes any activation, epoch and number of signers for its own */
    PLANT_R1_TWICE,    /* an R1 stays open when it is used */
    PLANT_BATCH_TWICE, /* a batch is offered again after it was answered with */
    PLANT_EPOCH,       /* signs what names another epoch */
    PLANT_R1_UNPROVEN, /* does not look at the proofs of R1s */
    PLANT_TWO_TOKENS,  /* the coordinator's: a job that is served leaves its other session */
    PLANT_COUNT
};

extern const char *const plant_names[PLANT_COUNT];

/* The fault of one node; PLANT_NONE: nobody has one. */
void plant_in(enum plant what, unsigned node);
/* The node that is driven from here on until plant_leave(). */
void plant_enter(unsigned node);
void plant_leave(void);

#endif
