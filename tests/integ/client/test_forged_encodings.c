/* As test_forged_cms.c; what is wrong is how the bytes are written: BER where DER should be,
 * too much, too deep. */
#include "forge_row.h"

#include "format/ber.h"

#include <stdlib.h>
#include <string.h>

/* 30 80 ... 00 00 */
static void indefinite(struct forge *f)
{
    static const uint8_t head[] = {0x30, 0x80};
    static const uint8_t end[] = {0, 0};
    uint8_t bytes[FORGE_PART_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;

    (void)forge_make(f, TOKEN);
    wr_bytes(&w, head, sizeof head);
    wr_view(&w, forge_view(f, RESP_STATUS));
    wr_view(&w, forge_view(f, TOKEN));
    wr_bytes(&w, end, sizeof end);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    forge_put(f, RESPONSE, all);
}

/* OCTET STRING in two pieces */
static void pieces(struct forge *f)
{
    const struct view tst = forge_make(f, TST_INFO);
    uint8_t bytes[FORGE_PART_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view all;
    const size_t outer = der_begin(&w, DER_CONTEXT_0);
    const size_t string = der_begin(&w, (enum der_tag)0x24);

    der_write(&w, DER_OCTETS, (struct view){tst.p, 10});
    der_write(&w, DER_OCTETS, (struct view){tst.p + 10, tst.n - 10});
    der_end(&w, string);
    der_end(&w, outer);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    forge_put(f, SD_CONTENT, all);
}

static void deep(struct forge *f)
{
    uint8_t bytes[4096];

    for (size_t i = 0; i < sizeof bytes; i += 2) {
        bytes[i] = 0x30;
        bytes[i + 1] = 0x80;
    }
    forge_put(f, RESPONSE, (struct view){bytes, sizeof bytes});
}

/* 30 80 ... 00 00 inside the OCTET STRING */
static void tst_info_indefinite(struct forge *f)
{
    static const uint8_t head[] = {0x30, 0x80};
    static const uint8_t end[] = {0, 0};
    struct reader r = rd_init(forge_make(f, TST_INFO));
    uint8_t bytes[FORGE_PART_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view body;
    struct view all;

    assert_int_equal(der_read(&r, DER_SEQUENCE, &body), ERR_OK);
    wr_bytes(&w, head, sizeof head);
    wr_view(&w, body);
    wr_bytes(&w, end, sizeof end);
    assert_int_equal(wr_finish(&w, &all), ERR_OK);
    forge_put(f, TST_INFO, all);
}

/* One more element behind SignedData, in its [0]. */
static void after_signed_data(struct forge *f)
{
    static const uint8_t null[] = {5, 0};
    uint8_t bytes[FORGE_PART_MAX];
    uint8_t whole[FORGE_PART_MAX];
    struct reader r;
    struct view sd;

    (void)forge_make(f, TOKEN);
    r = rd_init(forge_view(f, CI_CONTENT));
    assert_int_equal(der_read(&r, DER_CONTEXT_0, &sd), ERR_OK);
    memcpy(bytes, sd.p, sd.n);
    memcpy(bytes + sd.n, null, sizeof null);
    forge_put(f, CI_CONTENT,
              forge_wrap(DER_CONTEXT_0, (struct view){bytes, sd.n + sizeof null}, whole,
                         sizeof whole));
    f->part[TOKEN].given = false;
}

static const struct forge_row rows[] = {
    {"indefinite length", {{0}}, GENUINE, PASSES, 0, indefinite},
    {"indefinite length, strict", {{0}}, FALSE_BY(ENCODING), PASSES, STRICT, indefinite},
    {"2048 levels deep", {{0}}, FALSE_BY(SHAPE), REFUSED, 0, deep},
    {"eContent in pieces", {{0}}, GENUINE, PASSES, 0, pieces},
    {"eContent in pieces, strict", {{0}}, FALSE_BY(ENCODING), PASSES, STRICT, pieces},
    {"TSTInfo of indefinite length", {{0}}, GENUINE, PASSES, 0, tst_info_indefinite},
    {"TSTInfo of indefinite length, strict",
     {{0}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     tst_info_indefinite},
    {"statusString of nothing",
     {{RESP_STATUS, HEX, "3005 020100 3000"}},
     GENUINE,
     PASSES,
     0,
     NULL},
    {"statusString of nothing, strict",
     {{RESP_STATUS, HEX, "3005 020100 3000"}},
     FALSE_BY(ENCODING),
     PASSES,
     STRICT,
     NULL},
    {"something behind SignedData", {{0}}, FALSE_BY(SHAPE), REFUSED, 0, after_signed_data},
    {"an AlgorithmIdentifier of three",
     {{SI_DIGEST_ALG, HEX, "300f 0609608648016503040202 0500 0500"}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
    {"a length of 2^64 + 3",
     {{RESP_STATUS, HEX, "30 89 010000000000000003 020100"}},
     FALSE_BY(SHAPE),
     REFUSED,
     0,
     NULL},
};

static void every_encoding_is_seen(void **state)
{
    (void)state;
    forge_run_rows(rows, sizeof rows / sizeof rows[0]);
}

/* Nothing is said of what is too long to be read. */
static void size_is_bounded(void **state)
{
    const struct verify_expect expect = {.digest = {forge_imprint, 32}};
    const struct verify_options options = {.trust = NULL};
    struct verify_report report;
    uint8_t *bytes = calloc(1, BER_SIZE_MAX + 1);

    (void)state;
    assert_non_null(bytes);
    assert_int_equal(
        verify_token((struct view){bytes, BER_SIZE_MAX + 1}, &expect, &options, &report),
        ERR_NOSPACE);
    assert_int_equal(report.verdict, VERDICT_COULD_NOT_TELL);
    verify_free(&report);
    assert_int_equal(
        verify_token((struct view){bytes, BER_SIZE_MAX}, &expect, &options, &report), ERR_OK);
    assert_int_equal(report.verdict, VERDICT_NOT_GENUINE);
    verify_free(&report);
    free(bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_encoding_is_seen),
        cmocka_unit_test(size_is_bounded),
    };

    return cmocka_run_group_tests(tests, forge_rows_setup, forge_rows_teardown);
}
