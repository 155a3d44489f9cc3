/* The group of P-384 against OpenSSL's, and what the decoders refuse. */
#include "openssl_evp.h"
#include "tecdsa_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "crypto/tecdsa/tecdsa_point.h"
#include "crypto/work_stack.h"

static EC_GROUP *group;
static BN_CTX *bn;
static struct work_stack *work;
static uint64_t number = 1;

struct product {
    const struct tecdsa_scalar *k;
    const struct tecdsa_point *a; /* NULL: G */
    struct tecdsa_point *out;
};

static enum err multiply_there(void *arg)
{
    const struct product *const c = arg;

    if (c->a == NULL) {
        tecdsa_point_mul_g(c->k, c->out);
    } else {
        tecdsa_point_mul(c->k, c->a, c->out);
    }
    return ERR_OK;
}

static struct tecdsa_point multiply(const struct tecdsa_scalar *k, const struct tecdsa_point *a)
{
    struct tecdsa_point out;
    struct product c = {k, a, &out};

    assert_int_equal(work_stack_run_gmp(work, multiply_there, &c), ERR_OK);
    return out;
}

static EC_POINT *theirs(const struct tecdsa_point *a)
{
    EC_POINT *b = EC_POINT_new(group);
    uint8_t bytes[TECDSA_POINT_LEN];

    tecdsa_point_encode(a, bytes);
    if (bytes[0] == 0) {
        assert_int_equal(EC_POINT_set_to_infinity(group, b), 1);
    } else {
        assert_int_equal(EC_POINT_oct2point(group, b, bytes, sizeof bytes, bn), 1);
    }
    return b;
}

/* Both encodings, and back. */
static void expect(const EC_POINT *want, const struct tecdsa_point *have)
{
    uint8_t bytes[TECDSA_POINT_LONG];
    uint8_t ours[TECDSA_POINT_LONG];
    struct tecdsa_point back;

    if (EC_POINT_is_at_infinity(group, want)) {
        assert_true(tecdsa_point_infinite(have) == UINT64_MAX);
        assert_true(tecdsa_point_equal(have, &tecdsa_infinity) == UINT64_MAX);
        return;
    }
    assert_true(tecdsa_point_infinite(have) == 0);
    assert_int_equal(EC_POINT_point2oct(group, want, POINT_CONVERSION_COMPRESSED, bytes,
                                        TECDSA_POINT_LEN, bn),
                     TECDSA_POINT_LEN);
    tecdsa_point_encode(have, ours);
    assert_memory_equal(ours, bytes, TECDSA_POINT_LEN);
    assert_int_equal(tecdsa_point_decode(ours, &back), ERR_OK);
    assert_true(tecdsa_point_equal(&back, have) == UINT64_MAX);
    assert_int_equal(EC_POINT_point2oct(group, want, POINT_CONVERSION_UNCOMPRESSED, bytes,
                                        TECDSA_POINT_LONG, bn),
                     TECDSA_POINT_LONG);
    tecdsa_point_long_encode(have, ours);
    assert_memory_equal(ours, bytes, TECDSA_POINT_LONG);
    assert_int_equal(tecdsa_point_long_decode(ours, &back), ERR_OK);
    assert_true(tecdsa_point_equal(&back, have) == UINT64_MAX);
}

static BIGNUM *to_bn(const struct tecdsa_scalar *k)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];

    tecdsa_scalar_encode(k, bytes);
    return BN_bin2bn(bytes, sizeof bytes, NULL);
}

/* 0, 1, 2, ..., n-1, n-2, ..., one bit, then random. */
static struct tecdsa_scalar multiplier(unsigned i)
{
    struct tecdsa_scalar k = {{0}};

    if (i < 20) {
        tecdsa_scalar_of_int(i, &k);
    } else if (i < 40) {
        tecdsa_scalar_of_int(i - 19, &k);
        tecdsa_scalar_neg(&k, &k);
    } else if (i < 60) {
        k.w[(i - 40) / 4] = (uint64_t)1 << (i % 4 * 21);
    } else {
        k = tecdsa_noise_scalar(&number);
    }
    return k;
}

