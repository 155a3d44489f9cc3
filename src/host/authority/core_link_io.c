#include "host/authority/core_link_io.h"

#include "os/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#define QUESTION_ID 1

void core_link_init(struct core_link *l)
{
    *l = (struct core_link){.fd = -1};
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
    struct writer w = wr_init(l->out, sizeof l->out);
    struct view out;

    core_link_close(l);
    const size_t mark = frame_begin(&w, type, QUESTION_ID);

    wr_view(&w, body);
    frame_end(&w, mark);
    TRY(wr_finish(&w, &out));
    TRY(endpoint_parse(uri, &peer));
    TRY(endpoint_connect(&peer, &l->fd));
    l->type = type;
    l->out_len = out.n;
    l->out_at = 0;
    l->have = 0;
    return ERR_OK;
}

short core_link_events(const struct core_link *l)
{
    return l->out_at < l->out_len ? POLLOUT : POLLIN;
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
        send(l->fd, l->out + l->out_at, l->out_len - l->out_at, MSG_NOSIGNAL | MSG_DONTWAIT);

    if (n < 0) {
        return would_block() ? ERR_OK : ERR_IO;
    }
    l->out_at += (size_t)n;
    return ERR_OK;
}

/* Whether what has come is the whole answer. */
static enum err look(struct core_link *l, bool *done, struct view *answer)
{
    const struct view in = {l->in, l->have};
    struct frame_header h;
    enum err code = ERR_BUG;

    if (l->have < FRAME_HEADER_LEN) {
        return ERR_OK;
    }
    TRY(frame_header_decode((struct view){in.p, FRAME_HEADER_LEN}, &h));
    if (h.body_len > CORE_LINK_ANSWER_MAX) {
        return ERR_NOSPACE;
    }
    if (l->have < FRAME_HEADER_LEN + h.body_len) {
        return ERR_OK;
    }
    *answer = (struct view){l->in + FRAME_HEADER_LEN, h.body_len};
    if (h.type == FRAME_ERROR) {
        TRY(frame_error_decode(*answer, &code));
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
    const ssize_t n = recv(l->fd, l->in + l->have, sizeof l->in - l->have, MSG_DONTWAIT);

    if (n < 0) {
        return would_block() ? ERR_OK : ERR_IO;
    }
    if (n == 0) {
        return ERR_IO;
    }
    l->have += (size_t)n;
    return look(l, done, answer);
}

enum err core_link_step(struct core_link *l, bool *done, struct view *answer)
{
    *done = false;
    *answer = (struct view){NULL, 0};
    const enum err e = l->out_at < l->out_len ? send_on(l) : receive_on(l, done, answer);

    if (e != ERR_OK || *done) {
        core_link_close(l);
    }
    return e;
}
