/* What Intel says of platforms: its texts, member by member, and the levels that a quote
 * reaches. All of them are signed anew after each change. */
#include "tdx_kit.h"
#include "tdx_policy_kit.h"

static struct tdx_kit k;
static struct tdx_kit_made made;
static struct tdx_scratch scratch;
static struct tdx_claims claims;
static int64_t at_s;

static void fresh(void)
{
    tdx_kit_fresh(false, &k);
    at_s = TDX_KIT_AT_S;
}

/* Under a policy that takes what it can. */
static enum attest_fault judge_made(void)
{
    static char text[TDX_KIT_TEXT_MAX];
    static char changed[TDX_KIT_TEXT_MAX];
    struct tdx_policy policy;
    struct tdx_quote q;

    assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_OK);
    tdx_kit_policy(tdx_kit_replace(tdx_kit_text(&q.td, text), "status = UpToDate",
                                   "status = UpToDate\nstatus = SWHardeningNeeded\n"
                                   "status = ConfigurationNeeded\n"
                                   "status = ConfigurationAndSWHardeningNeeded",
                                   changed),
                   &policy);
    return tdx_judge(&made.ev, &policy, q.td.report_data, &(struct tdx_roots){&made.root, 1},
                     at_s, &scratch, &claims);
}

static enum attest_fault judge(void)
{
    tdx_kit_make(&k, &made);
    return judge_made();
}

struct edit {
    const char *from, *to;
    enum attest_fault f;
};

/* Each change alone, of one of the two texts. */
static void judge_edits(char text[TDX_KIT_JSON_MAX], const struct edit *edits, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        fresh();
        tdx_kit_edit(text, edits[i].from, edits[i].to);
        const enum attest_fault f = judge();

        if (f != edits[i].f) {
            fail_msg("%s: %s", edits[i].to, attest_fault_name(f));
        }
    }
}

/* Sixteen of them, and yet no list. */
#define NAMED_SVNS                                                                             \
    "{\"a\":{\"svn\":5},\"b\":{\"svn\":5},\"c\":{\"svn\":2},\"d\":{\"svn\":1},\"e\":{\"svn\":" \
    "1},"                                                                                      \
    "\"f\":{\"svn\":1},\"g\":{\"svn\":1},\"h\":{\"svn\":1},\"i\":{\"svn\":1},\"j\":{\"svn\":"  \
    "1},"                                                                                      \
    "\"k\":{\"svn\":1},\"l\":{\"svn\":1},\"m\":{\"svn\":1},\"n\":{\"svn\":1},\"o\":{\"svn\":"  \
    "1},"                                                                                      \
    "\"p\":{\"svn\":1}}"

