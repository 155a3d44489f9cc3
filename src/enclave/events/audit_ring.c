#include "enclave/events/audit_ring.h"

#include "base/secret.h"

#include <string.h>

void audit_ring_init(struct audit_ring *r)
{
    wipe(r, sizeof *r);
}

void audit_ring_add_data(struct audit_ring *r, int64_t time_ns, enum audit_event event,
                         uint64_t a, uint64_t b, struct view data)
{
    if (r->closed) {
        return;
    }
    const uint64_t seq = ++r->last_seq;
    struct audit_entry *const e = &r->entries[seq % LIMIT_AUDIT_RING];

    *e = (struct audit_entry){
        .seq = seq, .time_ns = time_ns, .event = (uint16_t)event, .a = a, .b = b};
    e->data_len = (uint8_t)(data.n < AUDIT_DATA_MAX ? data.n : AUDIT_DATA_MAX);
    if (e->data_len > 0) {
        memcpy(e->data, data.p, e->data_len);
    }
    if (r->chained) {
        audit_chain_add(&r->chain, e);
    }
}

void audit_ring_close(struct audit_ring *r)
{
    r->closed = true;
}

void audit_ring_add(struct audit_ring *r, int64_t time_ns, enum audit_event event, uint64_t a,
                    uint64_t b)
{
    audit_ring_add_data(r, time_ns, event, a, b, (struct view){NULL, 0});
}

void audit_ring_chain(struct audit_ring *r, const uint8_t boot_nonce[BOOT_NONCE_LEN],
                      const uint8_t audit_key[AUDIT_KEY_LEN])
{
    audit_chain_begin(&r->chain, boot_nonce, audit_key);
    for (uint64_t seq = 1; seq <= r->last_seq; seq++) {
        audit_chain_add(&r->chain, &r->entries[seq % LIMIT_AUDIT_RING]);
    }
    r->chained = true;
}

static void flush_kind(struct audit_ring *r, struct audit_kind *k, int64_t mono_ns,
                       int64_t time_ns)
{
    audit_ring_add(r, time_ns, (enum audit_event)k->event, k->err, k->waiting);
    k->waiting = 0;
    k->last_ns = mono_ns;
}

/* The counter of that kind, made if there is none. Past AUDIT_KINDS the last one is shared;
 * there are fewer kinds than that. */
static struct audit_kind *find_kind(struct audit_ring *r, enum audit_event event, enum err e)
{
    size_t i = 0;

    while (i < r->n_kinds && (r->kinds[i].event != event || r->kinds[i].err != e)) {
        i++;
    }
    if (i == AUDIT_KINDS) {
        return &r->kinds[AUDIT_KINDS - 1];
    }
    if (i == r->n_kinds) {
        r->kinds[i] = (struct audit_kind){
            .event = (uint16_t)event, .err = (uint16_t)e, .last_ns = INT64_MIN / 2};
        r->n_kinds++;
    }
    return &r->kinds[i];
}

void audit_ring_count(struct audit_ring *r, int64_t mono_ns, int64_t time_ns,
                      enum audit_event event, enum err e)
{
    struct audit_kind *const k = find_kind(r, event, e);

    k->waiting++;
    if (mono_ns - k->last_ns >= LIMIT_AUDIT_PAUSE_NS) {
        flush_kind(r, k, mono_ns, time_ns);
    }
}

void audit_ring_flush(struct audit_ring *r, int64_t mono_ns, int64_t time_ns)
{
    for (size_t i = 0; i < r->n_kinds; i++) {
        struct audit_kind *const k = &r->kinds[i];

        if (k->waiting > 0 && mono_ns - k->last_ns >= LIMIT_AUDIT_PAUSE_NS) {
            flush_kind(r, k, mono_ns, time_ns);
        }
    }
}

uint64_t audit_ring_lost(const struct audit_ring *r)
{
    return r->last_seq > LIMIT_AUDIT_RING ? r->last_seq - LIMIT_AUDIT_RING : 0;
}

void audit_ring_page(const struct audit_ring *r, uint64_t from_seq, size_t max,
                     struct audit_page *out)
{
    const uint64_t first = audit_ring_lost(r) + 1;
    uint64_t seq = from_seq < first ? first : from_seq;
    size_t n = 0;

    out->is_signed = 0;
    out->last_seq = r->last_seq;
    out->first_seq = r->last_seq == 0 ? 0 : first;
    for (; n < max && n < WIRE_AUDIT_MAX && seq <= r->last_seq; seq++) {
        out->entries[n++] = r->entries[seq % LIMIT_AUDIT_RING];
    }
    out->n = n;
}

void audit_ring_log_page(const struct audit_ring *r, uint64_t from_seq, size_t max,
                         struct audit_log_page *out)
{
    uint64_t seq = from_seq;

    out->first_seq = audit_ring_lost(r) + 1;
    out->n = 0;
    if (seq < out->first_seq) {
        seq = out->first_seq;
    }
    for (; out->n < max && out->n < AUDIT_LOG_PAGE_MAX && seq <= out->head.seq; seq++) {
        out->entries[out->n++] = r->entries[seq % LIMIT_AUDIT_RING];
    }
}
