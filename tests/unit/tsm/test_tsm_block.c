#include "testing.h"

#include "attest/tdx_collateral.h"
#include "enclave/tsm/tsm_block.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct tsm_answer a;
static uint8_t out[EVIDENCE_MAX];
static struct view block;
static const struct view collateral = {(const uint8_t *)"collateral", 10};

static const uint8_t vcek_guid[16] = {0x63, 0xda, 0x75, 0x8d, 0xe6, 0x64, 0x45, 0x64,
                                      0xad, 0xc5, 0xf4, 0xb9, 0x3b, 0xe8, 0xac, 0xcd};
static const uint8_t vlek_guid[16] = {0xa8, 0x07, 0x4b, 0xc2, 0xa2, 0x5a, 0x48, 0x3e,
                                      0xaa, 0xe6, 0x39, 0xc0, 0x45, 0xa0, 0xb8, 0xa1};

/* A report, and a table with both keys' certificates: "C" and "LL". */
static void fresh(void)
{
    struct writer w = wr_init(a.certs, sizeof a.certs);

    memset(&a, 0, sizeof a);
    a.format = TSM_FORMAT_SNP;
    a.report_len = 1184;
    a.report[0] = 5;
    wr_bytes(&w, vcek_guid, sizeof vcek_guid);
    wr_u32le(&w, 72);
    wr_u32le(&w, 1);
    wr_bytes(&w, vlek_guid, sizeof vlek_guid);
    wr_u32le(&w, 73);
    wr_u32le(&w, 2);
    wr_bytes(&w, (const uint8_t[24]){0}, 24);
    wr_bytes(&w, "CLL", 3);
    a.certs_len = w.len;
}

static struct evidence written(const struct snp_table *spare)
{
    struct evidence e;

    assert_int_equal(tsm_block_write(&a, spare, collateral, out, sizeof out, &block), ERR_OK);
    assert_int_equal(evidence_decode(block, &e), ERR_OK);
    return e;
}

static void is_text(struct view v, const char *text)
{
    assert_int_equal(v.n, strlen(text));
    assert_memory_equal(v.p, text, v.n);
}

static void test_certificates(void **state)
{
    struct snp_table spare = {.vcek = {(const uint8_t *)"S", 1},
                              .ask = {(const uint8_t *)"ASK", 3}};
    struct evidence e;

    (void)state;
    fresh();
    e = written(&spare);
    assert_int_equal(e.format, EVIDENCE_SNP);
    assert_int_equal(evidence_part(&e, EVIDENCE_REPORT).n, 1184);
    is_text(evidence_part(&e, EVIDENCE_VEK), "C"); /* the host's own first */
    is_text(evidence_part(&e, EVIDENCE_ASK), "ASK");
    assert_int_equal(evidence_part(&e, EVIDENCE_ARK).n, 0);
    a.report[0x48] = 1 << 2; /* a VLEK signed */
    e = written(&spare);
    is_text(evidence_part(&e, EVIDENCE_VEK), "LL");
    a.report[0x48] = 0;
    a.certs_len = 0;
    e = written(&spare);
    is_text(evidence_part(&e, EVIDENCE_VEK), "S");
    assert_int_equal(evidence_part(&e, EVIDENCE_COLLATERAL).n, 0); /* of TDX alone */
    memset(&a, 0, sizeof a);
    a.format = TSM_FORMAT_TDX;
    a.report_len = 5000;
    e = written(&(struct snp_table){.vcek = {NULL, 0}});
    assert_int_equal(e.format, EVIDENCE_TDX);
    is_text(evidence_part(&e, EVIDENCE_COLLATERAL), "collateral");
}

static void test_refused(void **state)
{
    const struct snp_table none = {.vcek = {NULL, 0}};

    (void)state;
    fresh();
    a.certs[16]++; /* two entries share a byte */
    assert_int_equal(tsm_block_write(&a, &none, collateral, out, sizeof out, &block),
                     ERR_EVIDENCE);
    assert_int_equal(block.n, 0);
    fresh();
    assert_int_equal(tsm_block_write(&a, &none, collateral, out, 1000, &block), ERR_NOSPACE);
    assert_int_equal(block.n, 0);
}

static void test_azure(void **state)
{
    const struct snp_table spare = {.vcek = {(const uint8_t *)"S", 1}};
    struct evidence e;

    (void)state;
    fresh();
    a.format = TSM_FORMAT_AZURE_SNP;
    a.certs_len = 0;
    a.quote_len = 5;
    a.ak_len = 6;
    e = written(&spare);
    assert_int_equal(e.format, EVIDENCE_AZURE_SNP);
    is_text(evidence_part(&e, EVIDENCE_VEK), "S");
    assert_int_equal(evidence_part(&e, EVIDENCE_TPM_QUOTE).n, 5);
    assert_int_equal(evidence_part(&e, EVIDENCE_TPM_AK).n, 6);
}

static void path_of(const char *folder, size_t part, char path[64])
{
    (void)snprintf(path, 64, "%s/%s", folder, tdx_collateral_files[part]);
}

static void put(const char *path, const char *bytes)
{
    FILE *const f = fopen(path, "wb");

    assert_non_null(f);
    assert_true(fputs(bytes, f) >= 0);
    assert_int_equal(fclose(f), 0);
}

/* All six, or no evidence; and whatever lies there, nobody is waited for. */
static void test_collateral(void **state)
{
    char folder[] = "/tmp/tsm-block-XXXXXX";
    char path[64];
    struct view part;

    (void)state;
    assert_non_null(mkdtemp(folder));
    for (size_t i = 0; i < TDX_COLLATERAL_PARTS; i++) {
        assert_int_equal(tsm_collateral_read(&tsm_sys_os, folder, out, sizeof out, &part),
                         ERR_IO);
        path_of(folder, i, path);
        put(path, "");
        assert_int_equal(tsm_collateral_read(&tsm_sys_os, folder, out, sizeof out, &part),
                         ERR_TRUNCATED);
        assert_int_equal(unlink(path), 0);
        assert_int_equal(mkfifo(path, 0600), 0);
        (void)alarm(20); /* else it would be waited for */
        assert_int_equal(tsm_collateral_read(&tsm_sys_os, folder, out, sizeof out, &part),
                         ERR_TRUNCATED);
        (void)alarm(0);
        assert_int_equal(part.n, 0);
        assert_int_equal(unlink(path), 0);
        put(path, "said by Intel");
    }
    assert_int_equal(tsm_collateral_read(&tsm_sys_os, folder, out, sizeof out, &part), ERR_OK);
    assert_int_equal(part.n, TDX_COLLATERAL_PARTS * (1 + 4 + 13));
    assert_int_equal(tsm_collateral_read(&tsm_sys_os, folder, out, part.n - 1, &part),
                     ERR_NOSPACE);
    for (size_t i = 0; i < TDX_COLLATERAL_PARTS; i++) {
        path_of(folder, i, path);
        assert_int_equal(unlink(path), 0);
    }
    assert_int_equal(rmdir(folder), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_certificates),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_azure),
        cmocka_unit_test(test_collateral),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
