/* A lost share of the ECDSA key from three helpers: it is the same, nobody else has it, and who
 * lies is named. */
#include "tecdsa_repair_kit.h"
#include "testing.h"

#define HELPERS 0x0bu /* parties 0, 1, 3 */
#define TARGET 4u
#define LIAR 1u

static struct repair_world w;

static void start_over(unsigned n)
{
    free(w.kit);
    memset(&w, 0, sizeof w);
    w.kit = tecdsa_kit_new(n, 17);
}

static int fresh(void **state)
{
    (void)state;
    start_over(5);
    return 0;
}

static void begin(void)
{
    w.of.helpers = HELPERS;
    w.of.target = TARGET;
    w.of.attempt++;
    assert_int_equal(tecdsa_on_stack(repair_deal, &w), ERR_OK);
}

static bool same_share(unsigned party)
{
    return w.share.party == party &&
           tecdsa_scalar_equal(&w.share.x, &w.kit->share[party].x) != 0;
}

static void any_three_restore_the_same_share(void **state)
{
    (void)state;
    for (unsigned n = 4; n <= TECDSA_PARTIES_MAX; n++) {
        start_over(n);
        for (unsigned helpers = 0; helpers >> n == 0; helpers++) {
            for (unsigned target = 0; target < n; target++) {
                if (__builtin_popcount(helpers) != TECDSA_T || (helpers >> target & 1) == 1) {
                    continue;
                }
                assert_int_equal(repair_run(&w, helpers, target), ERR_OK);
                assert_true(same_share(target));
                assert_true(tecdsa_erased(&w.target, sizeof w.target));
                REPAIR_EACH(&w, i)
                {
                    assert_true(tecdsa_erased(&w.helper[i], sizeof w.helper[i]));
                }
            }
        }
    }
}

static void a_restored_share_signs(void **state)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    (void)state;
    assert_int_equal(repair_run(&w, HELPERS, TARGET), ERR_OK);
    w.kit->share[TARGET] = w.share;
    tecdsa_digest(1, digest);
    assert_int_equal(tecdsa_kit_presign(w.kit, 0x19), ERR_OK);
    assert_int_equal(tecdsa_kit_sign(w.kit, digest, sig), ERR_OK);
}

static bool holds(const void *all, size_t n, const struct tecdsa_scalar *x)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];

    tecdsa_scalar_encode(x, bytes);
    return memmem(all, n, x, sizeof *x) != NULL || memmem(all, n, bytes, sizeof bytes) != NULL;
}

/* Neither the lost share, nor another's, nor another's part of it, is in what a helper has and
 * gets; nor a helper's share in what the target gets. */
static void nobody_but_the_target_learns_the_share(void **state)
{
    struct tecdsa_scalar part;

    (void)state;
    begin();
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    REPAIR_EACH(&w, i)
    {
        REPAIR_EACH(&w, j)
        {
            tecdsa_lagrange_at(HELPERS, j, TARGET + 1, &part);
            tecdsa_scalar_mul(&part, &w.kit->share[j].x, &part);
            assert_false(holds(&w.helper[i], sizeof w.helper[i], &w.kit->share[j].x));
            assert_false(holds(&w.helper[i], sizeof w.helper[i], &part));
            assert_false(holds(&w.deal[j], sizeof w.deal[j], &w.kit->share[j].x));
            assert_false(holds(&w.deal[j], sizeof w.deal[j], &part));
        }
        assert_false(holds(&w.helper[i], sizeof w.helper[i], &w.kit->share[TARGET].x));
    }
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    REPAIR_EACH(&w, i)
    {
        assert_false(holds(w.sum, sizeof w.sum, &w.kit->share[i].x));
    }
    assert_int_equal(tecdsa_on_stack(repair_finish, &w), ERR_OK);
}

/* Two bad helpers: all scalars that they get are the same whatever the share of the third is,
 * while the target's is another. What they see of it is D, points. */
