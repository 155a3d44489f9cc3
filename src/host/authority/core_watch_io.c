#include "host/authority/core_watch_io.h"

#include <string.h>

void core_watch_init(struct core_watch *w, const char *uri)
{
    *w = (struct core_watch){.uri = uri};
    core_link_init(&w->link, w->out, sizeof w->out, w->in, sizeof w->in);
}

void core_watch_start(struct core_watch *w, int64_t now_ms)
{
    core_link_close(&w->link);
    w->watching = true;
    w->known = false;
    w->next_ms = now_ms;
}

void core_watch_stop(struct core_watch *w)
{
    core_link_close(&w->link);
    w->watching = false;
}

size_t core_watch_fds(const struct core_watch *w, struct pollfd *fds)
{
    if (!w->watching || w->link.fd < 0) {
        return 0;
    }
    fds[0] = (struct pollfd){.fd = w->link.fd, .events = core_link_events(&w->link)};
    return 1;
}

int64_t core_watch_next_ms(const struct core_watch *w)
{
    if (!w->watching) {
        return INT64_MAX;
    }
    return w->link.fd >= 0 ? w->until_ms : w->next_ms;
}

static void take(struct core_watch *w, struct view answer)
{
    struct hello h;

    if (hello_decode(answer, &h) != ERR_OK) {
        return;
    }
    memcpy(w->boot_nonce, h.boot_nonce, sizeof w->boot_nonce);
    memcpy(w->identity, h.identity, sizeof w->identity);
    w->known = true;
    w->watching = false;
}

void core_watch_step(struct core_watch *w, int64_t now_ms)
{
    struct view answer = {NULL, 0};
    bool done = false;

    if (!w->watching) {
        return;
    }
    if (w->link.fd >= 0) {
        if (core_link_step(&w->link, &done, &answer) == ERR_OK && done) {
            take(w, answer);
        } else if (now_ms >= w->until_ms) {
            core_link_close(&w->link);
        }
        w->next_ms = now_ms + CORE_WATCH_EVERY_MS;
    } else if (now_ms >= w->next_ms) {
        w->until_ms = now_ms + CORE_WATCH_ANSWER_MS;
        w->next_ms = now_ms + CORE_WATCH_EVERY_MS;
        if (core_link_ask(&w->link, w->uri, FRAME_HELLO, (struct view){NULL, 0}) != ERR_OK) {
            core_link_close(&w->link);
        }
    }
}
