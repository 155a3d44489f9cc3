#include "openssl_evp.h"
#include "pq1_scene.h"

#include "base/secret.h"
#include "crypto/hash.h"

#include <openssl/kdf.h>

#include <string.h>

/* ---- what goes well ---- */

static void makes_a_channel(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    assert_true(pq1_is_due(&both[0].c, NOW));
    pair_talk(both, &t, NULL, NULL);
    for (size_t i = 0; i < 6; i++) {
        assert_int_equal(t.took[i / 3][i % 3], ERR_OK);
    }
    assert_int_equal(t.n[0][0], PQ1_HELLO_LEN);
    assert_int_equal(t.n[0][1], PQ1_KEM_LEN);
    assert_int_equal(t.n[0][2], PQ1_FINISHED_LEN);
    assert_pair_works(both);
    assert_false(pq1_is_due(&both[0].c, NOW));
    pair_free(both);
}

/* The record keys of both ends are each other's, and no two of them are equal. */
static void gives_each_direction_a_key_of_its_own(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    pair_talk(both, &t, NULL, NULL);
    assert_memory_equal(both[0].c.send.aead.ctx.cipher.keys,
                        both[1].c.receive.aead.ctx.cipher.keys, 32);
    assert_memory_equal(both[1].c.send.iv, both[0].c.receive.iv, AEAD_GCM_NONCE_LEN);
    assert_memory_not_equal(both[0].c.send.aead.ctx.cipher.keys,
                            both[0].c.receive.aead.ctx.cipher.keys, 32);
    assert_memory_not_equal(both[0].c.send.iv, both[0].c.receive.iv, AEAD_GCM_NONCE_LEN);
    pair_free(both);
}

/* Nothing of what made the channel stays: neither in the pair nor in the workspace. */
static void erases_what_made_it(void **state)
{
    static struct end both[2];
    static struct talk t;

    (void)state;
    pair_new(both);
    pair_talk(both, &t, NULL, NULL);
    for (size_t i = 0; i < 2; i++) {
        const struct pq1_work *const w = both[i].work;

        assert_true(is_zero(&both[i].c.making, sizeof both[i].c.making));
        assert_true(is_zero(w->stack.stack, sizeof w->stack.stack));
        assert_true(is_zero(&w->decaps, sizeof w->decaps));
        assert_true(is_zero(&w->m, sizeof w->m));
        assert_true(is_zero(&w->key_scratch, sizeof w->key_scratch));
        assert_true(is_zero(&w->scratch, sizeof w->scratch));
        pq1_wipe(&both[i].c);
        assert_true(is_zero(&both[i].c, sizeof both[i].c));
    }
    pair_free(both);
}

/* Once the keys are derived, d, z, the own K and the ephemeral scalar are gone. */
static void erases_its_private_keys_once_keys_are_derived(void **state)
{
    static struct end both[2];
    uint8_t m[2][3][PQ1_MESSAGE_MAX];

    (void)state;
    pair_new(both);
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(m[i][0], PQ1_MESSAGE_MAX);

        assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
    }
    for (size_t step = 0; step < 2; step++) {
        for (size_t i = 0; i < 2; i++) {
            struct writer w = wr_init(m[i][step + 1], PQ1_MESSAGE_MAX);
            const size_t n = step == 0 ? PQ1_HELLO_LEN : PQ1_KEM_LEN;

            assert_int_equal(
                pq1_take(&both[i].c, &both[i].tools, NOW, (struct view){m[1 - i][step], n}, &w),
                ERR_OK);
        }
    }
    for (size_t i = 0; i < 2; i++) {
        const struct pq1_making *const k = &both[i].c.making;

        assert_true(is_zero(&k->seed, sizeof k->seed));
        assert_true(is_zero(&k->ec, sizeof k->ec));
        assert_true(is_zero(&k->shared, sizeof k->shared));
        assert_false(is_zero(&k->key, sizeof k->key));
        assert_false(pq1_is_verified(&both[i].c));
    }
    pair_free(both);
}

/* ---- the derivation, by another hand ---- */

