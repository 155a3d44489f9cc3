/* conn_watch_io.h - ends connections whose peer takes too long over one request or its answer.
 *
 * libmicrohttpd's time-out counts from the last byte, so one byte now and then holds a
 * connection for ever. Here a clock runs from the end of one answer (or the start of the
 * connection) until the last byte of the next request's head, and then until the last byte of
 * its body, unless that is data; and again from when there is an answer until the peer has
 * taken it. */
#ifndef HOST_FRONT_CONN_WATCH_IO_H
#define HOST_FRONT_CONN_WATCH_IO_H

#include "base/bytes.h"

#include <pthread.h>
#include <stdatomic.h>

/* One connection. */
struct watched {
    struct watched *next, *prev;
    int fd;
    atomic_int_fast64_t since_ns; /* 0: no clock runs */
};

struct conn_watch {
    pthread_mutex_t lock;
    struct watched list; /* head of a ring */
    size_t n;
};

#define CONN_CROWDED_MS 2000 /* the most that a sender may take while places are rare */

void conn_watch_init(struct conn_watch *w);

/* How long a sender may take when n of room connections are there: usual_ns, but when seven of
 * eight places are taken at most CONN_CROWDED_MS, so that nobody who holds connections and
 * neither sends nor reads keeps the others out. */
int64_t conn_watch_patience_ns(size_t n, size_t room, int64_t usual_ns);

/* How many connections there are. */
size_t conn_watch_count(struct conn_watch *w);

/* A connection begins; the clock runs. NULL: out of memory. */
struct watched *conn_watch_add(struct conn_watch *w, int fd, int64_t now_ns);
/* It ends: before its descriptor is closed. c may be NULL. */
void conn_watch_remove(struct conn_watch *w, struct watched *c);

/* Starts and stops the clock of a connection; c may be NULL. */
void watched_start(struct watched *c, int64_t now_ns);
void watched_stop(struct watched *c);

/* Shuts down every connection whose clock runs since before_ns or longer; how many. The HTTP
 * server then closes it. */
size_t conn_watch_sweep(struct conn_watch *w, int64_t before_ns);

#endif
