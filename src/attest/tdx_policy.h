/* tdx_policy.h - what a quote must say: the section [tdx] of a policy (policy_text.h). Every
 * key stands once, but for the lists; what is not demanded is written as "any" or "none". Not
 * to be had by any policy: debugging, migration, a platform, module or quoting enclave that is
 * out of date or revoked. */
#ifndef ATTEST_TDX_POLICY_H
#define ATTEST_TDX_POLICY_H

#include "attest/policy_text.h"
#include "attest/tdx_collateral.h"

#define TDX_POLICY_LIST_MAX 16 /* values of one list */

/* Digests of which one must be. */
struct tdx_digests {
    bool any; /* whichever */
    size_t n;
    uint8_t d[TDX_POLICY_LIST_MAX][TDX_MR_LEN];
};

/* Bits of TD_ATTRIBUTES that a policy may ask for or allow. */
struct tdx_bits {
    bool sept_ve_disable; /* must be set */
    bool pks, key_locker, perfmon;
};

struct tdx_policy {
    uint8_t hash[POLICY_HASH_LEN];
    struct tdx_digests mrtd; /* never any */
    struct tdx_digests rtmr[TDX_RTMRS];
    struct tdx_digests config_id, owner, owner_config;
    struct tdx_bits bits;
    bool trailing_allowed;
    bool statuses[TDX_STATUS_COUNT]; /* those that are taken */
    uint32_t evaluation;             /* tcbEvaluationDataNumber, at least */
    bool no_fmspc_denied;            /* it says so */
    size_t n_fmspc_denied;
    uint8_t fmspc_denied[TDX_POLICY_LIST_MAX][TDX_FMSPC_LEN];
};

/* Reads the section [tdx] of a policy, and the form of all others. On failure *out is all zero
 * and *at is the line at which it ended, from 1.
 *
 * As policy_text_read(). ATTEST_POLICY_SECTION: twice. ATTEST_POLICY_TWICE: "any" or "none"
 * beside other values. ATTEST_POLICY_FULL: over TDX_POLICY_LIST_MAX values.
 * ATTEST_POLICY_VALUE: not of the key's form; a status that no policy may take.
 * ATTEST_POLICY_MISSING: a key, or the section. */
MUST_CHECK enum attest_fault tdx_policy_parse(struct view text, struct tdx_policy *out,
                                              unsigned *at);

#endif
