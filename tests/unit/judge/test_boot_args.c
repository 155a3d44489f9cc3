/* The command line is strict: what it does not know, it refuses. */
#include "testing.h"

#include "enclave/judge/boot_args.h"

#include <stdio.h>
#include <string.h>

#define ARGS_MAX 64
#define POLICY "1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000"

static struct boot_args args;
static int where;

/* Parses text, split at spaces, as the arguments after the program's name. */
static enum err parse(const char *text)
{
    static char copy[2048];
    char *argv[ARGS_MAX];
    char program[] = "quorate-core";
    char *rest = NULL;
    int argc = 0;

    (void)snprintf(copy, sizeof copy, "%s", text);
    argv[argc++] = program;
    for (char *p = strtok_r(copy, " ", &rest); p != NULL; p = strtok_r(NULL, " ", &rest)) {
        argv[argc++] = p;
    }
    memset(&args, 0xff, sizeof args);
    return boot_args_parse(argc, argv, &args, &where);
}

static void refuse(const char *text, enum err want, int at)
{
    static const struct boot_args zero;

    assert_int_equal(parse(text), want);
    assert_int_equal(where, at);
    assert_memory_equal(&args, &zero, sizeof args);
}

static void test_takes_a_whole_line(void **state)
{
    static const uint8_t oid[] = {0x2b, 6, 1, 4, 1, 0x81, 0xfd, 0x59, 0x98, 0x59, 1, 0x5b};

    (void)state;
    assert_int_equal(parse("--listen unix:/run/q.sock --listen tcp:127.0.0.1:0 --clock kernel "
                           "--policy " POLICY " --policy 255,classic,2.999.1,0,1,2000 "
                           "--idle-ms 1000 --allow-unlocked"),
                     ERR_OK);
    assert_int_equal(args.n_listen, 2);
    assert_string_equal(args.listen[0], "unix:/run/q.sock");
    assert_string_equal(args.listen[1], "tcp:127.0.0.1:0");
    assert_int_equal(args.clock, CLOCK_KERNEL);
    assert_int_equal(args.idle_ms, 1000);
    assert_true(args.allow_unlocked);
    assert_int_equal(args.n_policies, 2);
    assert_int_equal(args.policies[0].number, 1);
    assert_int_equal(args.policies[0].key, KEY_CLASSIC);
    assert_int_equal(args.policies[0].oid_len, sizeof oid);
    assert_memory_equal(args.policies[0].oid, oid, sizeof oid);
    assert_int_equal(args.policies[0].rule.digits, 3);
    assert_int_equal(args.policies[0].rule.min_accuracy_ms, 100);
    assert_int_equal(args.policies[0].rule.max_accuracy_ms, 1000);
    assert_int_equal(args.policies[1].number, 255);
    assert_memory_equal(args.policies[1].oid, ((uint8_t[]){0x88, 0x37, 1}), 3);
}

static void test_presets_and_questions(void **state)
{
    (void)state;
    assert_int_equal(parse("--listen unix:/x --clock kernel --policy " POLICY), ERR_OK);
    assert_int_equal(args.idle_ms, BOOT_IDLE_MS_PRESET);
    assert_false(args.allow_unlocked);
    assert_int_equal(parse("--help"), ERR_OK);
    assert_true(args.help);
    assert_int_equal(parse("--version"), ERR_OK);
    assert_true(args.version);
}

static void test_untrusted_time(void **state)
{
    (void)state;
    refuse("--listen unix:/x --clock trust-system --policy " POLICY, ERR_TIME, 7);
#if defined(QUORATE_SIMULATED)
    assert_int_equal(parse("--listen unix:/x --clock trust-system --allow-untrusted-time "
                           "--policy " POLICY),
                     ERR_OK);
    assert_int_equal(args.clock, CLOCK_TRUST_SYSTEM);
#else
    refuse("--listen unix:/x --clock trust-system --allow-untrusted-time --policy " POLICY,
           ERR_TIME, 8);
#endif
}

#define NTS "--listen unix:/x --clock nts --policy " POLICY
#define LEAPS " --leap-table 1483228800:37@1782604800"

