#include "host/coord/coord_watch.h"

#define NEVER INT64_MAX

/* When the oldest open question was asked, or something heard after it; NEVER: none is open. */
static int64_t quiet_since(const struct coord_member *m)
{
    const int64_t oldest = coord_step_oldest(&m->step);

    return oldest == NEVER || oldest > m->step.heard_ns ? oldest : m->step.heard_ns;
}

int64_t coord_watch_silent(const struct coord_member *m)
{
    const int64_t since = quiet_since(m);

    if (since == NEVER || m->patient_ns <= since + COORD_SILENT_NS) {
        return since == NEVER ? NEVER : since + COORD_SILENT_NS;
    }
    return m->patient_ns < since + 2 * COORD_SILENT_NS ? m->patient_ns
                                                       : since + 2 * COORD_SILENT_NS;
}

int64_t coord_watch_probe(const struct coord_cluster *cl, const struct coord_member *m)
{
    const int64_t last = m->step.heard_ns > m->probe_ns ? m->step.heard_ns : m->probe_ns;

    return atomic_load(&cl->counters->queue_depth) > 0 ? last + COORD_PROBE_NS : NEVER;
}
