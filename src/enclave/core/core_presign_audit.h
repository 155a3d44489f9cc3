/* core_presign_audit.h - checks of presignatures that failed, as incidents in the audit log. It
 * says what PRESIGN_STATUS says, and so no sooner: PRESIGN_SHOWN_NS after it happened. */
#ifndef ENCLAVE_CORE_CORE_PRESIGN_AUDIT_H
#define ENCLAVE_CORE_CORE_PRESIGN_AUDIT_H

#include "enclave/core/core_step.h"

#define CORE_PRESIGN_LOOK_NS INT64_C(1000000000)

/* Each once: a pair when it is cut, a triple when it rests. Of a core that makes
 * presignatures. */
void core_presign_audit(struct core *c);

#endif
