/* What becomes of records: one answer each, whoever asks, and no second signature of a nonce.
 */
#include "tecdsa_kit.h"
#include "testing.h"

#include <pthread.h>

#define S 0x07u /* parties 0, 1, 2 */

static struct tecdsa_kit *kit;

static void a_record_answers_once(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t id[TECDSA_HASH_LEN];
    struct tecdsa_answer answer;
    const uint8_t zero[P384_DIGEST_LEN] = {0};

    (void)state;
    tecdsa_digest(1, digest);
    assert_int_equal(tecdsa_kit_presign(kit, S), ERR_OK);
    memcpy(id, kit->record[0].id, sizeof id);
    id[0] ^= 1;
    assert_int_equal(tecdsa_online_answer(&kit->record[0], id, digest, &answer), ERR_STATE);
    id[0] ^= 1;
    assert_int_equal(tecdsa_online_answer(&kit->record[0], id, digest, &answer), ERR_OK);
    assert_true(tecdsa_scalar_zero(&kit->record[0].phi) != 0);
    assert_true(tecdsa_scalar_zero(&kit->record[0].u) != 0);
    assert_true(tecdsa_scalar_zero(&kit->record[0].v) != 0);
    assert_int_equal(tecdsa_online_answer(&kit->record[0], id, digest, &answer), ERR_STATE);
    assert_true(tecdsa_erased(&answer, sizeof answer));
    assert_int_equal(tecdsa_online_answer(&kit->record[1], id, zero, &answer), ERR_RANGE);
    assert_int_equal(tecdsa_online_answer(&kit->record[1], id, digest, &answer), ERR_STATE);
    tecdsa_online_discard(&kit->record[2]);
    assert_true(tecdsa_scalar_zero(&kit->record[2].phi) != 0);
    assert_int_equal(tecdsa_online_answer(&kit->record[2], id, digest, &answer), ERR_STATE);
}

/* From two threads at once: one gets an answer. */
static void *ask_for_one(void *answers)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t id[TECDSA_HASH_LEN];
    struct tecdsa_answer answer;
    atomic_uint *const n = answers;

    tecdsa_digest((unsigned)(uintptr_t)pthread_self(), digest);
    memcpy(id, kit->record[0].id, sizeof id);
    if (tecdsa_online_answer(&kit->record[0], id, digest, &answer) == ERR_OK) {
        atomic_fetch_add(n, 1);
    }
    return NULL;
}

static void two_threads_get_one_answer(void **state)
{
    const struct tecdsa_scalar one = {{1}};

    (void)state;
    for (unsigned run = 0; run < 200; run++) {
        pthread_t thread[2];
        atomic_uint answers = 0;

        kit->record[0].phi = kit->record[0].u = kit->record[0].v = one;
        atomic_store(&kit->record[0].state, TECDSA_PRESIGNATURE_FRESH);
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_create(&thread[i], NULL, ask_for_one, &answers), 0);
        }
        for (int i = 0; i < 2; i++) {
            assert_int_equal(pthread_join(thread[i], NULL), 0);
        }
        assert_int_equal(atomic_load(&answers), 1);
    }
}

/* F1: party 2 is bad and has answers for both messages; 0 was shown one message and 1 the
 * other. Neither message gets a signature, whatever is put together. */
