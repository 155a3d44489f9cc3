/* core_rounds.h - R1 and R2 of stamps, whoever signs them: what is alike, and which file does
 * the rest (docs/wire.md 3). core_step.c calls it. */
#ifndef ENCLAVE_CORE_CORE_ROUNDS_H
#define ENCLAVE_CORE_CORE_ROUNDS_H

#include "enclave/core/core_step.h"

/* Promises the time of now, once for each stamp. What r1_ask_decode() and core_standing() give.
 * ERR_QUORUM: another epoch, or a key that does not exist. ERR_STATE: no policy uses it.
 * ERR_NOSPACE: too many are open, or no batch is ready. ERR_IO: no entropy. */
MUST_CHECK enum err core_rounds_r1(struct core *c, const struct core_call *call,
                                   struct writer *w);

/* Judges the stamps of a frame. *batch: what is to be submitted; NULL: the answer is written.
 * What the decoders give. ERR_NOSPACE: too much is under way. */
MUST_CHECK enum err core_rounds_r2(struct core *c, const struct core_call *call,
                                   struct writer *w, struct sign_batch **batch);

/* core_finish() of that batch. */
void core_rounds_finish(struct core *c, struct sign_batch *b, struct writer *w);

#endif
