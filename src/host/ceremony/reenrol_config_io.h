/* reenrol_config_io.h - what an authority keeps in files that a re-enrolment needs and leaves
 * behind (quorate.conf(5)): orders before, certificates, the word to fronts. */
#ifndef HOST_CEREMONY_REENROL_CONFIG_IO_H
#define HOST_CEREMONY_REENROL_CONFIG_IO_H

#include "host/config/config.h"
#include "host/coord/ended_list.h"

#define REENROL_EARLIER_MAX (PLAN_NODES_MAX - 1)

struct reenrol_earlier {
    size_t n;
    struct view orders[REENROL_EARLIER_MAX]; /* as they were carried out */
    uint8_t bytes[REENROL_EARLIER_MAX][REENROL_ORDER_MAX];
};

/* The latest orders of that epoch in [front] ended; a file that is not there has none. */
void reenrol_read_earlier(const struct config *c, const uint8_t epoch_id[EPOCH_ID_LEN],
                          struct reenrol_earlier *out);

/* Tells the fronts: a line more in [front] ended, on disk when this returns. ERR_IO. */
MUST_CHECK enum err reenrol_note_order(const struct config *c, struct view order);

/* Gives the core at uri the certificates that the authority has of its keys: those of [front]
 * chain and chain_pq whose key is one that HELLO lists. ERR_EVIDENCE: there is none of a key.
 * What core_ask() gives and the core answers. */
MUST_CHECK enum err reenrol_activate(const struct config *c, const char *uri);

#endif
