#include "os/tsm_provider.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)

const char *tsm_fault_name(enum tsm_fault f)
{
    static const char *const names[TSM_FAULT_COUNT] = {"ok",
#define TSM_FAULT_NAME(name, text, err) text,
                                                       TSM_FAULTS(TSM_FAULT_NAME)
#undef TSM_FAULT_NAME
    };

    return (unsigned)f < TSM_FAULT_COUNT ? names[f] : "unknown";
}

enum err tsm_fault_err(enum tsm_fault f)
{
    static const enum err classes[TSM_FAULT_COUNT] = {ERR_OK,
#define TSM_FAULT_ERR(name, text, err) err,
                                                      TSM_FAULTS(TSM_FAULT_ERR)
#undef TSM_FAULT_ERR
    };

    return (unsigned)f < TSM_FAULT_COUNT ? classes[f] : ERR_BUG;
}

enum tsm_fault tsm_fault_of_errno(int e)
{
    switch (e) {
    case ENOENT:
    case ENOTDIR:
    case ENODEV:
    case ENXIO:
        return TSM_ABSENT;
    case EACCES:
    case EPERM:
    case EROFS:
        return TSM_DENIED;
    case EAGAIN:
    case EBUSY:
    case EINTR:
        return TSM_BUSY;
    case EFBIG:
        return TSM_TOO_LONG;
    default:
        return TSM_KERNEL;
    }
}

/* ---- the kernel ---- */

static int os_open(void *self, const char *path, int flags)
{
    (void)self;
    return open(path, flags | O_CLOEXEC);
}

static ssize_t os_read(void *self, int fd, void *p, size_t n)
{
    (void)self;
    return read(fd, p, n);
}

static ssize_t os_write(void *self, int fd, const void *p, size_t n)
{
    (void)self;
    return write(fd, p, n);
}

static int os_ioctl(void *self, int fd, unsigned long request, void *arg)
{
    (void)self;
    return ioctl(fd, request, arg);
}

static int os_mkdir(void *self, const char *path)
{
    (void)self;
    return mkdir(path, 0700);
}

static int os_rmdir(void *self, const char *path)
{
    (void)self;
    return rmdir(path);
}

static int os_close(void *self, int fd)
{
    (void)self;
    return close(fd);
}

static void os_pause(void *self, int64_t ns)
{
    const struct timespec t = {ns / NS_PER_S, ns % NS_PER_S};

    (void)self;
    (void)clock_nanosleep(CLOCK_MONOTONIC, 0, &t, NULL);
}

const struct tsm_sys tsm_sys_os = {os_open,  os_read,  os_write, os_ioctl, os_mkdir,
                                   os_rmdir, os_close, os_pause, NULL};

/* ---- small files ---- */

static enum tsm_fault read_all(const struct tsm_sys *sys, int fd, uint8_t *out, size_t cap,
                               size_t *n)
{
    for (;;) {
        uint8_t more;
        const bool full = *n == cap;
        const ssize_t got = full ? sys->read(sys->self, fd, &more, 1)
                                 : sys->read(sys->self, fd, out + *n, cap - *n);

        if (got < 0) {
            return tsm_fault_of_errno(errno);
        }
        if (got == 0) {
            return TSM_OK;
        }
        if (full) {
            return TSM_TOO_LONG;
        }
        *n += (size_t)got;
    }
}

enum tsm_fault tsm_read_file(const struct tsm_sys *sys, const char *path, uint8_t *out,
                             size_t cap, size_t *n)
{
    const int fd = sys->open(sys->self, path, O_RDONLY | O_NONBLOCK);

    *n = 0;
    if (fd < 0) {
        return tsm_fault_of_errno(errno);
    }
    const enum tsm_fault f = read_all(sys, fd, out, cap, n);

    (void)sys->close(sys->self, fd);
    return f;
}

enum tsm_fault tsm_write_file(const struct tsm_sys *sys, const char *path, struct view bytes)
{
    const int fd = sys->open(sys->self, path, O_WRONLY);

    if (fd < 0) {
        return tsm_fault_of_errno(errno);
    }
    const ssize_t n = sys->write(sys->self, fd, bytes.p, bytes.n);
    enum tsm_fault f = n < 0 ? tsm_fault_of_errno(errno) : TSM_OK;

    if (f == TSM_OK && (size_t)n != bytes.n) {
        f = TSM_SHORT;
    }
    /* A binary attribute of configfs is handed over when it is closed. */
    if (sys->close(sys->self, fd) != 0 && f == TSM_OK) {
        f = tsm_fault_of_errno(errno);
    }
    return f;
}
