#include "host/mesh/mesh_run_io.h"

#include "host/coord/coord_link_io.h"
#include "host/mesh/pump.h"
#include "os/clock.h"
#include "os/endpoint.h"
#include "os/event_log.h"
#include "os/sandbox.h"
#include "os/stop_signal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
#define SIGNAL_TAG UINT32_MAX

/* One question or answer at a time: a frame goes out whole before another is asked. */
struct mesh_conn {
    struct coord_link link;
    struct endpoint endpoint;
    int64_t dial_ns; /* when to dial, or to give up dialling */
    int64_t pause_ns;
    size_t out_at, out_n;
    uint8_t out[PUMP_FRAME_MAX];
    unsigned said_place; /* in the log */
};

struct mesh_run {
    struct pump pump;
    size_t n;
    struct mesh_conn conns[PLAN_NODES_MAX];
    int epoll_fd, signal_fd;
    bool over;
    enum scheduler_source said_source;
    uint64_t said_packets;
    int64_t said_ns;
};

static const int allowed[] = {
    SYS_socket,   SYS_connect,       SYS_setsockopt,      SYS_getsockopt, SYS_sendto,
    SYS_recvfrom, SYS_epoll_ctl,     SYS_epoll_wait,      SYS_read,       SYS_write,
    SYS_close,    SYS_clock_gettime, SYS_getrandom,       SYS_brk,        SYS_munmap,
    SYS_madvise,  SYS_rt_sigreturn,  SYS_restart_syscall, SYS_exit_group,
};

static int64_t now_ns(void)
{
    return clock_os.monotonic_ns(clock_os.self);
}

