/* journal_store.h - the segments of one journal: append, rotate, export. Of one thread at a
 * time. */
#ifndef HOST_LOG_JOURNAL_STORE_H
#define HOST_LOG_JOURNAL_STORE_H

#include "host/log/journal_io.h"
#include "host/log/journal_rule.h"
#include "host/log/segment.h"

#define JOURNAL_KEEP_MS \
    60000 /* between two looks at age and size, and before a failed move is tried again */

struct journal_store {
    char dir[JOURNAL_PATH_MAX], export_dir[JOURNAL_PATH_MAX];
    enum journal_sync sync;
    uint64_t segment_rows;
    struct journal_limits limits;
    int lock_fd;
    struct segment active; /* db NULL after an I/O error: the next append begins another */
    uint32_t active_number;
    bool failing; /* the last commit did: what comes of the next tries is not logged */
    bool blank;   /* the segment that was given up held no row: its file is made anew */
    int64_t keep_after_ms, rotate_after_ms; /* monotonic */
    struct journal_closed_table closed;
    uint64_t exported; /* since it was opened */
};

/* Locks the folder, recovers every segment, opens the newest for writing. On failure nothing is
 * held. ERR_IO, ERR_VERSION: as journal_open(). */
MUST_CHECK enum err journal_store_open(struct journal_store *st,
                                       const struct journal_config *cfg);

/* Records the list (by next) in one transaction, or nothing of it. ERR_IO. */
MUST_CHECK enum err journal_store_append(struct journal_store *st,
                                         const struct journal_entry *first);

/* Whether a commit would succeed now, found out by one that changes nothing. ERR_IO. */
MUST_CHECK enum err journal_store_probe(struct journal_store *st);

/* Rotation and export where they are due. Failures are logged and tried again later; rows are
 * never dropped. */
void journal_store_keep(struct journal_store *st);

uint64_t journal_store_rows(const struct journal_store *st);
uint64_t journal_store_segments(const struct journal_store *st);

void journal_store_close(struct journal_store *st);

#endif
