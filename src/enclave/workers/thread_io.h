/* thread_io.h - how a thread of the core is started. */
#ifndef ENCLAVE_WORKERS_THREAD_IO_H
#define ENCLAVE_WORKERS_THREAD_IO_H

#include "base/bytes.h"

/* One that nobody joins and no signal goes to. ERR_IO: the kernel refused. */
MUST_CHECK enum err thread_start(void *(*run)(void *arg), void *arg, size_t stack_len);

#endif
