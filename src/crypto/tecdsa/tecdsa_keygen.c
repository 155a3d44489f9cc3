#include "crypto/tecdsa/tecdsa_keygen.h"

#include "base/secret.h"

#include <string.h>

static struct tecdsa_proof_of proof_of(const struct tecdsa_ceremony *c, unsigned party)
{
    return (struct tecdsa_proof_of){"pok", c->id, party};
}

void tecdsa_keygen_deal(const struct tecdsa_ceremony *c, unsigned party,
                        const uint8_t seed[TECDSA_SEED_LEN], struct tecdsa_dealing *dealing,
                        struct tecdsa_opening *opening)
{
    struct {
        uint8_t a[TECDSA_T][TECDSA_WIDE_LEN];
        uint8_t nonce[TECDSA_WIDE_LEN];
        uint8_t salt[TECDSA_SALT_LEN];
    } drawn;
    struct tecdsa_hash h;
    struct tecdsa_point point;
    const struct tecdsa_proof_of of = proof_of(c, party);

    tecdsa_hash_start(&h, "deal");
    tecdsa_hash_field(&h, c->id, sizeof c->id);
    tecdsa_hash_number(&h, party, 1);
    tecdsa_hash_field(&h, seed, TECDSA_SEED_LEN);
    tecdsa_hash_finish(&h, &drawn, sizeof drawn);
    for (int k = 0; k < TECDSA_T; k++) {
        tecdsa_scalar_reduce(drawn.a[k], &dealing->a[k]);
        tecdsa_point_mul_g(&dealing->a[k], &point);
        tecdsa_point_encode(&point, opening->a[k]);
        CT_PUBLIC(opening->a[k], sizeof opening->a[k]);
    }
    tecdsa_proof_make(&of, &dealing->a[0], opening->a[0], drawn.nonce, &opening->proof);
    memcpy(opening->salt, drawn.salt, sizeof opening->salt);
    wipe(&drawn, sizeof drawn);
    wipe(&point, sizeof point);
}

_Static_assert(sizeof(struct tecdsa_opening) == TECDSA_OPENING_LEN, "bytes alone");

static enum err check_form(const struct tecdsa_opening *opening)
{
    struct tecdsa_point point;
    struct tecdsa_scalar z;

    for (int k = 0; k < TECDSA_T; k++) {
        TRY(tecdsa_point_decode(opening->a[k], &point));
    }
    TRY(tecdsa_point_decode(opening->proof.commitment, &point));
    return tecdsa_scalar_decode(opening->proof.response, &z);
}

enum err tecdsa_opening_decode(struct view in, struct tecdsa_opening *out)
{
    enum err e = ERR_LENGTH;

    memset(out, 0, sizeof *out);
    if (in.n == sizeof *out) {
        memcpy(out, in.p, sizeof *out);
        e = check_form(out);
    }
    if (e != ERR_OK) {
        memset(out, 0, sizeof *out);
    }
    return e;
}

void tecdsa_keygen_commit(const struct tecdsa_ceremony *c, unsigned party,
                          const struct tecdsa_opening *opening,
                          uint8_t commitment[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "dkg");
    tecdsa_hash_field(&h, c->id, sizeof c->id);
    tecdsa_hash_number(&h, party, 1);
    for (int k = 0; k < TECDSA_T; k++) {
        tecdsa_hash_field(&h, opening->a[k], sizeof opening->a[k]);
    }
    tecdsa_hash_field(&h, opening->proof.commitment, sizeof opening->proof.commitment);
    tecdsa_hash_field(&h, opening->proof.response, sizeof opening->proof.response);
    tecdsa_hash_field(&h, opening->salt, sizeof opening->salt);
    tecdsa_hash_finish(&h, commitment, TECDSA_HASH_LEN);
    CT_PUBLIC(commitment, TECDSA_HASH_LEN);
}

enum err tecdsa_keygen_check_opening(const struct tecdsa_ceremony *c, unsigned party,
                                     const struct tecdsa_opening *opening,
                                     const uint8_t commitment[TECDSA_HASH_LEN])
{
    const struct tecdsa_proof_of of = proof_of(c, party);
    uint8_t again[TECDSA_HASH_LEN];

    tecdsa_keygen_commit(c, party, opening, again);
    if (memcmp(again, commitment, sizeof again) != 0) { /* both are public */
        return ERR_MISMATCH;
    }
    TRY(check_form(opening));
    return tecdsa_proof_verify(&of, opening->a[0], &opening->proof);
}

void tecdsa_keygen_share(const struct tecdsa_dealing *dealing, unsigned to,
                         uint8_t share[TECDSA_SCALAR_LEN])
{
    struct tecdsa_scalar at;
    struct tecdsa_scalar value = dealing->a[TECDSA_T - 1];
    struct tecdsa_factor factor;

    tecdsa_scalar_of_int(to + 1, &at);
    tecdsa_scalar_factor(&at, &factor);
    for (int k = TECDSA_T - 2; k >= 0; k--) {
        tecdsa_scalar_times(&value, &factor, &value);
        tecdsa_scalar_add(&value, &dealing->a[k], &value);
    }
    tecdsa_scalar_encode(&value, share);
    wipe(&value, sizeof value);
}

/* sum over k of (to + 1)^k a_k. Public. */
static void evaluate(const struct tecdsa_point a[TECDSA_T], unsigned to,
                     struct tecdsa_point *out)
{
    struct tecdsa_point value = a[TECDSA_T - 1];

