#include "crypto/tecdsa/tecdsa_point.h"

#include "base/secret.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecc.h>
#include <string.h>

_Static_assert(sizeof(mp_limb_t) == sizeof(uint64_t), "nettle's limbs are ours");

static const struct tecdsa_modulus *const p = &tecdsa_mod_p;

/* In Montgomery form: b of the curve, FIPS 186-5 / SP 800-186 3.2.1.4. */
static const uint64_t curve_b[TECDSA_LIMBS] = {
    0x081188719d412dcc, 0xf729add87a4c32ec, 0x77f2209b1920022e,
    0xe3374bee94938ae2, 0xb62b21f41f022094, 0xcd08114b604fbff9,
};
static const uint64_t plain_one[TECDSA_LIMBS] = {1};

const struct tecdsa_point tecdsa_infinity = {
    .y = {0xffffffff00000001, 0x00000000ffffffff, 0x0000000000000001, 0, 0, 0},
};

static void mul(const uint64_t *a, const uint64_t *b, uint64_t *out)
{
    tecdsa_mont_mul(p, a, b, out);
}

static void add(const uint64_t *a, const uint64_t *b, uint64_t *out)
{
    tecdsa_mod_add(p, a, b, out);
}

static void sub(const uint64_t *a, const uint64_t *b, uint64_t *out)
{
    tecdsa_mod_sub(p, a, b, out);
}

/* x^3 - 3 x + b. */
static void curve_right(const uint64_t x[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    uint64_t t[TECDSA_LIMBS];

    mul(x, x, t);
    for (int i = 0; i < 3; i++) {
        sub(t, p->one, t);
    }
    mul(t, x, t);
    add(t, curve_b, out);
}

/* 48 bytes to Montgomery form. Public. */
static enum err read_coordinate(const uint8_t *in, uint64_t out[TECDSA_LIMBS])
{
    tecdsa_limbs_read(in, out);
    if (tecdsa_mod_below(p, out) == 0) {
        return ERR_RANGE;
    }
    mul(out, p->r2, out);
    return ERR_OK;
}

/* x, and the y of that parity, if there is one. p is 3 mod 4: a root is a power. */
static enum err decompress(const uint8_t in[TECDSA_POINT_LEN], struct tecdsa_point *out)
{
    static const uint64_t quarter[TECDSA_LIMBS] = {/* (p + 1) / 4 */
                                                   0x0000000040000000, 0xbfffffffc0000000,
                                                   0xffffffffffffffff, 0xffffffffffffffff,
                                                   0xffffffffffffffff, 0x3fffffffffffffff};
    static const uint64_t zero[TECDSA_LIMBS];
    uint64_t right[TECDSA_LIMBS];
    uint64_t again[TECDSA_LIMBS];
    uint64_t plain[TECDSA_LIMBS];

    TRY(read_coordinate(in + 1, out->x));
    curve_right(out->x, right);
    tecdsa_mont_pow(p, right, quarter, out->y);
    mul(out->y, out->y, again);
    if (tecdsa_limbs_equal(again, right) == 0) {
        return ERR_RANGE;
    }
    mul(out->y, plain_one, plain);
    if ((plain[0] & 1) != (in[0] & 1)) { /* never 0: the curve's order is odd */
        sub(zero, out->y, out->y);
    }
    return ERR_OK;
}

enum err tecdsa_point_decode(const uint8_t in[TECDSA_POINT_LEN], struct tecdsa_point *out)
{
    struct tecdsa_point a;

    *out = tecdsa_infinity;
    if (in[0] != 0x02 && in[0] != 0x03) {
        return ERR_ENCODING;
    }
    TRY(decompress(in, &a));
    memcpy(a.z, p->one, sizeof a.z);
    *out = a;
    return ERR_OK;
}

enum err tecdsa_point_long_decode(const uint8_t in[TECDSA_POINT_LONG], struct tecdsa_point *out)
{
    struct tecdsa_point a;
    uint64_t left[TECDSA_LIMBS];
    uint64_t right[TECDSA_LIMBS];

    *out = tecdsa_infinity;
    if (in[0] != 0x04) {
        return ERR_ENCODING;
    }
    TRY(read_coordinate(in + 1, a.x));
    TRY(read_coordinate(in + 1 + TECDSA_SCALAR_LEN, a.y));
    mul(a.y, a.y, left);
    curve_right(a.x, right);
    if (tecdsa_limbs_equal(left, right) == 0) {
        return ERR_RANGE;
    }
    memcpy(a.z, p->one, sizeof a.z);
    *out = a;
    return ERR_OK;
}

/* x/z and y/z, plain; both 0 of infinity. */
static void affine(const struct tecdsa_point *a, uint64_t x[TECDSA_LIMBS],
                   uint64_t y[TECDSA_LIMBS])
{
    uint64_t inverse[TECDSA_LIMBS];

    tecdsa_mont_invert(p, a->z, inverse);
    mul(inverse, plain_one, inverse);
    mul(a->x, inverse, x);
    mul(a->y, inverse, y);
    wipe(inverse, sizeof inverse);
}

/* The first byte of an encoding, or 0 of infinity. */
static uint8_t header(const struct tecdsa_point *a, uint64_t byte)
{
    return (uint8_t)(byte & ~ct_barrier64(tecdsa_point_infinite(a)));
}

void tecdsa_point_encode(const struct tecdsa_point *a, uint8_t out[TECDSA_POINT_LEN])
{
    uint64_t x[TECDSA_LIMBS];
    uint64_t y[TECDSA_LIMBS];

    affine(a, x, y);
    out[0] = header(a, 2 | (y[0] & 1));
    tecdsa_limbs_write(x, out + 1);
    wipe(x, sizeof x);
    wipe(y, sizeof y);
}

void tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t out[TECDSA_POINT_LONG])
{
    uint64_t x[TECDSA_LIMBS];
    uint64_t y[TECDSA_LIMBS];

    affine(a, x, y);
    out[0] = header(a, 4);
    tecdsa_limbs_write(x, out + 1);
    tecdsa_limbs_write(y, out + 1 + TECDSA_SCALAR_LEN);
    wipe(x, sizeof x);
    wipe(y, sizeof y);
}

