/* core_push_io.h - the way to our core: dials it, pushes TIME_SAMPLE frames, reads what it says
 * to each. One is under way at a time; a newer one takes the place of one that waits. */
#ifndef ENCLAVE_TIMED_CORE_PUSH_IO_H
#define ENCLAVE_TIMED_CORE_PUSH_IO_H

#include "os/endpoint.h"
#include "wire/frame.h"
#include "wire/time_call.h"

/* A report: header, sample, and TIME_SOURCES_MAX rows. */
#define CORE_PUSH_MAX 2048
#define CORE_PUSH_AGAIN_NS INT64_C(500000000) /* between two tries to reach the core */
#define CORE_PUSH_WAIT_NS INT64_C(5000000000) /* for its answer; then it is dialled anew */

struct core_push {
    int fd; /* -1: not connected */
    struct endpoint core;
    uint8_t out[CORE_PUSH_MAX];
    size_t out_len, out_sent; /* equal: nothing to send */
    uint8_t in[FRAME_HEADER_LEN + 2];
    size_t in_len;
    uint64_t request_id; /* of the frame under way; 0: none */
    int64_t next_ns;     /* when to dial again; of a frame under way: how long to wait */
    uint64_t taken, refused;
    enum err last; /* what the core said last */
};

void core_push_init(struct core_push *p, const struct endpoint *core);

/* Whether a report may be given: connected, and none is under way. Dials when it is time. */
bool core_push_ready(struct core_push *p, int64_t now_ns);

/* Takes a report; core_push_ready() was true. */
void core_push_report(struct core_push *p, const struct time_report *r, int64_t now_ns);

/* What poll(2) is to wait for. */
short core_push_events(const struct core_push *p);

/* Sends and reads as far as the socket lets it. *answered: the core said p->last to the report.
 * After any error it is dialled anew. */
void core_push_step(struct core_push *p, int64_t now_ns, bool *answered);

void core_push_end(struct core_push *p);

#endif
