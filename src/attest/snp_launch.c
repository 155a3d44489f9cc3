#include "attest/snp_launch.h"

#include <string.h>

#define PAGE_INFO_LEN 112
#define VMSA_GPA UINT64_C(0xfffffffff000)
#define FIRST_EIP 0xfffffff0U
#define HASH_TABLE_LEN 176 /* 168, to a multiple of 16 */
#define GUID_LEN 16

/* PAGE_TYPE, AMD 56860 table 67 */
enum page_type {
    PAGE_NORMAL = 1,
    PAGE_VMSA = 2,
    PAGE_ZERO = 3,
    PAGE_SECRETS = 5,
    PAGE_CPUID = 6,
};

/* One page: PAGE_INFO over the digest so far. page: OVMF_PAGE_LEN bytes; NULL: not measured. */
static void add_page(uint8_t ld[SNP_MEASUREMENT_LEN], enum page_type type, uint64_t gpa,
                     const uint8_t *page)
{
    uint8_t info[PAGE_INFO_LEN];
    uint8_t contents[SNP_MEASUREMENT_LEN] = {0};
    struct writer w = wr_init(info, sizeof info);

    if (page) {
        hash_once(HASH_SHA384, (struct view){page, OVMF_PAGE_LEN}, contents);
    }
    wr_bytes(&w, ld, SNP_MEASUREMENT_LEN);
    wr_bytes(&w, contents, sizeof contents);
    wr_u16le(&w, PAGE_INFO_LEN);
    wr_u8(&w, (uint8_t)type);
    wr_u8(&w, 0);    /* no image of a migration agent */
    wr_u32le(&w, 0); /* no permissions of VMPL 3, 2, 1 */
    wr_u64le(&w, gpa);
    hash_once(HASH_SHA384, (struct view){info, sizeof info}, ld);
}

static void add_pages(uint8_t ld[SNP_MEASUREMENT_LEN], enum page_type type,
                      const struct ovmf_section *s)
{
    for (uint32_t at = 0; at < s->len; at += OVMF_PAGE_LEN) {
        add_page(ld, type, (uint64_t)s->gpa + at, NULL);
    }
}

static void add_firmware(uint8_t ld[SNP_MEASUREMENT_LEN], const struct ovmf *o)
{
    struct reader r = rd_init(o->image);
    struct view page;

    for (uint64_t gpa = o->gpa; rd_take(&r, OVMF_PAGE_LEN, &page) == ERR_OK;
         gpa += OVMF_PAGE_LEN) {
        add_page(ld, PAGE_NORMAL, gpa, page.p);
    }
}

/* ---- kernel, initrd and command line ---- */

static void write_hash(struct writer *w, const uint8_t guid[GUID_LEN],
                       const uint8_t hash[SNP_LAUNCH_HASH_LEN])
{
    wr_bytes(w, guid, GUID_LEN);
    wr_u16le(w, GUID_LEN + 2 + SNP_LAUNCH_HASH_LEN);
    wr_bytes(w, hash, SNP_LAUNCH_HASH_LEN);
}

/* The page with the table of hashes, as QEMU makes it (target/i386/sev.c). */
static void make_hash_page(const struct snp_launch *l, size_t at, uint8_t page[OVMF_PAGE_LEN])
{
    static const uint8_t guid_table[GUID_LEN] = {0x06, 0xd6, 0x38, 0x94, 0x22, 0x4f,
                                                 0xc9, 0x4c, 0xb4, 0x79, 0xa7, 0x93,
                                                 0xd4, 0x11, 0xfd, 0x21};
    static const uint8_t guid_line[GUID_LEN] = {0xd8, 0x2d, 0xd0, 0x97, 0x20, 0xbd, 0x94, 0x4c,
                                                0xaa, 0x78, 0xe7, 0x71, 0x4d, 0x36, 0xab, 0x2a};
    static const uint8_t guid_initrd[GUID_LEN] = {0x31, 0xf7, 0xba, 0x44, 0x2f, 0x3a,
                                                  0xd7, 0x4b, 0x9a, 0xf1, 0x41, 0xe2,
                                                  0x91, 0x69, 0x78, 0x1d};
    static const uint8_t guid_kernel[GUID_LEN] = {0x37, 0x94, 0xe7, 0x4d, 0xd2, 0xab,
                                                  0x7f, 0x42, 0xb8, 0x35, 0xd5, 0xb1,
                                                  0x72, 0xd2, 0x04, 0x5b};
    static const uint8_t zeros[OVMF_PAGE_LEN];
    struct writer w = wr_init(page, OVMF_PAGE_LEN);

    memset(page, 0, OVMF_PAGE_LEN);
    wr_bytes(&w, zeros, at);
    wr_bytes(&w, guid_table, GUID_LEN);
    wr_u16le(&w, GUID_LEN + 2 + 3 * (GUID_LEN + 2 + SNP_LAUNCH_HASH_LEN));
    write_hash(&w, guid_line, l->command_line);
    write_hash(&w, guid_initrd, l->initrd);
    write_hash(&w, guid_kernel, l->kernel);
}

