/* enrol_io.h - makes an epoch of cores that run: their plan and ceremony, a certificate for
 * each classic key and one for the key that they made together, all activated. One step after
 * the other, in a process of its own. */
#ifndef HOST_AUTHORITY_ENROL_IO_H
#define HOST_AUTHORITY_ENROL_IO_H

#include "host/config/config.h"

#define ENROL_CORES_UP_MS 20000 /* cores that have not all answered after so long: given up */
#define ENROL_LOOK_MS 500       /* between two looks whether the ceremony was run */
#define ENROL_TIME_MS 60000     /* a core whose clock holds no time after so long is given up */
#define ENROL_ANSWER_MS 10000   /* a core that takes longer for one answer: given up */
#define ENROL_SESSIONS_MAX \
    64 /* for the request of one classic key, with those that fail early */

/* config names the cores, their chains, the certify command, and their ceremony: run here, if a
 * plan is to be drafted, which nobody else looks at then; else it is waited for, as long as it
 * takes. A ceremony that all cores that run have finished is taken as it is.
 *
 * once: what fails, ends it; else the certify command is tried again until it certifies. What
 * fails is logged or said on stderr. ERR_QUORUM: there was no key. ERR_STATE, ERR_DEADLINE,
 * ERR_IO: a core does not do its part. Else as cluster_chains_parse() and certify_step(). */
MUST_CHECK enum err enrol(const struct config *config, bool once);

#endif