static void what_two_helpers_get_does_not_depend_on_the_share(void **state)
{
    const struct tecdsa_scalar one = {{1}};
    uint8_t got[2][TECDSA_SCALAR_LEN];
    struct tecdsa_scalar first;

    (void)state;
    assert_int_equal(repair_run(&w, HELPERS, TARGET), ERR_OK);
    first = w.share.x;
    memcpy(got[0], w.deal[3][0].d, sizeof got[0]);
    memcpy(got[1], w.deal[3][1].d, sizeof got[1]);
    tecdsa_scalar_add(&w.kit->share[3].x, &one, &w.kit->share[3].x);
    tecdsa_point_mul_g(&w.kit->share[3].x, &w.kit->key.x[3]);
    tecdsa_lagrange_at(HELPERS, 3, TARGET + 1, &w.kit->share[TARGET].x);
    tecdsa_scalar_add(&w.kit->share[TARGET].x, &first, &w.kit->share[TARGET].x);
    tecdsa_point_mul_g(&w.kit->share[TARGET].x, &w.kit->key.x[TARGET]);
    w.noise = 0;
    w.of.attempt = 0;
    assert_int_equal(repair_run(&w, HELPERS, TARGET), ERR_OK);
    assert_true(same_share(TARGET));
    assert_true(tecdsa_scalar_equal(&w.share.x, &first) == 0);
    assert_memory_equal(w.deal[3][0].d, got[0], sizeof got[0]);
    assert_memory_equal(w.deal[3][1].d, got[1], sizeof got[1]);
}

/* Another scalar than was shown: its receiver names the sender. */
static void a_wrong_split_names_its_helper(void **state)
{
    (void)state;
    begin();
    w.deal[LIAR][0].d[TECDSA_SCALAR_LEN - 1] ^= 1;
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_MISMATCH);
    assert_int_equal(w.said[0][LIAR], ERR_MISMATCH);
    assert_true(tecdsa_erased(&w.helper[0], sizeof w.helper[0]));
    assert_int_equal(w.said[3][LIAR], ERR_OK);
}

/* Points that do not add up to the helper's part: everybody names it. */
static void points_that_do_not_add_up_name_their_helper(void **state)
{
    (void)state;
    begin();
    memcpy(w.show[LIAR].d[1], w.show[LIAR].d[0], TECDSA_POINT_LONG);
    for (unsigned j = 0; j < 5; j++) {
        w.deal[LIAR][j].show = w.show[LIAR];
    }
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_MISMATCH);
    assert_int_equal(w.said[0][LIAR], ERR_MISMATCH);
    assert_int_equal(w.said[3][LIAR], ERR_MISMATCH);
    assert_int_equal(w.said[TARGET][LIAR], ERR_MISMATCH);
    assert_true(tecdsa_erased(&w.target, sizeof w.target));
}

/* A share that is not the one of the key shows in the same way. */
static void a_helper_with_a_wrong_share_is_named(void **state)
{
    (void)state;
    w.kit->share[LIAR].x.w[0] ^= 1;
    begin();
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_MISMATCH);
    assert_int_equal(w.said[TARGET][LIAR], ERR_MISMATCH);
}

static void a_wrong_sum_names_its_helper(void **state)
{
    (void)state;
    begin();
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    w.sum[LIAR].e[TECDSA_SCALAR_LEN - 1] ^= 1;
    assert_int_equal(tecdsa_on_stack(repair_finish, &w), ERR_MISMATCH);
    assert_int_equal(w.said[TARGET][0], ERR_OK);
    assert_int_equal(w.said[TARGET][LIAR], ERR_MISMATCH);
    assert_true(tecdsa_erased(&w.target, sizeof w.target));
    assert_true(tecdsa_erased(&w.share, sizeof w.share));
}

static void swap_points(struct tecdsa_repair_show *show, unsigned a, unsigned b)
{
    uint8_t t[TECDSA_POINT_LONG];

    memcpy(t, show->d[a], sizeof t);
    memcpy(show->d[a], show->d[b], sizeof t);
    memcpy(show->d[b], t, sizeof t);
}

/* A helper that shows the target other points than the helpers: their sums would not fit, and
 * nobody honest is named for it. */
static void two_views_name_nobody_honest(void **state)
{
    (void)state;
    begin();
    swap_points(&w.show[LIAR], 0, 2);
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    assert_int_equal(tecdsa_on_stack(repair_finish, &w), ERR_QUORUM);
    assert_true(tecdsa_erased(&w.target, sizeof w.target));
}

