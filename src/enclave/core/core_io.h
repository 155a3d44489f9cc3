/* core_io.h - the loop of a core: sockets, deadlines, signatures that come back. One thread. */
#ifndef ENCLAVE_CORE_CORE_IO_H
#define ENCLAVE_CORE_CORE_IO_H

#include "enclave/core/core_conn.h"
#include "enclave/core/core_tsm_io.h"
#include "enclave/workers/worker_io.h"

struct core_peer {
    int fd;                  /* -1: free, or gone with batches still under way */
    bool taken;              /* not free */
    bool readable, writable; /* as epoll said, until the kernel says otherwise */
    bool watched;            /* the kernel says when it is writable again */
    bool hung_up;            /* the peer sends nothing more: the end is still to be read */
    bool gone;               /* nobody is there any more: what is under way is cancelled */
    struct core_conn conn;
};

struct core_io {
    struct core *core;
    struct worker_pool *pool;
    const struct clock_source *clock;
    int epoll_fd, signal_fd;
    int listeners[LIMIT_LISTENERS];
    size_t n_listeners;
    size_t time_listener; /* of these, counted from 1, the time client's; 0: none */
    size_t tsm_listener;  /* the same, quorate-tsm's */
    struct core_areas *areas;
    int64_t idle_ns;
    int64_t now_ns, tick_ns; /* next housekeeping */
    int64_t drain_ns;        /* end of draining; 0: not draining */
    uint64_t logged_seq;     /* audit entries up to here are on stderr */
    uint32_t turn;           /* peer that is served first */
    struct core_tsm tsm;
    struct core_peer peers[LIMIT_CONNECTIONS];
};

struct core_io_setup {
    struct core *core;
    struct worker_pool *pool;
    const struct clock_source *clock;
    const int
        *listeners; /* sockets that listen, non-blocking; the loop owns them from now on */
    size_t n_listeners;
    size_t time_listener;     /* as above */
    size_t tsm_listener;      /* as above */
    struct tsm_desk *desk;    /* of a core that has one, zero; made here */
    struct core_areas *areas; /* for long frames; NULL: a core that signs alone */
    int signal_fd;            /* readable: drain, then end */
    uint32_t idle_ms;
};

/* io is zero. ERR_IO: the kernel refused. */
MUST_CHECK enum err core_io_init(struct core_io *io, const struct core_io_setup *setup);

/* Serves until signal_fd is readable and what is under way is answered. ERR_IO: the kernel
 * failed us. */
MUST_CHECK enum err core_io_run(struct core_io *io);

/* Writes audit entries that are not on stderr yet. */
void core_io_log(struct core_io *io);

#endif
