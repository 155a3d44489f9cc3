/* core_time.h - samples of the time client, and what is told of them (docs/wire.md 7). */
#ifndef ENCLAVE_CORE_CORE_TIME_H
#define ENCLAVE_CORE_CORE_TIME_H

#include "enclave/core/core_step.h"

/* Takes one; the answer is empty, also where it is ignored. ERR_TYPE: this core has another
 * clock, or this is not its time client. What time_report_decode() gives. ERR_STALE: it, or a
 * later one, was here before. */
MUST_CHECK enum err core_time_sample(struct core *c, const struct core_call *call);

/* A step of a round of probes. ERR_TYPE: this core has another clock, or signs alone. What
 * time_probe_decode() gives. ERR_TIME: the own clock does not hold, and there is nothing to
 * compare (OPEN, HEAR). ERR_IO: no entropy. ERR_NOSPACE: the GMP arena. A statement that its
 * core has not signed is refused, and counted, for itself. */
MUST_CHECK enum err core_time_probe(struct core *c, const struct core_call *call,
                                    struct writer *w);

/* Whether this core keeps its own time and signs with others, whose clocks are to agree. */
bool core_time_has_peers(const struct core *c);

/* Whether enough other cores' clocks agree with the own one; true where nobody is to be asked.
 */
bool core_time_permits(const struct core *c);

/* Audits what a reading changed: an event, another reason, what the peers say. */
void core_time_audit(struct core *c, const struct own_time *before);

#endif