static void what_is_not_of_the_repair_is_dropped(void **state)
{
    struct tecdsa_helper before;
    struct tecdsa_repaired target;

    (void)state;
    begin();
    before = w.helper[0];
    target = w.target;
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 0, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 2, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], TARGET, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 33, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 3, &w.deal[1][0]), ERR_STALE);
    w.deal[1][0].show.id[0] ^= 1;
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 1, &w.deal[1][0]), ERR_STALE);
    w.deal[1][0].show.id[0] ^= 1;
    assert_int_equal(tecdsa_repair_sum(&w.helper[0], &w.sum[0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_deal(&w.helper[0], 0, &w.deal[0][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_deal(&w.helper[0], TARGET, &w.deal[0][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept_show(&w.target, 2, &w.show[1]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept_show(&w.target, 3, &w.show[1]), ERR_STALE);
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 1, &w.sum[1]), ERR_STATE);
    assert_int_equal(tecdsa_repair_finish(&w.target, &w.share), ERR_STATE);
    assert_memory_equal(&before, &w.helper[0], sizeof before);
    assert_memory_equal(&target, &w.target, sizeof target);
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 1, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept_show(&w.target, 1, &w.show[1]), ERR_STATE);
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    assert_int_equal(tecdsa_repair_sum(&w.helper[0], &w.sum[0]), ERR_STATE);
    target = w.target;
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 2, &w.sum[1]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 3, &w.sum[1]), ERR_STALE);
    w.sum[1].id[0] ^= 1;
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 1, &w.sum[1]), ERR_STALE);
    w.sum[1].id[0] ^= 1;
    assert_memory_equal(&target, &w.target, sizeof target);
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 1, &w.sum[1]), ERR_OK);
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 1, &w.sum[1]), ERR_STATE);
}

/* Nothing is done once it is over. */
static void what_is_over_is_over(void **state)
{
    static const struct tecdsa_repair_deal no_deal;

    (void)state;
    begin();
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    assert_int_equal(tecdsa_repair_show(&w.helper[0], &w.show[0]), ERR_STATE);
    assert_int_equal(tecdsa_repair_deal(&w.helper[0], 1, &w.deal[0][1]), ERR_STATE);
    assert_memory_equal(&w.deal[0][1], &no_deal, sizeof no_deal);
    assert_int_equal(tecdsa_repair_accept(&w.helper[0], 1, &w.deal[1][0]), ERR_STATE);
    assert_int_equal(tecdsa_on_stack(repair_finish, &w), ERR_OK);
    assert_int_equal(tecdsa_repair_accept_show(&w.target, 1, &w.show[1]), ERR_STATE);
    assert_int_equal(tecdsa_repair_accept_sum(&w.target, 1, &w.sum[1]), ERR_STATE);
    assert_int_equal(tecdsa_repair_finish(&w.target, &w.share), ERR_STATE);
}

static void what_is_no_point_or_scalar_names_its_sender(void **state)
{
    (void)state;
    begin();
    memset(w.deal[LIAR][0].d, 0xff, TECDSA_SCALAR_LEN);
    memset(w.show[LIAR].d[2], 0, TECDSA_POINT_LONG);
    assert_int_not_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(w.said[0][LIAR], ERR_RANGE);
    assert_int_equal(w.said[TARGET][LIAR], ERR_ENCODING);
    begin();
    assert_int_equal(tecdsa_on_stack(repair_accept, &w), ERR_OK);
    assert_int_equal(tecdsa_on_stack(repair_sum, &w), ERR_OK);
    memset(w.sum[LIAR].e, 0xff, TECDSA_SCALAR_LEN);
    assert_int_equal(tecdsa_on_stack(repair_finish, &w), ERR_RANGE);
    assert_int_equal(w.said[TARGET][LIAR], ERR_RANGE);
    assert_true(tecdsa_erased(&w.target, sizeof w.target));
}

