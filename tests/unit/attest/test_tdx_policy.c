/* The section [tdx] of a policy: each key, once, in its form. */
#include "tdx_policy_kit.h"

static const char *good(void)
{
    static char text[TDX_KIT_TEXT_MAX];
    static struct tdx_td td;

    td.td_attributes = TDX_TD_SEPT_VE_DISABLE;
    memset(td.mrtd, 0xab, sizeof td.mrtd);
    return tdx_kit_text(&td, text);
}

static enum attest_fault parse(const char *text, struct tdx_policy *out, unsigned *at)
{
    static const struct tdx_policy zero;
    const enum attest_fault f =
        tdx_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, out, at);

    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    return f;
}

static void a_policy_is_read(void **state)
{
    struct tdx_policy p;
    unsigned at = 0;

    (void)state;
    assert_int_equal(parse(good(), &p, &at), ATTEST_OK);
    assert_int_equal(p.mrtd.n, 1);
    assert_int_equal(p.mrtd.d[0][47], 0xab);
    assert_true(p.bits.sept_ve_disable && p.trailing_allowed);
    assert_false(p.bits.pks || p.bits.key_locker || p.bits.perfmon);
    for (int s = 0; s < TDX_STATUS_COUNT; s++) {
        assert_int_equal(p.statuses[s], s == TDX_STATUS_UP_TO_DATE);
    }
    assert_int_equal(p.evaluation, 1);
    assert_int_equal(p.n_fmspc_denied, 0);
}

static void each_key_must_be_there_once(void **state)
{
    static const char *const keys[] = {
        "mrtd",         "rtmr0",      "rtmr1",           "rtmr2",           "rtmr3",
        "mr_config_id", "mr_owner =", "mr_owner_config", "sept_ve_disable", "pks",
        "key_locker",   "perfmon",    "trailing",        "status",          "evaluation",
        "fmspc_denied"};
    char text[TDX_KIT_TEXT_MAX];
    struct tdx_policy p;
    unsigned at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        char line[16 + 2];

        (void)snprintf(line, sizeof line, "\n%s", keys[i]);
        char commented[16 + 4];

        (void)snprintf(commented, sizeof commented, "\n#%s", keys[i]);
        assert_int_equal(parse(tdx_kit_replace(good(), line, commented, text), &p, &at),
                         ATTEST_POLICY_MISSING);
    }
    assert_int_equal(parse("version = 1\n", &p, &at), ATTEST_POLICY_MISSING);
    assert_int_equal(parse("version = 1\n[guest]\nx = y\n", &p, &at), ATTEST_POLICY_MISSING);
}