/* t0 to t4 and the order of steps are the paper's, for a = -3. */
void tecdsa_point_add(const struct tecdsa_point *a, const struct tecdsa_point *b,
                      struct tecdsa_point *out)
{
    uint64_t t0[TECDSA_LIMBS];
    uint64_t t1[TECDSA_LIMBS];
    uint64_t t2[TECDSA_LIMBS];
    uint64_t t3[TECDSA_LIMBS];
    uint64_t t4[TECDSA_LIMBS];
    struct tecdsa_point r = tecdsa_infinity;

    mul(a->x, b->x, t0);
    mul(a->y, b->y, t1);
    mul(a->z, b->z, t2);
    add(a->x, a->y, t3);
    add(b->x, b->y, t4);
    mul(t3, t4, t3);
    add(t0, t1, t4);
    sub(t3, t4, t3); /* x1 y2 + x2 y1 */
    add(a->y, a->z, t4);
    add(b->y, b->z, r.x);
    mul(t4, r.x, t4);
    add(t1, t2, r.x);
    sub(t4, r.x, t4); /* y1 z2 + y2 z1 */
    add(a->x, a->z, r.x);
    add(b->x, b->z, r.y);
    mul(r.x, r.y, r.x);
    add(t0, t2, r.y);
    sub(r.x, r.y, r.y); /* x1 z2 + x2 z1 */
    mul(curve_b, t2, r.z);
    sub(r.y, r.z, r.x);
    add(r.x, r.x, r.z);
    add(r.x, r.z, r.x);
    sub(t1, r.x, r.z);
    add(t1, r.x, r.x);
    mul(curve_b, r.y, r.y);
    add(t2, t2, t1);
    add(t1, t2, t2);
    sub(r.y, t2, r.y);
    sub(r.y, t0, r.y);
    add(r.y, r.y, t1);
    add(t1, r.y, r.y);
    add(t0, t0, t1);
    add(t1, t0, t0);
    sub(t0, t2, t0);
    mul(t4, r.y, t1);
    mul(t0, r.y, t2);
    mul(r.x, r.z, r.y);
    add(r.y, t2, r.y);
    mul(t3, r.x, r.x);
    sub(r.x, t1, r.x);
    mul(t4, r.z, r.z);
    mul(t3, t0, t1);
    add(r.z, t1, r.z);
    *out = r;
}

