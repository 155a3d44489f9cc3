/* coord_own.h - what the files of coord share: the whole of it, what others see of it
 * (coord_view.c) and what they hand over to its thread (coord_post.c). */
#ifndef HOST_COORD_COORD_OWN_H
#define HOST_COORD_COORD_OWN_H

#include "host/coord/coord_cluster.h"
#include "host/coord/coord_conn_io.h"

#include <pthread.h>

#define COORD_ORDERS_MAX \
    4 /* that were said, and not looked at yet; more: they are said again */
#define COORD_WORDS_MAX \
    16 /* seen to end, until the thread looks: more than ever live at once */
#define COORD_WAKE_ALWAYS 1U

struct coord {
    pthread_t thread;
    void (*on_change)(void *user);
    void (*on_rest)(void *user);
    void *user;
    char *proof_dir; /* NULL: none */
    int wake_fd, epoll_fd;
    size_t n;
    /* From any thread. */
    _Atomic(struct coord_job *) inbox; /* newest first; the thread takes all of it at once */
    _Atomic(struct roster *) next_roster;
    /* What the sleeping thread is to be woken for: COORD_WAKE_ALWAYS, and a bit 1U << key for
     * jobs of each key that need not wait for an answer. 0: it is awake. */
    atomic_uint asleep;
    atomic_bool ending, has_words;
    atomic_uint gates[STAMP_KEYS]; /* enum err: why a job would be refused */
    atomic_uint_fast64_t round_trips_us[COORD_CORES_MAX];
    struct coord_counters counters;
    pthread_mutex_t look_lock; /* over what follows down to n_orders */
    struct coord_core_view seen[COORD_CORES_MAX];
    int64_t seen_status_ns[COORD_CORES_MAX];
    struct coord_epoch_view seen_epoch;
    uint8_t words[COORD_WORDS_MAX][PLAN_NONCE_LEN];
    size_t n_words;
    struct reenrol_order orders[COORD_ORDERS_MAX];
    size_t n_orders;
    /* The thread's own. */
    struct coord_cluster cluster;
    struct coord_member *members;
    struct coord_conn *conns;
    enum err broken[COORD_CORES_MAX]; /* of the last events */
    bool again;                       /* work came after it was looked for */
    bool was_up[COORD_CORES_MAX];
    struct roster *roster;
    struct quorum_scratch *scratch;
    uint8_t *room;                /* of the roster's sessions */
    struct classic_step *classic; /* of its classic key; NULL: none is shared */
    uint8_t sid_prefix[COORD_SID_PREFIX_LEN];
    uint64_t sample_seed;
};

/* CLOCK_MONOTONIC. */
int64_t coord_now_ns(void);

/* Shows others what is known now, and tells the front if it should look. On the thread. */
void coord_publish(struct coord *c);

/* Takes in what was handed over: jobs, in their order; word of cores that ended. On the thread.
 */
void coord_empty_inbox(struct coord *c, int64_t now_ns);
void coord_hear_words(struct coord *c, int64_t now_ns);

void coord_wake(const struct coord *c);

#endif
