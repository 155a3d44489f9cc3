#include "wire/reenrol_order.h"

#include "base/mask.h"
#include "crypto/hash.h"

#include <string.h>

static const char magic[] = "quorate-order-v1";
_Static_assert(sizeof magic - 1 == REENROL_MAGIC_LEN, "as all orders");

/* ---- bytes ---- */

enum err reenrol_head_read(struct reader *r, const char of[REENROL_MAGIC_LEN],
                           uint8_t epoch_id[EPOCH_ID_LEN])
{
    struct view label;

    TRY(rd_take(r, REENROL_MAGIC_LEN, &label));
    if (memcmp(label.p, of, REENROL_MAGIC_LEN) != 0) {
        return ERR_TAG;
    }
    return rd_copy(r, epoch_id, EPOCH_ID_LEN);
}

void reenrol_signatures_encode(struct writer *w, const struct reenrol_signature *s, size_t n)
{
    wr_u8(w, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        wr_u8(w, s[i].place);
        wr_bytes(w, s[i].signature, P384_SIG_LEN);
    }
}

enum err reenrol_signatures_decode(struct reader *r,
                                   struct reenrol_signature s[PLAN_OPERATORS_MAX], size_t *n)
{
    uint8_t count = 0;

    TRY(rd_u8(r, &count));
    if (count > PLAN_OPERATORS_MAX) {
        return ERR_RANGE;
    }
    for (*n = 0; *n < count; (*n)++) {
        TRY(rd_u8(r, &s[*n].place));
        if (s[*n].place >= PLAN_OPERATORS_MAX) {
            return ERR_RANGE;
        }
        if (*n > 0 && s[*n].place <= s[*n - 1].place) {
            return ERR_ENCODING;
        }
        TRY(rd_copy(r, s[*n].signature, P384_SIG_LEN));
    }
    return ERR_OK;
}

void reenrol_body_encode(struct writer *w, const struct reenrol_order *o)
{
    wr_bytes(w, magic, REENROL_MAGIC_LEN);
    wr_bytes(w, o->epoch_id, sizeof o->epoch_id);
    wr_u8(w, o->node);
    wr_u32le(w, o->attempt);
    wr_bytes(w, o->identity, sizeof o->identity);
    wr_bytes(w, o->signing_key, sizeof o->signing_key);
    wr_bytes(w, o->boot_nonce, sizeof o->boot_nonce);
    wr_u16le(w, (uint16_t)o->platform.n);
    wr_view(w, o->platform);
}

void reenrol_order_encode(struct writer *w, const struct reenrol_order *o)
{
    reenrol_body_encode(w, o);
    reenrol_signatures_encode(w, o->signatures, o->n);
}

static enum err decode_body(struct reader *r, struct reenrol_order *o)
{
    uint16_t platform_len = 0;

    TRY(reenrol_head_read(r, magic, o->epoch_id));
    TRY(rd_u8(r, &o->node));
    TRY(rd_u32le(r, &o->attempt));
    TRY(rd_copy(r, o->identity, sizeof o->identity));
    TRY(rd_copy(r, o->signing_key, sizeof o->signing_key));
    TRY(rd_copy(r, o->boot_nonce, sizeof o->boot_nonce));
    TRY(rd_u16le(r, &platform_len));
    if (platform_len != 0 && platform_len != PLAN_PLATFORM_LEN) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, platform_len, &o->platform));
    return o->node < PLAN_NODES_MAX && o->attempt > 0 && o->attempt <= REENROL_ATTEMPT_MAX &&
                   p384_check_public(o->identity) == ERR_OK
               ? ERR_OK
               : ERR_RANGE;
}

static enum err decode(struct reader *r, struct reenrol_order *o)
{
    TRY(decode_body(r, o));
    TRY(reenrol_signatures_decode(r, o->signatures, &o->n));
    return rd_finish(r);
}

enum err reenrol_order_decode(struct view bytes, struct reenrol_order *out)
{
    struct reader r = rd_init(bytes);
    enum err e = ERR_OK;

    memset(out, 0, sizeof *out);
    e = decode(&r, out);
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void reenrol_order_hash(const struct reenrol_order *o, uint8_t hash[TECDSA_HASH_LEN])
{
    uint8_t body[REENROL_BODY_MAX];
    struct writer w = wr_init(body, sizeof body);

    reenrol_body_encode(&w, o);
    hash_once(HASH_SHA384, (struct view){body, w.len}, hash);
}

/* ---- judgement ---- */

/* One of its keys, or its nonce, is the other's. */
static bool is_like(const struct reenrol_order *o, const uint8_t identity[P384_PUBLIC_LEN],
                    const uint8_t signing_key[PLAN_SIGNING_KEY_LEN],
                    const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    return memcmp(identity, o->identity, sizeof o->identity) == 0 ||
           memcmp(signing_key, o->signing_key, sizeof o->signing_key) == 0 ||
           memcmp(boot_nonce, o->boot_nonce, sizeof o->boot_nonce) == 0;
}

static bool keys_are_new(const struct reenrol_order *o, const struct plan *p)
{
    for (size_t i = 0; i < p->total; i++) {
        const struct plan_node *const n = &p->nodes[i];

        if (is_like(o, n->identity, n->signing_key, n->boot_nonce)) {
            return false;
        }
    }
    return true;
}

/* Of a plan with a policy, one of the machines of that node. */
static bool names_machine(const struct reenrol_order *o, const struct plan *p)
{
    if (!plan_is_attested(p)) {
        return o->platform.n == 0;
    }
    return o->platform.n == PLAN_PLATFORM_LEN &&
           plan_lists_platform(&p->nodes[o->node], o->platform.p);
}

enum err reenrol_signatures_judge(const struct plan *p, const uint8_t epoch_id[EPOCH_ID_LEN],
                                  struct view body, const struct reenrol_signature *s, size_t n)
{
    uint8_t digest[TECDSA_HASH_LEN];

