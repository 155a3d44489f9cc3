#include "crypto/tecdsa/tecdsa_base_ot.h"

#include "base/secret.h"

#include <string.h>

enum { CHOSEN = 1, ASKED, ANSWERED };

void tecdsa_setup_id(const struct tecdsa_setup_of *of, uint8_t id[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "setup");
    tecdsa_hash_field(&h, of->key_id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, of->epoch_id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, of->bob, 1);
    tecdsa_hash_number(&h, of->bob_incarnation, 4);
    tecdsa_hash_number(&h, of->alice, 1);
    tecdsa_hash_number(&h, of->alice_incarnation, 4);
    tecdsa_hash_number(&h, of->counter, 8);
    tecdsa_hash_field(&h, of->bob_nonce, sizeof of->bob_nonce);
    tecdsa_hash_field(&h, of->alice_nonce, sizeof of->alice_nonce);
    tecdsa_hash_finish(&h, id, TECDSA_HASH_LEN);
}

/* H(tag, setup, own fresh seed, index). */
static void draw(const char *tag, const uint8_t *id, const uint8_t *seed, unsigned index,
                 uint8_t *out, size_t n)
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, tag);
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_field(&h, seed, TECDSA_SEED_LEN);
    tecdsa_hash_number(&h, index, 2);
    tecdsa_hash_finish(&h, out, n);
}

/* The key that a common point gives: H("ot", setup, index, A, B, point). */
static void key_of(const uint8_t *id, unsigned index, const uint8_t *a, const uint8_t *b,
                   const struct tecdsa_point *common, uint8_t key[TECDSA_OT_KEY_LEN])
{
    struct tecdsa_hash h;
    uint8_t bytes[TECDSA_POINT_LEN];

    tecdsa_point_encode(common, bytes);
    tecdsa_hash_start(&h, "ot");
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, index, 2);
    tecdsa_hash_field(&h, a, TECDSA_POINT_LEN);
    tecdsa_hash_field(&h, b, TECDSA_POINT_LEN);
    tecdsa_hash_field(&h, bytes, sizeof bytes);
    tecdsa_hash_finish(&h, key, TECDSA_OT_KEY_LEN);
    wipe(bytes, sizeof bytes);
}

static void digest(const char *tag, const uint8_t *id, unsigned index, const uint8_t *in,
                   uint8_t out[TECDSA_OT_KEY_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, tag);
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, index, 2);
    tecdsa_hash_field(&h, in, TECDSA_OT_KEY_LEN);
    tecdsa_hash_finish(&h, out, TECDSA_OT_KEY_LEN);
}

/* H1(key), and H2(H1(key)). */
static void once(const uint8_t *id, unsigned index, const uint8_t *key, uint8_t *out)
{
    digest("ot-h1", id, index, key, out);
}

static void twice(const uint8_t *id, unsigned index, const uint8_t *key, uint8_t *out)
{
    uint8_t h1[TECDSA_OT_KEY_LEN];

    once(id, index, key, h1);
    digest("ot-h2", id, index, h1, out);
    wipe(h1, sizeof h1);
}

static uint64_t choice(const uint8_t delta[TECDSA_DELTA_LEN], unsigned c)
{
    return (uint64_t)0 - (delta[c / 8] >> (c % 8) & 1);
}

void tecdsa_ot_start(const struct tecdsa_setup_of *of, const uint8_t seed[TECDSA_SEED_LEN],
                     struct tecdsa_ot_bob *bob, struct tecdsa_ot_first *out)
{
    uint8_t drawn[2 * TECDSA_WIDE_LEN];
    struct tecdsa_point b;
    const struct tecdsa_proof_of proof_of = {"ot-pok", bob->setup.id, of->bob};

    memset(bob, 0, sizeof *bob);
    bob->setup.bob = of->bob;
    bob->setup.alice = of->alice;
    tecdsa_setup_id(of, bob->setup.id);
    draw("ot-b", bob->setup.id, seed, 0, drawn, sizeof drawn);
    tecdsa_scalar_reduce(drawn, &bob->b);
    tecdsa_point_mul_g(&bob->b, &b);
    tecdsa_point_encode(&b, bob->first);
    CT_PUBLIC(bob->first, sizeof bob->first);
    memcpy(out->b, bob->first, sizeof out->b);
    tecdsa_proof_make(&proof_of, &bob->b, bob->first, drawn + TECDSA_WIDE_LEN, &out->proof);
    bob->step = CHOSEN;
    wipe(drawn, sizeof drawn);
}

