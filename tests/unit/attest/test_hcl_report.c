/* The blob of a paravisor: each word that nobody vouches for is checked by its own name. */
#include "azure_kit.h"

static uint8_t blob[HCL_REPORT_MAX + 1];

static enum attest_fault parse_n(const uint8_t *p, size_t n)
{
    static const struct hcl_report zero;
    uint8_t *const copy = malloc(n > 0 ? n : 1);
    struct hcl_report h;

    assert_non_null(copy);
    memcpy(copy, p, n);
    const enum attest_fault f = hcl_report_parse((struct view){copy, n}, &h);

    free(copy);
    if (f != ATTEST_OK) {
        assert_memory_equal(&h, &zero, sizeof zero);
    }
    return f;
}

static struct view good(void)
{
    static uint8_t report[SNP_REPORT_LEN];

    snp_kit_report(2, SNP_LINE_NONE, report);
    report[HCL_TDREPORT_LEN] = 1;
    return azure_kit_hcl((struct view){report, sizeof report}, "{\"a\":1}", 40, blob);
}

static enum attest_fault with_byte(size_t at, uint8_t to)
{
    const struct view v = good();

    blob[at] = to;
    return parse_n(v.p, v.n);
}

static void parts_are_found(void **state)
{
    const struct view v = good();
    struct hcl_report h;
    uint8_t wanted[SNP_REPORT_DATA_LEN];
    uint8_t got[SNP_REPORT_DATA_LEN];

    (void)state;
    assert_int_equal(hcl_report_parse(v, &h), ATTEST_OK);
    assert_int_equal(h.kind, HCL_SNP);
    assert_ptr_equal(h.hardware.p, blob + AT_HCL_HARDWARE);
    assert_int_equal(h.hardware.n, SNP_REPORT_LEN);
    assert_int_equal(h.runtime.n, 7);
    assert_memory_equal(h.runtime.p, "{\"a\":1}", 7);
    for (enum hash_alg alg = HASH_SHA256; alg <= HASH_SHA512; alg++) {
        blob[AT_HCL_HASH] = (uint8_t)alg;
        assert_int_equal(hcl_report_parse(v, &h), ATTEST_OK);
        memset(wanted, 0, sizeof wanted);
        hash_once(alg, h.runtime, wanted);
        hcl_report_data(&h, got);
        assert_memory_equal(got, wanted, sizeof wanted);
    }
}

static void a_td_report_is_shorter(void **state)
{
    uint8_t report[HCL_TDREPORT_LEN];
    struct hcl_report h;

    (void)state;
    memset(report, 0x81, sizeof report);
    const struct view v = azure_kit_hcl((struct view){report, sizeof report}, "{}", 0, blob);

    assert_int_equal(hcl_report_parse(v, &h), ATTEST_OK);
    assert_int_equal(h.kind, HCL_TDX);
    assert_int_equal(h.hardware.n, HCL_TDREPORT_LEN);
    blob[AT_HCL_DATA_SIZE - 1] = 1;
    assert_int_equal(parse_n(v.p, v.n), ATTEST_HCL_MBZ);
    blob[AT_HCL_DATA_SIZE - 1] = 0;
    azure_kit_u32(blob + AT_HCL_REPORT_SIZE, HCL_TDREPORT_LEN);
    assert_int_equal(parse_n(v.p, v.n), ATTEST_OK);
    azure_kit_u32(blob + AT_HCL_REPORT_SIZE, SNP_REPORT_LEN);
    assert_int_equal(parse_n(v.p, v.n), ATTEST_HCL_LENGTH);
}

