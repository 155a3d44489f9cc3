#include "enclave/core/core_io.h"

#include "enclave/core/core_quorum.h"
#include "enclave/events/log_io.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define EVENTS 32          /* taken from the kernel at a time */
#define ACCEPTS 32         /* connections taken at a time */
#define TAG_LISTENER 0x100 /* epoll tags: a peer's number, or one of these */
#define TAG_SIGNAL 0x200
#define TAG_DONE 0x300
#define TAG_TSM 0x400
#define PEER_EVENTS ((uint32_t)(EPOLLIN | EPOLLRDHUP) | (uint32_t)EPOLLET)
#define NS_PER_MS INT64_C(1000000)

static enum err watch(const struct core_io *io, int fd, uint32_t events, uint32_t tag)
{
    struct epoll_event ev = {.events = events, .data = {.u32 = tag}};

    return epoll_ctl(io->epoll_fd, EPOLL_CTL_ADD, fd, &ev) == 0 ? ERR_OK : ERR_IO;
}

/* Whether the kernel tells us when p takes bytes again. Only while it does not: else each
 * answer that it reads would wake us. False: the connection is broken. */
static bool watch_output(const struct core_io *io, struct core_peer *p, bool on)
{
    struct epoll_event ev = {.events = PEER_EVENTS | (on ? (uint32_t)EPOLLOUT : 0),
                             .data = {.u32 = p->conn.lane}};

    if (p->watched == on) {
        return true;
    }
    p->watched = on;
    return epoll_ctl(io->epoll_fd, EPOLL_CTL_MOD, p->fd, &ev) == 0;
}

enum err core_io_init(struct core_io *io, const struct core_io_setup *setup)
{
    io->core = setup->core;
    io->pool = setup->pool;
    io->clock = setup->clock;
    io->signal_fd = setup->signal_fd;
    io->idle_ns = setup->idle_ms * NS_PER_MS;
    io->n_listeners = setup->n_listeners;
    io->time_listener = setup->time_listener;
    io->tsm_listener = setup->tsm_listener;
    io->areas = setup->areas;
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        io->peers[i].fd = -1;
    }
    io->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (io->epoll_fd < 0) {
        return ERR_IO;
    }
    for (size_t i = 0; i < setup->n_listeners; i++) {
        io->listeners[i] = setup->listeners[i];
        TRY(watch(io, io->listeners[i], EPOLLIN, TAG_LISTENER + (uint32_t)i));
    }
    TRY(watch(io, io->signal_fd, EPOLLIN, TAG_SIGNAL));
    TRY(core_tsm_init(&io->tsm, setup->desk, io->pool->done_fd));
    return watch(io, io->pool->done_fd, EPOLLIN, TAG_DONE);
}

void core_io_log(struct core_io *io)
{
    const struct audit_ring *const r = &io->core->audit;

    if (io->logged_seq < audit_ring_lost(r)) {
        io->logged_seq = audit_ring_lost(r);
    }
    while (io->logged_seq < r->last_seq) {
        io->logged_seq++;
        log_audit(&r->entries[io->logged_seq % LIMIT_AUDIT_RING]);
    }
}

/* ---- connections ---- */

/* Frees the place once nothing of it is under way any more. */
static void release(struct core_io *io, struct core_peer *p)
{
    if (p->fd < 0 && p->conn.batches == 0) {
        p->taken = false;
        io->core->counts.connections--;
    }
}

static void drop(struct core_io *io, struct core_peer *p)
{
    (void)close(p->fd); /* leaves the epoll set, too */
    p->fd = -1;
    core_conn_close(&p->conn);
    if (p->conn.batches > 0) {
        worker_pool_cancel(io->pool, p->conn.lane);
    }
    release(io, p);
}

static struct core_peer *free_place(struct core_io *io)
{
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (!io->peers[i].taken) {
            return &io->peers[i];
        }
    }
    return NULL;
}

static void take_in(struct core_io *io, int fd, bool timed)
{
    struct core_peer *const p = free_place(io);
    const uint32_t lane = p != NULL ? (uint32_t)(p - io->peers) : 0;

    if (p == NULL || watch(io, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, lane) != ERR_OK) {
        (void)close(fd);
        io->core->counts.connections_refused++;
        return;
    }
    p->fd = fd;
    p->taken = true;
    p->readable = true;
    p->writable = true;
    p->watched = false;
    p->hung_up = false;
    p->gone = false;
    core_conn_init(&p->conn, lane, io->areas, io->now_ns);
    p->conn.timed = timed;
    io->core->counts.connections++;
}

