/* Threshold ECDSA. What is drawn is secret, and so is all that comes of it but what
 * src/crypto/tecdsa itself calls public. Each step runs on a work stack. */
#include "../tecdsa_kit.h"

#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_gf128.h"
#include "crypto/tecdsa/tecdsa_hash.h"

static int check_scalars(void)
{
    uint64_t number = 1;
    struct tecdsa_scalar a = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar b = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar c;
    struct tecdsa_hash h;
    uint8_t bytes[TECDSA_SCALAR_LEN];

    CT_SECRET(&a, sizeof a);
    CT_SECRET(&b, sizeof b);
    tecdsa_scalar_encode(&a, bytes);
    if (tecdsa_scalar_decode(bytes, &a) != ERR_OK) {
        return 1;
    }
    tecdsa_scalar_mul(&a, &b, &c);
    tecdsa_scalar_invert(&b, &b);
    tecdsa_scalar_mul(&c, &b, &c);
    tecdsa_scalar_add(&c, &b, &c);
    tecdsa_scalar_sub(&c, &b, &c);
    tecdsa_scalar_neg(&c, &b);
    tecdsa_scalar_select(tecdsa_scalar_zero(&b), &a, &c, &c);
    tecdsa_scalar_mask(tecdsa_scalar_equal(&a, &c), &c, &c);
    tecdsa_hash_start(&h, "ct");
    tecdsa_hash_field(&h, &c, sizeof c);
    tecdsa_hash_scalar(&h, &b);
    tecdsa_scalar_of_digest(bytes, &b);
    tecdsa_scalar_sub(&b, &c, &c);
    CT_PUBLIC(&c, sizeof c);
    return tecdsa_scalar_zero(&c) != 0 ? 0 : 2;
}

static int check_gf128(void)
{
    uint64_t number = 2;
    uint8_t v[96];
    uint8_t chi[80];
    uint8_t out[TECDSA_GF128_LEN];

    tecdsa_noise(&number, v, sizeof v);
    tecdsa_noise(&number, chi, sizeof chi);
    CT_SECRET(v, sizeof v);
    tecdsa_gf128_hash(v, chi, 5, out);
    return 0;
}

/* A sum of secret points that is infinity, and products. */
static enum err check_points(void *unused)
{
    uint64_t number = 3;
    struct tecdsa_scalar k = tecdsa_noise_scalar(&number);
    struct tecdsa_point a;
    struct tecdsa_point b;
    uint64_t mask;
    uint8_t bytes[TECDSA_POINT_LONG];

    (void)unused;
    CT_SECRET(&k, sizeof k);
    tecdsa_point_mul_g(&k, &a);
    tecdsa_point_mul(&k, &a, &b);
    tecdsa_point_sub(&a, &a, &a);
    tecdsa_point_add(&a, &b, &a);
    mask = tecdsa_point_equal(&a, &b) & ~tecdsa_point_infinite(&a);
    tecdsa_point_select(mask, &a, &b, &a);
    tecdsa_point_encode(&a, bytes);
    tecdsa_point_long_encode(&a, bytes);
    tecdsa_point_x(&a, &k);
    CT_PUBLIC(&mask, sizeof mask);
    return mask == UINT64_MAX ? ERR_OK : ERR_BUG;
}

static enum err check_keygen(void *unused)
{
    const struct tecdsa_ceremony c = {.id = {1}, .n = 3};
    uint8_t seed[TECDSA_SEED_LEN] = {0};
    struct tecdsa_dealing dealing[3];
    struct tecdsa_opening opening[3];
    uint8_t commitment[TECDSA_HASH_LEN];
    uint8_t shares[3][TECDSA_SCALAR_LEN];
    struct tecdsa_key key;
    struct tecdsa_share share;

    (void)unused;
    for (unsigned i = 0; i < 3; i++) {
        CT_SECRET(seed, sizeof seed);
        tecdsa_keygen_deal(&c, i, seed, &dealing[i], &opening[i]);
        tecdsa_keygen_commit(&c, i, &opening[i], commitment);
        CT_PUBLIC(opening[i].salt, sizeof opening[i].salt); /* it is shown */
        TRY(tecdsa_keygen_check_opening(&c, i, &opening[i], commitment));
        tecdsa_keygen_share(&dealing[i], 1, shares[i]);
        TRY(tecdsa_keygen_check_share(&opening[i], 1, shares[i]));
    }
    return tecdsa_keygen_finish(&c, 1, opening, (const uint8_t(*)[TECDSA_SCALAR_LEN])shares,
                                &key, &share);
}

/* What ends a setup, with a byte changed that came: of what is secret the verdict alone shows.
 */
static bool refuse_changes(const struct tecdsa_ot_bob *bob, const struct tecdsa_ot_alice *alice,
                           const struct tecdsa_ot_response *response,
                           const struct tecdsa_ot_opening *opening)
{
    static struct tecdsa_ot_bob bob_copy;
    static struct tecdsa_ot_alice alice_copy;
    static struct tecdsa_ot_response changed;
    static struct tecdsa_ot_opening changed_too;
    static struct tecdsa_ot_opening unused;
    static struct tecdsa_setup_bob b;
    static struct tecdsa_setup_alice a;

    bob_copy = *bob;
    alice_copy = *alice;
    changed = *response;
    changed_too = *opening;
    changed.r[7][0] ^= 1;
    changed_too.h[7][0][0] ^= 1;
    return tecdsa_ot_open(&bob_copy, &changed, &unused, &b) == ERR_MISMATCH &&
           tecdsa_ot_finish(&alice_copy, &changed_too, &a) == ERR_MISMATCH;
}

