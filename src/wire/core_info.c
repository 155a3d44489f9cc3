#include "wire/core_info.h"

#include "crypto/hash.h"

#include <string.h>

/* ---- HELLO ---- */

void hello_encode(struct writer *w, const struct hello *h)
{
    wr_bytes(w, h->boot_id, sizeof h->boot_id);
    wr_bytes(w, h->epoch_id, sizeof h->epoch_id);
    wr_u8(w, h->index);
    wr_u8(w, h->clock);
    wr_u8(w, h->flags);
    wr_u16le(w, h->r1_life_ms);
    wr_bytes(w, h->boot_nonce, sizeof h->boot_nonce);
    wr_bytes(w, h->identity, sizeof h->identity);
    wr_bytes(w, h->signing_key, sizeof h->signing_key);
    wr_u8(w, (uint8_t)h->n_keys);
    for (size_t i = 0; i < h->n_keys; i++) {
        wr_u8(w, h->keys[i].key);
        wr_u8(w, h->keys[i].threshold);
        wr_u8(w, h->keys[i].total);
        wr_u16le(w, (uint16_t)h->keys[i].public_key.n);
        wr_view(w, h->keys[i].public_key);
    }
    wr_u8(w, (uint8_t)h->n_policies);
    for (size_t i = 0; i < h->n_policies; i++) {
        hello_policy_encode(w, &h->policies[i]);
    }
    wr_bytes(w, h->audit_key, sizeof h->audit_key);
}

#define POLICY_ORDERING 0x80 /* beside the digits */

void hello_policy_encode(struct writer *w, const struct hello_policy *p)
{
    wr_u8(w, p->number);
    wr_u8(w, p->key);
    wr_u8(w, (uint8_t)(p->digits | (p->ordering ? POLICY_ORDERING : 0)));
    wr_u32le(w, p->min_accuracy_ms);
    wr_u32le(w, p->max_accuracy_ms);
    wr_u8(w, (uint8_t)p->oid.n);
    wr_view(w, p->oid);
}

static bool is_key(uint8_t key)
{
    return key == KEY_CLASSIC || key == KEY_PQ;
}

/* One key, of a core at that place. */
static enum err read_key(struct reader *r, uint8_t index, struct hello_key *k)
{
    uint16_t len = 0;

    TRY(rd_u8(r, &k->key));
    TRY(rd_u8(r, &k->threshold));
    TRY(rd_u8(r, &k->total));
    TRY(rd_u16le(r, &len));
    if (!is_key(k->key) || k->threshold == 0 || k->threshold > k->total || index > k->total ||
        len == 0 || len > WIRE_PUBLIC_KEY_MAX) {
        return ERR_RANGE;
    }
    return rd_take(r, len, &k->public_key);
}

static enum err read_keys(struct reader *r, struct hello *h)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &n));
    if (n > WIRE_KEYS_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(read_key(r, h->index, &h->keys[i]));
    }
    h->n_keys = n;
    return ERR_OK;
}

enum err hello_policy_decode(struct reader *r, struct hello_policy *out)
{
    struct hello_policy p = {0};
    uint8_t len = 0;

    *out = p;
    TRY(rd_u8(r, &p.number));
    TRY(rd_u8(r, &p.key));
    TRY(rd_u8(r, &p.digits));
    p.ordering = (p.digits & POLICY_ORDERING) != 0;
    p.digits &= (uint8_t)~POLICY_ORDERING;
    TRY(rd_u32le(r, &p.min_accuracy_ms));
    TRY(rd_u32le(r, &p.max_accuracy_ms));
    TRY(rd_u8(r, &len));
    if (p.number == 0 || (!is_key(p.key) && p.key != KEY_DUAL) || p.digits > 3 || len == 0 ||
        len > WIRE_POLICY_OID_MAX || p.min_accuracy_ms > p.max_accuracy_ms) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, len, &p.oid));
    *out = p;
    return ERR_OK;
}

static enum err read_hello(struct view body, struct hello *h)
{
    struct reader r = rd_init(body);
    uint8_t n = 0;

    TRY(rd_copy(&r, h->boot_id, sizeof h->boot_id));
    TRY(rd_copy(&r, h->epoch_id, sizeof h->epoch_id));
    TRY(rd_u8(&r, &h->index));
    TRY(rd_u8(&r, &h->clock));
    TRY(rd_u8(&r, &h->flags));
    TRY(rd_u16le(&r, &h->r1_life_ms));
    TRY(rd_copy(&r, h->boot_nonce, sizeof h->boot_nonce));
    TRY(rd_copy(&r, h->identity, sizeof h->identity));
    TRY(rd_copy(&r, h->signing_key, sizeof h->signing_key));
    TRY(read_keys(&r, h));
    TRY(rd_u8(&r, &n));
    if (n > WIRE_POLICIES_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(hello_policy_decode(&r, &h->policies[i]));
    }
    h->n_policies = n;
    TRY(rd_copy(&r, h->audit_key, sizeof h->audit_key));
    return rd_finish(&r);
}

