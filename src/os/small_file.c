#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

/* Reads until the end or until cap bytes. */
static enum err read_all(int fd, uint8_t *out, size_t cap, size_t *n)
{
    *n = 0;
    while (*n < cap) {
        const ssize_t got = read(fd, out + *n, cap - *n);

        if (got == 0) {
            return ERR_OK;
        }
        if (got < 0 && errno != EINTR) {
            return ERR_IO;
        }
        *n += got > 0 ? (size_t)got : 0;
    }
    uint8_t more;

    return read(fd, &more, 1) == 0 ? ERR_OK : ERR_NOSPACE;
}

enum err small_file_read(const char *path, uint8_t *out, size_t cap, struct view *in)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    size_t n = 0;

    *in = (struct view){0};
    if (fd < 0) {
        return ERR_IO;
    }
    const enum err e = read_all(fd, out, cap, &n);
    const int saved = errno;

    (void)close(fd);
    errno = saved;
    if (e == ERR_OK) {
        *in = (struct view){out, n};
    }
    return e;
}
