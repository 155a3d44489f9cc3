/* segment.h - one segment of the journal: an SQLite database in WAL mode. The layout is in
 * quorate-journal(5).
 *
 * Of one thread at a time. A failure is logged here, with SQLite's reason; while writing fails,
 * only the first. */
#ifndef HOST_LOG_SEGMENT_H
#define HOST_LOG_SEGMENT_H

#include "host/log/journal.h"

#include <sqlite3.h>

#define SEGMENT_APPLICATION_ID 0x51744a6c /* "QtJl" */
#define SEGMENT_VERSION 1                 /* PRAGMA user_version */
#define SEGMENT_CHECKPOINT_PAGES \
    1000 /* of WAL, 4 KiB each; then it is written back and begun anew */

enum segment_use {
    SEGMENT_WRITE, /* it becomes a database in WAL mode; an empty or absent file becomes a
                      segment */
    SEGMENT_LOOK,  /* count and seal; never changed to WAL */
    SEGMENT_AGAIN, /* SEGMENT_WRITE once more, after writing failed: why it does so now, too,
                      is not logged */
};

struct segment {
    sqlite3 *db; /* NULL: not open */
    bool sealed; /* SEGMENT_LOOK: it is one file without WAL */
    bool said;   /* that it cannot be written is logged: once, until it can be */
    sqlite3_stmt *begin, *insert, *commit, *rollback;
    uint64_t rows;     /* committed */
    int64_t newest_ms; /* genTime of the last row; 0 without rows */
};

/* Opens the segment at path; what a killed process had committed is there. On failure *out is
 * all zero. ERR_IO: it cannot be opened, or is damaged, or is another program's. ERR_VERSION:
 * another schema version. */
MUST_CHECK enum err segment_open(const char *path, enum segment_use use, enum journal_sync sync,
                                 struct segment *out);

/* Appends the whole list (by next) in one transaction. On failure nothing of it is recorded.
 * ERR_NOSPACE: the disk or the database is full; the segment is sound. ERR_IO: do not write to
 * it again. */
MUST_CHECK enum err segment_append(struct segment *s, const struct journal_entry *first);

/* Commits a transaction that changes nothing. Errors as of segment_append(). */
MUST_CHECK enum err segment_probe(struct segment *s);

/* Makes it one file without WAL, readable from a read-only disk, and closes it, whatever
 * happens. ERR_IO: it stays a database with WAL; ask again later (a reader may have it open).
 */
MUST_CHECK enum err segment_seal(struct segment *s);

/* Closes it as it is. */
void segment_close(struct segment *s);

#endif
