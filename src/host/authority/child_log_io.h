/* child_log_io.h - the log of a child that goes through the supervisor, so that what it said
 * last is known when it ends: a pipe in the place of our stderr, to which each line is passed
 * on. Nothing waits: a core drops a line that the pipe has no room for
 * (enclave/events/log_io.h), and we one that our stderr has none for. */
#ifndef HOST_AUTHORITY_CHILD_LOG_IO_H
#define HOST_AUTHORITY_CHILD_LOG_IO_H

#include "host/authority/failing.h"

#include <poll.h>
#include <sys/types.h>

#define CHILD_LOG_MAX 4096 /* bytes of lines that are passed on in one piece: PIPE_BUF */

struct child_log {
    int fd; /* -1: it has none */
    char said[FAILING_SAID_MAX];
    size_t n;
    uint8_t text[CHILD_LOG_MAX];
};

void child_log_init(struct child_log *l);

/* Starts a child as process_start() does, with such a log; l is NULL, or there are no more
 * descriptors: with our stderr. ERR_IO. */
MUST_CHECK enum err child_log_start(struct child_log *l, const char *program,
                                    char *const argv[], pid_t *pid);

/* What poll() has to watch: 0 or 1 descriptors. */
size_t child_log_fds(const struct child_log *l, struct pollfd *fds);

/* Passes on what is there. */
void child_log_step(struct child_log *l);

/* The child has ended: the same, and the end of it. said stays. */
void child_log_close(struct child_log *l);

#endif
