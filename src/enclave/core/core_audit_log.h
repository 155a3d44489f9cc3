/* core_audit_log.h - AUDIT_LOG: events under the signature of the core's audit key
 * (wire/audit_log.h). */
#ifndef ENCLAVE_CORE_CORE_AUDIT_LOG_H
#define ENCLAVE_CORE_CORE_AUDIT_LOG_H

#include "enclave/core/core_step.h"

/* Appends a page. Its head is signed now, or was less than LIMIT_AUDIT_SIGN_NS ago: nobody who
 * asks often makes the core sign often. ERR_STATE: no key, or the self-tests are not over. As
 * audit_ask_decode(). ERR_IO: no entropy. */
MUST_CHECK enum err core_audit_log(struct core *c, const struct core_call *call,
                                   struct writer *w);

#endif
