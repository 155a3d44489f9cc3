/* Bodies of ceremony messages: one table says what each round has. */
#include "base/mask.h"
#include "crypto/mldsa/mldsa_params.h"
#include "crypto/tecdsa/tecdsa_keygen.h"
#include "wire/ceremony_msg.h"

enum masks {
    MASKS_NONE,
    MASKS_OWN,     /* subsets with the sender */
    MASKS_SHARED,  /* with sender and receiver */
    MASKS_LOWEST,  /* whose lowest node is the sender */
    MASKS_QUORUMS, /* the same, of sets of signers */
};

struct shape {
    size_t head;     /* bytes */
    size_t per_node; /* further bytes of the head for each node */
    enum masks masks;
    size_t value;   /* bytes after each mask */
    size_t classic; /* further bytes of the head where the plan has a shared P-384 key */
};

/* The rounds that each of three rounds vouches for, in order. */
static const uint8_t by_echo[] = {CEREMONY_COMMIT, 0};
static const uint8_t by_done[] = {CEREMONY_COMMIT,   CEREMONY_ECHO,     CEREMONY_RHO,
                                  CEREMONY_T_COMMIT, CEREMONY_T_REVEAL, 0};
static const uint8_t by_confirm[] = {CEREMONY_DONE, CEREMONY_TEST, 0};

static const struct shape no_shape;

static const struct shape *shape_of(uint8_t round)
{
    static const struct shape commit = {CEREMONY_HASH_LEN, 0, MASKS_OWN, CEREMONY_HASH_LEN,
                                        TECDSA_HASH_LEN};
    static const struct shape echo = {0, CEREMONY_HASH_LEN, MASKS_NONE, 0, 0};
    static const struct shape open = {
        0, 0, MASKS_SHARED, CEREMONY_SIGMA_LEN + CEREMONY_SALT_LEN, TECDSA_SCALAR_LEN};
    static const struct shape rho = {CEREMONY_RHO_LEN + CEREMONY_SALT_LEN, 0, MASKS_NONE, 0,
                                     TECDSA_OPENING_LEN};
    static const struct shape t_commit = {0, 0, MASKS_OWN, CEREMONY_HASH_LEN, 0};
    static const struct shape t_reveal = {0, 0, MASKS_LOWEST, CEREMONY_T_LEN, 0};
    static const struct shape done = {CEREMONY_HASH_LEN, (size_t)5 * CEREMONY_HASH_LEN,
                                      MASKS_NONE, 0, 0};
    static const struct shape test = {0, 0, MASKS_QUORUMS, CEREMONY_SIGNATURE_LEN,
                                      TECDSA_PROOF_LEN};
    static const struct shape confirm = {CEREMONY_HASH_LEN, (size_t)2 * CEREMONY_HASH_LEN,
                                         MASKS_NONE, 0, 0};

    switch (round) {
    case CEREMONY_COMMIT:
        return &commit;
    case CEREMONY_ECHO:
        return &echo;
    case CEREMONY_OPEN:
        return &open;
    case CEREMONY_RHO:
        return &rho;
    case CEREMONY_T_COMMIT:
        return &t_commit;
    case CEREMONY_T_REVEAL:
        return &t_reveal;
    case CEREMONY_DONE:
        return &done;
    case CEREMONY_TEST:
        return &test;
    case CEREMONY_CONFIRM:
        return &confirm;
    default:
        return &no_shape;
    }
}

size_t ceremony_subsets(unsigned total, unsigned size, uint8_t out[CEREMONY_SUBSETS_MAX])
{
    size_t n = 0;

    for (unsigned mask = 0; mask < 1U << total && n < CEREMONY_SUBSETS_MAX; mask++) {
        if (mask_count(mask) == size) {
            out[n++] = (uint8_t)mask;
        }
    }
    return n;
}

static bool belongs(enum masks kind, const struct ceremony_msg *m, unsigned mask)
{
    const unsigned own = 1U << m->sender;

    switch (kind) {
    case MASKS_NONE:
        return false;
    case MASKS_OWN:
        return (mask & own) != 0;
    case MASKS_SHARED:
        return (mask & own) != 0 && (mask >> m->to & 1) != 0;
    case MASKS_LOWEST:
    case MASKS_QUORUMS:
        return (mask & own) != 0 && (mask & (own - 1)) == 0;
    }
    return false;
}

size_t ceremony_body_masks(const struct plan *p, const struct ceremony_msg *m,
                           uint8_t out[CEREMONY_SUBSETS_MAX])
{
    const enum masks kind = shape_of(m->round)->masks;
    uint8_t all[CEREMONY_SUBSETS_MAX];
    const unsigned size = kind == MASKS_QUORUMS ? p->threshold : ceremony_subset_size(p);
    const size_t n_all = ceremony_subsets(p->total, size, all);
    size_t n = 0;

    for (size_t i = 0; i < n_all; i++) {
        if (belongs(kind, m, all[i])) {
            out[n++] = all[i];
        }
    }
    return n;
}

