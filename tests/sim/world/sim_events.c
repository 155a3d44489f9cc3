#include "sim_events.h"

#include <stdlib.h>
#include <string.h>

void sim_events_init(struct sim_events *q)
{
    q->n = 0;
    q->orders = 0;
}

void sim_events_end(struct sim_events *q)
{
    for (size_t i = 0; i < q->n; i++) {
        free(q->heap[i].bytes);
    }
    q->n = 0;
}

static bool is_before(const struct sim_event *a, const struct sim_event *b)
{
    return a->at_ns != b->at_ns ? a->at_ns < b->at_ns : a->order < b->order;
}

void sim_events_add(struct sim_events *q, const struct sim_event *e, struct view bytes)
{
    size_t at = q->n++;
    struct sim_event one = *e;

    sim_must(at < SIM_EVENTS_MAX);
    one.order = q->orders++;
    one.bytes = NULL;
    one.n = bytes.n;
    if (bytes.n > 0) {
        one.bytes = malloc(bytes.n);
        sim_must(one.bytes != NULL);
        memcpy(one.bytes, bytes.p, bytes.n);
    }
    while (at > 0 && is_before(&one, &q->heap[(at - 1) / 2])) {
        q->heap[at] = q->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    q->heap[at] = one;
}

int64_t sim_events_next(const struct sim_events *q)
{
    return q->n > 0 ? q->heap[0].at_ns : INT64_MAX;
}

struct sim_event sim_events_take(struct sim_events *q)
{
    const struct sim_event first = q->heap[0];
    const struct sim_event last = q->heap[--q->n];
    size_t at = 0;

    for (;;) {
        size_t child = 2 * at + 1;

        if (child + 1 < q->n && is_before(&q->heap[child + 1], &q->heap[child])) {
            child++;
        }
        if (child >= q->n || !is_before(&q->heap[child], &last)) {
            break;
        }
        q->heap[at] = q->heap[child];
        at = child;
    }
    q->heap[at] = last;
    return first;
}
