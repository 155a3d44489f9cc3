#include "wire/plan.h"

#include "crypto/hash.h"

#include <string.h>

/* ---- encode ---- */

static void encode_node(struct writer *w, const struct plan_node *n, bool attested)
{
    wr_u8(w, (uint8_t)n->name.n);
    wr_view(w, n->name);
    wr_bytes(w, n->identity, sizeof n->identity);
    wr_bytes(w, n->signing_key, sizeof n->signing_key);
    wr_bytes(w, n->boot_nonce, sizeof n->boot_nonce);
    wr_u8(w, (uint8_t)n->listen.n);
    wr_view(w, n->listen);
    if (!attested) {
        wr_u16le(w, 0); /* evidence, of which there is none */
        return;
    }
    wr_u8(w, (uint8_t)n->provider.n);
    wr_view(w, n->provider);
    wr_u8(w, (uint8_t)(n->platforms.n / PLAN_PLATFORM_LEN));
    wr_view(w, n->platforms);
}

static uint8_t version_of(const struct plan *p)
{
    if (plan_is_attested(p)) {
        return PLAN_VERSION_ATTESTED;
    }
    return p->classic == PLAN_CLASSIC_SHARED ? PLAN_VERSION_SHARED : PLAN_VERSION;
}

void plan_encode(struct writer *w, const struct plan *p)
{
    const bool attested = plan_is_attested(p);

    wr_u8(w, version_of(p));
    wr_u8(w, p->threshold);
    wr_u8(w, p->total);
    wr_u8(w, p->level);
    wr_u8(w, p->assurance);
    if (attested) {
        wr_u8(w, p->classic);
        wr_u64le(w, p->number);
        wr_bytes(w, p->previous, sizeof p->previous);
        wr_u16le(w, (uint16_t)p->policy.n);
        wr_view(w, p->policy);
    }
    for (size_t i = 0; i < p->total; i++) {
        encode_node(w, &p->nodes[i], attested);
    }
    wr_u8(w, p->orders_needed);
    wr_u8(w, (uint8_t)p->n_operators);
    for (size_t i = 0; i < p->n_operators; i++) {
        wr_bytes(w, p->operators[i], P384_PUBLIC_LEN);
    }
    wr_u8(w, (uint8_t)p->n_policies);
    for (size_t i = 0; i < p->n_policies; i++) {
        hello_policy_encode(w, &p->policies[i]);
    }
    wr_u64le(w, p->repetitions_warn);
    wr_u64le(w, p->repetitions_refuse);
}

/* ---- decode ---- */

static bool is_name(struct view v, size_t most)
{
    for (size_t i = 0; i < v.n; i++) {
        const uint8_t c = v.p[i];
        const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');

        if (!letter && !(c >= '0' && c <= '9') && c != '.' && c != '_' && c != '-') {
            return false;
        }
    }
    return v.n > 0 && v.n <= most;
}

static bool is_label(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] <= ' ' || v.p[i] > '~') {
            return false;
        }
    }
    return v.n > 0 && v.n <= PLAN_LISTEN_MAX;
}

static enum err decode_point(struct reader *r, uint8_t out[P384_PUBLIC_LEN])
{
    TRY(rd_copy(r, out, P384_PUBLIC_LEN));
    return p384_check_public(out) == ERR_OK ? ERR_OK : ERR_RANGE;
}

/* They ascend, and the first is not zero: so none is. */
static enum err check_platforms(const struct plan_node *n)
{
    static const uint8_t zero[PLAN_PLATFORM_LEN];
    const size_t count = n->platforms.n / PLAN_PLATFORM_LEN;