enum err hello_decode(struct view body, struct hello *out)
{
    enum err e;

    *out = (struct hello){0};
    e = read_hello(body, out);
    if (e != ERR_OK) {
        *out = (struct hello){0};
    }
    return e;
}

/* ---- STATE ---- */

void core_status_encode(struct writer *w, const struct core_status *s)
{
    wr_u8(w, s->state);
    wr_u16le(w, s->reason);
    wr_u8(w, s->time_valid);
    wr_u8(w, s->kernel_sync);
    wr_i64le(w, s->lo_ns);
    wr_i64le(w, s->hi_ns);
    wr_u32le(w, s->kernel_bound_us);
    wr_bytes(w, s->boot_id, sizeof s->boot_id);
    wr_bytes(w, s->epoch_id, sizeof s->epoch_id);
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        wr_bytes(w, s->activation[i], sizeof s->activation[i]);
    }
}

static enum err read_status(struct view body, struct core_status *s)
{
    struct reader r = rd_init(body);

    TRY(rd_u8(&r, &s->state));
    TRY(rd_u16le(&r, &s->reason));
    TRY(rd_u8(&r, &s->time_valid));
    TRY(rd_u8(&r, &s->kernel_sync));
    TRY(rd_i64le(&r, &s->lo_ns));
    TRY(rd_i64le(&r, &s->hi_ns));
    TRY(rd_u32le(&r, &s->kernel_bound_us));
    TRY(rd_copy(&r, s->boot_id, sizeof s->boot_id));
    TRY(rd_copy(&r, s->epoch_id, sizeof s->epoch_id));
    for (size_t i = 0; i < WIRE_KEYS_MAX; i++) {
        TRY(rd_copy(&r, s->activation[i], sizeof s->activation[i]));
    }
    if (s->state < CORE_BOOTING || s->state > CORE_CEREMONY || s->time_valid > 1 ||
        s->kernel_sync > 1 || s->lo_ns > s->hi_ns) {
        return ERR_RANGE;
    }
    return rd_finish(&r);
}

enum err core_status_decode(struct view body, struct core_status *out)
{
    enum err e;

    *out = (struct core_status){0};
    e = read_status(body, out);
    if (e != ERR_OK) {
        *out = (struct core_status){0};
    }
    return e;
}

/* ---- ACTIVATE ---- */

void activation_encode(struct writer *w, const struct activation *a)
{
    wr_bytes(w, a->epoch_id, sizeof a->epoch_id);
    wr_u8(w, a->key);
    wr_bytes(w, a->cert_hash, sizeof a->cert_hash);
    wr_u8(w, (uint8_t)a->serial.n);
    wr_view(w, a->serial);
    wr_u16le(w, (uint16_t)a->issuer.n);
    wr_view(w, a->issuer);
}

static enum err read_activation(struct view body, struct activation *a)
{
    struct reader r = rd_init(body);
    uint8_t serial_len = 0;
    uint16_t issuer_len = 0;

    TRY(rd_copy(&r, a->epoch_id, sizeof a->epoch_id));
    TRY(rd_u8(&r, &a->key));
    TRY(rd_copy(&r, a->cert_hash, sizeof a->cert_hash));
    TRY(rd_u8(&r, &serial_len));
    if (!is_key(a->key) || serial_len == 0 || serial_len > CERT_SERIAL_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(&r, serial_len, &a->serial));
    TRY(rd_u16le(&r, &issuer_len));
    if (issuer_len == 0 || issuer_len > CERT_ISSUER_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(&r, issuer_len, &a->issuer));
    return rd_finish(&r);
}

enum err activation_decode(struct view body, struct activation *out)
{
    enum err e;

    *out = (struct activation){0};
    e = read_activation(body, out);
    if (e != ERR_OK) {
        *out = (struct activation){0};
    }
    return e;
}

void activation_hash(const struct activation *a, uint8_t out[ACTIVATION_HASH_LEN])
{
    static const char label[] = "quorate-activation-v1";
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, a->cert_hash, sizeof a->cert_hash);
    hash_update_field(&h, a->issuer.p, a->issuer.n);
    hash_update_field(&h, a->serial.p, a->serial.n);
    hash_final(&h, out);
}