static void take_in_tsm(struct core_io *io, int fd)
{
    if (watch(io, fd, EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, TAG_TSM) == ERR_OK) {
        core_tsm_take_in(&io->tsm, fd);
    } else {
        (void)close(fd);
    }
}

static void accept_some(struct core_io *io, size_t listener)
{
    for (int i = 0; i < ACCEPTS; i++) {
        const int fd =
            accept4(io->listeners[listener], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

        if (fd < 0) {
            return;
        }
        if (listener + 1 == io->tsm_listener) {
            take_in_tsm(io, fd);
        } else {
            take_in(io, fd, listener + 1 == io->time_listener);
        }
    }
}

/* Reads once. False: the connection is broken. */
static bool receive(struct core_peer *p)
{
    size_t room;
    uint8_t *const to = core_conn_receive(&p->conn, &room);
    ssize_t n;

    if (!p->readable || room == 0) {
        return true;
    }
    n = read(p->fd, to, room);
    if (n > 0) {
        core_conn_received(&p->conn, (size_t)n);
        /* A short read has emptied the socket, unless its end is still to come. */
        p->readable = (size_t)n == room || p->hung_up;
    } else if (n == 0) {
        core_conn_ended(&p->conn);
        p->readable = false;
    } else if (errno == EAGAIN) {
        p->readable = false;
    } else if (errno != EINTR) {
        return false;
    }
    return true;
}

/* Sends what waits. *sent: something went. False: the connection is broken. */
static bool send_out(struct core_io *io, struct core_peer *p, bool *sent)
{
    const struct view out = core_conn_send(&p->conn);
    ssize_t n;

    *sent = false;
    if (!p->writable || out.n == 0) {
        return true;
    }
    n = write(p->fd, out.p, out.n);
    if (n > 0) {
        core_conn_sent(&p->conn, (size_t)n, io->now_ns);
        p->writable = (size_t)n == out.n;
        *sent = true;
    } else if (n < 0 && errno == EAGAIN) {
        p->writable = false;
    } else if (n < 0 && errno != EINTR) {
        return false;
    }
    return watch_output(io, p, !p->writable);
}

/* Serves one connection as far as its bytes and its room go. True: there may be more to do at
 * once, after the others had their turn. */
static bool serve(struct core_io *io, struct core_peer *p)
{
    struct sign_batch *batch;
    bool sent = false;
    bool alive = !p->gone && receive(p);
    size_t frames = 0;

    while (alive && frames < LIMIT_TURN &&
           core_conn_work(&p->conn, io->core, io->now_ns, &batch)) {
        frames++;
        if (batch != NULL && !batch->is_order) {
            worker_pool_submit(io->pool, batch);
        }
    }
    alive = alive && send_out(io, p, &sent);
    if (!alive || core_conn_over(&p->conn)) {
        drop(io, p);
        return false;
    }
    return frames == LIMIT_TURN || core_conn_wants(&p->conn, p->readable, sent) ||
           (sent && p->writable && core_conn_send(&p->conn).n > 0);
}

static bool serve_all(struct core_io *io)
{
    bool more = false;

    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        struct core_peer *const p = &io->peers[(io->turn + i) % LIMIT_CONNECTIONS];

        if (p->fd >= 0 && serve(io, p)) {
            more = true;
        }
    }
    io->turn = (io->turn + 1) % LIMIT_CONNECTIONS;
    for (size_t i = 0; i < LIMIT_CONNECTIONS && !more; i++) {
        more = io->peers[i].fd >= 0 && core_conn_can_go_on(&io->peers[i].conn);
    }
    return more;
}

/* ---- signatures that come back ---- */

static void finish_batches(struct core_io *io)
{
    struct sign_batch *b = worker_pool_collect(io->pool);

    while (b != NULL) {
        struct sign_batch *const next = b->next;
        struct core_peer *const p = &io->peers[b->lane];

        if (p->fd >= 0) {
            core_conn_finish(&p->conn, io->core, b, io->now_ns);
        } else {
            core_finish(io->core, b, NULL);
            p->conn.batches--;
            release(io, p);
        }
        b = next;
    }
}

