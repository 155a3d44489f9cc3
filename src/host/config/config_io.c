#include "host/config/config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Reads up to cap bytes of the file. ERR_IO: errno says why. */
static enum err read_file(const char *path, uint8_t *out, size_t cap, size_t *n)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got = 1;

    *n = 0;
    if (fd < 0) {
        return ERR_IO;
    }
    while (got > 0 && *n < cap) {
        got = read(fd, out + *n, cap - *n);
        *n += got > 0 ? (size_t)got : 0;
    }
    const int saved = errno;

    (void)close(fd);
    errno = saved;
    return got < 0 ? ERR_IO : ERR_OK;
}

enum err config_load(const char *path, struct config *out, char error[CONFIG_ERROR_MAX])
{
    static _Thread_local uint8_t
        text[CONFIG_FILE_MAX + 1]; /* one more, to see that it is too long */
    char dir[CONFIG_TEXT_MAX];
    const char *slash = strrchr(path, '/');
    size_t n;

    *out = (struct config){0};
    if (read_file(path, text, sizeof text, &n) != ERR_OK) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "%.120s: %s", path, strerrordesc_np(errno));
        return ERR_IO;
    }
    const int len = slash == path ? 1 : slash != NULL ? (int)(slash - path) : 0;

    if (len >= (int)sizeof dir) {
        (void)snprintf(error, CONFIG_ERROR_MAX, "%.120s...: path too long", path);
        return ERR_NOSPACE;
    }
    (void)snprintf(dir, sizeof dir, "%.*s", len, path);
    return config_parse((struct view){text, n}, path, dir, out, error);
}
