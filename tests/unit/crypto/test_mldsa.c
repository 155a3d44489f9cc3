#include "mldsa_kit.h"
#include "testing.h"

#include "base/secret.h"

#include <string.h>

static struct mldsa_kit kit;
static const uint8_t no_rnd[MLDSA_SEED_LEN];
static const struct view message = {(const uint8_t *)"a message", 9};
static const struct view empty = {NULL, 0};

static bool all_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static void make_key(const struct mldsa_path *path, const struct mldsa_params *params)
{
    const uint8_t xi[MLDSA_SEED_LEN] = {1, 2, 3};

    mldsa_keygen(path, params, xi, &kit.key_scratch, &kit.private_key, kit.pk, kit.sk);
    assert_int_equal(mldsa_public_key_parse(path, params, (struct view){kit.pk, params->pk_len},
                                            &kit.key_scratch, &kit.public_key),
                     ERR_OK);
}

static enum err sign(struct view ctx, const uint8_t *rnd)
{
    return mldsa_sign(&kit.private_key, ctx, message, rnd, &kit.sign_scratch, kit.sig);
}

static enum err verify(struct view ctx, struct view m)
{
    return mldsa_verify(&kit.public_key, ctx, m,
                        (struct view){kit.sig, kit.public_key.params->sig_len},
                        &kit.verify_scratch);
}

static void signs_and_verifies(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            make_key(path, params);
            for (uint8_t n = 0; n < 10; n++) {
                const uint8_t rnd[MLDSA_SEED_LEN] = {n};
                const struct view ctx = {&n, 1};
                const uint8_t other = (uint8_t)(n + 1);

                assert_int_equal(sign(ctx, rnd), ERR_OK);
                assert_true(all_zero(&kit.sign_scratch, sizeof kit.sign_scratch));
                assert_int_equal(verify(ctx, message), ERR_OK);
                assert_int_equal(verify(empty, message), ERR_SIGNATURE);
                assert_int_equal(verify((struct view){&other, 1}, message), ERR_SIGNATURE);
                assert_int_equal(verify(ctx, (struct view){message.p, message.n - 1}),
                                 ERR_SIGNATURE);
            }
        }
    }
}

static void paths_make_the_same_signatures(void **state)
{
    uint8_t first[MLDSA_PK_MAX + MLDSA_SK_MAX + MLDSA_SIG_MAX];

    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            uint8_t *const at[] = {first, first + MLDSA_PK_MAX,
                                   first + MLDSA_PK_MAX + MLDSA_SK_MAX};

            make_key(path, params);
            assert_int_equal(sign(empty, no_rnd), ERR_OK);
            if (path == &mldsa_portable) {
                memcpy(at[0], kit.pk, params->pk_len);
                memcpy(at[1], kit.sk, params->sk_len);
                memcpy(at[2], kit.sig, params->sig_len);
            }
            assert_memory_equal(at[0], kit.pk, params->pk_len);
            assert_memory_equal(at[1], kit.sk, params->sk_len);
            assert_memory_equal(at[2], kit.sig, params->sig_len);
        }
    }
}

static void hedging_changes_the_signature(void **state)
{
    const uint8_t rnd[MLDSA_SEED_LEN] = {1};
    uint8_t first[MLDSA_SIG_MAX];

    (void)state;
    FOR_EACH_SET(params)
    {
        make_key(&mldsa_portable, params);
        assert_int_equal(sign(empty, no_rnd), ERR_OK);
        memcpy(first, kit.sig, params->sig_len);
        assert_int_equal(sign(empty, no_rnd), ERR_OK);
        assert_memory_equal(first, kit.sig, params->sig_len);
        assert_int_equal(sign(empty, rnd), ERR_OK);
        assert_memory_not_equal(first, kit.sig, params->sig_len);
    }
}