static void tcb_infos_are_read_whole(void **state)
{
    static const struct edit edits[] = {
        {"\"id\":\"TDX\"", "\"id\":\"SGX\"", ATTEST_TDX_TCB_KIND},
        {"\"id\":\"TDX\",", "", ATTEST_TDX_TCB_KIND},
        {"\"version\":3", "\"version\":2", ATTEST_TDX_TCB_KIND},
        {"\"version\":3", "\"version\":\"3\"", ATTEST_TDX_TCB_JSON},
        {"\"version\":3,", "", ATTEST_TDX_TCB_JSON},
        {"\"tcbType\":0", "\"tcbType\":1", ATTEST_TDX_TCB_KIND},
        {"\"tcbType\":0,", "", ATTEST_TDX_TCB_JSON},
        {"\"issueDate\"", "\"issued\"", ATTEST_TDX_TCB_JSON},
        {"2026-09-01T00:00:00Z", "2026-09-01T00:00:00", ATTEST_TDX_TCB_JSON},
        {"2026-09-01T00:00:00Z", "2026-09-01 00:00:00Z", ATTEST_TDX_TCB_JSON},
        {"2026-09-01T00:00:00Z", "2026-09-01T00:00:00Z0", ATTEST_TDX_TCB_JSON},
        {"2026-09-01T00:00:00Z", "2026-09-31T00:00:00Z", ATTEST_TDX_TCB_JSON},
        {"2026-09-01T00:00:00Z", "2026-09-0aT00:00:00Z", ATTEST_TDX_TCB_JSON},
        {"\"nextUpdate\"", "\"next\"", ATTEST_TDX_TCB_JSON},
        {"\"nextUpdate\":\"2026-10-01", "\"nextUpdate\":\"2026-09-20", ATTEST_TDX_TCB_TIME},
        {"\"issueDate\":\"2026-09-01", "\"issueDate\":\"2026-09-22", ATTEST_TDX_TCB_TIME},
        {"\"tcbEvaluationDataNumber\":18", "\"tcbEvaluationDataNumber\":-1",
         ATTEST_TDX_TCB_JSON},
        {"\"tcbEvaluationDataNumber\":18,", "", ATTEST_TDX_TCB_JSON},
        {"\"fmspc\":\"50806F000000\"", "\"fmspc\":\"50806F0000\"", ATTEST_TDX_TCB_JSON},
        {"\"fmspc\":\"50806F000000\"", "\"fmspc\":\"50806G000000\"", ATTEST_TDX_TCB_JSON},
        {"\"fmspc\":\"50806F000000\"", "\"fmspc\":\"50806F000001\"", ATTEST_TDX_MATCH_FMSPC},
        {"\"fmspc\":\"50806F000000\",", "", ATTEST_TDX_TCB_JSON},
        {"\"pceId\":\"0100\"", "\"pceId\":\"0000\"", ATTEST_TDX_MATCH_PCE_ID},
        {"\"pceId\":\"0100\",", "", ATTEST_TDX_TCB_JSON},
        {"\"tdxModule\":", "\"tdxModules\":", ATTEST_TDX_TCB_JSON},
        {"\"tdxModule\":{", "\"tdxModule\":[],\"old\":{", ATTEST_TDX_TCB_JSON},
        {"\"tdxModule\":{\"mrsigner\"", "\"tdxModule\":{\"signer\"", ATTEST_TDX_TCB_JSON},
        {"\"attributes\":\"00", "\"attribute\":\"00", ATTEST_TDX_TCB_JSON},
        {"\"attributesMask\":\"FF", "\"attributesMask\":\"F", ATTEST_TDX_TCB_JSON},
        {"\"tdxModuleIdentities\":[", "\"tdxModuleIdentities\":0,\"old\":[",
         ATTEST_TDX_TCB_JSON},
        {"\"id\":\"TDX_01\",", "", ATTEST_TDX_TCB_JSON},
        {"\"id\":\"TDX_01\",", "\"id\":1,", ATTEST_TDX_TCB_JSON},
        {"\"tcbLevels\":[]}", "\"levels\":[]}", ATTEST_TDX_TCB_JSON},
        {"\"tcbLevels\":[]}", "\"tcbLevels\":{}}", ATTEST_TDX_TCB_JSON},
        {"{\"isvsvn\":3}", "{\"svn\":3}", ATTEST_TDX_TCB_JSON},
        {"\"tcbDate\":\"2025-03-02T00:00:00Z\",", "", ATTEST_TDX_TCB_JSON},
        {"\"tcbStatus\":\"SWHardeningNeeded\"", "\"tcbStatus\":\"Fine\"", ATTEST_TDX_TCB_JSON},
        {"\"tcbStatus\":\"SWHardeningNeeded\"", "\"tcb_Status\":\"UpToDate\"",
         ATTEST_TDX_TCB_JSON},
        {"\"pcesvn\":8", "\"pcesvn\":65536", ATTEST_TDX_TCB_JSON},
        {"\"pcesvn\":8,", "", ATTEST_TDX_TCB_JSON},
        {"\"sgxtcbcomponents\":[{\"svn\":4},", "\"sgxtcbcomponents\":[", ATTEST_TDX_TCB_JSON},
        {"\"sgxtcbcomponents\":[{\"svn\":4},", "\"sgxtcbcomponents\":[{},",
         ATTEST_TDX_TCB_JSON},
        {"\"tdxtcbcomponents\":[", "\"tdxtcbcomponents\":[{\"svn\":5},", ATTEST_TDX_TCB_JSON},
        {"\"sgxtcbcomponents\":" TDX_KIT_SVNS("5", "5", "2"),
         "\"sgxtcbcomponents\":" NAMED_SVNS, ATTEST_TDX_TCB_JSON},
        {"\"tdxtcbcomponents\"", "\"tdx\"", ATTEST_TDX_TCB_JSON},
        {"\"sgxtcbcomponents\"", "\"sgx\"", ATTEST_TDX_TCB_JSON},
        {"{\"tcb\":{\"sgx", "{\"tcbs\":{\"sgx", ATTEST_TDX_TCB_JSON},
        {"\"more\":[]", "\"more\":[],\"more\":[]", ATTEST_TDX_TCB_JSON},
        {"\"more\":[]", "\"more\":[\"\xff\"]", ATTEST_TDX_TCB_JSON},
        {"\"more\":[],", "", ATTEST_OK},
    };

    (void)state;
    judge_edits(k.tcb_text, edits, sizeof edits / sizeof *edits);
}

