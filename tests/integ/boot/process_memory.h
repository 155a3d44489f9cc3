/* process_memory.h - another process as root sees it: its mappings, their flags, their bytes,
 * its status. */
#ifndef TESTS_INTEG_CORE_PROCESS_MEMORY_H
#define TESTS_INTEG_CORE_PROCESS_MEMORY_H

#include "base/bytes.h"

#include <sys/types.h>

#define REGIONS_MAX 1024

struct region {
    uint64_t lo, hi;
    bool readable, writable;
    bool locked, not_dumped, wiped_on_fork; /* VmFlags lo, dd, wf */
    long swap_kb;
    char name[64]; /* path, [stack], ...; "" for anonymous memory */
};

struct process_memory {
    pid_t pid;
    int fd; /* /proc/PID/mem */
    size_t n;
    struct region regions[REGIONS_MAX];
};

/* False: the process is gone, or this user may not; *why says which. Then there is nothing to
 * close. */
bool process_memory_open(struct process_memory *m, pid_t pid, const char **why);
void process_memory_close(struct process_memory *m);

/* The pages of secrets: locked_memory.h's advices, which nothing else has. NULL: not exactly
 * one such mapping. */
const struct region *process_memory_secret(const struct process_memory *m);

/* How many bytes from at on could be read: all of n, or up to the first page that has none. */
size_t process_memory_read(const struct process_memory *m, uint64_t at, uint8_t *to, size_t n);
bool process_memory_write(const struct process_memory *m, uint64_t at, const uint8_t *from,
                          size_t n);

/* A field of /proc/PID/status, as "VmLck", in its unit; -1: there is none. */
long process_status(pid_t pid, const char *field);
/* The hard limit of RLIMIT_CORE. -1: not readable or unlimited. */
long process_core_limit(pid_t pid);

#endif
