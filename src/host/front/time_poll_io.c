#include "host/front/time_poll_io.h"

#include "host/link/core_link_io.h"

#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_MS INT64_C(1000000)
#define URI_MAX 512 /* of a value of the configuration */

struct asked {
    char uri[URI_MAX];
    struct core_link link;
    bool open;     /* a question is under way */
    unsigned rest; /* seconds in which it is not asked */
    uint8_t out[FRAME_HEADER_LEN];
    uint8_t in[FRAME_HEADER_LEN + TIME_STATUS_LEN_MAX];
};

struct time_poll {
    pthread_t thread;
    int stop_fd;
    struct time_history *history;
    size_t n;
    struct asked cores[COORD_CORES_MAX];
};

static int64_t now_ns(void)
{
    struct timespec t = {0};

    (void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail for this clock */
    return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static void end(struct time_poll *p, size_t at, enum err e, struct view body)
{
    struct asked *const a = &p->cores[at];

    a->open = false;
    core_link_close(&a->link);
    time_history_take(p->history, at, e, body, now_ns());
}

static void ask_all(struct time_poll *p)
{
    const struct view none = {NULL, 0};

    for (size_t i = 0; i < p->n; i++) {
        struct asked *const a = &p->cores[i];

        if (a->rest > 0) {
            a->rest--;
            continue;
        }
        const enum err e = core_link_ask(&a->link, a->uri, FRAME_TIME_STATUS, none);

        a->open = e == ERR_OK;
        if (e != ERR_OK) {
            end(p, i, e, none);
        }
    }
}

static void go_on(struct time_poll *p, size_t at)
{
    struct asked *const a = &p->cores[at];
    struct view body;
    bool done = false;
    const enum err e = core_link_step(&a->link, &done, &body);

    if (e != ERR_OK || done) {
        end(p, at, e, body);
    }
}

/* Waits until then, and goes on with what is under way. True: told to stop. */
static bool wait_until(struct time_poll *p, int64_t until_ns)
{
    for (int64_t left = until_ns - now_ns(); left > 0; left = until_ns - now_ns()) {
        struct pollfd fds[COORD_CORES_MAX + 1] = {{.fd = p->stop_fd, .events = POLLIN}};

        for (size_t i = 0; i < p->n; i++) {
            const struct asked *const a = &p->cores[i];

            fds[i + 1] = (struct pollfd){.fd = a->open ? a->link.fd : -1,
                                         .events = core_link_events(&a->link)};
        }
        if (poll(fds, (nfds_t)p->n + 1, (int)(left / NS_PER_MS) + 1) <= 0) {
            continue;
        }
        if (fds[0].revents != 0) {
            return true;
        }
        for (size_t i = 0; i < p->n; i++) {
            if (fds[i + 1].revents != 0) {
                go_on(p, i);
            }
        }
    }
    return false;
}

static void give_up(struct time_poll *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->cores[i].open) {
            p->cores[i].rest = TIME_POLL_REST;
            end(p, i, ERR_DEADLINE, (struct view){NULL, 0});
        }
    }
}

static void *run(void *self)
{
    struct time_poll *const p = self;

    for (int64_t begun = now_ns();; begun = now_ns()) {
        ask_all(p);
        if (wait_until(p, begun + TIME_POLL_WAIT_MS * NS_PER_MS)) {
            break;
        }
        give_up(p);
        if (wait_until(p, begun + TIME_POLL_PERIOD_MS * NS_PER_MS)) {
            break;
        }
    }
    for (size_t i = 0; i < p->n; i++) {
        core_link_close(&p->cores[i].link);
    }
    return NULL;
}

struct time_poll *time_poll_start(const char *const *uris, size_t n,
                                  struct time_history *history)
{
    struct time_poll *const p = calloc(1, sizeof *p);

    if (p == NULL) {
        return NULL;
    }
    p->history = history;
    p->n = n < COORD_CORES_MAX ? n : COORD_CORES_MAX;
    p->stop_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    for (size_t i = 0; i < p->n; i++) {
        struct asked *const a = &p->cores[i];

        (void)snprintf(a->uri, sizeof a->uri, "%s", uris[i]);
        core_link_init(&a->link, a->out, sizeof a->out, a->in, sizeof a->in);
    }
    if (p->stop_fd < 0 || pthread_create(&p->thread, NULL, run, p) != 0) {
        (void)close(p->stop_fd);
        free(p);
        return NULL;
    }
    return p;
}

void time_poll_stop(struct time_poll *p)
{
    const uint64_t one = 1;

    if (p != NULL) {
        const ssize_t sent = write(p->stop_fd, &one, sizeof one);

        (void)sent; /* the counter was 0 */
        (void)pthread_join(p->thread, NULL);
        (void)close(p->stop_fd);
        free(p);
    }
}
