/* audit_ring.h - the core's events, numbered from 1 without gaps; the newest LIMIT_AUDIT_RING
 * are kept. Not signed: there is no audit key yet. */
#ifndef ENCLAVE_EVENTS_AUDIT_RING_H
#define ENCLAVE_EVENTS_AUDIT_RING_H

#include "enclave/limits.h"

#define AUDIT_KINDS 48 /* kinds of refusal and bad frame that are counted apart */

/* Refusals of one kind: at most one entry in LIMIT_AUDIT_PAUSE_NS, with their count. */
struct audit_kind {
    uint16_t event, err;
    uint64_t waiting;
    int64_t last_ns; /* monotonic */
};

struct audit_ring {
    uint64_t last_seq; /* 0: none yet */
    struct audit_entry entries[LIMIT_AUDIT_RING];
    size_t n_kinds;
    struct audit_kind kinds[AUDIT_KINDS];
};

void audit_ring_init(struct audit_ring *r);

/* Adds an entry. time_ns: middle of the own span, 0 without a valid time. */
void audit_ring_add(struct audit_ring *r, int64_t time_ns, enum audit_event event, uint64_t a,
                    uint64_t b);

/* Counts a refusal; adds its entry now or, after one of its kind, when the pause is over. */
void audit_ring_count(struct audit_ring *r, int64_t mono_ns, int64_t time_ns,
                      enum audit_event event, enum err e);

/* Adds the entries of counts whose pause is over. */
void audit_ring_flush(struct audit_ring *r, int64_t mono_ns, int64_t time_ns);

/* How many entries were overwritten. */
uint64_t audit_ring_lost(const struct audit_ring *r);

/* Entries from from_seq on, or from the oldest that is left; at most max and WIRE_AUDIT_MAX. */
void audit_ring_page(const struct audit_ring *r, uint64_t from_seq, size_t max,
                     struct audit_page *out);

#endif
