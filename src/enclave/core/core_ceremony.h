/* core_ceremony.h - a core's part in a key ceremony: frames to the machine of enclave/ceremony
 * and back, and what its end makes of the core (docs/wire.md 2.6). core_step.c calls it. */
#ifndef ENCLAVE_CORE_CORE_CEREMONY_H
#define ENCLAVE_CORE_CORE_CEREMONY_H

#include "enclave/core/core_step.h"

/* Who signs with whom, before anything else. */
void core_ceremony_init(struct core *c);

/* Writes the body of one answer. ERR_TYPE: this core signs alone.
 *
 * BEGIN: what ceremony_begin_ask_decode() and plan_decode() give. ERR_POLICY: other signers or
 * policies than this core has. ERR_MISMATCH: this core is not in it. ERR_STALE: the nonce is
 * not fresh, or there were LIMIT_CEREMONIES. ERR_STATE: the key is in use, or the core drains.
 * None of these ends what was under way; this does: ERR_NOSPACE: a worker is still at a batch
 * of the key that was; to be asked again. ERR_IO: no entropy.
 *
 * STEP: ERR_STATE: there is no ceremony; or, with messages: others wait to be fetched, the key
 * is in use, or the core drains. What ceremony_messages_check() gives: then none was taken.
 *
 * RECORD: ERR_STATE: none is finished. What ceremony_page_ask_decode() gives. */
MUST_CHECK enum err core_ceremony_call(struct core *c, const struct core_call *call,
                                       struct writer *w);

/* Runs fn(arg) on the member's stack, which is erased after. ERR_BUG: it was too short; the
 * core has failed. */
MUST_CHECK enum err core_ceremony_on_stack(struct core *c, void (*fn)(void *arg), void *arg);

/* Housekeeping: a round that takes too long; a key that is to go. */
void core_ceremony_tick(struct core *c);

/* The key is used from now on: the first SIGN_CSR or ACTIVATE of the pq key. What the ceremony
 * still kept, so as to end if another node complained, is erased. */
void core_ceremony_use(struct core *c);

/* CORE_CEREMONY, CORE_WAITING_CEREMONY; or any other: none is wanted. */
enum core_state core_ceremony_state(const struct core *c, enum core_state other);

#endif
