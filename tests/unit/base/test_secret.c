#include "testing.h"

#include "base/secret.h"

#include <string.h>

static void masks(void **state)
{
    static const uint32_t values[] = {1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x00010000};

    (void)state;
    assert_int_equal(ct_mask_zero(0), UINT32_MAX);
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        assert_int_equal(ct_mask_zero(values[i]), 0);
        assert_int_equal(ct_barrier(values[i]), values[i]);
        assert_int_equal(ct_select(UINT32_MAX, values[i], 5), values[i]);
        assert_int_equal(ct_select(0, 5, values[i]), values[i]);
    }
}

/* Each bit of a difference counts. */
static void equal_sees_every_bit(void **state)
{
    uint8_t a[67];
    uint8_t b[67];

    (void)state;
    memset(a, 0x5a, sizeof a);
    memcpy(b, a, sizeof b);
    assert_int_equal(ct_equal(a, b, sizeof a), UINT32_MAX);
    assert_int_equal(ct_equal(a, b, 0), UINT32_MAX);
    for (size_t bit = 0; bit < 8 * sizeof a; bit++) {
        b[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(ct_equal(a, b, sizeof a), 0);
        b[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
}

static void wipe_erases_exactly(void **state)
{
    uint8_t a[16];

    (void)state;
    memset(a, 0xff, sizeof a);
    wipe(a + 4, 8);
    for (size_t i = 0; i < sizeof a; i++) {
        assert_int_equal(a[i], i >= 4 && i < 12 ? 0 : 0xff);
    }
    wipe(a, 0);
    assert_int_equal(a[0], 0xff);
    wipe(NULL, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(masks),
        cmocka_unit_test(equal_sees_every_bit),
        cmocka_unit_test(wipe_erases_exactly),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
