/* chaos_authority.h - an authority under test: supervisor, core and front as processes, and
 * what their log says of them. */
#ifndef TESTS_CHAOS_AUTHORITY_H
#define TESTS_CHAOS_AUTHORITY_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct chaos_authority {
    char dir[128]; /* holds quorate.conf, journal/, front.addr, ca/ */
    pid_t pid;     /* of the supervisor */
    int log_fd;
    pthread_t reader;
    pthread_mutex_t lock;              /* over the rest */
    pid_t core, front;                 /* as the log last said; 0: it has ended */
    unsigned cores, fronts, certified; /* the last: of the second key */
    bool ready, ended;
    size_t tail_len;
    char tail[16384]; /* the last of the log, for a failure */
};

/* Makes a folder with a test CA and a configuration, and starts the supervisor on it. False: a
 * step failed, and was printed. */
bool chaos_start(struct chaos_authority *a);

/* Ends it by SIGTERM. Whether it ended with success. */
bool chaos_stop(struct chaos_authority *a);

/* kill -9 of that process; false: it has gone already. */
bool chaos_kill(pid_t pid);

struct chaos_pids {
    pid_t core, front;
    unsigned cores, fronts, certified; /* how many there have been */
};
struct chaos_pids chaos_look(struct chaos_authority *a);

void chaos_print_tail(struct chaos_authority *a);
void chaos_remove(struct chaos_authority *a);

int64_t chaos_now_us(void); /* monotonic */
void chaos_nap(void);       /* 1 ms, between two looks at something that has a deadline */

#endif
