/* tsm_kit.h - a kernel for providers of evidence, played by a test: files in memory, whose
 * effects are a function's, and calls that are counted. */
#ifndef TESTS_TSM_KIT_H
#define TESTS_TSM_KIT_H

#include "testing.h"

#include "os/tsm_provider.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define TSM_KIT_FILES 16
#define TSM_KIT_FILE_MAX 40000
#define TSM_KIT_PATH_MAX 128

struct tsm_kit_file {
    char path[TSM_KIT_PATH_MAX];
    size_t n;
    int read_errno, write_errno; /* 0: none */
    uint8_t bytes[TSM_KIT_FILE_MAX];
};

struct tsm_kit {
    struct tsm_sys sys;
    struct tsm_kit_file files[TSM_KIT_FILES];
    size_t n_files;
    struct {
        int file; /* -1: closed */
        size_t at;
    } open[4];
    int opened, closed, made, removed, pauses;
    int64_t paused_ns;
    int open_errno, mkdir_errno; /* of the next only; 0: none */
    size_t piece;                /* bytes that one read gives at most; 0: all */
    /* After bytes were written to a file; before it is read; a call of ioctl(). NULL: nothing.
     */
    void (*written)(struct tsm_kit *k, struct tsm_kit_file *f, struct view bytes);
    void (*reading)(struct tsm_kit *k, struct tsm_kit_file *f);
    int (*ioctl)(struct tsm_kit *k, unsigned long request, void *arg);
    void *test;
};

static inline struct tsm_kit_file *tsm_kit_find(struct tsm_kit *k, const char *path)
{
    for (size_t i = 0; i < k->n_files; i++) {
        if (strcmp(k->files[i].path, path) == 0) {
            return &k->files[i];
        }
    }
    return NULL;
}

static inline struct tsm_kit_file *tsm_kit_put(struct tsm_kit *k, const char *path,
                                               const void *p, size_t n)
{
    struct tsm_kit_file *f = tsm_kit_find(k, path);

    if (!f) {
        assert_true(k->n_files < TSM_KIT_FILES && strlen(path) < TSM_KIT_PATH_MAX);
        f = &k->files[k->n_files++];
        memset(f, 0, sizeof *f);
        memcpy(f->path, path, strlen(path) + 1);
    }
    assert_true(n <= TSM_KIT_FILE_MAX);
    memcpy(f->bytes, p, n);
    f->n = n;
    return f;
}

static inline int tsm_kit_open(void *self, const char *path, int flags)
{
    struct tsm_kit *const k = self;
    struct tsm_kit_file *const f = tsm_kit_find(k, path);

    (void)flags;
    if (k->open_errno != 0 || !f) {
        errno = k->open_errno != 0 ? k->open_errno : ENOENT;
        k->open_errno = 0;
        return -1;
    }
    for (int fd = 0; fd < 4; fd++) {
        if (k->open[fd].file < 0) {
            k->open[fd].file = (int)(f - k->files);
            k->open[fd].at = 0;
            k->opened++;
            return fd;
        }
    }
    fail_msg("too many are open");
    return -1;
}

static inline ssize_t tsm_kit_read(void *self, int fd, void *p, size_t n)
{
    struct tsm_kit *const k = self;
    struct tsm_kit_file *const f = &k->files[k->open[fd].file];

    if (k->reading && k->open[fd].at == 0) {
        k->reading(k, f);
    }
    if (f->read_errno != 0) {
        errno = f->read_errno;
        return -1;
    }
    size_t take = f->n - k->open[fd].at;

    take = take < n ? take : n;
    take = k->piece > 0 && take > k->piece ? k->piece : take;
    memcpy(p, f->bytes + k->open[fd].at, take);
    k->open[fd].at += take;
    return (ssize_t)take;
}

static inline ssize_t tsm_kit_write(void *self, int fd, const void *p, size_t n)
{
    struct tsm_kit *const k = self;
    struct tsm_kit_file *const f = &k->files[k->open[fd].file];

    if (f->write_errno != 0) {
        errno = f->write_errno;
        return -1;
    }
    if (k->written) {
        k->written(k, f, (struct view){p, n});
    }
    k->open[fd].at = 0; /* the answer to what was written */
    return (ssize_t)n;
}

static inline int tsm_kit_ioctl(void *self, int fd, unsigned long request, void *arg)
{
    struct tsm_kit *const k = self;

    assert_true(k->open[fd].file >= 0);
    return k->ioctl(k, request, arg);
}

static inline int tsm_kit_mkdir(void *self, const char *path)
{
    struct tsm_kit *const k = self;

    (void)path;
    if (k->mkdir_errno != 0) {
        errno = k->mkdir_errno;
        k->mkdir_errno = 0;
        return -1;
    }
    k->made++;
    return 0;
}

static inline int tsm_kit_rmdir(void *self, const char *path)
{
    struct tsm_kit *const k = self;

    (void)path;
    k->removed++;
    return 0;
}

static inline int tsm_kit_close(void *self, int fd)
{
    struct tsm_kit *const k = self;

    assert_true(k->open[fd].file >= 0);
    k->open[fd].file = -1;
    k->closed++;
    return 0;
}

static inline void tsm_kit_pause(void *self, int64_t ns)
{
    struct tsm_kit *const k = self;

    k->pauses++;
    k->paused_ns += ns;
}

static inline void tsm_kit_init(struct tsm_kit *k)
{
    memset(k, 0, sizeof *k);
    k->sys = (struct tsm_sys){tsm_kit_open,  tsm_kit_read,  tsm_kit_write,
                              tsm_kit_ioctl, tsm_kit_mkdir, tsm_kit_rmdir,
                              tsm_kit_close, tsm_kit_pause, k};
    for (int fd = 0; fd < 4; fd++) {
        k->open[fd].file = -1;
    }
}

/* That a failed call left nothing. */
static inline void tsm_kit_is_zero(const void *p, size_t n)
{
    const uint8_t *const b = p;

    for (size_t i = 0; i < n; i++) {
        assert_int_equal(b[i], 0);
    }
}

#endif
