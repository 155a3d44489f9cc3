/* leak_scan.h - looks for secrets where they may not be: in memory, in files. */
#ifndef TESTS_INTEG_CORE_LEAK_SCAN_H
#define TESTS_INTEG_CORE_LEAK_SCAN_H

#include "process_memory.h"
#include "secret_set.h"

/* What was looked at, and the first thing that was found. */
struct leak_report {
    uint64_t bytes;
    size_t leaks;
    char first[256];
};

/* All that can be read of a process. owners: who it is, of whom the region at secret (NULL:
 * none) may hold all; nothing else of it may hold anything. */
void leak_scan_process(const struct secret_set *s, const struct process_memory *m,
                       uint32_t owners, const struct region *secret, struct leak_report *r);

/* One file; or all regular files below a folder. One that is gone by now is none. */
void leak_scan_file(const struct secret_set *s, const char *path, struct leak_report *r);
void leak_scan_folder(const struct secret_set *s, const char *path, struct leak_report *r);
/* Regular files that a process holds open, wherever they are. */
void leak_scan_open_files(const struct secret_set *s, pid_t pid, struct leak_report *r);

#endif
