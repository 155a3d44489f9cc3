#include "enclave/timed/timed_io.h"

#include "base/secret.h"
#include "enclave/events/log_io.h"
#include "enclave/nts/nts_report.h"
#include "enclave/timed/told.h"
#include "os/entropy.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS 1000000
#define WAIT_MS_MOST 1000
#define FIXED_FDS 4
#define N_FIELDS(f) (sizeof(f) / sizeof(f)[0])

static int64_t read_ns(clockid_t id)
{
    struct timespec t = {0};

    (void)clock_gettime(id, &t);
    return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t counter_ns(void)
{
    return read_ns(CLOCK_MONOTONIC_RAW);
}

/* At which time chains have to be valid: ours, once there is one; before that the machine's,
 * which can only let in a server whose certificate has run out. */
static int64_t chain_second(const struct timed *t, int64_t now_ns)
{
    int64_t utc_ns = 0;

    if (t->tai_ns != 0 && leap_to_utc(&t->args.leap, t->tai_ns + (now_ns - t->tai_counter_ns),
                                      &utc_ns) == ERR_OK) {
        return utc_ns / NS_PER_S;
    }
    return read_ns(CLOCK_REALTIME) / NS_PER_S;
}

/* Spreads key establishments; no secret, so what stands there is good enough without entropy.
 */
static uint32_t jitter(void)
{
    uint8_t b[4];

    return entropy_os.fill(entropy_os.self, b, sizeof b) == ERR_OK
               ? (uint32_t)b[0] | (uint32_t)b[1] << 8
               : 0;
}

static const char *name_of(const struct timed *t, const struct timed_peer *p)
{
    return t->args.sources[p - t->peers].name;
}

/* A failure that repeats is told once, until all is well again. */
static void tell(const struct timed *t, struct timed_peer *p, const char *what, enum err e)
{
    const struct log_field f[] = {{"source", name_of(t, p), 0}, {"err", err_name(e), 0}};

    if (told_first(&p->told, e)) {
        log_event(what, f, N_FIELDS(f));
    }
}

static void set_port(struct endpoint *e, uint16_t port)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    if (e->addr.ss_family == AF_INET) {
        memcpy(&v4, &e->addr, sizeof v4);
        v4.sin_port = htons(port);
        memcpy(&e->addr, &v4, sizeof v4);
    } else {
        memcpy(&v6, &e->addr, sizeof v6);
        v6.sin6_port = htons(port);
        memcpy(&e->addr, &v6, sizeof v6);
    }
}

/* Where NTP is: the host of key establishment, or another one by its address. Names are not
 * looked up: that takes files, and a service that nobody authenticates. RFC 8915 4.1.7. */
static enum err take_server(const struct timed_source *s, const struct ntske_answer *a,
                            struct endpoint *out)
{
    const int n = (int)a->server.n;
    const char *const text = (const char *)a->server.p;
    char uri[NTSKE_SERVER_MAX + 16];

    *out = s->ke;
    if (n > 0 &&
        !view_equal(a->server, (struct view){(const uint8_t *)s->name, strlen(s->name)})) {
        const bool v6 = memchr(text, ':', (size_t)n) != NULL;

        (void)snprintf(uri, sizeof uri, "tcp:%s%.*s%s:0", v6 ? "[" : "", n, text,
                       v6 ? "]" : "");
        TRY(endpoint_parse(uri, out));
    }
    set_port(out, a->port);
    return ERR_OK;
}

static void ke_failed(struct timed *t, struct timed_peer *p, int64_t now_ns, enum err e)
{
    ke_end(&p->ke);
    nts_source_ke_failed(&p->source, now_ns, jitter());
    tell(t, p, "ke_failed", e);
    t->news = true;
}

static void connect_ke(struct timed *t, struct timed_peer *p, int64_t now_ns)
{
    const enum err e = ke_begin(&p->ke, t->tls, &t->args.sources[p - t->peers], now_ns,
                                chain_second(t, now_ns));

    if (e != ERR_OK) {
        ke_failed(t, p, now_ns, e);
    }
}

