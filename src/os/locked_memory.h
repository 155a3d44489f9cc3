/* locked_memory.h - pages for secrets: mapped once at start, locked (mlock), left out of core
 * dumps (MADV_DONTDUMP), zero in a child (MADV_WIPEONFORK), between two guard pages. */
#ifndef OS_LOCKED_MEMORY_H
#define OS_LOCKED_MEMORY_H

#include "base/bytes.h"

struct locked_memory {
    uint8_t *p; /* page-aligned, zero at first */
    size_t n;   /* bytes asked for, rounded up to pages */
    bool locked;
};

/* Maps n bytes. With allow_unlocked a refused mlock is no failure: locked is false then, and
 * the caller logs it. On failure *out is zero. ERR_RANGE: n is 0 or absurd. ERR_NOSPACE: no
 * memory, or over RLIMIT_MEMLOCK (systemd: LimitMEMLOCK). ERR_IO: the kernel knows one of the
 * advices not. */
MUST_CHECK enum err locked_memory_map(size_t n, bool allow_unlocked, struct locked_memory *out);

/* Erases, then unmaps. A zero m is fine. */
void locked_memory_unmap(struct locked_memory *m);

#endif
