#include "wire/retire_call.h"

#include "crypto/ed25519.h"
#include "crypto/hash.h"

#include <string.h>

static const char order_magic[] = "quorate-leave-v1";
static const char retired_magic[] = "quorate-retired-v1";

_Static_assert(sizeof order_magic - 1 == REENROL_MAGIC_LEN, "as all orders");
_Static_assert(sizeof((struct retired *)0)->signature == ED25519_SIG_LEN, "Ed25519");

static bool is_reason(uint8_t reason)
{
    return reason == RETIRE_KEY_COMPROMISE || reason == RETIRE_SUPERSEDED ||
           reason == RETIRE_CESSATION;
}

/* ---- orders ---- */

void retire_body_encode(struct writer *w, const struct retire_order *o)
{
    wr_bytes(w, order_magic, sizeof order_magic - 1);
    wr_bytes(w, o->epoch_id, sizeof o->epoch_id);
    wr_bytes(w, o->next, sizeof o->next);
    wr_u8(w, o->reason);
}

void retire_order_encode(struct writer *w, const struct retire_order *o)
{
    retire_body_encode(w, o);
    reenrol_signatures_encode(w, o->signatures, o->n);
}

static enum err decode_order(struct reader *r, struct retire_order *o)
{
    static const uint8_t none[EPOCH_ID_LEN];

    TRY(reenrol_head_read(r, order_magic, o->epoch_id));
    TRY(rd_copy(r, o->next, sizeof o->next));
    TRY(rd_u8(r, &o->reason));
    if (!is_reason(o->reason) ||
        (o->reason == RETIRE_SUPERSEDED) == (memcmp(o->next, none, sizeof none) == 0)) {
        return ERR_RANGE;
    }
    TRY(reenrol_signatures_decode(r, o->signatures, &o->n));
    return rd_finish(r);
}

enum err retire_order_decode(struct view bytes, struct retire_order *out)
{
    struct reader r = rd_init(bytes);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode_order(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void retire_order_hash(const struct retire_order *o, uint8_t hash[P384_DIGEST_LEN])
{
    uint8_t body[RETIRE_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    retire_body_encode(&w, o);
    hash_once(HASH_SHA384, (struct view){body, w.len}, hash);
}

enum err retire_order_judge(const struct retire_order *o, const struct plan *p,
                            const uint8_t epoch_id[EPOCH_ID_LEN])
{
    uint8_t body[RETIRE_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    retire_body_encode(&w, o);
    return reenrol_signatures_judge(p, epoch_id, (struct view){body, w.len}, o->signatures,
                                    o->n);
}

/* ---- statements ---- */

void retired_body_encode(struct writer *w, const struct retired *s)
{
    wr_bytes(w, retired_magic, sizeof retired_magic - 1);
    wr_bytes(w, s->epoch_id, sizeof s->epoch_id);
    wr_u8(w, s->place);
    wr_u8(w, s->reason);
    wr_u32le(w, s->incarnation);
    wr_bytes(w, s->boot_nonce, sizeof s->boot_nonce);
    wr_bytes(w, s->order, sizeof s->order);
    wr_u64le(w, (uint64_t)s->time_ns);
    wr_bytes(w, s->audit_key, sizeof s->audit_key);
    wr_u64le(w, s->seq);
    wr_bytes(w, s->head, sizeof s->head);
}

void retired_encode(struct writer *w, const struct retired *s)
{
    retired_body_encode(w, s);
    wr_bytes(w, s->signature, sizeof s->signature);
}

static enum err decode_retired(struct reader *r, struct retired *s)
{
    struct view label;
    uint64_t time = 0;

    TRY(rd_take(r, sizeof retired_magic - 1, &label));
    if (memcmp(label.p, retired_magic, label.n) != 0) {
        return ERR_TAG;
    }
    TRY(rd_copy(r, s->epoch_id, sizeof s->epoch_id));
    TRY(rd_u8(r, &s->place));
    TRY(rd_u8(r, &s->reason));
    TRY(rd_u32le(r, &s->incarnation));
    TRY(rd_copy(r, s->boot_nonce, sizeof s->boot_nonce));
    TRY(rd_copy(r, s->order, sizeof s->order));
    TRY(rd_u64le(r, &time));
    s->time_ns = (int64_t)time;
    TRY(rd_copy(r, s->audit_key, sizeof s->audit_key));
    TRY(rd_u64le(r, &s->seq));
    TRY(rd_copy(r, s->head, sizeof s->head));
    TRY(rd_copy(r, s->signature, sizeof s->signature));
    if (s->place >= PLAN_NODES_MAX || !is_reason(s->reason) || s->incarnation == 0) {
        return ERR_RANGE;
    }
    return rd_finish(r);
}

enum err retired_decode(struct view bytes, struct retired *out)
{
    struct reader r = rd_init(bytes);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode_retired(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

static enum err verify(const struct retired *s, const uint8_t key[PLAN_SIGNING_KEY_LEN])
{
    uint8_t body[RETIRED_BODY_LEN];
    struct writer w = wr_init(body, sizeof body);

    retired_body_encode(&w, s);
    return ed25519_verify(NULL, key, (struct view){body, w.len}, s->signature);
}

enum err retired_judge_ordered(const struct retired *s, const struct reenrol_order *o)
{
    if (memcmp(s->epoch_id, o->epoch_id, EPOCH_ID_LEN) != 0 || s->place != o->node ||
        s->incarnation != o->attempt + 1 ||
        memcmp(s->boot_nonce, o->boot_nonce, PLAN_NONCE_LEN) != 0) {
        return ERR_MISMATCH;
    }
    return verify(s, o->signing_key);
}

enum err retired_judge(const struct retired *s, const struct plan *p,
                       const uint8_t epoch_id[EPOCH_ID_LEN])
{
    if (memcmp(s->epoch_id, epoch_id, EPOCH_ID_LEN) != 0 || s->place >= p->total ||
        s->incarnation != 1 ||
        memcmp(s->boot_nonce, p->nodes[s->place].boot_nonce, PLAN_NONCE_LEN) != 0) {
        return ERR_MISMATCH;
    }
    return verify(s, p->nodes[s->place].signing_key);
}
