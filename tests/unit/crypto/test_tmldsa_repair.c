/* A lost share of the ML-DSA key from T helpers: it is the same, T - 1 do not have it, and who
 * lies is named. */
#include "testing.h"
#include "tmldsa_kit.h"

#include "crypto/tmldsa/tmldsa_repair.h"

#define MESSAGE_MAX (TMLDSA_HELD_MAX * (1 + TMLDSA_SIGMA_LEN))

static struct tmldsa_kit *kit;
static struct tmldsa_repair repair;
static struct tmldsa_share restored;
static uint8_t message[MESSAGE_MAX + 1];

static void use(const struct mldsa_params *set, unsigned t, unsigned n)
{
    const uint8_t seed[32] = {(uint8_t)t, (uint8_t)n};

    if (kit != NULL) {
        tmldsa_kit_free(kit);
    }
    kit = tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(set, t, n), 1, seed);
    tmldsa_deal(kit, seed);
    tmldsa_kit_load(kit);
}

static size_t give(unsigned helper, unsigned target)
{
    struct writer out = wr_init(message, sizeof message);
    struct view all;

    assert_int_equal(tmldsa_repair_give(&kit->share[helper], target, &out), ERR_OK);
    assert_int_equal(wr_finish(&out, &all), ERR_OK);
    assert_int_equal(all.n, tmldsa_repair_len(kit->params, helper, target));
    return all.n;
}

static enum err take(unsigned helper, size_t n)
{
    const struct tmldsa_repair_public known = {&kit->matrix, kit->t};

    return tmldsa_repair_take(&repair, helper, (struct view){message, n}, &known,
                              &kit->keygen_scratch);
}

static void begin(unsigned target)
{
    assert_int_equal(tmldsa_repair_begin(&repair, kit->path, kit->params, target), ERR_OK);
}

static enum err finish(void)
{
    return tmldsa_repair_finish(&repair, &kit->share_scratch, &restored);
}

/* All helpers of a mask give. */
static enum err restore(unsigned helpers, unsigned target)
{
    begin(target);
    for (unsigned h = 0; h < kit->params->n; h++) {
        if ((helpers >> h & 1) == 1) {
            assert_int_equal(take(h, give(h, target)), ERR_OK);
        }
    }
    return finish();
}

/* Of every set: T helpers have all, and T - 1 miss the one subset that has none of them. */
static void any_t_restore_the_same_share_and_fewer_do_not(void **state)
{
    (void)state;
    for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
        for (unsigned t = 2; t < n; t++) {
            use(&mldsa_44, t, n);
            for (unsigned helpers = 1; helpers >> n == 0; helpers++) {
                const unsigned size = tmldsa_alloc_size(helpers);
                const unsigned target = (unsigned)__builtin_ctz(~helpers);

                if (target >= n || (size != t && size != t - 1)) {
                    continue;
                }
                if (size < t) {
                    assert_int_equal(restore(helpers, target), ERR_QUORUM);
                    continue;
                }
                assert_int_equal(restore(helpers, target), ERR_OK);
                assert_memory_equal(&restored, &kit->share[target], sizeof restored);
            }
        }
    }
}

static void a_restored_share_signs(void **state)
{
    int tries = 0;

    (void)state;
    use(&mldsa_44, 3, 5);
    assert_int_equal(restore(0x0b, 4), ERR_OK);
    kit->share[4] = restored;
    do {
        tmldsa_run(kit, 0x16);
    } while (!kit->outcome.found && ++tries < 40);
    assert_true(kit->outcome.found);
}

/* Another sigma than the published t_I: its sender is known at once, nothing of it is kept, and
 * another helper's copies serve. */
static void a_wrong_secret_names_its_helper(void **state)
{
    (void)state;
    use(&mldsa_65, 3, 5);
    begin(4);
    for (size_t at = 0; at < give(1, 4); at += 1 + TMLDSA_SIGMA_LEN) {
        const size_t n = give(1, 4);

        message[at + TMLDSA_SIGMA_LEN] ^= 1;
        assert_int_equal(take(1, n), ERR_MISMATCH);
        assert_int_equal(repair.given, 0);
        assert_false(repair.have[0] || repair.have[1] || repair.have[2]);
    }
    assert_int_equal(take(0, give(0, 4)), ERR_OK);
    assert_int_equal(take(2, give(2, 4)), ERR_OK);
    assert_int_equal(finish(), ERR_QUORUM);
    assert_int_equal(take(3, give(3, 4)), ERR_OK);
    assert_int_equal(finish(), ERR_OK);
    assert_memory_equal(&restored, &kit->share[4], sizeof restored);
}

/* Whoever helped a bad target with fewer than T gave it no subset that it has no right to; and
 * nobody gives a secret that the target never had. */
static void a_helper_gives_what_the_target_had(void **state)
{
    (void)state;
    use(&mldsa_44, 3, 5);
    for (unsigned h = 0; h < 5; h++) {
        for (unsigned target = 0; target < 5; target++) {
            if (h == target) {
                continue;
            }
            for (size_t at = 0; at < give(h, target); at += 1 + TMLDSA_SIGMA_LEN) {
                assert_int_equal(message[at] >> target & 1, 1);
                assert_int_equal(message[at] >> h & 1, 1);
            }
        }
    }
}

static void what_is_none_is_refused(void **state)
{
    struct writer out = wr_init(message, sizeof message);
    size_t n;

    (void)state;
    use(&mldsa_44, 3, 5);
    assert_int_equal(tmldsa_repair_give(&kit->share[0], 0, &out), ERR_RANGE);
    assert_int_equal(tmldsa_repair_give(&kit->share[0], 5, &out), ERR_RANGE);
    assert_int_equal(tmldsa_repair_begin(&repair, kit->path, kit->params, 5), ERR_RANGE);
    assert_int_equal(finish(), ERR_QUORUM);
    assert_int_equal(take(0, give(0, 4)), ERR_STATE); /* not begun */
    begin(4);
    n = give(0, 4);
    assert_int_equal(take(0, n - 1), ERR_LENGTH);
    assert_int_equal(take(0, n + 1), ERR_LENGTH);
    assert_int_equal(take(0, 0), ERR_LENGTH);
    assert_int_equal(take(4, n), ERR_STATE);
    assert_int_equal(take(5, n), ERR_STATE);
    assert_int_equal(take(1, n), ERR_ENCODING); /* subsets that it does not have */
    message[0] ^= 2;
    assert_int_equal(take(0, n), ERR_ENCODING);
    assert_int_equal(take(0, give(0, 4)), ERR_OK);
    assert_int_equal(take(0, give(0, 4)), ERR_STATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_t_restore_the_same_share_and_fewer_do_not),
        cmocka_unit_test(a_restored_share_signs),
        cmocka_unit_test(a_wrong_secret_names_its_helper),
        cmocka_unit_test(a_helper_gives_what_the_target_had),
        cmocka_unit_test(what_is_none_is_refused),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    if (kit != NULL) {
        tmldsa_kit_free(kit);
    }
    return failed;
}