/* A name is looked up for each key establishment: there is one when a server is gone. */
static void begin_ke(struct timed *t, struct timed_peer *p, int64_t now_ns)
{
    const size_t at = (size_t)(p - t->peers);
    enum err e;

    nts_source_ke_begin(&p->source);
    if (t->args.sources[at].host[0] == '\0') {
        connect_ke(t, p, now_ns);
        return;
    }
    e = names_ask(&t->names, (uint8_t)at, p->turn++, t->args.sources[at].host);
    p->looking = e == ERR_OK;
    if (e != ERR_OK) {
        ke_failed(t, p, now_ns, e);
    }
}

/* ERR_IO: who looks up names is gone. */
static enum err take_names(struct timed *t, int64_t now_ns)
{
    struct names_answer a;
    enum err e;

    for (;;) {
        struct timed_peer *p;

        e = names_take(&t->names, &a);
        if (e != ERR_OK) {
            return e == ERR_DEADLINE ? ERR_OK : e;
        }
        p = &t->peers[a.number % TIME_SOURCES_MAX];
        if (!p->looking) {
            continue;
        }
        p->looking = false;
        e = names_apply(&a, &t->args.sources[p - t->peers].ke);
        if (e == ERR_OK) {
            connect_ke(t, p, now_ns);
        } else {
            ke_failed(t, p, now_ns, e);
        }
    }
}

static void step_ke(struct timed *t, struct timed_peer *p, int64_t now_ns)
{
    struct ke_result result;
    bool done = false;
    enum err e = ke_step(&p->ke, now_ns, &result, &done);

    if (e == ERR_OK && done) {
        e = take_server(&t->args.sources[p - t->peers], &result.answer, &p->ntp);
    }
    if (e != ERR_OK) {
        ke_failed(t, p, now_ns, e);
    } else if (done) {
        nts_source_ke_done(&p->source, now_ns, result.c2s, result.s2c, &result.answer);
        ke_end(&p->ke);
    }
    wipe(&result, sizeof result);
}

static void hang_up(struct timed_peer *p)
{
    if (p->fd >= 0) {
        (void)close(p->fd);
        p->fd = -1;
    }
}

