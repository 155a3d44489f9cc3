#include "crypto/tecdsa/tecdsa_mont.h"

#include "base/cpu.h"
#include "base/secret.h"
#include "base/uint128.h"

#include <string.h>

const struct tecdsa_modulus tecdsa_mod_p = {
    .m = {0x00000000ffffffff, 0xffffffff00000000, 0xfffffffffffffffe, 0xffffffffffffffff,
          0xffffffffffffffff, 0xffffffffffffffff},
    .neg_inv = 0x0000000100000001,
    .one = {0xffffffff00000001, 0x00000000ffffffff, 0x0000000000000001, 0, 0, 0},
    .r2 = {0xfffffffe00000001, 0x0000000200000000, 0xfffffffe00000000, 0x0000000200000000,
           0x0000000000000001, 0},
};

const struct tecdsa_modulus tecdsa_mod_n = {
    .m = {0xecec196accc52973, 0x581a0db248b0a77a, 0xc7634d81f4372ddf, 0xffffffffffffffff,
          0xffffffffffffffff, 0xffffffffffffffff},
    .neg_inv = 0x6ed46089e88fdc45,
    .one = {0x1313e695333ad68d, 0xa7e5f24db74f5885, 0x389cb27e0bc8d220, 0, 0, 0},
    .r2 = {0x2d319b2419b409a9, 0xff3d81e5df1aa419, 0xbc3e483afcb82947, 0xd40d49174aab1cc5,
           0x3fb05b7a28266895, 0x0c84ee012b39bf21},
};

/* out = a - b; 1 if it borrowed. */
static uint64_t subtract(const uint64_t *a, const uint64_t *b, uint64_t out[TECDSA_LIMBS])
{
    uint64_t borrow = 0;

    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        const uint128 d = (uint128)a[i] - b[i] - borrow;

        out[i] = (uint64_t)d;
        borrow = (uint64_t)(d >> 64) & 1;
    }
    return borrow;
}

void tecdsa_mod_once(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     uint64_t carry, uint64_t out[TECDSA_LIMBS])
{
    uint64_t less[TECDSA_LIMBS];
    const uint64_t borrow = subtract(a, m->m, less);

    /* The difference is right unless it borrowed and there was no carry to borrow from. */
    tecdsa_limbs_select((borrow & ~carry & 1) - 1, less, a, out);
}

/* t += a b, seven limbs with *top, the carry into the limb behind them. */
static inline void add_row(const uint64_t a[TECDSA_LIMBS], uint64_t b, uint64_t *t,
                           uint64_t *top)
{
    uint64_t carry = 0;
    uint128 v;

    UNROLLED
    for (int j = 0; j < TECDSA_LIMBS; j++) {
        v = (uint128)a[j] * b + t[j] + carry;
        t[j] = (uint64_t)v;
        carry = (uint64_t)(v >> 64);
    }
    v = (uint128)t[TECDSA_LIMBS] + carry + *top;
    t[TECDSA_LIMBS] = (uint64_t)v;
    *top = (uint64_t)(v >> 64);
}

static inline void add_product(const uint64_t a[TECDSA_LIMBS], const uint64_t b[TECDSA_LIMBS],
                               uint64_t t[TECDSA_SUM_LIMBS])
{
    uint64_t top = 0;

    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        add_row(a, b[i], t + i, &top);
    }
    t[TECDSA_SUM_LIMBS - 1] += top;
}

/* t / 2^384 in the upper seven limbs: below the modulus and t / 2^384 together. */
static inline void reduce(const struct tecdsa_modulus *m, uint64_t t[TECDSA_SUM_LIMBS])
{
    uint64_t top = 0;

    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        add_row(m->m, t[i] * m->neg_inv, t + i, &top);
    }
    t[TECDSA_SUM_LIMBS - 1] += top;
}

void tecdsa_mont_mul(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    uint64_t t[TECDSA_SUM_LIMBS] = {0};

    add_product(a, b, t);
    reduce(m, t);
    tecdsa_mod_once(m, t + TECDSA_LIMBS, t[TECDSA_SUM_LIMBS - 1], out);
}

void tecdsa_mont_add_product(const uint64_t a[TECDSA_LIMBS], const uint64_t b[TECDSA_LIMBS],
                             uint64_t sum[TECDSA_SUM_LIMBS])
{
    add_product(a, b, sum);
}

/* What is above 2^384 counts 2^384 mod m, of at most 190 bits: less than twice the modulus is
 * left. */
