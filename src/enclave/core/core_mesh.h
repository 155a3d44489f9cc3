/* core_mesh.h - what the host carries between cores and says of presignatures: frames 0x50 to
 * 0x54, to the thread that makes them and back (docs/wire.md 14). core_step.c calls it. */
#ifndef ENCLAVE_CORE_CORE_MESH_H
#define ENCLAVE_CORE_CORE_MESH_H

#include "enclave/core/core_step.h"

/* Writes the body of one answer; or *batch: an order is under way, which
 * presign_desk.meeting.ordered() ends. ERR_TYPE: this core signs alone. ERR_STATE: no key is
 * shared; or, of MESH_GET, another connection fetches. What the decoders give. ERR_NOSPACE: too
 * much is under way. */
MUST_CHECK enum err core_mesh_call(struct core *c, const struct core_call *call,
                                   struct writer *w, struct sign_batch **batch);

/* core_finish() of that batch. */
void core_mesh_finish(struct core *c, struct sign_batch *b, struct writer *w);

#endif
