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

static void is_zero(const void *p, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(((const uint8_t *)p)[i], 0);
    }
}

static void nothing_of_the_key_stays(void **state)
{
    static const struct identity identity;
    const struct core_member_setup setup = {.identity = &identity};
    struct core_member *const m = core_member_init(memory, &setup);
    size_t n = 0;
    uint8_t *const room = core_member_spare(m, &n);

    (void)state;
    assert_ptr_equal(m->signing_key, &identity.signing_key);
    memset(room, 7, n);
    memset(&m->share, 7, sizeof m->share);
    memset(&m->key, 7, sizeof m->key);
    memset(&m->classic_share, 7, sizeof m->classic_share);
    memset(&m->classic, 7, sizeof m->classic);
    memset(&m->party, 7, sizeof m->party);
    memset(&m->drbg, 7, sizeof m->drbg);
    memset(&m->ceremony.share, 7, sizeof m->ceremony.share);
    core_member_wipe(m);
    is_zero(room, n);
    is_zero(&m->share, sizeof m->share);
    is_zero(&m->key, sizeof m->key);
    is_zero(&m->classic_share, sizeof m->classic_share);
    is_zero(&m->classic, sizeof m->classic);
    is_zero(&m->party, sizeof m->party);
    is_zero(&m->drbg, sizeof m->drbg);
    is_zero(&m->ceremony.share, sizeof m->ceremony.share);
}

/* Three of four, five and six share both keys: threshold ECDSA is of three. */
static void three_of_up_to_six_fit_frames(void **state)
{
    (void)state;
    for (unsigned n = 3; n <= 6; n++) {
        assert_true(core_member_fits(tmldsa_params_find(&mldsa_65, 3, (uint8_t)n)));
    }
    assert_false(core_member_fits(tmldsa_params_find(&mldsa_65, 4, 6)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(one_that_never_was_is_wiped, begin, end),
        cmocka_unit_test_setup_teardown(nothing_of_the_key_stays, begin, end),
        cmocka_unit_test(three_of_up_to_six_fit_frames),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