static size_t head_len(const struct plan *p, const struct ceremony_msg *m)
{
    const struct shape *s = shape_of(m->round);

    return s->head + s->per_node * p->total +
           (p->classic == PLAN_CLASSIC_SHARED ? s->classic : 0);
}

size_t ceremony_body_len(const struct plan *p, const struct ceremony_msg *m)
{
    const struct shape *s = shape_of(m->round);
    uint8_t masks[CEREMONY_SUBSETS_MAX];

    return head_len(p, m) + ceremony_body_masks(p, m, masks) * (1 + s->value);
}

/* Coefficients of 23 bits, lowest first, each below q: 8 of them in 23 bytes. */
static enum err check_t(struct view t)
{
    uint32_t bits = 0;
    unsigned have = 0;

    for (size_t i = 0; i < t.n; i++) {
        bits |= (uint32_t)t.p[i] << have;
        have += 8;
        if (have >= 23) {
            if ((bits & 0x7fffff) >= MLDSA_Q) {
                return ERR_RANGE;
            }
            bits >>= 23;
            have -= 23;
        }
    }
    return ERR_OK;
}

/* The next entry: that mask, and what it may hold. */
static enum err check_entry(struct reader *r, uint8_t round, uint8_t want)
{
    struct view v;
    uint8_t mask = 0;

    TRY(rd_u8(r, &mask));
    TRY(rd_take(r, shape_of(round)->value, &v));
    if (mask != want) {
        return ERR_ENCODING;
    }
    return round == CEREMONY_T_REVEAL ? check_t(v) : ERR_OK;
}

static enum err check_entries(const struct plan *p, const struct ceremony_msg *m)
{
    struct reader r = rd_init(m->body);
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(p, m, masks);
    struct view head;

    if (m->body.n != ceremony_body_len(p, m)) {
        return ERR_LENGTH;
    }
    TRY(rd_take(&r, head_len(p, m), &head));
    for (size_t i = 0; i < n; i++) {
        TRY(check_entry(&r, m->round, masks[i]));
    }
    return rd_finish(&r);
}

enum err ceremony_body_check(const struct plan *p, const struct ceremony_msg *m)
{
    struct ceremony_complaint complaint;
    struct ceremony_abort abort;

    if (m->round == CEREMONY_COMPLAINT) {
        return ceremony_complaint_decode(m->body, &complaint);
    }
    if (m->round == CEREMONY_ABORT) {
        return ceremony_abort_decode(m->body, &abort);
    }
    return check_entries(p, m);
}

static struct view part(struct view all, size_t skip, size_t n)
{
    struct reader r = rd_init(all);
    struct view v;

    if (rd_take(&r, skip, &v) != ERR_OK || rd_take(&r, n, &v) != ERR_OK) {
        return (struct view){NULL, 0};
    }
    return v;
}

struct view ceremony_body_head(const struct plan *p, const struct ceremony_msg *m)
{
    return part(m->body, 0, head_len(p, m));
}

struct view ceremony_body_entry(const struct plan *p, const struct ceremony_msg *m,
                                uint8_t mask)
{
    const size_t len = shape_of(m->round)->value;
    uint8_t masks[CEREMONY_SUBSETS_MAX];
    const size_t n = ceremony_body_masks(p, m, masks);

    for (size_t i = 0; i < n; i++) {
        if (masks[i] == mask) {
            return part(m->body, head_len(p, m) + i * (1 + len) + 1, len);
        }
    }
    return (struct view){NULL, 0};
}

struct view ceremony_body_classic(const struct plan *p, const struct ceremony_msg *m)
{
    const struct shape *s = shape_of(m->round);
    const size_t n = p->classic == PLAN_CLASSIC_SHARED ? s->classic : 0;

    return part(m->body, head_len(p, m) - n, n);
}

struct view ceremony_body_own(const struct ceremony_msg *m)
{
    return part(m->body, 0, CEREMONY_HASH_LEN);
}

static const uint8_t *rounds_vouched_by(uint8_t round)
{
    switch (round) {
    case CEREMONY_ECHO:
        return by_echo;
    case CEREMONY_DONE:
        return by_done;
    case CEREMONY_CONFIRM:
        return by_confirm;
    default:
        return NULL;
    }
}

struct view ceremony_body_hash_of(const struct plan *p, const struct ceremony_msg *m,
                                  uint8_t round, uint8_t sender)
{
    const uint8_t *rounds = rounds_vouched_by(m->round);
    const size_t first = shape_of(m->round)->head;

    for (size_t i = 0; rounds != NULL && rounds[i] != 0 && sender < p->total; i++) {
        if (rounds[i] == round) {
            return part(m->body, first + (i * p->total + sender) * CEREMONY_HASH_LEN,
                        CEREMONY_HASH_LEN);
        }
    }
    return (struct view){NULL, 0};
}