static void helpers_are_three_others(void **state)
{
    const uint8_t seed[TECDSA_SEED_LEN] = {1};
    static const unsigned wrong[][2] = {{0x07, 2}, {0x03, 4}, {0x0f, 4}, {0x23, 4}, {0x07, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        assert_int_equal(repair_run(&w, wrong[i][0], wrong[i][1]), ERR_RANGE);
        assert_true(tecdsa_erased(&w.helper[0], sizeof w.helper[0]));
        assert_int_equal(tecdsa_repair_begin(&w.target, &w.kit->key, &w.of), ERR_RANGE);
    }
    w.of.helpers = 0x0e;
    w.of.target = TARGET;
    assert_int_equal(
        tecdsa_repair_help(&w.helper[0], &w.kit->key, &w.kit->share[0], &w.of, seed),
        ERR_RANGE);
}

/* Every fact of a repair is in its id. */
static void every_repair_has_an_id_of_its_own(void **state)
{
    uint8_t id[2][TECDSA_HASH_LEN];

    (void)state;
    w.of.helpers = HELPERS;
    w.of.target = TARGET;
    for (unsigned change = 0; change < 8; change++) {
        struct tecdsa_repair_of of = w.of;

        of.epoch_id[0] ^= change == 0;
        of.order[0] ^= change == 1;
        of.attempt += change == 2;
        of.helpers ^= change == 3 ? 6 : 0;
        of.target = change == 4 ? 2 : of.target;
        of.incarnation[3] += change == 5;
        of.incarnation[TARGET] += change == 6;
        of.incarnation[2] += change == 7; /* of one that has no part */
        tecdsa_repair_id(&w.kit->key, &w.of, id[0]);
        tecdsa_repair_id(&w.kit->key, &of, id[1]);
        assert_int_equal(memcmp(id[0], id[1], sizeof id[0]) == 0, change == 7);
    }
}

/* docs/wire.md 11. */
static void the_id_is_that_of_the_document(void **state)
{
    static const uint8_t golden[] = {0xf9, 0x63, 0x42, 0xaa, 0x67, 0xcc, 0x78, 0x91};
    static const struct tecdsa_key none;
    const struct tecdsa_repair_of of = {
        .attempt = 1, .helpers = HELPERS, .target = TARGET, .incarnation = {1, 1, 9, 1, 2, 9}};
    uint8_t id[TECDSA_HASH_LEN];

    (void)state;
    tecdsa_repair_id(&none, &of, id);
    assert_memory_equal(id, golden, sizeof golden);
}

static void one_at_a_time_and_two_an_epoch(void **state)
{
    struct tecdsa_repair_epoch epoch = {0};

    (void)state;
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 4, 0), ERR_STALE);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 4, 1), ERR_OK);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 4, 2), ERR_STATE);
    tecdsa_repair_epoch_end(&epoch);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 4, 1), ERR_STALE);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 4, 2), ERR_OK); /* the same again */
    tecdsa_repair_epoch_end(&epoch);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 0, 3), ERR_OK);
    tecdsa_repair_epoch_end(&epoch);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 1, 4), ERR_HALTED);
    assert_false(epoch.live);
    assert_int_equal(tecdsa_repair_epoch_begin(&epoch, 0, 4), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(any_three_restore_the_same_share, fresh),
        cmocka_unit_test_setup(a_restored_share_signs, fresh),
        cmocka_unit_test_setup(nobody_but_the_target_learns_the_share, fresh),
        cmocka_unit_test_setup(what_two_helpers_get_does_not_depend_on_the_share, fresh),
        cmocka_unit_test_setup(a_wrong_split_names_its_helper, fresh),
        cmocka_unit_test_setup(points_that_do_not_add_up_name_their_helper, fresh),
        cmocka_unit_test_setup(a_helper_with_a_wrong_share_is_named, fresh),
        cmocka_unit_test_setup(a_wrong_sum_names_its_helper, fresh),
        cmocka_unit_test_setup(two_views_name_nobody_honest, fresh),
        cmocka_unit_test_setup(what_is_not_of_the_repair_is_dropped, fresh),
        cmocka_unit_test_setup(what_is_over_is_over, fresh),
        cmocka_unit_test_setup(what_is_no_point_or_scalar_names_its_sender, fresh),
        cmocka_unit_test_setup(helpers_are_three_others, fresh),
        cmocka_unit_test_setup(every_repair_has_an_id_of_its_own, fresh),
        cmocka_unit_test(the_id_is_that_of_the_document),
        cmocka_unit_test_setup(one_at_a_time_and_two_an_epoch, fresh),
    };
    const int failed = cmocka_run_group_tests(tests, NULL, NULL);

    free(w.kit);
    return failed;
}