static void test_time_client(void **state)
{
    (void)state;
    assert_int_equal(parse(NTS " --time-listen unix:/t" LEAPS), ERR_OK);
    assert_int_equal(args.clock, CLOCK_NTS);
    assert_int_equal(args.n_listen, 2);
    assert_int_equal(args.time_listener, 2);
    assert_string_equal(args.listen[1], "unix:/t");
    assert_int_equal(args.leaps.entries[0].offset_s, 37);
    assert_int_equal(parse("--time-listen unix:/t " NTS LEAPS), ERR_OK);
    assert_int_equal(args.time_listener, 1);
    refuse(NTS, ERR_TRUNCATED, 7);
    refuse(NTS LEAPS, ERR_TRUNCATED, 9);
    refuse(NTS " --time-listen unix:/t", ERR_TRUNCATED, 9);
    refuse("--counter tsc " NTS LEAPS, ERR_TAG, 1); /* docs/adr/0026 */
    refuse("--clock nts --time-listen unix:/t --policy " POLICY LEAPS, ERR_TRUNCATED, 9);
    refuse("--leap-table 37", ERR_ENCODING, 2);
    refuse("--time-listen a:1 --time-listen a:2", ERR_TRAILING, 4);
    refuse("--leap-table 0:37@9 --leap-table 0:37@9", ERR_TRAILING, 4);
    refuse("--listen unix:/x --clock kernel --policy " POLICY LEAPS, ERR_TAG, 9);
    refuse("--listen unix:/x --clock kernel --time-listen unix:/t --policy " POLICY, ERR_TAG,
           9);
}

static void test_tsm(void **state)
{
    (void)state;
    assert_int_equal(parse(NTS " --tsm-listen unix:/e --time-listen unix:/t" LEAPS), ERR_OK);
    assert_int_equal(args.n_listen, 3);
    assert_int_equal(args.tsm_listener, 2);
    assert_int_equal(args.time_listener, 3);
    refuse("--tsm-listen a:1 --tsm-listen a:2", ERR_TRAILING, 4);
    refuse("--tsm-listen unix:/e --clock kernel --policy " POLICY, ERR_TRUNCATED, 7);
    refuse("--clock nts --time-listen unix:/t --tsm-listen unix:/e --policy " POLICY LEAPS,
           ERR_TRUNCATED, 11);
}

static void test_refuses(void **state)
{
    (void)state;
    refuse("", ERR_TRUNCATED, 1);
    refuse("--listen", ERR_TRUNCATED, 1);
    refuse("--listen unix:/x --clock", ERR_TRUNCATED, 3);
    refuse("--listen unix:/x", ERR_TRUNCATED, 3);
    refuse("--listen unix:/x --clock kernel", ERR_TRUNCATED, 5);
    refuse("--clock kernel --policy " POLICY, ERR_TRUNCATED, 5);
    refuse("--listen unix:/x --policy " POLICY, ERR_TRUNCATED, 5);
    refuse("stray", ERR_TAG, 1);
    refuse("--Listen unix:/x", ERR_TAG, 1);
    refuse("--listen=unix:/x", ERR_TAG, 1);
    refuse("--clock kernel --clock kernel", ERR_TRAILING, 4);
    refuse("--clock sundial", ERR_ENCODING, 2);
    refuse("--allow-unlocked --allow-unlocked", ERR_TRAILING, 2);
    refuse("--idle-ms 99", ERR_RANGE, 2);
    refuse("--idle-ms 3600001", ERR_RANGE, 2);
    refuse("--idle-ms 1s", ERR_ENCODING, 2);
    refuse("--idle-ms 100 --idle-ms 100", ERR_TRAILING, 4);
    refuse("--listen a:1 --listen a:2 --listen a:3 --listen a:4 --listen a:5", ERR_NOSPACE, 10);
    refuse("--policy " POLICY " --policy " POLICY, ERR_TRAILING, 4);
}

static void test_too_many_policies(void **state)
{
    char line[2048] = "";

    (void)state;
    for (int i = 1; i <= WIRE_POLICIES_MAX + 1; i++) {
        char one[64];

        (void)snprintf(one, sizeof one, "--policy %d,classic,1.2.3,3,100,1000 ", i);
        (void)strncat(line, one, sizeof line - strlen(line) - 1);
    }
    refuse(line, ERR_NOSPACE, 2 * (WIRE_POLICIES_MAX + 1));
}

static void refuse_policy(const char *text, enum err want)
{
    static const struct boot_policy zero;
    struct boot_policy p;

    assert_int_equal(boot_policy_parse(text, &p), want);
    assert_memory_equal(&p, &zero, sizeof p);
}

