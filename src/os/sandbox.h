/* sandbox.h - seccomp allow list: any other system call ends the process with SIGSYS. */
#ifndef OS_SANDBOX_H
#define OS_SANDBOX_H

#include "base/bytes.h"

/* Whether this build can have one; if not, *why says why. Sanitizers, and CT_CHECK builds,
 * which run under valgrind, need system calls of their own. */
bool sandbox_supported(const char **why);

/* Allows the n system calls (SYS_x of <sys/syscall.h>) and nothing else, from now on, in every
 * thread of the process. Other architectures' calls (32 bit) end the process as well. Loading
 * uses the heap: do it before the point from which the program promises not to. ERR_STATE: not
 * supported by this build, nothing was done. ERR_RANGE: n is 0, or no such call. ERR_IO: the
 * kernel refused; the process is as it was. */
MUST_CHECK enum err sandbox_enter(const int *syscalls, size_t n);

#endif
