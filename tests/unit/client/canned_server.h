/* canned_server.h - an HTTP server in a thread of the test, on a port that the kernel picks;
 * one connection at a time, closed after each answer. What it answers is up to the test. */
#ifndef TESTS_UNIT_CLIENT_CANNED_SERVER_H
#define TESTS_UNIT_CLIENT_CANNED_SERVER_H

#include "testing.h"

#include "base/bytes.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define CANNED_MAX 16384

struct canned_answer {
    unsigned status;
    const char *type;
    uint8_t body[CANNED_MAX];
    size_t body_len;
};

struct canned_server {
    pthread_t thread;
    int fd;
    char url[64]; /* http://127.0.0.1:PORT, without a slash */
    /* Fills the answer to one request; runs in the server's thread. */
    void (*answer)(void *self, const char *path, struct view body, struct canned_answer *out);
    void *self;
};

/* Reads up to the end of the body. */
static inline size_t canned_read(int fd, uint8_t *in, size_t cap)
{
    size_t got = 0;

    for (;;) {
        const ssize_t n = recv(fd, in + got, cap - 1 - got, 0);

        if (n <= 0) {
            return 0;
        }
        got += (size_t)n;
        in[got] = '\0';
        const char *end = strstr((const char *)in, "\r\n\r\n");
        const char *length = strstr((const char *)in, "Content-Length: ");

        if (end != NULL && length != NULL) {
            const size_t head = (size_t)(end - (const char *)in) + 4;

            if (got >= head + (size_t)strtoul(length + 16, NULL, 10)) {
                return got;
            }
        }
    }
}

static inline void canned_serve(struct canned_server *s, int fd)
{
    static uint8_t in[CANNED_MAX];
    static struct canned_answer out;
    char path[256] = "";
    char head[512];
    const size_t n = canned_read(fd, in, sizeof in);

    if (n == 0 || sscanf((const char *)in, "POST %255s ", path) != 1) {
        return;
    }
    const uint8_t *body = (const uint8_t *)strstr((const char *)in, "\r\n\r\n") + 4;

    out = (struct canned_answer){.status = 200, .type = "application/timestamp-reply"};
    s->answer(s->self, path, (struct view){body, n - (size_t)(body - in)}, &out);
    const int len = snprintf(head, sizeof head,
                             "HTTP/1.1 %u x\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
                             "Connection: close\r\n\r\n",
                             out.status, out.type, out.body_len);

    (void)send(fd, head, (size_t)len, MSG_NOSIGNAL | MSG_MORE);
    (void)send(fd, out.body, out.body_len, MSG_NOSIGNAL);
}

static inline void *canned_run(void *self)
{
    struct canned_server *s = self;
    int fd = -1;

    while ((fd = accept(s->fd, NULL, NULL)) >= 0) {
        canned_serve(s, fd);
        (void)close(fd);
    }
    return NULL;
}

static inline void canned_start(struct canned_server *s)
{
    struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t n = sizeof a;

    s->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(s->fd >= 0);
    assert_int_equal(bind(s->fd, (struct sockaddr *)&a, sizeof a), 0);
    assert_int_equal(listen(s->fd, 16), 0);
    assert_int_equal(getsockname(s->fd, (struct sockaddr *)&a, &n), 0);
    (void)snprintf(s->url, sizeof s->url, "http://127.0.0.1:%u", (unsigned)ntohs(a.sin_port));
    assert_int_equal(pthread_create(&s->thread, NULL, canned_run, s), 0);
}

static inline void canned_stop(struct canned_server *s)
{
    (void)shutdown(s->fd, SHUT_RDWR); /* ends accept() */
    (void)pthread_join(s->thread, NULL);
    (void)close(s->fd);
}

#endif
