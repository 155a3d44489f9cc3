/* snp_report.h - ATTESTATION_REPORT of AMD SEV-SNP (AMD publication 56860, SEV-SNP firmware
 * ABI, 7.3): 1184 bytes, the first 672 of them signed. The bytes are kept, and the signature is
 * verified over them: nothing is ever written anew from the fields. */
#ifndef ATTEST_SNP_REPORT_H
#define ATTEST_SNP_REPORT_H

#include "attest/attest_fault.h"
#include "base/bytes.h"
#include "crypto/p384.h"

#define SNP_REPORT_LEN 1184
#define SNP_REPORT_SIGNED_LEN 672
#define SNP_REPORT_DATA_LEN 64
#define SNP_MEASUREMENT_LEN 48
#define SNP_HOST_DATA_LEN 32
#define SNP_KEY_DIGEST_LEN 48
#define SNP_ID_LEN 16 /* FAMILY_ID, IMAGE_ID */
#define SNP_REPORT_ID_LEN 32
#define SNP_CHIP_ID_LEN 64
#define SNP_CHIP_ID_TURIN_LEN 8 /* what a Turin uses of it; the rest is zero */
#define SNP_TCB_LEN 8
#define SNP_VMPL_HOST 0xffffffffU /* the host asked for the report, not the guest */

/* Processors that have a root of their own. Bergamo and Siena count as Genoa. */
enum snp_line {
    SNP_LINE_NONE = 0,
    SNP_LINE_MILAN,
    SNP_LINE_GENOA,
    SNP_LINE_TURIN,
#if defined(QUORATE_SIMULATED)
    SNP_LINE_SIM_MILAN, /* played by software, docs/adr/0042 */
    SNP_LINE_SIM_GENOA,
    SNP_LINE_SIM_TURIN,
#endif
    SNP_LINE_COUNT,
};

/* The CPUID family of simulated processors, whose model is 0 to 2: no real one has it. */
#define SNP_SIM_FAMILY 0xff

/* KEY_INFO.SIGNING_KEY. */
enum snp_signer {
    SNP_SIGNER_VCEK = 0, /* the chip's own key */
    SNP_SIGNER_VLEK = 1, /* one that a cloud provider loaded */
    SNP_SIGNER_NONE = 7, /* the report is not signed: refused */
};

/* Bits of POLICY. */
#define SNP_POLICY_SMT (UINT64_C(1) << 16)
#define SNP_POLICY_MUST_BE_ONE (UINT64_C(1) << 17)
#define SNP_POLICY_MIGRATE_MA (UINT64_C(1) << 18)
#define SNP_POLICY_DEBUG (UINT64_C(1) << 19)
#define SNP_POLICY_SINGLE_SOCKET (UINT64_C(1) << 20)
#define SNP_POLICY_CXL_ALLOW (UINT64_C(1) << 21)
#define SNP_POLICY_MEM_AES_256_XTS (UINT64_C(1) << 22)
#define SNP_POLICY_RAPL_DIS (UINT64_C(1) << 23)
#define SNP_POLICY_CIPHERTEXT_HIDING_DRAM (UINT64_C(1) << 24)
#define SNP_POLICY_PAGE_SWAP_DISABLE (UINT64_C(1) << 25)
#define SNP_POLICY_MBZ (~((UINT64_C(1) << 26) - 1))

/* Bits of PLATFORM_INFO. Others may be set by newer firmware. */
#define SNP_PLATFORM_SMT_EN (UINT64_C(1) << 0)
#define SNP_PLATFORM_TSME_EN (UINT64_C(1) << 1)
#define SNP_PLATFORM_ECC_EN (UINT64_C(1) << 2)
#define SNP_PLATFORM_RAPL_DIS (UINT64_C(1) << 3)
#define SNP_PLATFORM_CIPHERTEXT_HIDING_DRAM_EN (UINT64_C(1) << 4)
#define SNP_PLATFORM_ALIAS_CHECK_COMPLETE (UINT64_C(1) << 5)
#define SNP_PLATFORM_TIO_EN (UINT64_C(1) << 7)

/* Versions of firmware parts. fmc is Turin's alone, and 0 elsewhere. */
struct snp_tcb {
    uint8_t fmc, bootloader, tee, snp, microcode;
};

struct snp_firmware {
    uint8_t build, minor, major;
};

