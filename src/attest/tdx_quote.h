/* tdx_quote.h - a quote of Intel TDX, version 4 or 5 (Intel: TDX DCAP Quoting Library API,
 * appendix 3), by itself: what it holds, and nothing about whether it is true. Numbers are
 * little-endian, signatures and keys big-endian.
 *
 * Bytes behind the signature data are taken and counted, and nothing reads them: real quotes
 * come in buffers that are longer than they are. A policy can refuse them. */
#ifndef ATTEST_TDX_QUOTE_H
#define ATTEST_TDX_QUOTE_H

#include "attest/attest_fault.h"
#include "base/bytes.h"
#include "crypto/p256.h"

#define TDX_QUOTE_MAX 16384 /* bytes: real ones have some 5,000 */
#define TDX_MR_LEN 48       /* of a measurement register: SHA-384 */
#define TDX_RTMRS 4
#define TDX_SVN_LEN 16
#define TDX_REPORT_DATA_LEN 64
#define TDX_QE_REPORT_LEN 384
#define TDX_TEE_TYPE 0x81

/* TD_ATTRIBUTES (Intel TDX module ABI, ATTRIBUTES). */
#define TDX_TD_DEBUG (UINT64_C(1) << 0)
#define TDX_TD_SEPT_VE_DISABLE (UINT64_C(1) << 28)
#define TDX_TD_MIGRATABLE (UINT64_C(1) << 29)
#define TDX_TD_PKS (UINT64_C(1) << 30)
#define TDX_TD_KEY_LOCKER (UINT64_C(1) << 31)
#define TDX_TD_PERFMON (UINT64_C(1) << 63)

/* What the TDX module says of a guest. */
struct tdx_td {
    bool has_1_5; /* the two fields of TDX 1.5 */
    uint8_t tee_tcb_svn[TDX_SVN_LEN];
    uint8_t mr_seam[TDX_MR_LEN], mr_signer_seam[TDX_MR_LEN];
    uint8_t seam_attributes[8]; /* as they stand, as collateral has them */
    uint64_t td_attributes, xfam;
    uint8_t mrtd[TDX_MR_LEN];
    uint8_t mr_config_id[TDX_MR_LEN], mr_owner[TDX_MR_LEN], mr_owner_config[TDX_MR_LEN];
    uint8_t rtmr[TDX_RTMRS][TDX_MR_LEN];
    uint8_t report_data[TDX_REPORT_DATA_LEN];
    uint8_t tee_tcb_svn_2[TDX_SVN_LEN];
    uint8_t mr_service_td[TDX_MR_LEN];
};

/* The quoting enclave, an SGX report of 384 bytes. */
struct tdx_qe {
    uint8_t misc_select[4], attributes[16]; /* as they stand, as collateral has them */
    uint8_t mr_signer[32];
    uint16_t isv_prod_id, isv_svn;
    uint8_t report_data[TDX_REPORT_DATA_LEN];
};

/* Views point into the quote. */
struct tdx_quote {
    uint16_t version;
    struct tdx_td td;
    struct view signed_part; /* header to body: what the attestation key signed */
    struct view signature, attestation_key;
    struct tdx_qe qe;
    struct view qe_report, qe_signature;
    struct view qe_auth_data;
    struct view pck_chain; /* certificates in PEM */
    struct view trailing;
};

/* Parses one quote. On failure *out is all zero.
 *
 * ATTEST_TDX_QUOTE_SIZE: over TDX_QUOTE_MAX, or it ends within the header, the body or the
 * length of the signature data. ATTEST_TDX_QUOTE_VERSION: neither 4 nor 5.
 * ATTEST_TDX_QUOTE_KEY_TYPE: not ECDSA P-256. ATTEST_TDX_QUOTE_TEE: not of TDX.
 * ATTEST_TDX_QUOTE_VENDOR: not Intel's quoting enclave. ATTEST_TDX_QUOTE_BODY: of version 5: a
 * body that is no TD report, or not as long as its kind. ATTEST_TDX_QUOTE_LENGTHS: the parts of
 * the signature data do not end where its lengths say. ATTEST_TDX_QUOTE_CERT_TYPE: no report of
 * a quoting enclave in it, or not the whole PCK chain. */
MUST_CHECK enum attest_fault tdx_quote_parse(struct view raw, struct tdx_quote *out);

#endif
