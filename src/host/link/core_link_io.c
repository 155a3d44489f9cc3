#include "host/link/core_link_io.h"

#include "os/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUESTION_ID 1

void core_link_init(struct core_link *l, uint8_t *out, size_t out_cap, uint8_t *in,
                    size_t in_cap)
{
    *l = (struct core_link){
        .fd = -1,
        .out = wr_init(out, out_cap),
        .in = wr_init(in, in_cap),
    };
}

void core_link_close(struct core_link *l)
{
    if (l->fd >= 0) {
        (void)close(l->fd);
    }
    l->fd = -1;
}

enum err core_link_ask(struct core_link *l, const char *uri, uint8_t type, struct view body)
{
    struct endpoint peer;

    core_link_close(l);
    l->refused = false;
    l->in.len = l->out.len = l->out_at = 0;
    l->out.full = false;
    const size_t mark = frame_begin(&l->out, type, QUESTION_ID);

    wr_view(&l->out, body);
    frame_end(&l->out, mark);
    if (l->out.full) {
        return ERR_NOSPACE;
    }
    TRY(endpoint_parse(uri, &peer));
    TRY(endpoint_connect(&peer, &l->fd));
    l->type = type;
    return ERR_OK;
}

short core_link_events(const struct core_link *l)
{
    return l->out_at < l->out.len ? POLLOUT : POLLIN;
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS || errno == ENOTCONN;
}

static enum err send_on(struct core_link *l)
{
    int failed = 0;
    socklen_t len = sizeof failed;

    if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &failed, &len) != 0 || failed != 0) {
        return ERR_IO;
    }
    const ssize_t n =
        send(l->fd, l->out.p + l->out_at, l->out.len - l->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0) {
        return would_block() ? ERR_OK : ERR_IO;
    }
    l->out_at += (size_t)n;
    return ERR_OK;
}

/* Whether what has come is the whole answer. */
static enum err look(struct core_link *l, bool *done, struct view *answer)
{
    const struct view in = {l->in.p, l->in.len};
    struct frame_header h;
    enum err code = ERR_BUG;

    if (in.n < FRAME_HEADER_LEN) {
        return ERR_OK;
    }
    TRY(frame_header_decode((struct view){in.p, FRAME_HEADER_LEN}, &h));
    if (h.body_len > l->in.cap - FRAME_HEADER_LEN) {
        return ERR_NOSPACE;
    }
    if (in.n < FRAME_HEADER_LEN + h.body_len) {
        return ERR_OK;
    }
    *answer = (struct view){in.p + FRAME_HEADER_LEN, h.body_len};
    if (h.type == FRAME_ERROR) {
        TRY(frame_error_decode(*answer, &code));
        l->refused = true;
        return code;
    }
    if (h.type != (l->type | FRAME_ANSWER) || h.request_id != QUESTION_ID) {
        return ERR_TYPE;
    }
    *done = true;
    return ERR_OK;
}

static enum err receive_on(struct core_link *l, bool *done, struct view *answer)
{
    const ssize_t n = recv(l->fd, l->in.p + l->in.len, l->in.cap - l->in.len, MSG_DONTWAIT);

    if (n < 0) {
        return would_block() ? ERR_OK : ERR_IO;
    }
    if (n == 0) {
        return ERR_IO;
    }
    l->in.len += (size_t)n;
    return look(l, done, answer);
}

enum err core_link_step(struct core_link *l, bool *done, struct view *answer)
{
    *done = false;
    *answer = (struct view){NULL, 0};
    const enum err e = l->out_at < l->out.len ? send_on(l) : receive_on(l, done, answer);

    if (e != ERR_OK || *done) {
        core_link_close(l);
    }
    return e;
}