static void enclave_identities_are_read_whole(void **state)
{
    static const struct edit edits[] = {
        {"\"TD_QE\"", "\"QE\"", ATTEST_TDX_QE_KIND},
        {"\"version\":2", "\"version\":3", ATTEST_TDX_QE_KIND},
        {"\"version\":2,", "", ATTEST_TDX_QE_JSON},
        {"\"issueDate\"", "\"issued\"", ATTEST_TDX_QE_JSON},
        {"\"nextUpdate\":\"2026-10-02", "\"nextUpdate\":\"2026-09-20", ATTEST_TDX_QE_TIME},
        {"\"issueDate\":\"2026-09-02", "\"issueDate\":\"2026-09-22", ATTEST_TDX_QE_TIME},
        {"\"tcbEvaluationDataNumber\":19,", "", ATTEST_TDX_QE_JSON},
        {"\"miscselect\"", "\"misc\"", ATTEST_TDX_QE_JSON},
        {"\"miscselectMask\"", "\"misc\"", ATTEST_TDX_QE_JSON},
        {"\"attributes\"", "\"attribute\"", ATTEST_TDX_QE_JSON},
        {"\"attributesMask\"", "\"attribute\"", ATTEST_TDX_QE_JSON},
        {"\"mrsigner\":\"dc", "\"mrsigner\":\"", ATTEST_TDX_QE_JSON},
        {"\"isvprodid\":2,", "", ATTEST_TDX_QE_JSON},
        {"\"tcbLevels\"", "\"levels\"", ATTEST_TDX_QE_JSON},
        {"{\"isvsvn\":4}", "{}", ATTEST_TDX_QE_JSON},
        {"\"miscselect\":\"01", "\"miscselect\":\"02", ATTEST_TDX_MATCH_QE_MISC_SELECT},
        {"\"attributes\":\"11", "\"attributes\":\"13", ATTEST_TDX_MATCH_QE_ATTRIBUTES},
        {"\"mrsigner\":\"dc", "\"mrsigner\":\"dd", ATTEST_TDX_MATCH_QE_SIGNER},
        {"\"isvprodid\":2", "\"isvprodid\":1", ATTEST_TDX_MATCH_QE_PRODUCT},
        {"{\"isvsvn\":8}", "{\"isvsvn\":9}", ATTEST_TDX_JUDGE_QE_STATUS},
        {"},{\"tcb\":{\"isvsvn\":4}", "},{\"tcb\":{\"isvsvn\":9}", ATTEST_OK},
        {"\"UpToDate\"", "\"Revoked\"", ATTEST_TDX_JUDGE_QE_STATUS},
        {"\"UpToDate\"", "\"ConfigurationNeeded\"", ATTEST_OK},
    };

    (void)state;
    judge_edits(k.qe_text, edits, sizeof edits / sizeof *edits);
    fresh();
    k.qe[QE_SVN] = 3;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_QE_LEVEL);
    fresh();
    k.qe[QE_ATTRIBUTES] = 0x11; /* without the bit that the mask leaves out */
    assert_int_equal(judge(), ATTEST_OK);
    k.qe[QE_ATTRIBUTES] = 0x13;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_QE_ATTRIBUTES);
}

