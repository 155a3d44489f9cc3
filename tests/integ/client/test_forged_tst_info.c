/* As test_forged_cms.c; what is wrong is in TSTInfo. */
#include "forge_row.h"

#include <string.h>

/* tsa [0] EXPLICIT directoryName of that certificate's subject */
static void tsa_names(struct forge *f, X509 *x)
{
    uint8_t name[256];
    uint8_t *p = name;
    uint8_t general[300];
    uint8_t outer[300];
    const int n = i2d_X509_NAME(X509_get_subject_name(x), &p);

    assert_true(n > 0 && (size_t)n <= sizeof name);
    forge_put(f, TST_TSA,
              forge_wrap(DER_CONTEXT_0,
                         forge_wrap(DER_CONTEXT_4, (struct view){name, (size_t)n}, general,
                                    sizeof general),
                         outer, sizeof outer));
}

static void tsa_is_subject(struct forge *f)
{
    tsa_names(f, forge_tsa.cert);
}

static void tsa_is_another(struct forge *f)
{
    tsa_names(f, forge_stranger.cert);
}

/* n extensions with types 2.5.29.0 and following */
static void extensions_of(struct forge *f, size_t n)
{
    uint8_t bytes[2048];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;
    const size_t list = der_begin(&w, DER_CONTEXT_1);

    for (size_t i = 0; i < n; i++) {
        const uint8_t ext[] = {0x30, 7, 6, 3, 0x55, 0x1d, (uint8_t)i, 4, 0};

        wr_bytes(&w, ext, sizeof ext);
    }
    der_end(&w, list);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    forge_put(f, TST_EXTENSIONS, all);
}

static void extensions_max(struct forge *f)
{
    extensions_of(f, TST_EXTENSIONS_MAX);
}

static void extensions_more(struct forge *f)
{
    extensions_of(f, TST_EXTENSIONS_MAX + 1);
}

