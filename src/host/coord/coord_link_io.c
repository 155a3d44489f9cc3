#include "host/coord/coord_link_io.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

void coord_link_init(struct coord_link *l)
{
    memset(l, 0, sizeof *l);
    l->fd = -1;
}

enum err coord_link_dial(struct coord_link *l, const struct endpoint *e, int epoll_fd,
                         uint32_t tag)
{
    struct epoll_event ev = {
        .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
        .data = {.u32 = tag},
    };

    TRY(endpoint_connect(e, &l->fd));
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, l->fd, &ev) != 0) {
        coord_link_close(l);
        return ERR_IO;
    }
    return ERR_OK;
}

enum err coord_link_events(struct coord_link *l, uint32_t events)
{
    int error = 0;
    socklen_t len = sizeof error;

    l->hung_up = l->hung_up || (events & (EPOLLRDHUP | EPOLLHUP | EPOLLERR)) != 0;
    l->readable = l->readable || l->hung_up || (events & EPOLLIN) != 0;
    l->writable = l->writable || (events & EPOLLOUT) != 0;
    if (l->connected || (events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) == 0) {
        return ERR_OK;
    }
    if (getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &len) != 0 || error != 0) {
        return ERR_IO;
    }
    l->connected = true;
    return ERR_OK;
}

enum err coord_link_read(struct coord_link *l)
{
    const size_t room = sizeof l->in - l->in_len;
    const ssize_t n = recv(l->fd, l->in + l->in_len, room, 0);

    if (n < 0 && (errno == EAGAIN || errno == EINTR)) {
        l->readable = errno == EINTR;
        return ERR_OK;
    }
    if (n <= 0) {
        return ERR_IO;
    }
    l->in_len += (size_t)n;
    /* A short read has emptied the socket, unless its end is still to come. */
    l->readable = (size_t)n == room || l->hung_up;
    return ERR_OK;
}

void coord_link_taken(struct coord_link *l, size_t n)
{
    memmove(l->in, l->in + n, l->in_len - n);
    l->in_len -= n;
}

enum err coord_link_write(struct coord_link *l, struct view out, size_t *n)
{
    const ssize_t sent = send(l->fd, out.p, out.n, MSG_NOSIGNAL);

    *n = 0;
    if (sent < 0) {
        if (errno != EAGAIN && errno != EINTR) {
            return ERR_IO;
        }
        l->writable = errno == EINTR;
        return ERR_OK;
    }
    *n = (size_t)sent;
    return ERR_OK;
}

void coord_link_close(struct coord_link *l)
{
    if (l->fd >= 0) {
        (void)close(l->fd); /* leaves the epoll set, too */
    }
    l->fd = -1;
    l->connected = false;
    l->hung_up = false;
    l->readable = false;
    l->writable = false;
    l->in_len = 0;
}