static void nothing_stands_beside_what_is_signed(void **state)
{
    struct tdx_qe_identity qe;

    (void)state;
    fresh();
    k.third = ",\"more\":1";
    assert_int_equal(judge(), ATTEST_TDX_TCB_JSON);
    assert_int_equal(tdx_qe_identity_parse(made.ev.collateral.qe_identity, &qe),
                     ATTEST_TDX_QE_JSON);
    fresh();
    tdx_kit_make(&k, &made);
    struct view *const texts[] = {&made.ev.collateral.tcb_info,
                                  &made.ev.collateral.qe_identity};
    const enum attest_fault faults[] = {ATTEST_TDX_TCB_JSON, ATTEST_TDX_QE_JSON};

    for (size_t i = 0; i < 2; i++) {
        static char spaced[TDX_JSON_MAX + 1];
        const struct view good = *texts[i];

        memset(spaced, ' ', sizeof spaced);
        memcpy(spaced, good.p, good.n);
        *texts[i] = (struct view){(const uint8_t *)spaced, TDX_JSON_MAX};
        assert_int_equal(judge_made(), ATTEST_OK);
        texts[i]->n++;
        assert_int_equal(judge_made(), faults[i]);
        for (size_t n = 0; n < good.n - 1; n += 13) {
            *texts[i] = (struct view){good.p, n};
            assert_int_equal(judge_made(), faults[i]);
        }
        *texts[i] = (struct view){(const uint8_t *)"[]", 2};
        assert_int_equal(judge_made(), faults[i]);
        *texts[i] = good;
    }
    /* A signature that is cut, or of another form. */
    char *const sig = strstr(made.texts[0], "\"signature\":\"");

    assert_non_null(sig);
    sig[strlen("\"signature\":\"")] = 'g';
    assert_int_equal(judge_made(), ATTEST_TDX_TCB_JSON);
}

/* More than there is room for is refused before any of it is kept. */
static void long_members_are_refused(void **state)
{
    static const struct {
        const char *from, *head, *each, *tail;
        size_t n;
    } cases[] = {
        {"\"50806F000000\"", "\"", "50806F000000", "\"", 100},
        {"\"2026-09-01T00:00:00Z\"", "\"", "2026-09-01T00:00:00Z", "\"", 50},
        {"\"sgxtcbcomponents\":[", "\"sgxtcbcomponents\":[", "{\"svn\":5},", "", 500},
        {"\"tdxtcbcomponents\":[", "\"tdxtcbcomponents\":[", "{\"svn\":5},", "", 500},
    };
    static char to[8192];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        size_t n = (size_t)snprintf(to, sizeof to, "%s", cases[i].head);

        for (size_t j = 0; j < cases[i].n; j++) {
            n += (size_t)snprintf(to + n, sizeof to - n, "%s", cases[i].each);
        }
        (void)snprintf(to + n, sizeof to - n, "%s", cases[i].tail);
        fresh();
        tdx_kit_edit(k.tcb_text, cases[i].from, to);
        assert_int_equal(judge(), ATTEST_TDX_TCB_JSON);
    }
}

/* The value is verified as it stands: spaces in it count, those around it do not. */
static void values_are_verified_as_they_stand(void **state)
{
    (void)state;
    fresh();
    tdx_kit_make(&k, &made);
    assert_int_equal(judge_made(), ATTEST_OK);
    char *const colon = strstr(made.texts[0], "\"id\":\"TDX\",");

    assert_non_null(colon);
    memmove(colon + 1, colon, strlen(colon) + 1);
    *colon = ' ';
    made.ev.collateral.tcb_info.n++;
    assert_int_equal(judge_made(), ATTEST_TDX_TCB_SIGNATURE);
}

/* ---- levels ---- */

