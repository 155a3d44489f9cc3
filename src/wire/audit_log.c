#include "wire/audit_log.h"

#include "crypto/hash.h"
#include "wire/frame.h"

#include <string.h>

static const char label[] = "quorate-audit-v1";
static const char head_label[] = "quorate-audit-head-v1";

void audit_entry_encode(struct writer *w, const struct audit_entry *e)
{
    wr_u64le(w, e->seq);
    wr_i64le(w, e->time_ns);
    wr_u16le(w, e->event);
    wr_u64le(w, e->a);
    wr_u64le(w, e->b);
    wr_u16le(w, e->data_len);
    wr_bytes(w, e->data, e->data_len);
}

enum err audit_entry_decode(struct reader *r, struct audit_entry *out)
{
    struct audit_entry e = {0};
    uint16_t len = 0;

    *out = e;
    TRY(rd_u64le(r, &e.seq));
    TRY(rd_i64le(r, &e.time_ns));
    TRY(rd_u16le(r, &e.event));
    TRY(rd_u64le(r, &e.a));
    TRY(rd_u64le(r, &e.b));
    TRY(rd_u16le(r, &len));
    if (len > AUDIT_DATA_MAX) {
        return ERR_LENGTH;
    }
    TRY(rd_copy(r, e.data, len));
    e.data_len = (uint8_t)len;
    *out = e;
    return ERR_OK;
}

/* ---- the chain ---- */

static void begin(struct hash_state *h, const struct audit_chain *c, const char *what, size_t n)
{
    hash_init(h, HASH_SHA384);
    hash_update(h, what, n);
    hash_update_field(h, c->boot_nonce, sizeof c->boot_nonce);
}

void audit_chain_begin(struct audit_chain *c, const uint8_t boot_nonce[BOOT_NONCE_LEN],
                       const uint8_t audit_key[P384_PUBLIC_LEN])
{
    struct hash_state h;

    memcpy(c->boot_nonce, boot_nonce, BOOT_NONCE_LEN);
    c->seq = 0;
    begin(&h, c, label, sizeof label - 1);
    hash_update_field(&h, audit_key, P384_PUBLIC_LEN);
    hash_final(&h, c->hash);
}

void audit_chain_add(struct audit_chain *c, const struct audit_entry *e)
{
    uint8_t bytes[AUDIT_ENTRY_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct hash_state h;

    audit_entry_encode(&w, e);
    begin(&h, c, label, sizeof label - 1);
    hash_update_field(&h, bytes, w.len);
    hash_update_field(&h, c->hash, sizeof c->hash);
    hash_final(&h, c->hash);
    c->seq = e->seq;
}

void audit_chain_digest(const struct audit_chain *c, uint8_t out[P384_DIGEST_LEN])
{
    uint8_t bytes[8];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct hash_state h;

    wr_u64le(&w, c->seq);
    begin(&h, c, head_label, sizeof head_label - 1);
    hash_update_field(&h, bytes, sizeof bytes);
    hash_update_field(&h, c->hash, sizeof c->hash);
    hash_final(&h, out);
}

/* ---- a page ---- */

void audit_log_page_encode(struct writer *w, const struct audit_log_page *p)
{
    wr_bytes(w, p->boot_nonce, sizeof p->boot_nonce);
    wr_bytes(w, p->audit_key, sizeof p->audit_key);
    wr_u64le(w, p->first_seq);
    wr_u64le(w, p->head.seq);
    wr_bytes(w, p->head.hash, sizeof p->head.hash);
    wr_bytes(w, p->head.signature, sizeof p->head.signature);
    wr_u16le(w, (uint16_t)p->n);
    for (size_t i = 0; i < p->n; i++) {
        audit_entry_encode(w, &p->entries[i]);
    }
}

static enum err read_entries(struct reader *r, struct audit_log_page *p)
{
    for (size_t i = 0; i < p->n; i++) {
        struct audit_entry *const e = &p->entries[i];

        TRY(audit_entry_decode(r, e));
        if (e->seq < p->first_seq || e->seq > p->head.seq ||
            (i > 0 && e->seq != p->entries[i - 1].seq + 1)) {
            return ERR_RANGE;
        }
    }
    return ERR_OK;
}

static enum err read_page(struct view body, struct audit_log_page *p)
{
    struct reader r = rd_init(body);
    uint16_t n = 0;

    TRY(rd_copy(&r, p->boot_nonce, sizeof p->boot_nonce));
    TRY(rd_copy(&r, p->audit_key, sizeof p->audit_key));
    TRY(rd_u64le(&r, &p->first_seq));
    TRY(rd_u64le(&r, &p->head.seq));
    TRY(rd_copy(&r, p->head.hash, sizeof p->head.hash));
    TRY(rd_copy(&r, p->head.signature, sizeof p->head.signature));
    TRY(rd_u16le(&r, &n));
    if (n > AUDIT_LOG_PAGE_MAX || p->first_seq == 0 || p->head.seq < p->first_seq) {
        return ERR_RANGE;
    }
    p->n = n;
    TRY(read_entries(&r, p));
    return rd_finish(&r);
}

enum err audit_log_page_decode(struct view body, struct audit_log_page *out)
{
    enum err e;

    memset(out, 0, sizeof *out);
    e = read_page(body, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* ---- a file ---- */

enum err audit_file_begin(struct view file, struct reader *out)
{
    struct view magic;

    *out = rd_init(file);
    if (file.n > AUDIT_FILE_MAX) {
        return ERR_LENGTH;
    }
    if (rd_take(out, sizeof AUDIT_FILE_MAGIC - 1, &magic) != ERR_OK ||
        memcmp(magic.p, AUDIT_FILE_MAGIC, magic.n) != 0) {
        return ERR_TAG;
    }
    return ERR_OK;
}

enum err audit_file_next(struct reader *r, struct view *page)
{
    uint32_t len = 0;

    *page = (struct view){NULL, 0};
    TRY(rd_u32le(r, &len));
    if (len > FRAME_BODY_MAX) {
        return ERR_LENGTH;
    }
    return rd_take(r, len, page);
}
