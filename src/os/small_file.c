#include "os/small_file.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
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

static enum err check_regular(int fd)
{
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return ERR_IO;
    }
    if (!S_ISREG(st.st_mode)) {
        errno = S_ISDIR(st.st_mode) ? EISDIR : ENOTSUP;
        return ERR_IO;
    }
    return ERR_OK;
}

enum err small_file_read(const char *path, uint8_t *out, size_t cap, struct view *in)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    size_t n = 0;

    *in = (struct view){0};
    if (fd < 0) {
        return ERR_IO;
    }
    enum err e = check_regular(fd);

    if (e == ERR_OK) {
        e = read_all(fd, out, cap, &n);
    }
    const int saved = errno;

    (void)close(fd);
    errno = saved;
    if (e == ERR_OK) {
        *in = (struct view){out, n};
    }
    return e;
}
