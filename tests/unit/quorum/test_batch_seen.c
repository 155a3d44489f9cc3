/* A batch of a peer is in one session. */
#include "testing.h"

#include "enclave/quorum/batch_seen.h"

static const uint8_t boot[BATCH_BOOT_LEN] = {1, 2, 3, 4, 5, 6, 7, 8};

static const uint8_t *id_of(uint64_t number)
{
    static uint8_t id[R1_BATCH_ID_LEN];

    batch_id_make(boot, number, id);
    return id;
}

static void numbers_stand_lowest_byte_first(void **state)
{
    static const uint8_t want[R1_BATCH_ID_LEN] = {1, 2, 3, 4, 5, 6, 7, 8, 2, 1};

    (void)state;
    assert_memory_equal(id_of(0x102), want, sizeof want);
    assert_true(batch_id_number(id_of(UINT64_MAX)) == UINT64_MAX);
}

static void each_is_taken_once(void **state)
{
    struct batch_seen s;

    (void)state;
    batch_seen_init(&s, boot);
    for (uint64_t n = 1; n < 3 * BATCH_SEEN_WINDOW; n += 3) {
        assert_int_equal(batch_seen_check(&s, id_of(n)), ERR_OK);
        batch_seen_add(&s, id_of(n));
        assert_int_equal(batch_seen_check(&s, id_of(n)), ERR_STALE);
        if (n > 3) { /* late, and once */
            assert_int_equal(batch_seen_check(&s, id_of(n - 2)), ERR_OK);
            batch_seen_add(&s, id_of(n - 2));
            assert_int_equal(batch_seen_check(&s, id_of(n - 2)), ERR_STALE);
        }
    }
}

static void what_is_too_old_is_not_known(void **state)
{
    struct batch_seen s;

    (void)state;
    batch_seen_init(&s, boot);
    batch_seen_add(&s, id_of(7));
    batch_seen_add(&s, id_of(BATCH_SEEN_WINDOW + 6)); /* 7 is the lowest in the window */
    assert_int_equal(batch_seen_check(&s, id_of(7)), ERR_STALE);
    assert_int_equal(batch_seen_check(&s, id_of(8)), ERR_OK);
    assert_int_equal(batch_seen_check(&s, id_of(6)), ERR_STALE);
    batch_seen_add(&s, id_of(UINT64_MAX));
    assert_int_equal(batch_seen_check(&s, id_of(BATCH_SEEN_WINDOW)), ERR_STALE);
    assert_int_equal(batch_seen_check(&s, id_of(UINT64_MAX - 1)), ERR_OK);
    assert_int_equal(batch_seen_check(&s, id_of(UINT64_MAX)), ERR_STALE);
}

static void another_start_is_another_node(void **state)
{
    static const uint8_t other[BATCH_BOOT_LEN] = {1, 2, 3, 4, 5, 6, 7, 9};
    uint8_t id[R1_BATCH_ID_LEN];
    struct batch_seen s;

    (void)state;
    batch_seen_init(&s, boot);
    batch_id_make(other, 1, id);
    assert_int_equal(batch_seen_check(&s, id), ERR_MISMATCH);
    assert_int_equal(batch_seen_check(&s, id_of(0)), ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_stand_lowest_byte_first),
        cmocka_unit_test(each_is_taken_once),
        cmocka_unit_test(what_is_too_old_is_not_known),
        cmocka_unit_test(another_start_is_another_node),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
