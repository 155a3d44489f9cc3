#include "testing.h"

#include "host/authority/core_args.h"

#include <string.h>

static char program[] = "quorate-core";
static char leap[] = "1483228800:37@1782604800";

static void kernel_clock_and_locked_memory_are_the_rule(void **state)
{
    static struct config c;
    static struct core_args args;

    (void)state;
    memset(&c, 0, sizeof c);
    (void)strcpy(c.front.core, "unix:/run/q/core.sock");
    c.n_policies = CONFIG_POLICIES_MAX;
    for (size_t i = 0; i < c.n_policies; i++) {
        struct config_policy *p = &c.policies[i];

        (void)strcpy(p->oid.text, "1.2.3");
        p->number = (int64_t)i + 1;
        p->min_accuracy_ms = 100;
        p->max_accuracy_ms = 1000;
    }
    assert_int_equal(core_args_make(&c, program, 0, leap, &args), ERR_OK);
    assert_string_equal(args.argv[0], program);
    assert_string_equal(args.argv[2], "unix:/run/q/core.sock");
    assert_string_equal(args.argv[4], "kernel");
    assert_string_equal(args.argv[5], "--policy");
    assert_string_equal(args.argv[6], "1,classic,1.2.3,0,100,1000");
    assert_string_equal(args.argv[4 + 2 * CONFIG_POLICIES_MAX], "16,classic,1.2.3,0,100,1000");
    assert_null(args.argv[5 + 2 * CONFIG_POLICIES_MAX]);

    c.policies[0].profile = CONFIG_PROFILE_PQ;
    c.policies[1].profile = CONFIG_PROFILE_HYBRID; /* the core makes its classic part */
    assert_int_equal(core_args_make(&c, program, 0, leap, &args), ERR_OK);
    assert_string_equal(args.argv[6], "1,pq,1.2.3,0,100,1000");
    assert_string_equal(args.argv[8], "2,classic,1.2.3,0,100,1000");

    c.policies[1].ordering = true;
    assert_int_equal(core_args_make(&c, program, 0, leap, &args), ERR_OK);
    assert_string_equal(args.argv[8], "2,classic,1.2.3,0,100,1000,ordering");

    (void)strcpy(c.authority.core_listen, "vsock:any:7000");
    assert_int_equal(core_args_make(&c, program, 0, leap, &args), ERR_OK);
    assert_string_equal(args.argv[2], "vsock:any:7000");
}

static void no_policy_is_built_in(void **state)
{
    static struct config c;
    static struct core_args args;

    (void)state;
    memset(&c, 0, sizeof c);
    assert_int_equal(core_args_make(&c, program, 0, leap, &args), ERR_STATE);
    assert_null(args.argv[0]);
}

static void each_core_has_endpoints_for_its_helpers(void **state)
{
    static struct config c;
    static struct core_args args;
    char place[CONFIG_TEXT_MAX];

    (void)state;
    memset(&c, 0, sizeof c);
    (void)strcpy(c.front.core, "unix:/q/1\nunix:/q/2");
    (void)strcpy(c.front.ceremony, "c");
    c.n_policies = CONFIG_POLICIES_MAX;
    c.authority.clock = CONFIG_CLOCK_NTS;
    c.authority.allow_unlocked = true;
    c.authority.evidence = CONFIG_EVIDENCE_CONFIGFS;
    assert_int_equal(core_args_make(&c, program, 1, leap, &args), ERR_OK);
    assert_string_equal(args.argv[2], "unix:/q/2");
    assert_string_equal(args.argv[4], "nts");
    assert_string_equal(args.argv[5], "--time-listen");
    assert_string_equal(args.argv[6], "unix:/q/2.time");
    assert_string_equal(args.argv[7], "--leap-table");
    assert_string_equal(args.argv[8], leap);
    assert_string_equal(args.argv[9], "--tsm-listen");
    assert_string_equal(args.argv[10], "unix:/q/2.tsm");
    assert_string_equal(args.argv[11], "--member");
    assert_null(args.argv[CORE_ARGS_MAX - 1]);
    assert_non_null(args.argv[CORE_ARGS_MAX - 2]);
    core_args_time_endpoint(&c, 0, place);
    assert_string_equal(place, "unix:/q/1.time");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(kernel_clock_and_locked_memory_are_the_rule),
        cmocka_unit_test(no_policy_is_built_in),
        cmocka_unit_test(each_core_has_endpoints_for_its_helpers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
