#include "openssl_evp.h"
#include "testing.h"

#include "base/hex.h"
#include "crypto/drbg.h"

#include <string.h>

#define ENTROPY_LEN 32
#define NONCE_LEN                                                               \
    16 /* OpenSSL takes them apart, we as one seed of 48 bytes: entropy | nonce \
        */

static const struct view none;

/* OpenSSL's HMAC-DRBG with SHA-384 on entropy of our choice. */
struct reference {
    EVP_RAND_CTX *parent, *drbg;
};

static EVP_RAND_CTX *new_rand(const char *name, EVP_RAND_CTX *parent)
{
    EVP_RAND *rand = EVP_RAND_fetch(NULL, name, NULL);
    EVP_RAND_CTX *r = EVP_RAND_CTX_new(rand, parent);

    assert_non_null(r);
    EVP_RAND_free(rand);
    return r;
}

/* The parent holds the pointers: seed lives until the next feed. */
static void feed(const struct reference *r, uint8_t seed[DRBG_SEED_LEN])
{
    unsigned strength = 256;
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_uint(OSSL_RAND_PARAM_STRENGTH, &strength),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_ENTROPY, seed, ENTROPY_LEN),
        OSSL_PARAM_construct_octet_string(OSSL_RAND_PARAM_TEST_NONCE, seed + ENTROPY_LEN,
                                          NONCE_LEN),
        OSSL_PARAM_construct_end()};

    assert_int_equal(EVP_RAND_CTX_set_params(r->parent, params), 1);
}

static void reference_init(struct reference *r, uint8_t seed[DRBG_SEED_LEN],
                           struct view personal)
{
    char mac[] = "HMAC";
    char digest[] = "SHA384";
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_MAC, mac, 0),
        OSSL_PARAM_construct_utf8_string(OSSL_DRBG_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end()};

    r->parent = new_rand("TEST-RAND", NULL);
    feed(r, seed);
    assert_int_equal(EVP_RAND_instantiate(r->parent, 256, 0, NULL, 0, NULL), 1);
    r->drbg = new_rand("HMAC-DRBG", r->parent);
    assert_int_equal(EVP_RAND_instantiate(r->drbg, 256, 0, personal.p, personal.n, params), 1);
}

static void reference_free(struct reference *r)
{
    EVP_RAND_CTX_free(r->drbg);
    EVP_RAND_CTX_free(r->parent);
}

static void fill(uint8_t *p, size_t n, unsigned start)
{
    for (size_t i = 0; i < n; i++) {
        p[i] = (uint8_t)(start + 7 * i);
    }
}

static void equal_output(struct drbg *d, const struct reference *r, struct view additional,
                         size_t n)
{
    static uint8_t ours[4096];
    static uint8_t theirs[4096];

    assert_int_equal(drbg_generate(d, additional, ours, n), ERR_OK);
    assert_int_equal(EVP_RAND_generate(r->drbg, theirs, n, 256, 0, additional.p, additional.n),
                     1);
    assert_memory_equal(ours, theirs, n);
}

/* Lengths around the block of 48 bytes; with and without personal and additional input; a
 * reseed in the middle. */
static void agrees_with_openssl(void **state)
{
    static const size_t lengths[] = {1, 47, 48, 49, 95, 96, 97, 384, 4096};
    static const size_t extra[] = {0, 1, 48, 200};

    (void)state;
    for (size_t i = 0; i < sizeof extra / sizeof extra[0]; i++) {
        uint8_t seed[DRBG_SEED_LEN];
        uint8_t again[DRBG_SEED_LEN];
        uint8_t text[200];
        const struct view v = {text, extra[i]};
        struct reference r;
        struct drbg d;

        fill(seed, sizeof seed, (unsigned)i);
        fill(again, sizeof again, (unsigned)i + 100);
        fill(text, sizeof text, 50);
        reference_init(&r, seed, v);
        drbg_init(&d, (struct view){seed, sizeof seed}, v);
        for (size_t j = 0; j < sizeof lengths / sizeof lengths[0]; j++) {
            equal_output(&d, &r, none, lengths[j]);
            equal_output(&d, &r, v, lengths[j]);
        }
        feed(&r, again);
        assert_int_equal(EVP_RAND_reseed(r.drbg, 0, NULL, 0, NULL, 0), 1);
        drbg_reseed(&d, (struct view){again, ENTROPY_LEN}); /* a reseed takes no nonce */
        equal_output(&d, &r, none, 100);
        equal_output(&d, &r, v, 100);
        reference_free(&r);
    }
}

/* Seed 00 01 .. 2f, no personal string; second request of 48 bytes. OpenSSL gives the same. */
static void gives_the_known_answer(void **state)
{
    static const char want[] = "50601a7ceacca07714ce4b7de47a70d3c69d52c8a1cf6f2d"
                               "3dca0f911c2ea7c2e51e406714c7e73c60055d4fa3cafa10";
    uint8_t seed[DRBG_SEED_LEN];
    uint8_t out[48];
    /* Not NULL: OpenSSL has a personal string of its own for that. */
    const struct view empty = {seed, 0};
    uint8_t theirs[48];
    char text[97];
    struct reference r;
    struct drbg d;

    (void)state;
    for (size_t i = 0; i < sizeof seed; i++) {
        seed[i] = (uint8_t)i;
    }
    reference_init(&r, seed, empty);
    assert_int_equal(EVP_RAND_generate(r.drbg, theirs, 48, 256, 0, NULL, 0), 1);
    assert_int_equal(EVP_RAND_generate(r.drbg, theirs, 48, 256, 0, NULL, 0), 1);
    reference_free(&r);
    drbg_init(&d, (struct view){seed, sizeof seed}, none);
    assert_int_equal(drbg_generate(&d, none, out, sizeof out), ERR_OK);
    assert_int_equal(drbg_generate(&d, none, out, sizeof out), ERR_OK);
    hex_write((struct view){out, sizeof out}, text);
    assert_string_equal(text, want);
    assert_memory_equal(out, theirs, sizeof out);
}

static void counts_requests(void **state)
{
    static uint8_t out[DRBG_BYTES_MAX + 1];
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    struct drbg d;

    (void)state;
    drbg_init(&d, (struct view){seed, sizeof seed}, none);
    assert_int_equal(d.reseed_counter, 1);
    out[0] = 0x77;
    assert_int_equal(drbg_generate(&d, none, out, sizeof out), ERR_RANGE);
    assert_int_equal(out[0], 0x77);
    assert_int_equal(drbg_generate(&d, none, out, DRBG_BYTES_MAX), ERR_OK);
    assert_int_equal(d.reseed_counter, 2);
    d.reseed_counter = (uint64_t)1 << 48;
    assert_int_equal(drbg_generate(&d, none, out, 1), ERR_OK);
    out[0] = 0x77;
    assert_int_equal(drbg_generate(&d, none, out, 1), ERR_STATE);
    assert_int_equal(out[0], 0x77);
    drbg_reseed(&d, (struct view){seed, sizeof seed});
    assert_int_equal(drbg_generate(&d, none, out, 1), ERR_OK);
}

static void wipes(void **state)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    static const struct drbg zero;
    struct drbg d;

    (void)state;
    drbg_init(&d, (struct view){seed, sizeof seed}, none);
    drbg_wipe(&d);
    assert_memory_equal(d.k, zero.k, sizeof d.k);
    assert_memory_equal(d.v, zero.v, sizeof d.v);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(agrees_with_openssl),
        cmocka_unit_test(gives_the_known_answer),
        cmocka_unit_test(counts_requests),
        cmocka_unit_test(wipes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
