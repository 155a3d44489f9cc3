/* core_evidence.h - EVIDENCE: what this core shows of its machine to whoever asks. It never
 * waits for quorate-tsm: the same question is asked again until the answer is there. */
#ifndef ENCLAVE_CORE_CORE_EVIDENCE_H
#define ENCLAVE_CORE_CORE_EVIDENCE_H

#include "enclave/core/core_step.h"

/* Appends an answer. ERR_STATE: no quorate-tsm can connect, or no ceremony has finished and the
 * epoch is asked for. ERR_BUSY: LIMIT_EVIDENCE_NONCES others are being answered. ERR_NOSPACE:
 * too much is wanted of quorate-tsm. ERR_IO: it is not there, or does not answer; else what it
 * said. As evidence_ask_decode(). */
MUST_CHECK enum err core_evidence(struct core *c, const struct core_call *call,
                                  struct writer *w);

#endif
