#include "os/locked_memory.h"

#include "base/secret.h"

#include <sys/mman.h>
#include <unistd.h>

#define LOCKED_MEMORY_MAX 67108864 /* bytes; more is a mistake of the caller */

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static enum err prepare(uint8_t *p, size_t n, bool allow_unlocked, bool *locked)
{
    if (mprotect(p, n, PROT_READ | PROT_WRITE) != 0) {
        return ERR_NOSPACE;
    }
    if (madvise(p, n, MADV_DONTDUMP) != 0 || madvise(p, n, MADV_WIPEONFORK) != 0) {
        return ERR_IO;
    }
    *locked = mlock(p, n) == 0;
    return *locked || allow_unlocked ? ERR_OK : ERR_NOSPACE;
}

enum err locked_memory_map(size_t n, bool allow_unlocked, struct locked_memory *out)
{
    const size_t page = page_size();
    uint8_t *whole;
    bool locked;
    enum err e;

    *out = (struct locked_memory){0};
    if (n == 0 || n > LOCKED_MEMORY_MAX) {
        return ERR_RANGE;
    }
    n = (n + page - 1) / page * page;
    whole = mmap(NULL, n + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (whole == MAP_FAILED) {
        return ERR_NOSPACE;
    }
    e = prepare(whole + page, n, allow_unlocked, &locked);
    if (e != ERR_OK) {
        (void)munmap(whole, n + 2 * page);
        return e;
    }
    *out = (struct locked_memory){whole + page, n, locked};
    return ERR_OK;
}

void locked_memory_unmap(struct locked_memory *m)
{
    const size_t page = page_size();

    if (m->p) {
        wipe(m->p, m->n);
        (void)munmap(m->p - page, m->n + 2 * page);
    }
    *m = (struct locked_memory){0};
}
