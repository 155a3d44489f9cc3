#include "host/authority/front_watch_io.h"

#include "os/endpoint.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define REQUEST "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
#define GOOD "HTTP/1.1 200"
#define GOOD_LEN (sizeof GOOD - 1)

void front_watch_init(struct front_watch *r, const char *address_file, bool probe)
{
    *r = (struct front_watch){.address_file = address_file, .probe = probe, .fd = -1};
}

static void hang_up(struct front_watch *r)
{
    if (r->fd >= 0) {
        (void)close(r->fd);
    }
    r->fd = -1;
}

void front_watch_stop(struct front_watch *r)
{
    hang_up(r);
    r->watching = false;
}

void front_watch_start(struct front_watch *r, int64_t now_ms)
{
    front_watch_stop(r);
    if (r->address_file[0] != '\0') {
        (void)unlink(r->address_file);
    }
    r->address[0] = '\0';
    r->watching = true;
    r->next_ms = now_ms;
}

size_t front_watch_fds(const struct front_watch *r, struct pollfd *fds)
{
    if (r->fd < 0) {
        return 0;
    }
    *fds = (struct pollfd){
        .fd = r->fd, .events = r->have == 0 && r->sent < sizeof REQUEST - 1 ? POLLOUT : POLLIN};
    return 1;
}

int64_t front_watch_next_ms(const struct front_watch *r)
{
    if (!r->watching) {
        return INT64_MAX;
    }
    return r->fd >= 0 ? r->until_ms : r->next_ms;
}

/* The first word of the file. */
static bool read_address(struct front_watch *r)
{
    uint8_t text[1024];
    struct view file;
    size_t n = 0;

    if (small_file_read(r->address_file, text, sizeof text, &file) != ERR_OK) {
        return false;
    }
    while (n < file.n && n + 1 < sizeof r->address && file.p[n] > ' ' && file.p[n] < 0x7f) {
        r->address[n] = (char)file.p[n];
        n++;
    }
    r->address[n] = '\0';
    return n > 0;
}

void front_watch_url(const char *address, char *out, size_t cap)
{
    const char *port = strrchr(address, ':');

    if (port != NULL && strncmp(address, "0.0.0.0:", 8) == 0) {
        (void)snprintf(out, cap, "http://127.0.0.1%s", port);
    } else if (port != NULL && strncmp(address, "[::]:", 5) == 0) {
        (void)snprintf(out, cap, "http://[::1]%s", port);
    } else {
        (void)snprintf(out, cap, "http://%s", address);
    }
}

static void dial(struct front_watch *r, int64_t now_ms)
{
    char url[FRONT_WATCH_ADDRESS_MAX + 16];
    char uri[FRONT_WATCH_ADDRESS_MAX + 16];
    struct endpoint peer;

    front_watch_url(r->address, url, sizeof url);
    (void)snprintf(uri, sizeof uri, "tcp:%s", url + strlen("http://"));
    r->until_ms = now_ms + FRONT_WATCH_ANSWER_MS;
    r->sent = 0;
    r->have = 0;
    if (endpoint_parse(uri, &peer) != ERR_OK || endpoint_connect(&peer, &r->fd) != ERR_OK) {
        r->fd = -1;
    }
}

static bool would_block(void)
{
    return errno == EAGAIN || errno == EINTR || errno == EINPROGRESS || errno == ENOTCONN;
}

/* Sends or receives on; false: this probe is over without success. */
static bool talk(struct front_watch *r)
{
    static const char request[] = REQUEST;

    if (r->sent < sizeof request - 1) {
        const ssize_t n = send(r->fd, request + r->sent, sizeof request - 1 - r->sent,
                               MSG_NOSIGNAL | MSG_DONTWAIT);

        r->sent += n > 0 ? (size_t)n : 0;
        return n >= 0 || would_block();
    }
    const ssize_t n = recv(r->fd, r->answer + r->have, GOOD_LEN - r->have, MSG_DONTWAIT);

    r->have += n > 0 ? (size_t)n : 0;
    return n > 0 || (n < 0 && would_block());
}

static bool probe_step(struct front_watch *r, int64_t now_ms)
{
    if (r->fd < 0) {
        dial(r, now_ms);
    }
    const bool on = r->fd >= 0 && talk(r) && now_ms < r->until_ms;

    if (on && r->have < GOOD_LEN) {
        return false;
    }
    hang_up(r);
    r->next_ms = now_ms + FRONT_WATCH_EVERY_MS;
    return on && memcmp(r->answer, GOOD, GOOD_LEN) == 0;
}

bool front_watch_step(struct front_watch *r, int64_t now_ms)
{
    if (!r->watching || (r->fd < 0 && now_ms < r->next_ms)) {
        return false;
    }
    if (r->address_file[0] != '\0' && r->address[0] == '\0' && !read_address(r)) {
        r->next_ms = now_ms + FRONT_WATCH_EVERY_MS;
        return false;
    }
    if (r->probe && r->address[0] != '\0' && !probe_step(r, now_ms)) {
        return false;
    }
    front_watch_stop(r);
    return true;
}
