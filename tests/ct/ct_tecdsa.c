/* Threshold ECDSA. What is drawn is secret, and so is all that comes of it but what
 * src/crypto/tecdsa itself calls public. Each step runs on a work stack. */
#include "../tecdsa_kit.h"

#include "base/secret.h"
#include "crypto/tecdsa/tecdsa_gf128.h"
#include "crypto/tecdsa/tecdsa_hash.h"
#include "crypto/tecdsa/tecdsa_keygen.h"
#include "crypto/work_stack.h"

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

int main(void)
{
    enum err (*const checks[])(void *) = {check_points, check_keygen};
    struct work_stack *work = aligned_alloc(64, sizeof *work);
    int result = work == NULL ? 1 : check_scalars() | check_gf128();

    if (work != NULL) {
        work_stack_init(work);
    }
    for (size_t i = 0; i < sizeof checks / sizeof checks[0] && result == 0; i++) {
        result = work_stack_run_gmp(work, checks[i], NULL) == ERR_OK ? 0 : 3;
    }
    free(work);
    return result;
}
