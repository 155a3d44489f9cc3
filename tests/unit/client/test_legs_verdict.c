/* What the results of the legs make together, row by row. */
#include "testing.h"

#include "client/verify/legs.h"

#define U LEG_NOT_CHECKED
#define G LEG_GENUINE
#define N LEG_NOT_GENUINE
#define A LEG_ABSENT

struct row {
    enum token_profile profile;
    bool hybrid_policy;
    enum leg_result leg[LEG_COUNT];
    /* nothing required; classic; pq; both */
    enum verdict verdict[4];
};

#define TRUE_ VERDICT_GENUINE
#define FALSE_ VERDICT_NOT_GENUINE
#define OPEN_ VERDICT_COULD_NOT_TELL
#define HALF_ VERDICT_INCOMPLETE

static const struct row rows[] = {
    /* a classic token */
    {PROFILE_CLASSIC, false, {G, A, A}, {TRUE_, TRUE_, FALSE_, FALSE_}},
    {PROFILE_CLASSIC, false, {U, A, A}, {OPEN_, OPEN_, FALSE_, FALSE_}},
    {PROFILE_CLASSIC, false, {N, A, A}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    /* stripped of its record */
    {PROFILE_CLASSIC, true, {G, A, A}, {HALF_, HALF_, FALSE_, FALSE_}},
    {PROFILE_CLASSIC, true, {U, A, A}, {OPEN_, OPEN_, FALSE_, FALSE_}},
    {PROFILE_CLASSIC, true, {N, A, A}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    /* a hybrid token */
    {PROFILE_RECORD, true, {G, G, G}, {TRUE_, TRUE_, TRUE_, TRUE_}},
    {PROFILE_RECORD, true, {U, G, G}, {OPEN_, OPEN_, OPEN_, OPEN_}},
    {PROFILE_RECORD, true, {G, U, G}, {OPEN_, OPEN_, OPEN_, OPEN_}},
    {PROFILE_RECORD, true, {G, G, U}, {OPEN_, OPEN_, OPEN_, OPEN_}},
    {PROFILE_RECORD, true, {N, G, G}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, true, {G, N, G}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, true, {G, G, N}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, true, {U, U, N}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    /* an archive record on a classic token */
    {PROFILE_RECORD, false, {G, G, U}, {TRUE_, TRUE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, false, {G, U, U}, {TRUE_, TRUE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, false, {G, N, U}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_RECORD, false, {U, G, U}, {OPEN_, OPEN_, FALSE_, FALSE_}},
    /* a token of ML-DSA */
    {PROFILE_PQ, false, {A, G, A}, {TRUE_, FALSE_, TRUE_, FALSE_}},
    {PROFILE_PQ, false, {A, U, A}, {OPEN_, FALSE_, OPEN_, FALSE_}},
    {PROFILE_PQ, false, {A, N, A}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_PQ, true, {A, G, A}, {HALF_, FALSE_, HALF_, FALSE_}},
    /* two SignerInfos, or one that is left of two */
    {PROFILE_DUAL, false, {G, G, G}, {TRUE_, TRUE_, TRUE_, TRUE_}},
    {PROFILE_DUAL, false, {G, U, G}, {OPEN_, OPEN_, OPEN_, OPEN_}},
    {PROFILE_DUAL, false, {G, G, N}, {FALSE_, FALSE_, FALSE_, FALSE_}},
    {PROFILE_DUAL_ONE, false, {G, A, A}, {HALF_, HALF_, FALSE_, FALSE_}},
    {PROFILE_DUAL_ONE, false, {A, G, A}, {HALF_, FALSE_, HALF_, FALSE_}},
};

static void each_row_is_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (unsigned required = 0; required < 4; required++) {
            struct legs_facts f = {
                .profile = rows[i].profile,
                .hybrid_policy = rows[i].hybrid_policy,
                .require_classic = (required & 1) != 0,
                .require_pq = (required & 2) != 0,
            };
            enum leg decisive = LEG_COUNT;
            bool quantum_safe = false;
            bool all = true;

            for (unsigned k = 0; k < LEG_COUNT; k++) {
                f.leg[k] = rows[i].leg[k];
                all = all && f.leg[k] == LEG_GENUINE;
            }
            const enum verdict v = legs_verdict(&f, &decisive, &quantum_safe);

            if (v != rows[i].verdict[required]) {
                fail_msg("row %zu, required %u: %s", i, required, verify_verdict_name(v));
            }
            assert_int_equal(quantum_safe, all);
            assert_int_equal(decisive == LEG_COUNT, v == VERDICT_GENUINE);
            assert_false(v == VERDICT_GENUINE && f.require_pq && f.leg[LEG_PQ] != LEG_GENUINE);
            assert_false(v == VERDICT_GENUINE && f.require_classic &&
                         f.leg[LEG_CLASSIC] != LEG_GENUINE);
        }
    }
}

/* Whatever the legs are, in every profile: no leg that is not genuine passes, nor one that the
 * policy promises and that is not there. */
static void nothing_false_is_genuine(void **state)
{
    (void)state;
    for (unsigned all = 0; all < 4 * 4 * 4 * 5 * 8; all++) {
        const struct legs_facts f = {
            .leg = {(enum leg_result)(all % 4), (enum leg_result)(all / 4 % 4),
                    (enum leg_result)(all / 16 % 4)},
            .profile = (enum token_profile)(all / 64 % 5),
            .hybrid_policy = all / 320 % 2 != 0,
            .require_classic = all / 640 % 2 != 0,
            .require_pq = all / 1280 % 2 != 0,
        };
        enum leg decisive = LEG_COUNT;
        bool quantum_safe = false;
        const enum verdict v = legs_verdict(&f, &decisive, &quantum_safe);

        assert_true((unsigned)decisive <= LEG_COUNT);
        for (unsigned i = 0; i < LEG_COUNT; i++) {
            assert_false(f.leg[i] == LEG_NOT_GENUINE && v != VERDICT_NOT_GENUINE);
            assert_false(v == VERDICT_GENUINE && f.hybrid_policy && f.leg[i] != LEG_GENUINE);
            assert_false(quantum_safe && f.leg[i] != LEG_GENUINE);
        }
        assert_false(v == VERDICT_GENUINE && f.require_pq && !quantum_safe &&
                     f.profile != PROFILE_PQ);
    }
}

static void names_are_those_of_the_manual(void **state)
{
    (void)state;
    assert_string_equal(leg_name(LEG_CLASSIC), "classic");
    assert_string_equal(leg_name(LEG_PQ), "pq");
    assert_string_equal(leg_name(LEG_BINDING), "binding");
    assert_string_equal(leg_name(LEG_COUNT), "unknown");
    assert_string_equal(leg_result_name(LEG_GENUINE), "GENUINE");
    assert_string_equal(leg_result_name(LEG_NOT_GENUINE), "NOT GENUINE");
    assert_string_equal(leg_result_name(LEG_ABSENT), "ABSENT");
    assert_string_equal(leg_result_name(LEG_NOT_CHECKED), "NOT CHECKED");
    assert_string_equal(leg_result_name((enum leg_result)99), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_row_is_so),
        cmocka_unit_test(nothing_false_is_genuine),
        cmocka_unit_test(names_are_those_of_the_manual),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
