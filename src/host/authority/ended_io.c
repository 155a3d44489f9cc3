#include "host/authority/ended_io.h"

#include "os/small_file.h"
#include "wire/ceremony_record.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_MODE 0644

enum err ended_open(struct ended_file *f, const char *path)
{
    f->fd = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (f->fd < 0) {
        return ERR_IO;
    }
    if (flock(f->fd, LOCK_EX | LOCK_NB) == 0) {
        return ERR_OK;
    }
    const bool held = errno == EWOULDBLOCK;

    ended_close(f);
    return held ? ERR_STATE : ERR_IO;
}

void ended_close(struct ended_file *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    f->fd = -1;
}

/* Whether the last line has no end: a write that was cut. */
static bool is_cut(int fd)
{
    const off_t size = lseek(fd, 0, SEEK_END);
    char last = '\n';

    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

enum err ended_note(const struct ended_file *f, const char *name,
                    const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    uint8_t line[ENDED_LINE_MAX];
    struct writer w = wr_init(line, sizeof line);
    struct view text;

    if (is_cut(f->fd)) {
        wr_u8(&w, '\n');
    }
    ended_list_write(&w, name, boot_nonce);
    TRY(wr_finish(&w, &text));
    return write(f->fd, text.p, text.n) == (ssize_t)text.n && fdatasync(f->fd) == 0 ? ERR_OK
                                                                                    : ERR_IO;
}

static bool is_noted(struct view list, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    struct reader r = rd_init(list);
    uint8_t nonce[PLAN_NONCE_LEN];

    while (ended_list_next(&r, nonce)) {
        if (memcmp(nonce, boot_nonce, sizeof nonce) == 0) {
            return true;
        }
    }
    return false;
}

static enum err note_nodes(const struct ended_file *f, const struct plan *plan)
{
    static uint8_t list[ENDED_LIST_MAX];
    const ssize_t n = pread(f->fd, list, sizeof list, 0);
    enum err e = n < 0 ? ERR_IO : ERR_OK;

    for (size_t i = 0; e == ERR_OK && i < plan->total; i++) {
        const uint8_t *const nonce = plan->nodes[i].boot_nonce;

        e = is_noted((struct view){list, (size_t)n}, nonce) ? ERR_OK
                                                            : ended_note(f, "earlier", nonce);
    }
    return e;
}

enum err ended_note_record(const struct ended_file *f, const char *record)
{
    static uint8_t space[CEREMONY_RECORD_MAX];
    static struct ceremony_record known;
    struct view in;

    if (small_file_read(record, space, sizeof space, &in) != ERR_OK ||
        ceremony_record_decode(in, &known) != ERR_OK) {
        return ERR_OK;
    }
    return note_nodes(f, &known.plan);
}

enum err ended_trim(const struct ended_file *f)
{
    const off_t size = lseek(f->fd, 0, SEEK_END);

    return size <= ENDED_LIST_MAX / 2 || ftruncate(f->fd, 0) == 0 ? ERR_OK : ERR_IO;
}

bool ended_has_order(const char *path, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    static uint8_t space[ENDED_LIST_MAX];
    uint8_t bytes[REENROL_ORDER_MAX];
    struct reenrol_order o;
    struct view order;
    struct view list;
    struct reader r;

    if (small_file_read(path, space, sizeof space, &list) != ERR_OK) {
        return false;
    }
    r = rd_init(list);
    while (ended_list_next_order(&r, bytes, &order)) {
        if (reenrol_order_decode(order, &o) == ERR_OK &&
            memcmp(o.boot_nonce, boot_nonce, PLAN_NONCE_LEN) == 0) {
            return true;
        }
    }
    return false;
}
