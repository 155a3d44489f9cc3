#include "enclave/core/core_tsm_io.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void enter(void *self)
{
    struct core_tsm *const t = self;

    (void)pthread_mutex_lock(&t->lock);
}

static void leave(void *self)
{
    struct core_tsm *const t = self;

    (void)pthread_mutex_unlock(&t->lock);
}

static void asked(void *self)
{
    const struct core_tsm *const t = self;
    const uint64_t one = 1;

    if (t->wake_fd >= 0) {
        (void)!write(t->wake_fd, &one, sizeof one);
    }
}

enum err core_tsm_init(struct core_tsm *t, struct tsm_desk *desk, int wake_fd)
{
    const struct tsm_meeting meeting = {enter, leave, asked, NULL, t};

    memset(t, 0, sizeof *t);
    t->fd = -1;
    t->wake_fd = wake_fd;
    if (desk == NULL) {
        return ERR_OK;
    }
    if (pthread_mutex_init(&t->lock, NULL) != 0) {
        return ERR_IO;
    }
    tsm_desk_init(desk, &meeting);
    t->desk = desk;
    return ERR_OK;
}

static void hang_up(struct core_tsm *t)
{
    if (t->fd >= 0) {
        (void)close(t->fd); /* leaves the epoll set, too */
    }
    t->fd = -1;
    t->in_len = 0;
    t->out_at = 0;
    t->out_len = 0;
    tsm_desk_lost(t->desk);
}

void core_tsm_take_in(struct core_tsm *t, int fd)
{
    hang_up(t);
    t->fd = fd;
    t->readable = true;
    t->writable = true;
}

/* ---- what goes out ---- */

static void write_wish(struct core_tsm *t, int64_t now_ns)
{
    struct writer w = wr_init(t->out, sizeof t->out);
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    uint64_t id;

    if (t->out_len == 0 && tsm_desk_next(t->desk, now_ns, &id, report_data)) {
        const size_t mark = frame_begin(&w, FRAME_TSM_REPORT, id);

        wr_bytes(&w, report_data, sizeof report_data);
        frame_end(&w, mark);
        t->out_at = 0;
        t->out_len = w.len;
    }
}

/* False: the connection is broken. */
static bool send_out(struct core_tsm *t)
{
    ssize_t n;

    if (!t->writable || t->out_len == 0) {
        return true;
    }
    n = write(t->fd, t->out + t->out_at, t->out_len - t->out_at);
    if (n < 0) {
        t->writable = errno == EINTR;
        return errno == EAGAIN || errno == EINTR;
    }
    t->out_at += (size_t)n;
    if (t->out_at == t->out_len) {
        t->out_len = 0;
    }
    return true;
}

/* ---- what comes back ---- */

static enum err take_answer(struct core_tsm *t, int64_t now_ns, const struct frame_header *h)
{
    const struct view body = {t->in + FRAME_HEADER_LEN, h->body_len};
    enum err said = ERR_OK;

    if (h->type == FRAME_ERROR) {
        TRY(frame_error_decode(body, &said));
    } else if (h->type != (FRAME_TSM_REPORT | FRAME_ANSWER)) {
        return ERR_TYPE;
    }
    return tsm_desk_put(t->desk, now_ns, h->request_id, said, body);
}

/* The frame that begins the buffer, if it is whole. */
static enum err take_frame(struct core_tsm *t, int64_t now_ns)
{
    struct frame_header h;

    if (t->in_len < FRAME_HEADER_LEN) {
        return ERR_OK;
    }
    TRY(frame_header_decode((struct view){t->in, FRAME_HEADER_LEN}, &h));
    if (h.body_len > TSM_BLOCK_MAX) {
        return ERR_LENGTH;
    }
    if (t->in_len < FRAME_HEADER_LEN + (size_t)h.body_len) {
        return ERR_OK;
    }
    if (t->in_len > FRAME_HEADER_LEN + (size_t)h.body_len) {
        return ERR_TRAILING; /* one answer to one wish, and there is no other wish yet */
    }
    t->in_len = 0;
    return take_answer(t, now_ns, &h);
}

/* Reads once. False: the connection is broken, or who is there talks nonsense. */
static bool receive(struct core_tsm *t, int64_t now_ns)
{
    const ssize_t n = read(t->fd, t->in + t->in_len, sizeof t->in - t->in_len);

    if (n > 0) {
        t->in_len += (size_t)n;
        return take_frame(t, now_ns) == ERR_OK;
    }
    t->readable = n < 0 && errno == EINTR;
    return n < 0 && (errno == EAGAIN || errno == EINTR);
}

void core_tsm_serve(struct core_tsm *t, int64_t now_ns)
{
    bool alive = true;

    if (t->desk == NULL || t->fd < 0) {
        return;
    }
    while (alive && t->readable) { /* one wish is under way: at most one answer comes */
        alive = receive(t, now_ns);
    }
    if (alive) {
        write_wish(t, now_ns);
        alive = send_out(t);
    }
    if (!alive) {
        hang_up(t);
    }
}

void core_tsm_tick(struct core_tsm *t, int64_t now_ns)
{
    if (t->desk != NULL && !tsm_desk_tick(t->desk, now_ns)) {
        hang_up(t);
    }
}
