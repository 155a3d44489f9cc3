/* Firmware images made here, what is read of them, and on what the digest depends. Digests that
 * others computed are in vectors/attest/snp_launch. */
#include "testing.h"

#include "attest/snp_launch.h"

#include <string.h>

#define IMAGE_LEN 8192
#define RESET_EIP 0x0080b004U

struct section {
    uint32_t gpa, len, type;
};

struct image {
    struct section sections[OVMF_SECTIONS_MAX + 1];
    uint32_t n, n_said;
    uint32_t version;
    const char *magic;
    uint32_t hash_table_gpa; /* 0: none */
    bool no_reset, no_metadata, short_metadata, no_footer;
    unsigned more; /* entries of nobody */
};

static uint8_t bytes[IMAGE_LEN];

/* Writes backwards from `end`: what it is of, then its length and GUID. */
static size_t put_entry(size_t end, const char *guid, const void *data, size_t n)
{
    struct writer w = wr_init(bytes + end - 18, 18);

    wr_u16le(&w, (uint16_t)(18 + n));
    wr_bytes(&w, guid, 16);
    if (n > 0) {
        memcpy(bytes + end - 18 - n, data, n);
    }
    return end - 18 - n;
}

static struct image fresh(void)
{
    return (struct image){.sections = {{0x800000, 0x9000, 1},
                                       {0x80a000, 0x1000, 2},
                                       {0x80b000, 0x1000, 3},
                                       {0x810000, 0x2000, 0x10},
                                       {0x820000, 0x1000, 4}},
                          .n = 5,
                          .n_said = 5,
                          .version = 1,
                          .magic = "ASEV",
                          .hash_table_gpa = 0x810c00};
}

static struct view build(const struct image *m)
{
    const uint32_t eip = RESET_EIP;
    const uint32_t table[2] = {m->hash_table_gpa, 0x400};
    const uint32_t offset = 4096;
    struct writer w = wr_init(bytes + IMAGE_LEN - 4096, 1024);
    size_t end = IMAGE_LEN - 32 - 18;

    for (size_t i = 0; i < IMAGE_LEN; i++) {
        bytes[i] = (uint8_t)(i * 7);
    }
    wr_bytes(&w, m->magic, 4);
    wr_u32le(&w, 16 + 12 * m->n_said);
    wr_u32le(&w, m->version);
    wr_u32le(&w, m->n_said);
    for (uint32_t i = 0; i < m->n; i++) {
        wr_u32le(&w, m->sections[i].gpa);
        wr_u32le(&w, m->sections[i].len);
        wr_u32le(&w, m->sections[i].type);
    }
    assert_false(w.full);
    if (m->hash_table_gpa != 0) {
        end = put_entry(end, "\x1f\x37\x55\x72\x3b\x3a\x04\x4b\x92\x7b\x1d\xa6\xef\xa8\xd4\x54",
                        table, sizeof table);
    }
    if (!m->no_reset) {
        end = put_entry(end, "\xde\x71\xf7\x00\x7e\x1a\xcb\x4f\x89\x0e\x68\xc7\x7e\x2f\xb4\x4e",
                        &eip, sizeof eip);
    }
    if (!m->no_metadata) {
        end = put_entry(end, "\x66\x65\x88\xdc\x4a\x98\x98\x47\xa7\x5e\x55\x85\xa7\xbf\x67\xcc",
                        &offset, m->short_metadata ? 3 : sizeof offset);
    }
    for (unsigned i = 0; i < m->more; i++) {
        end = put_entry(end, "nobody's own id.", "x", 1);
    }
    const size_t len = IMAGE_LEN - 32 - end;
    struct writer f = wr_init(bytes + IMAGE_LEN - 32 - 18, 18);

    wr_u16le(&f, (uint16_t)len);
    wr_bytes(&f,
             m->no_footer ? "0123456789abcdef"
                          : "\xde\x82\xb5\x96\xb2\x1f\xf7\x45\xba\xea\xa3\x66\xc5\x5a\x08\x2d",
             16);
    return (struct view){bytes, IMAGE_LEN};
}

static enum attest_fault parse(const struct image *m)
{
    struct ovmf o;
    const enum attest_fault f = ovmf_parse(build(m), &o);

    assert_true(f == ATTEST_OK || (o.image.n == 0 && o.n_sections == 0 && o.gpa == 0));
    return f;
}

static void images_are_read(void **state)
{
    struct image m = fresh();
    struct ovmf o;

    (void)state;
    m.more = 3;
    assert_int_equal(ovmf_parse(build(&m), &o), ATTEST_OK);
    assert_true(o.gpa == UINT64_C(0xffffe000) && o.image.n == IMAGE_LEN);
    assert_true(o.has_hash_table && o.hash_table_gpa == 0x810c00);
    assert_int_equal(o.reset_eip, RESET_EIP);
    assert_int_equal(o.n_sections, 5);
    for (uint32_t i = 0; i < m.n; i++) {
        assert_true(o.sections[i].gpa == m.sections[i].gpa &&
                    o.sections[i].len == m.sections[i].len &&
                    (uint32_t)o.sections[i].type == m.sections[i].type);
    }
}