static void words_are_checked(void **state)
{
    static const struct {
        size_t at;
        uint8_t to;
        enum attest_fault f;
    } cases[] = {
        {AT_HCL_MAGIC, 'h', ATTEST_HCL_MAGIC},
        {AT_HCL_MAGIC + 3, 'a', ATTEST_HCL_MAGIC},
        {AT_HCL_VERSION, 0, ATTEST_HCL_VERSION},
        {AT_HCL_VERSION, 1, ATTEST_OK},
        {AT_HCL_VERSION, 3, ATTEST_HCL_VERSION},
        {AT_HCL_VERSION + 3, 1, ATTEST_HCL_VERSION},
        {AT_HCL_REPORT_SIZE, 0, ATTEST_HCL_LENGTH},
        {AT_HCL_REPORT_SIZE + 3, 1, ATTEST_HCL_LENGTH},
        {AT_HCL_REQUEST, 1, ATTEST_HCL_REQUEST},
        {AT_HCL_STATUS, 1, ATTEST_HCL_MBZ},
        {AT_HCL_RESERVED, 1, ATTEST_HCL_MBZ},
        {AT_HCL_HARDWARE - 1, 1, ATTEST_HCL_MBZ},
        {AT_HCL_DATA_SIZE, 26, ATTEST_HCL_LENGTH},
        {AT_HCL_DATA_SIZE + 3, 0x80, ATTEST_HCL_LENGTH},
        {AT_HCL_RUNTIME_VERSION, 2, ATTEST_HCL_VERSION},
        {AT_HCL_KIND, 3, ATTEST_HCL_KIND},
        {AT_HCL_KIND, 0, ATTEST_HCL_KIND},
        {AT_HCL_KIND, 4, ATTEST_HCL_MBZ}, /* a report of SNP is no TDREPORT and zeros */
        {AT_HCL_HASH, 0, ATTEST_HCL_HASH},
        {AT_HCL_HASH, 4, ATTEST_HCL_HASH},
        {AT_HCL_HASH + 1, 1, ATTEST_HCL_HASH},
        {AT_HCL_CLAIM_SIZE, 6, ATTEST_HCL_LENGTH},
        {AT_HCL_CLAIM_SIZE, 0, ATTEST_HCL_LENGTH},
        {AT_HCL_CLAIM_SIZE, 48, ATTEST_HCL_SIZE},
        {AT_HCL_CLAIM_SIZE + 3, 0xff, ATTEST_HCL_SIZE},
        {AT_HCL_JSON + 7, 1, ATTEST_HCL_MBZ},
        {AT_HCL_JSON + 46, ' ', ATTEST_HCL_MBZ},
        {AT_HCL_JSON, 'x', ATTEST_OK}, /* no JSON: not read here */
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(with_byte(cases[i].at, cases[i].to), cases[i].f);
    }
    const struct view v = good();

    azure_kit_u32(blob + AT_HCL_REPORT_SIZE, SNP_REPORT_LEN);
    assert_int_equal(parse_n(v.p, v.n), ATTEST_OK);
    azure_kit_u32(blob + AT_HCL_REPORT_SIZE, HCL_TDREPORT_LEN);
    assert_int_equal(parse_n(v.p, v.n), ATTEST_HCL_LENGTH);
    (void)good(); /* a text of nothing, whose lengths agree */
    azure_kit_u32(blob + AT_HCL_REPORT_SIZE, AT_HCL_JSON);
    azure_kit_u32(blob + AT_HCL_DATA_SIZE, 20);
    azure_kit_u32(blob + AT_HCL_CLAIM_SIZE, 0);
    memset(blob + AT_HCL_JSON, 0, 7);
    assert_int_equal(parse_n(v.p, v.n), ATTEST_HCL_LENGTH);
}

static void lengths_are_bounded(void **state)
{
    static char json[HCL_REPORT_MAX];
    const struct view v = good();
    uint8_t report[SNP_REPORT_LEN] = {2};

    (void)state;
    for (size_t n = 0; n < v.n; n++) {
        assert_int_equal(parse_n(v.p, n), n < v.n - 40 ? ATTEST_HCL_SIZE : ATTEST_OK);
    }
    memset(json, 'x', HCL_REPORT_MAX - AT_HCL_JSON);
    const struct view full = azure_kit_hcl((struct view){report, sizeof report}, json, 0, blob);

    assert_int_equal(full.n, HCL_REPORT_MAX);
    assert_int_equal(parse_n(full.p, full.n), ATTEST_OK);
    assert_int_equal(parse_n(full.p, full.n + 1), ATTEST_HCL_SIZE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts_are_found),
        cmocka_unit_test(a_td_report_is_shorter),
        cmocka_unit_test(words_are_checked),
        cmocka_unit_test(lengths_are_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
