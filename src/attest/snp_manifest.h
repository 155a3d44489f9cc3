/* snp_manifest.h - the launch digest of a simulated guest: programs in the place of firmware,
 * page by page, by the algorithm of snp_launch.h. One changed byte of one of them changes it.
 *
 * Page by page from address 0 upwards, of each file: its bytes, the last page filled up with
 * zeros, then a page of its own with the length (8 bytes, least first) and the name. Then one
 * processor. docs/adr/0042. */
#ifndef ATTEST_SNP_MANIFEST_H
#define ATTEST_SNP_MANIFEST_H

#include "attest/snp_launch.h"

#define SNP_MANIFEST_FILES 3

/* The programs of a node, in the order in which they are measured. */
extern const char *const snp_manifest_files[SNP_MANIFEST_FILES];

struct snp_manifest {
    uint8_t ld[SNP_MEASUREMENT_LEN];
    uint64_t gpa;
    uint8_t page[OVMF_PAGE_LEN]; /* fill bytes of it are there */
    size_t fill;
    uint64_t file_len;
};

void snp_manifest_init(struct snp_manifest *m);

/* Bytes of the file under way. */
void snp_manifest_add(struct snp_manifest *m, const void *p, size_t n);

/* It ends here. name: at most OVMF_PAGE_LEN - 8 bytes of it count. */
void snp_manifest_end_file(struct snp_manifest *m, const char *name);

/* After the last. */
void snp_manifest_final(struct snp_manifest *m, uint8_t out[SNP_MEASUREMENT_LEN]);

#endif