struct snp_report {
    uint8_t raw[SNP_REPORT_LEN]; /* as it came */
    uint32_t version;            /* 2 to 5 */
    uint32_t guest_svn;
    uint64_t policy;
    uint8_t family_id[SNP_ID_LEN];
    uint8_t image_id[SNP_ID_LEN];
    uint32_t vmpl; /* 0 to 3, or SNP_VMPL_HOST */
    uint64_t platform_info;
    bool author_key_en, mask_chip_key;
    enum snp_signer signer; /* VCEK or VLEK */
    uint8_t report_data[SNP_REPORT_DATA_LEN];
    uint8_t measurement[SNP_MEASUREMENT_LEN];
    uint8_t host_data[SNP_HOST_DATA_LEN];
    uint8_t id_key_digest[SNP_KEY_DIGEST_LEN];
    uint8_t author_key_digest[SNP_KEY_DIGEST_LEN];
    uint8_t report_id[SNP_REPORT_ID_LEN];
    uint8_t report_id_ma[SNP_REPORT_ID_LEN]; /* all ones: no migration agent */
    enum snp_line line; /* by CPUID, since version 3; SNP_LINE_NONE in version 2 */
    uint8_t chip_id[SNP_CHIP_ID_LEN];
    struct snp_firmware current, committed;
    uint64_t launch_mit_vector, current_mit_vector; /* since version 5, else 0 */
    /* TCB_VERSION, whose layout is the line's: snp_tcb_decode() */
    uint8_t current_tcb[SNP_TCB_LEN], reported_tcb[SNP_TCB_LEN], committed_tcb[SNP_TCB_LEN],
        launch_tcb[SNP_TCB_LEN];
};

/* Parses one report and nothing after it. What must be zero in its version is zero. It verifies
 * nothing. On failure *out is all zero.
 *
 * ATTEST_REPORT_SIZE: not SNP_REPORT_LEN bytes. ATTEST_REPORT_VERSION: below 2;
 * ATTEST_REPORT_VERSION_NEW: over 5, whose layout nobody here has read. ATTEST_REPORT_MBZ.
 * ATTEST_REPORT_POLICY: the bit of POLICY that must be one is not. ATTEST_REPORT_ALGORITHM: not
 * ECDSA P-384 with SHA-384. ATTEST_REPORT_SIGNER: neither VCEK nor VLEK. ATTEST_REPORT_VMPL:
 * neither 0 to 3 nor SNP_VMPL_HOST. ATTEST_REPORT_LINE: a processor without a root here.
 * ATTEST_REPORT_AUTHOR: an author key's digest without AUTHOR_KEY_EN. */
MUST_CHECK enum attest_fault snp_report_parse(struct view in, struct snp_report *out);

/* What depends on the processor, which a report of version 2 does not tell: the unused bytes of
 * the four TCB_VERSIONs are zero (ATTEST_REPORT_TCB), CHIP_ID is there unless it is masked, and
 * then it is zero; of a Turin it has SNP_CHIP_ID_TURIN_LEN bytes (ATTEST_REPORT_CHIP_ID).
 * ATTEST_REPORT_LINE: line is none, or not that of the report. */
MUST_CHECK enum attest_fault snp_report_check_line(const struct snp_report *r,
                                                   enum snp_line line);

/* Verifies the signature over the bytes as they came. ATTEST_REPORT_KEY: public_key is no
 * point. ATTEST_REPORT_SIGNATURE. */
MUST_CHECK enum attest_fault snp_report_verify(const struct snp_report *r,
                                               const uint8_t public_key[P384_PUBLIC_LEN]);

/* The parts of a TCB_VERSION as that line lays them out. ATTEST_REPORT_TCB: an unused byte is
 * not zero. ATTEST_REPORT_LINE: line is none. *out is zero then. */
MUST_CHECK enum attest_fault snp_tcb_decode(const uint8_t raw[SNP_TCB_LEN], enum snp_line line,
                                            struct snp_tcb *out);

/* Whether every part of a is at least that of b. Never to be compared as one number. */
bool snp_tcb_at_least(const struct snp_tcb *a, const struct snp_tcb *b);
bool snp_tcb_equal(const struct snp_tcb *a, const struct snp_tcb *b);

/* The line of a combined family and model; SNP_LINE_NONE: no root here. */
enum snp_line snp_line_of_cpu(uint8_t family, uint8_t model);

/* Whose layout of TCB_VERSION, CHIP_ID and certificates a line has: a simulated one has that of
 * the line that it plays, every other its own. */
enum snp_line snp_line_layout(enum snp_line line);

/* "Milan", as AMD's certificates spell it; "SIM-Milan" is played by software; "" for none. */
const char *snp_line_name(enum snp_line line);

#endif