static void odd_images_are_refused(void **state)
{
    struct image m = fresh();
    struct ovmf o;

    (void)state;
    build(&m);
    for (size_t n = 0; n < IMAGE_LEN; n += 1024) {
        if (n % OVMF_PAGE_LEN != 0 || n == 0) {
            assert_int_equal(ovmf_parse((struct view){bytes + IMAGE_LEN - n, n}, &o),
                             ATTEST_FIRMWARE_SIZE);
        }
    }
    assert_int_equal(
        ovmf_parse((struct view){bytes, OVMF_IMAGE_MAX + (size_t)OVMF_PAGE_LEN}, &o),
        ATTEST_FIRMWARE_SIZE);
    assert_int_equal(ovmf_parse((struct view){bytes + OVMF_PAGE_LEN, OVMF_PAGE_LEN}, &o),
                     ATTEST_OK);
    m.no_footer = true;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_TABLE);
    m = fresh();
    m.no_reset = true;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_TABLE);
    m = fresh();
    m.more = OVMF_TABLE_MAX - 3;
    assert_int_equal(parse(&m), ATTEST_OK);
    m.more++;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_TABLE);
    m = fresh();
    m.no_metadata = true;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_METADATA);
    m = fresh();
    m.short_metadata = true;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_TABLE);
    m = fresh();
    m.magic = "ASEX";
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_METADATA);
    m = fresh();
    m.version = 2;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_METADATA);
    m = fresh();
    m.n_said = OVMF_SECTIONS_MAX + 1;
    for (uint32_t i = 0; i < m.n_said; i++) {
        m.sections[i] = m.sections[0];
    }
    m.n = m.n_said;
    assert_int_equal(parse(&m), ATTEST_FIRMWARE_METADATA);
    m.n_said--;
    assert_int_equal(parse(&m), ATTEST_OK);
}

static void odd_sections_are_refused(void **state)
{
    static const struct section bad[] = {
        {0x800000, 0x1000, 0},          {0x800000, 0x1000, 5}, {0x800001, 0x1000, 1},
        {0x800000, 0x1001, 1},          {0x800000, 0, 1},      {0x800000, 0x1001000, 1},
        {0x800000, 0x1000, 0x10000001},
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct image m = fresh();

        m.sections[2] = bad[i];
        assert_int_equal(parse(&m), ATTEST_FIRMWARE_METADATA);
    }
    struct image m = fresh();

    m.sections[2].len = 0x1000000;
    assert_int_equal(parse(&m), ATTEST_OK);
}

/* Lengths in the table that lead out of it. */
static void table_lengths_are_held(void **state)
{
    const size_t footer = IMAGE_LEN - 32 - 18;
    const size_t first = footer - 18; /* the entry before it */
    const struct image m = fresh();
    struct ovmf o;

    (void)state;
    for (unsigned len = 0; len < 18; len++) {
        for (size_t at = first; at <= footer; at += 18) {
            build(&m);
            bytes[at] = (uint8_t)len;
            bytes[at + 1] = 0;
            assert_int_equal(ovmf_parse((struct view){bytes, IMAGE_LEN}, &o),
                             ATTEST_FIRMWARE_TABLE);
        }
    }
    build(&m);
    bytes[footer + 1] = 0xff;
    assert_int_equal(ovmf_parse((struct view){bytes, IMAGE_LEN}, &o), ATTEST_FIRMWARE_TABLE);
    build(&m);
    bytes[first] = 18 + 3; /* too short to hold an address: 4 bytes become 3 */
    assert_int_equal(ovmf_parse((struct view){bytes, IMAGE_LEN}, &o), ATTEST_FIRMWARE_TABLE);
    for (size_t bit = 0; bit < (size_t)8 * 512; bit++) { /* no flip reads outside */
        build(&m);
        bytes[IMAGE_LEN - 512 + bit / 8] ^= (uint8_t)(1U << bit % 8);
        assert_true(ovmf_parse((struct view){bytes, IMAGE_LEN}, &o) < ATTEST_FAULT_COUNT);
    }
}

static struct snp_launch launch(void)
{
    const struct image good = fresh();

    return (struct snp_launch){.firmware = build(&good),
                               .has_kernel = true,
                               .kernel = {1},
                               .initrd = {2},
                               .command_line = {3},
                               .vcpus = 2,
                               .cpu_signature = snp_launch_cpu(25, 17, 0),
                               .features = 1};
}

