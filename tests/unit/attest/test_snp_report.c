/* Reports that were made here: each field where it stands, each byte that must be zero. */
#include "snp_kit.h"

static struct snp_kit_key vek;

static int setup(void **state)
{
    (void)state;
    snp_kit_key_init(&vek, 7);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    snp_kit_key_free(&vek);
    return 0;
}

/* Parses a copy in a block of its own size. */
static enum attest_fault parse_n(const uint8_t *p, size_t n, struct snp_report *out)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    enum attest_fault f = ATTEST_OK;

    assert_non_null(copy);
    memcpy(copy, p, n);
    f = snp_report_parse((struct view){copy, n}, out);
    free(copy);
    return f;
}

static enum attest_fault parse(const uint8_t raw[SNP_REPORT_LEN])
{
    struct snp_report r;

    return parse_n(raw, SNP_REPORT_LEN, &r);
}

static void fields_are_read(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_report r;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    raw[AT_POLICY + 2] = 0x1f;
    raw[AT_VMPL] = 2;
    raw[AT_PLATFORM_INFO + 1] = 0x01;
    assert_int_equal(parse_n(raw, sizeof raw, &r), ATTEST_OK);
    assert_memory_equal(r.raw, raw, sizeof raw);
    assert_int_equal(r.version, 5);
    assert_int_equal(r.guest_svn, 3);
    assert_true(r.policy == 0x1f0133);
    assert_memory_equal(r.family_id, raw + AT_FAMILY_ID, SNP_ID_LEN);
    assert_memory_equal(r.image_id, raw + AT_IMAGE_ID, SNP_ID_LEN);
    assert_int_equal(r.vmpl, 2);
    assert_true(r.platform_info == 0x124);
    assert_true(r.author_key_en);
    assert_false(r.mask_chip_key);
    assert_int_equal(r.signer, SNP_SIGNER_VCEK);
    assert_memory_equal(r.report_data, raw + AT_REPORT_DATA, SNP_REPORT_DATA_LEN);
    assert_memory_equal(r.measurement, raw + AT_MEASUREMENT, SNP_MEASUREMENT_LEN);
    assert_memory_equal(r.host_data, raw + AT_HOST_DATA, SNP_HOST_DATA_LEN);
    assert_memory_equal(r.id_key_digest, raw + AT_ID_KEY, SNP_KEY_DIGEST_LEN);
    assert_memory_equal(r.author_key_digest, raw + AT_AUTHOR_KEY, SNP_KEY_DIGEST_LEN);
    assert_memory_equal(r.report_id, raw + AT_REPORT_ID, SNP_REPORT_ID_LEN);
    assert_memory_equal(r.report_id_ma, raw + AT_REPORT_ID_MA, SNP_REPORT_ID_LEN);
    assert_memory_equal(r.chip_id, raw + AT_CHIP_ID, SNP_CHIP_ID_LEN);
    assert_int_equal(r.line, SNP_LINE_MILAN);
    assert_int_equal(r.current.build, 0x21);
    assert_int_equal(r.current.minor, 0x22);
    assert_int_equal(r.committed.major, 0x23);
    assert_true(r.launch_mit_vector == 0x0f && r.current_mit_vector == 0x1f);
}

static void tcbs_are_told_apart(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_report r;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    raw[AT_CURRENT_TCB] = 1;
    raw[AT_REPORTED_TCB] = 2;
    raw[AT_COMMITTED_TCB] = 3;
    raw[AT_LAUNCH_TCB] = 5;
    assert_int_equal(parse_n(raw, sizeof raw, &r), ATTEST_OK);
    assert_int_equal(r.current_tcb[0], 1);
    assert_int_equal(r.reported_tcb[0], 2);
    assert_int_equal(r.committed_tcb[0], 3);
    assert_int_equal(r.launch_tcb[0], 5);
}

static void lengths_are_exact(void **state)
{
    uint8_t raw[SNP_REPORT_LEN + 1] = {0};
    struct snp_report r;
    static const struct snp_report zero;

    (void)state;
    snp_kit_report(3, SNP_LINE_GENOA, raw);
    for (size_t n = 0; n <= sizeof raw; n++) {
        assert_int_equal(parse_n(raw, n, &r),
                         n == SNP_REPORT_LEN ? ATTEST_OK : ATTEST_REPORT_SIZE);
        if (n != SNP_REPORT_LEN) {
            assert_memory_equal(&r, &zero, sizeof r);
        }
    }
}