static const struct forge_row rows[] = {
    /* TSTInfo */
    {"version 2", {{TST_VERSION, HEX, "020102"}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"version 0", {{TST_VERSION, HEX, "020100"}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"version twice", {{TST_VERSION, TWICE, NULL}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"policy absent", {{TST_POLICY, OMIT, NULL}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"policy .91",
     {{TST_POLICY, HEX, "060c2b0601040181fd598559015b"}},
     GENUINE,
     PASSES,
     0,
     NULL},
    {"policy simulated",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015b"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .92",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015c"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .93",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015d"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .94",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015e"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .95",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015f"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .96",
     {{TST_POLICY, HEX, "060c2b0601040181fd5998590160"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated .97",
     {{TST_POLICY, HEX, "060c2b0601040181fd5998590161"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy .98",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859 0162"}},
     GENUINE,
     PASSES,
     0,
     NULL},
    {"policy .90",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859 015a"}},
     GENUINE,
     PASSES,
     0,
     NULL},
    {"policy simulated, an arc more",
     {{TST_POLICY, HEX, "060d2b0601040181fd599859015b01"}},
     FALSE_BY(AUTHORITY),
     PASSES,
     0,
     NULL},
    {"policy simulated, allowed",
     {{TST_POLICY, HEX, "060c2b0601040181fd599859015b"}},
     GENUINE,
     PASSES,
     SIMULATED,
     NULL},
    {"policy 2.25.2^127",
     {{TST_POLICY, HEX, "0614 69 8280808080808080808080808080808080800 0"}},
     GENUINE,
     PASSES,
     0,
     NULL},
    {"imprint of another message",
     {{TST_IMPRINT, HEX,
       "302f" HEX_SHA256
       "0420 00000000000000000000000000000000 00000000000000000000000000000000"}},
     FALSE_BY(IMPRINT),
     REFUSED,
     0,
     NULL},
    {"imprint cut",
     {{TST_IMPRINT, HEX, "300f" HEX_SHA256 "0400"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},
    {"imprint under another hash",
     {{TST_IMPRINT, HEX,
       "302f 300b0609608648016503040208 0420 "
       "ab01020300000000000000000000000000000000000000000000000000000000"}},
     FALSE_BY(IMPRINT),
     REFUSED,
     0,
     NULL},
    {"serial negative", {{TST_SERIAL, HEX, "0201ff"}}, GENUINE, PASSES, 0, NULL},
    {"serial zero", {{TST_SERIAL, HEX, "020100"}}, GENUINE, PASSES, 0, NULL},
    {"serial empty", {{TST_SERIAL, HEX, "0200"}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"serial padded", {{TST_SERIAL, HEX, "02020001"}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"nonce of another sign",
     {{TST_NONCE, HEX, "0208 eefdfcfbfaf9f8f8"}},
     FALSE_BY(NONCE),
     REFUSED,
     0,
     NULL},
    {"nonce longer",
     {{TST_NONCE, HEX, "0209 110203040506070800"}},
     FALSE_BY(NONCE),
     REFUSED,
     0,
     NULL},
    {"nonce padded",
     {{TST_NONCE, HEX, "0209 001102030405060708"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},
    {"nonce absent", {{TST_NONCE, OMIT, NULL}}, FALSE_BY(NONCE), REFUSED, 0, NULL},
    {"nonce twice", {{TST_NONCE, TWICE, NULL}}, FALSE_BY(TST_INFO), REFUSED, 0, NULL},
    {"ordering TRUE", {{TST_ORDERING, HEX, "0101ff"}}, GENUINE, PASSES, STRICT, NULL},
    {"ordering FALSE",
     {{TST_ORDERING, HEX, "010100"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"ordering TRUE as 01",
     {{TST_ORDERING, HEX, "010101"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"accuracy 1000 millis",
     {{TST_ACCURACY, HEX, "3004 800203e8"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"accuracy 0 millis",
     {{TST_ACCURACY, HEX, "3003 800100"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"accuracy -1 s",
     {{TST_ACCURACY, HEX, "3003 0201ff"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"accuracy of 2^32 s",
     {{TST_ACCURACY, HEX, "3007 02050100000000"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"accuracy upside down",
     {{TST_ACCURACY, HEX, "3006 810101 800101"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},
    {"tsa is the subject", {{0}}, GENUINE, PASSES, STRICT, tsa_is_subject},
    {"tsa is another", {{0}}, FALSE_BY(SIGNER), REFUSED, 0, tsa_is_another},
    {"tsa is an URI", {{TST_TSA, HEX, "a003 8601 61"}}, FALSE_BY(SIGNER), REFUSED, 0, NULL},
    {"tsa is two names",
     {{TST_TSA, HEX, "a006 860161 860161"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},
    {"extension, critical",
     {{TST_EXTENSIONS, HEX, "a10d 300b 06032a0304 0101ff 0401 00"}},
     OPEN_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"extension, not critical",
     {{TST_EXTENSIONS, HEX, "a10a 3008 06032a0304 0401 00"}},
     GENUINE,
     PASSES,
     STRICT,
     NULL},
    {"extension twice",
     {{TST_EXTENSIONS, HEX, "a114 3008 06032a0304 0401 00 3008 06032a0304 0401 00"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"extensions, as many as there may be", {{0}}, GENUINE, PASSES, STRICT, extensions_max},
    {"extensions, one more", {{0}}, FALSE_BY(TST_INFO), PASSES, 0, extensions_more},
    {"extensions empty",
     {{TST_EXTENSIONS, HEX, "a100"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"something after TSTInfo's last field",
     {{TST_EXTENSIONS, HEX, "0500"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},

    /* genTime */
    {"genTime without seconds",
     {{TST_GEN_TIME, TIME, "202401032213Z"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime with comma",
     {{TST_GEN_TIME, TIME, "20240103221320,5Z"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"genTime with offset",
     {{TST_GEN_TIME, TIME, "20240103221320+0000"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime without Z",
     {{TST_GEN_TIME, TIME, "20240103221320"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime ends with 0",
     {{TST_GEN_TIME, TIME, "20240103221320.50Z"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"genTime ends with a point",
     {{TST_GEN_TIME, TIME, "20240103221320.Z"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime on 29 February",
     {{TST_GEN_TIME, TIME, "20240229000000Z"}},
     FALSE_BY(CHAIN),
     PASSES,
     0,
     NULL},
    {"genTime on 29 February 2023",
     {{TST_GEN_TIME, TIME, "20230229000000Z"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime in 2050",
     {{TST_GEN_TIME, TIME, "20500101000000Z"}},
     FALSE_BY(CHAIN),
     PASSES,
     0,
     NULL},
    {"genTime in 9999",
     {{TST_GEN_TIME, TIME, "99991231235959Z"}},
     FALSE_BY(CHAIN),
     PASSES,
     0,
     NULL},
    {"genTime in year 0",
     {{TST_GEN_TIME, TIME, "00000101000000Z"}},
     FALSE_BY(CHAIN),
     PASSES,
     0,
     NULL},
    {"genTime in 1970",
     {{TST_GEN_TIME, TIME, "19700101000000Z"}},
     FALSE_BY(CHAIN),
     PASSES,
     0,
     NULL},
    {"genTime with a blank",
     {{TST_GEN_TIME, TIME, "2024010322132 Z"}},
     FALSE_BY(TST_INFO),
     PASSES,
     0,
     NULL},
    {"genTime as UTCTime",
     {{TST_GEN_TIME, HEX, "170d 3234303130333232313332305a"}},
     FALSE_BY(TST_INFO),
     REFUSED,
     0,
     NULL},
};

static void every_forged_tst_info_is_seen(void **state)
{
    (void)state;
    forge_run_rows(rows, sizeof rows / sizeof rows[0]);
}

static enum verdict judge_for(const char *imprint_hex, const struct verify_expect *expect,
                              bool allow_sha1)
{
    struct forge *f = forge_row_new();
    const struct forge_change change = {TST_IMPRINT, HEX, imprint_hex};
    const struct forge_trust trust = {.anchors = {forge_root.cert}};
    const struct verify_options options = {.allow_sha1 = allow_sha1};
    struct verify_report report;

    forge_change(f, &change);
    forge_judge_for(forge_make(f, RESPONSE), &trust, &options, expect, &report);
    const enum verdict v = report.verdict;

    verify_free(&report);
    forge_row_free(f);
    return v;
}

static enum verdict judge_by_digest(const char *imprint_hex, struct view digest)
{
    const struct verify_expect expect = {.digest = digest};

    return judge_for(imprint_hex, &expect, false);
}

static enum err give_imprint(void *self, const struct digest_alg *alg, uint8_t *out)
{
    (void)self;
    memcpy(out, forge_imprint, alg->len);
    return ERR_OK;
}

/* What is right of one does not mend what is wrong of another. */
static void digest_and_data_must_both_agree(void **state)
{
    static const uint8_t other[32] = {1};
    struct verify_expect expect = {.digest = {forge_imprint, 32}, .digest_data = give_imprint};
    const char *imprint = "302f" HEX_SHA256 "0420 ab010203000000000000000000000000"
                          "00000000000000000000000000000000";

    (void)state;
    assert_int_equal(judge_for(imprint, &expect, false), VERDICT_GENUINE);
    expect.digest.p = other;
    assert_int_equal(judge_for(imprint, &expect, false), VERDICT_NOT_GENUINE);
}

static void an_imprint_by_sha1_needs_leave(void **state)
{
    const struct verify_expect expect = {.digest = {forge_imprint, 20}};
    const char *imprint =
        "301f 3007 06052b0e03021a 0414 ab01020300000000000000000000000000000000";

    (void)state;
    assert_int_equal(judge_for(imprint, &expect, false), VERDICT_COULD_NOT_TELL);
    assert_int_equal(judge_for(imprint, &expect, true), VERDICT_GENUINE);
}

/* SHA-224 is not stamped here, but known: its digests have 28 bytes. */
static void a_digest_is_as_long_as_its_hash_says(void **state)
{
    static const uint8_t digest[16] = {0xab, 1, 2, 3};

    (void)state;
    assert_int_equal(judge_by_digest("301f 300b 0609608648016503040204 0410"
                                     "ab010203000000000000000000000000",
                                     (struct view){digest, 16}),
                     VERDICT_NOT_GENUINE);
}

/* MD5 collides: the same bytes by it are not the same data. */
static void a_digest_by_an_unknown_hash_proves_nothing(void **state)
{
    static const uint8_t digest[16] = {0xab, 1, 2, 3};

    (void)state;
    assert_int_equal(judge_by_digest("3020" HEX_MD5 "0410 ab010203000000000000000000000000",
                                     (struct view){digest, 16}),
                     VERDICT_COULD_NOT_TELL);
    assert_int_equal(judge_by_digest("3020" HEX_MD5 "0410 ab010203000000000000000000000000",
                                     (struct view){digest, 15}),
                     VERDICT_NOT_GENUINE);
    assert_int_equal(judge_by_digest("302f" HEX_SHA256 "0420 ab010203000000000000000000000000"
                                     "00000000000000000000000000000000",
                                     (struct view){forge_imprint, 32}),
                     VERDICT_GENUINE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_forged_tst_info_is_seen),
        cmocka_unit_test(digest_and_data_must_both_agree),
        cmocka_unit_test(an_imprint_by_sha1_needs_leave),
        cmocka_unit_test(a_digest_is_as_long_as_its_hash_says),
        cmocka_unit_test(a_digest_by_an_unknown_hash_proves_nothing),
    };

    return cmocka_run_group_tests(tests, forge_rows_setup, forge_rows_teardown);
}