/* Batches of the threshold pool: what was made, and what is to be. */
static void fill_pool(struct core_io *io)
{
    struct commit_done done;
    struct pq_place *place;

    while (worker_pool_collect_commit(io->pool, &done)) {
        core_quorum_filled(io->core, done.place, done.err);
    }
    while ((place = core_quorum_fill(io->core)) != NULL) {
        worker_pool_submit_commit(io->pool, place);
    }
}

/* ---- housekeeping ---- */

static bool is_expired(const struct core_io *io, const struct core_peer *p, bool crowded)
{
    return core_conn_expired(&p->conn, io->now_ns,
                             core_conn_patience(&p->conn, crowded, io->idle_ns));
}

static void tick(struct core_io *io)
{
    const bool crowded = free_place(io) == NULL;

    io->tick_ns = io->now_ns + LIMIT_TICK_NS;
    core_tick(io->core);
    core_tsm_tick(&io->tsm, io->now_ns);
    fill_pool(io);
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        struct core_peer *const p = &io->peers[i];

        if (p->fd >= 0 && is_expired(io, p, crowded)) {
            io->core->counts.connections_timed_out++;
            drop(io, p);
        }
    }
}

static void begin_drain(struct core_io *io)
{
    if (io->drain_ns != 0) {
        return;
    }
    io->drain_ns = io->now_ns + LIMIT_DRAIN_NS;
    for (size_t i = 0; i < io->n_listeners; i++) {
        (void)close(io->listeners[i]);
    }
    io->n_listeners = 0;
    (void)epoll_ctl(io->epoll_fd, EPOLL_CTL_DEL, io->signal_fd, NULL);
    core_drain(io->core);
}

/* Drained, and every answer sent; or out of time. */
static bool is_over(const struct core_io *io)
{
    if (io->drain_ns == 0) {
        return false;
    }
    if (io->now_ns > io->drain_ns) {
        return true;
    }
    for (size_t i = 0; i < LIMIT_CONNECTIONS; i++) {
        if (io->peers[i].fd >= 0 && core_conn_send(&io->peers[i].conn).n > 0) {
            return false;
        }
    }
    return core_drained(io->core);
}

/* ---- the loop ---- */

static void note_peer(struct core_peer *p, uint32_t events)
{
    p->gone = p->gone || (events & (uint32_t)(EPOLLHUP | EPOLLERR)) != 0;
    p->hung_up = p->hung_up || (events & (uint32_t)EPOLLRDHUP) != 0;
    p->readable = p->readable || (events & ~(uint32_t)EPOLLOUT) != 0;
    p->writable = p->writable || (events & EPOLLOUT) != 0;
}

static void take_event(struct core_io *io, const struct epoll_event *ev)
{
    const uint32_t tag = ev->data.u32;

    if (tag < LIMIT_CONNECTIONS) {
        note_peer(&io->peers[tag], ev->events);
    } else if (tag == TAG_DONE) {
        finish_batches(io);
        fill_pool(io);
    } else if (tag == TAG_SIGNAL) {
        begin_drain(io);
    } else if (tag == TAG_TSM) {
        io->tsm.readable = true;
        io->tsm.writable = true;
    } else if (tag - TAG_LISTENER < io->n_listeners) {
        accept_some(io, tag - TAG_LISTENER);
    }
}

static int wait_ms(const struct core_io *io, bool busy)
{
    const int64_t left = io->tick_ns - io->now_ns;

    return busy || left <= 0 ? 0 : (int)((left + NS_PER_MS - 1) / NS_PER_MS);
}

static void read_now(struct core_io *io)
{
    io->now_ns = io->clock->monotonic_ns(io->clock->self);
}

enum err core_io_run(struct core_io *io)
{
    struct epoll_event events[EVENTS];
    bool busy = false;

    read_now(io);
    while (!is_over(io)) {
        const int n = epoll_wait(io->epoll_fd, events, EVENTS, wait_ms(io, busy));

        if (n < 0 && errno != EINTR) {
            return ERR_IO;
        }
        read_now(io);
        for (int i = 0; i < n; i++) {
            take_event(io, &events[i]);
        }
        busy = serve_all(io);
        core_tsm_serve(&io->tsm, io->now_ns);
        busy = worker_pool_work_one(io->pool) || busy;
        if (io->now_ns >= io->tick_ns) {
            tick(io);
        }
        core_io_log(io);
    }
    core_retire(io->core);
    core_io_log(io);
    return ERR_OK;
}
