/* The self-test passes, and each of its parts can fail. */
#include "core_fixture.h"

#include "enclave/selftest/self_test.h"

#include <string.h>

static struct self_test_answers answers;
static struct p384_signer *signer;

static int setup(void **state)
{
    (void)state;
    signer = core_fixture_new()->signer;
    return 0;
}

static void test_passes(void **state)
{
    (void)state;
    assert_int_equal(self_test_run(&self_test_known, signer), ERR_OK);
}

/* Every byte of every known answer counts. */
static void refuse_each(uint8_t *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        bytes[i] ^= 1;
        assert_int_equal(self_test_run(&answers, signer), ERR_BUG);
        bytes[i] ^= 1;
    }
}

static void test_a_wrong_hash(void **state)
{
    (void)state;
    answers = self_test_known;
    for (size_t i = 0; i < SELF_TEST_HASHES; i++) {
        refuse_each(answers.hashes[i].digest, hash_len(answers.hashes[i].alg));
    }
    refuse_each(answers.shake256, sizeof answers.shake256);
}

static void test_a_wrong_drbg(void **state)
{
    (void)state;
    answers = self_test_known;
    refuse_each(answers.drbg[0], sizeof answers.drbg);
}

static void test_a_wrong_signature(void **state)
{
    (void)state;
    answers = self_test_known;
    refuse_each(answers.signature, 2);
    refuse_each(answers.public_key, 3);
}

static void test_the_pair(void **state)
{
    struct p384_key k;

    (void)state;
    assert_int_equal(p384_key_generate(signer, &k), ERR_OK);
    assert_int_equal(self_test_pair(signer, &k), ERR_OK);
    k.d[20] ^= 1; /* the public half is of another key now */
    assert_int_equal(self_test_pair(signer, &k), ERR_BUG);
}

/* ---- ML-DSA-65 ---- */

static void test_pq_answers(void **state)
{
    struct core_fixture *const f = core_fixture_both();
    struct self_test_pq_answers wrong = self_test_pq_known;

    (void)state;
    assert_int_equal(self_test_pq_run(&self_test_pq_known, f->pq_signer, f->pq_work), ERR_OK);
    wrong.public_key[31] ^= 1;
    assert_int_equal(self_test_pq_run(&wrong, f->pq_signer, f->pq_work), ERR_BUG);
    wrong = self_test_pq_known;
    wrong.signature[0] ^= 1;
    assert_int_equal(self_test_pq_run(&wrong, f->pq_signer, f->pq_work), ERR_BUG);
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *const bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static void test_the_pq_pair(void **state)
{
    struct core_fixture *const f = core_fixture_both();

    (void)state;
    assert_int_equal(self_test_pq_pair(f->pq_signer, f->pq_key, f->pq_work), ERR_OK);
    assert_true(is_zero(f->pq_signer, sizeof *f->pq_signer)); /* stack and scratch */
    assert_true(is_zero(f->pq_work, sizeof *f->pq_work));
    f->pq_key->public_key[40] ^= 1; /* the public half is of another key now */
    assert_int_equal(self_test_pq_pair(f->pq_signer, f->pq_key, f->pq_work), ERR_BUG);
    f->pq_key->public_key[40] ^= 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_passes),       cmocka_unit_test(test_a_wrong_hash),
        cmocka_unit_test(test_a_wrong_drbg), cmocka_unit_test(test_a_wrong_signature),
        cmocka_unit_test(test_the_pair),     cmocka_unit_test(test_pq_answers),
        cmocka_unit_test(test_the_pq_pair),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
