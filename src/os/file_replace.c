#include "os/file_replace.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum err write_all(int fd, struct view bytes)
{
    struct reader r = rd_init(bytes);

    while (r.n > 0) {
        const ssize_t n = write(fd, r.p, r.n);
        struct view written;

        if (n < 0 && errno == EINTR) {
            continue;
        }
        if (n <= 0) {
            return ERR_IO;
        }
        TRY(rd_take(&r, (size_t)n, &written));
    }
    return fsync(fd) == 0 ? ERR_OK : ERR_IO;
}

/* The new name is on disk only when its folder is. */
static enum err sync_folder(const char *path)
{
    char folder[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const int n = slash == NULL || slash == path
                      ? snprintf(folder, sizeof folder, "%s", slash == NULL ? "." : "/")
                      : snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);

    if (n < 0 || (size_t)n >= sizeof folder) {
        return ERR_IO;
    }
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const enum err e = fd >= 0 && fsync(fd) == 0 ? ERR_OK : ERR_IO;

    if (fd >= 0) {
        (void)close(fd);
    }
    return e;
}

enum err file_replace(const char *path, struct view bytes, mode_t mode)
{
    char fresh[PATH_MAX];
    const int n = snprintf(fresh, sizeof fresh, "%s.XXXXXX", path);

    if (n < 0 || (size_t)n >= sizeof fresh) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    const int fd = mkostemp(fresh, O_CLOEXEC);

    if (fd < 0) {
        return ERR_IO;
    }
    enum err e = fchmod(fd, mode) == 0 ? write_all(fd, bytes) : ERR_IO;

    if (close(fd) != 0) {
        e = ERR_IO;
    }
    if (e == ERR_OK && rename(fresh, path) != 0) {
        e = ERR_IO;
    }
    if (e != ERR_OK) {
        const int why = errno;

        (void)unlink(fresh);
        errno = why;
        return e;
    }
    return sync_folder(path);
}
