/* show_desk.h - nonces of whoever wants to see the cores' machines, and the files that answer
 * them. A request never waits: the first one with a nonce begins it, later ones ask whether it
 * is there. From any thread. */
#ifndef HOST_FRONT_SHOW_DESK_H
#define HOST_FRONT_SHOW_DESK_H

#include "wire/evidence_file.h"

#include <pthread.h>

#define SHOW_NONCES_MAX 16 /* that are being answered, or were within SHOW_KEPT_NS */
#define SHOW_KEPT_NS INT64_C(30000000000)
/* The oldest gives way to another nonce after so long: who asks with many and fetches nothing
 * keeps nobody out. */
#define SHOW_LEAST_NS INT64_C(5000000000)

enum show_step { SHOW_FREE, SHOW_WAITS, SHOW_UNDER_WAY, SHOW_DONE };

struct show_place {
    enum show_step step;
    uint8_t nonce[REPORT_DATA_NONCE_LEN];
    uint64_t number; /* of all, ascending */
    int64_t done_ns;
    enum err err;
    uint8_t *file; /* on the heap, while it is kept */
    size_t n;
};

struct show_desk {
    pthread_mutex_t lock;
    pthread_cond_t more;
    bool stopped;
    uint64_t last_number;
    struct show_place places[SHOW_NONCES_MAX];
};

/* ERR_IO: no mutex. */
MUST_CHECK enum err show_desk_init(struct show_desk *d);
void show_desk_free(struct show_desk *d);

/* The file of that nonce, a copy on the heap. ERR_BUSY: it is being made, begun by this call
 * if need be. ERR_RATE: too many others are. ERR_NOSPACE: no memory. Else why there is none. */
MUST_CHECK enum err show_desk_get(struct show_desk *d,
                                  const uint8_t nonce[REPORT_DATA_NONCE_LEN], int64_t now_ns,
                                  uint8_t **file, size_t *n);

/* ---- the thread that asks cores ---- */

/* Waits for a nonce. False: told to stop. */
bool show_desk_next(struct show_desk *d, uint8_t nonce[REPORT_DATA_NONCE_LEN]);
/* The one that show_desk_next() gave: its file, or why there is none. */
void show_desk_put(struct show_desk *d, int64_t now_ns, enum err e, struct view file);
void show_desk_stop(struct show_desk *d);
bool show_desk_stopped(struct show_desk *d);

#endif
