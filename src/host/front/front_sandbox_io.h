/* front_sandbox_io.h - what the front may ask of the kernel once it serves. */
#ifndef HOST_FRONT_FRONT_SANDBOX_IO_H
#define HOST_FRONT_FRONT_SANDBOX_IO_H

#include "base/bytes.h"

/* Allows what libmicrohttpd, GnuTLS, SQLite and we ourselves need, and nothing else: no program
 * is run, no process traced, nothing mounted. A build that cannot have a filter (sanitizers)
 * logs so and goes on. ERR_IO, ERR_RANGE: the kernel refused; do not serve. */
MUST_CHECK enum err front_sandbox_enter(void);

#endif
