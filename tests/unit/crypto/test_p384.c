#include "openssl_evp.h"
#include "p384_fixture.h"

#include <pthread.h>

static void order_minus(unsigned long less, uint8_t out[P384_SCALAR_LEN])
{
    mpz_t n;

    mpz_init_set_str(n, order_hex, 16);
    mpz_sub_ui(n, n, less);
    mpz_export(out, NULL, 1, 1, 1, 0, n);
    mpz_clear(n);
}

static void signs_what_it_verifies(void **state)
{
    struct p384_signer *s = new_signer(1);
    struct p384_key key;

    (void)state;
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    for (unsigned i = 0; i < 50; i++) {
        uint8_t digest[P384_DIGEST_LEN];
        uint8_t sig[P384_SIG_LEN];

        make_digest(i, digest);
        assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_OK);
    }
    free(s);
}

static void refuses_each_changed_byte(void **state)
{
    struct p384_signer *s = new_signer(2);
    struct p384_key key;
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    make_digest(0, digest);
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
    for (size_t i = 0; i < sizeof sig; i++) {
        sig[i] ^= 0x10;
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_SIGNATURE);
        sig[i] ^= 0x10;
    }
    for (size_t i = 0; i < sizeof digest; i += 7) {
        digest[i] ^= 0x01;
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_SIGNATURE);
        digest[i] ^= 0x01;
    }
    for (size_t i = 0; i < sizeof key.public_key; i++) {
        key.public_key[i] ^= 0x02;
        assert_int_equal(p384_verify(key.public_key, digest, sig),
                         i == 0 ? ERR_ENCODING : ERR_RANGE);
        key.public_key[i] ^= 0x02;
    }
    assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_OK);
    free(s);
}

/* r and s of 0, n and more: refused, not reduced. */
static void refuses_scalars_out_of_range(void **state)
{
    struct p384_signer *s = new_signer(3);
    struct p384_key key;
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    make_digest(0, digest);
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    for (int half = 0; half < 2; half++) {
        uint8_t *part = sig + half * P384_SCALAR_LEN;

        assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
        memset(part, 0, P384_SCALAR_LEN);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_SIGNATURE);
        order_minus(0, part);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_SIGNATURE);
        memset(part, 0xff, P384_SCALAR_LEN);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_SIGNATURE);
    }
    free(s);
}

static void makes_keys_of_scalars(void **state)
{
    struct p384_signer *s = new_signer(4);
    static const struct p384_key zero;
    uint8_t d[P384_SCALAR_LEN] = {0};
    struct p384_key one;
    struct p384_key last;
    struct p384_key key;

    (void)state;
    assert_int_equal(p384_key_from_scalar(s, d, &key), ERR_RANGE);
    assert_memory_equal(&key, &zero, sizeof key);
    order_minus(0, d);
    assert_int_equal(p384_key_from_scalar(s, d, &key), ERR_RANGE);
    memset(d, 0xff, sizeof d);
    assert_int_equal(p384_key_from_scalar(s, d, &key), ERR_RANGE);
    assert_memory_equal(&key, &zero, sizeof key);

    memset(d, 0, sizeof d);
    d[P384_SCALAR_LEN - 1] = 1;
    assert_int_equal(p384_key_from_scalar(s, d, &one), ERR_OK);
    order_minus(1, d);
    assert_int_equal(p384_key_from_scalar(s, d, &last), ERR_OK);
    /* -G has the x of G and another y. */
    assert_memory_equal(one.public_key, last.public_key, 1 + P384_SCALAR_LEN);
    assert_memory_not_equal(one.public_key, last.public_key, P384_PUBLIC_LEN);
    assert_int_equal(p384_check_public(one.public_key), ERR_OK);
    assert_int_equal(p384_check_public(last.public_key), ERR_OK);
    free(s);
}

/* The pair of key in OpenSSL. */
static EVP_PKEY *openssl_key(const struct p384_key *key)
{
    char group[] = "P-384";
    uint8_t public_key[P384_PUBLIC_LEN];
    uint8_t d[P384_SCALAR_LEN]; /* in the processor's order */
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "EC", NULL);
    EVP_PKEY *pkey = NULL;

    for (size_t i = 0; i < sizeof d; i++) {
        d[i] = key->d[sizeof d - 1 - i];
    }
    memcpy(public_key, key->public_key, sizeof public_key);
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, group, 0),
        OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, public_key,
                                          sizeof public_key),
        OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, d, sizeof d),
        OSSL_PARAM_construct_end()};

    assert_int_equal(EVP_PKEY_fromdata_init(ctx), 1);
    assert_int_equal(EVP_PKEY_fromdata(ctx, &pkey, EVP_PKEY_KEYPAIR, params), 1);
    EVP_PKEY_CTX_free(ctx);
    return pkey;
}

/* OpenSSL verifies our signature with our public key. */
static void openssl_takes(EVP_PKEY *pkey, const uint8_t *digest, const uint8_t *sig)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    ECDSA_SIG *es = ECDSA_SIG_new();
    uint8_t *der = NULL;
    int n;

    assert_int_equal(ECDSA_SIG_set0(es, BN_bin2bn(sig, P384_SCALAR_LEN, NULL),
                                    BN_bin2bn(sig + P384_SCALAR_LEN, P384_SCALAR_LEN, NULL)),
                     1);
    n = i2d_ECDSA_SIG(es, &der);
    assert_true(n > 0);
    assert_int_equal(EVP_PKEY_verify_init(ctx), 1);
    assert_int_equal(EVP_PKEY_verify(ctx, der, (size_t)n, digest, P384_DIGEST_LEN), 1);
    OPENSSL_free(der);
    ECDSA_SIG_free(es);
    EVP_PKEY_CTX_free(ctx);
}