static void bad_texts_are_refused(void **state)
{
    static const struct {
        const char *from, *to;
        enum attest_fault f;
    } cases[] = {
        {"mrtd = ", "mrtd = any\n#", ATTEST_POLICY_VALUE},
        {"mrtd = ab", "mrtd = AB", ATTEST_POLICY_VALUE},
        {"mrtd = ab", "mrtd = ", ATTEST_POLICY_VALUE},
        {"rtmr0 = 00", "rtmr0 = any\nrtmr0 = 00", ATTEST_POLICY_TWICE},
        {"\nrtmr1 = ", "\nrtmr0 = any\nrtmr1 = ", ATTEST_POLICY_TWICE},
        {"rtmr2 = 00", "rtmr2 = any\n#", ATTEST_OK},
        {"mr_config_id = 00", "mr_config_id = any\n#", ATTEST_OK},
        {"mr_owner = 00", "mr_owner = any\n#", ATTEST_OK},
        {"mr_owner_config = 00", "mr_owner_config = any\n#", ATTEST_OK},
        {"mr_config_id = 00", "mr_config_id = 0g", ATTEST_POLICY_VALUE},
        {"mr_owner = 00", "mr_owner = 0g", ATTEST_POLICY_VALUE},
        {"mr_owner_config = 00", "mr_owner_config = 0g", ATTEST_POLICY_VALUE},
        {"= required", "= yes", ATTEST_POLICY_VALUE},
        {"pks = refused", "pks = any", ATTEST_POLICY_VALUE},
        {"pks = refused", "pks = refused\npks = refused", ATTEST_POLICY_TWICE},
        {"perfmon = refused", "perfmon = 0", ATTEST_POLICY_VALUE},
        {"key_locker = refused", "key_locker = 1", ATTEST_POLICY_VALUE},
        {"trailing = allowed", "trailing = 70", ATTEST_POLICY_VALUE},
        {"status = UpToDate", "status = any", ATTEST_POLICY_VALUE},
        {"status = UpToDate", "status = OutOfDate", ATTEST_POLICY_VALUE},
        {"status = UpToDate", "status = OutOfDateConfigurationNeeded", ATTEST_POLICY_VALUE},
        {"status = UpToDate", "status = Revoked", ATTEST_POLICY_VALUE},
        {"status = UpToDate", "status = UpToDate\nstatus = UpToDate", ATTEST_POLICY_TWICE},
        {"status = UpToDate", "status = ConfigurationAndSWHardeningNeeded", ATTEST_OK},
        {"evaluation = 1", "evaluation = 4294967296", ATTEST_POLICY_VALUE},
        {"evaluation = 1", "evaluation = -1", ATTEST_POLICY_VALUE},
        {"= none", "= none\nfmspc_denied = 000000000000", ATTEST_POLICY_TWICE},
        {"= none", "= 000000000000\nfmspc_denied = none", ATTEST_POLICY_TWICE},
        {"= none", "= 0000000000", ATTEST_POLICY_VALUE},
        {"pks", "debug = allowed\npks", ATTEST_POLICY_KEY},
        {"pks", "[tdx]\npks", ATTEST_POLICY_MISSING},
        {"[tdx]", "[td]", ATTEST_POLICY_SECTION},
    };
    char text[TDX_KIT_TEXT_MAX];
    struct tdx_policy p;
    unsigned at = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f =
            parse(tdx_kit_replace(good(), cases[i].from, cases[i].to, text), &p, &at);

        if (f != cases[i].f) {
            fail_msg("%s: %s", cases[i].to, attest_fault_name(f));
        }
    }
    (void)snprintf(text, sizeof text, "%s[tdx]\n", good());
    assert_int_equal(parse(text, &p, &at), ATTEST_POLICY_SECTION);
    (void)snprintf(text, sizeof text, "%s[guest]\nmeasurement = x\n[line Milan]\ntcb = y\n",
                   good());
    assert_int_equal(parse(text, &p, &at), ATTEST_OK);
}

static void lists_are_capped(void **state)
{
    static char text[TDX_KIT_TEXT_MAX * 4];
    struct tdx_policy p;
    unsigned at = 0;

    (void)state;
    for (size_t more = TDX_POLICY_LIST_MAX - 1; more <= TDX_POLICY_LIST_MAX; more++) {
        size_t n = (size_t)snprintf(text, sizeof text, "%s", good());

        for (size_t i = 0; i < more; i++) {
            n += (size_t)snprintf(text + n, sizeof text - n, "mrtd = %096zu\n", i);
        }
        assert_int_equal(parse(text, &p, &at),
                         more < TDX_POLICY_LIST_MAX ? ATTEST_OK : ATTEST_POLICY_FULL);
        char denied[TDX_KIT_TEXT_MAX];
        size_t d = 0;

        for (size_t i = 0; i <= more; i++) {
            d += (size_t)snprintf(denied + d, sizeof denied - d, "%s%012zu",
                                  i == 0 ? "= " : "\nfmspc_denied = ", i);
        }
        char changed[TDX_KIT_TEXT_MAX];

        assert_int_equal(parse(tdx_kit_replace(good(), "= none", denied, changed), &p, &at),
                         more < TDX_POLICY_LIST_MAX ? ATTEST_OK : ATTEST_POLICY_FULL);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_policy_is_read),
        cmocka_unit_test(each_key_must_be_there_once),
        cmocka_unit_test(bad_texts_are_refused),
        cmocka_unit_test(lists_are_capped),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