static void versions_are_2_to_5(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    for (uint32_t v = 0; v < 8; v++) {
        const enum attest_fault f = v < 2   ? ATTEST_REPORT_VERSION
                                    : v > 5 ? ATTEST_REPORT_VERSION_NEW
                                            : ATTEST_OK;

        snp_kit_report(v, SNP_LINE_MILAN, raw);
        assert_int_equal(parse(raw), f);
    }
    snp_kit_report(2, SNP_LINE_MILAN, raw);
    raw[AT_VERSION + 3] = 1;
    assert_int_equal(parse(raw), ATTEST_REPORT_VERSION_NEW);
}

struct zeros {
    size_t at, n;
};

/* Each bit is set in a report that is signed with it: only the parser is left to refuse it. */
static void expect_mbz(uint32_t version, size_t at, size_t bit)
{
    uint8_t raw[SNP_REPORT_LEN];

    snp_kit_report(version, SNP_LINE_MILAN, raw);
    raw[at] |= (uint8_t)(1U << bit);
    if (at < SNP_REPORT_SIGNED_LEN && bit == 0) {
        snp_kit_sign(&vek, raw);
    }
    assert_int_equal(parse(raw), ATTEST_REPORT_MBZ);
}

static void every_mbz_bit_is_refused(void **state)
{
    static const struct zeros always[] = {
        {AT_POLICY + 4, 4}, {AT_KEY_INFO + 1, 3}, {AT_ZERO_1, 4},   {AT_ZERO_2, 21},
        {AT_ZERO_3, 1},     {AT_ZERO_4, 1},       {AT_ZERO_5, 152}, {AT_R + 48, 24},
        {AT_S + 48, 24},    {AT_ZERO_6, 368},
    };
    size_t bits = 0;

    (void)state;
    for (uint32_t v = 2; v <= 5; v++) {
        const struct zeros before[] = {{AT_CPU, v < 3 ? 3 : 0},
                                       {AT_LAUNCH_MIT, v < 5 ? 16 : 0}};

        for (size_t i = 0; i < sizeof always / sizeof *always + 2; i++) {
            const size_t fixed = sizeof always / sizeof *always;
            const struct zeros z = i < fixed ? always[i] : before[i - fixed];

            for (size_t bit = 0; bit < 8 * z.n; bit++) {
                expect_mbz(v, z.at + bit / 8, bit % 8);
                bits++;
            }
        }
        for (size_t bit = 2; bit < 8; bit++, bits++) {
            expect_mbz(v, AT_POLICY + 3, bit);
        }
        for (size_t bit = 5; bit < 8; bit++, bits++) {
            expect_mbz(v, AT_KEY_INFO, bit);
        }
    }
    print_message("%zu bits that must be zero\n", bits);
}

static void enumerations_are_closed(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    for (unsigned k = 0; k < 8; k++) {
        snp_kit_report(3, SNP_LINE_MILAN, raw);
        raw[AT_KEY_INFO] = (uint8_t)(k << 2 | 1U);
        assert_int_equal(parse(raw), k < 2 ? ATTEST_OK : ATTEST_REPORT_SIGNER);
    }
    for (unsigned a = 0; a < 256; a++) {
        snp_kit_report(3, SNP_LINE_MILAN, raw);
        raw[AT_ALGO] = (uint8_t)a;
        assert_int_equal(parse(raw), a == 1 ? ATTEST_OK : ATTEST_REPORT_ALGORITHM);
        raw[AT_ALGO] = 1;
        raw[AT_VMPL] = (uint8_t)a;
        assert_int_equal(parse(raw), a < 4 ? ATTEST_OK : ATTEST_REPORT_VMPL);
    }
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    memset(raw + AT_VMPL, 0xff, 4);
    assert_int_equal(parse(raw), ATTEST_OK);
    raw[AT_POLICY + 2] = 0;
    assert_int_equal(parse(raw), ATTEST_REPORT_POLICY);
}

static void author_digest_needs_its_bit(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    raw[AT_KEY_INFO] = 0;
    assert_int_equal(parse(raw), ATTEST_REPORT_AUTHOR);
    memset(raw + AT_AUTHOR_KEY, 0, SNP_KEY_DIGEST_LEN);
    assert_int_equal(parse(raw), ATTEST_OK);
}

