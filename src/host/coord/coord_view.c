#include "host/coord/coord_log.h"
#include "host/coord/coord_own.h"
#include "host/coord/coord_places.h"

#include <string.h>

#define NS_PER_MS INT64_C(1000000)

static void tell(const struct coord *c, const struct coord_member *m, bool was_up)
{
    const bool up = m->step.known.connected;
    const enum event ev = !up      ? EVENT_CORE_LOST
                          : was_up ? EVENT_CORE_STATE
                                   : EVENT_CORE_CONNECTED;

    coord_log_core(up ? EVENT_INFO : EVENT_WARN, ev, m, c->conns[m->at].uri, NULL);
}

static void show_ratio(const struct coord *c, const struct coord_member *m,
                       struct coord_core_view *out)
{
    const struct quorum_ratios *const r = &c->cluster.quorum.ratios;

    out->behind = m->behind;
    out->sessions = m->place == COORD_NOWHERE ? 0 : r->cores[m->place].sessions;
    out->signed_ = m->place == COORD_NOWHERE ? 0 : r->cores[m->place].signed_;
}

/* Shows what is known of one member. True: the front should look again. */
static bool publish_member(struct coord *c, struct coord_member *m)
{
    const size_t at = m->at;
    const bool changed = m->step.changed;

    if (!changed && m->shown && m->step.status_ns == c->seen_status_ns[at]) {
        return false;
    }
    m->shown = true;
    m->step.changed = false;
    (void)pthread_mutex_lock(&c->look_lock);
    c->seen[at] = m->step.known;
    c->seen[at].fault = m->fault;
    c->seen[at].silent = m->silent;
    c->seen[at].banned = m->banned;
    show_ratio(c, m, &c->seen[at]);
    c->seen_status_ns[at] = m->step.status_ns;
    (void)pthread_mutex_unlock(&c->look_lock);
    atomic_store(&c->round_trips_us[at], (uint64_t)(m->step.round_trip_ns / 1000));
    if (changed) {
        tell(c, m, c->was_up[at]);
        c->was_up[at] = m->step.known.connected;
    }
    return changed;
}

static bool publish_epoch(struct coord *c)
{
    const struct coord_epoch_view *const old = &c->seen_epoch;
    struct coord_epoch_view v;
    bool changed;

    for (size_t i = 0; i < STAMP_KEYS; i++) {
        atomic_store(&c->gates[i],
                     (unsigned)coord_cluster_gate(&c->cluster, (enum core_key)(i + 1)));
    }
    if (!c->cluster.together) {
        return false;
    }
    coord_cluster_show(&c->cluster, &v);
    /* Both were zero before they were filled. */
    /* NOLINTNEXTLINE(bugprone-suspicious-memory-comparison,cert-exp42-c,cert-flp37-c) */
    if (memcmp(&v, old, sizeof v) == 0) {
        return false;
    }
    changed = v.halted != old->halted || v.has_roster != old->has_roster ||
              memcmp(v.epoch_id, old->epoch_id, EPOCH_ID_LEN) != 0;
    (void)pthread_mutex_lock(&c->look_lock);
    memcpy(&c->seen_epoch, &v, sizeof v);
    (void)pthread_mutex_unlock(&c->look_lock);
    return changed;
}

void coord_publish(struct coord *c)
{
    bool changed = publish_epoch(c);

    for (size_t i = 0; i < c->n; i++) {
        changed = publish_member(c, &c->members[i]) || changed;
    }
    if (changed && c->on_change != NULL) {
        c->on_change(c->user);
    }
}

void coord_look(struct coord *c, size_t at, struct coord_core_view *out)
{
    int64_t status_ns = 0;

    memset(out, 0, sizeof *out);
    out->age_ms = -1;
    out->last_err = ERR_QUORUM;
    if (at >= c->n) {
        return;
    }
    (void)pthread_mutex_lock(&c->look_lock);
    *out = c->seen[at];
    status_ns = c->seen_status_ns[at];
    (void)pthread_mutex_unlock(&c->look_lock);
    for (size_t i = 0; i < out->n_policies; i++) {
        out->policies[i].oid.p = out->oids[i];
    }
    out->age_ms = status_ns == 0 ? -1 : (coord_now_ns() - status_ns) / NS_PER_MS;
    out->round_trip_us = atomic_load(&c->round_trips_us[at]);
}

void coord_look_epoch(struct coord *c, struct coord_epoch_view *out)
{
    (void)pthread_mutex_lock(&c->look_lock);
    *out = c->seen_epoch;
    (void)pthread_mutex_unlock(&c->look_lock);
}

const struct coord_counters *coord_counters(const struct coord *c)
{
    return &c->counters;
}
