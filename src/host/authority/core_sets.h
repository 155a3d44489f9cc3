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

#include <limits.h>

#define CORE_SETS_LAST 9999 /* the highest number of a set */
#define CORE_SETS_MAX 32    /* bytes of the file */
#define CORE_SETS_OTHERS 2  /* run at once, beside set 1 */

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

/* Those that are to run under a supervisor of their own. Gives how many. */
size_t core_sets_others(const struct core_sets *s, unsigned out[CORE_SETS_OTHERS]);

/* ---- from one epoch to the next ---- */

/* One more is to take over from the one that serves. ERR_STATE: one does, or one retires.
 * ERR_NOSPACE: CORE_SETS_LAST serves. */
MUST_CHECK enum err core_sets_begin(struct core_sets *s);

/* It has: the other one is to retire. */
void core_sets_go_over(struct core_sets *s);

/* Only the one that serves is left. */
void core_sets_let_go(struct core_sets *s);

/* ---- files, in the folder of the authority ---- */

/* A file of a set: in the folder itself of set 1, in cores-N of set N. name: "" for that
 * folder. ERR_NOSPACE: over PATH_MAX. */
MUST_CHECK enum err core_sets_path(const char *dir, unsigned set, const char *name,
                                   char out[PATH_MAX]);

/* Its configuration, quorate-N.conf in the folder itself. ERR_NOSPACE. */
MUST_CHECK enum err core_sets_conf(const char *dir, unsigned set, char out[PATH_MAX]);

#endif
