/* tdx_collateral.h - what Intel says of platforms and of its quoting enclave, as its
 * Provisioning Certification Service gives it (API version 4): TCB info of version 3, the
 * identity of the quoting enclave, and who signs them. Signatures are over the bytes of a JSON
 * value as they stand. */
#ifndef ATTEST_TDX_COLLATERAL_H
#define ATTEST_TDX_COLLATERAL_H

#include "attest/tdx_pck.h"
#include "attest/tdx_quote.h"
#include "format/json.h"

#define TDX_COLLATERAL_MAX 65536 /* bytes of all parts together */
#define TDX_JSON_MAX 32768       /* bytes of one JSON text: real ones have up to 10,000 */

/* One file, or one part of evidence. */
struct tdx_collateral {
    struct view tcb_info;          /* JSON: /tdx/certification/v4/tcb?fmspc= */
    struct view tcb_info_chain;    /* PEM: its header TCB-Info-Issuer-Chain */
    struct view qe_identity;       /* JSON: /tdx/certification/v4/qe/identity */
    struct view qe_identity_chain; /* PEM: SGX-Enclave-Identity-Issuer-Chain */
    struct view pck_crl;           /* DER: /sgx/certification/v4/pckcrl?ca=&encoding=der */
    struct view root_crl;          /* DER: IntelSGXRootCA.der */
};

/* Files of those names in one folder, in that order. */
#define TDX_COLLATERAL_PARTS 6
extern const char *const tdx_collateral_files[TDX_COLLATERAL_PARTS];

/* Parts in that order. */
struct tdx_collateral tdx_collateral_of(const struct view parts[TDX_COLLATERAL_PARTS]);

/* Takes them apart: kind(1), length(4, little-endian), bytes; each kind from 1 to 6 once, in
 * the order above, and nothing after. Views point into raw; on failure *out is all zero.
 * ATTEST_TDX_COLLATERAL: not of that form, or over TDX_COLLATERAL_MAX. */
MUST_CHECK enum attest_fault tdx_collateral_parse(struct view raw, struct tdx_collateral *out);

/* The same six put together. ERR_NOSPACE: over cap. *raw is empty then. */
MUST_CHECK enum err tdx_collateral_encode(const struct tdx_collateral *c, uint8_t *out,
                                          size_t cap, struct view *raw);

/* Intel's words for how a TCB stands. */
enum tdx_status {
    TDX_STATUS_NONE = 0,
    TDX_STATUS_UP_TO_DATE,
    TDX_STATUS_SW_HARDENING_NEEDED,
    TDX_STATUS_CONFIGURATION_NEEDED,
    TDX_STATUS_CONFIGURATION_AND_SW_HARDENING_NEEDED,
    TDX_STATUS_OUT_OF_DATE,
    TDX_STATUS_OUT_OF_DATE_CONFIGURATION_NEEDED,
    TDX_STATUS_REVOKED,
    TDX_STATUS_COUNT,
};

/* "UpToDate"; "" for none and for no enumerator. */
const char *tdx_status_name(enum tdx_status s);

/* One level: what a platform, a TDX module or a quoting enclave has at least, to stand so. */
struct tdx_level {
    uint16_t sgx[TDX_COMPONENTS], tdx[TDX_COMPONENTS]; /* of a platform */
    uint16_t svn;                                      /* PCESVN of a platform, else ISVSVN */
    enum tdx_status status;
    int64_t date_s;
};

/* What both kinds have. */
struct tdx_signed {
    struct view signed_part; /* the value, as it stands */
    uint8_t signature[P256_SIG_LEN];
    int64_t issue_s, next_update_s;
    uint32_t evaluation; /* tcbEvaluationDataNumber */
};

/* A TDX module's identity. */
struct tdx_module {
    uint8_t mr_signer[TDX_MR_LEN];
    uint8_t attributes[8], attributes_mask[8];
    struct json_value levels; /* of tdxModule there are none */
};

struct tdx_tcb_info {
    struct tdx_signed s;
    uint8_t fmspc[TDX_FMSPC_LEN], pce_id[TDX_PCE_ID_LEN];
    struct tdx_module module;            /* of TDX 1.0 */
    struct json_value module_identities; /* of later ones; null: none */
    struct json_value levels;
};

struct tdx_qe_identity {
    struct tdx_signed s;
    uint8_t misc_select[4], misc_select_mask[4];
    uint8_t attributes[16], attributes_mask[16];
    uint8_t mr_signer[32];
    uint16_t isv_prod_id;
    struct json_value levels;
};

/* Reads one whole, each level of it, and verifies nothing. Views point into the text; members
 * that nobody here knows are passed over. On failure *out is all zero.
 *
 * ATTEST_TDX_TCB_JSON: over TDX_JSON_MAX, no JSON by json.h; beside the value and its signature
 * there is a third member; a member is missing or malformed. ATTEST_TDX_TCB_KIND: not of TDX,
 * not version 3, not of TCB type 0. */
MUST_CHECK enum attest_fault tdx_tcb_info_parse(struct view text, struct tdx_tcb_info *out);

/* Likewise: ATTEST_TDX_QE_JSON. ATTEST_TDX_QE_KIND: not TD_QE of version 2. */
MUST_CHECK enum attest_fault tdx_qe_identity_parse(struct view text,
                                                   struct tdx_qe_identity *out);

/* Takes the next level. false: there is none. Of those that were parsed; platform: with
 * components. */
bool tdx_level_next(struct json_items *levels, bool platform, struct tdx_level *out);

/* The module identity with that number, "TDX_03". false: there is none; *out is zero. */
bool tdx_module_find(const struct tdx_tcb_info *t, uint8_t number, struct tdx_module *out);

#endif
