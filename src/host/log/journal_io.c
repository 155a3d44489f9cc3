#include "host/log/journal_io.h"

#include "host/log/journal_rule.h"
#include "os/event_log.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum err complain(const char *doing, const char *path, const char *reason)
{
    const struct event_field fields[] = {
        {.key = "doing", .kind = EVENT_TEXT, .text = doing},
        {.key = "path", .kind = EVENT_TEXT, .text = path},
        {.key = "reason", .kind = EVENT_TEXT, .text = reason},
    };

    event_log(EVENT_ERROR, EVENT_JOURNAL_FAILED, fields, sizeof fields / sizeof fields[0]);
    return ERR_IO;
}

static enum err complain_errno(const char *doing, const char *path)
{
    char reason[128];

    return complain(doing, path, strerror_r(errno, reason, sizeof reason));
}

enum err journal_io_path(const char *dir, const char *name, char out[JOURNAL_PATH_MAX])
{
    const int n = snprintf(out, JOURNAL_PATH_MAX, "%s/%s", dir, name);

    return n > 0 && n < JOURNAL_PATH_MAX ? ERR_OK : ERR_NOSPACE;
}

enum err journal_io_make_dir(const char *dir)
{
    if (mkdir(dir, 0700) != 0 && errno != EEXIST) {
        return complain_errno("mkdir", dir);
    }
    return ERR_OK;
}

enum err journal_io_lock(const char *dir, int *fd)
{
    char path[JOURNAL_PATH_MAX];

    *fd = -1;
    TRY(journal_io_path(dir, "lock", path));
    const int f = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (f < 0) {
        return complain_errno("lock", path);
    }
    if (flock(f, LOCK_EX | LOCK_NB) != 0) {
        const enum err e = errno == EWOULDBLOCK
                               ? complain("lock", path,
                                          "another process writes this journal; each front "
                                          "needs a folder of its own")
                               : complain_errno("lock", path);

        (void)close(f);
        return e;
    }
    *fd = f;
    return ERR_OK;
}

void journal_io_unlock(int fd)
{
    if (fd >= 0) {
        (void)close(fd);
    }
}

enum err journal_io_list(const char *dir, enum err (*each)(void *self, uint32_t number),
                         void *self)
{
    DIR *d = opendir(dir);
    enum err e = ERR_OK;

    if (d == NULL) {
        return complain_errno("list", dir);
    }
    while (e == ERR_OK) {
        errno = 0;
        const struct dirent *entry = readdir(d); /* NOLINT(concurrency-mt-unsafe): own stream */

        if (entry == NULL) {
            e = errno == 0 ? ERR_OK : complain_errno("list", dir);
            break;
        }
        const uint32_t number = journal_segment_number(entry->d_name);

        if (number != 0) {
            e = each(self, number);
        }
    }
    (void)closedir(d);
    return e;
}

enum err journal_io_flush_dir(const char *dir)
{
    const int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    enum err e = ERR_OK;

    if (fd < 0) {
        return complain_errno("flush", dir);
    }
    if (fsync(fd) != 0) {
        e = complain_errno("flush", dir);
    }
    (void)close(fd);
    return e;
}

enum err journal_io_move(const char *from_dir, const char *to_dir, const char *name)
{
    char from[JOURNAL_PATH_MAX];
    char to[JOURNAL_PATH_MAX];

    TRY(journal_io_path(from_dir, name, from));
    TRY(journal_io_path(to_dir, name, to));
    if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) != 0) {
        return complain_errno("export", to);
    }
    /* The new name first: between the two the segment may have both names, never none. */
    TRY(journal_io_flush_dir(to_dir));
    return journal_io_flush_dir(from_dir);
}

enum err journal_io_remove(const char *path)
{
    static const char *const tails[] = {"-shm", "-wal", ""};

    for (size_t i = 0; i < sizeof tails / sizeof tails[0]; i++) {
        char file[JOURNAL_PATH_MAX];
        const int n = snprintf(file, sizeof file, "%s%s", path, tails[i]);

        if (n < 0 || (size_t)n >= sizeof file) {
            return ERR_NOSPACE;
        }
        if (unlink(file) != 0 && errno != ENOENT) {
            return complain_errno("remove", file);
        }
    }
    return ERR_OK;
}

static int64_t clock_ms(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t); /* cannot fail for these clocks */
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

int64_t journal_io_now_ms(void)
{
    return clock_ms(CLOCK_REALTIME);
}

int64_t journal_io_monotonic_ms(void)
{
    return clock_ms(CLOCK_MONOTONIC);
}
