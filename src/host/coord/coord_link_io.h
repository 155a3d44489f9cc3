/* coord_link_io.h - the socket to one core. Edge-triggered: it is read and written until the
 * kernel has no more. */
#ifndef HOST_COORD_COORD_LINK_IO_H
#define HOST_COORD_COORD_LINK_IO_H

#include "os/endpoint.h"
#include "wire/frame.h"

#define COORD_IN_MAX    \
    (FRAME_HEADER_LEN + \
     FRAME_BODY_LONG_MAX) /* one frame; more is not read before it is taken */

struct coord_link {
    int fd;                  /* -1: none */
    bool connected;          /* else the connection is being made */
    bool readable, writable; /* by the last events */
    bool hung_up;
    size_t in_len; /* bytes received and not yet taken */
    uint8_t in[COORD_IN_MAX];
};

void coord_link_init(struct coord_link *l);

/* Begins a connection and puts it into the epoll set with this tag. ERR_IO. */
MUST_CHECK enum err coord_link_dial(struct coord_link *l, const struct endpoint *e,
                                    int epoll_fd, uint32_t tag);

/* Takes the events of epoll. ERR_IO: the connection could not be made. */
MUST_CHECK enum err coord_link_events(struct coord_link *l, uint32_t events);

/* Reads once, behind in_len. ERR_IO: the peer has closed, or the connection broke. */
MUST_CHECK enum err coord_link_read(struct coord_link *l);

/* The first n bytes received were taken. */
void coord_link_taken(struct coord_link *l, size_t n);

/* Sends what the kernel takes; *n bytes of it. ERR_IO. */
MUST_CHECK enum err coord_link_write(struct coord_link *l, struct view out, size_t *n);

void coord_link_close(struct coord_link *l);

#endif
