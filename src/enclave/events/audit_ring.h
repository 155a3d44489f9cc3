/* audit_ring.h - the core's events, numbered from 1 without gaps; the newest LIMIT_AUDIT_RING
 * are kept. Once there is an audit key, all of them are in a chain that it signs. */
#ifndef ENCLAVE_EVENTS_AUDIT_RING_H
#define ENCLAVE_EVENTS_AUDIT_RING_H

#include "enclave/limits.h"
#include "wire/audit_log.h"

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
    bool closed; /* nothing is added any more */
    bool chained;
    struct audit_chain chain; /* up to last_seq, if chained */
    size_t n_kinds;
    struct audit_kind kinds[AUDIT_KINDS];
};

void audit_ring_init(struct audit_ring *r);

/* Adds an entry. time_ns: middle of the own span, 0 without a valid time. */
void audit_ring_add(struct audit_ring *r, int64_t time_ns, enum audit_event event, uint64_t a,
                    uint64_t b);

/* The same with what belongs to it; bytes over AUDIT_DATA_MAX are left out. */
void audit_ring_add_data(struct audit_ring *r, int64_t time_ns, enum audit_event event,
                         uint64_t a, uint64_t b, struct view data);

/* From here on there is a chain; it begins with entry 1. Once, before one is overwritten. */
void audit_ring_chain(struct audit_ring *r, const uint8_t boot_nonce[BOOT_NONCE_LEN],
                      const uint8_t audit_key[AUDIT_KEY_LEN]);

/* What has ended tells nothing more: nothing is added from here on. */
void audit_ring_close(struct audit_ring *r);

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

/* The same of entries up to out->head.seq, with their data, at most AUDIT_LOG_PAGE_MAX; the
 * caller has filled head, which covers what is left. */
void audit_ring_log_page(const struct audit_ring *r, uint64_t from_seq, size_t max,
                         struct audit_log_page *out);

#endif
