#include "p384_fixture.h"

#include "base/build.h"
#include "base/scratch_stack.h"
#include "crypto/p384_internal.h"

#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>

#define BIG_STACK 65536

/* Whether eight bytes of the scalar in a row, in either byte order, stand anywhere in memory.
 */
static bool holds_part_of(const uint8_t *memory, size_t n, const uint8_t x[P384_SCALAR_LEN])
{
    for (size_t part = 0; part + 8 <= P384_SCALAR_LEN; part += 8) {
        uint8_t reversed[8];

        for (size_t i = 0; i < 8; i++) {
            reversed[i] = x[part + 7 - i];
        }
        if (memmem(memory, n, x + part, 8) || memmem(memory, n, reversed, 8)) {
            return true;
        }
    }
    return false;
}

typedef enum err (*sign_fn)(struct p384_signer *, const struct p384_key *, const uint8_t *,
                            uint8_t *);

struct caller {
    sign_fn sign;
    struct p384_signer *s;
    const struct p384_key *key;
    const uint8_t *digest;
    uint8_t *sig;
    enum err result;
};

static void call_sign(void *arg)
{
    struct caller *c = arg;

    c->result = c->sign(c->s, c->key, c->digest, c->sig);
}

struct found {
    bool nonce_in_signer, nonce_on_stack, d_in_signer, d_on_stack;
};

/* Signs from a stack of ours, recovers the nonce of the signature, and looks for it and for d
 * in all of the signer and in all that the call left on the caller's stack. */
static struct found sign_and_look(sign_fn sign, unsigned i)
{
    struct p384_signer *s = new_signer(i);
    uint8_t *stack = aligned_alloc(4096, BIG_STACK);
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    uint8_t k[P384_SCALAR_LEN];
    struct p384_key key;
    struct caller c = {sign, s, &key, digest, sig, ERR_BUG};
    struct found f;

    assert_non_null(stack);
    memset(stack, 0, BIG_STACK);
    make_digest(i, digest);
    assert_int_equal(p384_key_generate(s, &key), ERR_OK);
    scratch_stack_run(stack, BIG_STACK, call_sign, &c);
    assert_int_equal(c.result, ERR_OK);
    recover_nonce(&key, digest, sig, k);
    f.nonce_in_signer = holds_part_of((const uint8_t *)s, p384_signer_size(), k);
    f.d_in_signer = holds_part_of((const uint8_t *)s, p384_signer_size(), key.d);
    f.nonce_on_stack = holds_part_of(stack, BIG_STACK, k);
    f.d_on_stack = holds_part_of(stack, BIG_STACK, key.d);
    p384_signer_wipe(s);
    free(stack);
    free(s);
    return f;
}

static void leaves_no_nonce_behind(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        const struct found f = sign_and_look(p384_sign, i);

        assert_false(f.nonce_in_signer);
        assert_false(f.d_in_signer);
        assert_false(f.nonce_on_stack);
        assert_false(f.d_on_stack);
    }
}

/* The control: without the wipe the same search finds both. */
static void would_find_the_nonce_without_the_wipe(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        const struct found f = sign_and_look(p384_sign_unwiped, i);

        assert_true(f.nonce_in_signer);
        assert_true(f.d_in_signer);
    }
}

#if !BUILD_ASAN /* whose free() writes over the stack below */
static void count_up(void *ctx, size_t n, uint8_t *out)
{
    static uint8_t counter;

    (void)ctx;
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(i * 7 + counter);
    }
    counter++;
}