static void hkdf(const uint8_t *ikm, size_t ikm_n, const char *label, const uint8_t *th,
                 uint8_t *out, size_t n)
{
    EVP_KDF *kdf = EVP_KDF_fetch(NULL, "HKDF", NULL);
    EVP_KDF_CTX *ctx = EVP_KDF_CTX_new(kdf);
    char digest[] = "SHA384";
    uint8_t salt[48];
    uint8_t key[112];
    uint8_t info[100];
    size_t info_n = strlen(label);

    assert_int_equal(EVP_Digest("quorate-pq1 salt", 16, salt, NULL, EVP_sha384(), NULL), 1);
    memcpy(key, ikm, ikm_n);
    memcpy(info, label, info_n);
    memcpy(info + info_n, th, 48);
    const OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_SALT, salt, sizeof salt),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key, ikm_n),
        OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info, info_n + 48),
        OSSL_PARAM_construct_end()};
    assert_int_equal(EVP_KDF_derive(ctx, out, n, params), 1);
    EVP_KDF_CTX_free(ctx);
    EVP_KDF_free(kdf);
}

/* The x coordinate by OpenSSL. */
static void ecdh(const struct p384_key *own, const uint8_t *peer, uint8_t x[48])
{
    EC_GROUP *g = EC_GROUP_new_by_curve_name(NID_secp384r1);
    EC_POINT *q = EC_POINT_new(g);
    BIGNUM *d = BN_bin2bn(own->d, 48, NULL);
    BIGNUM *bx = BN_new();

    assert_int_equal(EC_POINT_oct2point(g, q, peer, P384_PUBLIC_LEN, NULL), 1);
    assert_int_equal(EC_POINT_mul(g, q, NULL, q, d, NULL), 1);
    assert_int_equal(EC_POINT_get_affine_coordinates(g, q, bx, NULL, NULL), 1);
    assert_int_equal(BN_bn2binpad(bx, x, 48), 48);
    BN_free(bx);
    BN_free(d);
    EC_POINT_free(q);
    EC_GROUP_free(g);
}

static void decaps(const struct mlkem_seed *seed, const uint8_t *ct, uint8_t k[32])
{
    static struct mlkem_decaps_key dk;
    static struct mlkem_key_scratch ks;
    static struct mlkem_scratch scratch;
    uint8_t ek[PQ1_EK_LEN];
    struct mlkem_shared_key shared;

    mlkem_keygen(&mlkem_portable, &mlkem_768, seed, &ks, &dk, ek);
    assert_int_equal(mlkem_decaps(&dk, (struct view){ct, PQ1_CT_LEN}, &scratch, &shared),
                     ERR_OK);
    memcpy(k, shared.k, 32);
}

/* threshold-security 3, steps 5 and 6, with OpenSSL: the keys and MACs are those. */
static void derives_what_the_text_says(void **state)
{
    static struct end both[2];
    static struct pq1_making before[2];
    uint8_t m[2][3][PQ1_MESSAGE_MAX];
    uint8_t ikm[112];
    uint8_t want[48];
    const struct pq1_making *const k = &both[0].c.making;

    (void)state;
    pair_new(both);
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(m[i][0], PQ1_MESSAGE_MAX);

        assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
        before[i] = both[i].c.making;
    }
    for (size_t step = 0; step < 2; step++) {
        for (size_t i = 0; i < 2; i++) {
            struct writer w = wr_init(m[i][step + 1], PQ1_MESSAGE_MAX);
            const size_t n = step == 0 ? PQ1_HELLO_LEN : PQ1_KEM_LEN;

            assert_int_equal(
                pq1_take(&both[i].c, &both[i].tools, NOW, (struct view){m[1 - i][step], n}, &w),
                ERR_OK);
        }
    }
    decaps(&before[1].seed, m[0][1] + 1, ikm);      /* K_ab: a made it for b */
    decaps(&before[0].seed, m[1][1] + 1, ikm + 32); /* K_ba */
    ecdh(&before[0].ec, m[1][0] + PQ1_HELLO_LEN - P384_PUBLIC_LEN, ikm + 64);
    hkdf(ikm, sizeof ikm, "quorate-pq1 a>b", k->th, want, 44);
    assert_memory_equal(&k->key[0], want, 44);
    hkdf(ikm, sizeof ikm, "quorate-pq1 b>a", k->th, want, 44);
    assert_memory_equal(&k->key[1], want, 44);
    hkdf(ikm, sizeof ikm, "quorate-pq1 fin a", k->th, want, 48);
    assert_memory_equal(k->fin[0], want, 48);
    hkdf(ikm, sizeof ikm, "quorate-pq1 fin b", k->th, want, 48);
    assert_memory_equal(k->fin[1], want, 48);
    assert_memory_equal(k->th, both[1].c.making.th, 48);
    pair_free(both);
}