void activation_dual(const uint8_t classic[ACTIVATION_HASH_LEN],
                     const uint8_t pq[ACTIVATION_HASH_LEN], uint8_t out[ACTIVATION_HASH_LEN])
{
    static const char label[] = "quorate-dual-activation-v1";
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, classic, ACTIVATION_HASH_LEN);
    hash_update_field(&h, pq, ACTIVATION_HASH_LEN);
    hash_final(&h, out);
}

enum err activation_answer_decode(struct view body, uint8_t out[ACTIVATION_HASH_LEN])
{
    struct reader r = rd_init(body);
    struct view hash;

    memset(out, 0, ACTIVATION_HASH_LEN);
    TRY(rd_take(&r, ACTIVATION_HASH_LEN, &hash));
    TRY(rd_finish(&r));
    memcpy(out, hash.p, hash.n);
    return ERR_OK;
}

/* ---- STATS ---- */

void core_stats_encode(struct writer *w, const struct core_stats *s)
{
    wr_u16le(w, (uint16_t)s->n);
    for (size_t i = 0; i < s->n; i++) {
        wr_u16le(w, s->rows[i].id);
        wr_u64le(w, s->rows[i].value);
    }
}

static enum err read_stats(struct view body, struct core_stats *s)
{
    struct reader r = rd_init(body);
    uint16_t n = 0;

    TRY(rd_u16le(&r, &n));
    if (n > WIRE_STATS_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(rd_u16le(&r, &s->rows[i].id));
        TRY(rd_u64le(&r, &s->rows[i].value));
    }
    s->n = n;
    return rd_finish(&r);
}

enum err core_stats_decode(struct view body, struct core_stats *out)
{
    enum err e;

    *out = (struct core_stats){0};
    e = read_stats(body, out);
    if (e != ERR_OK) {
        *out = (struct core_stats){0};
    }
    return e;
}

/* ---- AUDIT ---- */

void audit_ask_encode(struct writer *w, const struct audit_ask *a)
{
    wr_u64le(w, a->from_seq);
    wr_u16le(w, a->max);
}

enum err audit_ask_decode(struct view body, struct audit_ask *out)
{
    struct reader r = rd_init(body);
    struct audit_ask a = {0};

    *out = a;
    TRY(rd_u64le(&r, &a.from_seq));
    TRY(rd_u16le(&r, &a.max));
    TRY(rd_finish(&r));
    if (a.max == 0 || a.max > WIRE_AUDIT_MAX) {
        return ERR_RANGE;
    }
    *out = a;
    return ERR_OK;
}

void audit_page_encode(struct writer *w, const struct audit_page *p)
{
    wr_u8(w, p->is_signed);
    wr_u64le(w, p->first_seq);
    wr_u64le(w, p->last_seq);
    wr_u16le(w, (uint16_t)p->n);
    for (size_t i = 0; i < p->n; i++) {
        const struct audit_entry *a = &p->entries[i];

        wr_u64le(w, a->seq);
        wr_i64le(w, a->time_ns);
        wr_u16le(w, a->event);
        wr_u64le(w, a->a);
        wr_u64le(w, a->b);
    }
}

static enum err read_page(struct view body, struct audit_page *p)
{
    struct reader r = rd_init(body);
    uint16_t n = 0;

    TRY(rd_u8(&r, &p->is_signed));
    TRY(rd_u64le(&r, &p->first_seq));
    TRY(rd_u64le(&r, &p->last_seq));
    TRY(rd_u16le(&r, &n));
    if (p->is_signed != 0 || n > WIRE_AUDIT_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        struct audit_entry *a = &p->entries[i];

        TRY(rd_u64le(&r, &a->seq));
        TRY(rd_i64le(&r, &a->time_ns));
        TRY(rd_u16le(&r, &a->event));
        TRY(rd_u64le(&r, &a->a));
        TRY(rd_u64le(&r, &a->b));
        /* Numbered without gaps: whoever drops an entry from a page is seen. */
        if (i > 0 && a->seq != p->entries[i - 1].seq + 1) {
            return ERR_RANGE;
        }
    }
    p->n = n;
    return rd_finish(&r);
}

enum err audit_page_decode(struct view body, struct audit_page *out)
{
    enum err e;

    *out = (struct audit_page){0};
    e = read_page(body, out);
    if (e != ERR_OK) {
        *out = (struct audit_page){0};
    }
    return e;
}
