/* Quotes of TDX under a policy: good ones give claims, and each thing that is changed, in the
 * quote, the policy or around them, is refused by its own name. */
#include "tdx_judge_kit.h"

static void good_quotes_give_claims(void **state)
{
    (void)state;
    for (int v5 = 0; v5 <= 1; v5++) {
        uint8_t platform[TDX_PPID_LEN + TDX_FMSPC_LEN];
        uint8_t digest[TDX_PLATFORM_LEN];

        fresh(v5 != 0);
        assert_int_equal(judge(), ATTEST_OK);
        assert_int_equal(claims.assurance, ATTEST_ASSURANCE_SIMULATED);
        assert_int_equal(claims.version, v5 ? 5 : 4);
        assert_int_equal(claims.td.has_1_5, v5);
        assert_memory_equal(claims.td.mrtd, k.body + BODY_MRTD, TDX_MR_LEN);
        assert_memory_equal(claims.td.rtmr, k.body + BODY_RTMR, sizeof claims.td.rtmr);
        if (v5) {
            assert_memory_equal(claims.td.tee_tcb_svn_2, k.body + BODY_LEN, TDX_SVN_LEN);
        }
        assert_memory_equal(&claims.pck, &k.platform, sizeof claims.pck);
        assert_int_equal(claims.tcb.platform.status, TDX_STATUS_UP_TO_DATE);
        assert_int_equal(claims.tcb.module.status, TDX_STATUS_UP_TO_DATE);
        assert_int_equal(claims.tcb.qe.status, TDX_STATUS_UP_TO_DATE);
        assert_true(claims.tcb.platform.date_s == 1772323200);
        assert_true(claims.tcb.module.date_s == 1772323200 + 86400);
        assert_true(claims.tcb.qe.date_s == 1772323200 + 2 * 86400);
        assert_int_equal(claims.tcb_evaluation, 18);
        assert_int_equal(claims.qe_evaluation, 19);
        assert_true(claims.at_s == at_s);
        assert_true(claims.from_s == 1788307200);  /* of the enclave's identity */
        assert_true(claims.until_s == 1790812800); /* of the TCB info */
        memcpy(platform, k.platform.ppid, TDX_PPID_LEN);
        memcpy(platform + TDX_PPID_LEN, k.platform.fmspc, TDX_FMSPC_LEN);
        hash_once(HASH_SHA512, (struct view){platform, sizeof platform}, digest);
        assert_memory_equal(claims.platform, digest, sizeof digest);
    }
    fresh(true);
    k.body_kind = 2;
    k.body_len = BODY_LEN;
    assert_int_equal(judge(), ATTEST_OK);
    assert_false(claims.td.has_1_5);
}

static void trailing_bytes_are_as_the_policy_says(void **state)
{
    (void)state;
    for (size_t n = 0; n <= 3065; n += n == 0 ? 1 : n == 1 ? 69 : 2995) {
        fresh(false);
        k.trailing = n;
        assert_int_equal(judge(), ATTEST_OK);
        assert_int_equal(claims.trailing, n);
        assert_int_equal(judge_policy("trailing = allowed", "trailing = refused"),
                         n == 0 ? ATTEST_OK : ATTEST_TDX_JUDGE_TRAILING);
    }
}

/* ---- the quote ---- */

static enum attest_fault with_head(size_t at, uint8_t to)
{
    fresh(false);
    k.head[at] = to;
    return judge();
}

static void heads_are_checked(void **state)
{
    (void)state;
    assert_int_equal(with_head(TDX_AT_VERSION, 3), ATTEST_TDX_QUOTE_VERSION);
    assert_int_equal(with_head(TDX_AT_VERSION, 6), ATTEST_TDX_QUOTE_VERSION);
    assert_int_equal(with_head(TDX_AT_VERSION + 1, 1), ATTEST_TDX_QUOTE_VERSION);
    assert_int_equal(with_head(TDX_AT_KEY_TYPE, 3), ATTEST_TDX_QUOTE_KEY_TYPE);
    assert_int_equal(with_head(TDX_AT_TEE_TYPE, 0), ATTEST_TDX_QUOTE_TEE);
    assert_int_equal(with_head(TDX_AT_TEE_TYPE + 3, 1), ATTEST_TDX_QUOTE_TEE);
    assert_int_equal(with_head(TDX_AT_VENDOR + 15, 0), ATTEST_TDX_QUOTE_VENDOR);
    assert_int_equal(with_head(TDX_AT_VENDOR + 16, 9), ATTEST_OK); /* user data */
}