static void later_modules_have_levels_of_their_own(void **state)
{
    static const struct edit edits[] = {
        {"\"TDX_0A\"", "\"TDX_0B\"", ATTEST_TDX_MATCH_MODULE},
        {"\"TDX_0A\"", "\"TDX_0a\"", ATTEST_TDX_MATCH_MODULE},
        {"\"tdxModuleIdentities\"", "\"tdxModuleIdentity\"", ATTEST_TDX_MATCH_MODULE},
        {"\"TDX_0A\",\"mrsigner\":\"00", "\"TDX_0A\",\"mrsigner\":\"01",
         ATTEST_TDX_MATCH_MODULE_SIGNER},
        {"\"attributes\":\"0100", "\"attributes\":\"0300", ATTEST_TDX_MATCH_MODULE_ATTRIBUTES},
        {"{\"isvsvn\":5},\"tcbDate\"", "{\"isvsvn\":6},\"tcbDate\"",
         ATTEST_TDX_JUDGE_MODULE_STATUS},
        {"02T00:00:00Z\",\"tcbStatus\":\"UpToDate\"",
         "02T00:00:00Z\",\"tcbStatus\":\"Revoked\"", ATTEST_TDX_JUDGE_MODULE_STATUS},
    };

    (void)state;
    judge_edits(k.tcb_text, edits, sizeof edits / sizeof *edits);
    fresh();
    k.body[BODY_SVN] = 2;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_MODULE_LEVEL);
    fresh();
    k.body[BODY_SVN + 1] = 1; /* of which there are no levels */
    k.body[BODY_SEAM_ATTRIBUTES] = 0;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_MODULE_LEVEL);
    fresh();
    k.body[BODY_SIGNER_SEAM + 47] = 1;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_MODULE_SIGNER);
}

/* Of TDX 1.0 all components count, and the module is that of the platform. */
static void the_first_module_has_no_level(void **state)
{
    (void)state;
    fresh();
    k.body[BODY_SVN + 1] = 0;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_MODULE_ATTRIBUTES);
    k.body[BODY_SEAM_ATTRIBUTES] = 0;
    assert_int_equal(judge(), ATTEST_OK);
    assert_int_equal(claims.tcb.platform.status, TDX_STATUS_SW_HARDENING_NEEDED);
    assert_int_equal(claims.tcb.module.status, TDX_STATUS_SW_HARDENING_NEEDED);
    k.body[BODY_SVN] = 4;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_TCB_LEVEL);
    k.body[BODY_SVN] = 5;
    tdx_kit_edit(k.tcb_text, "{\"svn\":5},{\"svn\":0},{\"svn\":4,",
                 "{\"svn\":5},{\"svn\":1},{\"svn\":4,");
    tdx_kit_edit(k.tcb_text, "{\"svn\":5},{\"svn\":0},{\"svn\":4,",
                 "{\"svn\":5},{\"svn\":1},{\"svn\":4,");
    assert_int_equal(judge(), ATTEST_TDX_MATCH_TCB_LEVEL);
    fresh();
    k.body[BODY_SVN + 1] = 0;
    k.body[BODY_SEAM_ATTRIBUTES] = 0;
    k.body[BODY_SIGNER_SEAM] = 1;
    assert_int_equal(judge(), ATTEST_TDX_MATCH_MODULE_SIGNER);
}

