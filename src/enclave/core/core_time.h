/* core_time.h - samples of the time client, and what is told of them (docs/wire.md 5). */
#ifndef ENCLAVE_CORE_CORE_TIME_H
#define ENCLAVE_CORE_CORE_TIME_H

#include "enclave/core/core_step.h"

/* Takes one; the answer is empty, also where it is ignored. ERR_TYPE: this core has another
 * clock, or this is not its time client. What time_report_decode() gives. ERR_STALE: it, or a
 * later one, was here before. */
MUST_CHECK enum err core_time_sample(struct core *c, const struct core_call *call);

/* Audits what a reading changed: an event, another reason. */
void core_time_audit(struct core *c, const struct own_time *before);

#endif
