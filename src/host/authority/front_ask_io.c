#include "host/authority/front_ask_io.h"

#include "base/hex.h"
#include "host/authority/front_watch_io.h"
#include "os/clock.h"
#include "os/endpoint.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* What stands behind text; n == 0: it does not stand there. */
static struct view behind(struct view in, const char *text)
{
    const size_t n = strlen(text);
    const uint8_t *const at = in.n > 0 ? memmem(in.p, in.n, text, n) : NULL;

    return at == NULL ? (struct view){NULL, 0}
                      : (struct view){at + n, in.n - (size_t)(at - in.p) - n};
}

/* The front is ours, and writes no blanks. */
enum err front_state_parse(struct view answer, struct front_state *out)
{
    static const char good[] = "HTTP/1.1 200";
    const struct view epoch = behind(behind(answer, "\"epoch\":{"), "\"epoch_id\":\"");
    const struct view leaving =
        behind(behind(answer, "\"front\":{"), "\"leaving\":"); /* behind all cores */
    char text[2 * EPOCH_ID_LEN + 1] = {0};
    size_t n = 0;

    memset(out, 0, sizeof *out);
    if (answer.n < sizeof good || memcmp(answer.p, good, sizeof good - 1) != 0 ||
        leaving.n < 2 || leaving.p[0] < '0' || leaving.p[0] > '9') {
        return ERR_ENCODING;
    }
    out->leaving = (unsigned)(leaving.p[0] - '0');
    if (epoch.n > sizeof text) {
        memcpy(text, epoch.p, sizeof text - 1);
        out->has_epoch = hex_parse(text, out->epoch_id, sizeof out->epoch_id, &n) == ERR_OK &&
                         n == sizeof out->epoch_id;
    }
    return ERR_OK;
}

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

static bool await(int fd, short events, int64_t until_ms)
{
    struct pollfd p = {.fd = fd, .events = events};
    const int64_t left = until_ms - now_ms();

    return left > 0 && poll(&p, 1, (int)left) == 1;
}

static enum err talk(int fd, uint8_t *room, size_t cap, size_t *n)
{
    static const char request[] =
        "GET /status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    const int64_t until = now_ms() + FRONT_ASK_MS;

    if (!await(fd, POLLOUT, until) ||
        send(fd, request, sizeof request - 1, MSG_NOSIGNAL) != (ssize_t)sizeof request - 1) {
        return ERR_IO;
    }
    for (*n = 0; await(fd, POLLIN, until);) {
        const ssize_t got = recv(fd, room + *n, cap - *n, 0);

        if (got == 0) {
            return ERR_OK;
        }
        if (got < 0 && errno != EAGAIN && errno != EINTR) {
            return ERR_IO;
        }
        *n += got > 0 ? (size_t)got : 0;
        if (*n == cap) {
            return ERR_NOSPACE;
        }
    }
    return ERR_IO;
}

bool front_state_is(const struct front_state *s, const uint8_t epoch_id[EPOCH_ID_LEN])
{
    return s->has_epoch && memcmp(s->epoch_id, epoch_id, EPOCH_ID_LEN) == 0 && s->leaving == 0;
}

enum err front_ask(const char *address, struct front_state *out)
{
    static uint8_t room[FRONT_ASK_MAX];
    char url[FRONT_WATCH_ADDRESS_MAX + 16];
    char uri[FRONT_WATCH_ADDRESS_MAX + 16];
    struct endpoint peer;
    size_t n = 0;
    int fd = -1;

    memset(out, 0, sizeof *out);
    front_watch_url(address, url, sizeof url);
    (void)snprintf(uri, sizeof uri, "tcp:%s", url + strlen("http://"));
    TRY(endpoint_parse(uri, &peer));
    TRY(endpoint_connect(&peer, &fd));
    const enum err e = talk(fd, room, sizeof room, &n);

    (void)close(fd);
    TRY(e);
    return front_state_parse((struct view){room, n}, out);
}
