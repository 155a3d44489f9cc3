#include "crypto/p384_point.h"

#include "base/secret.h"

/* FIPS 186-5 / SP 800-186 3.2.1.4; least significant limb first. */
static const mp_limb_t curve_p[P384_LIMBS] = {
    0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe,
    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
};
static const mp_limb_t curve_b[P384_LIMBS] = {
    0x2a85c8edd3ec2aef, 0xc656398d8a2ed19d, 0x0314088f5013875a,
    0x181d9c6efe814112, 0x988e056be3f82d19, 0xb3312fa7e23ee7e4,
};
static const mp_limb_t curve_n[P384_LIMBS] = {
    0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf,
    0xffffffffffffffff, 0xffffffffffffffff, 0xffffffffffffffff,
};

void p384_limbs_read(const uint8_t in[P384_SCALAR_LEN], mp_limb_t out[P384_LIMBS])
{
    for (size_t i = 0; i < P384_LIMBS; i++) {
        const uint8_t *b = in + P384_SCALAR_LEN - 8 * (i + 1);
        mp_limb_t v = 0;

        for (size_t j = 0; j < 8; j++) {
            v = v << 8 | b[j];
        }
        out[i] = v;
    }
}

void p384_limbs_write(const mp_limb_t in[P384_LIMBS], uint8_t out[P384_SCALAR_LEN])
{
    for (size_t i = 0; i < P384_LIMBS; i++) {
        uint8_t *b = out + P384_SCALAR_LEN - 8 * (i + 1);

        for (size_t j = 0; j < 8; j++) {
            b[j] = (uint8_t)(in[i] >> (56 - 8 * j));
        }
    }
}

uint32_t p384_scalar_mask(const mp_limb_t x[P384_LIMBS])
{
    mp_limb_t scratch[P384_LIMBS];
    mp_limb_t any = 0;
    uint32_t zero;
    uint32_t below; /* 1 if x < n: the subtraction borrowed */

    for (size_t i = 0; i < P384_LIMBS; i++) {
        any |= x[i];
    }
    zero = ct_mask_zero((uint32_t)any | (uint32_t)(any >> 32));
    below = (uint32_t)mpn_sub_n(scratch, x, curve_n, P384_LIMBS);
    wipe(scratch, sizeof scratch);
    return ~zero & ((uint32_t)0 - ct_barrier(below));
}

/* r = a * b mod p. */
static void mul_mod_p(mp_limb_t r[P384_LIMBS], const mp_limb_t a[P384_LIMBS],
                      const mp_limb_t b[P384_LIMBS])
{
    mp_limb_t wide[P384_WIDE_LIMBS];
    mp_limb_t quotient[P384_LIMBS + 1];

    mpn_mul_n(wide, a, b, P384_LIMBS);
    mpn_tdiv_qr(quotient, r, 0, wide, P384_WIDE_LIMBS, curve_p, P384_LIMBS);
}

/* y^2 = x^3 - 3 x + b = (x^2 - 3) x + b mod p. */
static bool on_curve(const mp_limb_t x[P384_LIMBS], const mp_limb_t y[P384_LIMBS])
{
    mp_limb_t left[P384_LIMBS];
    mp_limb_t right[P384_LIMBS];

    mul_mod_p(left, y, y);
    mul_mod_p(right, x, x);
    if (mpn_sub_1(right, right, P384_LIMBS, 3)) {
        mpn_add_n(right, right, curve_p, P384_LIMBS);
    }
    mul_mod_p(right, right, x);
    if (mpn_add_n(right, right, curve_b, P384_LIMBS) ||
        mpn_cmp(right, curve_p, P384_LIMBS) >= 0) {
        mpn_sub_n(right, right, curve_p, P384_LIMBS);
    }
    return mpn_cmp(left, right, P384_LIMBS) == 0;
}

enum err p384_point_read(const uint8_t public_key[P384_PUBLIC_LEN],
                         mp_limb_t out[P384_WIDE_LIMBS])
{
    mp_limb_t *x = out;
    mp_limb_t *y = out + P384_LIMBS;

    if (public_key[0] != 0x04) {
        return ERR_ENCODING;
    }
    p384_limbs_read(public_key + 1, x);
    p384_limbs_read(public_key + 1 + P384_SCALAR_LEN, y);
    if (mpn_cmp(x, curve_p, P384_LIMBS) >= 0 || mpn_cmp(y, curve_p, P384_LIMBS) >= 0 ||
        !on_curve(x, y)) {
        return ERR_RANGE;
    }
    return ERR_OK;
}
