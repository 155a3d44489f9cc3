#include "wire/ceremony_msg.h"

#include "crypto/hash.h"

#include <string.h>

bool ceremony_round_is_public(uint8_t round)
{
    switch (round) {
    case CEREMONY_COMMIT:
    case CEREMONY_ECHO:
    case CEREMONY_RHO:
    case CEREMONY_T_COMMIT:
    case CEREMONY_T_REVEAL:
    case CEREMONY_DONE:
    case CEREMONY_TEST:
    case CEREMONY_CONFIRM:
    case CEREMONY_TEST_COMMIT:
    case CEREMONY_TEST_REVEAL:
    case CEREMONY_TEST_RESPOND:
    case CEREMONY_COMPLAINT:
    case CEREMONY_ABORT:
        return true;
    default:
        return false;
    }
}

static bool is_round(uint8_t round)
{
    return ceremony_round_is_public(round) || round == CEREMONY_OPEN ||
           round == CEREMONY_SEALED ||
           (round >= CEREMONY_PQ1_HELLO && round <= CEREMONY_PQ1_FINISH);
}

/* ---- the signed message ---- */

void ceremony_msg_encode(struct writer *w, const struct ceremony_msg *m)
{
    wr_u8(w, m->round);
    wr_u8(w, m->sender);
    wr_u8(w, m->to);
    wr_u32le(w, (uint32_t)m->body.n);
    wr_view(w, m->body);
    wr_view(w, m->signature);
}

static bool header_is_good(const struct ceremony_msg *m, uint32_t len)
{
    if (!is_round(m->round) || m->sender >= PLAN_NODES_MAX || m->sender == m->to ||
        len > CEREMONY_MSG_MAX - CEREMONY_HEADER_LEN - P384_SIG_LEN) {
        return false;
    }
    return ceremony_round_is_public(m->round) ? m->to == CEREMONY_TO_ALL
                                              : m->to < PLAN_NODES_MAX;
}

enum err ceremony_msg_decode(struct reader *r, struct ceremony_msg *out)
{
    const struct reader begin = *r;
    struct reader whole = begin;
    struct ceremony_msg m = {0};
    uint32_t len = 0;

    *out = m;
    TRY(rd_u8(r, &m.round));
    TRY(rd_u8(r, &m.sender));
    TRY(rd_u8(r, &m.to));
    TRY(rd_u32le(r, &len));
    if (!header_is_good(&m, len)) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, len, &m.body));
    TRY(rd_take(r, P384_SIG_LEN, &m.signature));
    TRY(rd_take(&whole, begin.n - r->n, &m.whole));
    *out = m;
    return ERR_OK;
}

void ceremony_msg_digest(const uint8_t epoch_id[EPOCH_ID_LEN], const struct ceremony_msg *m,
                         uint8_t out[P384_DIGEST_LEN])
{
    static const char label[] = "quorate-ceremony-v1";
    struct hash_state h;

    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, epoch_id, EPOCH_ID_LEN);
    hash_update_field(&h, &m->round, 1);
    hash_update_field(&h, &m->sender, 1);
    hash_update_field(&h, &m->to, 1);
    hash_update_field(&h, m->body.p, m->body.n);
    hash_final(&h, out);
}

/* n of P-384 (SP 800-186 3.2.1.4), and (n - 1) / 2. */
static const uint8_t order[P384_SCALAR_LEN] = {
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xc7, 0x63, 0x4d, 0x81, 0xf4, 0x37, 0x2d, 0xdf, 0x58, 0x1a, 0x0d, 0xb2,
    0x48, 0xb0, 0xa7, 0x7a, 0xec, 0xec, 0x19, 0x6a, 0xcc, 0xc5, 0x29, 0x73};
static const uint8_t half_order[P384_SCALAR_LEN] = {
    0x7f, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xe3, 0xb1, 0xa6, 0xc0, 0xfa, 0x1b, 0x96, 0xef, 0xac, 0x0d, 0x06, 0xd9,
    0x24, 0x58, 0x53, 0xbd, 0x76, 0x76, 0x0c, 0xb5, 0x66, 0x62, 0x94, 0xb9};

