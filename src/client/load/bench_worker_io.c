#include "client/load/bench_worker.h"
#include "format/tsp_resp.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define EVENTS 64
#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define CONNECT_S 2
#define KEPT_GUESS 700 /* bytes of a reply, for the room of the index */

uint64_t bench_now_ns(void)
{
    struct timespec t;

    (void)clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

/* ---- connections ---- */

static enum err conn_open(struct bench_worker *w, size_t i)
{
    struct bench_conn *c = &w->conns[i];
    const struct timeval limit = {CONNECT_S, 0};
    const int on = 1;
    struct epoll_event ev = {.events = EPOLLIN, .data.u64 = i};

    c->busy = false;
    c->got = 0;
    c->fd = socket(w->addr->ai_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        return ERR_IO;
    }
    /* Also bounds connect(); afterwards a send that does not fit at once counts as broken. */
    if (setsockopt(c->fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit) != 0 ||
        setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0 ||
        connect(c->fd, w->addr->ai_addr, w->addr->ai_addrlen) != 0 ||
        epoll_ctl(w->epoll, EPOLL_CTL_ADD, c->fd, &ev) != 0) {
        const int saved = errno;

        (void)close(c->fd);
        c->fd = -1;
        errno = saved;
        return ERR_IO;
    }
    return ERR_OK;
}

static void conn_idle(struct bench_worker *w, size_t i)
{
    w->idle[w->n_idle++] = i;
}

/* Ends a connection and opens another in its place; one that cannot be opened stays out of the
 * run. */
static void conn_again(struct bench_worker *w, size_t i, bool broken)
{
    struct bench_conn *c = &w->conns[i];

    if (c->busy) {
        w->in_flight--;
    }
    if (broken) {
        w->result.broken++;
    }
    (void)close(c->fd);
    if (conn_open(w, i) == ERR_OK) {
        conn_idle(w, i);
    }
}

static void conn_send(struct bench_worker *w, size_t i, uint64_t since_ns)
{
    const struct bench_template *t = &w->plan->form;
    struct bench_conn *c = &w->conns[i];
    uint8_t digest[HASH_MAX];
    uint8_t nonce[QUERY_NONCE_RANDOM];

    c->id = (uint64_t)w->index << 48 | w->next_id++;
    c->since_ns = since_ns;
    c->got = 0;
    c->busy = true;
    w->in_flight++;
    bench_template_fill(t, c->id, digest, nonce);
    memcpy(c->out, t->request, t->request_len);
    memcpy(c->out + t->digest_at, digest, t->digest_len);
    memcpy(c->out + t->nonce_at, nonce, sizeof nonce);
    if (send(c->fd, c->out, t->request_len, MSG_NOSIGNAL) != (ssize_t)t->request_len) {
        conn_again(w, i, true);
    }
}

/* ---- replies ---- */

static void keep(struct bench_worker *w, const struct bench_conn *c, struct view body)
{
    struct bench_result *r = &w->result;

    if (r->n_kept < w->kept_room && body.n <= w->bytes_room - r->n_bytes) {
        memcpy(r->bytes + r->n_bytes, body.p, body.n);
        r->kept[r->n_kept++] = (struct bench_kept){c->id, r->n_bytes, (uint32_t)body.n};
        r->n_bytes += body.n;
    }
}

/* Digest and nonce of this very query stand in c->out. */
static bool has_what_was_asked(const struct bench_worker *w, const struct bench_conn *c,
                               struct view token)
{
    const struct bench_template *t = &w->plan->form;

    return memmem(token.p, token.n, c->out + t->digest_at, t->digest_len) != NULL &&
           memmem(token.p, token.n, c->out + t->nonce_at, QUERY_NONCE_RANDOM) != NULL;
}

static void take_reply(struct bench_worker *w, const struct bench_conn *c, unsigned status,
                       struct view body, uint64_t now_ns)
{
    struct bench_result *r = &w->result;
    struct tsp_resp resp;

    if (now_ns < w->measure_ns) {
        return;
    }
    if (status != 200 || tsp_resp_parse(body, &resp) != ERR_OK) {
        r->http_errors++;
    } else if (resp.status > PKI_GRANTED_WITH_MODS || resp.token.n == 0) {
        r->rejected++;
    } else if (!has_what_was_asked(w, c, resp.token)) {
        r->wrong++;
    } else {
        if (now_ns <= w->end_ns) {
            r->granted++;
            latency_add(&r->latency, (now_ns - c->since_ns) / 1000);
        }
        keep(w, c, body);
    }
}

/* Takes what has arrived; a whole reply makes the connection idle again. */
static void conn_read(struct bench_worker *w, size_t i)
{
    struct bench_conn *c = &w->conns[i];
    const ssize_t n = recv(c->fd, c->in + c->got, sizeof c->in - c->got, MSG_DONTWAIT);
    struct bench_head head;

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        return;
    }
    if (n <= 0) {
        conn_again(w, i, c->busy); /* the server may end an idle connection */
        return;
    }
    c->got += (size_t)n;
    const enum err e = bench_head_parse((struct view){c->in, c->got}, &head);

    if (e == ERR_TRUNCATED && c->got < sizeof c->in) {
        return;
    }
    if (e != ERR_OK || !c->busy || head.body_len > sizeof c->in - head.head_len) {
        conn_again(w, i, true);
        return;
    }
    if (c->got < head.head_len + head.body_len) {
        return;
    }
    take_reply(w, c, head.status, (struct view){c->in + head.head_len, head.body_len},
               bench_now_ns());
    if (head.close) {
        conn_again(w, i, false);
        return;
    }
    c->busy = false;
    w->in_flight--;
    conn_idle(w, i);
}

