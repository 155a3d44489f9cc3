/* core_parts.h - what the files of the step machine share. */
#ifndef ENCLAVE_CORE_CORE_PARTS_H
#define ENCLAVE_CORE_CORE_PARTS_H

#include "enclave/core/core_step.h"

/* Middle of the own span, for audit entries; 0 without a valid time. */
int64_t core_audit_time(const struct core *c);
void core_audit(struct core *c, enum audit_event event, uint64_t a, uint64_t b);
/* With what belongs to it. */
void core_audit_data(struct core *c, enum audit_event event, uint64_t a, uint64_t b,
                     struct view data);

/* Counts a refusal; it is audited now and then. */
void core_refused(struct core *c, enum err e);

/* Reads the clock afresh; a clock event voids every R1, batch and session. */
void core_look_at_clock(struct core *c);

/* From one state to the next until none is due: each step on the way is a transition of its
 * own, and audited. */
void core_move_state(struct core *c);

/* Bytes from the core's DRBG, with fresh entropy for each request: a machine that was copied
 * does not repeat them. ERR_IO: there is none. */
MUST_CHECK enum err core_random(struct core *c, uint8_t *out, size_t n);

/* Signers of a stamp under that key. Both keys sign alone or not at all. */
static inline uint8_t core_threshold(const struct core *c, uint8_t key)
{
    return c->threshold[(core_key_takes(key, KEY_PQ) ? KEY_PQ : KEY_CLASSIC) - 1];
}

/* Whether that is this epoch, and the key exists. */
bool core_is_ours(const struct core *c, const uint8_t epoch_id[EPOCH_ID_LEN], uint8_t key);

/* Whether what is named has its certificate, each key of it; and whether every key that a
 * policy uses has. */
bool core_key_active(const struct core *c, uint8_t key);
bool core_is_active(const struct core *c);

/* Erases R1s that are too old. */
void core_expire(struct core *c);

/* What this core holds a stamp of that key to, with c->now read for it. Points into c and to
 * activation, which it fills. */
struct judge core_judge(struct core *c, uint8_t key, uint8_t activation[ACTIVATION_HASH_LEN]);

#endif
