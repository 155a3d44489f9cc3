/* file_replace.h - puts a file in place of another, whole or not at all. */
#ifndef OS_FILE_REPLACE_H
#define OS_FILE_REPLACE_H

#include "base/bytes.h"

#include <sys/types.h>

/* Puts a file with these bytes and mode in place of path: whoever reads sees the old one or the
 * new one, also after a power cut. ERR_IO: errno says why, the old one stands. */
MUST_CHECK enum err file_replace(const char *path, struct view bytes, mode_t mode);

#endif
