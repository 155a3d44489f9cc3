#include "wire/pq1_msg.h"

#include "crypto/hash.h"

#include <string.h>

static void write_ends(struct writer *w, const struct pq1_ends *e)
{
    wr_bytes(w, e->epoch_id, sizeof e->epoch_id);
    wr_u8(w, e->from);
    wr_u8(w, e->to);
    wr_u32le(w, e->inc_from);
    wr_u32le(w, e->inc_to);
}

/* A message of one length only; the reader is then after its type. */
static enum err enter(struct view message, uint8_t type, size_t n, struct reader *r)
{
    uint8_t got = 0;

    if (message.n != n) {
        return ERR_LENGTH;
    }
    *r = rd_init(message);
    TRY(rd_u8(r, &got));
    return got == type ? ERR_OK : ERR_TAG;
}

/* ---- Hello ---- */

void pq1_hello_encode(struct writer *w, const struct pq1_hello *h)
{
    wr_u8(w, PQ1_HELLO);
    write_ends(w, &h->ends);
    wr_bytes(w, h->nonce, sizeof h->nonce);
    wr_view(w, h->ek);
    wr_bytes(w, h->ec, sizeof h->ec);
}

static enum err read_hello(struct view message, struct pq1_hello *h)
{
    struct reader r;

    TRY(enter(message, PQ1_HELLO, PQ1_HELLO_LEN, &r));
    TRY(rd_copy(&r, h->ends.epoch_id, sizeof h->ends.epoch_id));
    TRY(rd_u8(&r, &h->ends.from));
    TRY(rd_u8(&r, &h->ends.to));
    TRY(rd_u32le(&r, &h->ends.inc_from));
    TRY(rd_u32le(&r, &h->ends.inc_to));
    TRY(rd_copy(&r, h->nonce, sizeof h->nonce));
    TRY(rd_take(&r, PQ1_EK_LEN, &h->ek));
    TRY(rd_copy(&r, h->ec, sizeof h->ec));
    return rd_finish(&r);
}

enum err pq1_hello_decode(struct view message, struct pq1_hello *out)
{
    enum err e;

    *out = (struct pq1_hello){0};
    e = read_hello(message, out);
    if (e != ERR_OK) {
        *out = (struct pq1_hello){0};
    }
    return e;
}

/* ---- KEM ---- */

void pq1_kem_encode(struct writer *w, const struct pq1_kem *k)
{
    wr_u8(w, PQ1_KEM);
    wr_view(w, k->ct);
    wr_view(w, k->evidence);
}

enum err pq1_kem_decode(struct view message, struct pq1_kem *out)
{
    struct reader r;

    *out = (struct pq1_kem){0};
    if (message.n > PQ1_ATTESTED_MAX || message.n < PQ1_KEM_LEN) {
        return ERR_LENGTH;
    }
    TRY(enter(message, PQ1_KEM, message.n, &r));
    TRY(rd_take(&r, PQ1_CT_LEN, &out->ct));
    return rd_take(&r, r.n, &out->evidence);
}

/* ---- Finished ---- */

void pq1_finished_encode(struct writer *w, const struct pq1_finished *f)
{
    wr_u8(w, PQ1_FINISHED);
    wr_bytes(w, f->signature, sizeof f->signature);
    wr_bytes(w, f->mac, sizeof f->mac);
}

enum err pq1_finished_decode(struct view message, struct pq1_finished *out)
{
    struct reader r;

    *out = (struct pq1_finished){0};
    TRY(enter(message, PQ1_FINISHED, PQ1_FINISHED_LEN, &r));
    TRY(rd_copy(&r, out->signature, sizeof out->signature));
    return rd_copy(&r, out->mac, sizeof out->mac);
}

/* ---- what both sides hash ---- */

void pq1_spki_hash(const uint8_t public_key[P384_PUBLIC_LEN], uint8_t out[PQ1_HASH_LEN])
{
    /* SEQUENCE { SEQUENCE { id-ecPublicKey, secp384r1 }, BIT STRING }, RFC 5480 2. */
    static const uint8_t head[] = {0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86,
                                   0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x05, 0x2b,
                                   0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00};
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update(&h, head, sizeof head);
    hash_update(&h, public_key, P384_PUBLIC_LEN);
    hash_final(&h, out);
}

void pq1_transcript_hash(const struct pq1_transcript *t, uint8_t th[PQ1_HASH_LEN])
{
    static const char label[] = "quorate-pq1";
    uint8_t spki[2][PQ1_HASH_LEN];
    struct hash_state h;

    pq1_spki_hash(t->identity[0], spki[0]);
    pq1_spki_hash(t->identity[1], spki[1]);
    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update(&h, t->hello[0].p, t->hello[0].n);
    hash_update(&h, t->hello[1].p, t->hello[1].n);
    hash_update(&h, t->ct[0].p, t->ct[0].n);
    hash_update(&h, t->ct[1].p, t->ct[1].n);
    hash_update(&h, spki[0], PQ1_HASH_LEN);
    hash_update(&h, spki[1], PQ1_HASH_LEN);
    hash_update(&h, t->evidence[0], PQ1_HASH_LEN);
    hash_update(&h, t->evidence[1], PQ1_HASH_LEN);
    hash_final(&h, th);
}

/* ---- records ---- */

static void write_head(struct writer *w, const struct pq1_record *r)
{
    wr_u8(w, r->type);
    wr_u8(w, r->round);
    wr_bytes(w, r->session, sizeof r->session);
    wr_u64le(w, r->seq);
}

void pq1_record_head_encode(struct writer *w, const struct pq1_record *r)
{
    wr_u8(w, PQ1_RECORD);
    write_head(w, r);
}

static enum err read_record(struct view message, struct pq1_record *r)
{
    struct reader in = rd_init(message);
    uint8_t type = 0;

    TRY(rd_u8(&in, &type));
    if (type != PQ1_RECORD) {
        return ERR_TAG;
    }
    TRY(rd_u8(&in, &r->type));
    TRY(rd_u8(&in, &r->round));
    TRY(rd_copy(&in, r->session, sizeof r->session));
    TRY(rd_u64le(&in, &r->seq));
    if (in.n < PQ1_TAG_LEN) {
        return ERR_TRUNCATED;
    }
    if (in.n > PQ1_PLAIN_MAX + PQ1_TAG_LEN) {
        return ERR_LENGTH;
    }
    if (r->seq >= PQ1_RECORDS_MAX) {
        return ERR_RANGE;
    }
    return rd_take(&in, in.n, &r->sealed);
}

enum err pq1_record_decode(struct view message, struct pq1_record *out)
{
    enum err e;

    *out = (struct pq1_record){0};
    e = read_record(message, out);
    if (e != ERR_OK) {
        *out = (struct pq1_record){0};
    }
    return e;
}

void pq1_aad_encode(struct writer *w, const struct pq1_ends *e, const struct pq1_record *r)
{
    static const char label[] = "quorate-pq1-rec";

    wr_bytes(w, label, sizeof label - 1);
    write_ends(w, e);
    write_head(w, r);
}