static void multiplies_as_openssl_does(void **state)
{
    const struct tecdsa_scalar some = tecdsa_noise_scalar(&number);
    const struct tecdsa_point a = multiply(&some, NULL);
    EC_POINT *base = theirs(&a);
    EC_POINT *want = EC_POINT_new(group);

    (void)state;
    for (unsigned i = 0; i < 70; i++) {
        const struct tecdsa_scalar k = multiplier(i);
        BIGNUM *x = to_bn(&k);
        struct tecdsa_point have = multiply(&k, NULL);

        assert_int_equal(EC_POINT_mul(group, want, x, NULL, NULL, bn), 1);
        expect(want, &have);
        have = multiply(&k, &a);
        assert_int_equal(EC_POINT_mul(group, want, NULL, base, x, bn), 1);
        expect(want, &have);
        have = multiply(&k, &tecdsa_infinity);
        assert_true(tecdsa_point_infinite(&have) == UINT64_MAX);
        BN_free(x);
    }
    EC_POINT_free(base);
    EC_POINT_free(want);
}

/* Infinity, small multiples of one point and their negatives: every special case of other
 * formulas. Sums are projective, so that z is not 1. */
static void adds_as_openssl_does(void **state)
{
    enum { N = 9 };
    const struct tecdsa_scalar some = tecdsa_noise_scalar(&number);
    const struct tecdsa_point base = multiply(&some, NULL);
    struct tecdsa_point a[2 * N];
    EC_POINT *want = EC_POINT_new(group);

    (void)state;
    for (unsigned i = 0; i < N; i++) {
        tecdsa_point_times(i, &base, &a[i]);
        tecdsa_point_neg(&a[i], &a[N + i]);
    }
    for (unsigned i = 0; i < 2 * N; i++) {
        for (unsigned j = 0; j < 2 * N; j++) {
            EC_POINT *x = theirs(&a[i]);
            EC_POINT *y = theirs(&a[j]);
            struct tecdsa_point have;

            assert_int_equal(EC_POINT_add(group, want, x, y, bn), 1);
            tecdsa_point_add(&a[i], &a[j], &have);
            expect(want, &have);
            assert_int_equal(EC_POINT_invert(group, y, bn), 1);
            assert_int_equal(EC_POINT_add(group, want, x, y, bn), 1);
            tecdsa_point_sub(&a[i], &a[j], &have);
            expect(want, &have);
            assert_int_equal(tecdsa_point_equal(&a[i], &a[j]) != 0,
                             i % N == j % N && (i == j || i % N == 0));
            tecdsa_point_select(UINT64_MAX, &a[i], &a[j], &have);
            assert_true(tecdsa_point_equal(&a[i], &have) != 0);
            tecdsa_point_select(0, &a[i], &a[j], &have);
            assert_true(tecdsa_point_equal(&a[j], &have) != 0);
            EC_POINT_free(x);
            EC_POINT_free(y);
        }
    }
    EC_POINT_free(want);
}

static void multiples_by_addition(void **state)
{
    const struct tecdsa_scalar some = tecdsa_noise_scalar(&number);
    const struct tecdsa_point base = multiply(&some, NULL);

    (void)state;
    for (unsigned i = 0; i < 300; i += 1 + i / 9) {
        struct tecdsa_scalar k;
        struct tecdsa_point want;
        struct tecdsa_point have = base;

        tecdsa_scalar_of_int(i, &k);
        want = multiply(&k, &base);
        tecdsa_point_times(i, &have, &have);
        assert_true(tecdsa_point_equal(&want, &have) != 0);
    }
}

static void set(uint8_t *bytes, const BIGNUM *x, long plus)
{
    BIGNUM *y = BN_dup(x);

    assert_int_equal(
        plus < 0 ? BN_sub_word(y, (BN_ULONG)-plus) : BN_add_word(y, (BN_ULONG)plus), 1);
    assert_int_equal(BN_bn2binpad(y, bytes, TECDSA_SCALAR_LEN), TECDSA_SCALAR_LEN);
    BN_free(y);
}

static void refuse(const uint8_t *bytes, enum err want)
{
    struct tecdsa_point a = {.z = {1}};

    assert_int_equal(tecdsa_point_decode(bytes, &a), want);
    assert_true(tecdsa_point_infinite(&a) != 0);
}

static void refuse_long(const uint8_t *bytes, enum err want)
{
    struct tecdsa_point a = {.z = {1}};

    assert_int_equal(tecdsa_point_long_decode(bytes, &a), want);
    assert_true(tecdsa_point_infinite(&a) != 0);
}

