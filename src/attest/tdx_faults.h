/* tdx_faults.h - why evidence of Intel TDX is refused, for attest_fault.h. */
#ifndef ATTEST_TDX_FAULTS_H
#define ATTEST_TDX_FAULTS_H

/* X(enumerator, text, enum err that it counts as), in the order in which the checks stand. */
#define ATTEST_FAULTS_TDX(X)                                                           \
    /* a quote of TDX by itself, tdx_quote.h */                                        \
    X(ATTEST_TDX_QUOTE_SIZE, "tdx-quote-size", ERR_LENGTH)                             \
    X(ATTEST_TDX_QUOTE_VERSION, "tdx-quote-version", ERR_VERSION)                      \
    X(ATTEST_TDX_QUOTE_KEY_TYPE, "tdx-quote-key-type", ERR_BAD_ALG)                    \
    X(ATTEST_TDX_QUOTE_TEE, "tdx-quote-tee", ERR_TYPE)                                 \
    X(ATTEST_TDX_QUOTE_VENDOR, "tdx-quote-vendor", ERR_MISMATCH)                       \
    X(ATTEST_TDX_QUOTE_BODY, "tdx-quote-body", ERR_TYPE)                               \
    X(ATTEST_TDX_QUOTE_LENGTHS, "tdx-quote-lengths", ERR_LENGTH)                       \
    X(ATTEST_TDX_QUOTE_CERT_TYPE, "tdx-quote-cert-type", ERR_TYPE)                     \
    /* the certificates in it, tdx_chain.h */                                          \
    X(ATTEST_TDX_CHAIN_PEM, "tdx-chain-pem", ERR_ENCODING)                             \
    X(ATTEST_TDX_ROOT_PARSE, "tdx-root-parse", ERR_ENCODING)                           \
    X(ATTEST_TDX_ROOT_PIN, "tdx-root-pin", ERR_EVIDENCE)                               \
    X(ATTEST_TDX_ROOT_ISSUER, "tdx-root-issuer", ERR_MISMATCH)                         \
    X(ATTEST_TDX_ROOT_CA, "tdx-root-ca", ERR_EXTENSION)                                \
    X(ATTEST_TDX_ROOT_KEY, "tdx-root-key", ERR_BAD_ALG)                                \
    X(ATTEST_TDX_ROOT_ALGORITHM, "tdx-root-algorithm", ERR_BAD_ALG)                    \
    X(ATTEST_TDX_ROOT_SIGNATURE, "tdx-root-signature", ERR_SIGNATURE)                  \
    X(ATTEST_TDX_ROOT_TIME, "tdx-root-time", ERR_TIME)                                 \
    X(ATTEST_TDX_CA_PARSE, "tdx-ca-parse", ERR_ENCODING)                               \
    X(ATTEST_TDX_CA_NAME, "tdx-ca-name", ERR_MISMATCH)                                 \
    X(ATTEST_TDX_CA_ISSUER, "tdx-ca-issuer", ERR_MISMATCH)                             \
    X(ATTEST_TDX_CA_CA, "tdx-ca-ca", ERR_EXTENSION)                                    \
    X(ATTEST_TDX_CA_KEY, "tdx-ca-key", ERR_BAD_ALG)                                    \
    X(ATTEST_TDX_CA_ALGORITHM, "tdx-ca-algorithm", ERR_BAD_ALG)                        \
    X(ATTEST_TDX_CA_SIGNATURE, "tdx-ca-signature", ERR_SIGNATURE)                      \
    X(ATTEST_TDX_CA_TIME, "tdx-ca-time", ERR_TIME)                                     \
    X(ATTEST_TDX_PCK_PARSE, "tdx-pck-parse", ERR_ENCODING)                             \
    X(ATTEST_TDX_PCK_NAME, "tdx-pck-name", ERR_MISMATCH)                               \
    X(ATTEST_TDX_PCK_ISSUER, "tdx-pck-issuer", ERR_MISMATCH)                           \
    X(ATTEST_TDX_PCK_CA, "tdx-pck-ca", ERR_EXTENSION)                                  \
    X(ATTEST_TDX_PCK_KEY, "tdx-pck-key", ERR_BAD_ALG)                                  \
    X(ATTEST_TDX_PCK_ALGORITHM, "tdx-pck-algorithm", ERR_BAD_ALG)                      \
    X(ATTEST_TDX_PCK_SIGNATURE, "tdx-pck-signature", ERR_SIGNATURE)                    \
    X(ATTEST_TDX_PCK_TIME, "tdx-pck-time", ERR_TIME)                                   \
    X(ATTEST_TDX_PCK_EXTENSION, "tdx-pck-extension", ERR_EXTENSION)                    \
    X(ATTEST_TDX_ROOT_CRL_PARSE, "tdx-root-crl-parse", ERR_ENCODING)                   \
    X(ATTEST_TDX_ROOT_CRL_ISSUER, "tdx-root-crl-issuer", ERR_MISMATCH)                 \
    X(ATTEST_TDX_ROOT_CRL_ALGORITHM, "tdx-root-crl-algorithm", ERR_BAD_ALG)            \
    X(ATTEST_TDX_ROOT_CRL_SIGNATURE, "tdx-root-crl-signature", ERR_SIGNATURE)          \
    X(ATTEST_TDX_ROOT_CRL_TIME, "tdx-root-crl-time", ERR_TIME)                         \
    X(ATTEST_TDX_ROOT_CRL_REVOKED, "tdx-root-crl-revoked", ERR_EVIDENCE)               \
    X(ATTEST_TDX_PCK_CRL_PARSE, "tdx-pck-crl-parse", ERR_ENCODING)                     \
    X(ATTEST_TDX_PCK_CRL_ISSUER, "tdx-pck-crl-issuer", ERR_MISMATCH)                   \
    X(ATTEST_TDX_PCK_CRL_ALGORITHM, "tdx-pck-crl-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_TDX_PCK_CRL_SIGNATURE, "tdx-pck-crl-signature", ERR_SIGNATURE)            \
    X(ATTEST_TDX_PCK_CRL_TIME, "tdx-pck-crl-time", ERR_TIME)                           \
    X(ATTEST_TDX_PCK_CRL_REVOKED, "tdx-pck-crl-revoked", ERR_EVIDENCE)                 \
    /* who signed what, tdx_judge.h */                                                 \
    X(ATTEST_TDX_QE_SIGNATURE, "tdx-qe-signature", ERR_SIGNATURE)                      \
    X(ATTEST_TDX_QE_KEY, "tdx-qe-key", ERR_MISMATCH)                                   \
    X(ATTEST_TDX_QUOTE_SIGNATURE, "tdx-quote-signature", ERR_SIGNATURE)                \
    /* what Intel says of platforms, tdx_collateral.h */                               \
    X(ATTEST_TDX_COLLATERAL, "tdx-collateral", ERR_ENCODING)                           \
    X(ATTEST_TDX_TCB_CERT_PARSE, "tdx-tcb-cert-parse", ERR_ENCODING)                   \
    X(ATTEST_TDX_TCB_CERT_NAME, "tdx-tcb-cert-name", ERR_MISMATCH)                     \
    X(ATTEST_TDX_TCB_CERT_ISSUER, "tdx-tcb-cert-issuer", ERR_MISMATCH)                 \
    X(ATTEST_TDX_TCB_CERT_CA, "tdx-tcb-cert-ca", ERR_EXTENSION)                        \
    X(ATTEST_TDX_TCB_CERT_KEY, "tdx-tcb-cert-key", ERR_BAD_ALG)                        \
    X(ATTEST_TDX_TCB_CERT_ALGORITHM, "tdx-tcb-cert-algorithm", ERR_BAD_ALG)            \
    X(ATTEST_TDX_TCB_CERT_SIGNATURE, "tdx-tcb-cert-signature", ERR_SIGNATURE)          \
    X(ATTEST_TDX_TCB_CERT_TIME, "tdx-tcb-cert-time", ERR_TIME)                         \
    X(ATTEST_TDX_TCB_CERT_REVOKED, "tdx-tcb-cert-revoked", ERR_EVIDENCE)               \
    X(ATTEST_TDX_TCB_JSON, "tdx-tcb-json", ERR_ENCODING)                               \
    X(ATTEST_TDX_TCB_KIND, "tdx-tcb-kind", ERR_VERSION)                                \
    X(ATTEST_TDX_TCB_SIGNATURE, "tdx-tcb-signature", ERR_SIGNATURE)                    \
    X(ATTEST_TDX_TCB_TIME, "tdx-tcb-time", ERR_TIME)                                   \
    X(ATTEST_TDX_QE_CERT_PARSE, "tdx-qe-cert-parse", ERR_ENCODING)                     \
    X(ATTEST_TDX_QE_CERT_NAME, "tdx-qe-cert-name", ERR_MISMATCH)                       \
    X(ATTEST_TDX_QE_CERT_ISSUER, "tdx-qe-cert-issuer", ERR_MISMATCH)                   \
    X(ATTEST_TDX_QE_CERT_CA, "tdx-qe-cert-ca", ERR_EXTENSION)                          \
    X(ATTEST_TDX_QE_CERT_KEY, "tdx-qe-cert-key", ERR_BAD_ALG)                          \
    X(ATTEST_TDX_QE_CERT_ALGORITHM, "tdx-qe-cert-algorithm", ERR_BAD_ALG)              \
    X(ATTEST_TDX_QE_CERT_SIGNATURE, "tdx-qe-cert-signature", ERR_SIGNATURE)            \
    X(ATTEST_TDX_QE_CERT_TIME, "tdx-qe-cert-time", ERR_TIME)                           \
    X(ATTEST_TDX_QE_CERT_REVOKED, "tdx-qe-cert-revoked", ERR_EVIDENCE)                 \
    X(ATTEST_TDX_QE_JSON, "tdx-qe-json", ERR_ENCODING)                                 \
    X(ATTEST_TDX_QE_KIND, "tdx-qe-kind", ERR_VERSION)                                  \
    X(ATTEST_TDX_QE_IDENTITY_SIGNATURE, "tdx-qe-identity-signature", ERR_SIGNATURE)    \
    X(ATTEST_TDX_QE_TIME, "tdx-qe-time", ERR_TIME)                                     \
    /* the quote beside that, tdx_tcb.h */                                             \
    X(ATTEST_TDX_MATCH_FMSPC, "tdx-match-fmspc", ERR_MISMATCH)                         \
    X(ATTEST_TDX_MATCH_PCE_ID, "tdx-match-pce-id", ERR_MISMATCH)                       \
    X(ATTEST_TDX_MATCH_MODULE, "tdx-match-module", ERR_MISMATCH)                       \
    X(ATTEST_TDX_MATCH_MODULE_SIGNER, "tdx-match-module-signer", ERR_MISMATCH)         \
    X(ATTEST_TDX_MATCH_MODULE_ATTRIBUTES, "tdx-match-module-attributes", ERR_MISMATCH) \
    X(ATTEST_TDX_MATCH_MODULE_LEVEL, "tdx-match-module-level", ERR_STALE)              \
    X(ATTEST_TDX_MATCH_TCB_LEVEL, "tdx-match-tcb-level", ERR_STALE)                    \
    X(ATTEST_TDX_MATCH_QE_MISC_SELECT, "tdx-match-qe-misc-select", ERR_MISMATCH)       \
    X(ATTEST_TDX_MATCH_QE_ATTRIBUTES, "tdx-match-qe-attributes", ERR_MISMATCH)         \
    X(ATTEST_TDX_MATCH_QE_SIGNER, "tdx-match-qe-signer", ERR_MISMATCH)                 \
    X(ATTEST_TDX_MATCH_QE_PRODUCT, "tdx-match-qe-product", ERR_MISMATCH)               \
    X(ATTEST_TDX_MATCH_QE_LEVEL, "tdx-match-qe-level", ERR_STALE)                      \
    /* the quote under a policy, tdx_judge.h */                                        \
    X(ATTEST_TDX_JUDGE_REPORT_DATA, "tdx-judge-report-data", ERR_MISMATCH)             \
    X(ATTEST_TDX_JUDGE_TRAILING, "tdx-judge-trailing", ERR_POLICY)                     \
    X(ATTEST_TDX_JUDGE_FMSPC, "tdx-judge-fmspc", ERR_POLICY)                           \
    X(ATTEST_TDX_JUDGE_EVALUATION, "tdx-judge-evaluation", ERR_STALE)                  \
    X(ATTEST_TDX_JUDGE_TCB_STATUS, "tdx-judge-tcb-status", ERR_STALE)                  \
    X(ATTEST_TDX_JUDGE_MODULE_STATUS, "tdx-judge-module-status", ERR_STALE)            \
    X(ATTEST_TDX_JUDGE_QE_STATUS, "tdx-judge-qe-status", ERR_STALE)                    \
    X(ATTEST_TDX_JUDGE_DEBUG, "tdx-judge-debug", ERR_POLICY)                           \
    X(ATTEST_TDX_JUDGE_MIGRATION, "tdx-judge-migration", ERR_POLICY)                   \
    X(ATTEST_TDX_JUDGE_SERVICE_TD, "tdx-judge-service-td", ERR_POLICY)                 \
    X(ATTEST_TDX_JUDGE_RESERVED, "tdx-judge-reserved", ERR_POLICY)                     \
    X(ATTEST_TDX_JUDGE_SEPT_VE, "tdx-judge-sept-ve", ERR_POLICY)                       \
    X(ATTEST_TDX_JUDGE_PKS, "tdx-judge-pks", ERR_POLICY)                               \
    X(ATTEST_TDX_JUDGE_KEY_LOCKER, "tdx-judge-key-locker", ERR_POLICY)                 \
    X(ATTEST_TDX_JUDGE_PERFMON, "tdx-judge-perfmon", ERR_POLICY)                       \
    X(ATTEST_TDX_JUDGE_MRTD, "tdx-judge-mrtd", ERR_MISMATCH)                           \
    X(ATTEST_TDX_JUDGE_RTMR, "tdx-judge-rtmr", ERR_MISMATCH)                           \
    X(ATTEST_TDX_JUDGE_CONFIG_ID, "tdx-judge-config-id", ERR_MISMATCH)                 \
    X(ATTEST_TDX_JUDGE_OWNER, "tdx-judge-owner", ERR_MISMATCH)                         \
    X(ATTEST_TDX_JUDGE_OWNER_CONFIG, "tdx-judge-owner-config", ERR_MISMATCH)

#endif
