#include "host/front/front_io.h"

#include "host/front/front_sandbox_io.h"
#include "host/front/listener_io.h"
#include "host/front/stages_io.h"
#include "host/front/stamp_flow.h"
#include "host/front/tls_io.h"
#include "os/entropy.h"
#include "os/event_log.h"
#include "os/harden.h"
#include "os/notify.h"
#include "os/promptness.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

/* All that runs. */
struct running {
    struct front front;
    struct stages stages;
    struct http_listener listeners[FRONT_LISTENERS_MAX];
    struct http_listener admin;
    size_t n_listeners;
    size_t room; /* connections that each listener takes */
    int signals; /* signalfd */
    int news;    /* eventfd: coord has seen a change at the core */
    const char *path;
    const struct config *first; /* the configuration at the start */
};

static const struct config_front *front_config(const struct running *r)
{
    return r->stages.now != NULL ? &r->stages.now->config.front : &r->first->front;
}

static int64_t clock_ns(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t); /* cannot fail for these clocks */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int64_t monotonic_ns(void)
{
    return clock_ns(CLOCK_MONOTONIC);
}

static int64_t real_s(void)
{
    return clock_ns(CLOCK_REALTIME) / 1000000000;
}

static enum err fail(const char *what, const char *name, enum err e)
{
    const struct event_field fields[] = {
        {.key = "what", .kind = EVENT_TEXT, .text = what},
        {.key = "name", .kind = EVENT_TEXT, .text = name},
        {.key = "err", .kind = EVENT_ERR, .number = e},
        {.key = "why", .kind = EVENT_TEXT, .text = e == ERR_IO ? strerrordesc_np(errno) : ""},
    };

    event_log(EVENT_ERROR, EVENT_STOPPED, fields, sizeof fields / sizeof fields[0]);
    return e;
}

/* ---- start ---- */

static enum err open_signals(struct running *r)
{
    sigset_t set;

    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    r->news = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return r->signals >= 0 && r->news >= 0 ? ERR_OK : ERR_IO;
}

static enum err open_parts(struct running *r, const struct config *c)
{
    struct front *f = &r->front;
    uint64_t seed = 0;

    f->clock = (struct front_clock){monotonic_ns, real_s};
    f->started_ns = monotonic_ns();
    (void)snprintf(f->node_id, sizeof f->node_id, "%.120s", c->front.node_id);
    if (f->node_id[0] == '\0' && gethostname(f->node_id, sizeof f->node_id - 1) != 0) {
        f->node_id[0] = '\0';
    }
    (void)pthread_mutex_init(&f->slot.lock, NULL); /* never fails with glibc */
    conn_watch_init(&f->watch);
    conn_watch_init(&f->admin_watch);
    TRY(entropy_os.fill(entropy_os.self, (uint8_t *)&seed, sizeof seed));
    f->rate = rate_limit_new((size_t)c->front.rate_table_max, seed);
    f->metrics = metrics_new();
    if (f->rate == NULL || f->metrics == NULL) {
        return ERR_NOSPACE;
    }
    return request_pool_init(&f->pool, (size_t)c->front.connections_max);
}

static enum err open_journal(struct running *r, const struct config_journal *c)
{
    const struct journal_config jc = {
        .dir = c->dir,
        .export_dir = c->export_dir[0] != '\0' ? c->export_dir : NULL,
        .sync = c->synchronous == CONFIG_SYNC_NORMAL ? JOURNAL_SYNC_NORMAL : JOURNAL_SYNC_FULL,
        .segment_rows = (uint64_t)c->segment_rows,
        .max_rows = (uint64_t)c->max_rows,
        .max_age_s = (uint64_t)c->max_age_days * 86400,
    };

    return journal_open(&jc, &r->front.journal);
}

static unsigned count_threads(const struct config_front *c)
{
    const long cpus = sysconf(_SC_NPROCESSORS_ONLN);

    return c->threads > 0 ? (unsigned)c->threads : cpus > 0 && cpus < 64 ? (unsigned)cpus : 1U;
}

static enum err start_main_listeners(struct running *r, const struct config_front *c)
{
    const char *list = c->listen;
    char address[CONFIG_TEXT_MAX];
    size_t n = 1;