static void lines_are_by_cpu(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_report r;
    size_t known = 0;

    (void)state;
    snp_kit_report(3, SNP_LINE_MILAN, raw);
    for (unsigned cpu = 0; cpu < 65536; cpu++) {
        const enum snp_line line = snp_line_of_cpu((uint8_t)(cpu >> 8), (uint8_t)cpu);

        known += line != SNP_LINE_NONE ? 1 : 0;
        if (cpu >> 8 == 0x19 || cpu >> 8 == 0x1a) {
            raw[AT_CPU] = (uint8_t)(cpu >> 8);
            raw[AT_CPU + 1] = (uint8_t)cpu;
            assert_int_equal(parse_n(raw, sizeof raw, &r),
                             line != SNP_LINE_NONE ? ATTEST_OK : ATTEST_REPORT_LINE);
            assert_int_equal(r.line, line);
        }
    }
    /* those that are played by software have one model each */
    assert_int_equal(known, 16 + 32 + 18 + (SNP_LINE_COUNT - 1 - SNP_LINE_TURIN));
    assert_int_equal(snp_line_of_cpu(0x19, 0x0f), SNP_LINE_MILAN);
    assert_int_equal(snp_line_of_cpu(0x19, 0x10), SNP_LINE_GENOA);
    assert_int_equal(snp_line_of_cpu(0x19, 0xa0), SNP_LINE_GENOA);
    assert_int_equal(snp_line_of_cpu(0x1a, 0x11), SNP_LINE_TURIN);
    assert_int_equal(snp_line_of_cpu(0x1a, 0x50), SNP_LINE_NONE); /* Venice */
    assert_string_equal(snp_line_name(SNP_LINE_TURIN), "Turin");
    assert_string_equal(snp_line_name(SNP_LINE_NONE), "");
    assert_string_equal(snp_line_name(SNP_LINE_COUNT), "");
}

static void a_layout_is_that_of_the_line(void **state)
{
    (void)state;
    for (int line = SNP_LINE_NONE; line < SNP_LINE_COUNT; line++) {
        const int played = line > SNP_LINE_TURIN ? line - SNP_LINE_TURIN : line;

        assert_int_equal(snp_line_layout((enum snp_line)line), played);
    }
    assert_int_equal(snp_line_layout(SNP_LINE_COUNT), SNP_LINE_COUNT);
}

static enum attest_fault check_line(const uint8_t raw[SNP_REPORT_LEN], enum snp_line line)
{
    struct snp_report r;

    assert_int_equal(parse_n(raw, SNP_REPORT_LEN, &r), ATTEST_OK);
    return snp_report_check_line(&r, line);
}

static void line_is_that_of_the_report(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line++) {
        snp_kit_report(5, (enum snp_line)line, raw);
        for (int other = SNP_LINE_NONE; other <= SNP_LINE_COUNT; other++) {
            assert_int_equal(check_line(raw, (enum snp_line)other),
                             line == other ? ATTEST_OK : ATTEST_REPORT_LINE);
        }
    }
    snp_kit_report(2, SNP_LINE_MILAN, raw);
    assert_int_equal(check_line(raw, SNP_LINE_GENOA), ATTEST_OK);
    assert_int_equal(check_line(raw, SNP_LINE_NONE), ATTEST_REPORT_LINE);
    assert_int_equal(check_line(raw, SNP_LINE_COUNT), ATTEST_REPORT_LINE);
}

static void unused_tcb_bytes_are_zero(void **state)
{
    static const size_t tcbs[] = {AT_CURRENT_TCB, AT_REPORTED_TCB, AT_COMMITTED_TCB,
                                  AT_LAUNCH_TCB};
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    for (int line = SNP_LINE_MILAN; line <= SNP_LINE_TURIN; line++) {
        for (size_t i = 0; i < 32; i++) {
            const size_t byte = i % SNP_TCB_LEN;
            const bool unused =
                line == SNP_LINE_TURIN ? byte >= 4 && byte <= 6 : byte >= 2 && byte <= 5;

            snp_kit_report(5, (enum snp_line)line, raw);
            raw[tcbs[i / SNP_TCB_LEN] + byte] ^= 0x80;
            assert_int_equal(check_line(raw, (enum snp_line)line),
                             unused ? ATTEST_REPORT_TCB : ATTEST_OK);
        }
    }
}

static void tcb_layouts_differ(void **state)
{
    static const uint8_t raw[SNP_TCB_LEN] = {1, 2, 0, 0, 0, 0, 7, 8};
    static const uint8_t turin[SNP_TCB_LEN] = {1, 2, 3, 4, 0, 0, 0, 8};
    struct snp_tcb t;

    (void)state;
    assert_int_equal(snp_tcb_decode(raw, SNP_LINE_GENOA, &t), ATTEST_OK);
    assert_true(snp_tcb_equal(&t, &(struct snp_tcb){0, 1, 2, 7, 8}));
    assert_int_equal(snp_tcb_decode(turin, SNP_LINE_TURIN, &t), ATTEST_OK);
    assert_true(snp_tcb_equal(&t, &(struct snp_tcb){1, 2, 3, 4, 8}));
    assert_int_equal(snp_tcb_decode(turin, SNP_LINE_MILAN, &t), ATTEST_REPORT_TCB);
    assert_int_equal(snp_tcb_decode(raw, SNP_LINE_TURIN, &t), ATTEST_REPORT_TCB);
}

