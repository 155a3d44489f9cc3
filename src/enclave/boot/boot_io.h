/* boot_io.h - the life of quorate-core from its command line to its exit code. */
#ifndef ENCLAVE_BOOT_BOOT_IO_H
#define ENCLAVE_BOOT_BOOT_IO_H

#include <stddef.h>

#define BOOT_SYSCALLS_MAX 16

/* Returns the exit code: 0 drained after SIGTERM or SIGINT; 1 it could not start or go on; 2
 * the command line was refused. */
int boot_run(int argc, char *const *argv);

/* The system calls that the core makes once it serves; *n of them. Any other ends it. */
const int *boot_syscalls(size_t *n);

#endif
