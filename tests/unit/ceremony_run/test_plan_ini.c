#include "plan_kit.h"
#include "snp_policy_kit.h"
#include "testing.h"

#include "base/hex.h"
#include "host/ceremony/plan_ini.h"

#include <stdio.h>
#include <string.h>

static struct plan_kit kit;
static char text[PLAN_INI_MAX];
static char error[INI_ERROR_MAX];

/* The file of the kit's plan, as text. */
static void print(void)
{
    struct writer w = wr_init((uint8_t *)text, sizeof text - 1);
    struct view all;

    plan_ini_print(&kit.plan, "snp.policy", &w);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    text[all.n] = '\0';
}

static int set_up(void **state)
{
    (void)state;
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    print();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    plan_kit_free(&kit);
    return 0;
}

static enum err read_policy(void *user, const char *path, struct view *file)
{
    static uint8_t lines[PLAN_POLICY_MAX + 1];

    (void)user;
    *file = plan_kit_text(snp_kit_policy);
    if (strcmp(path, "long.policy") == 0) {
        *file = (struct view){lines, sizeof lines};
    }
    if (strcmp(path, "bad.policy") == 0) {
        *file = plan_kit_text("version = 1\n\n[guests]\n");
    }
    if (strcmp(path, "full.policy") == 0) {
        *file = plan_kit_text(snp_kit_more(snp_kit_policy, 15));
    }
    if (strcmp(path, "empty.policy") == 0) {
        file->n = 0;
    }
    return strcmp(path, "none.policy") == 0 ? ERR_IO : ERR_OK;
}