void tecdsa_point_neg(const struct tecdsa_point *a, struct tecdsa_point *out)
{
    static const uint64_t zero[TECDSA_LIMBS];

    *out = *a;
    sub(zero, a->y, out->y);
}

void tecdsa_point_sub(const struct tecdsa_point *a, const struct tecdsa_point *b,
                      struct tecdsa_point *out)
{
    struct tecdsa_point minus;

    tecdsa_point_neg(b, &minus);
    tecdsa_point_add(a, &minus, out);
}

uint64_t tecdsa_point_infinite(const struct tecdsa_point *a)
{
    return tecdsa_limbs_zero(a->z);
}

/* x1 z2 = x2 z1 and y1 z2 = y2 z1. Infinity is (0, y, 0): of it and another point the second
 * pair differs, and of it and itself both are 0. */
uint64_t tecdsa_point_equal(const struct tecdsa_point *a, const struct tecdsa_point *b)
{
    uint64_t left[TECDSA_LIMBS];
    uint64_t right[TECDSA_LIMBS];
    uint64_t same;

    mul(a->x, b->z, left);
    mul(b->x, a->z, right);
    same = tecdsa_limbs_equal(left, right);
    mul(a->y, b->z, left);
    mul(b->y, a->z, right);
    return same & tecdsa_limbs_equal(left, right);
}

void tecdsa_point_select(uint64_t mask, const struct tecdsa_point *a,
                         const struct tecdsa_point *b, struct tecdsa_point *out)
{
    tecdsa_limbs_select(mask, a->x, b->x, out->x);
    tecdsa_limbs_select(mask, a->y, b->y, out->y);
    tecdsa_limbs_select(mask, a->z, b->z, out->z);
}

/* nettle multiplies by 1 to n-1 alone: 0 is replaced by 1, and so is its result by infinity. */
static uint64_t multiplier(const struct tecdsa_scalar *k, struct tecdsa_scalar *out)
{
    static const struct tecdsa_scalar one = {{1}};
    const uint64_t zero = tecdsa_scalar_zero(k);

    tecdsa_scalar_select(zero, &one, k, out);
    return zero;
}

/* Of nettle's x and y, or infinity. */
static void of_affine(const mp_limb_t *xy, uint64_t infinite, struct tecdsa_point *out)
{
    struct tecdsa_point a;

    mul(xy, p->r2, a.x);
    mul(xy + TECDSA_LIMBS, p->r2, a.y);
    memcpy(a.z, p->one, sizeof a.z);
    tecdsa_point_select(infinite, &tecdsa_infinity, &a, out);
}

void tecdsa_point_mul_g(const struct tecdsa_scalar *k, struct tecdsa_point *out)
{
    struct tecdsa_scalar limbs;
    mp_limb_t xy[2 * TECDSA_LIMBS];
    const uint64_t infinite = multiplier(k, &limbs);
    const struct ecc_scalar scalar = {nettle_get_secp_384r1(), limbs.w};
    struct ecc_point point = {nettle_get_secp_384r1(), xy};

    ecc_point_mul_g(&point, &scalar);
    of_affine(xy, infinite, out);
}

