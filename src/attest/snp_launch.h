/* snp_launch.h - the launch digest of an SEV-SNP guest, MEASUREMENT of its reports: computed of
 * what it is started with, as the firmware of the processor does (AMD publication 56860, 8.17)
 * and in the order in which QEMU hands it over. */
#ifndef ATTEST_SNP_LAUNCH_H
#define ATTEST_SNP_LAUNCH_H

#include "attest/ovmf.h"
#include "attest/snp_report.h"
#include "crypto/hash.h"

#define SNP_LAUNCH_VCPUS_MAX 512
#define SNP_LAUNCH_HASH_LEN 32

/* Bits of SEV_FEATURES. */
#define SNP_FEATURE_SNP_ACTIVE (UINT64_C(1) << 0)
#define SNP_FEATURE_SECURE_TSC (UINT64_C(1) << 9)

struct snp_launch {
    struct view firmware;           /* OVMF, whole */
    const uint8_t *firmware_digest; /* SNP_MEASUREMENT_LEN bytes: snp_launch_firmware() of the
                                     * whole, where firmware is its last pages; else NULL */
    bool has_kernel;                /* started with -kernel: the next three are measured */
    uint8_t kernel[SNP_LAUNCH_HASH_LEN];       /* SHA-256 of the file */
    uint8_t initrd[SNP_LAUNCH_HASH_LEN];       /* of the file; of nothing where there is none */
    uint8_t command_line[SNP_LAUNCH_HASH_LEN]; /* with a zero byte at its end */
    uint32_t vcpus;
    uint32_t cpu_signature; /* CPUID 1.EAX: snp_launch_cpu() */
    uint64_t features;      /* SEV_FEATURES of each vCPU, SNP_FEATURE_SNP_ACTIVE among them */
};

/* Computes the digest. out is zero on failure.
 *
 * As ovmf_parse(). ATTEST_LAUNCH_VCPUS: none, or over SNP_LAUNCH_VCPUS_MAX.
 * ATTEST_LAUNCH_FEATURES: SNP is not active. ATTEST_LAUNCH_KERNEL: there is a kernel, and the
 * firmware has no place for hashes: it would run it unmeasured. */
MUST_CHECK enum attest_fault snp_launch_digest(const struct snp_launch *l,
                                               uint8_t out[SNP_MEASUREMENT_LEN]);

/* The digest after the pages of the firmware alone. As ovmf_parse(); out is zero then. */
MUST_CHECK enum attest_fault snp_launch_firmware(struct view firmware,
                                                 uint8_t out[SNP_MEASUREMENT_LEN]);

/* One measured page, and one processor that starts where a guest does, over the digest so far:
 * of these two a digest is made where there is no firmware (snp_manifest.h). Of l the signature
 * and the features count. */
void snp_launch_add_page(uint8_t ld[SNP_MEASUREMENT_LEN], uint64_t gpa,
                         const uint8_t page[OVMF_PAGE_LEN]);
void snp_launch_add_vcpu(uint8_t ld[SNP_MEASUREMENT_LEN], const struct snp_launch *l);

/* CPUID 1.EAX of a processor, as QEMU's types name it: EPYC is 23, 1, 2; EPYC-Rome 23, 49, 0;
 * EPYC-Milan 25, 1, 1; EPYC-Genoa 25, 17, 0. */
uint32_t snp_launch_cpu(uint32_t family, uint32_t model, uint32_t stepping);

#endif
