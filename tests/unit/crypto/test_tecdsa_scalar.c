/* Scalars mod n against OpenSSL's BN, GF(2^128) against the bits of its definition, and the
 * hashes against SHAKE256 of nettle. */
#include "openssl_evp.h"
#include "tecdsa_kit.h"
#include "testing.h"

#include "crypto/tecdsa/tecdsa_gf128.h"
#include "crypto/tecdsa/tecdsa_hash.h"

#include <openssl/bn.h>

static BIGNUM *order;
static BN_CTX *bn;
static uint64_t number = 1;

/* Values at the edges first, then random ones. */
static struct tecdsa_scalar sample(unsigned i)
{
    struct tecdsa_scalar a = {{0}};
    struct tecdsa_scalar one = {{1}};

    if (i < 4) {
        tecdsa_scalar_of_int(i, &a);
    } else if (i < 7) {
        tecdsa_scalar_of_int(i - 3, &a);
        tecdsa_scalar_neg(&a, &a);
    } else if (i < 7 + 5) {
        one.w[0] = 0;
        one.w[i - 6] = i % 2 == 0 ? 1 : UINT64_MAX;
        return i == 11 ? (struct tecdsa_scalar){{UINT64_MAX, UINT64_MAX, 0, 0, 0, UINT64_MAX}}
                       : one;
    } else {
        a = tecdsa_noise_scalar(&number);
    }
    return a;
}

static BIGNUM *to_bn(const struct tecdsa_scalar *a)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];

    tecdsa_scalar_encode(a, bytes);
    return BN_bin2bn(bytes, sizeof bytes, NULL);
}

static void expect(const BIGNUM *want, const struct tecdsa_scalar *have)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];
    uint8_t ours[TECDSA_SCALAR_LEN];

    assert_int_equal(BN_bn2binpad(want, bytes, sizeof bytes), sizeof bytes);
    tecdsa_scalar_encode(have, ours);
    assert_memory_equal(ours, bytes, sizeof bytes);
}

static void agrees_on(const struct tecdsa_scalar *a, const struct tecdsa_scalar *b)
{
    BIGNUM *x = to_bn(a);
    BIGNUM *y = to_bn(b);
    BIGNUM *z = BN_new();
    struct tecdsa_factor factor;
    struct tecdsa_scalar c;

    assert_int_equal(BN_mod_add(z, x, y, order, bn), 1);
    tecdsa_scalar_add(a, b, &c);
    expect(z, &c);
    assert_int_equal(BN_mod_sub(z, x, y, order, bn), 1);
    tecdsa_scalar_sub(a, b, &c);
    expect(z, &c);
    assert_int_equal(BN_mod_mul(z, x, y, order, bn), 1);
    tecdsa_scalar_mul(a, b, &c);
    expect(z, &c);
    tecdsa_scalar_factor(b, &factor);
    tecdsa_scalar_times(a, &factor, &c);
    expect(z, &c);
    c = *a;
    tecdsa_scalar_add_times(a, &factor, &c);
    assert_int_equal(BN_mod_add(z, z, x, order, bn), 1);
    expect(z, &c);
    assert_int_equal(tecdsa_scalar_equal(a, b) != 0, BN_cmp(x, y) == 0);
    assert_int_equal(tecdsa_scalar_zero(a) != 0, BN_is_zero(x));
    tecdsa_scalar_neg(a, &c);
    tecdsa_scalar_add(a, &c, &c);
    assert_true(tecdsa_scalar_zero(&c) == UINT64_MAX);
    BN_free(x);
    BN_free(y);
    BN_free(z);
}

static void scalars_agree_with_bn(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 60; i++) {
        for (unsigned j = 0; j < 60; j++) {
            const struct tecdsa_scalar a = sample(i);
            const struct tecdsa_scalar b = sample(j);

            agrees_on(&a, &b);
        }
    }
}

/* a + all b_i c_i, each sum ten times as long as the one before it. */
static void sums_agree_with_bn(void **state)
{
    (void)state;
    for (unsigned terms = 1; terms <= 10000; terms *= 10) {
        struct tecdsa_scalar a = sample(4); /* n - 1 */
        BIGNUM *want = to_bn(&a);
        struct tecdsa_sum sum;

        tecdsa_sum_start(&a, &sum);
        for (unsigned i = 0; i < terms; i++) {
            const struct tecdsa_scalar b = sample(i % 100);
            const struct tecdsa_scalar c = sample(4 + i % 7);
            BIGNUM *x = to_bn(&b);
            BIGNUM *y = to_bn(&c);
            struct tecdsa_factor factor;

            tecdsa_scalar_factor(&c, &factor);
            tecdsa_sum_times(&b, &factor, &sum);
            assert_int_equal(BN_mod_mul(x, x, y, order, bn), 1);
            assert_int_equal(BN_mod_add(want, want, x, order, bn), 1);
            BN_free(x);
            BN_free(y);
        }
        tecdsa_sum_end(&sum, &a);
        expect(want, &a);
        BN_free(want);
    }
}

