/* core_time_status.h - TIME_STATUS: what this core holds to be the time, and why, for people.
 */
#ifndef ENCLAVE_CORE_CORE_TIME_STATUS_H
#define ENCLAVE_CORE_CORE_TIME_STATUS_H

#include "enclave/core/core_step.h"

/* Appends one frame body. c->now was read for this request. */
void core_answer_time_status(const struct core *c, struct writer *w);

#endif