/* A whole setup of one pair. */
static enum err check_setup(void *unused)
{
    static struct tecdsa_ot_bob bob;
    static struct tecdsa_ot_bob asked;
    static struct tecdsa_ot_alice alice;
    static struct tecdsa_ot_first first;
    static struct tecdsa_ot_choices choices;
    static struct tecdsa_ot_challenge challenge;
    static struct tecdsa_ot_response response;
    static struct tecdsa_ot_opening opening;
    static struct tecdsa_setup_bob b;
    static struct tecdsa_setup_alice a;
    const uint8_t id[TECDSA_HASH_LEN] = {1};
    const struct tecdsa_setup_of of = {.key_id = id, .epoch_id = id, .bob = 0, .alice = 1};
    uint8_t seed[2][TECDSA_SEED_LEN] = {{1}, {2}};
    struct tecdsa_zero_part part[2] = {{{1}, {2}}, {{3}, {4}}};
    uint8_t commitment[TECDSA_HASH_LEN];
    uint8_t zero_seed[TECDSA_OT_KEY_LEN];

    (void)unused;
    CT_SECRET(seed, sizeof seed);
    CT_SECRET(part, sizeof part);
    tecdsa_ot_start(&of, seed[0], &bob, &first);
    TRY(tecdsa_ot_choose(&of, seed[1], &first, &alice, &choices));
    TRY(tecdsa_ot_ask(&bob, &choices, &challenge));
    TRY(tecdsa_ot_respond(&alice, &challenge, &response));
    asked = bob;
    TRY(tecdsa_ot_open(&bob, &response, &opening, &b));
    if (!refuse_changes(&asked, &alice, &response, &opening)) {
        return ERR_BUG;
    }
    TRY(tecdsa_ot_finish(&alice, &opening, &a));
    tecdsa_zero_commit(id, 1, &part[1], commitment);
    return tecdsa_zero_seed(id, &part[0], 1, &part[1], commitment, zero_seed);
}

static enum err accept_of_0(void *arg)
{
    struct tecdsa_kit *const kit = arg;

    return tecdsa_presign_accept_2(&kit->p[1], 0, kit->sid2[0], &kit->m2[0][1], &kit->scratch);
}

/* Of what a peer changes in round 2 the verdict alone shows; then all is as before. */
static bool refuses_round_2(struct tecdsa_kit *kit, size_t at)
{
    static struct tecdsa_presign before;
    const struct tecdsa_setup_bob bob = kit->bob[1][0];
    const struct tecdsa_setup_alice alice = kit->alice[1][0];
    uint8_t *const byte = (uint8_t *)&kit->m2[0][1] + at;
    bool refused;

    before = kit->p[1];
    *byte ^= 1;
    refused = tecdsa_on_stack(accept_of_0, kit) == ERR_MISMATCH;
    *byte ^= 1;
    kit->p[1] = before;
    kit->bob[1][0] = bob;
    kit->alice[1][0] = alice;
    return refused;
}

/* Both rounds of a triple, a row and a point changed on the way, and a signature; and a cheat
 * of one column, whose verdict alone shows, too. */
static int check_sessions(void)
{
    struct tecdsa_kit *kit = tecdsa_kit_new(3, 1);
    const uint8_t digest[P384_DIGEST_LEN] = {1};
    uint8_t sig[P384_SIG_LEN];
    int result = 0;

    kit->of.s = 7;
    if (tecdsa_on_stack(tecdsa_kit_round_1, kit) != ERR_OK ||
        tecdsa_on_stack(tecdsa_kit_accept_1, kit) != ERR_OK ||
        tecdsa_on_stack(tecdsa_kit_round_2, kit) != ERR_OK ||
        !refuses_round_2(kit, offsetof(struct tecdsa_round_2, product) + 100) ||
        !refuses_round_2(kit, offsetof(struct tecdsa_round_2, gu))) {
        result = 7;
    }
    if (tecdsa_on_stack(tecdsa_kit_accept_2, kit) != ERR_OK ||
        tecdsa_on_stack(tecdsa_kit_finish, kit) != ERR_OK ||
        tecdsa_kit_sign(kit, digest, sig) != ERR_OK) {
        result = 4;
    }
    if (tecdsa_on_stack(tecdsa_kit_round_1, kit) != ERR_OK) {
        result = 5;
    }
    kit->m1[1][0].extension.u[3][0] ^= 1;
    if (tecdsa_on_stack(tecdsa_kit_accept_1, kit) != ERR_MISMATCH) {
        result = 6;
    }
    free(kit);
    return result;
}

int main(void)
{
    enum err (*const checks[])(void *) = {check_points, check_keygen, check_setup};
    int result = check_scalars() | check_gf128();

    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && result == 0; i++) {
        result = tecdsa_on_stack(checks[i], NULL) == ERR_OK ? 0 : 3;
    }
    return result != 0 ? result : check_sessions();
}
