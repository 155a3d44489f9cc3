/* dev_next_io.h - quorate dev next: an epoch of other cores, beside one that serves and after
 * it. What was done stands in the file of core_sets_io.h, so whoever ends in the middle goes on
 * there. Only in builds that admit simulated parts. */
#ifndef HOST_AUTHORITY_DEV_NEXT_IO_H
#define HOST_AUTHORITY_DEV_NEXT_IO_H

#include "base/err.h"

#if defined(QUORATE_SIMULATED)

#define DEV_NEXT_WAIT_MS 600000 /* for cores, front or supervisor; a bound, no pause */
#define DEV_NEXT_LOOK_MS 100    /* between two looks */
#define DEV_NEXT_ENDS 3         /* a process that has ended so often in a row will not serve */

struct dev_next_options {
    const char *dir;
    bool json;
    bool cancel; /* end the cores that were to take over, and have not */
};

/* Carries out what is left to do, and says it on stdout; on stderr what is in the way.
 *
 * ERR_STATE: no cluster runs in that folder, it has one core, or another `dev next` runs
 * there. ERR_DEADLINE: something did not come; the epoch that served serves, and a second call
 * goes on. ERR_QUORUM: a core has not retired, and has not ended; so it stands until a second
 * call. ERR_POLICY: it is too late to cancel, or there is nothing to; or a process
 * of the next epoch keeps ending: its cores were ended then, and nothing is begun. ERR_IO,
 * ERR_NOSPACE, ERR_RANGE, ERR_ENCODING: files; others: of the ceremony's record, of a bundle.
 */
MUST_CHECK enum err dev_next(const struct dev_next_options *o);

#endif
#endif
