#include "host/coord/quorum_given.h"

#include "wire/frame.h"
#include "wire/quorum_msg.h"

#include <string.h>

static void take_oldest(struct quorum_given *g)
{
    g->n--;
    memmove(g->x[0], g->x[1], (size_t)g->n * STAMP_X_LEN);
}

void quorum_given_add(struct quorum_given *g, const uint8_t x[STAMP_X_LEN])
{
    if (g->n == QUORUM_GIVEN_MAX) {
        take_oldest(g);
    }
    memcpy(g->x[g->n++], x, STAMP_X_LEN);
}

bool quorum_given_pull(struct quorum_given *g, uint64_t request_id, struct writer *w)
{
    struct r3 m = {.n = 0};
    size_t mark;

    if (g->n == 0) {
        return false;
    }
    memcpy(m.x, g->x[0], STAMP_X_LEN);
    take_oldest(g);
    mark = frame_begin(w, FRAME_R3, request_id);
    r3_encode(w, &m);
    frame_end(w, mark);
    return true;
}