/* Infinity in any form, another header, a coordinate of p or more, and off the curve. */
static void decoders_refuse(void **state)
{
    const struct tecdsa_scalar some = tecdsa_noise_scalar(&number);
    const struct tecdsa_point a = multiply(&some, NULL);
    BIGNUM *p = BN_new();
    uint8_t bytes[TECDSA_POINT_LONG] = {0};
    unsigned off_curve = 0;

    (void)state;
    assert_int_equal(EC_GROUP_get_curve(group, p, NULL, NULL, bn), 1);
    refuse(bytes, ERR_ENCODING);
    refuse_long(bytes, ERR_ENCODING);
    bytes[0] = 4;
    refuse_long(bytes, ERR_RANGE); /* (0, 0) */
    tecdsa_point_encode(&a, bytes);
    for (unsigned header = 0; header < 256; header++) {
        if (header != 2 && header != 3) {
            bytes[0] = (uint8_t)header;
            refuse(bytes, ERR_ENCODING);
        }
    }
    for (int i = 0; i < 3; i++) {
        bytes[0] = 2;
        set(bytes + 1, p, i);
        refuse(bytes, ERR_RANGE);
    }
    memset(bytes + 1, 0xff, TECDSA_SCALAR_LEN);
    refuse(bytes, ERR_RANGE);
    for (unsigned i = 0; i < 64; i++) { /* half of all x have no y */
        struct tecdsa_point b;

        tecdsa_noise(&number, bytes + 1, TECDSA_SCALAR_LEN);
        bytes[1] = 0;
        if (tecdsa_point_decode(bytes, &b) != ERR_OK) {
            refuse(bytes, ERR_RANGE);
            off_curve++;
        }
    }
    assert_in_range(off_curve, 10, 54);
    tecdsa_point_long_encode(&a, bytes);
    for (unsigned header = 0; header < 256; header++) {
        if (header != 4) {
            bytes[0] = (uint8_t)header;
            refuse_long(bytes, ERR_ENCODING);
        }
    }
    bytes[0] = 4;
    for (size_t i = 1; i < sizeof bytes; i++) {
        bytes[i] ^= 1;
        refuse_long(bytes, ERR_RANGE);
        bytes[i] ^= 1;
    }
    for (int i = 0; i < 3; i++) {
        set(bytes + 1 + TECDSA_SCALAR_LEN, p, i);
        refuse_long(bytes, ERR_RANGE);
    }
    BN_free(p);
}

/* The same point with p added to its x: no second encoding of it is taken. */
static void a_point_has_one_encoding(void **state)
{
    BIGNUM *p = BN_new();
    uint8_t bytes[TECDSA_POINT_LONG];
    struct tecdsa_point a;
    unsigned points = 0;
    size_t n = 0;

    (void)state;
    assert_int_equal(EC_GROUP_get_curve(group, p, NULL, NULL, bn), 1);
    for (unsigned x = 0; x < 40; x++) {
        memset(bytes, 0, sizeof bytes);
        bytes[0] = 2;
        bytes[TECDSA_SCALAR_LEN] = (uint8_t)x;
        if (tecdsa_point_decode(bytes, &a) != ERR_OK) {
            continue;
        }
        points++;
        set(bytes + 1, p, (int)x);
        refuse(bytes, ERR_RANGE);
        tecdsa_point_long_encode(&a, bytes);
        assert_int_equal(tecdsa_point_long_decode(bytes, &a), ERR_OK);
        set(bytes + 1, p, (int)x);
        refuse_long(bytes, ERR_RANGE);
    }
    assert_in_range(points, 5, 35);
    bytes[0] = 4; /* by its limbs alone the y of that x would be p + 1 */
    assert_int_equal(hex_parse("2d549a2f958d13276bec0be0d7ff5f477ea2c3d376e552e1"
                               "060edc63c378d5bc3e7eab7bfc00ceeb0b50e977d09f2ea2",
                               bytes + 1, TECDSA_SCALAR_LEN, &n),
                     ERR_OK);
    set(bytes + 1 + TECDSA_SCALAR_LEN, p, 1);
    refuse_long(bytes, ERR_RANGE);
    BN_free(p);
}