/* The longest sum that there may be, 2^64 - 1 squares of n - 1, and what it becomes. */
static void the_longest_sum_is_reduced(void **state)
{
    struct tecdsa_scalar most;
    struct tecdsa_sum sum;
    struct tecdsa_sum erased = {{0}};
    BIGNUM *x;
    BIGNUM *shift = BN_new();
    uint8_t bytes[sizeof sum];

    (void)state;
    tecdsa_scalar_of_int(1, &most);
    tecdsa_scalar_neg(&most, &most);
    x = to_bn(&most);
    assert_int_equal(BN_sqr(x, x, bn), 1);
    assert_int_equal(BN_mul_word(x, UINT64_MAX), 1);
    assert_int_equal(BN_bn2lebinpad(x, bytes, sizeof bytes), sizeof bytes);
    memcpy(sum.w, bytes, sizeof bytes);
    assert_true(sum.w[TECDSA_SUM_LIMBS - 1] >= UINT64_MAX - 1);
    assert_int_equal(BN_set_bit(shift, 384), 1);
    assert_non_null(BN_mod_inverse(shift, shift, order, bn));
    assert_int_equal(BN_mod_mul(x, x, shift, order, bn), 1);
    tecdsa_sum_end(&sum, &most);
    expect(x, &most);
    assert_memory_equal(&sum, &erased, sizeof sum);
    BN_free(x);
    BN_free(shift);
}

static void inverts(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 40; i++) {
        const struct tecdsa_scalar a = sample(i);
        BIGNUM *x = to_bn(&a);
        BIGNUM *z = BN_new();
        struct tecdsa_scalar c;
        struct tecdsa_scalar same = a;

        tecdsa_scalar_invert(&a, &c);
        tecdsa_scalar_invert_public(&same, &same);
        assert_memory_equal(&same, &c, sizeof c);
        if (i == 0) {
            assert_true(tecdsa_scalar_zero(&c) == UINT64_MAX);
        } else {
            assert_non_null(BN_mod_inverse(z, x, order, bn));
            expect(z, &c);
        }
        BN_free(x);
        BN_free(z);
    }
}

static void reduces(void **state)
{
    uint8_t wide[TECDSA_WIDE_LEN];

    (void)state;
    for (unsigned i = 0; i < 500; i++) {
        BIGNUM *x;
        BIGNUM *z = BN_new();
        struct tecdsa_scalar c;

        tecdsa_noise(&number, wide, sizeof wide);
        if (i < 3) {
            memset(wide, i == 0 ? 0 : 0xff, sizeof wide);
            wide[TECDSA_WIDE_LEN - 1] ^= i == 2 ? 1 : 0;
        } else if (i % 3 == 0) {
            memset(wide + 16, 0xff, 40);
        }
        x = BN_bin2bn(wide, sizeof wide, NULL);
        assert_int_equal(BN_mod(z, x, order, bn), 1);
        tecdsa_scalar_reduce(wide, &c);
        expect(z, &c);
        BN_free(x);
        x = BN_bin2bn(wide, TECDSA_SCALAR_LEN, NULL);
        assert_int_equal(BN_mod(z, x, order, bn), 1);
        tecdsa_scalar_of_digest(wide, &c);
        expect(z, &c);
        BN_free(x);
        BN_free(z);
    }
}

static void refuses_n_and_more(void **state)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];
    struct tecdsa_scalar a;
    struct tecdsa_scalar minus_one = {{1}};

    (void)state;
    tecdsa_scalar_neg(&minus_one, &minus_one);
    assert_int_equal(BN_bn2binpad(order, bytes, sizeof bytes), sizeof bytes);
    a = minus_one;
    assert_int_equal(tecdsa_scalar_decode(bytes, &a), ERR_RANGE);
    assert_true(tecdsa_scalar_zero(&a) != 0);
    bytes[TECDSA_SCALAR_LEN - 1]--;
    assert_int_equal(tecdsa_scalar_decode(bytes, &a), ERR_OK);
    assert_true(tecdsa_scalar_equal(&a, &minus_one) != 0);
    memset(bytes, 0xff, sizeof bytes);
    assert_int_equal(tecdsa_scalar_decode(bytes, &a), ERR_RANGE);
    memset(bytes, 0, sizeof bytes);
    assert_int_equal(tecdsa_scalar_decode(bytes, &a), ERR_OK);
    assert_true(tecdsa_scalar_zero(&a) != 0);
}

static void selects(void **state)
{
    const struct tecdsa_scalar a = sample(20);
    const struct tecdsa_scalar b = sample(21);
    struct tecdsa_scalar c;

    (void)state;
    tecdsa_scalar_select(UINT64_MAX, &a, &b, &c);
    assert_true(tecdsa_scalar_equal(&a, &c) == UINT64_MAX);
    tecdsa_scalar_select(0, &a, &b, &c);
    assert_true(tecdsa_scalar_equal(&b, &c) == UINT64_MAX);
    tecdsa_scalar_mask(UINT64_MAX, &a, &c);
    assert_true(tecdsa_scalar_equal(&a, &c) == UINT64_MAX);
    tecdsa_scalar_mask(0, &a, &c);
    assert_true(tecdsa_scalar_zero(&c) == UINT64_MAX);
}

