/* fence_io.h - the sockets of the Roughtime fence. Its servers are asked one after the other,
 * in a chain; what they say moves nothing. */
#ifndef ENCLAVE_TIMED_FENCE_IO_H
#define ENCLAVE_TIMED_FENCE_IO_H

#include "enclave/timed/timed_args.h"

struct fence_io {
    struct rt_fence fence;
    const struct timed_fence *servers;
    int fd;                        /* of the request under way; -1: none */
    bool against;                  /* of the last sample that held */
    uint64_t told[RT_SERVERS_MAX]; /* of each: failures in the log, see told.h */
};

/* servers: n of them, which outlive f. */
void fence_io_init(struct fence_io *f, const struct timed_fence *servers, size_t n);

/* Asks what is due. */
void fence_io_turn(struct fence_io *f, int64_t now_ns);

/* Takes what came to f->fd. Whether there is news. */
bool fence_io_take(struct fence_io *f, int64_t now_ns, const struct leap_table *leap);

/* rt_fence_contradicts(), told where it changes. */
bool fence_io_contradicts(struct fence_io *f, int64_t now_ns, int64_t lo_ns, int64_t hi_ns);

void fence_io_end(struct fence_io *f);

#endif