/* Each request has a port of its own. What fails here is lost on the way. */
static void send_request(struct timed_peer *p)
{
    const void *const address = &p->ntp.addr;
    uint8_t random[NTS_RANDOM_LEN];
    uint8_t out[NTS_REQUEST_MAX];
    struct view packet;

    hang_up(p);
    if (entropy_os.fill(entropy_os.self, random, sizeof random) != ERR_OK) {
        return; /* due again with the next turn */
    }
    p->fd = socket(p->ntp.addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (p->fd >= 0 && connect(p->fd, address, p->ntp.addr_len) != 0) {
        hang_up(p);
    }
    if (nts_source_ask(&p->source, counter_ns(), random, out, &packet) == ERR_OK &&
        p->fd >= 0) {
        p->source.sent_ns = counter_ns(); /* not the time of sealing it */
        (void)!send(p->fd, packet.p, packet.n, MSG_NOSIGNAL);
    }
}

/* A server whose way has grown long: its span has, too. */
static void tell_delay(const struct timed *t, const struct timed_peer *p, bool before)
{
    const struct log_field f[] = {
        {"source", name_of(t, p), 0},
        {"delay_us", NULL,
         p->source.n_spans > 0 ? p->source.spans[p->source.n_spans - 1].delay_ns / 1000 : 0},
        {"least_us", NULL, p->source.least_delay_ns / 1000}};

    if (p->source.delayed && !before) {
        log_event("source_delayed", f, N_FIELDS(f));
    }
}

static void take_reply(struct timed *t, struct timed_peer *p)
{
    const bool delayed = p->source.delayed;
    uint8_t in[NTS_REPLY_MAX + 1];
    struct nts_bound bound;
    struct nts_span span;
    enum err e;
    const ssize_t n = recv(p->fd, in, sizeof in, 0);
    const int64_t now_ns = counter_ns();

    if (n < 0) {
        return; /* nothing, or the host refused: the request's time runs out */
    }
    e = nts_source_take(&p->source, now_ns, (struct view){in, (size_t)n}, &bound);
    if (e == ERR_OK) {
        e = nts_report_span(&t->args.leap, &bound, &span);
    }
    if (e == ERR_OK) {
        nts_source_add(&p->source, &span);
        p->told = 0;
        tell_delay(t, p, delayed);
    }
    if (p->source.state != NTS_SOURCE_ASKED) {
        hang_up(p);
        t->news = true;
    }
    if (e != ERR_OK) {
        tell(t, p, "reply_refused", e);
    }
}

/* What is due for one source. */
static void turn(struct timed *t, struct timed_peer *p, int64_t now_ns)
{
    const uint32_t lost = p->source.counts.lost;

    switch (nts_source_due(&p->source, now_ns, jitter())) {
    case NTS_DUE_KE:
        begin_ke(t, p, now_ns);
        break;
    case NTS_DUE_ASK:
        send_request(p);
        break;
    case NTS_DUE_NOTHING:
        break;
    }
    if (p->source.counts.lost != lost) {
        if (p->source.state != NTS_SOURCE_ASKED) {
            hang_up(p);
        }
        tell(t, p, "request_lost", ERR_DEADLINE);
        t->news = true;
    }
}

static bool any_under_way(const struct timed *t)
{
    for (size_t i = 0; i < t->args.n_sources; i++) {
        if (t->peers[i].source.state == NTS_SOURCE_ASKED) {
            return true;
        }
    }
    return false;
}

static void log_sample(const struct time_sample *s)
{
    const struct log_field f[] = {{"seq", NULL, (int64_t)s->seq},
                                  {"agreeing", NULL, s->agreeing},
                                  {"quota", NULL, s->quota},
                                  {"sources", NULL, s->sources},
                                  {"width_us", NULL, (s->hi_ns - s->lo_ns) / 1000},
                                  {"leap", NULL, s->leap}};

    log_event("sample", f, N_FIELDS(f));
}

/* When nothing is under way any more, so that all that one round brought goes as one sample;
 * and from time to time in any case. */
static void push_sample(struct timed *t, int64_t now_ns)
{
    const char *names[TIME_SOURCES_MAX];
    const struct nts_source *sources[TIME_SOURCES_MAX];
    struct time_report report;
    const int64_t age_ns = now_ns - t->sampled_ns;

    if ((!t->news || age_ns < TIMED_PAUSE_NS || (any_under_way(t) && age_ns < NS_PER_S)) &&
        age_ns < TIMED_SAMPLE_NS) {
        return;
    }
    if (!core_push_ready(&t->push, now_ns)) {
        return;
    }
    for (size_t i = 0; i < t->args.n_sources; i++) {
        sources[i] = &t->peers[i].source;
        names[i] = t->args.sources[i].name;
    }
    /* The counter: it ascends from one start to the next, too, when the core stays. */
    nts_report(sources, names, t->args.n_sources, now_ns, (uint64_t)now_ns, &report);
    if (time_sample_holds(&report.sample) &&
        fence_io_contradicts(&t->fence, now_ns, report.sample.lo_ns, report.sample.hi_ns)) {
        report.sample.flags |= TIME_FLAG_FENCE;
    }
    core_push_report(&t->push, &report, now_ns);
    t->news = false;
    t->sampled_ns = now_ns;
    if (time_sample_holds(&report.sample)) {
        t->tai_ns = report.sample.lo_ns + (report.sample.hi_ns - report.sample.lo_ns) / 2;
        t->tai_counter_ns = now_ns;
    }
    log_sample(&report.sample);
}

static void step_core(struct timed *t, int64_t now_ns)
{
    const enum err before = t->push.last;
    const bool connected = t->push.fd >= 0;
    bool answered = false;

    core_push_step(&t->push, now_ns, &answered);
    if (answered && (t->push.last != before || t->push.taken + t->push.refused == 1)) {
        const struct log_field f[] = {{"err", err_name(t->push.last), 0}};

        log_event(t->push.last == ERR_OK ? "sample_taken" : "sample_refused", f,
                  t->push.last == ERR_OK ? 0 : 1);
    }
    if (connected && t->push.fd < 0) {
        log_event("core_lost", NULL, 0);
        t->news = true; /* what was under way did not arrive */
    }
}

static int wait_ms(const struct timed *t, int64_t now_ns)
{
    int64_t ms = t->news ? TIMED_PAUSE_NS / NS_PER_MS : WAIT_MS_MOST;

    for (size_t i = 0; i < t->args.n_sources; i++) {
        const int64_t when_ns = nts_source_when(&t->peers[i].source);
        const int64_t left_ms = when_ns <= now_ns ? 0 : (when_ns - now_ns) / NS_PER_MS + 1;

        ms = left_ms < ms ? left_ms : ms;
    }
    if (rt_fence_when(&t->fence.fence) <= now_ns) {
        ms = 0;
    }
    return (int)ms;
}

/* The descriptors: signals, the core, the fence, names, then one for each source; -1 is none.
 */
static void fill(const struct timed *t, struct pollfd *fds)
{
    fds[0] = (struct pollfd){.fd = t->signal_fd, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = t->push.fd, .events = core_push_events(&t->push)};
    fds[2] = (struct pollfd){.fd = t->fence.fd, .events = POLLIN};
    fds[3] = (struct pollfd){.fd = t->names.fd, .events = POLLIN};
    for (size_t i = 0; i < t->args.n_sources; i++) {
        const struct timed_peer *p = &t->peers[i];

        fds[FIXED_FDS + i] = p->ke.ssl != NULL
                                 ? (struct pollfd){.fd = p->ke.fd, .events = p->ke.events}
                                 : (struct pollfd){.fd = p->fd, .events = POLLIN};
    }
}

void timed_io_init(struct timed *t)
{
    core_push_init(&t->push, &t->args.core);
    fence_io_init(&t->fence, t->args.fences, t->args.n_fences);
    for (size_t i = 0; i < t->args.n_sources; i++) {
        nts_source_init(&t->peers[i].source, t->args.poll);
        t->peers[i].fd = -1;
    }
}

/* What came, after poll(2). ERR_IO: who looks up names is gone. */
static enum err take_all(struct timed *t, const struct pollfd *fds)
{
    int64_t now_ns;

    for (size_t i = 0; i < t->args.n_sources; i++) {
        if (t->peers[i].ke.ssl == NULL && t->peers[i].fd >= 0 &&
            fds[FIXED_FDS + i].revents != 0) {
            take_reply(t, &t->peers[i]); /* first: their time counts */
        }
    }
    now_ns = counter_ns();
    if (fds[2].revents != 0 && fence_io_take(&t->fence, now_ns, &t->args.leap)) {
        t->news = true;
    }
    if (fds[3].revents != 0) {
        TRY(take_names(t, now_ns));
    }
    for (size_t i = 0; i < t->args.n_sources; i++) {
        if (t->peers[i].ke.ssl != NULL) {
            step_ke(t, &t->peers[i], now_ns);
        }
    }
    step_core(t, now_ns);
    return ERR_OK;
}

enum err timed_io_run(struct timed *t)
{
    struct pollfd fds[FIXED_FDS + TIME_SOURCES_MAX];

    for (;;) {
        const int64_t now_ns = counter_ns();

        for (size_t i = 0; i < t->args.n_sources; i++) {
            turn(t, &t->peers[i], now_ns);
        }
        fence_io_turn(&t->fence, now_ns);
        push_sample(t, now_ns);
        fill(t, fds);
        if (poll(fds, FIXED_FDS + t->args.n_sources, wait_ms(t, now_ns)) < 0 &&
            errno != EINTR) {
            return ERR_IO;
        }
        if (fds[0].revents != 0) {
            return ERR_OK;
        }
        TRY(take_all(t, fds));
    }
}

void timed_io_end(struct timed *t)
{
    for (size_t i = 0; i < t->args.n_sources; i++) {
        ke_end(&t->peers[i].ke);
        hang_up(&t->peers[i]);
        nts_source_wipe(&t->peers[i].source);
    }
    fence_io_end(&t->fence);
    names_end(&t->names);
    core_push_end(&t->push);
}
