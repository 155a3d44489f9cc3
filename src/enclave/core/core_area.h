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

/* One of LIMIT_AREA_LEN bytes, for a frame and behind it for its answer; NULL: all are lent. */
uint8_t *core_areas_lend(struct core_areas *a);
void core_areas_give_back(struct core_areas *a, const uint8_t *area);
bool core_areas_any_free(const struct core_areas *a);

#endif