/* A key read from its encoding is the key that was made, and mu alone is what is signed. */
static void read_key_and_mu_sign_the_same(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        FOR_EACH_PATH(path)
        {
            uint8_t first[MLDSA_SIG_MAX];
            uint8_t mu[MLDSA_MU_LEN];
            struct view sig;

            make_key(path, params);
            assert_true(all_zero(&kit.key_scratch.s1, sizeof kit.key_scratch.s1));
            assert_int_equal(sign(empty, no_rnd), ERR_OK);
            memcpy(first, kit.sig, params->sig_len);
            wipe(&kit.private_key, sizeof kit.private_key);
            assert_int_equal(mldsa_private_key_parse(path, params,
                                                     (struct view){kit.sk, params->sk_len},
                                                     &kit.key_scratch, &kit.private_key),
                             ERR_OK);
            assert_int_equal(mldsa_mu(path, kit.private_key.tr, empty, message, mu), ERR_OK);
            assert_int_equal(
                mldsa_sign_mu(&kit.private_key, mu, no_rnd, &kit.sign_scratch, kit.sig),
                ERR_OK);
            assert_memory_equal(first, kit.sig, params->sig_len);
            assert_memory_equal(kit.private_key.tr, kit.public_key.tr, MLDSA_TR_LEN);
            sig = (struct view){kit.sig, params->sig_len};
            assert_int_equal(mldsa_verify_mu(&kit.public_key, mu, sig, &kit.verify_scratch),
                             ERR_OK);
            mu[0] ^= 1;
            assert_int_equal(mldsa_verify_mu(&kit.public_key, mu, sig, &kit.verify_scratch),
                             ERR_SIGNATURE);
        }
    }
}

static void key_without_encoding_signs_the_same(void **state)
{
    const uint8_t xi[MLDSA_SEED_LEN] = {1, 2, 3};

    (void)state;
    FOR_EACH_SET(params)
    {
        uint8_t first[MLDSA_SIG_MAX];

        make_key(&mldsa_portable, params);
        assert_int_equal(sign(empty, no_rnd), ERR_OK);
        memcpy(first, kit.sig, params->sig_len);
        mldsa_keygen(&mldsa_portable, params, xi, &kit.key_scratch, &kit.private_key, kit.pk,
                     NULL);
        assert_int_equal(sign(empty, no_rnd), ERR_OK);
        assert_memory_equal(first, kit.sig, params->sig_len);
    }
}

static void context_has_a_limit(void **state)
{
    uint8_t bytes[MLDSA_CTX_MAX + 1] = {0};

    (void)state;
    make_key(&mldsa_portable, &mldsa_65);
    assert_int_equal(sign((struct view){bytes, MLDSA_CTX_MAX}, no_rnd), ERR_OK);
    assert_int_equal(verify((struct view){bytes, MLDSA_CTX_MAX}, message), ERR_OK);
    memset(kit.sig, 0xa5, sizeof kit.sig);
    assert_int_equal(sign((struct view){bytes, sizeof bytes}, no_rnd), ERR_RANGE);
    assert_int_equal(kit.sig[0], 0xa5);
    assert_int_equal(verify((struct view){bytes, sizeof bytes}, message), ERR_RANGE);
}

static void refuses_length(size_t n)
{
    assert_int_equal(mldsa_verify(&kit.public_key, empty, message, (struct view){kit.sig, n},
                                  &kit.verify_scratch),
                     ERR_LENGTH);
}

static void damaged_signatures_are_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        const size_t hint = params->sig_len - params->omega - params->k;

        FOR_EACH_PATH(path)
        {
            make_key(path, params);
            assert_int_equal(sign(empty, no_rnd), ERR_OK);
            for (size_t short_by = 1; short_by <= params->sig_len; short_by += short_by + 1) {
                refuses_length(params->sig_len - short_by);
            }
            refuses_length(params->sig_len + 1);
            for (size_t at = 0; at < params->sig_len; at += at < hint ? 211 : 1) {
                const uint8_t bit = (uint8_t)(1u << at % 8);
                enum err e;

                kit.sig[at] ^= bit;
                e = verify(empty, message);
                assert_true(e == ERR_SIGNATURE || e == ERR_RANGE || e == ERR_ENCODING);
                assert_true(at >= hint || e != ERR_ENCODING);
                kit.sig[at] ^= bit;
            }
            assert_int_equal(verify(empty, message), ERR_OK);
            memset(kit.sig + params->c_tilde_len, 0, 4); /* z[0][0] = gamma1 */
            assert_int_equal(verify(empty, message), ERR_RANGE);
        }
    }
}