/* A = a G, or a G + B; the key of the choice is that of a B. */
static void choose_one(struct tecdsa_setup_alice *setup, const uint8_t *seed, unsigned c,
                       const struct tecdsa_point *b, const uint8_t *b_bytes, uint8_t *out)
{
    uint8_t wide[TECDSA_WIDE_LEN];
    struct tecdsa_scalar a;
    struct tecdsa_point plain;
    struct tecdsa_point moved;

    draw("ot-a", setup->id, seed, c + 1, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, &a);
    tecdsa_point_mul_g(&a, &plain);
    tecdsa_point_add(&plain, b, &moved);
    tecdsa_point_select(choice(setup->delta, c), &moved, &plain, &plain);
    tecdsa_point_encode(&plain, out);
    CT_PUBLIC(out, TECDSA_POINT_LEN);
    tecdsa_point_mul(&a, b, &moved);
    key_of(setup->id, c, out, b_bytes, &moved, setup->k[c]);
    wipe(wide, sizeof wide);
    wipe(&a, sizeof a);
    wipe(&plain, sizeof plain);
    wipe(&moved, sizeof moved);
}

enum err tecdsa_ot_choose(const struct tecdsa_setup_of *of, const uint8_t seed[TECDSA_SEED_LEN],
                          const struct tecdsa_ot_first *in, struct tecdsa_ot_alice *alice,
                          struct tecdsa_ot_choices *out)
{
    const struct tecdsa_proof_of proof_of = {"ot-pok", alice->setup.id, of->bob};
    struct tecdsa_setup_alice *const setup = &alice->setup;
    struct tecdsa_point b;

    memset(alice, 0, sizeof *alice);
    tecdsa_setup_id(of, setup->id);
    TRY(tecdsa_proof_verify(&proof_of, in->b, &in->proof));
    TRY(tecdsa_point_decode(in->b, &b));
    setup->bob = of->bob;
    setup->alice = of->alice;
    draw("ot-delta", setup->id, seed, 0, setup->delta, sizeof setup->delta);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        choose_one(setup, seed, c, &b, in->b, out->a[c]);
    }
    alice->step = CHOSEN;
    return ERR_OK;
}

/* k0 of b A, k1 of b A - b B, and what Alice is to answer. */
static enum err ask_one(struct tecdsa_ot_bob *bob, unsigned c, const struct tecdsa_point *bb,
                        const uint8_t *a_bytes, uint8_t *out)
{
    struct tecdsa_setup_bob *const setup = &bob->setup;
    struct tecdsa_point a;
    uint8_t other[TECDSA_OT_KEY_LEN];

    TRY(tecdsa_point_decode(a_bytes, &a));
    if (memcmp(a_bytes, bob->first, TECDSA_POINT_LEN) == 0) {
        return ERR_RANGE; /* b A - b B would be infinity; A itself never is, and no b A */
    }
    tecdsa_point_mul(&bob->b, &a, &a);
    key_of(setup->id, c, a_bytes, bob->first, &a, setup->k[0][c]);
    tecdsa_point_sub(&a, bb, &a);
    key_of(setup->id, c, a_bytes, bob->first, &a, setup->k[1][c]);
    twice(setup->id, c, setup->k[0][c], out);
    twice(setup->id, c, setup->k[1][c], other);
    for (unsigned i = 0; i < TECDSA_OT_KEY_LEN; i++) {
        out[i] ^= other[i];
    }
    CT_PUBLIC(out, TECDSA_OT_KEY_LEN);
    wipe(&a, sizeof a);
    wipe(other, sizeof other);
    return ERR_OK;
}

enum err tecdsa_ot_ask(struct tecdsa_ot_bob *bob, const struct tecdsa_ot_choices *in,
                       struct tecdsa_ot_challenge *out)
{
    struct tecdsa_point bb;
    enum err e = ERR_OK;

    if (bob->step != CHOSEN) {
        return ERR_STATE;
    }
    memset(out, 0, sizeof *out);
    e = tecdsa_point_decode(bob->first, &bb);
    tecdsa_point_mul(&bob->b, &bb, &bb);
    for (unsigned c = 0; c < TECDSA_OTS && e == ERR_OK; c++) {
        e = ask_one(bob, c, &bb, in->a[c], out->c[c]);
    }
    bob->step = ASKED;
    wipe(&bb, sizeof bb);
    if (e != ERR_OK) {
        wipe(bob, sizeof *bob);
        memset(out, 0, sizeof *out);
    }
    return e;
}

enum err tecdsa_ot_respond(struct tecdsa_ot_alice *alice, const struct tecdsa_ot_challenge *in,
                           struct tecdsa_ot_response *out)
{
    const struct tecdsa_setup_alice *const setup = &alice->setup;

    if (alice->step != CHOSEN) {
        return ERR_STATE;
    }
    alice->challenge = *in;
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        const uint64_t mask = choice(setup->delta, c);

        twice(setup->id, c, setup->k[c], out->r[c]);
        for (unsigned i = 0; i < TECDSA_OT_KEY_LEN; i++) {
            out->r[c][i] ^= (uint8_t)(mask & in->c[c][i]);
        }
    }
    CT_PUBLIC(out, sizeof *out);
    alice->step = ANSWERED;
    return ERR_OK;
}

