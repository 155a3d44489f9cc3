#include "host/link/core_ask_io.h"

#include "host/link/core_link_io.h"
#include "os/clock.h"

#include <poll.h>

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* Waits for the connection, and goes on with it. */
static enum err go_on(struct core_link *l, int64_t until_ms, bool *done, struct view *answer)
{
    struct pollfd fd = {.fd = l->fd, .events = core_link_events(l)};
    const int64_t left = until_ms - now_ms();

    if (left <= 0) {
        return ERR_DEADLINE;
    }
    if (poll(&fd, 1, (int)left) < 0) {
        return ERR_IO;
    }
    return fd.revents != 0 ? core_link_step(l, done, answer) : ERR_OK;
}

static enum err wait_answer(struct core_link *l, int64_t until_ms, struct view *answer)
{
    bool done = false;

    while (!done) {
        TRY(go_on(l, until_ms, &done, answer));
    }
    return ERR_OK;
}

enum err core_ask(struct core_ask *a, uint8_t type, struct view body, struct view *answer)
{
    struct core_link l;

    *answer = (struct view){NULL, 0};
    core_link_init(&l, a->out, sizeof a->out, a->in, sizeof a->in);
    TRY(core_link_ask(&l, a->uri, type, body));
    const enum err e = wait_answer(&l, now_ms() + a->wait_ms, answer);

    core_link_close(&l);
    return e;
}