    if (memcmp(plan_platform(n, 0), zero, sizeof zero) == 0) {
        return ERR_RANGE;
    }
    for (size_t i = 1; i < count; i++) {
        if (memcmp(plan_platform(n, i - 1), plan_platform(n, i), PLAN_PLATFORM_LEN) >= 0) {
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

static enum err decode_machine(struct reader *r, struct plan_node *n)
{
    uint8_t len = 0;

    TRY(rd_u8(r, &len));
    TRY(rd_take(r, len, &n->provider));
    if (!is_name(n->provider, PLAN_PROVIDER_MAX)) {
        return ERR_RANGE;
    }
    TRY(rd_u8(r, &len));
    if (len == 0 || len > PLAN_PLATFORMS_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, (size_t)len * PLAN_PLATFORM_LEN, &n->platforms));
    return check_platforms(n);
}

static enum err decode_node(struct reader *r, bool attested, struct plan_node *n)
{
    uint8_t len = 0;
    uint16_t evidence_len = 0;

    TRY(rd_u8(r, &len));
    TRY(rd_take(r, len, &n->name));
    if (!is_name(n->name, PLAN_NAME_MAX)) {
        return ERR_RANGE;
    }
    TRY(decode_point(r, n->identity));
    TRY(rd_copy(r, n->signing_key, sizeof n->signing_key));
    TRY(rd_copy(r, n->boot_nonce, sizeof n->boot_nonce));
    TRY(rd_u8(r, &len));
    TRY(rd_take(r, len, &n->listen));
    if (!is_label(n->listen)) {
        return ERR_RANGE;
    }
    if (attested) {
        return decode_machine(r, n);
    }
    TRY(rd_u16le(r, &evidence_len));
    return evidence_len == 0 ? ERR_OK : ERR_RANGE;
}

static bool nodes_differ(const struct plan_node *a, const struct plan_node *b)
{
    return !view_equal(a->name, b->name) &&
           memcmp(a->identity, b->identity, sizeof a->identity) != 0 &&
           memcmp(a->signing_key, b->signing_key, sizeof a->signing_key) != 0 &&
           memcmp(a->boot_nonce, b->boot_nonce, sizeof a->boot_nonce) != 0;
}

static bool share_platform(const struct plan_node *a, const struct plan_node *b)
{
    for (size_t i = 0; i < a->platforms.n / PLAN_PLATFORM_LEN; i++) {
        if (plan_lists_platform(b, plan_platform(a, i))) {
            return true;
        }
    }
    return false;
}

static enum err decode_nodes(struct reader *r, struct plan *p)
{
    const bool attested = plan_is_attested(p);

    for (size_t i = 0; i < p->total; i++) {
        size_t of_provider = 1;

        TRY(decode_node(r, attested, &p->nodes[i]));
        for (size_t j = 0; j < i; j++) {
            if (!nodes_differ(&p->nodes[i], &p->nodes[j]) ||
                share_platform(&p->nodes[i], &p->nodes[j])) {
                return ERR_ENCODING;
            }
            of_provider += view_equal(p->nodes[i].provider, p->nodes[j].provider) ? 1U : 0U;
        }
        if (attested && of_provider >= p->threshold) {
            return ERR_RANGE; /* who runs them could sign alone */
        }
    }
    return ERR_OK;
}

static enum err decode_operators(struct reader *r, struct plan *p)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &p->orders_needed));
    TRY(rd_u8(r, &n));
    if (n > PLAN_OPERATORS_MAX || p->orders_needed > n) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(decode_point(r, p->operators[i]));
        if (i > 0 && memcmp(p->operators[i - 1], p->operators[i], P384_PUBLIC_LEN) >= 0) {
            return ERR_ENCODING;
        }
    }
    p->n_operators = n;
    return ERR_OK;
}

static enum err decode_policies(struct reader *r, struct plan *p)
{
    uint8_t n = 0;

    TRY(rd_u8(r, &n));
    if (n > WIRE_POLICIES_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        TRY(hello_policy_decode(r, &p->policies[i]));
        if (p->policies[i].key == KEY_DUAL) {
            return ERR_RANGE; /* of one core alone */
        }
        if (i > 0 && p->policies[i - 1].number >= p->policies[i].number) {
            return ERR_ENCODING;
        }
    }
    p->n_policies = n;
    return ERR_OK;
}

static enum err decode_epoch(struct reader *r, struct plan *p)
{
    static const uint8_t zero[EPOCH_ID_LEN];
    uint16_t len = 0;

    TRY(rd_u8(r, &p->classic));
    TRY(rd_u64le(r, &p->number));
    TRY(rd_copy(r, p->previous, sizeof p->previous));
    TRY(rd_u16le(r, &len));
    if (p->classic > PLAN_CLASSIC_SHARED || p->number == 0 || len == 0 ||
        len > PLAN_POLICY_MAX ||
        (p->number == 1) != (memcmp(p->previous, zero, sizeof zero) == 0)) {
        return ERR_RANGE;
    }
    return rd_take(r, len, &p->policy);
}

