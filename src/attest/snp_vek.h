/* snp_vek.h - the key that signed a report, and what its certificate says of it: a VCEK is of
 * one chip at one TCB, a VLEK was loaded by a cloud provider (AMD publication 57230, chapter
 * 3). Extensions are under 1.3.6.1.4.1.3704.1. */
#ifndef ATTEST_SNP_VEK_H
#define ATTEST_SNP_VEK_H

#include "attest/snp_chain.h"

#define SNP_CSP_ID_MAX 64

struct snp_vek {
    enum snp_line line;
    enum attest_assurance assurance; /* of the root; none until verified */
    enum snp_signer signer;
    uint8_t public_key[P384_PUBLIC_LEN];
    struct snp_tcb tcb;             /* at which it was derived */
    uint8_t hwid[SNP_CHIP_ID_LEN];  /* as CHIP_ID is padded; of a VLEK all zero */
    uint8_t csp_id[SNP_CSP_ID_MAX]; /* of a VLEK: its provider, csp_id_len bytes */
    size_t csp_id_len;
    int64_t from_s, until_s; /* within the whole chain */
    bool crl_checked;
};

/* Reads one certificate and nothing after it, and verifies nothing: assurance is none, and the
 * times are its own. What it says of itself fits together. On failure *out is all zero.
 *
 * ATTEST_VEK_PARSE: no certificate, or over SNP_CERT_MAX. ATTEST_VEK_KEY: not a P-384 key.
 * ATTEST_VEK_SIGNER: its common name is neither SEV-VCEK nor SEV-VLEK. ATTEST_VEK_PRODUCT:
 * productName is missing, malformed or of no line that has a root here.
 * ATTEST_VEK_STRUCT_VERSION: not 0, or for a Turin 1. ATTEST_VEK_SPL: a security patch level is
 * missing, malformed, or not zero where the line has none. ATTEST_VEK_HWID: a VCEK without, or
 * with another length than its line's; a VLEK with one. ATTEST_VEK_CSP_ID: a VLEK without; a
 * VCEK with one. ATTEST_VEK_SERIAL: negative, or zero in a VLEK. ATTEST_VEK_CA: a CA. */
MUST_CHECK enum attest_fault snp_vek_parse(struct view der, struct snp_vek *out);

/* Reads it and verifies that issuer issued it; valid at at_s. On failure *out is all zero.
 *
 * As snp_vek_parse(). ATTEST_VEK_ISSUER: another's name. ATTEST_VEK_KIND: a VCEK from who
 * issues VLEKs, or the reverse. ATTEST_VEK_LINE: of another line than its issuer.
 * ATTEST_VEK_ALGORITHM, ATTEST_VEK_SIGNATURE. ATTEST_VEK_TIME: it, or the chain above it. */
MUST_CHECK enum attest_fault snp_vek_verify(struct view der, const struct snp_issuer *issuer,
                                            int64_t at_s, struct snp_vek *out);

/* Whether the report can be of that key, signature aside. ATTEST_MATCH_SIGNER: KEY_INFO says
 * another kind of key. As snp_report_check_line(). ATTEST_MATCH_TCB: REPORTED_TCB is not that
 * at which the key was derived. ATTEST_MATCH_CHIP: CHIP_ID is another chip's; a CHIP_ID that is
 * masked is none, which a policy has to allow. */
MUST_CHECK enum attest_fault snp_vek_check_report(const struct snp_vek *vek,
                                                  const struct snp_report *r);

#endif
