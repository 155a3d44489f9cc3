/* quorum_slot.h - one of the places for sessions under way: what was asked in it, and who is
 * late or silent. No kernel, no heap; time is an argument. */
#ifndef HOST_COORD_QUORUM_SLOT_H
#define HOST_COORD_QUORUM_SLOT_H

#include "host/coord/quorum_core.h"
#include "host/coord/quorum_run.h"

#define QUORUM_RUNS_MAX 8                        /* sessions at once; more jobs wait */
#define QUORUM_ID_BIT (UINT64_C(1) << 63)        /* of the request ids of these frames */
#define QUORUM_ID_GIVEN (QUORUM_ID_BIT | 0xffff) /* of those that say what is given back */
#define QUORUM_SILENT_NS INT64_C(80000000)       /* R1, R2: then a core does not answer */
#define QUORUM_SILENT_R3_NS INT64_C(500000000)   /* R3: it computes */

struct quorum_slot {
    bool busy;
    bool late; /* its job has another session, or is in line for one; this one goes on */
    bool left; /* late, and its job has ended: that who is late answers at all is all it is for
                */
    struct quorum_run run;
    uint64_t generation; /* of run and phase: an answer to another one is late */
    unsigned sent;       /* mask of places */
    int64_t phase_ns;    /* since when */
};

/* The slot's questions of this phase are to be asked. generation is of no other phase. */
void quorum_slot_ask(struct quorum_slot *slot, uint64_t generation, int64_t now_ns);

/* The next question for this core, as a whole frame. at: the slot among slots. False: there is
 * none. */
bool quorum_slot_pull(struct quorum_slot *slot, size_t at, struct quorum_core *cores,
                      unsigned party, struct writer *w);

/* Whether the slot waits for an answer of this core with this request id. *place: among the
 * signers. */
bool quorum_slot_expects(const struct quorum_slot *slot, size_t at, unsigned party, uint64_t id,
                         size_t *place);

/* Signers that have not answered in this phase, a mask of parties. */
unsigned quorum_slot_missing(const struct quorum_slot *slot);

/* Those of them that take longer than they usually do, and when there is a first one. */
unsigned quorum_slot_late(const struct quorum_slot *slot, const struct quorum_core *cores,
                          int64_t now_ns);
int64_t quorum_slot_late_ns(const struct quorum_slot *slot, const struct quorum_core *cores);

/* From when on who has not answered is silent. */
int64_t quorum_slot_silent_ns(const struct quorum_slot *slot);

/* The session is over: its questions are waited for no more. Signers that may have it open, and
 * have not answered to the end, are to be told that it is given back. */
void quorum_slot_free(struct quorum_slot *slot, struct quorum_core *cores);

/* The job has ended: so have all its sessions, in QUORUM_RUNS_MAX slots. A slot where somebody
 * is late is left for that answer. */
void quorum_slots_drop(struct quorum_slot *slots, struct quorum_core *cores,
                       const struct coord_job *job, int64_t now_ns);

/* An answer in a slot that was left, from a place. The last one frees the slot. */
void quorum_slot_hear(struct quorum_slot *slot, struct quorum_core *cores, size_t place);

#endif