static void the_first_level_that_is_reached_counts(void **state)
{
    static const struct {
        size_t component; /* of the platform: 0 to 15; 16: PCESVN; from 32: of TEE_TCB_SVN */
        uint8_t to;
        enum tdx_status status; /* none: below all */
    } cases[] = {
        {16, 12, TDX_STATUS_UP_TO_DATE},
        {16, 10, TDX_STATUS_SW_HARDENING_NEEDED},
        {16, 8, TDX_STATUS_SW_HARDENING_NEEDED},
        {16, 7, TDX_STATUS_OUT_OF_DATE},
        {16, 4, TDX_STATUS_NONE},
        {0, 4, TDX_STATUS_OUT_OF_DATE},
        {0, 3, TDX_STATUS_NONE},
        {1, 4, TDX_STATUS_NONE},
        {15, 0, TDX_STATUS_NONE},
        {32 + 2, 5, TDX_STATUS_SW_HARDENING_NEEDED},
        {32 + 2, 3, TDX_STATUS_NONE},
        {32 + 3, 0, TDX_STATUS_NONE},
        {32 + 15, 0, TDX_STATUS_NONE},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const size_t c = cases[i].component;
        struct tdx_quote q;
        struct tdx_tcb_info info;
        struct tdx_qe_identity qe;
        struct tdx_tcb tcb;

        fresh();
        if (c >= 32) {
            k.body[BODY_SVN + c - 32] = cases[i].to;
        } else if (c == 16) {
            k.platform.pce_svn = cases[i].to;
        } else {
            k.platform.components[c] = cases[i].to;
        }
        tdx_kit_make(&k, &made);
        assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_OK);
        assert_int_equal(tdx_tcb_info_parse(made.ev.collateral.tcb_info, &info), ATTEST_OK);
        assert_int_equal(tdx_qe_identity_parse(made.ev.collateral.qe_identity, &qe), ATTEST_OK);
        assert_int_equal(tdx_tcb_match(&q, &k.platform, &info, &qe, &tcb),
                         cases[i].status == TDX_STATUS_NONE ? ATTEST_TDX_MATCH_TCB_LEVEL
                                                            : ATTEST_OK);
        assert_int_equal(tcb.platform.status, cases[i].status);
        assert_int_equal(tcb.module.status, cases[i].status == TDX_STATUS_NONE
                                                ? TDX_STATUS_NONE
                                                : TDX_STATUS_UP_TO_DATE);
    }
}

static void each_status_has_a_name(void **state)
{
    (void)state;
    assert_string_equal(tdx_status_name(TDX_STATUS_NONE), "");
    assert_string_equal(tdx_status_name(TDX_STATUS_COUNT), "");
    for (int s = TDX_STATUS_UP_TO_DATE; s < TDX_STATUS_COUNT; s++) {
        char to[64];
        struct tdx_tcb_info info;
        struct tdx_level level;

        fresh();
        (void)snprintf(to, sizeof to, "01T00:00:00Z\",\"tcbStatus\":\"%s\"",
                       tdx_status_name((enum tdx_status)s));
        tdx_kit_edit(k.tcb_text, "01T00:00:00Z\",\"tcbStatus\":\"UpToDate\"", to);
        tdx_kit_make(&k, &made);
        assert_int_equal(tdx_tcb_info_parse(made.ev.collateral.tcb_info, &info), ATTEST_OK);
        struct json_items it = json_items(&info.levels);

        assert_true(tdx_level_next(&it, true, &level));
        assert_int_equal(level.status, s);
    }
}

/* What failed leaves nothing behind. */
static void nothing_is_left_of_what_is_refused(void **state)
{
    static const struct tdx_tcb_info no_info;
    static const struct tdx_qe_identity no_qe;
    static const struct tdx_quote no_quote;
    static const struct tdx_tcb no_tcb;
    struct tdx_tcb_info info;
    struct tdx_qe_identity qe;
    struct tdx_quote q;
    struct tdx_tcb tcb;

    (void)state;
    fresh();
    tdx_kit_make(&k, &made);
    assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_OK);
    assert_int_equal(tdx_tcb_info_parse(made.ev.collateral.tcb_info, &info), ATTEST_OK);
    assert_int_equal(tdx_qe_identity_parse(made.ev.collateral.qe_identity, &qe), ATTEST_OK);
    qe.isv_prod_id++;
    assert_int_equal(tdx_tcb_match(&q, &k.platform, &info, &qe, &tcb),
                     ATTEST_TDX_MATCH_QE_PRODUCT);
    assert_memory_equal(&tcb, &no_tcb, sizeof tcb);
    tdx_kit_edit(k.tcb_text, "\"tcbType\":0", "\"tcbType\":1");
    tdx_kit_edit(k.qe_text, "{\"isvsvn\":4}", "{}");
    k.inner_type = 6;
    tdx_kit_make(&k, &made);
    assert_int_equal(tdx_tcb_info_parse(made.ev.collateral.tcb_info, &info),
                     ATTEST_TDX_TCB_KIND);
    assert_memory_equal(&info, &no_info, sizeof info);
    assert_int_equal(tdx_qe_identity_parse(made.ev.collateral.qe_identity, &qe),
                     ATTEST_TDX_QE_JSON);
    assert_memory_equal(&qe, &no_qe, sizeof qe);
    assert_int_equal(tdx_quote_parse(made.ev.quote, &q), ATTEST_TDX_QUOTE_CERT_TYPE);
    assert_memory_equal(&q, &no_quote, sizeof q);
}

