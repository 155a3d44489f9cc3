#include "enclave/timed/core_push_io.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

void core_push_init(struct core_push *p, const struct endpoint *core)
{
    memset(p, 0, sizeof *p);
    p->fd = -1;
    p->core = *core;
}

void core_push_end(struct core_push *p)
{
    if (p->fd >= 0) {
        (void)close(p->fd);
    }
    p->fd = -1;
}

static void hang_up(struct core_push *p, int64_t now_ns)
{
    core_push_end(p);
    p->out_len = 0;
    p->out_sent = 0;
    p->in_len = 0;
    p->request_id = 0;
    p->next_ns = now_ns + CORE_PUSH_AGAIN_NS;
}

bool core_push_ready(struct core_push *p, int64_t now_ns)
{
    if (p->fd < 0 && now_ns >= p->next_ns && endpoint_connect(&p->core, &p->fd) != ERR_OK) {
        p->fd = -1;
        p->next_ns = now_ns + CORE_PUSH_AGAIN_NS;
    }
    return p->fd >= 0 && p->out_len == 0;
}

void core_push_report(struct core_push *p, const struct time_report *r, int64_t now_ns)
{
    struct writer w = wr_init(p->out, sizeof p->out);
    struct view v;
    const size_t mark = frame_begin(&w, FRAME_TIME_SAMPLE, r->sample.seq);

    time_report_encode(&w, r);
    frame_end(&w, mark);
    if (wr_finish(&w, &v) == ERR_OK) { /* a row is at most 99 bytes: it fits */
        p->out_len = v.n;
        p->out_sent = 0;
        p->in_len = 0;
        p->request_id = r->sample.seq;
        p->next_ns = now_ns + CORE_PUSH_WAIT_NS;
    }
}

short core_push_events(const struct core_push *p)
{
    return p->out_sent < p->out_len ? POLLOUT | POLLIN : POLLIN;
}

static enum err send_rest(struct core_push *p)
{
    while (p->out_sent < p->out_len) {
        const ssize_t n =
            send(p->fd, p->out + p->out_sent, p->out_len - p->out_sent, MSG_NOSIGNAL);

        if (n < 0) {
            return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_IO;
        }
        p->out_sent += (size_t)n;
    }
    return ERR_OK;
}

/* How long the answer is, as far as is known; *h is its header once that is there. */
static enum err answer_len(const struct core_push *p, struct frame_header *h, size_t *len)
{
    *len = FRAME_HEADER_LEN;
    if (p->in_len < FRAME_HEADER_LEN) {
        return ERR_OK;
    }
    TRY(frame_header_decode((struct view){p->in, FRAME_HEADER_LEN}, h));
    if (h->request_id != p->request_id || p->request_id == 0 ||
        h->body_len > sizeof p->in - FRAME_HEADER_LEN) {
        return ERR_MISMATCH;
    }
    *len += h->body_len;
    return ERR_OK;
}

/* The answer: empty, or ERROR with its code. *whole: there is one. */
static enum err read_answer(struct core_push *p, bool *whole)
{
    struct frame_header h = {0};
    size_t want;

    *whole = false;
    for (;;) {
        ssize_t n;

        TRY(answer_len(p, &h, &want));
        if (p->in_len >= want) {
            break;
        }
        n = recv(p->fd, p->in + p->in_len, want - p->in_len, 0);
        if (n < 0) {
            return errno == EAGAIN || errno == EINTR ? ERR_OK : ERR_IO;
        }
        if (n == 0) {
            return ERR_IO;
        }
        p->in_len += (size_t)n;
    }
    *whole = true;
    p->last = ERR_OK;
    if (h.type == FRAME_ERROR) {
        return frame_error_decode(
            (struct view){p->in + FRAME_HEADER_LEN, want - FRAME_HEADER_LEN}, &p->last);
    }
    return h.type == (FRAME_TIME_SAMPLE | FRAME_ANSWER) && h.body_len == 0 ? ERR_OK
                                                                           : ERR_MISMATCH;
}

void core_push_step(struct core_push *p, int64_t now_ns, bool *answered)
{
    enum err e;

    *answered = false;
    if (p->fd < 0) {
        return;
    }
    e = send_rest(p);
    if (e == ERR_OK) {
        e = read_answer(p, answered);
    }
    if (e == ERR_OK && p->out_len > 0 && !*answered && now_ns >= p->next_ns) {
        e = ERR_DEADLINE;
    }
    if (e != ERR_OK) {
        *answered = false;
        hang_up(p, now_ns);
        return;
    }
    if (*answered) {
        p->taken += p->last == ERR_OK;
        p->refused += p->last != ERR_OK;
        p->out_len = 0;
        p->out_sent = 0;
        p->in_len = 0;
        p->request_id = 0;
    }
}