static void bodies_have_their_length(void **state)
{
    static const struct {
        uint16_t kind;
        uint32_t len;
    } bad[] = {{1, BODY_LEN}, {4, BODY_LEN_1_5}, {2, BODY_LEN_1_5}, {3, BODY_LEN}, {3, 0}};

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        fresh(true);
        k.body_kind = bad[i].kind;
        k.body_len = bad[i].len;
        assert_int_equal(judge(), ATTEST_TDX_QUOTE_BODY);
    }
}

static void signature_data_ends_where_it_says(void **state)
{
    (void)state;
    for (int more = -1; more <= 1; more += 2) {
        fresh(false);
        k.more_data = more;
        assert_int_equal(judge(), ATTEST_TDX_QUOTE_LENGTHS);
        k.trailing = 8; /* no byte of others is taken for one of it */
        assert_int_equal(judge(), ATTEST_TDX_QUOTE_LENGTHS);
        fresh(false);
        k.more_certs = more;
        assert_int_equal(judge(), ATTEST_TDX_QUOTE_LENGTHS);
        fresh(false);
        k.more_inner = more;
        assert_int_equal(judge(), ATTEST_TDX_QUOTE_LENGTHS);
    }
    fresh(false);
    k.cert_type = 5;
    assert_int_equal(judge(), ATTEST_TDX_QUOTE_CERT_TYPE);
    fresh(false);
    k.inner_type = 6;
    assert_int_equal(judge(), ATTEST_TDX_QUOTE_CERT_TYPE);
    fresh(false);
    k.auth_len = 0;
    assert_int_equal(judge(), ATTEST_OK);
}

static void quotes_that_are_cut_are_refused(void **state)
{
    (void)state;
    for (int v5 = 0; v5 <= 1; v5++) {
        fresh(v5 != 0);
        tdx_kit_make(&k, &made);
        const size_t n = made.ev.quote.n;
        const size_t head = v5 ? 48 + 6 + BODY_LEN_1_5 + 4 : 48 + BODY_LEN + 4;

        for (size_t cut = 0; cut < n; cut += cut < head + 1 ? 1 : 61) {
            uint8_t *const copy = malloc(cut + 1);

            memcpy(copy, made.quote, cut);
            made.ev.quote = (struct view){copy, cut};
            assert_int_equal(judge_made("version", "version"),
                             cut < head ? ATTEST_TDX_QUOTE_SIZE : ATTEST_TDX_QUOTE_LENGTHS);
            free(copy);
        }
    }
    fresh(false);
    tdx_kit_make(&k, &made);
    k.trailing = TDX_QUOTE_MAX - made.ev.quote.n - 64; /* signatures differ in length */
    assert_int_equal(judge(), ATTEST_OK);
    k.trailing += 128;
    assert_int_equal(judge(), ATTEST_TDX_QUOTE_SIZE);
}

static void each_signature_is_checked(void **state)
{
    (void)state;
    fresh(false);
    k.quote_by = TDX_KEY_OTHER;
    assert_int_equal(judge(), ATTEST_TDX_QUOTE_SIGNATURE);
    fresh(false);
    k.qe_by = TDX_KEY_OTHER;
    assert_int_equal(judge(), ATTEST_TDX_QE_SIGNATURE);
    fresh(false);
    k.unbound = true;
    assert_int_equal(judge(), ATTEST_TDX_QE_KEY);
    fresh(false);
    k.bound_tail = 1;
    assert_int_equal(judge(), ATTEST_TDX_QE_KEY);
    fresh(false);
    k.tcb_by = TDX_KEY_QE;
    assert_int_equal(judge(), ATTEST_TDX_TCB_SIGNATURE);
    fresh(false);
    k.qe_identity_by = TDX_KEY_TCB;
    assert_int_equal(judge(), ATTEST_TDX_QE_IDENTITY_SIGNATURE);
}

/* Header, body, signature data up to the PEM: what is signed, and who signed it. */
#define SIGNED_BITS ((size_t)8 * (48 + BODY_LEN + 4 + 128 + 6 + 450 + 32 + 6))

