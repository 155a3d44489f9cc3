/* certify_io.h - runs the certify command: certificate requests on its stdin, chains on its
 * stdout. */
#ifndef HOST_AUTHORITY_CERTIFY_IO_H
#define HOST_AUTHORITY_CERTIFY_IO_H

#include "host/authority/core_chains.h"

#include <sys/types.h>

struct certify {
    pid_t pid; /* -1: nothing runs */
    int in_fd, out_fd;
    int64_t until_ms; /* of the caller's clock */
    bool ended;
    int status;           /* as waitpid() gives it, once ended */
    struct view requests; /* the caller's */
    size_t requests_at;   /* bytes of it that are written */
    uint8_t out[CORE_CHAINS_PEM_MAX + 1];
    size_t out_len;
};

void certify_init(struct certify *c);

/* Runs command under /bin/sh -c with the environment that core_keys.h says. requests, in PEM,
 * stay where they are until it ends. The process ignores SIGPIPE from here on. ERR_NOSPACE: the
 * command is too long. ERR_IO. */
MUST_CHECK enum err certify_start(struct certify *c, const char *command,
                                  const struct core_keys *keys, struct view requests,
                                  int64_t until_ms);

/* Kills the command and all that it started, and forgets it. */
void certify_end(struct certify *c);

/* Goes on after poll(), a SIGCHLD or a tick. *done: the command ended with success and *out is
 * what it wrote, until the next start.
 * Any error ends the command; *why says which. ERR_DEADLINE: it took too long. ERR_NOSPACE: it
 * wrote more than CORE_CHAINS_PEM_MAX bytes. ERR_IO: it failed. */
MUST_CHECK enum err certify_step(struct certify *c, int64_t now_ms, bool *done,
                                 struct view *out, char why[64]);

#endif
