/* time_history.h - what each core said of its time: the latest TIME_STATUS, and one hour of
 * offset and half-width, one point a second. From any thread; no kernel but its lock. */
#ifndef HOST_FRONT_TIME_HISTORY_H
#define HOST_FRONT_TIME_HISTORY_H

#include "host/coord/coord.h"
#include "wire/time_status.h"

#define TIME_HISTORY_MAX 3600    /* points of one core, 24 bytes each */
#define TIME_HISTORY_AGE_MS 5000 /* what is older says nothing of now */

#define TIME_POINT_SPAN 0x01  /* half_ns holds */
#define TIME_POINT_VALID 0x02 /* offset_ns holds, too */

#define TIME_POINT_FAR_NS (INT64_MAX / 4) /* what is further off is kept as this */

struct time_point {
    int64_t offset_ns, half_ns;
    uint8_t flags; /* TIME_POINT_*; 0: nothing is known of that second */
};

/* Of one core now. */
struct time_view {
    bool known;                /* status holds, and is at most TIME_HISTORY_AGE_MS old */
    int64_t age_ms;            /* of status; -1: none yet */
    enum err err;              /* of the last question; ERR_OK: it was answered */
    uint64_t bad;              /* answers that were none */
    struct time_status status; /* zero unless known; names point into body */
    uint8_t body[TIME_STATUS_LEN_MAX];
};

struct time_views {
    size_t n;
    struct time_view at[COORD_CORES_MAX];
};

struct time_history;

/* Of n cores, at most COORD_CORES_MAX. All memory that it ever has is taken here. NULL: there
 * is none. */
struct time_history *time_history_new(size_t n);
void time_history_free(struct time_history *h);

/* The answer of core number at (from 0) to a question of this second, body; or e is not ERR_OK:
 * there was none. One that cannot be decoded is counted, and is none. */
void time_history_take(struct time_history *h, size_t at, enum err e, struct view body,
                       int64_t now_ns);

/* Copies what is known. h NULL: of nobody. */
void time_history_look(struct time_history *h, int64_t now_ns, struct time_views *out);

/* Several points in one: how far offset and bound went. */
struct time_bin {
    bool any;                  /* there was a valid point */
    int64_t low_ns, high_ns;   /* the lowest end and the highest */
    int64_t first_ns, last_ns; /* offsets */
};

/* The last TIME_HISTORY_MAX seconds of a core in n bins of the same length, oldest first; n
 * divides TIME_HISTORY_MAX. */
void time_history_bins(struct time_history *h, size_t at, int64_t now_ns, struct time_bin *bins,
                       size_t n);

#endif