/* How many flips of one bit are accepted from one bit to another. What may change is white
 * space of PEM, and the zero behind it. */
static size_t flips_accepted(size_t from, size_t to, size_t step)
{
    size_t accepted = 0;

    for (size_t bit = from; bit < to; bit += step) {
        const uint8_t was = made.quote[bit / 8];

        made.quote[bit / 8] ^= (uint8_t)(1U << bit % 8);
        if (judge_made("version", "version") == ATTEST_OK) {
            if (was != '\n' && was != '\r' && was != ' ' && was != '\0') {
                fail_msg("bit %zu of byte %zu, which is %02x", bit % 8, bit / 8, was);
            }
            accepted++;
        }
        made.quote[bit / 8] = was;
    }
    return accepted;
}

/* QUORATE_LONG=1: each bit of all of it. */
static void every_flip_is_refused(void **state)
{
    const char *const value = getenv("QUORATE_LONG");
    const bool all = value != NULL && strcmp(value, "1") == 0;

    (void)state;
    for (unsigned v5 = 0; v5 < (all ? 2U : 1U); v5++) {
        fresh(v5 == 1);
        tdx_kit_make(&k, &made);
        const size_t bits = 8 * made.ev.quote.n;

        assert_int_equal(judge_made("version", "version"), ATTEST_OK);
        assert_int_equal(flips_accepted(0, SIGNED_BITS, all ? 1 : 89), 0);
        (void)flips_accepted(SIGNED_BITS, bits, all ? 1 : 297);
    }
}

/* ---- the policy ---- */

static enum attest_fault with_body(size_t at, uint8_t to)
{
    fresh(false);
    k.body[at] = to;
    return judge();
}

static void fields_are_compared(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        enum attest_fault f;
    } cases[] = {
        {BODY_REPORT_DATA, 0, ATTEST_TDX_JUDGE_REPORT_DATA},
        {BODY_REPORT_DATA + 63, 0, ATTEST_TDX_JUDGE_REPORT_DATA},
        {BODY_TD_ATTRIBUTES, 1, ATTEST_TDX_JUDGE_DEBUG},
        {BODY_TD_ATTRIBUTES, 0x10, ATTEST_TDX_JUDGE_RESERVED},
        {BODY_TD_ATTRIBUTES + 1, 1, ATTEST_TDX_JUDGE_RESERVED},
        {BODY_TD_ATTRIBUTES + 3, 0x18, ATTEST_TDX_JUDGE_RESERVED},
        {BODY_TD_ATTRIBUTES + 7, 0x40, ATTEST_TDX_JUDGE_RESERVED},
        {BODY_TD_ATTRIBUTES + 3, 0x00, ATTEST_TDX_JUDGE_SEPT_VE},
        {BODY_TD_ATTRIBUTES + 3, 0x30, ATTEST_TDX_JUDGE_MIGRATION},
        {BODY_TD_ATTRIBUTES + 3, 0x50, ATTEST_TDX_JUDGE_PKS},
        {BODY_TD_ATTRIBUTES + 3, 0x90, ATTEST_TDX_JUDGE_KEY_LOCKER},
        {BODY_TD_ATTRIBUTES + 7, 0x80, ATTEST_TDX_JUDGE_PERFMON},
        {BODY_MRTD, 0, ATTEST_TDX_JUDGE_MRTD},
        {BODY_MRTD + 47, 0, ATTEST_TDX_JUDGE_MRTD},
        {BODY_RTMR, 0, ATTEST_TDX_JUDGE_RTMR},
        {BODY_RTMR + 48, 0, ATTEST_TDX_JUDGE_RTMR},
        {BODY_RTMR + 2 * 48, 0, ATTEST_TDX_JUDGE_RTMR},
        {BODY_RTMR + 4 * 48 - 1, 0, ATTEST_TDX_JUDGE_RTMR},
        {BODY_CONFIG_ID, 0, ATTEST_TDX_JUDGE_CONFIG_ID},
        {BODY_OWNER, 0, ATTEST_TDX_JUDGE_OWNER},
        {BODY_OWNER_CONFIG + 47, 0, ATTEST_TDX_JUDGE_OWNER_CONFIG},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const enum attest_fault f = with_body(cases[i].at, cases[i].to);

        if (f != cases[i].f) {
            fail_msg("%zu: %s", i, attest_fault_name(f));
        }
    }
}