static void openssl_signs(EVP_PKEY *pkey, const uint8_t *digest, uint8_t *sig)
{
    EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new(pkey, NULL);
    uint8_t der[128];
    size_t n = sizeof der;
    const uint8_t *p = der;
    ECDSA_SIG *es;

    assert_int_equal(EVP_PKEY_sign_init(ctx), 1);
    assert_int_equal(EVP_PKEY_sign(ctx, der, &n, digest, P384_DIGEST_LEN), 1);
    es = d2i_ECDSA_SIG(NULL, &p, (long)n);
    assert_non_null(es);
    (void)BN_bn2binpad(ECDSA_SIG_get0_r(es), sig, P384_SCALAR_LEN);
    (void)BN_bn2binpad(ECDSA_SIG_get0_s(es), sig + P384_SCALAR_LEN, P384_SCALAR_LEN);
    ECDSA_SIG_free(es);
    EVP_PKEY_CTX_free(ctx);
}

/* Each takes the other's signatures: ours fit our public key, and those that OpenSSL makes with
 * our d fit it too, so d and public key are a pair. */
static void agrees_with_openssl(void **state)
{
    struct p384_signer *s = new_signer(5);
    struct p384_key key;
    EVP_PKEY *pkey;

    (void)state;
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    pkey = openssl_key(&key);
    for (unsigned i = 0; i < 10; i++) {
        uint8_t digest[P384_DIGEST_LEN];
        uint8_t sig[P384_SIG_LEN];

        make_digest(i, digest);
        assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
        openssl_takes(pkey, digest, sig);
        openssl_signs(pkey, digest, sig);
        assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_OK);
    }
    EVP_PKEY_free(pkey);
    free(s);
}

struct thread_work {
    const struct p384_key *key;
    unsigned number;
    size_t good;
};

static void *sign_many(void *arg)
{
    struct thread_work *w = arg;
    struct p384_signer *s = new_signer(100 + w->number);

    for (unsigned i = 0; i < 100; i++) {
        uint8_t digest[P384_DIGEST_LEN];
        uint8_t sig[P384_SIG_LEN];

        make_digest(i, digest);
        w->good += p384_sign(s, w->key, digest, sig) == ERR_OK &&
                   p384_verify(w->key->public_key, digest, sig) == ERR_OK;
    }
    free(s);
    return NULL;
}

static void threads_share_a_key(void **state)
{
    struct p384_signer *s = new_signer(10);
    struct p384_key key;
    pthread_t thread[4];
    struct thread_work work[4];

    (void)state;
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    for (unsigned i = 0; i < 4; i++) {
        work[i] = (struct thread_work){&key, i, 0};
        assert_int_equal(pthread_create(&thread[i], NULL, sign_many, &work[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(thread[i], NULL), 0);
        assert_int_equal(work[i].good, 100);
    }
    free(s);
}

static unsigned allocations;

static void *counted_alloc(size_t n)
{
    allocations++;
    return malloc(n);
}

static void *counted_realloc(void *p, size_t old, size_t n)
{
    (void)old;
    allocations++;
    return realloc(p, n);
}

static void counted_free(void *p, size_t n)
{
    (void)n;
    free(p);
}

/* GMP asks nobody but the signer's arena for memory, and signing not even that. */
static void allocates_nothing(void **state)
{
    struct p384_signer *s;
    struct p384_key key;
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    make_digest(0, digest);
    s = new_signer(8);
    allocations = 0;
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
    assert_int_equal(p384_verify(key.public_key, digest, sig), ERR_OK);
    assert_int_equal(allocations, 0);
    free(s);
}

static void wipes_the_signer(void **state)
{
    struct p384_signer *s = new_signer(9);
    const uint8_t *p = (const uint8_t *)s;
    uint8_t any = 0;

    (void)state;
    p384_signer_wipe(s);
    for (size_t i = 0; i < p384_signer_size(); i++) {
        any |= p[i];
    }
    assert_int_equal(any, 0);
    p384_signer_wipe(NULL);
    free(s);
}

static void wants_aligned_memory(void **state)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    uint8_t *memory = aligned_alloc(4096, p384_signer_size() + 4096);
    struct p384_signer *s;

    (void)state;
    assert_int_equal(p384_signer_size() % 4096, 0);
    assert_int_equal(p384_signer_init(memory + 16, seed, &s), ERR_BUG);
    assert_null(s);
    free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signs_what_it_verifies),
        cmocka_unit_test(refuses_each_changed_byte),
        cmocka_unit_test(refuses_scalars_out_of_range),
        cmocka_unit_test(makes_keys_of_scalars),
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(threads_share_a_key),
        cmocka_unit_test(allocates_nothing),
        cmocka_unit_test(wipes_the_signer),
        cmocka_unit_test(wants_aligned_memory),
    };

    mp_set_memory_functions(counted_alloc, counted_realloc, counted_free);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
