/* core_csr.h - SIGN_CSR: a key that waits for its certificate signs the request for it, which
 * this core writes itself from fields, and nothing else. docs/wire.md 3.5. */
#ifndef ENCLAVE_CORE_CORE_CSR_H
#define ENCLAVE_CORE_CORE_CSR_H

#include "enclave/core/core_step.h"

/* Whether R1s of this key are for SIGN_CSR now: it has no certificate, and the core waits for
 * one. */
bool core_csr_waits(const struct core *c, uint8_t key);

/* Judges a request, whose own R1 is used up by the question; when it is content the attempt is
 * used up, too. Where one core signs, *batch is to be submitted. Where several do, the own
 * REVEAL is written, as core_quorum_open() says; or of the shared classic key the answer of
 * core_presign_answer(), whose errors are then this one's.
 *
 * ERR_STALE: the own R1 is unknown, used, too old or from before a clock event; or the attempt
 * is not above the last one. ERR_STATE: the key has a certificate, or the core does not wait
 * for one. ERR_QUORUM: another epoch, a key that does not exist, another set of signers. What
 * csr_ask_decode() and csr_ask_x() say. ERR_POLICY: no such template of a subject. ERR_NOSPACE:
 * too much is under way. */
MUST_CHECK enum err core_csr_sign(struct core *c, const struct core_call *call,
                                  struct writer *w, struct sign_batch **batch);

/* core_finish() of a batch that answers it. */
void core_csr_finish(struct core *c, struct sign_batch *b, struct writer *w);

#endif
