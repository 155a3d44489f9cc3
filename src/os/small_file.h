/* small_file.h - reads a small file whole. */
#ifndef OS_SMALL_FILE_H
#define OS_SMALL_FILE_H

#include "base/bytes.h"

/* Reads the file into out. *in: what was read. Never waits: a pipe that nobody writes to would
 * stop a daemon that reads its files again.
 * ERR_IO: it cannot be opened or read; errno says why, ENOTSUP: it is no regular file.
 * ERR_NOSPACE: it is longer than cap. *in is then empty. */
MUST_CHECK enum err small_file_read(const char *path, uint8_t *out, size_t cap,
                                    struct view *in);

#endif
