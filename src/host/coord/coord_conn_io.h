/* coord_conn_io.h - the connection to one member of a cluster: dialled, dialled again, read and
 * written. What fails on it ends it, and nothing else. */
#ifndef HOST_COORD_COORD_CONN_IO_H
#define HOST_COORD_COORD_CONN_IO_H

#include "host/coord/coord_cluster.h"
#include "host/coord/coord_link_io.h"

#define COORD_LONG_MAX (FRAME_HEADER_LEN + FRAME_BODY_LONG_MAX) /* bytes of one frame */

struct coord_conn {
    struct coord_cluster *cluster;
    size_t at; /* member */
    char *uri;
    struct endpoint endpoint;
    struct coord_link link;
    /* Without a link: when to dial; with one not yet connected: when to give up. */
    int64_t dial_ns;
    int64_t backoff_ms;
    /* What is being sent: whole frames of the member's step, or one frame of a session. */
    size_t step_left;
    size_t long_at, long_n;
    bool was_long;
    uint8_t long_out[COORD_LONG_MAX];
};

/* c is zero. ERR_ENCODING: no URI. ERR_NOSPACE. */
MUST_CHECK enum err coord_conn_init(struct coord_conn *c, struct coord_cluster *cluster,
                                    size_t at, const char *uri);
void coord_conn_free(struct coord_conn *c);

/* Dials when it is time, and gives up what takes too long. */
void coord_conn_dial(struct coord_conn *c, int epoll_fd, uint32_t tag, int64_t now_ns);

/* Takes the events of epoll, and then what came. After an error: coord_conn_drop(). */
MUST_CHECK enum err coord_conn_events(struct coord_conn *c, uint32_t events);
MUST_CHECK enum err coord_conn_receive(struct coord_conn *c, int64_t now_ns);

/* Does what is due, and sends. After an error: coord_conn_drop(). */
MUST_CHECK enum err coord_conn_send(struct coord_conn *c, int64_t now_ns);

/* Ends the connection, for this reason; it is dialled again later. Calls done(). */
void coord_conn_drop(struct coord_conn *c, enum err why, int64_t now_ns);

/* When coord_conn_dial() has something to do; INT64_MAX: never. */
int64_t coord_conn_next(const struct coord_conn *c);

#endif