static bool is_lower(const uint8_t signature[P384_SIG_LEN])
{
    return memcmp(&signature[P384_SCALAR_LEN], half_order, P384_SCALAR_LEN) <= 0;
}

void ceremony_msg_lower(uint8_t signature[P384_SIG_LEN])
{
    unsigned borrow = 0;

    if (is_lower(signature)) {
        return;
    }
    for (size_t i = P384_SCALAR_LEN; i-- > 0;) { /* s = n - s */
        const unsigned take = signature[P384_SCALAR_LEN + i] + borrow;

        borrow = order[i] < take ? 1 : 0;
        signature[P384_SCALAR_LEN + i] = (uint8_t)(order[i] - take);
    }
}

enum err ceremony_msg_verify(const struct plan *p, const uint8_t epoch_id[EPOCH_ID_LEN],
                             const struct ceremony_msg *m)
{
    uint8_t digest[P384_DIGEST_LEN];

    if (m->sender >= p->total || m->signature.n != P384_SIG_LEN ||
        (m->to != CEREMONY_TO_ALL && m->to >= p->total) || !is_lower(m->signature.p)) {
        return ERR_SIGNATURE;
    }
    ceremony_msg_digest(epoch_id, m, digest);
    return p384_verify(p->nodes[m->sender].identity, digest, m->signature.p) == ERR_OK
               ? ERR_OK
               : ERR_SIGNATURE;
}

/* ---- abort and complaint ---- */

void ceremony_abort_encode(struct writer *w, const struct ceremony_abort *a)
{
    wr_u8(w, a->reason);
    wr_u8(w, a->accused);
}

enum err ceremony_abort_decode(struct view body, struct ceremony_abort *out)
{
    struct reader r = rd_init(body);
    struct ceremony_abort a = {0};

    *out = a;
    TRY(rd_u8(&r, &a.reason));
    TRY(rd_u8(&r, &a.accused));
    TRY(rd_finish(&r));
    if (a.reason == CEREMONY_NO_REASON || a.reason == CEREMONY_DISPUTE ||
        a.reason > CEREMONY_REASON_LAST ||
        (a.accused >= PLAN_NODES_MAX && a.accused != CEREMONY_NOBODY)) {
        return ERR_RANGE;
    }
    *out = a;
    return ERR_OK;
}

static bool has_proof(uint8_t reason)
{
    switch (reason) {
    case CEREMONY_MALFORMED:
    case CEREMONY_EQUIVOCATION:
    case CEREMONY_BAD_OPENING:
    case CEREMONY_BAD_T:
    case CEREMONY_BAD_REVEAL:
    case CEREMONY_BAD_DONE:
    case CEREMONY_BAD_SHARE:
    case CEREMONY_BAD_TEST:
    case CEREMONY_OTHER_RECORD:
    case CEREMONY_DISPUTE:
        return true;
    default:
        return false;
    }
}

void ceremony_complaint_encode(struct writer *w, const struct ceremony_complaint *c)
{
    wr_u8(w, c->reason);
    wr_u8(w, c->accused);
    wr_u8(w, (uint8_t)c->n);
    for (size_t i = 0; i < c->n; i++) {
        ceremony_msg_encode(w, &c->proof[i]);
    }
}

static enum err decode_complaint(struct reader *r, struct ceremony_complaint *c)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &c->reason));
    TRY(rd_u8(r, &c->accused));
    TRY(rd_u8(r, &n));
    if (!has_proof(c->reason) || c->accused >= PLAN_NODES_MAX || n == 0 ||
        n > CEREMONY_PROOF_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(ceremony_msg_decode(r, &c->proof[i]));
    }
    c->n = n;
    return rd_finish(r);
}

enum err ceremony_complaint_decode(struct view body, struct ceremony_complaint *out)
{
    struct reader r = rd_init(body);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode_complaint(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}
