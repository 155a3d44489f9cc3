#include "testing.h"

#include "os/entropy.h"

#include <string.h>

static void fills_all_bytes(void **state)
{
    static uint8_t a[1000]; /* getrandom() alone may be short above 256 */
    static uint8_t b[1000];
    static const uint8_t zero[16];

    (void)state;
    assert_int_equal(entropy_os.fill(entropy_os.self, a, sizeof a), ERR_OK);
    assert_int_equal(entropy_os.fill(entropy_os.self, b, sizeof b), ERR_OK);
    assert_memory_not_equal(a, b, sizeof a);
    for (size_t i = 0; i + sizeof zero <= sizeof a; i += sizeof zero) {
        assert_memory_not_equal(a + i, zero, sizeof zero);
    }
    assert_int_equal(entropy_os.fill(entropy_os.self, a, 0), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fills_all_bytes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
