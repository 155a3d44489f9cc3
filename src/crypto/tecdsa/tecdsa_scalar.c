#include "crypto/tecdsa/tecdsa_scalar.h"

#include "base/secret.h"
#include "base/uint128.h"

#include <gmp.h>
#include <string.h>

static const struct tecdsa_modulus *const n = &tecdsa_mod_n;

enum err tecdsa_scalar_decode(const uint8_t in[TECDSA_SCALAR_LEN], struct tecdsa_scalar *out)
{
    uint64_t below;

    tecdsa_limbs_read(in, out->w);
    below = tecdsa_mod_below(n, out->w);
    CT_PUBLIC(&below, sizeof below);
    if (below == 0) {
        memset(out, 0, sizeof *out);
        return ERR_RANGE;
    }
    return ERR_OK;
}

void tecdsa_scalar_encode(const struct tecdsa_scalar *a, uint8_t out[TECDSA_SCALAR_LEN])
{
    tecdsa_limbs_write(a->w, out);
}

/* 2^384 mod n has 190 bits, so that hi 2^384 + lo is below n + 2^319 after one product. */
void tecdsa_scalar_reduce(const uint8_t in[TECDSA_WIDE_LEN], struct tecdsa_scalar *out)
{
    uint64_t lo[TECDSA_LIMBS];
    uint64_t product[TECDSA_LIMBS] = {0};
    uint64_t carry = 0;

    tecdsa_limbs_read(in + 16, lo);
    for (size_t i = 0; i < 2; i++) {
        uint64_t hi;

        memcpy(&hi, in + 8 - 8 * i, 8);
        hi = __builtin_bswap64(hi);
        carry = 0;
        for (size_t j = 0; j < 3; j++) {
            const uint128 v = (uint128)hi * n->one[j] + product[i + j] + carry;

            product[i + j] = (uint64_t)v;
            carry = (uint64_t)(v >> 64);
        }
        product[i + 3] = carry;
    }
    carry = 0;
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        const uint128 v = (uint128)lo[i] + product[i] + carry;

        lo[i] = (uint64_t)v;
        carry = (uint64_t)(v >> 64);
    }
    tecdsa_mod_once(n, lo, carry, out->w);
}

void tecdsa_scalar_of_digest(const uint8_t digest[TECDSA_SCALAR_LEN], struct tecdsa_scalar *out)
{
    tecdsa_limbs_read(digest, out->w);
    tecdsa_mod_once(n, out->w, 0, out->w);
}

void tecdsa_scalar_of_int(unsigned a, struct tecdsa_scalar *out)
{
    *out = (struct tecdsa_scalar){.w = {a}};
}

void tecdsa_scalar_add(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out)
{
    tecdsa_mod_add(n, a->w, b->w, out->w);
}

void tecdsa_scalar_sub(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out)
{
    tecdsa_mod_sub(n, a->w, b->w, out->w);
}

void tecdsa_scalar_neg(const struct tecdsa_scalar *a, struct tecdsa_scalar *out)
{
    static const struct tecdsa_scalar zero;

    tecdsa_mod_sub(n, zero.w, a->w, out->w);
}

void tecdsa_scalar_factor(const struct tecdsa_scalar *a, struct tecdsa_factor *out)
{
    tecdsa_mont_mul(n, a->w, n->r2, out->w);
}

void tecdsa_scalar_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                         struct tecdsa_scalar *out)
{
    tecdsa_mont_mul(n, a->w, b->w, out->w);
}

void tecdsa_sum_start(const struct tecdsa_scalar *a, struct tecdsa_sum *sum)
{
    memset(sum->w, 0, sizeof sum->w);
    memcpy(sum->w + TECDSA_LIMBS, a->w, sizeof a->w); /* 2^384 a: reduced, it is a */
}

void tecdsa_sum_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                      struct tecdsa_sum *sum)
{
    tecdsa_mont_add_product(a->w, b->w, sum->w);
}

void tecdsa_sum_end(struct tecdsa_sum *sum, struct tecdsa_scalar *out)
{
    tecdsa_mont_reduce(n, sum->w, out->w);
}

void tecdsa_scalar_add_times(const struct tecdsa_scalar *a, const struct tecdsa_factor *b,
                             struct tecdsa_scalar *sum)
{
    struct tecdsa_sum wide;

    tecdsa_sum_start(sum, &wide);
    tecdsa_sum_times(a, b, &wide);
    tecdsa_sum_end(&wide, sum);
}

void tecdsa_scalar_mul(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b,
                       struct tecdsa_scalar *out)
{
    struct tecdsa_factor factor;

    tecdsa_scalar_factor(b, &factor);
    tecdsa_scalar_times(a, &factor, out);
    wipe(&factor, sizeof factor);
}

void tecdsa_scalar_invert(const struct tecdsa_scalar *a, struct tecdsa_scalar *out)
{
    static const uint64_t plain_one[TECDSA_LIMBS] = {1};
    struct tecdsa_factor factor;

    tecdsa_scalar_factor(a, &factor);
    tecdsa_mont_invert(n, factor.w, factor.w);
    tecdsa_mont_mul(n, factor.w, plain_one, out->w);
    wipe(&factor, sizeof factor);
}

void tecdsa_scalar_invert_public(const struct tecdsa_scalar *a, struct tecdsa_scalar *out)
{
    const struct tecdsa_scalar copy = *a; /* out may be a */
    mpz_t order;
    mpz_t of;
    mpz_t inverse;

    _Static_assert(sizeof(mp_limb_t) == sizeof a->w[0], "limbs are GMP's");
    mpz_init(inverse);
    (void)mpz_roinit_n(order, (const mp_limb_t *)n->m, TECDSA_LIMBS);
    (void)mpz_roinit_n(of, (const mp_limb_t *)copy.w, TECDSA_LIMBS);
    memset(out, 0, sizeof *out);
    if (mpz_invert(inverse, of, order) != 0) {
        memcpy(out->w, mpz_limbs_read(inverse), mpz_size(inverse) * sizeof out->w[0]);
    }
    mpz_clear(inverse);
}

uint64_t tecdsa_scalar_zero(const struct tecdsa_scalar *a)
{
    return tecdsa_limbs_zero(a->w);
}

uint64_t tecdsa_scalar_equal(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b)
{
    return tecdsa_limbs_equal(a->w, b->w);
}

void tecdsa_scalar_select(uint64_t mask, const struct tecdsa_scalar *a,
                          const struct tecdsa_scalar *b, struct tecdsa_scalar *out)
{
    tecdsa_limbs_select(mask, a->w, b->w, out->w);
}

void tecdsa_scalar_mask(uint64_t mask, const struct tecdsa_scalar *a, struct tecdsa_scalar *out)
{
    static const struct tecdsa_scalar zero;

    tecdsa_limbs_select(mask, a->w, zero.w, out->w);
}