    for (const char *at = list; *at != '\0'; at++) {
        n += *at == ' ' ? 1 : 0;
    }
    if (n > FRONT_LISTENERS_MAX) {
        return fail("too many addresses", c->listen, ERR_NOSPACE);
    }
    const unsigned threads = count_threads(c);
    const unsigned connections = (unsigned)c->connections_max / (unsigned)n;
    struct listener_options o = {
        .tls = c->tls_certificate[0] != '\0',
        .address = address,
        .threads = threads < connections ? threads : 1,
        .connections_max = connections > 0 ? connections : 1,
        .timeout_s = (unsigned)c->read_timeout_s,
    };

    r->room = o.connections_max;
    for (; r->n_listeners < n; r->n_listeners++) {
        const size_t len = strcspn(list, " ");

        (void)snprintf(address, sizeof address, "%.*s", (int)len, list);
        const enum err e = listener_start(&r->listeners[r->n_listeners], &r->front, &o);

        if (e != ERR_OK) {
            return fail("cannot listen", address, e);
        }
        list += len + (list[len] == ' ' ? 1 : 0);
    }
    return ERR_OK;
}

static enum err start_listeners(struct running *r, const struct config_front *c)
{
    const struct listener_options admin = {
        .address = c->admin,
        .admin = true,
        .threads = 1,
        .connections_max = FRONT_ADMIN_CONNECTIONS_MAX,
        .timeout_s = (unsigned)c->read_timeout_s,
    };

    if (c->tls_certificate[0] != '\0') {
        const enum err e = tls_load(c->tls_certificate, c->tls_key);

        if (e != ERR_OK) {
            return fail("tls_certificate and tls_key", c->tls_certificate, e);
        }
    }
    TRY(start_main_listeners(r, c));
    if (c->admin[0] != '\0') {
        const enum err e = listener_start(&r->admin, &r->front, &admin);

        if (e != ERR_OK) {
            return fail("cannot listen", c->admin, e);
        }
    }
    return ERR_OK;
}

/* Tells where we serve, one address a line; whoever reads sees all or nothing. */
static enum err write_addresses(const struct running *r, const char *path)
{
    char name[CONFIG_TEXT_MAX + 8];
    bool good = true;

    if (path[0] == '\0') {
        return ERR_OK;
    }
    (void)snprintf(name, sizeof name, "%s.new", path);
    FILE *file = fopen(name, "we");

    if (file == NULL) {
        return fail("address_file", name, ERR_IO);
    }
    for (size_t i = 0; i < r->n_listeners; i++) {
        good = fprintf(file, "%s\n", r->listeners[i].name) > 0 && good;
    }
    good = fclose(file) == 0 && good;
    return good && rename(name, path) == 0 ? ERR_OK : fail("address_file", path, ERR_IO);
}

static void log_ready(const struct running *r)
{
    for (size_t i = 0; i < r->n_listeners; i++) {
        const struct event_field field = {
            .key = "listen", .kind = EVENT_TEXT, .text = r->listeners[i].name};

        event_log(EVENT_INFO, EVENT_READY, &field, 1);
    }
}

static enum err start(struct running *r, const struct config *c)
{
    enum err e = open_signals(r);

    promptness_ask(); /* all of our threads; coord's is to see in time who does not answer */
    if (e == ERR_OK) {
        e = harden_process(); /* the key of HTTPS may be in memory */
    }
    if (e == ERR_OK) {
        e = open_parts(r, c);
    }
    if (e != ERR_OK) {
        return fail("cannot start", "", e);
    }
    e = open_journal(r, &c->journal);
    if (e != ERR_OK) {
        return fail("journal", c->journal.dir, e);
    }
    e = front_sandbox_enter(); /* from here on foreign bytes come */
    if (e != ERR_OK) {
        return fail("sandbox", "", e);
    }
    e = stages_open(&r->stages, &r->front, c, r->news);
    if (e != ERR_OK) {
        return fail("core", c->front.core, e);
    }
    TRY(start_listeners(r, &c->front));
    TRY(write_addresses(r, c->front.address_file));
    log_ready(r);
    notify("READY=1");
    return ERR_OK;
}

/* ---- run ---- */

static void sweep_connections(const struct running *r, struct conn_watch *w, size_t room,
                              int64_t now_ns)
{
    const int64_t timeout_ns = front_config(r)->read_timeout_s * 1000000000;

    (void)conn_watch_sweep(
        w, now_ns - conn_watch_patience_ns(conn_watch_count(w), room, timeout_ns));
}

