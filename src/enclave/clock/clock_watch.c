#include "enclave/clock/clock_watch.h"

/* The distance follows as fast as a slewed clock may move; true: what is left is a jump. */
static bool moved_apart(struct clock_watch *w, int64_t counter_ns, int64_t second_ns)
{
    const int64_t reach = (counter_ns - w->counter_ns) / (1000000 / WATCH_SLEW_PPM);
    const int64_t gap = second_ns - counter_ns - w->distance_ns;

    if (gap > reach + WATCH_STEP_NS || gap < -reach - WATCH_STEP_NS) {
        return true;
    }
    if (gap > reach) {
        w->distance_ns += reach;
    } else if (gap < -reach) {
        w->distance_ns -= reach;
    } else {
        w->distance_ns += gap;
    }
    return false;
}

static enum time_event judge(struct clock_watch *w, int64_t counter_ns, int64_t second_ns)
{
    if (counter_ns < w->counter_ns || second_ns < w->second_ns) {
        return TIME_EVENT_BACK;
    }
    if (moved_apart(w, counter_ns, second_ns)) {
        return TIME_EVENT_JUMP;
    }
    return counter_ns - w->counter_ns > WATCH_GAP_NS ? TIME_EVENT_GAP : TIME_EVENT_NONE;
}

enum time_event clock_watch_look(struct clock_watch *w, int64_t counter_ns, int64_t second_ns)
{
    const enum time_event e = w->started ? judge(w, counter_ns, second_ns) : TIME_EVENT_NONE;

    if (!w->started || e != TIME_EVENT_NONE) {
        w->started = true;
        w->distance_ns = second_ns - counter_ns;
    }
    w->counter_ns = counter_ns;
    w->second_ns = second_ns;
    return e;
}
