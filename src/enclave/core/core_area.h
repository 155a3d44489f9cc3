/* core_area.h - room for frames and answers that are longer than a connection's own buffers: a
 * few areas, each lent to one connection until its frame is carried out and the answer to it is
 * sent. A core that signs alone has none. */
#ifndef ENCLAVE_CORE_CORE_AREA_H
#define ENCLAVE_CORE_CORE_AREA_H

#include "enclave/limits.h"

struct core_areas {
    uint8_t *p; /* n times LIMIT_AREA_LEN bytes, the caller's */
    size_t n;   /* at most LIMIT_AREAS */
    bool lent[LIMIT_AREAS];
};

void core_areas_init(struct core_areas *a, uint8_t *p, size_t n);

/* Whether a connection that holds so many gets one more: as long as it leaves the others as
 * many as it has. So one that does not read its answers has at most half of them, for
 * LIMIT_STALL_NS. */
bool core_areas_has_for(const struct core_areas *a, size_t held);
/* One of LIMIT_AREA_LEN bytes, for a frame and behind it for its answer; NULL: not now, see
 * above. */
uint8_t *core_areas_lend(struct core_areas *a, size_t held);
void core_areas_give_back(struct core_areas *a, const uint8_t *area);

#endif