enum err tecdsa_ot_open(struct tecdsa_ot_bob *bob, const struct tecdsa_ot_response *in,
                        struct tecdsa_ot_opening *out, struct tecdsa_setup_bob *setup)
{
    uint32_t good = UINT32_MAX;

    if (bob->step != ASKED) {
        return ERR_STATE;
    }
    memset(setup, 0, sizeof *setup);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        uint8_t want[TECDSA_OT_KEY_LEN];

        twice(bob->setup.id, c, bob->setup.k[0][c], want);
        good &= ct_equal(want, in->r[c], sizeof want);
        once(bob->setup.id, c, bob->setup.k[0][c], out->h[c][0]);
        once(bob->setup.id, c, bob->setup.k[1][c], out->h[c][1]);
    }
    CT_PUBLIC(&good, sizeof good);
    if (good == 0) {
        wipe(out, sizeof *out);
    } else {
        CT_PUBLIC(out, sizeof *out);
        *setup = bob->setup;
        setup->ready = true;
    }
    wipe(bob, sizeof *bob);
    return good != 0 ? ERR_OK : ERR_MISMATCH;
}

/* Both hashes fit the challenge, and the one of her choice is that of her key. */
static uint32_t fits(const struct tecdsa_ot_alice *alice, unsigned c,
                     const uint8_t h[2][TECDSA_OT_KEY_LEN])
{
    const struct tecdsa_setup_alice *const setup = &alice->setup;
    const uint64_t mask = choice(setup->delta, c);
    uint8_t own[TECDSA_OT_KEY_LEN];
    uint8_t chosen[TECDSA_OT_KEY_LEN];
    uint8_t sum[2][TECDSA_OT_KEY_LEN];
    uint32_t good;

    for (int i = 0; i < 2; i++) {
        digest("ot-h2", setup->id, c, h[i], sum[i]);
    }
    for (unsigned i = 0; i < TECDSA_OT_KEY_LEN; i++) {
        sum[0][i] ^= sum[1][i];
        chosen[i] = (uint8_t)(h[0][i] ^ (mask & (h[0][i] ^ h[1][i])));
    }
    once(setup->id, c, setup->k[c], own);
    good = ct_equal(sum[0], alice->challenge.c[c], sizeof sum[0]) &
           ct_equal(own, chosen, sizeof own);
    wipe(own, sizeof own);
    wipe(chosen, sizeof chosen);
    return good;
}

enum err tecdsa_ot_finish(struct tecdsa_ot_alice *alice, const struct tecdsa_ot_opening *in,
                          struct tecdsa_setup_alice *setup)
{
    uint32_t good = UINT32_MAX;

    if (alice->step != ANSWERED) {
        return ERR_STATE;
    }
    memset(setup, 0, sizeof *setup);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        good &= fits(alice, c, in->h[c]);
    }
    CT_PUBLIC(&good, sizeof good);
    if (good != 0) {
        *setup = alice->setup;
        setup->ready = true;
    }
    wipe(alice, sizeof *alice);
    return good != 0 ? ERR_OK : ERR_MISMATCH;
}

void tecdsa_zero_commit(const uint8_t id[TECDSA_HASH_LEN], unsigned party,
                        const struct tecdsa_zero_part *part,
                        uint8_t commitment[TECDSA_HASH_LEN])
{
    struct tecdsa_hash h;

    tecdsa_hash_start(&h, "zero-part");
    tecdsa_hash_field(&h, id, TECDSA_HASH_LEN);
    tecdsa_hash_number(&h, party, 1);
    tecdsa_hash_field(&h, part->part, sizeof part->part);
    tecdsa_hash_field(&h, part->salt, sizeof part->salt);
    tecdsa_hash_finish(&h, commitment, TECDSA_HASH_LEN);
    CT_PUBLIC(commitment, TECDSA_HASH_LEN);
}

enum err tecdsa_zero_seed(const uint8_t id[TECDSA_HASH_LEN], const struct tecdsa_zero_part *own,
                          unsigned peer, const struct tecdsa_zero_part *shown,
                          const uint8_t commitment[TECDSA_HASH_LEN],
                          uint8_t seed[TECDSA_OT_KEY_LEN])
{
    uint8_t again[TECDSA_HASH_LEN];

    memset(seed, 0, TECDSA_OT_KEY_LEN);
    tecdsa_zero_commit(id, peer, shown, again);
    if (memcmp(again, commitment, sizeof again) != 0) { /* both are public */
        return ERR_MISMATCH;
    }
    for (unsigned i = 0; i < TECDSA_OT_KEY_LEN; i++) {
        seed[i] = own->part[i] ^ shown->part[i];
    }
    return ERR_OK;
}
