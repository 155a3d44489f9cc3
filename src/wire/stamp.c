#include "wire/stamp.h"

#include <string.h>

/* ---- round 1 ---- */

static bool is_key(uint8_t key)
{
    return key == KEY_CLASSIC || key == KEY_PQ || key == KEY_DUAL;
}

void r1_ask_encode(struct writer *w, const struct r1_ask *a)
{
    wr_bytes(w, a->epoch_id, sizeof a->epoch_id);
    wr_u8(w, a->key);
    wr_u8(w, (uint8_t)(a->sid0.n / SID0_LEN));
    wr_view(w, a->sid0);
}

enum err r1_ask_decode(struct view body, struct r1_ask *out)
{
    struct reader r = rd_init(body);
    struct r1_ask a = {0};
    uint8_t n = 0;

    *out = a;
    TRY(rd_copy(&r, a.epoch_id, sizeof a.epoch_id));
    TRY(rd_u8(&r, &a.key));
    TRY(rd_u8(&r, &n));
    if (!is_key(a.key) || n == 0 || n > STAMP_BATCH_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(&r, (size_t)n * SID0_LEN, &a.sid0));
    TRY(rd_finish(&r));
    *out = a;
    return ERR_OK;
}

void r1_body_encode(struct writer *w, const struct r1_body *b)
{
    wr_bytes(w, b->epoch_id, sizeof b->epoch_id);
    wr_u8(w, b->key);
    wr_bytes(w, b->sid0, sizeof b->sid0);
    wr_u8(w, b->index);
    wr_bytes(w, b->r1_id, sizeof b->r1_id);
    wr_i64le(w, b->lo_ns);
    wr_i64le(w, b->hi_ns);
    wr_bytes(w, b->part, sizeof b->part);
}

enum err r1_body_decode(struct view in, struct r1_body *out)
{
    struct reader r = rd_init(in);
    struct r1_body b = {0};

    *out = b;
    if (in.n != R1_BODY_LEN) {
        return ERR_LENGTH;
    }
    TRY(rd_copy(&r, b.epoch_id, sizeof b.epoch_id));
    TRY(rd_u8(&r, &b.key));
    TRY(rd_copy(&r, b.sid0, sizeof b.sid0));
    TRY(rd_u8(&r, &b.index));
    TRY(rd_copy(&r, b.r1_id, sizeof b.r1_id));
    TRY(rd_i64le(&r, &b.lo_ns));
    TRY(rd_i64le(&r, &b.hi_ns));
    TRY(rd_copy(&r, b.part, sizeof b.part));
    TRY(rd_finish(&r));
    if (b.lo_ns < 0 || b.lo_ns > b.hi_ns || b.hi_ns > STAMP_TIME_MAX_NS) {
        return ERR_RANGE;
    }
    *out = b;
    return ERR_OK;
}

void r1_offer_encode(struct writer *w, const struct r1_offer *o)
{
    wr_u8(w, 1);
    wr_bytes(w, o->batch_id, sizeof o->batch_id);
    wr_bytes(w, o->com, sizeof o->com);
    wr_bytes(w, o->proof, sizeof o->proof);
}

enum err r1_offer_decode(struct view in, struct r1_offer *out)
{
    struct reader r = rd_init(in);
    struct r1_offer o;
    uint8_t batches = 0;

    *out = (struct r1_offer){0};
    if (in.n != R1_OFFER_LEN) {
        return ERR_LENGTH;
    }
    TRY(rd_u8(&r, &batches));
    if (batches != 1) {
        return ERR_RANGE;
    }
    TRY(rd_copy(&r, o.batch_id, sizeof o.batch_id));
    TRY(rd_copy(&r, o.com, sizeof o.com));
    TRY(rd_copy(&r, o.proof, sizeof o.proof));
    TRY(rd_finish(&r));
    *out = o;
    return ERR_OK;
}

size_t r1_len(uint8_t key, uint8_t t)
{
    if (stamp_has_offers(key, t)) {
        return R1_MAX_LEN;
    }
    return stamp_is_presigned(key, t) ? R1_PROVEN_LEN : R1_BODY_LEN;
}

void r1_offer_signed(const uint8_t r1[R1_MAX_LEN], uint8_t out[R1_SIGNED_LEN])
{
    static const char label[] = "quorate-r1-v1";

    _Static_assert(sizeof label - 1 + R1_MAX_LEN - R1_PROOF_LEN == R1_SIGNED_LEN, "length");
    memcpy(out, label, sizeof label - 1);
    memcpy(out + sizeof label - 1, r1, R1_MAX_LEN - R1_PROOF_LEN);
}

