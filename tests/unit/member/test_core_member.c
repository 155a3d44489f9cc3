#include "testing.h"

#include "enclave/member/core_member.h"

#include <stdlib.h>
#include <string.h>

static uint8_t *memory;

static int begin(void **state)
{
    const size_t n = (core_member_size() + 63) / 64 * 64;

    (void)state;
    memory = aligned_alloc(64, n);
    assert_non_null(memory);
    memset(memory, 0, n);
    return 0;
}

static int end(void **state)
{
    (void)state;
    free(memory);
    return 0;
}

/* As where a core has no entropy and ends before it is set up. */
static void one_that_never_was_is_wiped(void **state)
{
    struct core_member *const m = (struct core_member *)(void *)memory;

    (void)state;
    core_member_wipe(m);
    assert_null(m->pool_room);
}

static void nothing_of_the_key_stays(void **state)
{
    static const struct identity identity;
    const struct core_member_setup setup = {.identity = &identity};
    struct core_member *const m = core_member_init(memory, &setup);
    size_t n = 0;
    uint8_t *const room = core_member_spare(m, &n);

    (void)state;
    memset(room, 7, n);
    memset(&m->share, 7, sizeof m->share);
    memset(&m->party, 7, sizeof m->party);
    memset(&m->drbg, 7, sizeof m->drbg);
    core_member_wipe(m);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(room[i], 0);
    }
    for (size_t i = 0; i < sizeof m->share; i++) {
        assert_int_equal(((const uint8_t *)&m->share)[i], 0);
    }
    for (size_t i = 0; i < sizeof m->party; i++) {
        assert_int_equal(((const uint8_t *)&m->party)[i], 0);
    }
    for (size_t i = 0; i < sizeof m->drbg; i++) {
        assert_int_equal(((const uint8_t *)&m->drbg)[i], 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_never_was_is_wiped, begin, end),
        cmocka_unit_test_setup_teardown(nothing_of_the_key_stays, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
