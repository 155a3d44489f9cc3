/* version.h - which release this is. version.c is the one file that knows: two releases of the
 * same sources differ by its object alone. */
#ifndef BASE_VERSION_H
#define BASE_VERSION_H

#define VERSION_LINE_MAX 64 /* bytes with the zero */

extern const char quorate_version[]; /* "0.1.0" */

/* What --version prints: "PROGRAM VERSION\n"; the version is left out where it does not fit.
 * Gives out. */
const char *version_line(const char *program, char out[VERSION_LINE_MAX]);

#endif
