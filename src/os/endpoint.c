#include "os/endpoint.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/vm_sockets.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define VSOCK_PROBE_MS 250 /* loopback answers at once, a host behind it may never */

/* The kernel wants a pointer to the generic type; storage is made to be any of them. */
static const struct sockaddr *address(const struct endpoint *e)
{
    const void *p = &e->addr;

    return p;
}

/* A decimal number of 1 to 10 digits and nothing else. */
static enum err parse_number(const char *s, uint32_t max, uint32_t *out)
{
    uint64_t v = 0;
    size_t n = 0;

    for (; s[n]; n++) {
        if (s[n] < '0' || s[n] > '9') {
            return ERR_ENCODING;
        }
        if (n >= 10) {
            return ERR_RANGE;
        }
        v = v * 10 + (uint64_t)(s[n] - '0');
    }
    if (n == 0) {
        return ERR_ENCODING;
    }
    if (v > max) {
        return ERR_RANGE;
    }
    *out = (uint32_t)v;
    return ERR_OK;
}

static enum err parse_unix(const char *path, struct endpoint *out)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    const size_t n = strlen(path);

    if (n == 0) {
        return ERR_ENCODING;
    }
    if (n >= sizeof a.sun_path) {
        return ERR_RANGE;
    }
    memcpy(a.sun_path, path, n);
    memcpy(&out->addr, &a, sizeof a);
    out->addr_len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + n + 1);
    return ERR_OK;
}

/* Cuts the part before the last colon out of text. */
static enum err split(const char *text, char *head, size_t cap, const char **tail)
{
    const char *colon = strrchr(text, ':');
    size_t n;

    if (!colon) {
        return ERR_ENCODING;
    }
    n = (size_t)(colon - text);
    if (n == 0 || n >= cap) {
        return ERR_ENCODING;
    }
    memcpy(head, text, n);
    head[n] = '\0';
    *tail = colon + 1;
    return ERR_OK;
}

static enum err parse_tcp(const char *text, struct endpoint *out)
{
    char host[INET6_ADDRSTRLEN + 2]; /* with brackets */
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    const char *tail;
    uint32_t port = 0;
    size_t n;

    TRY(split(text, host, sizeof host, &tail));
    TRY(parse_number(tail, UINT16_MAX, &port));
    n = strlen(host);
    if (host[0] == '[' && host[n - 1] == ']') {
        host[n - 1] = '\0';
        v6.sin6_port = htons((uint16_t)port);
        if (inet_pton(AF_INET6, host + 1, &v6.sin6_addr) != 1) {
            return ERR_ENCODING;
        }
        memcpy(&out->addr, &v6, sizeof v6);
        out->addr_len = sizeof v6;
        return ERR_OK;
    }
    v4.sin_port = htons((uint16_t)port);
    if (inet_pton(AF_INET, host, &v4.sin_addr) != 1) {
        return ERR_ENCODING;
    }
    memcpy(&out->addr, &v4, sizeof v4);
    out->addr_len = sizeof v4;
    return ERR_OK;
}

static enum err parse_vsock(const char *text, struct endpoint *out)
{
    struct sockaddr_vm a = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY};
    char cid[16];
    const char *tail;
    uint32_t port = 0;

    TRY(split(text, cid, sizeof cid, &tail));
    TRY(parse_number(tail, UINT32_MAX - 1, &port)); /* the last one means any port */
    if (strcmp(cid, "any") != 0) {
        TRY(parse_number(cid, UINT32_MAX - 1, &a.svm_cid));
    }
    a.svm_port = port;
    memcpy(&out->addr, &a, sizeof a);
    out->addr_len = sizeof a;
    return ERR_OK;
}

enum err endpoint_parse(const char *uri, struct endpoint *out)
{
    static const struct {
        const char *scheme;
        size_t n;
        enum err (*parse)(const char *rest, struct endpoint *out);
    } rows[] = {{"unix:", 5, parse_unix}, {"tcp:", 4, parse_tcp}, {"vsock:", 6, parse_vsock}};

    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (strncmp(uri, rows[i].scheme, rows[i].n) == 0) {
            return rows[i].parse(uri + rows[i].n, out);
        }
    }
    return ERR_ENCODING;
}

/* Closes fd and keeps errno for the caller. */
static enum err fail(int fd)
{
    const int saved = errno;

    if (fd >= 0) {
        (void)close(fd);
    }
    errno = saved;
    return ERR_IO;
}

static int open_socket(const struct endpoint *e)
{
    const int one = 1;
    const int family = e->addr.ss_family;
    const int fd = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd >= 0 && family != AF_UNIX && family != AF_VSOCK) {
        /* Frames are small and answered at once; accepted sockets inherit it. */
        (void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    }
    return fd;
}

/* Whether the file is a socket on which nobody listens. */
static bool is_stale(const struct endpoint *e, const char *path)
{
    struct stat st;
    int fd;
    bool refused;

    if (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode)) {
        return false;
    }
    fd = open_socket(e);
    if (fd < 0) {
        return false;
    }
    refused = connect(fd, address(e), e->addr_len) != 0 && errno == ECONNREFUSED;
    (void)close(fd);
    return refused;
}

/* Locks the folder of the path, so that of several programs that start at once none takes away
 * a socket that another has bound but not yet listens on. */
