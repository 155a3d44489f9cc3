/* ini_file.h - an INI file by libinih, strictly: unknown sections, zero bytes, lines that are
 * too long or no INI are errors with their line. What keys mean is the caller's. */
#ifndef HOST_CONFIG_INI_FILE_H
#define HOST_CONFIG_INI_FILE_H

#include "base/bytes.h"

#define INI_LINE_MAX 1024 /* bytes of a line */
#define INI_ERROR_MAX 384 /* bytes of an error's text with its zero */

struct ini_file {
    const char *name; /* in errors */
    char *error;      /* INI_ERROR_MAX bytes */
    /* Whether a section of that name may be there: what stands between the brackets. */
    bool (*knows_section)(const char *name);
    /* Takes one key; says what is wrong with it by ini_fail(). section: "" before the first. */
    void (*take)(struct ini_file *f, const char *section, const char *key, const char *value);
    void *user;

    enum err err; /* the first failure */
    int line;     /* that is being read; 0 afterwards */
    struct reader in;
};

/* Keeps the first failure: *error says "name:line: key: what"; no line afterwards. */
void ini_fail(struct ini_file *f, enum err e, const char *what, const char *key);

/* Reads it all, or to the first failure. err, line and in need not be set. ERR_NOSPACE: a line
 * is too long. ERR_ENCODING: no line of an INI file, or a zero byte. ERR_TYPE: an unknown
 * section. Else what take() failed with. */
MUST_CHECK enum err ini_read(struct ini_file *f, struct view in);

#endif