/* nettle's own function, straight on the caller's stack. */
static enum err bare_nettle(struct p384_signer *s, const struct p384_key *key,
                            const uint8_t *digest, uint8_t *sig)
{
    struct ecc_scalar d;
    struct dsa_signature rs;
    mpz_t z;

    (void)s;
    mpz_init(z);
    mpz_import(z, P384_SCALAR_LEN, 1, 1, 1, 0, key->d);
    ecc_scalar_init(&d, nettle_get_secp_384r1());
    assert_int_equal(ecc_scalar_set(&d, z), 1);
    dsa_signature_init(&rs);
    ecdsa_sign(&d, NULL, count_up, P384_DIGEST_LEN, digest, &rs);
    memset(sig, 0, P384_SIG_LEN);
    mpz_export(sig + P384_SCALAR_LEN - (mpz_sizeinbase(rs.r, 2) + 7) / 8, NULL, 1, 1, 1, 0,
               rs.r);
    mpz_export(sig + P384_SIG_LEN - (mpz_sizeinbase(rs.s, 2) + 7) / 8, NULL, 1, 1, 1, 0, rs.s);
    dsa_signature_clear(&rs);
    ecc_scalar_clear(&d);
    mpz_clear(z);
    return ERR_OK;
}

/* The control of the search on the caller's stack, and the reason for all this. */
static void nettle_alone_leaves_the_nonce_on_the_stack(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 10; i++) {
        assert_true(sign_and_look(bare_nettle, i).nonce_on_stack);
    }
}
#endif

/* The same DRBG output twice, as after a state that was copied: another digest or another key
 * gives another nonce, and only the same of all three gives the same. */
static void hedges_the_nonce(void **state)
{
    uint8_t digest[2][P384_DIGEST_LEN];
    uint8_t k[4][P384_SCALAR_LEN];
    uint8_t sig[4][P384_SIG_LEN];
    struct p384_key key[2];

    (void)state;
    make_digest(0, digest[0]);
    make_digest(1, digest[1]);
    for (unsigned i = 0; i < 4; i++) {
        struct p384_signer *maker = new_signer(50 + i / 2);
        struct p384_signer *s = new_signer(60);

        assert_int_equal(p384_key_generate(maker, &key[i / 2]), ERR_OK);
        assert_int_equal(p384_sign(s, &key[i / 2], digest[i % 2], sig[i]), ERR_OK);
        recover_nonce(&key[i / 2], digest[i % 2], sig[i], k[i]);
        free(maker);
        free(s);
    }
    for (size_t i = 0; i < 4; i++) {
        for (size_t j = 0; j < i; j++) {
            assert_memory_not_equal(k[i], k[j], P384_SCALAR_LEN);
        }
    }
}

/* More signatures than one DRBG request serves; a reseed changes what follows. */
static void never_repeats_a_nonce(void **state)
{
    static const uint8_t entropy[DRBG_SEED_LEN] = {9};
    static uint8_t r[2][40][P384_SCALAR_LEN];
    uint8_t digest[P384_DIGEST_LEN];
    struct p384_key key;

    (void)state;
    make_digest(0, digest);
    for (size_t run = 0; run < 2; run++) {
        struct p384_signer *s = new_signer(7);

        assert_int_equal(p384_key_generate(s, &key), ERR_OK);
        for (size_t i = 0; i < 40; i++) {
            uint8_t sig[P384_SIG_LEN];

            if (run == 1 && i == 20) {
                p384_signer_reseed(s, (struct view){entropy, sizeof entropy});
            }
            assert_int_equal(p384_sign(s, &key, digest, sig), ERR_OK);
            memcpy(r[run][i], sig, P384_SCALAR_LEN);
            for (size_t j = 0; j < i; j++) {
                assert_memory_not_equal(r[run][i], r[run][j], P384_SCALAR_LEN);
            }
        }
        free(s);
    }
    for (size_t i = 0; i < 40; i++) {
        assert_int_equal(memcmp(r[0][i], r[1][i], P384_SCALAR_LEN) == 0, i < 20);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(leaves_no_nonce_behind),
        cmocka_unit_test(would_find_the_nonce_without_the_wipe),
#if !BUILD_ASAN
        cmocka_unit_test(nettle_alone_leaves_the_nonce_on_the_stack),
#endif
        cmocka_unit_test(hedges_the_nonce),
        cmocka_unit_test(never_repeats_a_nonce),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
