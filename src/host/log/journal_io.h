/* journal_io.h - the folder of a journal: lock, list, move, flush. A failure is logged here,
 * with its errno. */
#ifndef HOST_LOG_JOURNAL_IO_H
#define HOST_LOG_JOURNAL_IO_H

#include "base/bytes.h"

#define JOURNAL_PATH_MAX 4096

/* dir "/" name. ERR_NOSPACE: longer than JOURNAL_PATH_MAX. */
MUST_CHECK enum err journal_io_path(const char *dir, const char *name,
                                    char out[JOURNAL_PATH_MAX]);

/* Makes the folder, mode 0700, unless it is there. ERR_IO. */
MUST_CHECK enum err journal_io_make_dir(const char *dir);

/* Takes the lock file of the folder; it goes with the process. ERR_IO: somebody has it, or it
 * cannot be made. */
MUST_CHECK enum err journal_io_lock(const char *dir, int *fd);
void journal_io_unlock(int fd);

/* Calls each() with the number of every segment file, in any order, until it fails. ERR_IO;
 * errors of each(). */
MUST_CHECK enum err journal_io_list(const char *dir,
                                    enum err (*each)(void *self, uint32_t number), void *self);

/* Flushes the folder's entries. ERR_IO. */
MUST_CHECK enum err journal_io_flush_dir(const char *dir);

/* Renames without ever replacing, then flushes both folders. ERR_IO: it is where it was, unless
 * only the flush failed. */
MUST_CHECK enum err journal_io_move(const char *from_dir, const char *to_dir, const char *name);

/* Removes a database and what SQLite keeps beside it. ERR_IO. */
MUST_CHECK enum err journal_io_remove(const char *path);

int64_t journal_io_now_ms(void);       /* since 1970-01-01T00:00:00Z */
int64_t journal_io_monotonic_ms(void); /* CLOCK_MONOTONIC */

#endif
