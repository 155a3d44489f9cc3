#include "testing.h"

#include "enclave/identity/identity.h"

#include <stdlib.h>
#include <string.h>

static const uint8_t seed[DRBG_SEED_LEN] = {3};

static void makes_two_keys_that_sign(void **state)
{
    static const uint8_t digest[P384_DIGEST_LEN] = {1};
    const struct view text = {digest, sizeof digest};
    void *const memory = aligned_alloc(4096, p384_signer_size());
    struct work_stack *const w = aligned_alloc(64, sizeof *w);
    struct p384_signer *s;
    struct identity id[2];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    assert_non_null(memory);
    assert_non_null(w);
    work_stack_init(w);
    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    assert_int_equal(identity_make(s, w, seed, &id[0]), ERR_OK);
    assert_int_equal(identity_make(s, w, seed + 1, &id[1]), ERR_OK);
    assert_memory_not_equal(id[0].key.public_key, id[1].key.public_key, P384_PUBLIC_LEN);
    assert_memory_not_equal(id[0].signing_key.public_key, id[1].signing_key.public_key,
                            ED25519_PUBLIC_LEN);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(p384_sign(s, &id[i].key, digest, sig), ERR_OK);
        assert_int_equal(p384_verify(id[i].key.public_key, digest, sig), ERR_OK);
        assert_int_equal(ed25519_sign(w, &id[i].signing_key, text, sig), ERR_OK);
        assert_int_equal(ed25519_verify(NULL, id[i].signing_key.public_key, text, sig), ERR_OK);
    }
    free(s);
    free(w);
}

static void leaves_nothing_when_it_fails(void **state)
{
    static const struct identity zero;
    void *const memory = aligned_alloc(4096, p384_signer_size());
    struct work_stack *const w = aligned_alloc(64, sizeof *w);
    struct p384_signer *s;
    struct identity id;

    (void)state;
    assert_non_null(memory);
    assert_non_null(w);
    work_stack_init(w);
    gmp_arena_init(&w->arena, w->arena_memory, 64);
    assert_int_equal(p384_signer_init(memory, seed, &s), ERR_OK);
    memset(&id, 0x77, sizeof id);
    assert_int_equal(identity_make(s, w, seed, &id), ERR_NOSPACE);
    assert_memory_equal(&id, &zero, sizeof id);
    free(s);
    free(w);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_two_keys_that_sign),
        cmocka_unit_test(leaves_nothing_when_it_fails),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