void tecdsa_mont_reduce(const struct tecdsa_modulus *m, uint64_t sum[TECDSA_SUM_LIMBS],
                        uint64_t out[TECDSA_LIMBS])
{
    uint64_t *upper = sum + TECDSA_LIMBS;
    uint64_t none = 0;
    uint64_t many;

    reduce(m, sum);
    many = upper[TECDSA_LIMBS];
    upper[TECDSA_LIMBS] = 0;
    add_row(m->one, many, upper, &none);
    tecdsa_mod_once(m, upper, upper[TECDSA_LIMBS], out);
    wipe(sum, sizeof sum[0] * TECDSA_SUM_LIMBS);
}

void tecdsa_mod_add(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                    const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    uint64_t sum[TECDSA_LIMBS];
    uint64_t carry = 0;

    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        const uint128 v = (uint128)a[i] + b[i] + carry;

        sum[i] = (uint64_t)v;
        carry = (uint64_t)(v >> 64);
    }
    tecdsa_mod_once(m, sum, carry, out);
}

void tecdsa_mod_sub(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                    const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    uint64_t difference[TECDSA_LIMBS];
    const uint64_t mask = ct_barrier64((uint64_t)0 - subtract(a, b, difference));
    uint64_t carry = 0;

    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        const uint128 v = (uint128)difference[i] + (m->m[i] & mask) + carry;

        out[i] = (uint64_t)v;
        carry = (uint64_t)(v >> 64);
    }
}

void tecdsa_mont_pow(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                     const uint64_t exponent[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    uint64_t power[16][TECDSA_LIMBS]; /* a^0 to a^15 */
    uint64_t r[TECDSA_LIMBS];

    memcpy(power[0], m->one, sizeof power[0]);
    for (int i = 1; i < 16; i++) {
        tecdsa_mont_mul(m, power[i - 1], a, power[i]);
    }
    memcpy(r, m->one, sizeof r);
    for (int i = TECDSA_LIMBS * 16 - 1; i >= 0; i--) {
        const unsigned digit = (unsigned)(exponent[i / 16] >> (4 * (i % 16))) & 15;

        for (int j = 0; j < 4; j++) {
            tecdsa_mont_mul(m, r, r, r);
        }
        tecdsa_mont_mul(m, r, power[digit], r);
    }
    memcpy(out, r, sizeof r);
    wipe(power, sizeof power);
    wipe(r, sizeof r);
}

void tecdsa_mont_invert(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS],
                        uint64_t out[TECDSA_LIMBS])
{
    uint64_t exponent[TECDSA_LIMBS];

    memcpy(exponent, m->m, sizeof exponent);
    exponent[0] -= 2; /* both primes end in 3 or more */
    tecdsa_mont_pow(m, a, exponent, out);
}

uint64_t tecdsa_mod_below(const struct tecdsa_modulus *m, const uint64_t a[TECDSA_LIMBS])
{
    uint64_t unused[TECDSA_LIMBS];
    const uint64_t mask = (uint64_t)0 - subtract(a, m->m, unused);

    wipe(unused, sizeof unused);
    return mask;
}

uint64_t tecdsa_limbs_zero(const uint64_t a[TECDSA_LIMBS])
{
    uint64_t any = 0;

    for (int i = 0; i < TECDSA_LIMBS; i++) {
        any |= a[i];
    }
    any = ct_barrier64(any);
    return (uint64_t)0 - ((~any & (any - 1)) >> 63);
}

uint64_t tecdsa_limbs_equal(const uint64_t a[TECDSA_LIMBS], const uint64_t b[TECDSA_LIMBS])
{
    uint64_t differ[TECDSA_LIMBS];

    for (int i = 0; i < TECDSA_LIMBS; i++) {
        differ[i] = a[i] ^ b[i];
    }
    return tecdsa_limbs_zero(differ);
}

void tecdsa_limbs_select(uint64_t mask, const uint64_t a[TECDSA_LIMBS],
                         const uint64_t b[TECDSA_LIMBS], uint64_t out[TECDSA_LIMBS])
{
    mask = ct_barrier64(mask);
    UNROLLED
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        out[i] = b[i] ^ (mask & (a[i] ^ b[i]));
    }
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "a limb's bytes are turned around");

/* Where limb i stands among the bytes. */
static size_t at(int i)
{
    return (size_t)8 * (size_t)(TECDSA_LIMBS - 1 - i);
}

void tecdsa_limbs_read(const uint8_t in[TECDSA_LIMB_BYTES], uint64_t out[TECDSA_LIMBS])
{
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        uint64_t v;

        memcpy(&v, in + at(i), 8);
        out[i] = __builtin_bswap64(v);
    }
}

void tecdsa_limbs_write(const uint64_t a[TECDSA_LIMBS], uint8_t out[TECDSA_LIMB_BYTES])
{
    for (int i = 0; i < TECDSA_LIMBS; i++) {
        const uint64_t v = __builtin_bswap64(a[i]);

        memcpy(out + at(i), &v, 8);
    }
}