static void split_view_in_a_triple_gives_no_signature(void **state)
{
    uint8_t digest[2][P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct tecdsa_presignature bad;

    (void)state;
    tecdsa_digest(1, digest[0]);
    tecdsa_digest(2, digest[1]);
    assert_int_equal(tecdsa_kit_presign(kit, S), ERR_OK);
    memcpy(&bad, &kit->record[2], sizeof bad);
    assert_int_equal(tecdsa_kit_answer(kit, 0, 0, digest[0]), ERR_OK);
    assert_int_equal(tecdsa_kit_answer(kit, 1, 1, digest[1]), ERR_OK);
    for (unsigned m = 0; m < 2; m++) {
        memcpy(&kit->record[2], &bad, sizeof bad);
        assert_int_equal(tecdsa_kit_answer(kit, 2, 2, digest[m]), ERR_OK);
        for (unsigned n = 0; n < 2; n++) {
            assert_int_equal(tecdsa_online_combine(kit->key.public_key, kit->record[2].r,
                                                   digest[n], kit->answer, sig),
                             ERR_SIGNATURE);
        }
    }
}

/* F1: a record of one triple is no part of another's. */
static void two_triples_give_no_second_signature(void **state)
{
    uint8_t digest[2][P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct tecdsa_presignature bad;

    (void)state;
    tecdsa_digest(1, digest[0]);
    tecdsa_digest(2, digest[1]);
    assert_int_equal(tecdsa_kit_presign(kit, S), ERR_OK);
    memcpy(&bad, &kit->record[2], sizeof bad);
    assert_int_equal(tecdsa_kit_sign(kit, digest[0], sig), ERR_OK);
    assert_int_equal(tecdsa_kit_presign(kit, 0x1c), ERR_OK); /* 2, 3, 4 */
    /* 2 answers of its old record, 3 and 4 of theirs: other ids, other nonces. */
    assert_memory_not_equal(bad.id, kit->record[3].id, TECDSA_HASH_LEN);
    assert_int_equal(tecdsa_online_answer(&kit->record[3], bad.id, digest[1], &kit->answer[1]),
                     ERR_STATE);
    memcpy(&kit->record[2], &bad, sizeof bad);
    assert_int_equal(tecdsa_kit_answer(kit, 2, 0, digest[1]), ERR_OK);
    assert_int_equal(tecdsa_kit_answer(kit, 3, 1, digest[1]), ERR_OK);
    assert_int_equal(tecdsa_kit_answer(kit, 4, 2, digest[1]), ERR_OK);
    for (unsigned i = 2; i < 4; i++) {
        assert_int_equal(tecdsa_online_combine(kit->key.public_key, kit->record[i].r, digest[1],
                                               kit->answer, sig),
                         ERR_SIGNATURE);
    }
}

static void answers_that_are_none_are_refused(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct tecdsa_answer kept[TECDSA_T];
    uint8_t r[TECDSA_SCALAR_LEN];

    (void)state;
    tecdsa_digest(1, digest);
    assert_int_equal(tecdsa_kit_presign(kit, S), ERR_OK);
    memcpy(r, kit->record[0].r, sizeof r);
    assert_int_equal(tecdsa_kit_sign(kit, digest, sig), ERR_OK);
    memcpy(kept, kit->answer, sizeof kept);
    for (unsigned i = 0; i < TECDSA_T; i++) {
        kit->answer[i].w[47] ^= 1;
        assert_int_equal(
            tecdsa_online_combine(kit->key.public_key, r, digest, kit->answer, sig),
            ERR_SIGNATURE);
        assert_true(tecdsa_erased(sig, sizeof sig));
        for (unsigned k = 0; k < 2; k++) {
            memcpy(kit->answer, kept, sizeof kept);
            memset(k == 0 ? kit->answer[i].w : kit->answer[i].u, 0xff, TECDSA_SCALAR_LEN);
            assert_int_equal(
                tecdsa_online_combine(kit->key.public_key, r, digest, kit->answer, sig),
                ERR_RANGE);
            assert_true(tecdsa_erased(sig, sizeof sig));
        }
        memcpy(kit->answer, kept, sizeof kept);
    }
    memset(kit->answer, 0, sizeof kit->answer); /* the sum of u is 0, and so is s */
    assert_int_equal(tecdsa_online_combine(kit->key.public_key, r, digest, kit->answer, sig),
                     ERR_SIGNATURE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_record_answers_once),
        cmocka_unit_test(two_threads_get_one_answer),
        cmocka_unit_test(split_view_in_a_triple_gives_no_signature),
        cmocka_unit_test(two_triples_give_no_second_signature),
        cmocka_unit_test(answers_that_are_none_are_refused),
    };
    int result;

    kit = tecdsa_kit_new(5, 2);
    result = cmocka_run_group_tests(tests, NULL, NULL);
    free(kit);
    return result;
}
