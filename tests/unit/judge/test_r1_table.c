#include "testing.h"

#include "enclave/judge/r1_table.h"

#include <string.h>

static struct r1_table table;

/* A body whose r1_id (the 16 bytes from 82 on) is of number i, in few buckets. */
static const uint8_t *body_of(uint32_t i)
{
    static uint8_t body[R1_BODY_LEN];

    memset(body, 7, sizeof body);
    body[82] = (uint8_t)(i % 5);
    body[83] = 0;
    memcpy(body + 84, &i, sizeof i);
    return body;
}

static struct view view_of(uint32_t i)
{
    return (struct view){body_of(i), R1_BODY_LEN};
}

static void test_uses_each_once(void **state)
{
    int64_t at;

    (void)state;
    r1_table_init(&table);
    for (uint32_t i = 0; i < LIMIT_R1_OPEN; i++) {
        assert_int_equal(table.open, i);
        assert_int_equal(r1_table_open(&table, 0, i + 1, view_of(i)), ERR_OK);
    }
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(9999)), ERR_NOSPACE);
    for (uint32_t i = 0; i < LIMIT_R1_OPEN; i++) {
        const uint32_t pick = (i * 389) % LIMIT_R1_OPEN; /* in another order */

        assert_int_equal(r1_table_use(&table, view_of(pick), &at), ERR_OK);
        assert_int_equal(at, pick + 1);
        assert_int_equal(r1_table_use(&table, view_of(pick), &at), ERR_STALE);
        assert_int_equal(at, 0);
    }
    assert_int_equal(table.open, 0);
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(1)), ERR_OK);
}

/* The byte after epoch_id is the key. */
static void test_voids_one_key(void **state)
{
    uint8_t other[R1_BODY_LEN];
    int64_t at;

    (void)state;
    r1_table_init(&table);
    for (uint32_t i = 0; i < 20; i++) {
        memcpy(other, body_of(i), sizeof other);
        other[EPOCH_ID_LEN] = i % 2 == 0 ? KEY_PQ : KEY_CLASSIC;
        assert_int_equal(r1_table_open(&table, 0, 1, (struct view){other, sizeof other}),
                         ERR_OK);
    }
    assert_int_equal(r1_table_void_key(&table, KEY_PQ), 10);
    assert_int_equal(r1_table_void_key(&table, KEY_PQ), 0);
    assert_int_equal(table.open, 10);
    assert_int_equal(r1_table_use(&table, (struct view){other, sizeof other}, &at), ERR_OK);
    other[84] = 0; /* number 0, of the other key */
    other[82] = 0;
    other[EPOCH_ID_LEN] = KEY_PQ;
    assert_int_equal(r1_table_use(&table, (struct view){other, sizeof other}, &at), ERR_STALE);
}

static void test_other_lengths_and_bytes(void **state)
{
    int64_t at;

    (void)state;
    r1_table_init(&table);
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(1)), ERR_OK);
    assert_int_equal(r1_table_use(&table, (struct view){body_of(1), R1_BODY_LEN - 1}, &at),
                     ERR_STALE);
    assert_int_equal(r1_table_use(&table, (struct view){NULL, 0}, &at), ERR_STALE);
    assert_int_equal(r1_table_use(&table, view_of(2), &at), ERR_STALE);
    assert_int_equal(table.open, 1);
}

static void test_expires_what_is_old(void **state)
{
    int64_t at;

    (void)state;
    r1_table_init(&table);
    for (uint32_t i = 0; i < 100; i++) {
        assert_int_equal(r1_table_open(&table, 0, 1000 + i, view_of(i)), ERR_OK);
    }
    assert_int_equal(r1_table_expire(&table, 1000 + R1_LIFE_NS), 0);
    assert_int_equal(r1_table_expire(&table, 1001 + R1_LIFE_NS), 1);
    assert_int_equal(r1_table_use(&table, view_of(0), &at), ERR_STALE);
    assert_int_equal(r1_table_use(&table, view_of(1), &at), ERR_OK);
    assert_int_equal(r1_table_expire(&table, 1050 + R1_LIFE_NS), 48);
    assert_int_equal(r1_table_expire(&table, 5000 + R1_LIFE_NS), 50);
    assert_int_equal(table.open, 0);
    assert_int_equal(r1_table_expire(&table, INT64_MAX), 0);
}

static void test_void_erases_all(void **state)
{
    static const uint8_t zero[R1_BODY_LEN];
    int64_t at;

    (void)state;
    r1_table_init(&table);
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(1)), ERR_OK);
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(2)), ERR_OK);
    assert_int_equal(r1_table_void(&table), 2);
    assert_int_equal(r1_table_use(&table, view_of(1), &at), ERR_STALE);
    assert_int_equal(r1_table_room(&table, 0), LIMIT_R1_OPEN / 2);
    assert_int_equal(r1_table_open(&table, 0, 1, view_of(1)), ERR_OK);
    assert_int_equal(r1_table_use(&table, view_of(1), &at), ERR_OK);
    for (size_t i = 0; i < LIMIT_R1_OPEN; i++) {
        assert_memory_equal(table.records[i].r1, zero, sizeof zero);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_uses_each_once),
        cmocka_unit_test(test_voids_one_key),
        cmocka_unit_test(test_other_lengths_and_bytes),
        cmocka_unit_test(test_expires_what_is_old),
        cmocka_unit_test(test_void_erases_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