    for (int k = TECDSA_T - 2; k >= 0; k--) {
        tecdsa_point_times(to + 1, &value, &value);
        tecdsa_point_add(&value, &a[k], &value);
    }
    *out = value;
}

enum err tecdsa_keygen_check_share(const struct tecdsa_opening *opening, unsigned to,
                                   const uint8_t share[TECDSA_SCALAR_LEN])
{
    struct tecdsa_point a[TECDSA_T];
    struct tecdsa_point want;
    struct tecdsa_scalar x;
    enum err e;

    for (int k = 0; k < TECDSA_T; k++) {
        TRY(tecdsa_point_decode(opening->a[k], &a[k]));
    }
    TRY(tecdsa_scalar_decode(share, &x));
    evaluate(a, to, &want);
    e = tecdsa_point_check(&x, &want);
    wipe(&x, sizeof x);
    return e;
}

static void name_key(const struct tecdsa_ceremony *c, struct tecdsa_key *key)
{
    struct tecdsa_hash h;
    uint8_t x[TECDSA_POINT_LEN];

    tecdsa_hash_start(&h, "key");
    tecdsa_hash_field(&h, c->id, sizeof c->id);
    tecdsa_hash_number(&h, key->n, 1);
    tecdsa_hash_field(&h, key->public_key, sizeof key->public_key);
    for (unsigned j = 0; j < key->n; j++) {
        tecdsa_point_encode(&key->x[j], x);
        tecdsa_hash_field(&h, x, sizeof x);
    }
    tecdsa_hash_finish(&h, key->key_id, sizeof key->key_id);
}

/* The sums of all parties' A_k. */
static enum err add_openings(const struct tecdsa_ceremony *c,
                             const struct tecdsa_opening openings[],
                             struct tecdsa_point sum[TECDSA_T])
{
    struct tecdsa_point a;

    for (int k = 0; k < TECDSA_T; k++) {
        sum[k] = tecdsa_infinity;
        for (unsigned i = 0; i < c->n; i++) {
            const enum err e = tecdsa_point_decode(openings[i].a[k], &a);

            if (e != ERR_OK) {
                return e;
            }
            tecdsa_point_add(&sum[k], &a, &sum[k]);
        }
    }
    return tecdsa_point_infinite(&sum[0]) != 0 ? ERR_RANGE : ERR_OK;
}

enum err tecdsa_keygen_public(const struct tecdsa_ceremony *c,
                              const struct tecdsa_opening openings[], struct tecdsa_key *key)
{
    struct tecdsa_point sum[TECDSA_T];

    memset(key, 0, sizeof *key);
    if (c->n < TECDSA_T || c->n > TECDSA_PARTIES_MAX) {
        return ERR_RANGE;
    }
    TRY(add_openings(c, openings, sum));
    key->n = c->n;
    key->pk = sum[0];
    tecdsa_point_long_encode(&key->pk, key->public_key);
    for (unsigned j = 0; j < c->n; j++) {
        evaluate(sum, j, &key->x[j]);
    }
    name_key(c, key);
    return ERR_OK;
}

static enum err add_up(const uint8_t shares[][TECDSA_SCALAR_LEN], unsigned n,
                       struct tecdsa_scalar *sum)
{
    struct tecdsa_scalar one;

    for (unsigned i = 0; i < n; i++) {
        TRY(tecdsa_scalar_decode(shares[i], &one));
        tecdsa_scalar_add(sum, &one, sum);
    }
    wipe(&one, sizeof one);
    return ERR_OK;
}

enum err tecdsa_keygen_finish(const struct tecdsa_ceremony *c, unsigned party,
                              const struct tecdsa_opening openings[],
                              const uint8_t shares[][TECDSA_SCALAR_LEN], struct tecdsa_key *key,
                              struct tecdsa_share *share)
{
    enum err e;

    memset(share, 0, sizeof *share);
    TRY(tecdsa_keygen_public(c, openings, key));
    e = party < c->n ? add_up(shares, c->n, &share->x) : ERR_RANGE;
    if (e == ERR_OK) {
        e = tecdsa_point_check(&share->x, &key->x[party]);
    }
    share->party = party;
    if (e != ERR_OK) {
        wipe(share, sizeof *share);
        wipe(key, sizeof *key);
    }
    return e;
}

void tecdsa_lagrange(unsigned s, unsigned party, struct tecdsa_scalar *out)
{
    tecdsa_lagrange_at(s, party, 0, out);
}

void tecdsa_lagrange_at(unsigned s, unsigned party, unsigned at, struct tecdsa_scalar *out)
{
    struct tecdsa_scalar above = {{1}};
    struct tecdsa_scalar below = {{1}};

    for (unsigned j = 0; j < TECDSA_PARTIES_MAX; j++) {
        struct tecdsa_scalar other;
        struct tecdsa_scalar own;
        struct tecdsa_scalar x;

        if (j == party || (s >> j & 1) == 0) {
            continue;
        }
        tecdsa_scalar_of_int(j + 1, &other);
        tecdsa_scalar_of_int(party + 1, &own);
        tecdsa_scalar_of_int(at, &x);
        tecdsa_scalar_sub(&other, &x, &x);
        tecdsa_scalar_mul(&above, &x, &above);
        tecdsa_scalar_sub(&other, &own, &other);
        tecdsa_scalar_mul(&below, &other, &below);
    }
    tecdsa_scalar_invert(&below, &below);
    tecdsa_scalar_mul(&above, &below, out);
}
