#include "enclave/timed/names_io.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* Number, turn, and the name with its zero. */
#define ASK_MAX (2 + ENDPOINT_HOST_MAX + 1)

/* The turn-th of its addresses, and on from the first after the last. */
static void look_up(const char *host, uint8_t turn, struct names_answer *a)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *all = NULL;
    const struct addrinfo *one;
    unsigned n = 0;

    if (getaddrinfo(host, NULL, &hints, &all) != 0) {
        return;
    }
    for (one = all; one != NULL; one = one->ai_next) {
        n++;
    }
    one = all;
    for (unsigned i = n == 0 ? 0 : turn % n; i > 0; i--) {
        one = one->ai_next;
    }
    if (one != NULL && one->ai_addrlen <= sizeof a->addr) {
        memcpy(&a->addr, one->ai_addr, one->ai_addrlen);
        a->addr_len = one->ai_addrlen;
    }
    freeaddrinfo(all);
}

/* Until the other side is gone. */
static _Noreturn void serve(int fd)
{
    char ask[ASK_MAX + 1];

    for (;;) {
        struct names_answer a;
        const ssize_t n = recv(fd, ask, ASK_MAX, 0);

        if (n <= 2) {
            _exit(0);
        }
        memset(&a, 0, sizeof a);
        ask[n] = '\0';
        a.number = (uint8_t)ask[0];
        look_up(ask + 2, (uint8_t)ask[1], &a);
        if (send(fd, &a, sizeof a, MSG_NOSIGNAL) != (ssize_t)sizeof a) {
            _exit(0);
        }
    }
}

enum err names_start(struct names *n)
{
    const pid_t parent = getpid();
    int pair[2];
    pid_t child;

    n->fd = -1;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) != 0) {
        return ERR_IO;
    }
    child = fork();
    if (child == 0) {
        (void)close(pair[0]);
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent) {
            _exit(0);
        }
        serve(pair[1]);
    }
    (void)close(pair[1]);
    if (child < 0) {
        (void)close(pair[0]);
        return ERR_IO;
    }
    n->fd = pair[0];
    return ERR_OK;
}

void names_end(struct names *n)
{
    if (n->fd >= 0) {
        (void)close(n->fd);
    }
    n->fd = -1;
}

enum err names_ask(struct names *n, uint8_t number, uint8_t turn, const char *host)
{
    uint8_t ask[ASK_MAX] = {number, turn};
    const size_t len = strnlen(host, ENDPOINT_HOST_MAX);

    memcpy(ask + 2, host, len);
    return n->fd >= 0 && send(n->fd, ask, 2 + len + 1, MSG_NOSIGNAL | MSG_DONTWAIT) ==
                             (ssize_t)len + 3
               ? ERR_OK
               : ERR_IO;
}

enum err names_take(struct names *n, struct names_answer *out)
{
    const ssize_t got = recv(n->fd, out, sizeof *out, MSG_DONTWAIT);

    if (got == (ssize_t)sizeof *out) {
        return ERR_OK;
    }
    memset(out, 0, sizeof *out);
    return got < 0 && (errno == EAGAIN || errno == EINTR) ? ERR_DEADLINE : ERR_IO;
}

static in_port_t port_of(const struct endpoint *at)
{
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memcpy(&v4, &at->addr, sizeof v4);
    memcpy(&v6, &at->addr, sizeof v6);
    return at->addr.ss_family == AF_INET6 ? v6.sin6_port : v4.sin_port;
}

enum err names_apply(const struct names_answer *a, struct endpoint *at)
{
    const in_port_t port = port_of(at);
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;

    memcpy(&v4, &a->addr, sizeof v4);
    memcpy(&v6, &a->addr, sizeof v6);
    v4.sin_port = port;
    v6.sin6_port = port;
    if (a->addr.ss_family == AF_INET && a->addr_len == sizeof v4) {
        memcpy(&at->addr, &v4, sizeof v4);
    } else if (a->addr.ss_family == AF_INET6 && a->addr_len == sizeof v6) {
        memcpy(&at->addr, &v6, sizeof v6);
    } else {
        return ERR_IO;
    }
    at->addr_len = a->addr_len;
    return ERR_OK;
}
