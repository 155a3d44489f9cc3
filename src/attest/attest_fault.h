/* attest_fault.h - why evidence is refused: one number for each check, so that no two refusals
 * look alike to a log, a test or a person. Functions of attest/ return these in place of enum
 * err; attest_fault_err() gives its class to callers that branch on it. */
#ifndef ATTEST_ATTEST_FAULT_H
#define ATTEST_ATTEST_FAULT_H

#include "attest/tdx_faults.h"
#include "base/err.h"

/* X(enumerator, text, enum err that it counts as), in the order in which the checks stand. */
#define ATTEST_FAULTS(X)                                                        \
    /* the report by itself, snp_report.h */                                    \
    X(ATTEST_REPORT_SIZE, "report-size", ERR_LENGTH)                            \
    X(ATTEST_REPORT_VERSION, "report-version", ERR_VERSION)                     \
    X(ATTEST_REPORT_VERSION_NEW, "report-version-new", ERR_VERSION)             \
    X(ATTEST_REPORT_MBZ, "report-mbz", ERR_RANGE)                               \
    X(ATTEST_REPORT_POLICY, "report-policy", ERR_RANGE)                         \
    X(ATTEST_REPORT_ALGORITHM, "report-algorithm", ERR_BAD_ALG)                 \
    X(ATTEST_REPORT_SIGNER, "report-signer", ERR_RANGE)                         \
    X(ATTEST_REPORT_VMPL, "report-vmpl", ERR_RANGE)                             \
    X(ATTEST_REPORT_LINE, "report-line", ERR_RANGE)                             \
    X(ATTEST_REPORT_TCB, "report-tcb", ERR_RANGE)                               \
    X(ATTEST_REPORT_CHIP_ID, "report-chip-id", ERR_RANGE)                       \
    X(ATTEST_REPORT_AUTHOR, "report-author", ERR_RANGE)                         \
    X(ATTEST_REPORT_KEY, "report-key", ERR_ENCODING)                            \
    X(ATTEST_REPORT_SIGNATURE, "report-signature", ERR_SIGNATURE)               \
    /* the root and who issues, snp_chain.h */                                  \
    X(ATTEST_ARK_PARSE, "ark-parse", ERR_ENCODING)                              \
    X(ATTEST_ARK_PIN, "ark-pin", ERR_EVIDENCE)                                  \
    X(ATTEST_ARK_NAME, "ark-name", ERR_MISMATCH)                                \
    X(ATTEST_ARK_CA, "ark-ca", ERR_EXTENSION)                                   \
    X(ATTEST_ARK_KEY, "ark-key", ERR_BAD_ALG)                                   \
    X(ATTEST_ARK_ALGORITHM, "ark-algorithm", ERR_BAD_ALG)                       \
    X(ATTEST_ARK_SIGNATURE, "ark-signature", ERR_SIGNATURE)                     \
    X(ATTEST_ARK_TIME, "ark-time", ERR_TIME)                                    \
    X(ATTEST_ASK_PARSE, "ask-parse", ERR_ENCODING)                              \
    X(ATTEST_ASK_ISSUER, "ask-issuer", ERR_MISMATCH)                            \
    X(ATTEST_ASK_NAME, "ask-name", ERR_MISMATCH)                                \
    X(ATTEST_ASK_CA, "ask-ca", ERR_EXTENSION)                                   \
    X(ATTEST_ASK_KEY, "ask-key", ERR_BAD_ALG)                                   \
    X(ATTEST_ASK_ALGORITHM, "ask-algorithm", ERR_BAD_ALG)                       \
    X(ATTEST_ASK_SIGNATURE, "ask-signature", ERR_SIGNATURE)                     \
    X(ATTEST_ASK_TIME, "ask-time", ERR_TIME)                                    \
    X(ATTEST_CRL_PARSE, "crl-parse", ERR_ENCODING)                              \
    X(ATTEST_CRL_ISSUER, "crl-issuer", ERR_MISMATCH)                            \
    X(ATTEST_CRL_USAGE, "crl-usage", ERR_EXTENSION)                             \
    X(ATTEST_CRL_ALGORITHM, "crl-algorithm", ERR_BAD_ALG)                       \
    X(ATTEST_CRL_SIGNATURE, "crl-signature", ERR_SIGNATURE)                     \
    X(ATTEST_CRL_TIME, "crl-time", ERR_TIME)                                    \
    X(ATTEST_CRL_REVOKED, "crl-revoked", ERR_EVIDENCE)                          \
    /* the key that signed the report, snp_vek.h */                             \
    X(ATTEST_VEK_PARSE, "vek-parse", ERR_ENCODING)                              \
    X(ATTEST_VEK_KEY, "vek-key", ERR_BAD_ALG)                                   \
    X(ATTEST_VEK_SIGNER, "vek-signer", ERR_MISMATCH)                            \
    X(ATTEST_VEK_PRODUCT, "vek-product", ERR_MISMATCH)                          \
    X(ATTEST_VEK_STRUCT_VERSION, "vek-struct-version", ERR_VERSION)             \
    X(ATTEST_VEK_SPL, "vek-spl", ERR_EXTENSION)                                 \
    X(ATTEST_VEK_HWID, "vek-hwid", ERR_EXTENSION)                               \
    X(ATTEST_VEK_CSP_ID, "vek-csp-id", ERR_EXTENSION)                           \
    X(ATTEST_VEK_SERIAL, "vek-serial", ERR_RANGE)                               \
    X(ATTEST_VEK_CA, "vek-ca", ERR_EXTENSION)                                   \
    X(ATTEST_VEK_ISSUER, "vek-issuer", ERR_MISMATCH)                            \
    X(ATTEST_VEK_KIND, "vek-kind", ERR_MISMATCH)                                \
    X(ATTEST_VEK_LINE, "vek-line", ERR_MISMATCH)                                \
    X(ATTEST_VEK_ALGORITHM, "vek-algorithm", ERR_BAD_ALG)                       \
    X(ATTEST_VEK_SIGNATURE, "vek-signature", ERR_SIGNATURE)                     \
    X(ATTEST_VEK_TIME, "vek-time", ERR_TIME)                                    \
    /* the report beside that key */                                            \
    X(ATTEST_MATCH_SIGNER, "match-signer", ERR_MISMATCH)                        \
    X(ATTEST_MATCH_TCB, "match-tcb", ERR_MISMATCH)                              \
    X(ATTEST_MATCH_CHIP, "match-chip", ERR_MISMATCH)                            \
    /* the certificates that a host gives, snp_table.h */                       \
    X(ATTEST_TABLE_SIZE, "table-size", ERR_LENGTH)                              \
    X(ATTEST_TABLE_END, "table-end", ERR_TRUNCATED)                             \
    X(ATTEST_TABLE_ENTRIES, "table-entries", ERR_RANGE)                         \
    X(ATTEST_TABLE_RANGE, "table-range", ERR_RANGE)                             \
    X(ATTEST_TABLE_OVERLAP, "table-overlap", ERR_RANGE)                         \
    X(ATTEST_TABLE_TWICE, "table-twice", ERR_RANGE)                             \
    /* a policy as a file, snp_policy.h */                                      \
    X(ATTEST_POLICY_SIZE, "policy-size", ERR_LENGTH)                            \
    X(ATTEST_POLICY_SYNTAX, "policy-syntax", ERR_ENCODING)                      \
    X(ATTEST_POLICY_SECTION, "policy-section", ERR_TAG)                         \
    X(ATTEST_POLICY_KEY, "policy-key", ERR_TAG)                                 \
    X(ATTEST_POLICY_TWICE, "policy-twice", ERR_RANGE)                           \
    X(ATTEST_POLICY_VALUE, "policy-value", ERR_ENCODING)                        \
    X(ATTEST_POLICY_FULL, "policy-full", ERR_NOSPACE)                           \
    X(ATTEST_POLICY_FLOOR, "policy-floor", ERR_RANGE)                           \
    X(ATTEST_POLICY_MISSING, "policy-missing", ERR_TRUNCATED)                   \
    /* the report under a policy, snp_judge.h */                                \
    X(ATTEST_JUDGE_REPORT_DATA, "judge-report-data", ERR_MISMATCH)              \
    X(ATTEST_JUDGE_LINE, "judge-line", ERR_POLICY)                              \
    X(ATTEST_JUDGE_SIGNER, "judge-signer", ERR_POLICY)                          \
    X(ATTEST_JUDGE_PROVIDER, "judge-provider", ERR_POLICY)                      \
    X(ATTEST_JUDGE_CRL, "judge-crl", ERR_POLICY)                                \
    X(ATTEST_JUDGE_MEASUREMENT, "judge-measurement", ERR_MISMATCH)              \
    X(ATTEST_JUDGE_DEBUG, "judge-debug", ERR_POLICY)                            \
    X(ATTEST_JUDGE_MIGRATION, "judge-migration", ERR_POLICY)                    \
    X(ATTEST_JUDGE_ABI, "judge-abi", ERR_POLICY)                                \
    X(ATTEST_JUDGE_SMT, "judge-smt", ERR_POLICY)                                \
    X(ATTEST_JUDGE_POLICY_SET, "judge-policy-set", ERR_POLICY)                  \
    X(ATTEST_JUDGE_PLATFORM_SET, "judge-platform-set", ERR_POLICY)              \
    X(ATTEST_JUDGE_PLATFORM_CLEAR, "judge-platform-clear", ERR_POLICY)          \
    X(ATTEST_JUDGE_VMPL, "judge-vmpl", ERR_POLICY)                              \
    X(ATTEST_JUDGE_TCB_REPORTED, "judge-tcb-reported", ERR_STALE)               \
    X(ATTEST_JUDGE_TCB_COMMITTED, "judge-tcb-committed", ERR_STALE)             \
    X(ATTEST_JUDGE_TCB_LAUNCH, "judge-tcb-launch", ERR_STALE)                   \
    X(ATTEST_JUDGE_PROVISIONAL, "judge-provisional", ERR_POLICY)                \
    X(ATTEST_JUDGE_MITIGATION, "judge-mitigation", ERR_STALE)                   \
    X(ATTEST_JUDGE_HOST_DATA, "judge-host-data", ERR_MISMATCH)                  \
    X(ATTEST_JUDGE_ID_KEY, "judge-id-key", ERR_MISMATCH)                        \
    X(ATTEST_JUDGE_AUTHOR_KEY, "judge-author-key", ERR_MISMATCH)                \
    X(ATTEST_JUDGE_FAMILY_ID, "judge-family-id", ERR_MISMATCH)                  \
    X(ATTEST_JUDGE_IMAGE_ID, "judge-image-id", ERR_MISMATCH)                    \
    X(ATTEST_JUDGE_GUEST_SVN, "judge-guest-svn", ERR_STALE)                     \
    X(ATTEST_JUDGE_MASKED_CHIP, "judge-masked-chip", ERR_POLICY)                \
    /* a block of any format, evidence_judge.h */                               \
    X(ATTEST_EVIDENCE_BLOCK, "evidence-block", ERR_ENCODING)                    \
    X(ATTEST_EVIDENCE_FORMAT, "evidence-format", ERR_POLICY)                    \
    X(ATTEST_EVIDENCE_DENIED, "evidence-denied", ERR_POLICY)                    \
    X(ATTEST_EVIDENCE_PARTS, "evidence-parts", ERR_ENCODING)                    \
    X(ATTEST_EVIDENCE_ROOM, "evidence-room", ERR_NOSPACE)                       \
    /* a node of an epoch, as its plan has it */                                \
    X(ATTEST_ATTESTOR_OFF, "attestor-off", ERR_STATE)                           \
    X(ATTEST_ATTESTOR_NODE, "attestor-node", ERR_STALE)                         \
    X(ATTEST_ATTESTOR_PLATFORM, "attestor-platform", ERR_POLICY)                \
    X(ATTEST_ATTESTOR_GUEST, "attestor-guest", ERR_MISMATCH)                    \
    X(ATTEST_ATTESTOR_COPY, "attestor-copy", ERR_STALE)                         \
    X(ATTEST_ATTESTOR_MEASUREMENT, "attestor-measurement", ERR_EVIDENCE)        \
    X(ATTEST_ATTESTOR_ASSURANCE, "attestor-assurance", ERR_POLICY)              \
    /* nodes beside one another */                                              \
    X(ATTEST_ROSTER_SIZE, "roster-size", ERR_RANGE)                             \
    X(ATTEST_ROSTER_POLICY, "roster-policy", ERR_MISMATCH)                      \
    X(ATTEST_ROSTER_REPORT_ID, "roster-report-id", ERR_POLICY)                  \
    X(ATTEST_ROSTER_CHIP_UNKNOWN, "roster-chip-unknown", ERR_POLICY)            \
    X(ATTEST_ROSTER_CHIP, "roster-chip", ERR_POLICY)                            \
    X(ATTEST_ROSTER_PROVIDER, "roster-provider", ERR_POLICY)                    \
    X(ATTEST_ROSTER_LINE, "roster-line", ERR_POLICY)                            \
    /* a guest of Azure: what its vTPM holds, hcl_report.h and hcl_runtime.h */ \
    X(ATTEST_HCL_SIZE, "hcl-size", ERR_LENGTH)                                  \
    X(ATTEST_HCL_MAGIC, "hcl-magic", ERR_TAG)                                   \
    X(ATTEST_HCL_VERSION, "hcl-version", ERR_VERSION)                           \
    X(ATTEST_HCL_REQUEST, "hcl-request", ERR_RANGE)                             \
    X(ATTEST_HCL_KIND, "hcl-kind", ERR_RANGE)                                   \
    X(ATTEST_HCL_HASH, "hcl-hash", ERR_BAD_ALG)                                 \
    X(ATTEST_HCL_LENGTH, "hcl-length", ERR_LENGTH)                              \
    X(ATTEST_HCL_MBZ, "hcl-mbz", ERR_RANGE)                                     \
    X(ATTEST_RUNTIME_PARSE, "runtime-parse", ERR_ENCODING)                      \
    X(ATTEST_RUNTIME_KEYS, "runtime-keys", ERR_ENCODING)                        \
    X(ATTEST_RUNTIME_AK, "runtime-ak", ERR_BAD_ALG)                             \
    X(ATTEST_RUNTIME_CONFIG, "runtime-config", ERR_ENCODING)                    \
    X(ATTEST_RUNTIME_USER_DATA, "runtime-user-data", ERR_ENCODING)              \
    /* its key that signs quotes, tpm_public.h */                               \
    X(ATTEST_AK_PUBLIC, "ak-public", ERR_ENCODING)                              \
    X(ATTEST_AK_KEY, "ak-key", ERR_BAD_ALG)                                     \
    X(ATTEST_AK_ATTRIBUTES, "ak-attributes", ERR_POLICY)                        \
    X(ATTEST_AK_CERT, "ak-cert", ERR_MISMATCH)                                  \
    /* the quote, tpm_quote.h */                                                \
    X(ATTEST_QUOTE_SIZE, "quote-size", ERR_LENGTH)                              \
    X(ATTEST_QUOTE_FORM, "quote-form", ERR_ENCODING)                            \
    X(ATTEST_QUOTE_MAGIC, "quote-magic", ERR_TAG)                               \
    X(ATTEST_QUOTE_TYPE, "quote-type", ERR_TAG)                                 \
    X(ATTEST_QUOTE_SELECTION, "quote-selection", ERR_RANGE)                     \
    X(ATTEST_QUOTE_ALGORITHM, "quote-algorithm", ERR_BAD_ALG)                   \
    X(ATTEST_QUOTE_PCRS, "quote-pcrs", ERR_LENGTH)                              \
    X(ATTEST_QUOTE_KEY, "quote-key", ERR_BAD_ALG)                               \
    X(ATTEST_QUOTE_SIGNATURE, "quote-signature", ERR_SIGNATURE)                 \
    X(ATTEST_QUOTE_DIGEST, "quote-digest", ERR_MISMATCH)                        \
    /* all of it under a policy, azure_judge.h */                               \
    X(ATTEST_AZURE_KIND, "azure-kind", ERR_TYPE)                                \
    X(ATTEST_AZURE_AK, "azure-ak", ERR_MISMATCH)                                \
    X(ATTEST_AZURE_EXTRA_DATA, "azure-extra-data", ERR_MISMATCH)                \
    X(ATTEST_AZURE_SECURE_BOOT, "azure-secure-boot", ERR_POLICY)                \
    X(ATTEST_AZURE_PCR_MISSING, "azure-pcr-missing", ERR_POLICY)                \
    X(ATTEST_AZURE_PCR, "azure-pcr", ERR_MISMATCH)                              \
    /* another's word, maa_token.h and maa_compare.h */                         \
    X(ATTEST_MAA_KEYS, "maa-keys", ERR_ENCODING)                                \
    X(ATTEST_MAA_FORM, "maa-form", ERR_ENCODING)                                \
    X(ATTEST_MAA_HEADER, "maa-header", ERR_ENCODING)                            \
    X(ATTEST_MAA_ALGORITHM, "maa-algorithm", ERR_BAD_ALG)                       \
    X(ATTEST_MAA_KID, "maa-kid", ERR_EVIDENCE)                                  \
    X(ATTEST_MAA_SIGNATURE, "maa-signature", ERR_SIGNATURE)                     \
    X(ATTEST_MAA_CLAIMS, "maa-claims", ERR_ENCODING)                            \
    X(ATTEST_MAA_ISSUER, "maa-issuer", ERR_POLICY)                              \
    X(ATTEST_MAA_TIME, "maa-time", ERR_TIME)                                    \
    X(ATTEST_MAA_TYPE, "maa-type", ERR_TYPE)                                    \
    X(ATTEST_MAA_DISAGREES, "maa-disagrees", ERR_MISMATCH)                      \
    /* what a guest is started with, ovmf.h and snp_launch.h */                 \
    X(ATTEST_FIRMWARE_SIZE, "firmware-size", ERR_LENGTH)                        \
    X(ATTEST_FIRMWARE_TABLE, "firmware-table", ERR_ENCODING)                    \
    X(ATTEST_FIRMWARE_METADATA, "firmware-metadata", ERR_ENCODING)              \
    X(ATTEST_LAUNCH_VCPUS, "launch-vcpus", ERR_RANGE)                           \
    X(ATTEST_LAUNCH_FEATURES, "launch-features", ERR_RANGE)                     \
    X(ATTEST_LAUNCH_KERNEL, "launch-kernel", ERR_POLICY)                        \
    /* who is at the other end of a TLS connection, attest_tls.h */             \
    X(ATTEST_TLS_SESSION, "tls-session", ERR_STATE)                             \
    X(ATTEST_TLS_SETUP, "tls-setup", ERR_RANGE)                                 \
    X(ATTEST_TLS_TOOLS, "tls-tools", ERR_IO)                                    \
    X(ATTEST_TLS_SIZE, "tls-size", ERR_LENGTH)                                  \
    X(ATTEST_TLS_TYPE, "tls-type", ERR_TAG)                                     \
    X(ATTEST_TLS_REFUSED, "tls-refused", ERR_POLICY)                            \
    X(ATTEST_TLS_SOON, "tls-soon", ERR_RATE)                                    \
    X(ATTEST_TLS_VERSION, "tls-version", ERR_VERSION)                           \
    X(ATTEST_TLS_SIDE, "tls-side", ERR_MISMATCH)                                \
    X(ATTEST_TLS_ROLE, "tls-role", ERR_MISMATCH)                                \
    X(ATTEST_TLS_SHOWS, "tls-shows", ERR_MISMATCH)                              \
    X(ATTEST_TLS_EPOCH, "tls-epoch", ERR_QUORUM)                                \
    X(ATTEST_TLS_NONCE, "tls-nonce", ERR_MISMATCH)                              \
    X(ATTEST_TLS_FORM, "tls-form", ERR_ENCODING)                                \
    X(ATTEST_TLS_POSSESSION, "tls-possession", ERR_SIGNATURE)                   \
    X(ATTEST_TLS_KEY, "tls-key", ERR_EVIDENCE)                                  \
    X(ATTEST_TLS_ANSWER, "tls-answer", ERR_MISMATCH)                            \
    ATTEST_FAULTS_TDX(X)

enum attest_fault {
    ATTEST_OK = 0,
#define ATTEST_FAULT_ENUMERATOR(name, text, err) name,
    ATTEST_FAULTS(ATTEST_FAULT_ENUMERATOR)
#undef ATTEST_FAULT_ENUMERATOR
        ATTEST_FAULT_COUNT,
};

/* As TRY, for these. */
#define ATTEST_TRY(expr)                   \
    do {                                   \
        enum attest_fault fault_ = (expr); \
        if (fault_ != ATTEST_OK) {         \
            return fault_;                 \
        }                                  \
    } while (0)

/* Its text, as logs and people read it; "ok" for ATTEST_OK, "unknown" for no enumerator. */
const char *attest_fault_name(enum attest_fault f);

/* What it counts as; ERR_BUG for no enumerator. */
enum err attest_fault_err(enum attest_fault f);

#endif