void tecdsa_point_mul_g_encode(const struct tecdsa_scalar *k, uint8_t out[TECDSA_POINT_LONG])
{
    struct tecdsa_scalar limbs;
    mp_limb_t xy[2 * TECDSA_LIMBS];
    const uint64_t finite = ~multiplier(k, &limbs);
    const struct ecc_scalar scalar = {nettle_get_secp_384r1(), limbs.w};
    struct ecc_point point = {nettle_get_secp_384r1(), xy};

    ecc_point_mul_g(&point, &scalar);
    for (int i = 0; i < 2 * TECDSA_LIMBS; i++) {
        xy[i] &= finite;
    }
    out[0] = (uint8_t)(4 & ct_barrier64(finite));
    tecdsa_limbs_write(xy, out + 1);
    tecdsa_limbs_write(xy + TECDSA_LIMBS, out + 1 + TECDSA_SCALAR_LEN);
}

void tecdsa_point_mul(const struct tecdsa_scalar *k, const struct tecdsa_point *a,
                      struct tecdsa_point *out)
{
    struct tecdsa_scalar limbs;
    mp_limb_t xy[2 * TECDSA_LIMBS];
    const uint64_t infinite = multiplier(k, &limbs) | tecdsa_point_infinite(a);
    const struct ecc_scalar scalar = {nettle_get_secp_384r1(), limbs.w};
    struct ecc_point point = {nettle_get_secp_384r1(), xy};

    affine(a, xy, xy + TECDSA_LIMBS);
    ecc_point_mul(&point, &scalar, &point);
    of_affine(xy, infinite, out);
}

enum err tecdsa_point_check(const struct tecdsa_scalar *k, const struct tecdsa_point *a)
{
    struct tecdsa_point product;
    uint64_t same;

    tecdsa_point_mul_g(k, &product);
    same = tecdsa_point_equal(&product, a);
    CT_PUBLIC(&same, sizeof same);
    wipe(&product, sizeof product);
    return same != 0 ? ERR_OK : ERR_MISMATCH;
}

void tecdsa_point_times(unsigned k, const struct tecdsa_point *a, struct tecdsa_point *out)
{
    const struct tecdsa_point base = *a;
    struct tecdsa_point sum = tecdsa_infinity;

    for (unsigned bit = 32; bit-- > 0;) {
        if (k >> bit != 0) {
            tecdsa_point_add(&sum, &sum, &sum);
        }
        if ((k >> bit & 1) == 1) {
            tecdsa_point_add(&sum, &base, &sum);
        }
    }
    *out = sum;
}

void tecdsa_point_x(const struct tecdsa_point *a, struct tecdsa_scalar *out)
{
    uint64_t y[TECDSA_LIMBS];

    affine(a, out->w, y);
    tecdsa_mod_once(&tecdsa_mod_n, out->w, 0, out->w);
    wipe(y, sizeof y);
}

/* One inversion for all (Montgomery): of the product of all z, which is then multiplied by all
 * but one. */
void tecdsa_point_x_all(const struct tecdsa_point a[], size_t n, struct tecdsa_scalar out[])
{
    uint64_t before[TECDSA_POINT_X_MAX][TECDSA_LIMBS]; /* z_0 to z_(i-1) */
    uint64_t inverse[TECDSA_LIMBS];
    uint64_t x[TECDSA_LIMBS];

    memcpy(inverse, p->one, sizeof inverse);
    for (size_t i = 0; i < n; i++) {
        memcpy(before[i], inverse, sizeof before[i]);
        mul(inverse, a[i].z, inverse);
    }
    tecdsa_mont_invert(p, inverse, inverse);
    for (size_t i = n; i-- > 0;) {
        mul(inverse, before[i], x);
        mul(x, a[i].x, x);
        mul(x, plain_one, x);
        tecdsa_mod_once(&tecdsa_mod_n, x, 0, out[i].w);
        mul(inverse, a[i].z, inverse);
    }
    wipe(before, sizeof before);
    wipe(inverse, sizeof inverse);
    wipe(x, sizeof x);
}
