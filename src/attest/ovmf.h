/* ovmf.h - what OVMF tells who starts it under SEV-SNP: the GUIDed table at the end of the
 * image and the SEV metadata that it points to (edk2, OvmfPkg/ResetVector). */
#ifndef ATTEST_OVMF_H
#define ATTEST_OVMF_H

#include "attest/attest_fault.h"
#include "base/bytes.h"

#define OVMF_PAGE_LEN 4096
#define OVMF_IMAGE_MAX 16777216 /* bytes: it ends at 4 GiB, and I/O lies below */
#define OVMF_TABLE_MAX 32       /* entries of the table */
#define OVMF_SECTIONS_MAX 32
#define OVMF_SECTION_PAGES_MAX 4096

enum ovmf_section_type {
    OVMF_SNP_SEC_MEM = 1,
    OVMF_SNP_SECRETS = 2,
    OVMF_CPUID = 3,
    OVMF_SVSM_CAA = 4,
    OVMF_KERNEL_HASHES = 0x10,
};

struct ovmf_section {
    uint32_t gpa, len; /* whole pages */
    enum ovmf_section_type type;
};

struct ovmf {
    struct view image;
    uint64_t gpa;        /* of its first byte */
    bool has_hash_table; /* of kernel, initrd and command line */
    uint32_t hash_table_gpa;
    uint32_t reset_eip; /* at which processors but the first start */
    struct ovmf_section sections[OVMF_SECTIONS_MAX];
    size_t n_sections;
};

/* Reads an image, or its last pages. On failure *out is all zero.
 *
 * ATTEST_FIRMWARE_SIZE: not whole pages, none, or over OVMF_IMAGE_MAX. ATTEST_FIRMWARE_TABLE:
 * no table of that form, over OVMF_TABLE_MAX entries, or no entry where processors start.
 * ATTEST_FIRMWARE_METADATA: none, or not of that form, an unknown section, over
 * OVMF_SECTIONS_MAX of them, or one that is not of whole pages or has over
 * OVMF_SECTION_PAGES_MAX. */
MUST_CHECK enum attest_fault ovmf_parse(struct view image, struct ovmf *out);

#endif