/* r of a signature; also of an x that is not below n. */
static void x_is_reduced_mod_n(void **state)
{
    const struct tecdsa_scalar some = tecdsa_noise_scalar(&number);
    const struct tecdsa_point a = multiply(&some, NULL);
    BIGNUM *p = BN_new();
    BIGNUM *x = BN_new();
    uint8_t bytes[TECDSA_POINT_LONG];
    uint8_t ours[TECDSA_SCALAR_LEN];
    struct tecdsa_point high;
    struct tecdsa_scalar r;
    long below = 1;

    (void)state;
    tecdsa_point_long_encode(&a, bytes);
    tecdsa_point_x(&a, &r);
    tecdsa_scalar_encode(&r, ours);
    assert_memory_equal(ours, bytes + 1, sizeof ours);
    assert_int_equal(EC_GROUP_get_curve(group, p, NULL, NULL, bn), 1);
    bytes[0] = 2;
    do { /* the highest x on the curve */
        set(bytes + 1, p, -below++);
    } while (tecdsa_point_decode(bytes, &high) != ERR_OK);
    assert_non_null(BN_bin2bn(bytes + 1, TECDSA_SCALAR_LEN, x));
    assert_int_equal(BN_mod(x, x, EC_GROUP_get0_order(group), bn), 1);
    set(bytes + 1, x, 0);
    tecdsa_point_x(&high, &r);
    tecdsa_scalar_encode(&r, ours);
    assert_memory_equal(ours, bytes + 1, sizeof ours);
    tecdsa_point_x(&tecdsa_infinity, &r);
    assert_true(tecdsa_scalar_zero(&r) != 0);
    BN_free(p);
    BN_free(x);
}

/* Of one multiplication, on a work stack. */
struct encoded {
    struct tecdsa_scalar k;
    struct tecdsa_point other;
    uint8_t bytes[TECDSA_POINT_LONG];
};

static enum err encode_product(void *arg)
{
    struct encoded *const e = arg;

    tecdsa_point_mul_g_encode(&e->k, e->bytes);
    return tecdsa_point_check(&e->k, &e->other);
}

/* 0 and n-1 among them: infinity is zeros. */
static void products_are_encoded_and_checked(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 70; i++) {
        struct encoded e = {.k = multiplier(i)};
        const struct tecdsa_point want = multiply(&e.k, NULL);
        uint8_t bytes[TECDSA_POINT_LONG];

        e.other = want;
        assert_int_equal(work_stack_run_gmp(work, encode_product, &e), ERR_OK);
        tecdsa_point_long_encode(&want, bytes);
        assert_memory_equal(e.bytes, bytes, sizeof bytes);
        tecdsa_point_neg(&want, &e.other);
        assert_int_equal(work_stack_run_gmp(work, encode_product, &e),
                         tecdsa_point_infinite(&want) != 0 ? ERR_OK : ERR_MISMATCH);
    }
}

static void many_x_are_those_of_each(void **state)
{
    struct tecdsa_point a[TECDSA_POINT_X_MAX] = {0};
    struct tecdsa_scalar x[TECDSA_POINT_X_MAX];
    struct tecdsa_scalar one;

    (void)state;
    for (size_t n = 0; n <= TECDSA_POINT_X_MAX; n++) {
        for (size_t i = 0; i < n; i++) {
            const struct tecdsa_scalar k = tecdsa_noise_scalar(&number);

            a[i] = multiply(&k, NULL);
            tecdsa_point_add(&a[i], &a[0], &a[i]); /* z is not 1 */
        }
        tecdsa_point_x_all(a, n, x);
        for (size_t i = 0; i < n; i++) {
            tecdsa_point_x(&a[i], &one);
            assert_true(tecdsa_scalar_equal(&one, &x[i]) != 0);
        }
    }
    a[3] = tecdsa_infinity;
    tecdsa_point_x_all(a, TECDSA_POINT_X_MAX, x);
    for (size_t i = 0; i < TECDSA_POINT_X_MAX; i++) {
        assert_true(tecdsa_scalar_zero(&x[i]) != 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(multiplies_as_openssl_does),
        cmocka_unit_test(adds_as_openssl_does),
        cmocka_unit_test(multiples_by_addition),
        cmocka_unit_test(decoders_refuse),
        cmocka_unit_test(a_point_has_one_encoding),
        cmocka_unit_test(x_is_reduced_mod_n),
        cmocka_unit_test(products_are_encoded_and_checked),
        cmocka_unit_test(many_x_are_those_of_each),
    };
    int result;

    bn = BN_CTX_new();
    group = EC_GROUP_new_by_curve_name(NID_secp384r1);
    work = aligned_alloc(64, sizeof *work);
    if (bn == NULL || group == NULL || work == NULL) {
        return 1;
    }
    work_stack_init(work);
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(work);
    EC_GROUP_free(group);
    BN_CTX_free(bn);
    return result;
}
