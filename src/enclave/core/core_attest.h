/* core_attest.h - evidence in a core's ceremony, in its channels after that, and when a node
 * comes again: its desk asks for the own one, its attestor judges that of all
 * (docs/ceremony.md, docs/adr/0048, 0049). Each judgement is audited. */
#ifndef ENCLAVE_CORE_CORE_ATTEST_H
#define ENCLAVE_CORE_CORE_ATTEST_H

#include "enclave/core/core_step.h"

/* Before a ceremony: it takes plans with a policy if the core has a desk. */
void core_attest_init(struct core *c);

/* A ceremony has ended: what it asked for is wanted no longer. */
void core_attest_forget(struct core *c);

/* For the thread of presignatures; NULL: the plan has no policy. Before that begins. */
const struct mesh_attest *core_attest_channels(struct core *c);
/* While it works: it is told the time, and what it judged is audited. */
void core_attest_tick(struct core *c);
/* A node is another process from now on, on that platform (NULL: any of the plan's): before the
 * fence of core_presign.h. */
void core_attest_fence(struct core *c, unsigned node, const uint8_t *platform);

/* What a re-enrolment works with; NULL: the core has no desk. */
const struct reenrol_attest *core_attest_reenrol(struct core *c);

/* A fresh process begins with the plan of an epoch, as its node own. What attestor_begin()
 * counts as. */
MUST_CHECK enum err core_attest_adopt(struct core *c, uint8_t own);

/* A re-enrolment has ended. */
void core_attest_forget_reenrol(struct core *c);

#endif