    if (p->orders_needed == 0) {
        return ERR_POLICY;
    }
    if (body.n < REENROL_MAGIC_LEN + EPOCH_ID_LEN ||
        memcmp(body.p + REENROL_MAGIC_LEN, epoch_id, EPOCH_ID_LEN) != 0) {
        return ERR_MISMATCH;
    }
    hash_once(HASH_SHA384, body, digest);
    for (size_t i = 0; i < n; i++) {
        if (s[i].place >= p->n_operators) {
            return ERR_MISMATCH;
        }
        if (p384_verify(p->operators[s[i].place], digest, s[i].signature) != ERR_OK) {
            return ERR_SIGNATURE;
        }
    }
    return n >= p->orders_needed ? ERR_OK : ERR_QUORUM;
}

enum err reenrol_order_judge(const struct reenrol_order *o, const struct plan *p,
                             const uint8_t epoch_id[EPOCH_ID_LEN])
{
    uint8_t body[REENROL_BODY_MAX];
    struct writer w = wr_init(body, sizeof body);

    if (o->node >= p->total || !keys_are_new(o, p)) {
        return ERR_MISMATCH;
    }
    if (!names_machine(o, p)) {
        return ERR_EVIDENCE;
    }
    reenrol_body_encode(&w, o);
    return reenrol_signatures_judge(p, epoch_id, (struct view){body, w.len}, o->signatures,
                                    o->n);
}

/* ---- what a node remembers ---- */

void reenrol_roster_init(struct reenrol_roster *r)
{
    memset(r, 0, sizeof *r);
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        r->incarnation[i] = 1;
    }
}

static bool is_gone(const struct reenrol_roster *r, const struct reenrol_order *o)
{
    for (size_t i = 0; i < r->n_gone; i++) {
        const struct reenrol_gone *const g = &r->gone[i];

        if (is_like(o, g->identity, g->signing_key, g->boot_nonce)) {
            return true;
        }
    }
    return false;
}

/* Whoever had the place is known by nothing from now on. */
static void replace(struct reenrol_roster *r, struct plan_node *node,
                    const struct reenrol_order *o)
{
    struct reenrol_gone *const g = &r->gone[r->n_gone++];

    memcpy(g->identity, node->identity, sizeof g->identity);
    memcpy(g->signing_key, node->signing_key, sizeof g->signing_key);
    memcpy(g->boot_nonce, node->boot_nonce, sizeof g->boot_nonce);
    memcpy(node->identity, o->identity, sizeof node->identity);
    memcpy(node->signing_key, o->signing_key, sizeof node->signing_key);
    memcpy(node->boot_nonce, o->boot_nonce, sizeof node->boot_nonce);
}

enum err reenrol_roster_take(struct reenrol_roster *r, struct plan *p,
                             const uint8_t epoch_id[EPOCH_ID_LEN],
                             const struct reenrol_order *o)
{
    struct plan_node *const node = &p->nodes[o->node < PLAN_NODES_MAX ? o->node : 0];
    const unsigned repaired = r->epoch.repaired | 1U << (o->node & 7);

    if (r->epoch.live) {
        return ERR_STATE;
    }
    if (o->node < PLAN_NODES_MAX && o->attempt < r->incarnation[o->node]) {
        return ERR_STALE;
    }
    TRY(reenrol_order_judge(o, p, epoch_id));
    if (is_gone(r, o)) {
        return ERR_MISMATCH;
    }
    if (mask_count(repaired) > TECDSA_REPAIRED_MAX || r->n_gone == REENROL_TAKEN_MAX) {
        return ERR_HALTED;
    }
    r->epoch.repaired = repaired;
    r->incarnation[o->node] = o->attempt + 1;
    reenrol_order_hash(o, r->order[o->node]);
    replace(r, node, o);
    if (o->platform.n > 0) {
        memcpy(r->platform[o->node], o->platform.p, PLAN_PLATFORM_LEN);
    }
    return ERR_OK;
}

const uint8_t *reenrol_roster_platform(const struct reenrol_roster *r, unsigned node)
{
    static const uint8_t none[PLAN_PLATFORM_LEN];

    return node < PLAN_NODES_MAX && memcmp(r->platform[node], none, sizeof none) != 0
               ? r->platform[node]
               : NULL;
}

bool reenrol_roster_has(const struct reenrol_roster *r, const struct reenrol_order *o)
{
    uint8_t hash[TECDSA_HASH_LEN];

    reenrol_order_hash(o, hash);
    return o->node < PLAN_NODES_MAX && memcmp(hash, r->order[o->node], sizeof hash) == 0;
}
