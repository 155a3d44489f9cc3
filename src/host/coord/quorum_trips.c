#include "host/coord/quorum_trips.h"

#include <stddef.h>
#include <string.h>

#define NS_PER_US 1000

/* The longest but QUORUM_TRIPS_OVER of those kept, or but as many in 64 if they are fewer. */
static uint32_t usual(const struct quorum_trips *t)
{
    uint32_t top[QUORUM_TRIPS_OVER + 1] = {0}; /* the longest ones, longest first */
    const size_t over = (size_t)t->n * QUORUM_TRIPS_OVER / QUORUM_TRIPS_KEPT;

    for (size_t i = 0; i < t->n; i++) {
        size_t at = 0;

        while (at < over && top[at] >= t->us[i]) {
            at++;
        }
        if (t->us[i] > top[at]) {
            memmove(top + at + 1, top + at, (over - at) * sizeof top[0]);
            top[at] = t->us[i];
        }
    }
    return top[over];
}

void quorum_trips_add(struct quorum_trips *t, int64_t trip_ns)
{
    const int64_t us = trip_ns / NS_PER_US;

    t->us[t->at] = us < 0 ? 0 : us > UINT32_MAX ? UINT32_MAX : (uint32_t)us;
    t->at = (uint8_t)((t->at + 1) % QUORUM_TRIPS_KEPT);
    t->n = (uint8_t)(t->n + (t->n < QUORUM_TRIPS_KEPT));
    t->usual_us = usual(t);
}

int64_t quorum_trips_late_ns(const struct quorum_trips *t)
{
    const int64_t usual_ns =
        t->n < QUORUM_TRIPS_KNOWN ? QUORUM_TRIPS_FIRST_NS : (int64_t)t->usual_us * NS_PER_US;
    const int64_t late_ns = usual_ns * QUORUM_LATE_TIMES;

    return late_ns > QUORUM_LATE_LEAST_NS ? late_ns : QUORUM_LATE_LEAST_NS;
}