/* Each thing that a guest is started with changes the digest; what is not used does not. */
static void everything_is_measured(void **state)
{
    uint8_t seen[16][SNP_MEASUREMENT_LEN];
    size_t n = 0;

    (void)state;
    for (int change = 0; change < 11; change++) {
        struct snp_launch l = launch();

        switch (change) {
        case 1:
            bytes[100] ^= 1;
            break;
        case 2:
            l.kernel[31] ^= 1;
            break;
        case 3:
            l.initrd[31] ^= 1;
            break;
        case 4:
            l.command_line[31] ^= 1;
            break;
        case 5:
            l.vcpus++;
            break;
        case 6:
            l.cpu_signature++;
            break;
        case 7:
            l.features |= SNP_FEATURE_SECURE_TSC;
            break;
        case 8:
            l.has_kernel = false;
            break;
        case 9:
            l.vcpus = 1;
            break;
        default:
            break; /* 0 and 10: nothing */
        }
        assert_int_equal(snp_launch_digest(&l, seen[n]), ATTEST_OK);
        for (size_t i = 0; i < n && change < 10; i++) {
            assert_memory_not_equal(seen[i], seen[n], SNP_MEASUREMENT_LEN);
        }
        n++;
    }
    assert_memory_equal(seen[0], seen[10], SNP_MEASUREMENT_LEN);
    struct snp_launch l = launch();

    l.has_kernel = false;
    l.kernel[0] ^= 1;
    assert_int_equal(snp_launch_digest(&l, seen[0]), ATTEST_OK);
    assert_memory_equal(seen[0], seen[8], SNP_MEASUREMENT_LEN);
}

static void firmware_may_be_measured_before(void **state)
{
    uint8_t firmware[SNP_MEASUREMENT_LEN];
    uint8_t whole[SNP_MEASUREMENT_LEN];
    uint8_t part[SNP_MEASUREMENT_LEN];
    struct snp_launch l = launch();

    (void)state;
    assert_int_equal(snp_launch_digest(&l, whole), ATTEST_OK);
    assert_int_equal(snp_launch_firmware(l.firmware, firmware), ATTEST_OK);
    l.firmware_digest = firmware;
    l.firmware = (struct view){bytes + OVMF_PAGE_LEN, OVMF_PAGE_LEN};
    assert_int_equal(snp_launch_digest(&l, part), ATTEST_OK);
    assert_memory_equal(whole, part, sizeof part);
    assert_int_equal(snp_launch_firmware((struct view){bytes, 1}, firmware),
                     ATTEST_FIRMWARE_SIZE);
}

static enum attest_fault refused(const struct snp_launch *l)
{
    static const uint8_t zeros[SNP_MEASUREMENT_LEN];
    uint8_t out[SNP_MEASUREMENT_LEN];
    const enum attest_fault f = snp_launch_digest(l, out);

    assert_memory_equal(out, zeros, sizeof zeros);
    return f;
}

static void odd_launches_are_refused(void **state)
{
    struct snp_launch l = launch();
    struct image m = fresh();

    (void)state;
    l.vcpus = 0;
    assert_int_equal(refused(&l), ATTEST_LAUNCH_VCPUS);
    l.vcpus = SNP_LAUNCH_VCPUS_MAX + 1;
    assert_int_equal(refused(&l), ATTEST_LAUNCH_VCPUS);
    l = launch();
    l.features = 0x200;
    assert_int_equal(refused(&l), ATTEST_LAUNCH_FEATURES);
    l = launch();
    l.firmware.n--;
    assert_int_equal(refused(&l), ATTEST_FIRMWARE_SIZE);
    l = launch();
    m.hash_table_gpa = 0; /* nowhere to put hashes */
    l.firmware = build(&m);
    assert_int_equal(refused(&l), ATTEST_LAUNCH_KERNEL);
    m.hash_table_gpa = 0x810f51; /* 175 bytes to the end of the page */
    l.firmware = build(&m);
    assert_int_equal(refused(&l), ATTEST_LAUNCH_KERNEL);
    m.hash_table_gpa = 0x810f50;
    m.sections[3].type = 1;
    l.firmware = build(&m);
    assert_int_equal(refused(&l), ATTEST_LAUNCH_KERNEL);
    m.sections[3].type = 0x10;
    m.sections[4].type = 0x10;
    l.firmware = build(&m);
    assert_int_equal(refused(&l), ATTEST_LAUNCH_KERNEL);
}

static void signatures_are_those_of_cpuid(void **state)
{
    (void)state;
    assert_int_equal(snp_launch_cpu(23, 1, 2), 0x00800f12);
    assert_int_equal(snp_launch_cpu(23, 49, 0), 0x00830f10);
    assert_int_equal(snp_launch_cpu(25, 1, 1), 0x00a00f11);
    assert_int_equal(snp_launch_cpu(25, 17, 0), 0x00a10f10);
    assert_int_equal(snp_launch_cpu(6, 0, 0), 0x00000600);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(images_are_read),
        cmocka_unit_test(odd_images_are_refused),
        cmocka_unit_test(odd_sections_are_refused),
        cmocka_unit_test(table_lengths_are_held),
        cmocka_unit_test(everything_is_measured),
        cmocka_unit_test(firmware_may_be_measured_before),
        cmocka_unit_test(odd_launches_are_refused),
        cmocka_unit_test(signatures_are_those_of_cpuid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