/* ---- order ---- */

/* Each message twice, and messages of a channel that nobody began. */
static void a_message_out_of_turn_does_no_harm(void **state)
{
    static struct end both[2];
    static struct talk t;
    static struct talk other;
    uint8_t out[PQ1_MESSAGE_MAX];

    (void)state;
    pair_new(both);
    pair_talk(both, &other, NULL, NULL);
    other.bytes[1][2][0] = 0;                    /* the number of no step */
    for (size_t which = 0; which < 3; which++) { /* nobody awaits any */
        struct writer w = wr_init(out, sizeof out);

        assert_int_equal(pq1_take(&both[0].c, &both[0].tools, NOW,
                                  (struct view){other.bytes[1][which], other.n[1][which]}, &w),
                         ERR_STATE);
        assert_int_equal(w.len, 0);
    }
    for (size_t i = 0; i < 2; i++) {
        struct writer w = wr_init(t.bytes[i][0], PQ1_MESSAGE_MAX);

        assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
        t.n[i][0] = w.len;
    }
    for (size_t which = 0; which < 3; which++) {
        for (size_t to = 0; to < 2; to++) {
            const struct view message = {t.bytes[1 - to][which], t.n[1 - to][which]};
            struct writer w = which < 2 ? wr_init(t.bytes[to][which + 1], PQ1_MESSAGE_MAX)
                                        : wr_init(out, sizeof out);

            assert_int_equal(pq1_take(&both[to].c, &both[to].tools, NOW, message, &w), ERR_OK);
            if (which < 2) {
                t.n[to][which + 1] = w.len;
            }
            w = wr_init(out, sizeof out);
            assert_int_equal(pq1_take(&both[to].c, &both[to].tools, NOW, message, &w),
                             ERR_STATE);
        }
    }
    assert_pair_works(both);
    pair_free(both);
}

/* An answer that has no room ends what was being made. */
static void says_that_there_is_no_room(void **state)
{
    static struct end both[2];
    uint8_t hello[2][PQ1_HELLO_LEN];
    uint8_t out[PQ1_MESSAGE_MAX];

    (void)state;
    pair_new(both);
    struct writer w = wr_init(hello[0], PQ1_HELLO_LEN - 1);
    assert_int_equal(pq1_begin(&both[0].c, &both[0].tools, &w), ERR_NOSPACE);
    assert_int_equal(both[0].c.step, PQ1_STEP_NONE);
    for (size_t i = 0; i < 2; i++) {
        w = wr_init(hello[i], PQ1_HELLO_LEN);
        assert_int_equal(pq1_begin(&both[i].c, &both[i].tools, &w), ERR_OK);
    }
    w = wr_init(out, PQ1_KEM_LEN - 1);
    assert_int_equal(
        pq1_take(&both[0].c, &both[0].tools, NOW, (struct view){hello[1], PQ1_HELLO_LEN}, &w),
        ERR_NOSPACE);
    assert_nothing_made(both);
    assert_int_equal(both[0].c.step, PQ1_STEP_NONE);
    /* What was written to out before did not fit, so that nothing more is: a Hello and a KEM
     * that never went out would be awaited for ever. */
    w = wr_init(out, sizeof out);
    w.full = true;
    assert_int_equal(pq1_begin(&both[0].c, &both[0].tools, &w), ERR_NOSPACE);
    w = wr_init(hello[0], PQ1_HELLO_LEN);
    assert_int_equal(pq1_begin(&both[0].c, &both[0].tools, &w), ERR_OK);
    w = wr_init(out, sizeof out);
    w.full = true;
    assert_int_equal(
        pq1_take(&both[0].c, &both[0].tools, NOW, (struct view){hello[1], PQ1_HELLO_LEN}, &w),
        ERR_NOSPACE);
    assert_nothing_made(both);
    pair_free(both);
}