void r1_maced(const uint8_t r1[R1_PROVEN_LEN], uint8_t out[R1_MACED_LEN])
{
    static const char label[] = "quorate-r1-mac-v1";

    _Static_assert(R1_MACS_LEN == R1_MACS_MAX * R1_MAC_LEN, "one for each node");
    _Static_assert(sizeof label - 1 + R1_BODY_LEN == R1_MACED_LEN, "length");
    memcpy(out, label, sizeof label - 1);
    memcpy(out + sizeof label - 1, r1, R1_BODY_LEN);
}

enum err r1_answer_decode(struct view body, size_t each, struct view *r1s)
{
    struct reader r = rd_init(body);
    struct view all;
    uint8_t n = 0;

    *r1s = (struct view){NULL, 0};
    TRY(rd_u8(&r, &n));
    if (n == 0 || n > STAMP_BATCH_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(&r, n * each, &all));
    TRY(rd_finish(&r));
    *r1s = all;
    return ERR_OK;
}

/* ---- round 2 ---- */

void r2_head_encode(struct writer *w, const struct r2_head *h)
{
    wr_bytes(w, h->epoch_id, sizeof h->epoch_id);
    wr_u8(w, h->key);
    wr_bytes(w, h->activation, sizeof h->activation);
    wr_u8(w, h->t);
    wr_bytes(w, h->signers, h->t);
    wr_u8(w, h->n);
}

void r2_stamp_encode(struct writer *w, const struct r2_stamp *s)
{
    wr_bytes(w, s->sid0, sizeof s->sid0);
    wr_view(w, s->bodies);
    wr_u8(w, s->hash_alg);
    wr_u8(w, s->policy);
    wr_view(w, s->hashed_message);
    wr_u8(w, (uint8_t)s->nonce.n);
    wr_view(w, s->nonce);
    wr_view(w, s->presign);
}

size_t stamp_batch_max(uint8_t key)
{
    return core_key_takes(key, KEY_PQ) ? STAMP_BATCH_PQ_MAX : STAMP_BATCH_MAX;
}

size_t stamp_signature_len(uint8_t key)
{
    const size_t classic = core_key_takes(key, KEY_CLASSIC) ? STAMP_SIGNATURE_CLASSIC : 0;

    return classic + (core_key_takes(key, KEY_PQ) ? STAMP_SIGNATURE_PQ : 0);
}

enum err r2_head_decode(struct reader *r, struct r2_head *out)
{
    struct r2_head h = {0};

    *out = h;
    TRY(rd_copy(r, h.epoch_id, sizeof h.epoch_id));
    TRY(rd_u8(r, &h.key));
    TRY(rd_copy(r, h.activation, sizeof h.activation));
    TRY(rd_u8(r, &h.t));
    if (!is_key(h.key) || h.t == 0 || h.t > STAMP_T_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_copy(r, h.signers, h.t));
    TRY(rd_u8(r, &h.n));
    if (h.n == 0 || h.n > stamp_batch_max(h.key) || (h.n > 1 && stamp_has_offers(h.key, h.t)) ||
        (h.key == KEY_DUAL && h.t > 1)) {
        return ERR_RANGE;
    }
    *out = h;
    return ERR_OK;
}

enum err r2_stamp_decode(struct reader *r, const struct r2_head *h, struct r2_stamp *out)
{
    struct r2_stamp s = {0};
    uint8_t nonce_len = 0;
    size_t digest_len = 0;

    *out = s;
    TRY(rd_copy(r, s.sid0, sizeof s.sid0));
    TRY(rd_take(r, h->t * r1_len(h->key, h->t), &s.bodies));
    TRY(rd_u8(r, &s.hash_alg));
    TRY(rd_u8(r, &s.policy));
    digest_len = hash_len((enum hash_alg)s.hash_alg);
    if (digest_len == 0) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, digest_len, &s.hashed_message));
    TRY(rd_u8(r, &nonce_len));
    if (nonce_len > STAMP_NONCE_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, nonce_len, &s.nonce));
    if (stamp_is_presigned(h->key, h->t)) {
        TRY(rd_take(r, STAMP_PRESIGN_LEN, &s.presign));
    }
    *out = s;
    return ERR_OK;
}

void r2_result_encode(struct writer *w, const struct r2_result *r)
{
    wr_u16le(w, (uint16_t)r->err);
    if (r->err == ERR_OK) {
        wr_u16le(w, (uint16_t)r->signature.n);
        wr_view(w, r->signature);
    }
}

enum err r2_result_decode(struct reader *r, struct r2_result *out)
{
    struct r2_result res = {0};
    uint16_t code = 0;
    uint16_t len = 0;

    *out = (struct r2_result){.err = ERR_BUG};
    TRY(rd_u16le(r, &code));
    if (code != ERR_OK) {
        out->err = err_known(code) ? (enum err)code : ERR_BUG;
        return ERR_OK;
    }
    TRY(rd_u16le(r, &len));
    if (len == 0 || len > STAMP_SIGNATURE_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, len, &res.signature));
    *out = res;
    return ERR_OK;
}