static enum err decode_head(struct reader *r, struct plan *p)
{
    uint8_t version = 0;

    TRY(rd_u8(r, &version));
    if (version < PLAN_VERSION || version > PLAN_VERSION_ATTESTED) {
        return ERR_VERSION;
    }
    p->classic = version == PLAN_VERSION_SHARED ? PLAN_CLASSIC_SHARED : PLAN_CLASSIC_NODE;
    TRY(rd_u8(r, &p->threshold));
    TRY(rd_u8(r, &p->total));
    TRY(rd_u8(r, &p->level));
    TRY(rd_u8(r, &p->assurance));
    if (version == PLAN_VERSION_ATTESTED) {
        TRY(decode_epoch(r, p));
    }
    return p->threshold >= 2 && p->threshold <= p->total && p->total <= PLAN_NODES_MAX &&
                   p->level == PLAN_LEVEL_65 &&
                   (p->assurance == PLAN_SIMULATED ||
                    (p->assurance == PLAN_ATTESTED && plan_is_attested(p))) &&
                   (p->classic == PLAN_CLASSIC_NODE || p->threshold == PLAN_CLASSIC_THRESHOLD)
               ? ERR_OK
               : ERR_RANGE;
}

static enum err decode(struct reader *r, struct plan *p)
{
    TRY(decode_head(r, p));
    TRY(decode_nodes(r, p));
    TRY(decode_operators(r, p));
    TRY(decode_policies(r, p));
    TRY(rd_u64le(r, &p->repetitions_warn));
    TRY(rd_u64le(r, &p->repetitions_refuse));
    if (p->repetitions_warn > p->repetitions_refuse ||
        p->repetitions_refuse > PLAN_REPETITIONS_MAX) {
        return ERR_RANGE;
    }
    return rd_finish(r);
}

enum err plan_decode(struct view bytes, struct plan *out)
{
    struct reader r = rd_init(bytes);
    enum err e = bytes.n > PLAN_MAX ? ERR_LENGTH : ERR_OK;

    memset(out, 0, sizeof *out);
    if (e == ERR_OK) {
        e = decode(&r, out);
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

/* ---- what follows from a plan ---- */

bool plan_lists_platform(const struct plan_node *node, const uint8_t id[PLAN_PLATFORM_LEN])
{
    for (size_t i = 0; i < node->platforms.n / PLAN_PLATFORM_LEN; i++) {
        if (memcmp(plan_platform(node, i), id, PLAN_PLATFORM_LEN) == 0) {
            return true;
        }
    }
    return false;
}

void plan_hash(struct view bytes, uint8_t out[PLAN_HASH_LEN])
{
    hash_once(HASH_SHA384, bytes, out);
}

/* Hashes n fields of len bytes, no two of them equal, smallest first. */
static void hash_ascending(struct hash_state *h, const uint8_t *const fields[], size_t n,
                           size_t len)
{
    for (size_t place = 0; place < n; place++) {
        for (size_t a = 0; a < n; a++) {
            size_t below = 0;

            for (size_t b = 0; b < n; b++) {
                below += memcmp(fields[b], fields[a], len) < 0 ? 1U : 0U;
            }
            if (below == place) {
                hash_update_field(h, fields[a], len);
            }
        }
    }
}

void plan_epoch_id(struct view bytes, const struct plan *p, const uint8_t nonce[PLAN_NONCE_LEN],
                   uint8_t out[EPOCH_ID_LEN])
{
    static const char label[] = "quorate-epoch-v1";
    const uint8_t *identities[PLAN_NODES_MAX];
    const uint8_t *boot_nonces[PLAN_NODES_MAX];
    struct hash_state h;

    for (size_t i = 0; i < p->total; i++) {
        identities[i] = p->nodes[i].identity;
        boot_nonces[i] = p->nodes[i].boot_nonce;
    }
    hash_init(&h, HASH_SHA384);
    hash_update(&h, label, sizeof label - 1);
    hash_update_field(&h, bytes.p, bytes.n);
    hash_ascending(&h, identities, p->total, P384_PUBLIC_LEN);
    hash_ascending(&h, boot_nonces, p->total, PLAN_NONCE_LEN);
    hash_update_field(&h, nonce, PLAN_NONCE_LEN);
    hash_final(&h, out);
}