static void sweep(struct running *r, int64_t now_ns)
{
    (void)request_pool_sweep(&r->front.pool, now_ns);
    stages_tick(&r->stages);
    sweep_connections(r, &r->front.watch, r->room, now_ns);
    sweep_connections(r, &r->front.admin_watch, FRONT_ADMIN_CONNECTIONS_MAX, now_ns);
}

/* True: the end was asked for. */
static bool take_signals(struct running *r)
{
    struct signalfd_siginfo info;
    bool end = false;

    while (read(r->signals, &info, sizeof info) == (ssize_t)sizeof info) {
        if (info.ssi_signo != SIGHUP) {
            end = true;
        } else if (stages_reload(&r->stages, r->path) != ERR_OK) {
            event_log(EVENT_ERROR, EVENT_INTERNAL, NULL, 0);
        }
    }
    return end;
}

/* The window of a batch is looked at more often than a deadline. */
static int tick_ms(const struct running *r)
{
    return config_uses_key(&r->stages.now->config, KEY_PQ) ? FRONT_TICK_BATCH_MS
                                                           : FRONT_TICK_MS;
}

static void serve(struct running *r)
{
    struct pollfd fds[] = {{.fd = r->signals, .events = POLLIN},
                           {.fd = r->news, .events = POLLIN}};
    int64_t look_again_ns = 0;
    int64_t hear_again_ns = 0;

    for (;;) {
        (void)poll(fds, 2, tick_ms(r));
        const int64_t now = monotonic_ns();
        uint64_t count = 0;
        bool refresh = read(r->news, &count, sizeof count) == (ssize_t)sizeof count;

        if (take_signals(r)) {
            return;
        }
        sweep(r, now);
        if (now >= hear_again_ns) {
            hear_again_ns = now + FRONT_HEAR_MS * INT64_C(1000000);
            stages_look(&r->stages);
        }
        if (!refresh && now >= look_again_ns) {
            look_again_ns = now + 1000000000;
            refresh = install_is_stale(r->stages.now);
        }
        if (refresh && stages_refresh(&r->stages) != ERR_OK) {
            event_log(EVENT_ERROR, EVENT_INTERNAL, NULL, 0);
        }
    }
}

/* ---- end ---- */

/* Every request whose last byte was read is answered. */
static void drain(struct running *r)
{
    struct front *f = &r->front;
    const int64_t until = monotonic_ns() + front_config(r)->drain_timeout_s * 1000000000;

    atomic_store(&f->draining, true);
    for (size_t i = 0; i < r->n_listeners; i++) {
        listener_quiesce(&r->listeners[i]);
    }
    while (atomic_load(&f->active) > 0 && monotonic_ns() < until) {
        struct pollfd nothing = {.fd = -1};

        sweep(r, monotonic_ns());
        (void)poll(&nothing, 1, 5);
    }
    stamp_flow_stop(f);
}

static void stop(struct running *r)
{
    struct front *f = &r->front;

    for (size_t i = 0; i < r->n_listeners; i++) {
        listener_stop(&r->listeners[i]);
    }
    listener_stop(&r->admin);
    stages_stop(&r->stages);
    if (f->journal != NULL) {
        journal_close(f->journal);
    }
    if (f->pool.all != NULL) {
        request_pool_wipe(&f->pool);
    }
    serving_put(f->slot.now);
    if (front_config(r)->address_file[0] != '\0') {
        (void)unlink(front_config(r)->address_file);
    }
    stages_free(&r->stages);
    rate_limit_free(f->rate);
    metrics_free(f->metrics);
    tls_wipe();
    (void)close(r->signals);
    (void)close(r->news);
}

enum err front_run(const struct config *c, const char *path)
{
    struct running *r = calloc(1, sizeof *r);

    if (r == NULL) {
        return fail("cannot start", "", ERR_NOSPACE);
    }
    r->path = path;
    r->first = c;
    r->signals = -1;
    r->news = -1;
    r->admin.fd = -1;
    event_log(EVENT_INFO, EVENT_STARTED, NULL, 0);
    const enum err e = start(r, c);

    if (e == ERR_OK) {
        serve(r);
        event_log(EVENT_INFO, EVENT_STOPPING, NULL, 0);
        notify("STOPPING=1");
    }
    drain(r);
    stop(r);
    free(r);
    if (e == ERR_OK) {
        event_log(EVENT_INFO, EVENT_STOPPED, NULL, 0);
    }
    return e;
}
