/* pq1_parts.h - what the files of this room share; nobody else includes it. */
#ifndef ENCLAVE_CHANNEL_PQ1_PARTS_H
#define ENCLAVE_CHANNEL_PQ1_PARTS_H

#include "enclave/channel/pq1.h"

/* Row of an end in struct pq1_making: 0 for the lower index. */
static inline size_t pq1_own_row(const struct pq1 *c)
{
    return c->index[0] > c->index[1] ? 1 : 0;
}

static inline size_t pq1_peer_row(const struct pq1 *c)
{
    return 1 - pq1_own_row(c);
}

/* What evidence of an end, 0 own or 1 peer, must vouch for. Both Hellos are there: no error. */
MUST_CHECK enum err pq1_report_data(const struct pq1 *c, size_t end,
                                    uint8_t out[REPORT_DATA_LEN]);

/* What stands in th for an end: SHA-384 of its evidence; where there is a context, of the hash
 * of that and then the evidence. */
void pq1_bind_evidence(struct pq1 *c, size_t end, struct view block);

#endif
