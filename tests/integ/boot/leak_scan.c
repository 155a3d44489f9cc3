#include "leak_scan.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PART 1048576
#define OVERLAP 64 /* more than any window of a secret */

static uint8_t bytes[PART + OVERLAP];

static void note(struct leak_report *r, size_t hits, const struct secret_hit *first,
                 const char *where, uint64_t at)
{
    if (hits > 0 && r->leaks == 0) {
        (void)snprintf(r->first, sizeof r->first, "%s: in %s at %llx", first->secret->name,
                       where, (unsigned long long)(at + first->at));
    }
    r->leaks += hits;
}

/* ---- memory ---- */

static void scan_region(const struct secret_set *s, const struct process_memory *m,
                        const struct region *region, uint32_t owners, struct leak_report *r)
{
    char where[128];

    (void)snprintf(where, sizeof where, "the memory of %ld %s", (long)m->pid, region->name);
    for (uint64_t at = region->lo; at < region->hi; at += PART) {
        const uint64_t left = region->hi - at;
        const size_t n = process_memory_read(m, at, bytes,
                                             left < sizeof bytes ? (size_t)left : sizeof bytes);
        struct secret_hit first;
        const size_t hits = secret_set_scan(s, owners, (struct view){bytes, n}, &first);

        note(r, hits, &first, where, at);
        r->bytes += n;
    }
}

void leak_scan_process(const struct secret_set *s, const struct process_memory *m,
                       uint32_t owners, const struct region *secret, struct leak_report *r)
{
    for (size_t i = 0; i < m->n; i++) {
        const struct region *const region = &m->regions[i];

        if (region->readable) {
            scan_region(s, m, region, region == secret ? owners : 0, r);
        }
    }
}

/* ---- files ---- */

void leak_scan_file(const struct secret_set *s, const char *path, struct leak_report *r)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    uint64_t at = 0;
    ssize_t n = fd < 0 ? 0 : pread(fd, bytes, sizeof bytes, 0);

    while (n > 0) {
        struct secret_hit first;
        const size_t hits = secret_set_scan(s, 0, (struct view){bytes, (size_t)n}, &first);

        note(r, hits, &first, path, at);
        r->bytes += (uint64_t)n;
        at += PART;
        n = n == (ssize_t)sizeof bytes ? pread(fd, bytes, sizeof bytes, (off_t)at) : 0;
    }
    if (fd >= 0) {
        (void)close(fd);
    }
}

/* The folders that are still to be looked into: no recursion. */
struct folders {
    size_t n;
    char *paths[64];
};

static void look_into(const struct secret_set *s, const char *path, struct folders *more,
                      struct leak_report *r)
{
    DIR *const d = opendir(path);
    const struct dirent *e;
    char name[4096];
    struct stat st;

    while (d != NULL && (e = readdir(d)) != NULL) {
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0 ||
            lstat(name, &st) != 0) {
            continue;
        }
        if (S_ISREG(st.st_mode)) {
            leak_scan_file(s, name, r);
        } else if (S_ISDIR(st.st_mode) &&
                   more->n < sizeof more->paths / sizeof more->paths[0]) {
            more->paths[more->n++] = secret_room(strdup(name));
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}

void leak_scan_folder(const struct secret_set *s, const char *path, struct leak_report *r)
{
    struct folders f = {.n = 1, .paths = {secret_room(strdup(path))}};

    while (f.n > 0) {
        char *const one = f.paths[--f.n];

        look_into(s, one, &f, r);
        free(one);
    }
}

void leak_scan_open_files(const struct secret_set *s, pid_t pid, struct leak_report *r)
{
    char path[64];
    char name[384];
    struct stat st;
    const struct dirent *e;
    DIR *d;

    (void)snprintf(path, sizeof path, "/proc/%ld/fd", (long)pid);
    d = opendir(path);
    while (d != NULL && (e = readdir(d)) != NULL) {
        (void)snprintf(name, sizeof name, "%s/%s", path, e->d_name);
        if (stat(name, &st) == 0 && S_ISREG(st.st_mode)) {
            leak_scan_file(s, name, r);
        }
    }
    if (d != NULL) {
        (void)closedir(d);
    }
}
