#include "enclave/timed/fence_io.h"

#include "enclave/events/log_io.h"
#include "enclave/timed/told.h"
#include "os/entropy.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define N_FIELDS(f) (sizeof(f) / sizeof(f)[0])

void fence_io_init(struct fence_io *f, const struct timed_fence *servers, size_t n)
{
    memset(f, 0, sizeof *f);
    f->fd = -1;
    f->servers = servers;
    rt_fence_init(&f->fence);
    for (size_t i = 0; i < n; i++) {
        (void)!rt_fence_add(&f->fence, servers[i].public_key); /* as many as there may be */
    }
}

void fence_io_end(struct fence_io *f)
{
    if (f->fd >= 0) {
        (void)close(f->fd);
    }
    f->fd = -1;
}

/* A failure that repeats is told once, until its server answers. */
static void tell(struct fence_io *f, size_t which, enum err e)
{
    const struct log_field fields[] = {{"server", f->servers[which].name, 0},
                                       {"err", err_name(e), 0}};

    if (told_first(&f->told[which], e)) {
        log_event("roughtime_failed", fields, N_FIELDS(fields));
    }
}

void fence_io_turn(struct fence_io *f, int64_t now_ns)
{
    const size_t before = f->fence.asked;
    const size_t which = rt_fence_due(&f->fence, now_ns);
    uint8_t random[RT_NONCE_LEN];
    const struct endpoint *at;

    if (before != RT_NONE && f->fence.asked == RT_NONE) {
        fence_io_end(f);
        tell(f, before, ERR_DEADLINE);
    }
    if (which == RT_NONE || entropy_os.fill(entropy_os.self, random, sizeof random) != ERR_OK) {
        return;
    }
    rt_fence_ask(&f->fence, which, now_ns, random);
    at = &f->servers[which].at;
    f->fd = socket(at->addr.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (f->fd >= 0 &&
        connect(f->fd, (const struct sockaddr *)(const void *)&at->addr, at->addr_len) == 0) {
        (void)!send(f->fd, f->fence.request, RT_REQUEST_LEN, MSG_NOSIGNAL);
    }
}

static void tell_answer(const struct fence_io *f, size_t which, const struct rt_time *t)
{
    const struct log_field fields[] = {
        {"server", f->servers[which].name, 0},
        {"midpoint", NULL, t->midp_s},
        {"radius", NULL, t->radi_s},
        {"version", NULL, t->version},
        {"spelling", t->spelling == RT_SPELLING_TIME ? "RoughTime" : "Roughtime", 0}};

    log_event("roughtime", fields, N_FIELDS(fields));
}

bool fence_io_take(struct fence_io *f, int64_t now_ns, const struct leap_table *leap)
{
    const size_t which = f->fence.asked;
    const bool before = f->fence.contradicted;
    uint8_t in[RT_REPLY_MAX + 1];
    struct rt_time t;
    enum err e;
    const ssize_t n = recv(f->fd, in, sizeof in, 0);

    if (n < 0) {
        return false; /* nothing, or the host refused: the request's time runs out */
    }
    e = rt_fence_take(&f->fence, now_ns, (struct view){in, (size_t)n}, leap, &t);
    if (e != ERR_OK) { /* not genuine: the true reply may still come */
        tell(f, which, e);
        return false;
    }
    fence_io_end(f);
    f->told[which] = 0;
    tell_answer(f, which, &t);
    if (f->fence.contradicted && !before) {
        log_event("roughtime_contradiction", NULL, 0);
    }
    return true;
}

bool fence_io_contradicts(struct fence_io *f, int64_t now_ns, int64_t lo_ns, int64_t hi_ns)
{
    const bool against = rt_fence_contradicts(&f->fence, now_ns, lo_ns, hi_ns);

    if (against != f->against) {
        f->against = against;
        log_event(against ? "fence_disagrees" : "fence_agrees", NULL, 0);
    }
    return against;
}
