#include "host/mesh/pump_lane.h"

#include <assert.h>
#include <string.h>

size_t pump_lane_room(const struct pump_lane *l)
{
    return PUMP_LANE_MAX - (l->end - l->at);
}

bool pump_lane_empty(const struct pump_lane *l)
{
    return l->at == l->end;
}

bool pump_lane_put(struct pump_lane *l, struct view packet)
{
    const size_t n = PUMP_LANE_OVERHEAD + packet.n;

    if (packet.n > PUMP_LANE_MAX || n > pump_lane_room(l)) {
        return false;
    }
    if (n > PUMP_LANE_MAX - l->end) {
        memmove(l->bytes, l->bytes + l->at, l->end - l->at);
        l->end -= l->at;
        l->at = 0;
    }
    struct writer w = wr_init(l->bytes + l->end, n);

    wr_u32le(&w, (uint32_t)packet.n);
    wr_view(&w, packet);
    l->end += n;
    return true;
}

bool pump_lane_next(const struct pump_lane *l, size_t *cursor, struct view *packet)
{
    struct reader r = {l->bytes + l->at + *cursor, l->end - l->at - *cursor};
    uint32_t n = 0;

    *packet = (struct view){NULL, 0};
    if (rd_u32le(&r, &n) != ERR_OK || rd_take(&r, n, packet) != ERR_OK) {
        return false;
    }
    *cursor += PUMP_LANE_OVERHEAD + n;
    return true;
}

void pump_lane_drop(struct pump_lane *l)
{
    struct view packet;
    size_t n = 0;
    const bool any = pump_lane_next(l, &n, &packet);

    assert(any);
    l->at += any ? n : 0;
    if (l->at == l->end) {
        l->at = l->end = 0;
    }
}

unsigned pump_lane_clear(struct pump_lane *l)
{
    unsigned n = 0;

    for (; !pump_lane_empty(l); n++) {
        pump_lane_drop(l);
    }
    return n;
}
