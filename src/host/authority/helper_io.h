/* helper_io.h - a process beside one core, which runs while that core does and comes back when
 * it ends by itself: when it is started, ended and killed is time_client.h's. */
#ifndef HOST_AUTHORITY_HELPER_IO_H
#define HOST_AUTHORITY_HELPER_IO_H

#include "host/authority/child_log_io.h"
#include "host/authority/time_client.h"
#include "os/event_log.h"

#include <sys/types.h>

#define HELPER_NAME_MAX 16

struct helper {
    const char *program;
    char *const *argv;
    enum event started, ended; /* what is logged then */
    const char *does;          /* while it runs, in the status */
    char name[HELPER_NAME_MAX];
    struct time_client state;
    pid_t pid; /* -1: does not run */
    /* NULL: it writes to our stderr; else, too, but once it has ended it is started again with
     * a log that goes through here, and the status has what it said last. */
    struct child_log *log;
    char how[FAILING_HOW_MAX]; /* it ended last */
};

/* Starts, ends and takes leave of it, as is due. Whether anything was done. */
bool helper_step(struct helper *h, int64_t now_ms);

/* Appends to the status what it does. */
void helper_status(const struct helper *h, struct writer *w);

#endif
