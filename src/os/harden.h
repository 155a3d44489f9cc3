/* harden.h - what a process that holds secrets gives up at start. */
#ifndef OS_HARDEN_H
#define OS_HARDEN_H

#include "base/bytes.h"

/* No core dumps and no ptrace by the same user (PR_SET_DUMPABLE 0, RLIMIT_CORE 0), no new
 * privileges. Builds with AddressSanitizer stay dumpable, for its leak check. ERR_IO: the
 * kernel refused one. */
MUST_CHECK enum err harden_process(void);

/* Locks all pages, present and future, stacks of threads included. ERR_NOSPACE: over
 * RLIMIT_MEMLOCK. */
MUST_CHECK enum err harden_lock_all(void);

#endif