static void refuses_key_length(const struct mldsa_path *path, const struct mldsa_params *params,
                               size_t n)
{
    assert_int_equal(mldsa_private_key_parse(path, params, (struct view){kit.sk, n},
                                             &kit.key_scratch, &kit.private_key),
                     ERR_LENGTH);
    assert_true(all_zero(&kit.private_key, sizeof kit.private_key));
    assert_int_equal(mldsa_public_key_parse(path, params, (struct view){kit.pk, n},
                                            &kit.key_scratch, &kit.public_key),
                     ERR_LENGTH);
}

static void damaged_keys_are_refused(void **state)
{
    (void)state;
    FOR_EACH_SET(params)
    {
        const size_t s = 2 * (size_t)MLDSA_SEED_LEN + MLDSA_TR_LEN;
        const size_t t0 = s + (size_t)(params->k + params->l) * params->eta_len;

        FOR_EACH_PATH(path)
        {
            make_key(path, params);
            for (size_t n = 0; n < params->pk_len; n += n + 1) {
                refuses_key_length(path, params, n);
            }
            refuses_key_length(path, params, params->sk_len + 1);
            refuses_key_length(path, params, params->sk_len - 1);
            refuses_key_length(path, params, params->pk_len + 1);
            refuses_key_length(path, params, params->pk_len - 1);
            for (size_t at = s; at < t0; at += params->eta_len - 1) {
                const uint8_t was = kit.sk[at];

                kit.sk[at] = 0xff;
                memset(&kit.private_key, 0xa5, sizeof kit.private_key);
                assert_int_equal(mldsa_private_key_parse(path, params,
                                                         (struct view){kit.sk, params->sk_len},
                                                         &kit.key_scratch, &kit.private_key),
                                 ERR_RANGE);
                assert_true(all_zero(&kit.private_key, sizeof kit.private_key));
                kit.sk[at] = was;
            }
            assert_int_equal(mldsa_private_key_parse(path, params,
                                                     (struct view){kit.sk, params->sk_len},
                                                     &kit.key_scratch, &kit.private_key),
                             ERR_OK);
        }
    }
}

/* The lengths of table 2 follow from the parameters. */
static void parameters_agree(void **state)
{
    (void)state;
    FOR_EACH_SET(p)
    {
        assert_int_equal(p->beta, p->tau * p->eta);
        assert_int_equal(p->z_len, p->gamma1 == 1 << 17 ? 18 * 32 : 20 * 32);
        assert_int_equal(p->w1_len, p->gamma2 == (MLDSA_Q - 1) / 88 ? 6 * 32 : 4 * 32);
        assert_int_equal(p->eta_len, p->eta == 2 ? 3 * 32 : 4 * 32);
        assert_int_equal(p->pk_len, MLDSA_SEED_LEN + (size_t)p->k * MLDSA_T1_LEN);
        assert_int_equal(p->sk_len, 2 * (size_t)MLDSA_SEED_LEN + MLDSA_TR_LEN +
                                        (size_t)(p->k + p->l) * p->eta_len +
                                        (size_t)p->k * MLDSA_T0_LEN);
        assert_int_equal(p->sig_len,
                         p->c_tilde_len + (size_t)p->l * p->z_len + p->omega + p->k);
        assert_true(p->pk_len <= MLDSA_PK_MAX && p->sk_len <= MLDSA_SK_MAX);
        assert_true(p->sig_len <= MLDSA_SIG_MAX && p->c_tilde_len <= MLDSA_C_TILDE_MAX);
        assert_true(p->k <= MLDSA_K_MAX && p->l <= MLDSA_L_MAX && p->w1_len <= MLDSA_W1_MAX);
        assert_true((size_t)p->k * p->w1_len <= sizeof kit.sign_scratch.w1_bytes);
        assert_true(p->z_len <= MLDSA_SAMPLE_BLOCKS * SHAKE256_RATE);
        assert_true(p->omega + p->k >= MLDSA_SLACK); /* what read_sig() relies on */
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parameters_agree),
        cmocka_unit_test(signs_and_verifies),
        cmocka_unit_test(paths_make_the_same_signatures),
        cmocka_unit_test(hedging_changes_the_signature),
        cmocka_unit_test(read_key_and_mu_sign_the_same),
        cmocka_unit_test(key_without_encoding_signs_the_same),
        cmocka_unit_test(context_has_a_limit),
        cmocka_unit_test(damaged_signatures_are_refused),
        cmocka_unit_test(damaged_keys_are_refused),
    };

    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