static uint64_t wall_us(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_REALTIME, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* ---- what is said ---- */

static void say_place(struct mesh_run *r, size_t i, enum err why)
{
    struct mesh_conn *c = &r->conns[i];
    const unsigned place = r->pump.cores[i].place;
    const struct event_field fields[] = {
        {.key = "core", .kind = EVENT_NUMBER, .number = (int64_t)i + 1},
        {.key = "node",
         .kind = EVENT_NUMBER,
         .number = (place != PUMP_NOWHERE ? place : c->said_place) + 1},
        {.key = "err", .kind = EVENT_ERR, .number = why},
    };

    if (place != c->said_place) {
        event_log(place != PUMP_NOWHERE ? EVENT_INFO : EVENT_WARN,
                  place != PUMP_NOWHERE ? EVENT_CORE_CONNECTED : EVENT_CORE_LOST, fields,
                  why != ERR_OK ? 3 : 2);
        c->said_place = place;
    }
}

static void say_source(struct mesh_run *r)
{
    static const char *const names[] = {
        [SCHEDULER_NONE] = "none",
        [SCHEDULER_ACCEL] = "accelerator",
        [SCHEDULER_DKLS] = "dkls23",
    };
    const enum scheduler_source now = r->pump.scheduler.source;
    const struct event_field fields[] = {
        {.key = "source", .kind = EVENT_TEXT, .text = names[now]},
    };

    if (now != r->said_source) {
        event_log(EVENT_INFO, EVENT_PRESIGN_SOURCE, fields, 1);
        r->said_source = now;
    }
}

static void say_carried(struct mesh_run *r, int64_t now)
{
    const struct pump_counts *counts = &r->pump.counts;
    const struct event_field fields[] = {
        {.key = "packets", .kind = EVENT_NUMBER, .number = (int64_t)counts->packets},
        {.key = "bytes", .kind = EVENT_NUMBER, .number = (int64_t)counts->bytes},
        {.key = "dropped", .kind = EVENT_NUMBER, .number = (int64_t)counts->dropped},
    };

    if (now - r->said_ns >= MESH_SAY_NS) {
        if (counts->packets != r->said_packets) {
            event_log(EVENT_INFO, EVENT_PRESIGN_CARRIED, fields, 3);
        }
        r->said_packets = counts->packets;
        r->said_ns = now;
    }
}

/* ---- one connection ---- */

static void drop(struct mesh_run *r, size_t i, enum err why)
{
    struct mesh_conn *c = &r->conns[i];

    coord_link_close(&c->link);
    pump_close(&r->pump, i);
    say_place(r, i, why);
    c->out_at = c->out_n = 0;
    c->dial_ns = now_ns() + (why == ERR_IO ? c->pause_ns : MESH_ODD_NS);
    c->pause_ns = 2 * c->pause_ns < MESH_REDIAL_MAX_NS ? 2 * c->pause_ns : MESH_REDIAL_MAX_NS;
}

static void dial(struct mesh_run *r, size_t i)
{
    struct mesh_conn *c = &r->conns[i];

    if (c->link.connected || now_ns() < c->dial_ns) {
        return;
    }
    if (c->link.fd >= 0) {
        drop(r, i, ERR_DEADLINE);
    } else if (coord_link_dial(&c->link, &c->endpoint, r->epoll_fd, (uint32_t)i) != ERR_OK) {
        drop(r, i, ERR_IO);
    } else {
        c->dial_ns = now_ns() + MESH_DIAL_NS;
    }
}

/* Asks what is to be asked, and sends what the kernel takes of it. */
static enum err put(struct mesh_run *r, size_t i)
{
    struct mesh_conn *c = &r->conns[i];

    if (c->out_at == c->out_n) {
        struct writer w = wr_init(c->out, sizeof c->out);
        struct view frame;

        c->out_at = c->out_n = 0;
        if (!pump_ask(&r->pump, i, now_ns(), &w)) {
            return ERR_OK;
        }
        TRY(wr_finish(&w, &frame));
        c->out_n = frame.n;
    }
    while (c->out_at < c->out_n && c->link.writable) {
        size_t n = 0;

        TRY(coord_link_write(&c->link, (struct view){c->out + c->out_at, c->out_n - c->out_at},
                             &n));
        c->out_at += n;
    }
    return ERR_OK;
}

/* Takes the frame that has come whole, and sets *more; else there is none. */
static enum err take(struct mesh_run *r, size_t i, bool *more)
{
    struct coord_link *l = &r->conns[i].link;
    struct frame_header h;

    *more = false;
    if (l->in_len < FRAME_HEADER_LEN) {
        return ERR_OK;
    }
    TRY(frame_header_decode((struct view){l->in, FRAME_HEADER_LEN}, &h));
    if (l->in_len < FRAME_HEADER_LEN + h.body_len) {
        return ERR_OK;
    }
    const struct view body = {l->in + FRAME_HEADER_LEN, h.body_len};
    const enum err e = pump_take(&r->pump, i, &h, body, now_ns());

    coord_link_taken(l, FRAME_HEADER_LEN + h.body_len);
    *more = true;
    return e;
}

static enum err get(struct mesh_run *r, size_t i)
{
    struct coord_link *l = &r->conns[i].link;
    enum err e = ERR_OK;

    while (e == ERR_OK && l->readable) {
        bool more = true;

        e = coord_link_read(l);
        while (e == ERR_OK && more) {
            e = take(r, i, &more);
        }
    }
    return e;
}

static enum err go_on(struct mesh_run *r, size_t i, uint32_t events)
{
    struct mesh_conn *c = &r->conns[i];
    const bool was = c->link.connected;

    TRY(coord_link_events(&c->link, events));
    if (c->link.connected && !was) {
        pump_open(&r->pump, i, now_ns());
        c->pause_ns = MESH_REDIAL_NS;
    }
    return c->link.connected ? get(r, i) : ERR_OK;
}

/* ---- the loop ---- */

static enum err ask_all(struct mesh_run *r)
{
    TRY(pump_plan(&r->pump, &entropy_os, now_ns(), wall_us()));
    for (size_t i = 0; i < r->n; i++) {
        struct mesh_conn *c = &r->conns[i];

        dial(r, i);
        if (!c->link.connected) {
            continue;
        }
        const enum err e = pump_is_dead(&r->pump, i, now_ns()) ? ERR_DEADLINE : put(r, i);

        if (e != ERR_OK) {
            drop(r, i, e);
        }
    }
    return ERR_OK;
}

static int wait_ms(const struct mesh_run *r)
{
    const int64_t now = now_ns();
    int64_t next = pump_next_ns(&r->pump, now);

    for (size_t i = 0; i < r->n; i++) {
        if (!r->conns[i].link.connected && r->conns[i].dial_ns < next) {
            next = r->conns[i].dial_ns;
        }
    }
    return next <= now ? 1 : (int)((next - now + NS_PER_MS - 1) / NS_PER_MS);
}

static void take_events(struct mesh_run *r, const struct epoll_event *events, int n)
{
    for (int k = 0; k < n; k++) {
        const uint32_t tag = events[k].data.u32;

        if (tag == SIGNAL_TAG) {
            r->over = true;
            continue;
        }
        if (r->conns[tag].link.fd < 0) {
            continue;
        }
        const enum err e = go_on(r, tag, events[k].events);

        if (e != ERR_OK) {
            drop(r, tag, e);
        }
        say_place(r, tag, ERR_OK);
    }
}

static enum err loop(struct mesh_run *r)
{
    struct epoll_event events[PLAN_NODES_MAX + 1];

    while (!r->over) {
        TRY(ask_all(r));
        const int n = epoll_wait(r->epoll_fd, events, PLAN_NODES_MAX + 1, wait_ms(r));

        take_events(r, events, n);
        for (size_t i = 0; i < r->n; i++) { /* one's HELLO may move another */
            say_place(r, i, ERR_OK);
        }
        say_source(r);
        say_carried(r, now_ns());
    }
    return ERR_OK;
}

/* ---- start and end ---- */

static enum err enter_sandbox(void)
{
    const char *why;
    const bool has = sandbox_supported(&why);
    const struct event_field fields[] = {
        {.key = "sandbox", .kind = EVENT_TEXT, .text = has ? "on" : "off"},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    if (has) {
        TRY(sandbox_enter(allowed, sizeof allowed / sizeof allowed[0]));
    }
    event_log(has ? EVENT_INFO : EVENT_WARN, EVENT_SANDBOX, fields, has ? 1 : 2);
    return ERR_OK;
}

/* Whoever started this with less to say already may not be let up again. */
static bool give_way(void)
{
    return getpriority(PRIO_PROCESS, 0) >= MESH_NICE ||
           setpriority(PRIO_PROCESS, 0, MESH_NICE) == 0;
}

static enum err open_run(struct mesh_run *r, const struct config *config)
{
    const struct scheduler_rule rule = {
        .total = (unsigned)config_items(config->front.core),
        .target = (unsigned)config->presign.target,
        .accelerator = config->presign.accelerator,
    };
    struct epoll_event ev = {.events = EPOLLIN, .data = {.u32 = SIGNAL_TAG}};

    r->n = rule.total;
    r->said_ns = now_ns();
    pump_init(&r->pump, &rule, now_ns());
    for (size_t i = 0; i < r->n; i++) {
        char uri[CONFIG_TEXT_MAX];

        config_item(config->front.core, i, uri);
        TRY(endpoint_parse(uri, &r->conns[i].endpoint));
        r->conns[i].pause_ns = MESH_REDIAL_NS;
        r->conns[i].said_place = PUMP_NOWHERE;
    }
    TRY(stop_signal_open(&r->signal_fd));
    r->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (r->epoll_fd < 0 || epoll_ctl(r->epoll_fd, EPOLL_CTL_ADD, r->signal_fd, &ev) != 0 ||
        !give_way()) {
        return ERR_IO;
    }
    return enter_sandbox();
}

enum err mesh_run(const struct config *config)
{
    struct mesh_run *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return ERR_NOSPACE;
    }
    r->epoll_fd = r->signal_fd = -1;
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        coord_link_init(&r->conns[i].link);
    }
    enum err e = open_run(r, config);

    if (e == ERR_OK) {
        event_log(EVENT_INFO, EVENT_STARTED, NULL, 0);
        e = loop(r);
        event_log(EVENT_INFO, EVENT_STOPPED, NULL, 0);
    }
    for (size_t i = 0; i < r->n; i++) {
        coord_link_close(&r->conns[i].link);
    }
    if (r->epoll_fd >= 0) {
        (void)close(r->epoll_fd);
    }
    if (r->signal_fd >= 0) {
        (void)close(r->signal_fd);
    }
    free(r);
    return e;
}
