/* core_tsm_io.h - the connection of a core to its quorate-tsm: wishes of the desk go out, one
 * at a time, evidence comes back. quorate-tsm connects, to the endpoint that is kept for it;
 * over that connection the core asks. Whoever talks otherwise, or not at all, is cut off, and
 * the newest connection is the one. */
#ifndef ENCLAVE_CORE_CORE_TSM_IO_H
#define ENCLAVE_CORE_CORE_TSM_IO_H

#include "enclave/attest/tsm_desk.h"
#include "wire/frame.h"

#include <pthread.h>

struct core_tsm {
    struct tsm_desk *desk; /* NULL: this core has no endpoint for a quorate-tsm */
    int fd;                /* -1: nobody is there */
    bool readable, writable;
    pthread_mutex_t lock; /* of the desk: two threads ask */
    int wake_fd;          /* eventfd of the loop; -1: it needs no wake */
    size_t out_at, out_len;
    uint8_t out[FRAME_HEADER_LEN + TSM_REPORT_DATA_LEN];
    size_t in_len;
    uint8_t in[FRAME_HEADER_LEN + TSM_BLOCK_MAX];
};

/* Makes the desk, too. wake_fd: written to when another thread asks. t stays where it is.
 * ERR_IO: no mutex. */
MUST_CHECK enum err core_tsm_init(struct core_tsm *t, struct tsm_desk *desk, int wake_fd);

/* A connection: t owns it from now on, and closes the one of before. */
void core_tsm_take_in(struct core_tsm *t, int fd);

/* Sends and takes what can be without waiting. */
void core_tsm_serve(struct core_tsm *t, int64_t now_ns);

/* Ends what is over its time. */
void core_tsm_tick(struct core_tsm *t, int64_t now_ns);

#endif
