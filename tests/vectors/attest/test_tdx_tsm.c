/* A quote of TDX on its way through quorate-tsm: Intel's collateral out of the operator's
 * folder, one evidence block, and the verdict on it. */
#include "tdx_intel.h"
#include "tdx_policy_kit.h"

#include "attest/evidence_platform.h"
#include "enclave/tsm/tsm_block.h"

#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/quorate-tdx-XXXXXX";
static struct tsm_answer answer;
static const struct snp_table none;

static void path_of(size_t i, char out[128])
{
    (void)snprintf(out, 128, "%s/%s", folder, tdx_collateral_files[i]);
}

static void put(size_t i, struct view bytes)
{
    char path[128];

    path_of(i, path);
    FILE *const f = fopen(path, "wb");

    assert_non_null(f);
    assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
    assert_int_equal(fclose(f), 0);
}

static int up(void **state)
{
    static uint8_t raw[TDX_FILE_MAX];
    json_t *const json = vector_file("04b-tdx/dcap-qvl/tdx_quote_collateral.json");
    const struct tdx_collateral c = collateral_of_2025(json);
    const struct view quote = quote_of("04b-tdx/dcap-qvl/tdx_quote", raw);
    const struct view parts[TDX_COLLATERAL_PARTS] = {c.tcb_info,    c.tcb_info_chain,
                                                     c.qe_identity, c.qe_identity_chain,
                                                     c.pck_crl,     c.root_crl};

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < TDX_COLLATERAL_PARTS; i++) {
        put(i, parts[i]);
    }
    json_decref(json);
    answer.format = TSM_FORMAT_TDX;
    assert_true(quote.n <= sizeof answer.report);
    memcpy(answer.report, quote.p, quote.n);
    answer.report_len = quote.n;
    return 0;
}

static int down(void **state)
{
    (void)state;
    for (size_t i = 0; i < TDX_COLLATERAL_PARTS; i++) {
        char path[128];

        path_of(i, path);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static enum err collateral(struct view *part)
{
    static uint8_t out[EVIDENCE_MAX];

    return tsm_collateral_read(&tsm_sys_os, folder, out, sizeof out, part);
}

static void a_block_that_is_accepted(void **state)
{
    static uint8_t bytes[EVIDENCE_MAX];
    static char text[TDX_KIT_TEXT_MAX];
    static struct evidence_policy policy;
    static struct evidence_claims claims;
    struct view part, block;
    uint8_t machine[EVIDENCE_PLATFORM_LEN];
    struct tdx_quote q;
    unsigned at = 0;

    (void)state;
    assert_int_equal(tdx_quote_parse((struct view){answer.report, answer.report_len}, &q),
                     ATTEST_OK);
    (void)tdx_kit_text(&q.td, text);
    assert_int_equal(
        evidence_policy_parse((struct view){(const uint8_t *)text, strlen(text)}, &policy, &at),
        ATTEST_OK);
    assert_int_equal(collateral(&part), ERR_OK);
    assert_int_equal(tsm_block_write(&answer, &none, part, bytes, sizeof bytes, &block),
                     ERR_OK);
    assert_int_equal(evidence_judge(block, &policy, q.td.report_data, &snp_roots_compiled,
                                    IN_2025_S, &claims),
                     ATTEST_OK);
    assert_int_equal(claims.format, EVIDENCE_TDX);
    assert_int_equal(claims.assurance, ATTEST_ASSURANCE_HARDWARE);
    assert_int_equal(evidence_platform(block, machine), ATTEST_OK);
    assert_memory_equal(machine, claims.platform, sizeof machine);
    part = (struct view){NULL, 0}; /* no folder was named */
    assert_int_equal(tsm_block_write(&answer, &none, part, bytes, sizeof bytes, &block),
                     ERR_OK);
    assert_int_equal(evidence_judge(block, &policy, q.td.report_data, &snp_roots_compiled,
                                    IN_2025_S, &claims),
                     ATTEST_TDX_COLLATERAL);
    memset(machine, 0, sizeof machine);
    assert_int_equal(evidence_platform(block, machine), ATTEST_OK); /* it is in the quote */
    assert_int_not_equal(machine[0] | machine[1] | machine[2] | machine[3], 0);
}

/* The certificates of a quote come as text: what is none names no machine. */
static void a_quote_without_certificates(void **state)
{
    static uint8_t bytes[EVIDENCE_MAX];
    static const uint8_t zero[EVIDENCE_PLATFORM_LEN];
    uint8_t machine[EVIDENCE_PLATFORM_LEN] = {1};
    const struct view part = {NULL, 0};
    struct tdx_quote q;
    struct view block;

    (void)state;
    assert_int_equal(tdx_quote_parse((struct view){answer.report, answer.report_len}, &q),
                     ATTEST_OK);
    uint8_t *const text = answer.report + (q.pck_chain.p - answer.report);
    uint8_t kept[EVIDENCE_MAX];

    memcpy(kept, text, q.pck_chain.n);
    text[0] ^= 1; /* the first: the next one is of no platform */
    assert_int_equal(tsm_block_write(&answer, &none, part, bytes, sizeof bytes, &block),
                     ERR_OK);
    assert_int_equal(evidence_platform(block, machine), ATTEST_TDX_PCK_EXTENSION);
    assert_memory_equal(machine, zero, sizeof zero);
    for (size_t i = 0; i < q.pck_chain.n; i++) { /* all of them */
        text[i] = text[i] == '-' ? ' ' : text[i];
    }
    assert_int_equal(tsm_block_write(&answer, &none, part, bytes, sizeof bytes, &block),
                     ERR_OK);
    assert_int_equal(evidence_platform(block, machine), ATTEST_TDX_CHAIN_PEM);
    assert_memory_equal(machine, zero, sizeof zero);
    memcpy(text, kept, q.pck_chain.n);
}

static void a_folder_that_lacks_one(void **state)
{
    static uint8_t big[EVIDENCE_MAX];
    char path[128];
    struct view part;

    (void)state;
    put(5, (struct view){big, sizeof big});
    assert_int_equal(collateral(&part), ERR_NOSPACE);
    assert_int_equal(part.n, 0);
    path_of(5, path);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(collateral(&part), ERR_IO);
    assert_int_equal(part.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_block_that_is_accepted),
        cmocka_unit_test(a_quote_without_certificates),
        cmocka_unit_test(a_folder_that_lacks_one),
    };

    return cmocka_run_group_tests(tests, up, down);
}
