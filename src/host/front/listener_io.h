/* listener_io.h - one address on which HTTP is served, by libmicrohttpd's threads. */
#ifndef HOST_FRONT_LISTENER_IO_H
#define HOST_FRONT_LISTENER_IO_H

#include "host/front/exchange.h"

#define LISTENER_MEMORY \
    16384 /* bytes a connection may take for its headers and what is read of a body */
#define LISTENER_BACKLOG 1024
#define LISTENER_NAME_MAX 128

/* The kernel doubles these. Left alone it takes megabytes for a peer that does not read. */
#define LISTENER_SEND_BYTES 32768
#define LISTENER_RECEIVE_BYTES 131072

struct listener_options {
    const char *address; /* ADDR:PORT, or unix:PATH */
    bool admin;
    bool tls; /* tls_load() was called */
    unsigned threads;
    unsigned connections_max;
    unsigned timeout_s; /* of a connection on which nothing moves */
};

struct http_listener {
    struct listener listener;
    struct MHD_Daemon *daemon;
    int fd;
    char name[LISTENER_NAME_MAX]; /* the address really bound: ADDR:PORT or unix:PATH */
};

/* Listens and serves. l must stay where it is. ERR_ENCODING, ERR_RANGE: no such address.
 * ERR_IO: errno says why. */
MUST_CHECK enum err listener_start(struct http_listener *l, struct front *front,
                                   const struct listener_options *o);

/* Takes no new connection any more. */
void listener_quiesce(struct http_listener *l);

/* Ends the threads. No request may be suspended. */
void listener_stop(struct http_listener *l);

/* Whether address can be listened on, by its form. ERR_ENCODING, ERR_RANGE. */
MUST_CHECK enum err listener_check(const char *address);

#endif
