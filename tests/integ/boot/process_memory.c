#include "process_memory.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static FILE *open_proc(pid_t pid, const char *what)
{
    char path[64];

    (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, what);
    return fopen(path, "re");
}

/* "lo-hi rwxp offset dev inode name". False: another kind of line. */
static bool read_head(const char *line, struct region *r)
{
    char flags[8];
    char name[64] = "";
    unsigned long lo = 0;
    unsigned long hi = 0;

    if (sscanf(line, "%lx-%lx %7s %*s %*s %*s %63[^\n]", &lo, &hi, flags, name) < 3) {
        return false;
    }
    *r = (struct region){
        .lo = lo, .hi = hi, .readable = flags[0] == 'r', .writable = flags[1] == 'w'};
    (void)snprintf(r->name, sizeof r->name, "%s", name);
    return true;
}

static void read_regions(FILE *f, struct process_memory *m)
{
    char line[512];
    struct region *last = NULL;

    while (fgets(line, sizeof line, f) != NULL && m->n < REGIONS_MAX) {
        if (read_head(line, &m->regions[m->n])) {
            last = &m->regions[m->n++];
        } else if (last != NULL && strncmp(line, "VmFlags:", 8) == 0) {
            last->locked = strstr(line, " lo") != NULL;
            last->not_dumped = strstr(line, " dd") != NULL;
            last->wiped_on_fork = strstr(line, " wf") != NULL;
        } else if (last != NULL && strncmp(line, "Swap:", 5) == 0) {
            last->swap_kb = strtol(line + 5, NULL, 10);
        }
    }
}

bool process_memory_open(struct process_memory *m, pid_t pid, const char **why)
{
    char path[64];
    uint8_t byte;
    FILE *const f = open_proc(pid, "smaps");

    memset(m, 0, sizeof *m);
    m->pid = pid;
    m->fd = -1;
    *why = "its mappings may not be read";
    if (f == NULL) {
        return false;
    }
    read_regions(f, m);
    (void)fclose(f);
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)pid);
    m->fd = open(path, O_RDWR | O_CLOEXEC);
    if (m->fd < 0) {
        m->fd = open(path, O_RDONLY | O_CLOEXEC);
    }
    *why = "its memory may not be read";
    if (m->fd < 0 || m->n == 0 || process_memory_read(m, m->regions[0].lo, &byte, 1) != 1) {
        process_memory_close(m);
        return false;
    }
    return true;
}

void process_memory_close(struct process_memory *m)
{
    if (m->fd >= 0) {
        (void)close(m->fd);
    }
    m->fd = -1;
}

const struct region *process_memory_secret(const struct process_memory *m)
{
    const struct region *found = NULL;

    for (size_t i = 0; i < m->n; i++) {
        const struct region *const r = &m->regions[i];

        if (r->readable && r->not_dumped && r->wiped_on_fork) {
            if (found != NULL) {
                return NULL;
            }
            found = r;
        }
    }
    return found;
}

size_t process_memory_read(const struct process_memory *m, uint64_t at, uint8_t *to, size_t n)
{
    size_t done = 0;

    while (done < n) {
        const ssize_t got = pread(m->fd, to + done, n - done, (off_t)(at + done));

        if (got <= 0) {
            break;
        }
        done += (size_t)got;
    }
    return done;
}

bool process_memory_write(const struct process_memory *m, uint64_t at, const uint8_t *from,
                          size_t n)
{
    return pwrite(m->fd, from, n, (off_t)at) == (ssize_t)n;
}

long process_status(pid_t pid, const char *field)
{
    FILE *const f = open_proc(pid, "status");
    const size_t n = strlen(field);
    char line[256];
    long value = -1;

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, field, n) == 0 && line[n] == ':') {
            value = strtol(line + n + 1, NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return value;
}

long process_core_limit(pid_t pid)
{
    static const char head[] = "Max core file size";
    FILE *const f = open_proc(pid, "limits");
    char line[256];
    char hard[32] = "";
    long value = -1;

    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        if (strncmp(line, head, sizeof head - 1) == 0 &&
            sscanf(line + sizeof head - 1, "%*s %31s", hard) == 1 && hard[0] >= '0' &&
            hard[0] <= '9') {
            value = strtol(hard, NULL, 10);
        }
    }
    if (f != NULL) {
        (void)fclose(f);
    }
    return value;
}