static int lock_folder(const char *path)
{
    char folder[sizeof((struct sockaddr_un *)NULL)->sun_path] = ".";
    const char *slash = strrchr(path, '/');
    int fd;
    int r;

    if (slash) {
        const size_t n = slash == path ? 1 : (size_t)(slash - path);

        memcpy(folder, path, n);
        folder[n] = '\0';
    }
    fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -1;
    }
    do {
        r = flock(fd, LOCK_EX);
    } while (r != 0 && errno == EINTR);
    if (r != 0) {
        (void)fail(fd);
        return -1;
    }
    return fd;
}

static bool bind_unix(const struct endpoint *e, const char *path, int fd)
{
    /* Before bind(), which makes the file with this mode: there is no moment at which it is
     * open. */
    if (fchmod(fd, S_IRUSR | S_IWUSR) != 0) {
        return false;
    }
    if (bind(fd, address(e), e->addr_len) == 0) {
        return true;
    }
    if (errno != EADDRINUSE) {
        return false;
    }
    if (!is_stale(e, path)) {
        errno = EADDRINUSE;
        return false;
    }
    return unlink(path) == 0 && bind(fd, address(e), e->addr_len) == 0;
}

static enum err listen_unix(const struct endpoint *e, int backlog, int fd)
{
    struct sockaddr_un a;
    int lock;
    bool ok;

    memcpy(&a, &e->addr, sizeof a);
    lock = lock_folder(a.sun_path);
    if (lock < 0) {
        return ERR_IO;
    }
    ok = bind_unix(e, a.sun_path, fd) && listen(fd, backlog) == 0;
    (void)fail(lock);
    return ok ? ERR_OK : ERR_IO;
}

static bool is_host_name(const char *text, size_t n)
{
    bool letter = false; /* an address that is none is no name, either */

    for (size_t i = 0; i < n; i++) {
        const char c = text[i];
        const bool alpha = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!alpha && !(c >= '0' && c <= '9') && c != '.' && c != '-') {
            return false;
        }
        letter = letter || alpha;
    }
    return letter && n <= ENDPOINT_HOST_MAX;
}

enum err endpoint_host(const char *text, struct endpoint *out, char host[ENDPOINT_HOST_MAX + 1])
{
    char uri[5 + ENDPOINT_HOST_MAX + 32];
    const size_t n = strcspn(text, ":");
    int len;

    memset(host, 0, ENDPOINT_HOST_MAX + 1);
    if (is_host_name(text, n)) {
        len = snprintf(uri, sizeof uri, "tcp:127.0.0.1%s", text + n);
    } else {
        len = snprintf(uri, sizeof uri, "tcp:%s", text);
    }
    if (len < 0 || (size_t)len >= sizeof uri) {
        memset(out, 0, sizeof *out);
        return ERR_RANGE;
    }
    TRY(endpoint_parse(uri, out));
    if (is_host_name(text, n)) {
        memcpy(host, text, n);
    }
    return ERR_OK;
}

enum err endpoint_listen(const struct endpoint *e, int backlog, int *fd)
{
    const int one = 1;
    const int s = open_socket(e);

    *fd = -1;
    if (s < 0) {
        return ERR_IO;
    }
    if (e->addr.ss_family == AF_UNIX) {
        if (listen_unix(e, backlog, s) != ERR_OK) {
            return fail(s);
        }
    } else if (setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one) != 0 ||
               bind(s, address(e), e->addr_len) != 0 || listen(s, backlog) != 0) {
        return fail(s);
    }
    *fd = s;
    return ERR_OK;
}

enum err endpoint_connect(const struct endpoint *e, int *fd)
{
    const int s = open_socket(e);

    *fd = -1;
    if (s < 0) {
        return ERR_IO;
    }
    if (connect(s, address(e), e->addr_len) != 0 && errno != EINPROGRESS) {
        return fail(s);
    }
    *fd = s;
    return ERR_OK;
}

/* Whether the started connection of fd comes to stand. */
static bool finish_connect(int fd)
{
    struct pollfd p = {.fd = fd, .events = POLLOUT};
    int error = 0;
    socklen_t n = sizeof error;

    return poll(&p, 1, VSOCK_PROBE_MS) == 1 &&
           getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &n) == 0 && error == 0;
}

/* A listener on a port of the kernel's choice, and a connection to it. */
static bool probe_vsock(const char **why)
{
    struct sockaddr_vm a = {
        .svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_ANY, .svm_port = VMADDR_PORT_ANY};
    socklen_t n = sizeof a;
    struct endpoint e = {.addr_len = sizeof a};
    int listener;
    int fd = -1;
    bool ok;

    memcpy(&e.addr, &a, sizeof a);
    if (endpoint_listen(&e, 1, &listener) != ERR_OK) {
        *why = "the kernel has no vsock (AF_VSOCK, module vsock)";
        return false;
    }
    *why = "the kernel has no vsock loopback (module vsock_loopback)";
    memset(&a, 0, sizeof a);
    ok = getsockname(listener, (void *)&a, &n) == 0;
    if (ok) {
        a.svm_cid = VMADDR_CID_LOCAL;
        memcpy(&e.addr, &a, sizeof a);
        ok = endpoint_connect(&e, &fd) == ERR_OK && finish_connect(fd);
    }
    (void)fail(fd);
    (void)fail(listener);
    return ok;
}

bool endpoint_vsock_loopback(const char **why)
{
    const bool ok = probe_vsock(why);

    if (ok) {
        *why = "";
    }
    return ok;
}