static void test_policies(void **state)
{
    struct boot_policy p;

    (void)state;
    for (size_t n = 0; n < strlen(POLICY);
         n++) { /* every prefix but those of the last number */
        char text[64];

        (void)snprintf(text, sizeof text, "%.*s", (int)n, POLICY);
        assert_int_not_equal(boot_policy_parse(text, &p), ERR_OK);
    }
    refuse_policy("0,classic,1.2.3,3,100,1000", ERR_RANGE);
    refuse_policy("256,classic,1.2.3,3,100,1000", ERR_RANGE);
    refuse_policy("01,classic,1.2.3,3,100,1000", ERR_ENCODING);
    refuse_policy("-1,classic,1.2.3,3,100,1000", ERR_ENCODING);
    refuse_policy("1,hybrid,1.2.3,3,100,1000", ERR_BAD_ALG);
    refuse_policy("1,dua,1.2.3,3,100,1000", ERR_BAD_ALG);
    refuse_policy("1,classical,1.2.3,3,100,1000", ERR_BAD_ALG);
    refuse_policy("1,classic,,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1.,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1.2.,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1..2,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1.02,3,100,1000", ERR_ENCODING);
    refuse_policy("1,classic,1.40,3,100,1000", ERR_RANGE);
    refuse_policy("1,classic,3.1,3,100,1000", ERR_RANGE);
    refuse_policy("1,classic,1.2.2147483648,3,100,1000", ERR_RANGE);
    refuse_policy(
        "1,classic,2.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1.1,3,1,"
        "1000",
        ERR_RANGE);
    refuse_policy("1,classic,1.2.3,4,100,1000", ERR_RANGE);
    refuse_policy("1,classic,1.2.3,3,0,1000", ERR_RANGE);
    refuse_policy("1,classic,1.2.3,3,1001,1000", ERR_RANGE);
    refuse_policy("1,classic,1.2.3,3,100,60001", ERR_RANGE);
    refuse_policy("1,classic,1.2.3,3,100,1000,", ERR_ENCODING);
    refuse_policy("1,classic,1.2.3,3,100,1000 ", ERR_ENCODING);
    /* An accuracy that its own R1 could not keep. */
    refuse_policy("1,classic,1.2.3,3,100,251", ERR_RANGE);
    refuse_policy("1,classic,1.2.3,0,100,751", ERR_RANGE);
    assert_int_equal(boot_policy_parse("1,dual,1.2.3,3,100,1000", &p), ERR_OK);
    assert_int_equal(p.key, KEY_DUAL);
    assert_int_equal(boot_policy_parse("1,classic,1.2.3,3,100,252", &p), ERR_OK);
    assert_int_equal(boot_policy_parse("1,classic,1.2.3,0,100,752", &p), ERR_OK);
    assert_int_equal(boot_policy_parse("1,classic,2.2147483647.2147483647,0,100,752", &p),
                     ERR_OK);
}

/* It shares the pq key, so there must be use for one. */
static void test_members(void **state)
{
    (void)state;
    assert_int_equal(parse("--listen unix:/s --clock kernel --member "
                           "--policy 2,pq,1.2.3,3,100,1000 --policy " POLICY),
                     ERR_OK);
    assert_true(args.member);
    refuse("--listen unix:/s --clock kernel --member --policy " POLICY, ERR_POLICY, 8);
    refuse("--listen unix:/s --clock kernel --member --policy 1,dual,1.2.3,3,100,1000",
           ERR_POLICY, 8);
    refuse("--member --member", ERR_TRAILING, 2);
}

/* Any two quorums share more than may be bad: fewer than half of all. */
static void test_ordering(void **state)
{
    static const struct {
        const char *policy;
        bool member;
        uint8_t threshold, total;
        enum err e;
    } cases[] = {
        {"1,classic,1.2.3,3,100,1000,ordering", false, 3, 5, ERR_OK},
        {"1,dual,1.2.3,3,100,1000,ordering", false, 3, 5, ERR_OK},
        {"1,pq,1.2.3,3,100,1000", true, 3, 5, ERR_OK},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 3, 5, ERR_QUORUM},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 4, 5, ERR_OK},
        {"1,classic,1.2.3,3,100,1000,ordering", true, 5, 5, ERR_QUORUM}, /* each has its own */
        {"1,pq,1.2.3,3,100,1000,ordering", true, 2, 3, ERR_QUORUM},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 3, 3, ERR_OK},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 2, 4, ERR_QUORUM},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 3, 4, ERR_OK},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 4, 6, ERR_QUORUM},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 5, 6, ERR_OK},
        {"1,pq,1.2.3,3,100,1000,ordering", true, 2, 2, ERR_OK},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct boot_args a = {.member = cases[i].member, .n_policies = 1};

        assert_int_equal(boot_policy_parse(cases[i].policy, &a.policies[0]), ERR_OK);
        assert_int_equal(boot_args_check_ordering(&a, cases[i].threshold, cases[i].total),
                         cases[i].e);
    }
    refuse_policy("1,classic,1.2.3,3,100,1000,", ERR_ENCODING);
    refuse_policy("1,classic,1.2.3,3,100,1000,order", ERR_ENCODING);
    refuse_policy("1,classic,1.2.3,3,100,1000,ordering,", ERR_ENCODING);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_takes_a_whole_line),
        cmocka_unit_test(test_presets_and_questions),
        cmocka_unit_test(test_untrusted_time),
        cmocka_unit_test(test_time_client),
        cmocka_unit_test(test_tsm),
        cmocka_unit_test(test_refuses),
        cmocka_unit_test(test_too_many_policies),
        cmocka_unit_test(test_policies),
        cmocka_unit_test(test_members),
        cmocka_unit_test(test_ordering),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
