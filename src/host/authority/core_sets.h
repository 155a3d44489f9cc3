/* core_sets.h - which sets of cores an authority in one folder runs, one for each epoch: the
 * one that serves, and beside it one that is to take over, or one that is to retire. Pure. The
 * file: lines of ASCII, the first always and one of the others at most
 *
 *   serves N
 *   next N          above that
 *   retires N       below that
 *
 * Set 1 is of the supervisor itself; each of the others has a supervisor of its own. */
#ifndef HOST_AUTHORITY_CORE_SETS_H
#define HOST_AUTHORITY_CORE_SETS_H

#include "base/bytes.h"

#define CORE_SETS_LAST 9999 /* the highest number of a set */
#define CORE_SETS_MAX 32    /* bytes of the file */

struct core_sets {
    unsigned serves;
    unsigned next, retires; /* 0: none; one of them at most */
};

/* Appends the file. */
void core_sets_write(struct writer *w, const struct core_sets *s);

/* Reads a whole file. On failure *out is zero. ERR_ENCODING: other lines than those. ERR_RANGE:
 * numbers that are out of order, or above CORE_SETS_LAST. */
MUST_CHECK enum err core_sets_parse(struct view in, struct core_sets *out);

/* Whether that set is to run. */
bool core_sets_want(const struct core_sets *s, unsigned n);

#endif