static enum err parse(struct view *plan)
{
    const struct plan_ini_policy policy = {read_policy, NULL};
    static uint8_t bytes[PLAN_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    const enum err e = plan_ini_parse((struct view){(const uint8_t *)text, strlen(text)},
                                      "p.ini", &policy, &w, error);

    *plan = (struct view){bytes, w.len};
    assert_int_equal(e == ERR_OK, error[0] == '\0');
    assert_int_equal(e == ERR_OK, w.len > 0);
    return e;
}

/* Puts other text in place of the first that is like that; gives its line. */
static int replace(const char *old, const char *other)
{
    char *at = strstr(text, old);
    int line = 1;

    assert_non_null(at);
    for (const char *c = text; c < at; c++) {
        line += *c == '\n' ? 1 : 0;
    }
    assert_true(strlen(text) - strlen(old) + strlen(other) < sizeof text);
    memmove(at + strlen(other), at + strlen(old), strlen(at + strlen(old)) + 1);
    memcpy(at, other, strlen(other));
    return line;
}

static void test_same_bytes(void **state)
{
    struct view plan;

    (void)state;
    assert_int_equal(parse(&plan), ERR_OK);
    assert_true(view_equal(plan, kit.encoded));
}

static void test_any_order(void **state)
{
    char *operators = strstr(text, "[operator 1]");
    char *second = strstr(text, "[operator 2]");
    struct view plan;

    (void)state;
    operators[10] = 'b'; /* names are for people */
    second[10] = 'a';
    (void)replace("[ceremony]\n", "[policy 9]\noid = 1.2.3\nkey = classic\n[ceremony]\n");
    assert_int_equal(parse(&plan), ERR_OK);
    struct plan p;

    assert_int_equal(plan_decode(plan, &p), ERR_OK);
    assert_int_equal(p.n_policies, 2);
    assert_int_equal(p.policies[0].number, 2);
    assert_int_equal(p.policies[1].number, 9);
    assert_int_equal(p.policies[1].digits, 3);
    assert_int_equal(p.policies[1].max_accuracy_ms, 1000);
}

static void test_presets(void **state)
{
    struct view plan;

    (void)state;
    (void)replace("level = 65\n", "");
    (void)replace("repetitions_warn = 4294967296\n", "");
    (void)replace("repetitions_refuse = 8589934592\n", "");
    assert_int_equal(parse(&plan), ERR_OK);
    assert_true(view_equal(plan, kit.encoded));
}

static void test_ordering(void **state)
{
    static char again[4096];
    struct writer w = wr_init((uint8_t *)again, sizeof again - 1);
    struct view plan;
    struct plan p;

    (void)state;
    (void)replace("max_accuracy_ms = 1000\n", "max_accuracy_ms = 1000\nordering = yes\n");
    assert_int_equal(parse(&plan), ERR_OK);
    assert_int_equal(plan_decode(plan, &p), ERR_OK);
    assert_true(p.policies[0].ordering);
    assert_int_equal(p.policies[0].digits, 3);
    plan_ini_print(&p, NULL, &w);
    assert_false(w.full);
    assert_non_null(strstr(again, "ordering = yes\n"));
    (void)replace("ordering = yes", "ordering = no");
    assert_int_equal(parse(&plan), ERR_OK);
    assert_true(view_equal(plan, kit.encoded));
    (void)replace("ordering = no", "ordering = maybe");
    assert_int_equal(parse(&plan), ERR_ENCODING);
}

static void test_refused(void **state)
{
    static const struct {
        const char *old, *other;
        enum err e;
        int line; /* of the error, after the line of old; -1: of the file as a whole */
        const char *why;
    } cases[] = {
        {"threshold = 3", "threshold = 1", ERR_RANGE, 0, "threshold: out of range"},
        {"threshold = 3", "threshold = 7", ERR_RANGE, 0, "out of range"},
        {"threshold = 3", "threshold = 6", ERR_STATE, -1, "over the number of nodes"},
        {"threshold = 3", "threshold = x", ERR_ENCODING, 0, "not a number"},
        {"threshold = 3", "threshold = -3", ERR_ENCODING, 0, "not a number"},
        {"threshold = 3", "threshold =", ERR_ENCODING, 0, "not a number"},
        {"threshold = 3\n", "", ERR_STATE, -1, "[ceremony] threshold: missing"},
        {"threshold = 3", "threshold = 3\nthreshold = 3", ERR_STATE, 1, "set twice"},
        {"threshold = 3", "threshold = 99999999999999999999999999", ERR_RANGE, 0, "range"},
        {"level = 65", "level = 87", ERR_RANGE, 0, "out of range"},
        {"simulated", "hardware", ERR_ENCODING, 0, "not one of"},
        {"orders_needed = 1", "orders_needed = 3", ERR_STATE, -1, "number of operators"},
        {"repetitions_warn = 4294967296", "repetitions_warn = 8589934593", ERR_RANGE, 0,
         "range"},
        {"repetitions_refuse = 8589934592", "repetitions_refuse = 1", ERR_STATE, -1, "over"},
        {"[ceremony]", "[ceremony ]", ERR_TYPE, 0, "unknown section"},
        {"[ceremony]", "[nodes]", ERR_TYPE, 0, "unknown section"},
        {"[ceremony]", "[ceremony] x", ERR_TYPE, 0, "unknown section"},
        {"[ceremony]", "", ERR_TYPE, 1, "stands before any section"},
        {"[node n0]", "[node]", ERR_TYPE, 0, "unknown section"},
        {"[node n0]", "[node n 0]", ERR_ENCODING, 1, "not a name"},
        {"[node n0]", "[node n1]", ERR_STATE, 7, "set twice"},
        {"listen = ", "lisen = ", ERR_TYPE, 0, "unknown key"},
        {"listen = unix:/run/core.sock\n", "", ERR_STATE, -1, "[node n0] listen: missing"},
        {"unix:/run", "unix: /run", ERR_ENCODING, 0, "not visible ASCII"},
        {"identity = 04", "identity = 05", ERR_RANGE, 0, "no P-384 public key"},
        {"identity = 04", "identity = 0404", ERR_ENCODING, 0, "not 97 bytes"},
        {"identity = 04", "identity = x4", ERR_ENCODING, 0, "not 97 bytes"},
        {"signing_key = 60", "signing_key = ", ERR_ENCODING, 0, "not 32 bytes"},
        {"signing_key = 60", "signing_key = 6", ERR_ENCODING, 0, "not 32 bytes"},
        {"6161616161616161616161616161616161616161616161616161616161616161",
         "6060606060606060606060606060606060606060606060606060606060606060", ERR_STATE, -1,
         "share"},
        {"[policy 2]", "[policy 0]", ERR_RANGE, 1, "policy: out of range"},
        {"[policy 2]", "[policy two]", ERR_ENCODING, 1, "not a number"},
        {"key = pq", "key = both", ERR_ENCODING, 0, "classic|pq"},
        {"oid = 1.3", "oid = 1.3.", ERR_ENCODING, 0, "not an OID"},
        {"digits = 3", "digits = 4", ERR_RANGE, 0, "out of range"},
        {"max_accuracy_ms = 1000", "max_accuracy_ms = 10", ERR_STATE, -1, "over"},
        {"[operator 1]\n", "[operator 1]\nname = x\n", ERR_TYPE, 1, "unknown key"},
    };
    struct view plan;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char where[32];
        const int line = replace(cases[i].old, cases[i].other) + cases[i].line;

        (void)snprintf(where, sizeof where, cases[i].line < 0 ? "p.ini: " : "p.ini:%d: ", line);
        print_message("%s\n", cases[i].other);
        assert_int_equal(parse(&plan), cases[i].e);
        print_message("    %s\n", error);
        assert_non_null(strstr(error, cases[i].why));
        assert_memory_equal(error, where, strlen(where));
        tear_down(state);
        set_up(state);
    }
}