/* ---- the parts as one ---- */

static void parts_go_together_and_apart(void **state)
{
    static uint8_t raw[TDX_COLLATERAL_MAX + 1];
    struct tdx_collateral c;
    struct view v;

    (void)state;
    fresh();
    tdx_kit_make(&k, &made);
    assert_int_equal(tdx_collateral_encode(&made.ev.collateral, raw, TDX_COLLATERAL_MAX, &v),
                     ERR_OK);
    assert_int_equal(tdx_collateral_parse(v, &c), ATTEST_OK);
    assert_true(view_equal(c.tcb_info, made.ev.collateral.tcb_info));
    assert_true(view_equal(c.tcb_info_chain, made.ev.collateral.tcb_info_chain));
    assert_true(view_equal(c.qe_identity, made.ev.collateral.qe_identity));
    assert_true(view_equal(c.qe_identity_chain, made.ev.collateral.qe_identity_chain));
    assert_true(view_equal(c.pck_crl, made.ev.collateral.pck_crl));
    assert_true(view_equal(c.root_crl, made.ev.collateral.root_crl));
    for (size_t n = 0; n < v.n; n++) {
        static const struct tdx_collateral zero;

        assert_int_equal(tdx_collateral_parse((struct view){raw, n}, &c),
                         ATTEST_TDX_COLLATERAL);
        assert_memory_equal(&c, &zero, sizeof c);
    }
    assert_int_equal(tdx_collateral_parse((struct view){raw, v.n + 1}, &c),
                     ATTEST_TDX_COLLATERAL);
    raw[0] = 2;
    assert_int_equal(tdx_collateral_parse(v, &c), ATTEST_TDX_COLLATERAL);
    assert_int_equal(tdx_collateral_encode(&made.ev.collateral, raw, v.n - 1, &v), ERR_NOSPACE);
    assert_int_equal(v.n, 0);

    /* As long as it may be. */
    static uint8_t filler[TDX_COLLATERAL_MAX];

    c = (struct tdx_collateral){.tcb_info = {filler, TDX_COLLATERAL_MAX - 6 * 5}};
    assert_int_equal(tdx_collateral_encode(&c, raw, sizeof raw, &v), ERR_OK);
    assert_int_equal(tdx_collateral_parse(v, &c), ATTEST_OK);
    c = (struct tdx_collateral){.tcb_info = {filler, TDX_COLLATERAL_MAX - 6 * 5 + 1}};
    assert_int_equal(tdx_collateral_encode(&c, raw, sizeof raw, &v), ERR_OK);
    assert_int_equal(tdx_collateral_parse(v, &c), ATTEST_TDX_COLLATERAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tcb_infos_are_read_whole),
        cmocka_unit_test(enclave_identities_are_read_whole),
        cmocka_unit_test(nothing_stands_beside_what_is_signed),
        cmocka_unit_test(long_members_are_refused),
        cmocka_unit_test(values_are_verified_as_they_stand),
        cmocka_unit_test(later_modules_have_levels_of_their_own),
        cmocka_unit_test(the_first_module_has_no_level),
        cmocka_unit_test(the_first_level_that_is_reached_counts),
        cmocka_unit_test(each_status_has_a_name),
        cmocka_unit_test(nothing_is_left_of_what_is_refused),
        cmocka_unit_test(parts_go_together_and_apart),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
