/* epoch_io.h - the record of the ceremony, read for coord. */
#ifndef HOST_FRONT_EPOCH_IO_H
#define HOST_FRONT_EPOCH_IO_H

#include "host/coord/coord.h"
#include "host/coord/roster.h"

/* Zero before its first use. */
struct epoch_file {
    bool read;                     /* once, at least */
    uint8_t id[CEREMONY_HASH_LEN]; /* SHA-384 of the bytes that were looked at last */
    char refused[ROSTER_WHY_MAX];  /* why it was refused last, so that it is said once */
};

/* Reads the file, and hands coord its roster if the file is another than the last time. A bad
 * file leaves the old epoch in force, and the log says why. */
void epoch_refresh(struct epoch_file *e, const char *path, struct coord *coord);

#endif
