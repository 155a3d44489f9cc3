#include "client/kit/file_io.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK ((size_t)64 << 10)

static bool is_stdio(const char *path)
{
    return strcmp(path, "-") == 0;
}

static enum err open_input(const char *path, int *fd)
{
    *fd = is_stdio(path) ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    return *fd < 0 ? ERR_IO : ERR_OK;
}

static void close_input(const char *path, int fd)
{
    const int saved = errno;

    if (!is_stdio(path)) {
        (void)close(fd);
    }
    errno = saved;
}

/* One read that is not broken off by a signal. */
static enum err read_some(int fd, uint8_t *p, size_t cap, size_t *n)
{
    for (;;) {
        const ssize_t got = read(fd, p, cap);

        if (got >= 0) {
            *n = (size_t)got;
            return ERR_OK;
        }
        if (errno != EINTR) {
            *n = 0;
            return ERR_IO;
        }
    }
}

static enum err read_all(int fd, struct file_bytes *f)
{
    size_t cap = 0;

    for (;;) {
        size_t n = 0;

        if (f->n == cap) {
            cap = cap == 0 ? CHUNK : cap * 2;
            uint8_t *grown = cap > (size_t)2 * FILE_READ_MAX ? NULL : realloc(f->p, cap);

            if (grown == NULL) {
                return ERR_NOSPACE;
            }
            f->p = grown;
        }
        TRY(read_some(fd, f->p + f->n, cap - f->n, &n));
        if (n == 0) {
            return ERR_OK;
        }
        f->n += n;
        if (f->n > FILE_READ_MAX) {
            return ERR_NOSPACE;
        }
    }
}

enum err file_read(const char *path, struct file_bytes *out)
{
    int fd = -1;

    *out = (struct file_bytes){NULL, 0};
    TRY(open_input(path, &fd));
    const enum err e = read_all(fd, out);

    close_input(path, fd);
    if (e != ERR_OK) {
        file_free(out);
    }
    return e;
}

void file_free(struct file_bytes *f)
{
    free(f->p);
    *f = (struct file_bytes){NULL, 0};
}

static enum err write_all(int fd, struct view bytes)
{
    size_t done = 0;

    while (done < bytes.n) {
        const ssize_t n = write(fd, bytes.p + done, bytes.n - done);

        if (n >= 0) {
            done += (size_t)n;
        } else if (errno != EINTR) {
            return ERR_IO;
        }
    }
    return ERR_OK;
}

static enum err write_new(const char *name, int fd, struct view bytes)
{
    /* mkstemp() makes 0600; a token is public, so the user's own mask decides. */
    const mode_t mask = umask(0);

    (void)umask(mask);
    const bool good =
        write_all(fd, bytes) == ERR_OK && fchmod(fd, 0666 & ~mask) == 0 && fsync(fd) == 0;
    const int saved = errno;

    if (close(fd) == 0 && good) {
        return ERR_OK;
    }
    (void)unlink(name);
    errno = good ? errno : saved;
    return ERR_IO;
}

enum err file_write_atomic(const char *path, struct view bytes)
{
    char name[PATH_MAX];

    if (is_stdio(path)) {
        return write_all(STDOUT_FILENO, bytes);
    }
    const int len = snprintf(name, sizeof name, "%s.XXXXXX", path);

    if (len < 0 || (size_t)len >= sizeof name) {
        errno = ENAMETOOLONG;
        return ERR_IO;
    }
    const int fd = mkstemp(name);

    if (fd < 0) {
        return ERR_IO;
    }
    TRY(write_new(name, fd, bytes));
    if (rename(name, path) != 0) {
        const int saved = errno;

        (void)unlink(name);
        errno = saved;
        return ERR_IO;
    }
    return ERR_OK;
}

enum err file_stream(const char *path, const struct file_sink *sink,
                     const struct file_progress *progress)
{
    uint8_t chunk[CHUNK / 2];
    uint64_t done = 0;
    struct stat st;
    int fd = -1;
    enum err e = ERR_OK;

    TRY(open_input(path, &fd));
    const uint64_t total =
        fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0 ? (uint64_t)st.st_size : 0;

    for (size_t n = 1; n > 0;) {
        e = read_some(fd, chunk, sizeof chunk, &n);
        if (n > 0) {
            sink->take(sink->self, chunk, n);
            done += n;
        }
        if (progress != NULL) {
            progress->tell(progress->self, done, total);
        }
    }
    close_input(path, fd);
    return e;
}

static void take_hash(void *self, const void *p, size_t n)
{
    hash_update(self, p, n);
}

enum err file_hash(const char *path, enum hash_alg alg, const struct file_progress *progress,
                   uint8_t *out)
{
    struct hash_state state;
    const struct file_sink sink = {take_hash, &state};

    hash_init(&state, alg);
    TRY(file_stream(path, &sink, progress));
    hash_final(&state, out);
    return ERR_OK;
}

bool file_is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_is_device(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISCHR(st.st_mode);
}

enum err file_each(const char *folder, enum err (*visit)(void *self, const char *path),
                   void *self)
{
    struct dirent **names = NULL;
    const int n = scandir(folder, &names, NULL, alphasort);
    enum err e = n < 0 ? ERR_IO : n > FILE_FOLDER_MAX ? ERR_NOSPACE : ERR_OK;

    for (int i = 0; i < n; i++) {
        char path[PATH_MAX];
        struct stat st;
        const int len = snprintf(path, sizeof path, "%s/%s", folder, names[i]->d_name);

        if (e == ERR_OK && len > 0 && (size_t)len < sizeof path && stat(path, &st) == 0 &&
            S_ISREG(st.st_mode)) {
            e = visit(self, path);
        }
        free(names[i]);
    }
    free(names);
    return e;
}
