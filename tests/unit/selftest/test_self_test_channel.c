/* The self-test of channels passes, and each of its parts can fail. */
#include "testing.h"

#include "enclave/selftest/self_test_channel.h"

#include <stdlib.h>
#include <string.h>

static struct p384_signer *signer;
static struct pq1_work *work;
static struct self_test_channel_answers answers;

static int setup(void **state)
{
    static const uint8_t seed[DRBG_SEED_LEN] = {1};
    void *const memory = aligned_alloc(4096, p384_signer_size());

    (void)state;
    work = aligned_alloc(64, sizeof *work);
    assert_non_null(memory);
    assert_non_null(work);
    assert_int_equal(p384_signer_init(memory, seed, &signer), ERR_OK);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    free(signer);
    free(work);
    return 0;
}

static void passes_and_leaves_nothing(void **state)
{
    const uint8_t *const bytes = (const uint8_t *)work;
    const size_t arena = offsetof(struct work_stack, arena); /* its addresses are no secret */

    (void)state;
    assert_int_equal(self_test_channel_run(&self_test_channel_known, signer, work), ERR_OK);
    for (size_t i = 0; i < sizeof *work; i++) {
        if (i < arena || i >= sizeof work->stack) {
            assert_int_equal(bytes[i], 0);
        }
    }
}

/* Every known answer counts, at both its ends. */
static void each_answer_counts(void **state)
{
    const struct {
        uint8_t *p;
        size_t n;
    } rows[] = {
        {answers.ecdh, sizeof answers.ecdh},
        {answers.kem_ek, sizeof answers.kem_ek},
        {answers.kem_ct, sizeof answers.kem_ct},
        {answers.kem_key, sizeof answers.kem_key},
        {answers.kem_rejected, sizeof answers.kem_rejected},
        {answers.hkdf, sizeof answers.hkdf},
        {answers.gcm, sizeof answers.gcm},
        {answers.ed25519_public, sizeof answers.ed25519_public},
        {answers.ed25519, sizeof answers.ed25519},
    };

    (void)state;
    answers = self_test_channel_known;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t end = 0; end < 2; end++) {
            uint8_t *const byte = rows[i].p + (end == 0 ? 0 : rows[i].n - 1);

            *byte ^= 1;
            assert_int_equal(self_test_channel_run(&answers, signer, work), ERR_BUG);
            *byte ^= 1;
        }
    }
    assert_int_equal(self_test_channel_run(&answers, signer, work), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(passes_and_leaves_nothing),
        cmocka_unit_test(each_answer_counts),
    };

    return cmocka_run_group_tests(tests, setup, teardown);
}
