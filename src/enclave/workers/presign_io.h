/* presign_io.h - the thread that makes presignatures, and how it meets the main one
 * (enclave/presigner/presign_desk.h). Of low priority: whatever is made ahead waits for what
 * somebody waits for. */
#ifndef ENCLAVE_WORKERS_PRESIGN_IO_H
#define ENCLAVE_WORKERS_PRESIGN_IO_H

#include "enclave/presigner/presign_desk.h"
#include "enclave/workers/worker_io.h"
#include "os/clock.h"

#define PRESIGN_NICE 10

struct presign_io {
    pthread_mutex_t desk_lock, pool_lock;
    pthread_cond_t more;
    struct presign_desk *desk;
    struct worker_pool *workers; /* orders that are carried out are among what they did */
    const struct clock_source *clock;
    bool up; /* the thread has started, under desk_lock */
};

/* What the desk is to be told, once there is one. io stays where it is. ERR_IO. */
MUST_CHECK enum err presign_io_init(struct presign_io *io, struct worker_pool *workers,
                                    const struct clock_source *clock,
                                    struct presign_meeting *out);

/* Starts the thread, which blocks all signals, and waits until it needs no further system call
 * that the sandbox does not allow. After worker_pool_start(). ERR_IO: the kernel refused. */
MUST_CHECK enum err presign_io_start(struct presign_io *io, struct presign_desk *desk);

/* Before the end: no slice begins any more, and none is under way, which takes 100 ms at most.
 */
void presign_io_end(struct presign_io *io);

#endif