/* Of TDX 1.5: who may move it. A body of 1.0 says nothing of that. */
static void a_service_td_is_refused(void **state)
{
    (void)state;
    for (size_t at = 0; at < TDX_MR_LEN; at += TDX_MR_LEN - 1) {
        fresh(true);
        k.body[BODY_SERVICE_TD + at] = 1;
        assert_int_equal(judge(), ATTEST_TDX_JUDGE_SERVICE_TD);
    }
    fresh(false);
    k.body[BODY_SERVICE_TD] = 1;
    assert_int_equal(judge(), ATTEST_OK);
}

static void policies_are_obeyed(void **state)
{
    static const struct {
        const char *from, *text;
        size_t at;
        enum attest_fault f;
        uint8_t to;
    } cases[] = {
        {"= required", "= any", BODY_TD_ATTRIBUTES + 3, ATTEST_OK, 0x00},
        {"pks = refused", "pks = allowed", BODY_TD_ATTRIBUTES + 3, ATTEST_OK, 0x50},
        {"locker = refused", "locker = allowed", BODY_TD_ATTRIBUTES + 3, ATTEST_OK, 0x90},
        {"mon = refused", "mon = allowed", BODY_TD_ATTRIBUTES + 7, ATTEST_OK, 0x80},
        {"evaluation = 1", "evaluation = 18", 0, ATTEST_OK, 5},
        {"evaluation = 1", "evaluation = 19", 0, ATTEST_TDX_JUDGE_EVALUATION, 5},
        {"= none", "= 50806f000000", 0, ATTEST_TDX_JUDGE_FMSPC, 5},
        {"= none", "= 000000000000\nfmspc_denied = 50806f000000", 0, ATTEST_TDX_JUDGE_FMSPC, 5},
        {"= none", "= 50806f000001", 0, ATTEST_OK, 5},
        {"= UpToDate", "= ConfigurationNeeded", 0, ATTEST_TDX_JUDGE_TCB_STATUS, 5},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        fresh(false);
        k.body[cases[i].at] = cases[i].to;
        const enum attest_fault f = judge_policy(cases[i].from, cases[i].text);

        if (f != cases[i].f) {
            fail_msg("%zu: %s", i, attest_fault_name(f));
        }
    }
    fresh(false);
    tdx_kit_edit(k.qe_text, "Number\":19", "Number\":17");
    assert_int_equal(judge_policy("evaluation = 1", "evaluation = 18"),
                     ATTEST_TDX_JUDGE_EVALUATION);
}

/* How platform, module and enclave stand, and which of it a policy takes. */
static void standing_is_judged(void **state)
{
    (void)state;
    fresh(false);
    k.platform.pce_svn = 10;
    assert_int_equal(judge(), ATTEST_TDX_JUDGE_TCB_STATUS);
    assert_int_equal(
        judge_policy("status = UpToDate", "status = SWHardeningNeeded\nstatus = UpToDate"),
        ATTEST_OK);
    assert_int_equal(claims.tcb.platform.status, TDX_STATUS_SW_HARDENING_NEEDED);
    assert_int_equal(claims.tcb.module.status, TDX_STATUS_UP_TO_DATE);
    fresh(false);
    k.body[BODY_SVN] = 4;
    assert_int_equal(judge(), ATTEST_TDX_JUDGE_MODULE_STATUS);
    fresh(false);
    k.qe[QE_SVN] = 7;
    assert_int_equal(judge(), ATTEST_TDX_JUDGE_QE_STATUS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_quotes_give_claims),
        cmocka_unit_test(trailing_bytes_are_as_the_policy_says),
        cmocka_unit_test(heads_are_checked),
        cmocka_unit_test(bodies_have_their_length),
        cmocka_unit_test(signature_data_ends_where_it_says),
        cmocka_unit_test(quotes_that_are_cut_are_refused),
        cmocka_unit_test(each_signature_is_checked),
        cmocka_unit_test(every_flip_is_refused),
        cmocka_unit_test(fields_are_compared),
        cmocka_unit_test(a_service_td_is_refused),
        cmocka_unit_test(policies_are_obeyed),
        cmocka_unit_test(standing_is_judged),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
