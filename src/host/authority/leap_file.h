/* leap_file.h - leap-seconds.list, as the IERS publishes it and Debian has it, made into what
 * --leap-table of quorate-core and quorate-timed takes. Pure. */
#ifndef HOST_AUTHORITY_LEAP_FILE_H
#define HOST_AUTHORITY_LEAP_FILE_H

#include "base/bytes.h"

#define LEAP_FILE_MAX 65536      /* bytes of the file */
#define LEAP_FILE_ENTRIES_MAX 64 /* as many as a core takes */
#define LEAP_FILE_TEXT_MAX 1280  /* bytes of the text with its zero */

/* SECOND:OFFSET[,SECOND:OFFSET...]@EXPIRES in POSIX seconds. On failure text is "" and
 * *expires_s is 0.
 *
 * ERR_ENCODING: a line of another form. ERR_RANGE: a number that no such file has.
 * ERR_NOSPACE: the file is too long, or has too many entries. ERR_TRUNCATED: its end (#@), its
 * hash (#h) or all entries are missing. ERR_SIGNATURE: the hash is of other numbers. ERR_BUG:
 * OpenSSL has no SHA-1. */
MUST_CHECK enum err leap_file_parse(struct view in, char text[LEAP_FILE_TEXT_MAX],
                                    int64_t *expires_s);

#endif