static void test_half_attested(void **state)
{
    static const struct {
        const char *old, *other;
        enum err e;
        const char *why;
    } cases[] = {
        {"simulated", "attested", ERR_STATE, "attested takes a policy"},
        {"listen = ", "provider = a\nlisten = ", ERR_STATE, "take a policy"},
        {"[node n0]", "[epoch x]\n[node n0]", ERR_TYPE, "unknown section"},
        {"[node n0]", "[epoch]\nnumber = 1\n[node n0]", ERR_STATE, "[epoch] policy: missing"},
    };
    struct view plan;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)replace(cases[i].old, cases[i].other);
        assert_int_equal(parse(&plan), cases[i].e);
        assert_non_null(strstr(error, cases[i].why));
        tear_down(state);
        set_up(state);
    }
}

/* The kit's plan with a policy and machines, printed. */
static int set_up_attested(void **state)
{
    (void)state;
    assert_int_equal(plan_kit_make(&kit, 3, 5), ERR_OK);
    assert_int_equal(plan_kit_attest(&kit, plan_kit_text(snp_kit_policy)), ERR_OK);
    print();
    return 0;
}

static void test_attested(void **state)
{
    struct view plan;

    (void)state;
    assert_int_equal(parse(&plan), ERR_OK);
    assert_true(view_equal(plan, kit.encoded));
    assert_int_equal(plan.p[0], PLAN_VERSION_ATTESTED);
}

/* Platforms in any order; a later epoch names the one before. */
static void test_attested_forms(void **state)
{
    static const uint8_t first = 0x41;
    char previous[160] = "number = 2\nprevious = ";
    struct view plan;
    struct plan p;

    (void)state;
    memset(previous + strlen(previous), 'a', 96);
    (void)replace("number = 1", previous);
    (void)replace("assurance = simulated", "assurance = attested");
    assert_int_equal(parse(&plan), ERR_OK);
    assert_int_equal(plan_decode(plan, &p), ERR_OK);
    assert_int_equal(p.number, 2);
    assert_int_equal(p.previous[47], 0xaa);
    assert_int_equal(p.assurance, PLAN_ATTESTED);
    assert_int_equal(p.nodes[1].platforms.n, 2 * PLAN_PLATFORM_LEN);
    assert_memory_equal(plan_platform(&p.nodes[1], 0), &first, 1);
    char one[2 * PLAN_PLATFORM_LEN + 1];

    hex_write((struct view){plan_platform(&p.nodes[1], 0), PLAN_PLATFORM_LEN}, one);
    char both[2 * sizeof one + 16];

    (void)snprintf(both, sizeof both, " %s\n\n[node n2]", one);
    char swapped[sizeof both];
    char *const at = strstr(text, one);

    assert_non_null(at);
    memcpy(swapped, at + sizeof one, sizeof one - 1); /* the second comes first */
    memcpy(at + sizeof one, one, sizeof one - 1);
    memcpy(at, swapped, sizeof one - 1);
    struct view again;
    uint8_t before[PLAN_MAX];

    memcpy(before, plan.p, plan.n);
    const struct view was = {before, plan.n};

    assert_int_equal(parse(&again), ERR_OK);
    assert_true(view_equal(was, again));
}