/* ---- the loop ---- */

static void arm_timer(const struct bench_worker *w, uint64_t at_ns)
{
    const struct itimerspec t = {
        .it_value = {(time_t)(at_ns / NS_PER_S), (long)(at_ns % NS_PER_S)},
    };

    (void)timerfd_settime(w->timer, TFD_TIMER_ABSTIME, &t, NULL);
}

static void send_what_is_due(struct bench_worker *w, uint64_t now_ns)
{
    if (now_ns >= w->end_ns) {
        return;
    }
    if (w->interval_ns == 0) {
        while (w->n_idle > 0) {
            conn_send(w, w->idle[--w->n_idle], bench_now_ns());
        }
        return;
    }
    while (w->n_idle > 0 && w->due_ns <= now_ns) {
        conn_send(w, w->idle[--w->n_idle], w->due_ns);
        w->due_ns += w->interval_ns;
    }
    if (w->n_idle > 0) {
        arm_timer(w, w->due_ns);
    }
}

static void take_events(struct bench_worker *w, int timeout_ms)
{
    struct epoll_event events[EVENTS];
    uint64_t ticks = 0;
    const int n = epoll_wait(w->epoll, events, EVENTS, timeout_ms);

    for (int i = 0; i < n; i++) {
        if (events[i].data.u64 < w->n_conns) {
            conn_read(w, (size_t)events[i].data.u64);
        } else if (read(w->timer, &ticks, sizeof ticks) < 0) {
            continue; /* it was disarmed meanwhile */
        }
    }
}

void *bench_worker_run(void *worker)
{
    struct bench_worker *w = worker;
    const uint64_t give_up_ns = w->end_ns + BENCH_GRACE_MS * NS_PER_MS;
    uint64_t now_ns = bench_now_ns();

    while (now_ns < w->end_ns || (w->in_flight > 0 && now_ns < give_up_ns)) {
        const uint64_t next_ns = now_ns < w->end_ns ? w->end_ns : give_up_ns;

        send_what_is_due(w, now_ns);
        take_events(w, (int)((next_ns - now_ns) / NS_PER_MS) + 1);
        now_ns = bench_now_ns();
    }
    w->result.unanswered = w->in_flight;
    if (w->interval_ns > 0 && w->due_ns < w->end_ns) {
        w->result.unanswered += (w->end_ns - w->due_ns) / w->interval_ns;
    }
    return NULL;
}

/* ---- open and close ---- */

enum err bench_worker_open(struct bench_worker *w)
{
    struct epoll_event ev = {.events = EPOLLIN};

    w->conns = calloc(w->n_conns, sizeof *w->conns);
    w->idle = calloc(w->n_conns, sizeof *w->idle);
    w->bytes_room = w->plan->keep_bytes / w->plan->threads;
    w->kept_room = w->bytes_room / KEPT_GUESS;
    w->result.bytes = malloc(w->bytes_room + 1);
    w->result.kept = calloc(w->kept_room + 1, sizeof *w->result.kept);
    w->epoll = epoll_create1(EPOLL_CLOEXEC);
    w->timer = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
    if (w->conns == NULL || w->idle == NULL || w->result.bytes == NULL ||
        w->result.kept == NULL) {
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < w->n_conns; i++) {
        w->conns[i].fd = -1;
    }
    ev.data.u64 = w->n_conns;
    if (w->epoll < 0 || w->timer < 0 ||
        epoll_ctl(w->epoll, EPOLL_CTL_ADD, w->timer, &ev) != 0) {
        return ERR_IO;
    }
    for (size_t i = 0; i < w->n_conns; i++) {
        TRY(conn_open(w, i));
        conn_idle(w, i);
    }
    return ERR_OK;
}

void bench_worker_close(struct bench_worker *w)
{
    for (size_t i = 0; w->conns != NULL && i < w->n_conns; i++) {
        if (w->conns[i].fd >= 0) {
            (void)close(w->conns[i].fd);
        }
    }
    if (w->epoll >= 0) {
        (void)close(w->epoll);
    }
    if (w->timer >= 0) {
        (void)close(w->timer);
    }
    free(w->conns);
    free(w->idle);
    w->conns = NULL;
    w->idle = NULL;
}