/* Evidence that is too much, and answers without room for them. */
static void attested_ends_keep_to_their_room(void **state)
{
    static uint8_t block[EVIDENCE_MAX + 1];
    static uint8_t room[PQ1_KEM_LEN + EVIDENCE_MAX + 1];
    static struct scene scene;
    struct scene *const s = &scene;
    struct said none;
    struct writer w = wr_init(room, sizeof room);

    (void)state;
    set_up(s);
    begin(s, 0);
    begin(s, 1);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(take(s, i, view_of(&s->said[1 - i][0]), 1), ERR_OK);
    }
    assert_int_equal(pq1_give_evidence(&s->both[0].c, (struct view){block, sizeof block}, &w),
                     ERR_LENGTH);
    w = wr_init(room, PQ1_KEM_LEN + 9);
    assert_int_equal(pq1_give_evidence(&s->both[0].c, (struct view){block, 10}, &w),
                     ERR_NOSPACE);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_EVIDENCE);
    attest(s, 1, BOB);
    assert_int_equal(take(s, 0, view_of(&s->said[1][1]), 2), ERR_OK);
    attest(s, 0, ALICE);
    w = wr_init(none.bytes, PQ1_FINISHED_LEN - 1);
    assert_int_equal(pq1_go_on(&s->both[0].c, &s->both[0].tools, &w), ERR_NOSPACE);
    assert_int_equal(s->both[0].c.step, PQ1_STEP_NONE);
    w = wr_init(none.bytes, PQ1_FINISHED_LEN - 1);
    assert_int_equal(
        pq1_take(&s->both[1].c, &s->both[1].tools, NOW, view_of(&s->said[0][1]), &w),
        ERR_NOSPACE);
    assert_int_equal(s->both[1].c.step, PQ1_STEP_NONE);
    assert_nothing_made(s->both);
    pair_free(s->both);
}

/* Nobody makes keys of randomness that there was none of: three requests for a Hello,
 * one for a KEM, and each of them is the one that fails. */
static void randomness_that_ends_makes_no_channel(void **state)
{
    const uint64_t last = UINT64_C(1) << 48; /* SP 800-90A table 2 */
    static struct end both[2];
    uint8_t hello[2][PQ1_HELLO_LEN];
    uint8_t out[PQ1_MESSAGE_MAX];

    (void)state;
    for (unsigned left = 0; left <= 4; left++) {
        pair_new(both);
        struct writer w = wr_init(hello[1], PQ1_HELLO_LEN);

        assert_int_equal(pq1_begin(&both[1].c, &both[1].tools, &w), ERR_OK);
        both[0].drbg.reseed_counter = last + 1 - left;
        w = wr_init(hello[0], PQ1_HELLO_LEN);
        assert_int_equal(pq1_begin(&both[0].c, &both[0].tools, &w),
                         left < 3 ? ERR_STATE : ERR_OK);
        if (left >= 3) {
            w = wr_init(out, sizeof out);
            assert_int_equal(pq1_take(&both[0].c, &both[0].tools, NOW,
                                      (struct view){hello[1], PQ1_HELLO_LEN}, &w),
                             left == 3 ? ERR_STATE : ERR_OK);
        }
        if (left <= 3) {
            assert_nothing_made(both);
            assert_int_equal(both[0].c.step, PQ1_STEP_NONE);
            assert_int_equal(w.len, 0);
        }
        pair_free(both);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(makes_a_channel),
        cmocka_unit_test(gives_each_direction_a_key_of_its_own),
        cmocka_unit_test(erases_what_made_it),
        cmocka_unit_test(erases_its_private_keys_once_keys_are_derived),
        cmocka_unit_test(derives_what_the_text_says),
        cmocka_unit_test(a_message_out_of_turn_does_no_harm),
        cmocka_unit_test(says_that_there_is_no_room),
        cmocka_unit_test(attested_ends_keep_to_their_room),
        cmocka_unit_test(randomness_that_ends_makes_no_channel),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
