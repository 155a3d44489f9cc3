/* process_io.h - children of the supervisor. They end with it, whatever ends it. */
#ifndef HOST_AUTHORITY_PROCESS_IO_H
#define HOST_AUTHORITY_PROCESS_IO_H

#include "base/bytes.h"
#include "os/event_log.h"

#include <sys/types.h>

struct process_fds {
    int in;           /* becomes stdin; -1: /dev/null */
    int out;          /* becomes stdout; -1: stderr, so that our own stdout stays ours */
    int log;          /* becomes stderr; 0: ours */
    char *const *env; /* NAME=VALUE, beside our own; ends with NULL; NULL: none */
};

/* Starts program with argv (a path with '/', or a name looked up in PATH) in a process group of
 * its own, so that a terminal's ^C reaches the supervisor alone and it ends its children in
 * order. The kernel kills the child when the calling thread ends. Signals are as they were
 * before process_signals(). ERR_IO: it could not be started; errno says why. */
MUST_CHECK enum err process_start(const char *program, char *const argv[],
                                  const struct process_fds *fds, pid_t *pid);

/* Blocks SIGCHLD, SIGTERM, SIGINT, SIGHUP, SIGUSR1 and SIGUSR2, ignores SIGPIPE and gives a
 * signalfd of the six. ERR_IO. */
MUST_CHECK enum err process_signals(int *fd);

/* The next signal of that fd; 0: none waits. */
int process_next_signal(int fd);

/* Whether the child has ended; then *status is what waitpid() gave. Never waits. */
bool process_ended(pid_t pid, int *status);

/* "exit 3", "signal 9"; out holds 24 bytes. */
void process_status_text(int status, char out[24]);

/* Logs that a child runs or has ended. name: which of several, or "". */
struct process_end {
    const char *name;
    pid_t pid;
    const char *how;
    bool expected;
};
void process_log_started(enum event ev, const char *name, pid_t pid);
void process_log_ended(enum event ev, const struct process_end *end);

#endif
