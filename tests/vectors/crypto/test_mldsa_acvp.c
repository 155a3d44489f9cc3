#include "mldsa_kit.h"
#include "testing.h"
#include "vector_file.h"

#include <string.h>

/* NIST's ACVP vectors for ML-DSA-65. "Internal" ones sign the message without the bytes that
 * ML-DSA.Sign puts before it (FIPS 204 6). */

#define MESSAGE_ROOM 16384

static struct mldsa_kit kit;
static uint8_t message[MESSAGE_ROOM];

static void internal_mu(const struct mldsa_path *path, const uint8_t *tr, size_t n, uint8_t *mu)
{
    struct sponge s;

    sponge_init(&s, path->keccak, SPONGE_SHAKE256);
    sponge_absorb(&s, tr, MLDSA_TR_LEN);
    sponge_absorb(&s, message, n);
    sponge_squeeze(&s, mu, MLDSA_MU_LEN);
}

static void read_public(const struct mldsa_path *path, const json_t *object)
{
    const size_t n = vector_bytes(object, "pk", kit.pk, sizeof kit.pk);

    assert_int_equal(mldsa_public_key_parse(path, &mldsa_65, (struct view){kit.pk, n},
                                            &kit.key_scratch, &kit.public_key),
                     ERR_OK);
}

static void key_gen(void **state)
{
    json_t *root = vector_file("01-mldsa/acvp_1.1.0.40_keyGen_ML-DSA-65.json");
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t n = 0;

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            uint8_t xi[MLDSA_SEED_LEN];
            uint8_t pk[MLDSA_PK_MAX];
            uint8_t sk[MLDSA_SK_MAX];

            assert_int_equal(vector_bytes(test, "seed", xi, sizeof xi), sizeof xi);
            assert_int_equal(vector_bytes(test, "pk", pk, sizeof pk), mldsa_65.pk_len);
            assert_int_equal(vector_bytes(test, "sk", sk, sizeof sk), mldsa_65.sk_len);
            FOR_EACH_PATH(path)
            {
                mldsa_keygen(path, &mldsa_65, xi, &kit.key_scratch, &kit.private_key, kit.pk,
                             kit.sk);
                assert_memory_equal(kit.pk, pk, mldsa_65.pk_len);
                assert_memory_equal(kit.sk, sk, mldsa_65.sk_len);
            }
            n++;
        }
    }
    json_decref(root);
    print_message("%zu keys\n", n);
    assert_int_equal(n, 25);
}

static void sig_gen(void **state)
{
    json_t *root = vector_file("01-mldsa/acvp_1.1.0.35_sigGen_ML-DSA-65.json");
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t n = 0;

    (void)state;
    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const size_t len = vector_bytes(test, "message", message, sizeof message);
            const size_t sk_len = vector_bytes(test, "sk", kit.sk, sizeof kit.sk);
            uint8_t rnd[MLDSA_SEED_LEN] = {0};
            uint8_t want[MLDSA_SIG_MAX];

            if (json_is_false(json_object_get(group, "deterministic"))) {
                assert_int_equal(vector_bytes(test, "rnd", rnd, sizeof rnd), sizeof rnd);
            }
            assert_int_equal(vector_bytes(test, "signature", want, sizeof want),
                             mldsa_65.sig_len);
            FOR_EACH_PATH(path)
            {
                uint8_t mu[MLDSA_MU_LEN];

                assert_int_equal(mldsa_private_key_parse(path, &mldsa_65,
                                                         (struct view){kit.sk, sk_len},
                                                         &kit.key_scratch, &kit.private_key),
                                 ERR_OK);
                internal_mu(path, kit.private_key.tr, len, mu);
                assert_int_equal(
                    mldsa_sign_mu(&kit.private_key, mu, rnd, &kit.sign_scratch, kit.sig),
                    ERR_OK);
                assert_memory_equal(kit.sig, want, mldsa_65.sig_len);
            }
            n++;
        }
    }
    json_decref(root);
    print_message("%zu signatures\n", n);
    assert_int_equal(n, 20);
}

/* What a refusal is called, where the file gives NIST's reason. */
static void check_reason(const json_t *test, enum err e)
{
    const char *reason = json_string_value(json_object_get(test, "reason"));

    if (reason != NULL && strcmp(reason, "too many hints") == 0) {
        assert_int_equal(e, ERR_ENCODING);
    }
}

static void sig_ver(const char *file, bool internal)
{
    json_t *root = vector_file(file);
    const json_t *group;
    const json_t *test;
    size_t i;
    size_t j;
    size_t taken = 0;
    size_t refused = 0;

    json_array_foreach(json_object_get(root, "testGroups"), i, group)
    {
        json_array_foreach(json_object_get(group, "tests"), j, test)
        {
            const size_t len = vector_bytes(test, "message", message, sizeof message);
            const struct view sig = {kit.sig,
                                     vector_bytes(test, "signature", kit.sig, sizeof kit.sig)};
            const bool passes = json_is_true(json_object_get(test, "testPassed"));

            FOR_EACH_PATH(path)
            {
                uint8_t mu[MLDSA_MU_LEN];
                enum err e;

                read_public(path, json_object_get(test, "pk") != NULL ? test : group);
                if (internal) {
                    internal_mu(path, kit.public_key.tr, len, mu);
                } else {
                    uint8_t ctx[MLDSA_CTX_MAX];
                    const size_t ctx_len = vector_bytes(test, "context", ctx, sizeof ctx);

                    assert_int_equal(mldsa_mu(path, kit.public_key.tr,
                                              (struct view){ctx, ctx_len},
                                              (struct view){message, len}, mu),
                                     ERR_OK);
                }
                e = mldsa_verify_mu(&kit.public_key, mu, sig, &kit.verify_scratch);
                assert_int_equal(e == ERR_OK, passes);
                check_reason(test, e);
            }
            taken += passes;
            refused += !passes;
        }
    }
    json_decref(root);
    print_message("%s: %zu taken, %zu refused\n", file, taken, refused);
    assert_int_equal(taken + refused, 15);
    assert_true(taken > 0 && refused > 0);
}

static void sig_ver_external(void **state)
{
    (void)state;
    sig_ver("01-mldsa/acvp_1.1.0.40_sigVer_external_pure_ML-DSA-65.json", false);
}

static void sig_ver_internal(void **state)
{
    (void)state;
    sig_ver("01-mldsa/acvp_1.1.0.40_sigVer_internal_ML-DSA-65.json", true);
}

static void sig_ver_internal_with_reasons(void **state)
{
    (void)state;
    sig_ver("01-mldsa/acvp_1.1.0.35_sigVer_ML-DSA-65.json", true);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(key_gen),
        cmocka_unit_test(sig_gen),
        cmocka_unit_test(sig_ver_external),
        cmocka_unit_test(sig_ver_internal),
        cmocka_unit_test(sig_ver_internal_with_reasons),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