static void test_attested_refused(void **state)
{
    static const struct {
        const char *old, *other;
        enum err e;
        const char *why;
    } cases[] = {
        {"snp.policy", "none.policy", ERR_IO, "policy: cannot be read"},
        {"snp.policy", "long.policy", ERR_NOSPACE, "empty or too long"},
        {"snp.policy", "empty.policy", ERR_NOSPACE, "empty or too long"},
        {"snp.policy", "bad.policy", ERR_TAG, "policy: policy-section at its line 3"},
        {"snp.policy", "full.policy", ERR_NOSPACE, "16 measurements in all"},
        {"number = 1\n", "", ERR_STATE, "[epoch] number: missing"},
        {"number = 1\n", "number = 0\n", ERR_RANGE, "out of range"},
        {"number = 1\n", "number = 2\n", ERR_STATE, "previous"},
        {"number = 1\n", "number = 1\nprevious = 00\n", ERR_ENCODING, "not 48 bytes"},
        {"provider = p0\n", "", ERR_STATE, "[node n0] provider: missing"},
        {"provider = p0", "provider = p 0", ERR_ENCODING, "not a name"},
        {"provider = p0", "provider = a234567890123456789012345678901234", ERR_ENCODING,
         "name"},
        {"platform = 40", "platform = ", ERR_ENCODING, "not 64 bytes"},
        {"platform = 40", "platform = 4040", ERR_ENCODING, "not 64 bytes"},
        {"provider = p1", "provider = p0", ERR_OK, ""},
    };
    struct view plan;

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        (void)replace(cases[i].old, cases[i].other);
        print_message("%s\n", cases[i].other);
        assert_int_equal(parse(&plan), cases[i].e);
        print_message("    %s\n", error);
        assert_non_null(strstr(error, cases[i].why));
        tear_down(state);
        set_up_attested(state);
    }
    char *const own = strstr(text, "4141");
    char *const spare = strstr(text, "8181");

    assert_true(own != NULL && spare != NULL);
    memcpy(spare, own, (size_t)2 * PLAN_PLATFORM_LEN); /* one machine twice */
    assert_int_equal(parse(&plan), ERR_STATE);
    assert_non_null(strstr(error, "platform"));
    tear_down(state);
    set_up_attested(state);
    (void)replace("provider = p1", "provider = p0"); /* two of three may be; three not */
    (void)replace("provider = p2", "provider = p0");
    assert_int_equal(parse(&plan), ERR_STATE);
    assert_non_null(strstr(error, "threshold nodes a provider"));
}

static void test_too_many(void **state)
{
    struct view plan;

    (void)state;
    (void)replace("[operator 1]", "[node a]\nlisten = x\n[node b]\nlisten = y\n[operator 1]");
    assert_int_equal(parse(&plan), ERR_NOSPACE);
    assert_non_null(strstr(error, "node: one too many"));
}

/* Every prefix is refused or is, at the end, the whole. */
static void test_prefixes(void **state)
{
    const size_t n = strlen(text);
    const size_t least = (size_t)(strstr(text, "[operator 2]") - text);
    struct view plan;

    (void)state;
    for (size_t i = 0; i + 1 < n; i += 7) {
        char kept = text[i];

        text[i] = '\0';
        if (parse(&plan) == ERR_OK) {
            assert_true(i + 3 >= least); /* one operator is enough, and policies need not be */
        }
        text[i] = kept;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_same_bytes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_any_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_presets, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_ordering, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_half_attested, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_attested, set_up_attested, tear_down),
        cmocka_unit_test_setup_teardown(test_attested_forms, set_up_attested, tear_down),
        cmocka_unit_test_setup_teardown(test_attested_refused, set_up_attested, tear_down),
        cmocka_unit_test_setup_teardown(test_too_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_prefixes, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
