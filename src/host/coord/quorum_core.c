#include "host/coord/quorum_core.h"

#define SMOOTHING 8 /* a new trip counts for one part in so many */

void quorum_core_up(struct quorum_core *c, bool up, int64_t now_ns)
{
    if (!up && c->up && quorum_core_is_alive(c)) {
        c->missed = true;
        c->back_ns = now_ns + QUORUM_BACK_NS;
    }
    c->missed = c->missed && !up;
    c->up = up;
    c->silent = false;
}

void quorum_core_tick(struct quorum_core *c, int64_t now_ns)
{
    c->missed = c->missed && now_ns < c->back_ns;
}

bool quorum_core_is_alive(const struct quorum_core *c)
{
    return (c->up || c->missed) && !c->silent && !c->banned;
}

bool quorum_core_is_ready(const struct quorum_core *c, int64_t now_ns)
{
    return c->up && quorum_core_is_alive(c) && now_ns >= c->rest_ns;
}

static uint8_t doubt(const struct quorum_core *c, int64_t now_ns)
{
    return now_ns < c->doubt_ns ? c->misses : 0;
}

bool quorum_core_is_doubted(const struct quorum_core *c, int64_t now_ns)
{
    return doubt(c, now_ns) > 0;
}

bool quorum_core_is_better(const struct quorum_core *a, const struct quorum_core *b,
                           int64_t now_ns)
{
    if (doubt(a, now_ns) != doubt(b, now_ns)) {
        return doubt(a, now_ns) < doubt(b, now_ns);
    }
    return a->pending != b->pending ? a->pending < b->pending : a->trip_ns < b->trip_ns;
}

void quorum_core_doubt(struct quorum_core *c, int64_t now_ns)
{
    c->doubt_ns = now_ns + (QUORUM_DOUBT_NS << c->misses);
    c->misses = (uint8_t)(c->misses + (c->misses < QUORUM_DOUBT_DOUBLINGS));
}

/* A session for which one of them has no batch wastes those of the others: with short rests all
 * pools would stay empty. */
static void rest_empty(struct quorum_core *c, int64_t now_ns)
{
    c->rest_ns = now_ns + (QUORUM_REST_NS << c->empty);
    c->empty = (uint8_t)(c->empty + (c->empty < QUORUM_REST_DOUBLINGS));
}

bool quorum_core_rest(struct quorum_core *c, enum err e, int64_t now_ns)
{
    const bool told = c->told;

    if (e == ERR_NOSPACE) {
        rest_empty(c, now_ns);
        return false;
    }
    c->rest_ns = now_ns + QUORUM_REST_LONG_NS;
    c->told = true;
    return !told;
}

int64_t quorum_core_rest_wrong(struct quorum_core *c, int64_t now_ns)
{
    const int64_t rest_ns = QUORUM_REST_LONG_NS << c->wrong;

    c->rest_ns = now_ns + rest_ns;
    c->wrong = (uint8_t)(c->wrong + (c->wrong < QUORUM_WRONG_DOUBLINGS));
    return rest_ns;
}

void quorum_core_count(struct quorum_core *c, bool odd, int64_t now_ns)
{
    c->wrong = 0;
    c->told = false;
    if (odd) {
        quorum_core_doubt(c, now_ns);
    } else { /* it went through all rounds with the others */
        c->misses = 0;
        c->doubt_ns = 0;
    }
    c->responses++;
    c->odd += odd;
    c->banned = c->banned || c->odd >= QUORUM_ODD_FLAGS;
    if (c->responses == QUORUM_ODD_WINDOW) {
        c->responses = 0;
        c->odd = 0;
    }
}

void quorum_core_time(struct quorum_core *c, unsigned round, int64_t trip_ns)
{
    quorum_trips_add(&c->trips[round], trip_ns);
    c->trip_ns += (trip_ns - c->trip_ns) / SMOOTHING;
}
