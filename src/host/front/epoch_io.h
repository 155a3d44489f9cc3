/* epoch_io.h - the record of the ceremony, and which of its nodes have ended, read for coord.
 */
#ifndef HOST_FRONT_EPOCH_IO_H
#define HOST_FRONT_EPOCH_IO_H

#include "host/coord/coord.h"
#include "host/coord/roster.h"

/* Zero before its first use. */
struct epoch_file {
    bool read;                     /* once, at least */
    uint8_t id[CEREMONY_HASH_LEN]; /* SHA-384 of the bytes that were looked at last */
    char refused[ROSTER_WHY_MAX];  /* why it was refused last, so that it is said once */
    /* Of the epoch that coord was given last. */
    size_t n;
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t boot_nonces[2 * PLAN_NODES_MAX][PLAN_NONCE_LEN]; /* of nodes that came again, too */
    size_t n_again;
};

/* Reads the file, and hands coord its roster if the file is another than the last time. A bad
 * file leaves the old epoch in force, and the log says why. */
void epoch_refresh(struct epoch_file *e, const char *path, struct coord *coord);

/* Reads the supervisor's list of those that have ended and of orders, and tells coord of the
 * epoch's. A file that is not there says nothing. */
void epoch_hear(struct epoch_file *e, const char *path, struct coord *coord);

#endif
