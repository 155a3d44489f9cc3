/* bench_worker.h - one thread of a load: its connections, its queries, what it measured. */
#ifndef CLIENT_LOAD_BENCH_WORKER_H
#define CLIENT_LOAD_BENCH_WORKER_H

#include "client/load/bench_load.h"

#include <netdb.h>
#include <pthread.h>

struct bench_conn {
    int fd;            /* -1: could not be opened again */
    bool busy;         /* a query is in flight */
    uint64_t id;       /* of that query */
    uint64_t since_ns; /* when it was sent; open loop: when it was due */
    size_t sent, got;
    uint8_t out[BENCH_REQUEST_MAX];
    uint8_t in[BENCH_REPLY_MAX];
};

struct bench_worker {
    pthread_t thread;
    const struct bench_plan *plan;
    const struct addrinfo *addr;
    unsigned index;                        /* also the top of its query numbers */
    uint64_t start_ns, measure_ns, end_ns; /* CLOCK_MONOTONIC */
    uint64_t next_id;
    uint64_t due_ns, interval_ns; /* open loop */
    int epoll, timer;
    struct bench_conn *conns;
    size_t n_conns;
    size_t *idle; /* indices of connections that may send */
    size_t n_idle, in_flight;
    size_t kept_room, bytes_room;
    struct bench_result result;
};

/* Opens epoll, timer and connections. ERR_IO: errno says why. ERR_NOSPACE: no memory. */
MUST_CHECK enum err bench_worker_open(struct bench_worker *w);
void bench_worker_close(struct bench_worker *w);

/* Runs until the end and the grace; for pthread_create(). */
void *bench_worker_run(void *worker);

uint64_t bench_now_ns(void);

#endif