/* A microcode that is newer does not make up for anything. */
static void tcbs_compare_part_by_part(void **state)
{
    const struct snp_tcb floor = {1, 2, 3, 4, 5};
    struct snp_tcb t = floor;
    uint8_t *const parts[] = {&t.fmc, &t.bootloader, &t.tee, &t.snp, &t.microcode};

    (void)state;
    assert_true(snp_tcb_at_least(&t, &floor));
    for (size_t i = 0; i < 5; i++) {
        t = (struct snp_tcb){200, 200, 200, 200, 200};
        assert_true(snp_tcb_at_least(&t, &floor));
        assert_false(snp_tcb_equal(&t, &floor));
        assert_false(snp_tcb_equal(&floor, &t));
        *parts[i] = (uint8_t)i;
        assert_false(snp_tcb_at_least(&t, &floor));
    }
}

static void chip_ids_fit_line_and_mask(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];

    (void)state;
    snp_kit_report(5, SNP_LINE_TURIN, raw);
    raw[AT_CHIP_ID + 8] = 1;
    assert_int_equal(check_line(raw, SNP_LINE_TURIN), ATTEST_REPORT_CHIP_ID);
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    raw[AT_KEY_INFO] |= 2;
    assert_int_equal(check_line(raw, SNP_LINE_MILAN), ATTEST_REPORT_CHIP_ID);
    memset(raw + AT_CHIP_ID, 0, SNP_CHIP_ID_LEN);
    assert_int_equal(check_line(raw, SNP_LINE_MILAN), ATTEST_OK);
    raw[AT_KEY_INFO] = 1;
    assert_int_equal(check_line(raw, SNP_LINE_MILAN), ATTEST_REPORT_CHIP_ID);
    raw[AT_KEY_INFO] = 1 | SNP_SIGNER_VLEK << 2;
    assert_int_equal(check_line(raw, SNP_LINE_MILAN), ATTEST_OK);
}

static void signature_is_over_the_bytes(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    uint8_t off_curve[P384_PUBLIC_LEN];
    struct snp_report r;

    (void)state;
    for (uint32_t v = 2; v <= 5; v++) {
        snp_kit_report(v, SNP_LINE_MILAN, raw);
        snp_kit_sign(&vek, raw);
        assert_int_equal(parse_n(raw, sizeof raw, &r), ATTEST_OK);
        assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_OK);
    }
    memcpy(off_curve, vek.key.public_key, sizeof off_curve);
    off_curve[50] ^= 1;
    assert_int_equal(snp_report_verify(&r, off_curve), ATTEST_REPORT_KEY);
    off_curve[0] = 2;
    assert_int_equal(snp_report_verify(&r, off_curve), ATTEST_REPORT_KEY);
    r.raw[AT_R] ^= 1;
    assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_REPORT_SIGNATURE);
    r.raw[AT_R] ^= 1;
    memset(r.raw + AT_S, 0, 48);
    assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_REPORT_SIGNATURE);
    memset(r.raw + AT_R, 0, 48);
    assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_REPORT_SIGNATURE);
    memset(r.raw + AT_R, 0xff, 48);
    memset(r.raw + AT_S, 0xff, 48);
    assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_REPORT_SIGNATURE);
}

/* All 5,376 bits that are signed, without the parser, which refuses some of them before. */
static void every_flipped_bit_is_refused(void **state)
{
    uint8_t raw[SNP_REPORT_LEN];
    struct snp_report r;

    (void)state;
    snp_kit_report(5, SNP_LINE_MILAN, raw);
    snp_kit_sign(&vek, raw);
    assert_int_equal(parse_n(raw, sizeof raw, &r), ATTEST_OK);
    for (size_t bit = 0; bit < (size_t)8 * SNP_REPORT_SIGNED_LEN; bit++) {
        r.raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_REPORT_SIGNATURE);
        r.raw[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    assert_int_equal(snp_report_verify(&r, vek.key.public_key), ATTEST_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fields_are_read),
        cmocka_unit_test(tcbs_are_told_apart),
        cmocka_unit_test(lengths_are_exact),
        cmocka_unit_test(versions_are_2_to_5),
        cmocka_unit_test(every_mbz_bit_is_refused),
        cmocka_unit_test(enumerations_are_closed),
        cmocka_unit_test(author_digest_needs_its_bit),
        cmocka_unit_test(lines_are_by_cpu),
        cmocka_unit_test(a_layout_is_that_of_the_line),
        cmocka_unit_test(line_is_that_of_the_report),
        cmocka_unit_test(unused_tcb_bytes_are_zero),
        cmocka_unit_test(tcb_layouts_differ),
        cmocka_unit_test(tcbs_compare_part_by_part),
        cmocka_unit_test(chip_ids_fit_line_and_mask),
        cmocka_unit_test(signature_is_over_the_bytes),
        cmocka_unit_test(every_flipped_bit_is_refused),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
