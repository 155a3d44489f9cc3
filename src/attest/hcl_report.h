/* hcl_report.h - what a paravisor of Azure leaves for its guest in the vTPM (NV index
 * 0x01400001): a report of the hardware, made by the paravisor, and a JSON text of whose hash
 * it made REPORT_DATA (Microsoft, "Guest attestation for confidential VMs").
 *
 * 32 bytes of header | hardware report, 1184 bytes | 20 bytes of runtime header | JSON | zeros
 *
 * The words of both headers are vouched for by nobody: all of them are checked here, and what
 * follows of them is only where the JSON ends and by which hash it must be known. */
#ifndef ATTEST_HCL_REPORT_H
#define ATTEST_HCL_REPORT_H

#include "attest/snp_report.h"
#include "crypto/hash.h"

#define HCL_REPORT_MAX 4096 /* bytes: the area has 2600 */
#define HCL_HARDWARE_LEN SNP_REPORT_LEN
#define HCL_TDREPORT_LEN 1024

enum hcl_kind {
    HCL_SNP = 2, /* ATTESTATION_REPORT */
    HCL_TDX = 4, /* TDREPORT, which only its own machine can verify */
};

/* Views point into the parsed bytes. */
struct hcl_report {
    enum hcl_kind kind;
    struct view hardware; /* SNP_REPORT_LEN or HCL_TDREPORT_LEN bytes */
    enum hash_alg hash;
    struct view runtime; /* the JSON, not empty */
};

/* Parses one and nothing after it but zeros. It verifies nothing. On failure *out is all zero.
 *
 * ATTEST_HCL_SIZE: over HCL_REPORT_MAX, or shorter than it says. ATTEST_HCL_MAGIC.
 * ATTEST_HCL_VERSION: of the header neither 1 nor 2, of the runtime header not 1.
 * ATTEST_HCL_REQUEST: something else than a report. ATTEST_HCL_KIND: neither SNP nor TDX.
 * ATTEST_HCL_HASH: neither SHA-256, SHA-384 nor SHA-512. ATTEST_HCL_LENGTH: the three lengths
 * are not of one text. ATTEST_HCL_MBZ: what is reserved or unused. */
MUST_CHECK enum attest_fault hcl_report_parse(struct view in, struct hcl_report *out);

/* What REPORT_DATA must be: the hash of the JSON, and zeros. */
void hcl_report_data(const struct hcl_report *h, uint8_t out[SNP_REPORT_DATA_LEN]);

#endif