/* out ^= a b, bit after bit. */
static void slow_gf128(const uint8_t a[16], const uint8_t b[16], uint8_t out[16])
{
    uint8_t power[16];

    memcpy(power, a, sizeof power);
    for (int i = 0; i < 128; i++) {
        const int top = power[15] >> 7;

        for (int j = 0; j < 16 && (b[i / 8] >> (i % 8) & 1) == 1; j++) {
            out[j] ^= power[j];
        }
        for (int j = 15; j > 0; j--) {
            power[j] = (uint8_t)(power[j] << 1 | power[j - 1] >> 7);
        }
        power[0] = (uint8_t)(power[0] << 1 ^ (top ? 0x87 : 0));
    }
}

static void gf128_is_the_field_of_its_definition(void **state)
{
    /* x^127 x = x^128 = x^7 + x^2 + x + 1. */
    const uint8_t edge[2 * 16] = {[15] = 0x80};
    const uint8_t x[16] = {2};
    const uint8_t known[16] = {0x87};
    uint8_t out[16];

    (void)state;
    tecdsa_gf128_hash(edge, x, 1, out);
    assert_memory_equal(out, known, sizeof known);
    for (unsigned i = 0; i < 300; i++) {
        const size_t n = i % (TECDSA_GF128_TERMS_MAX + 1);
        uint8_t v[(TECDSA_GF128_TERMS_MAX + 1) * 16];
        uint8_t chi[TECDSA_GF128_TERMS_MAX * 16];
        uint8_t want[16];

        tecdsa_noise(&number, v, sizeof v);
        tecdsa_noise(&number, chi, sizeof chi);
        memcpy(want, v + 16 * n, sizeof want);
        for (size_t m = 0; m < n; m++) {
            slow_gf128(v + 16 * m, chi + 16 * m, want);
        }
        tecdsa_gf128_hash(v, chi, n, out);
        assert_memory_equal(out, want, sizeof want);
    }
}

static void hashes_are_shake256_of_their_fields(void **state)
{
    static const uint8_t input[] = "TECDSA384-v1\0tag\0\3\0\0\0abc\2\0\0\0\5\1\4\0\0\0wxyz";
    struct shake256 reference;
    struct tecdsa_hash h;
    struct tecdsa_hash_head head;
    struct tecdsa_scalar a;
    struct tecdsa_scalar b;
    uint8_t want[300];
    uint8_t have[4][300];

    (void)state;
    shake256_init(&reference);
    shake256_update(&reference, input, sizeof input - 1);
    shake256_final(&reference, want, sizeof want);
    for (int i = 0; i < 2; i++) {
        tecdsa_hash_start(&h, "tag");
        tecdsa_hash_field(&h, "abc", 3);
        tecdsa_hash_number(&h, 0x105, 2);
        tecdsa_hash_length(&h, 4);
        tecdsa_hash_bytes(&h, "wx", 2);
        tecdsa_hash_bytes(&h, "yz", 2);
        if (i == 0) {
            tecdsa_hash_finish(&h, have[0], sizeof have[0]);
        } else {
            tecdsa_hash_scalar(&h, &a);
        }
    }
    assert_memory_equal(have[0], want, sizeof want);
    tecdsa_scalar_reduce(want, &b);
    assert_true(tecdsa_scalar_equal(&a, &b) != 0);
    tecdsa_hash_head_start(&head, "tag");
    tecdsa_hash_head_field(&head, "abc", 3);
    tecdsa_hash_head_field(&head, "\5\1", 2);
    tecdsa_hash_x4(&head,
                   (const uint8_t *const[4]){(const uint8_t *)"wxyz", (const uint8_t *)"wxyZ",
                                             (const uint8_t *)"wxyz", (const uint8_t *)"wxyz"},
                   4, (uint8_t *const[4]){have[0], have[1], have[2], have[3]}, 300);
    assert_memory_equal(have[0], want, sizeof want);
    assert_memory_not_equal(have[1], want, 48);
    assert_memory_equal(have[2], want, sizeof want);
    assert_memory_equal(have[3], want, sizeof want);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(scalars_agree_with_bn),
        cmocka_unit_test(sums_agree_with_bn),
        cmocka_unit_test(the_longest_sum_is_reduced),
        cmocka_unit_test(inverts),
        cmocka_unit_test(reduces),
        cmocka_unit_test(refuses_n_and_more),
        cmocka_unit_test(selects),
        cmocka_unit_test(gf128_is_the_field_of_its_definition),
        cmocka_unit_test(hashes_are_shake256_of_their_fields),
    };
    int result;

    bn = BN_CTX_new();
    if (bn == NULL ||
        BN_hex2bn(&order, "ffffffffffffffffffffffffffffffffffffffffffffffff"
                          "c7634d81f4372ddf581a0db248b0a77aecec196accc52973") == 0) {
        return 1;
    }
    result = cmocka_run_group_tests(tests, NULL, NULL);
    BN_free(order);
    BN_CTX_free(bn);
    return result;
}
