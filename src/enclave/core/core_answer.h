/* core_answer.h - answers that only tell: HELLO, STATE, STATS, AUDIT. */
#ifndef ENCLAVE_CORE_CORE_ANSWER_H
#define ENCLAVE_CORE_CORE_ANSWER_H

#include "enclave/core/core_step.h"

/* Why the core does not sign, as its state and clock stand; ERR_OK: it does. */
enum err core_standing(const struct core *c);

/* Each appends one frame body. c->now was read for this request. */
void core_answer_hello(const struct core *c, struct writer *w);
void core_answer_state(const struct core *c, struct writer *w);
void core_answer_stats(const struct core *c, struct writer *w);
void core_answer_audit(struct core *c, const struct audit_ask *ask, struct writer *w);

#endif
