/* core_retirement.h - the end of a core's part in an epoch: by an order of the operators it
 * promises nothing more, ends what is under way, erases its shares and says so (docs/wire.md
 * 19). From there nothing comes back: the process has no other use than to be asked what it
 * said. core_step.c calls it. */
#ifndef ENCLAVE_CORE_CORE_RETIREMENT_H
#define ENCLAVE_CORE_CORE_RETIREMENT_H

#include "enclave/core/core_step.h"

/* Writes the statement; the same one however often that order comes again.
 *
 * ERR_TYPE: this core signs alone. ERR_STATE: it has no share. ERR_BUSY: it drains, or a
 * worker is still at something; to be asked again. ERR_STALE: another order was taken before.
 * What retire_order_decode() and retire_order_judge() give: then nothing has changed. */
MUST_CHECK enum err core_retirement_call(struct core *c, const struct core_call *call,
                                         struct writer *w);

#endif