static bool kernel_has_its_place(const struct ovmf *o)
{
    size_t n = 0;

    for (size_t i = 0; i < o->n_sections; i++) {
        n += o->sections[i].type == OVMF_KERNEL_HASHES ? 1 : 0;
    }
    return n == 1 && o->has_hash_table &&
           o->hash_table_gpa % OVMF_PAGE_LEN <= OVMF_PAGE_LEN - HASH_TABLE_LEN;
}

static void add_section(uint8_t ld[SNP_MEASUREMENT_LEN], const struct snp_launch *l,
                        const struct ovmf *o, const struct ovmf_section *s)
{
    uint8_t page[OVMF_PAGE_LEN];

    switch (s->type) {
    case OVMF_SNP_SEC_MEM:
    case OVMF_SVSM_CAA:
        add_pages(ld, PAGE_ZERO, s);
        return;
    case OVMF_SNP_SECRETS:
        add_page(ld, PAGE_SECRETS, s->gpa, NULL);
        return;
    case OVMF_CPUID:
        add_page(ld, PAGE_CPUID, s->gpa, NULL);
        return;
    case OVMF_KERNEL_HASHES:
        if (!l->has_kernel) {
            add_pages(ld, PAGE_ZERO, s);
            return;
        }
        make_hash_page(l, o->hash_table_gpa % OVMF_PAGE_LEN, page);
        add_page(ld, PAGE_NORMAL, s->gpa, page);
        return;
    }
}

/* ---- processors ---- */

static void put_u32(uint8_t vmsa[OVMF_PAGE_LEN], size_t at, uint32_t v)
{
    struct writer w = wr_init(vmsa + at, sizeof v);

    wr_u32le(&w, v);
}

static void put_u64(uint8_t vmsa[OVMF_PAGE_LEN], size_t at, uint64_t v)
{
    struct writer w = wr_init(vmsa + at, sizeof v);

    wr_u64le(&w, v);
}

/* Selector, attributes, limit 0xffff, base. */
static void put_segment(uint8_t vmsa[OVMF_PAGE_LEN], size_t at, uint16_t selector,
                        uint16_t attributes, uint64_t base)
{
    put_u32(vmsa, at, (uint32_t)attributes << 16 | selector);
    put_u32(vmsa, at + 4, 0xffff);
    put_u64(vmsa, at + 8, base);
}

/* The save area of a processor after a reset, as KVM fills it for QEMU (AMD 24593, table B-4).
 */
static void make_vmsa(uint32_t eip, const struct snp_launch *l, uint8_t vmsa[OVMF_PAGE_LEN])
{
    static const uint8_t data_segments[] = {0x00, 0x20, 0x30, 0x40, 0x50}; /* ES SS DS FS GS */

    memset(vmsa, 0, OVMF_PAGE_LEN);
    for (size_t i = 0; i < sizeof data_segments; i++) {
        put_segment(vmsa, data_segments[i], 0, 0x93, 0);
    }
    put_segment(vmsa, 0x10, 0xf000, 0x9b, eip & 0xffff0000U); /* CS */
    put_segment(vmsa, 0x60, 0, 0, 0);                         /* GDTR */
    put_segment(vmsa, 0x70, 0, 0x82, 0);                      /* LDTR */
    put_segment(vmsa, 0x80, 0, 0, 0);                         /* IDTR */
    put_segment(vmsa, 0x90, 0, 0x8b, 0);                      /* TR */
    put_u64(vmsa, 0x0d0, 0x1000);                             /* EFER: SVME */
    put_u64(vmsa, 0x148, 0x40);                               /* CR4: MCE */
    put_u64(vmsa, 0x158, 0x10);                               /* CR0: ET */
    put_u64(vmsa, 0x160, 0x400);                              /* DR7 */
    put_u64(vmsa, 0x168, 0xffff0ff0U);                        /* DR6 */
    put_u64(vmsa, 0x170, 0x2);                                /* RFLAGS */
    put_u64(vmsa, 0x178, eip & 0xffffU);                      /* RIP */
    put_u64(vmsa, 0x268, UINT64_C(0x7040600070406));          /* G_PAT */
    put_u64(vmsa, 0x310, l->cpu_signature);                   /* RDX */
    put_u64(vmsa, 0x3b0, l->features);                        /* SEV_FEATURES */
    put_u64(vmsa, 0x3e8, 0x1);                                /* XCR0 */
    put_u32(vmsa, 0x408, 0x1f80);                             /* MXCSR */
    put_u32(vmsa, 0x410, 0x37f);                              /* X87_FCW */
}

static enum attest_fault measure(const struct snp_launch *l, uint8_t ld[SNP_MEASUREMENT_LEN])
{
    uint8_t vmsa[OVMF_PAGE_LEN];
    struct ovmf o;

    ATTEST_TRY(ovmf_parse(l->firmware, &o));
    if (l->vcpus == 0 || l->vcpus > SNP_LAUNCH_VCPUS_MAX) {
        return ATTEST_LAUNCH_VCPUS;
    }
    if ((l->features & SNP_FEATURE_SNP_ACTIVE) == 0) {
        return ATTEST_LAUNCH_FEATURES;
    }
    if (l->has_kernel && !kernel_has_its_place(&o)) {
        return ATTEST_LAUNCH_KERNEL;
    }
    if (l->firmware_digest) {
        memcpy(ld, l->firmware_digest, SNP_MEASUREMENT_LEN);
    } else {
        add_firmware(ld, &o);
    }
    for (size_t i = 0; i < o.n_sections; i++) {
        add_section(ld, l, &o, &o.sections[i]);
    }
    make_vmsa(FIRST_EIP, l, vmsa);
    for (uint32_t i = 0; i < l->vcpus; i++) {
        if (i == 1) {
            make_vmsa(o.reset_eip, l, vmsa);
        }
        add_page(ld, PAGE_VMSA, VMSA_GPA, vmsa);
    }
    return ATTEST_OK;
}

enum attest_fault snp_launch_digest(const struct snp_launch *l,
                                    uint8_t out[SNP_MEASUREMENT_LEN])
{
    uint8_t ld[SNP_MEASUREMENT_LEN] = {0};
    const enum attest_fault f = measure(l, ld);

    memset(out, 0, SNP_MEASUREMENT_LEN);
    if (f == ATTEST_OK) {
        memcpy(out, ld, SNP_MEASUREMENT_LEN);
    }
    return f;
}

enum attest_fault snp_launch_firmware(struct view firmware, uint8_t out[SNP_MEASUREMENT_LEN])
{
    struct ovmf o;

    memset(out, 0, SNP_MEASUREMENT_LEN);
    ATTEST_TRY(ovmf_parse(firmware, &o));
    add_firmware(out, &o);
    return ATTEST_OK;
}

void snp_launch_add_page(uint8_t ld[SNP_MEASUREMENT_LEN], uint64_t gpa,
                         const uint8_t page[OVMF_PAGE_LEN])
{
    add_page(ld, PAGE_NORMAL, gpa, page);
}

void snp_launch_add_vcpu(uint8_t ld[SNP_MEASUREMENT_LEN], const struct snp_launch *l)
{
    uint8_t vmsa[OVMF_PAGE_LEN];

    make_vmsa(FIRST_EIP, l, vmsa);
    add_page(ld, PAGE_VMSA, VMSA_GPA, vmsa);
}

/* AMD 24594, CPUID Fn0000_0001_EAX */
uint32_t snp_launch_cpu(uint32_t family, uint32_t model, uint32_t stepping)
{
    const uint32_t base = family > 0xf ? 0xf : family;

    return ((family - base) & 0xff) << 20 | (model >> 4 & 0xf) << 16 | base << 8 |
           (model & 0xf) << 4 | (stepping & 0xf);
}
