/* tdx_chain.h - from Intel's pinned root to the key that certifies quoting enclaves on one
 * platform (PCK), and to the keys that sign what Intel says of platforms (Intel: PCK
 * Certificate and CRL Specification). All of ECDSA P-256 with SHA-256. Times are seconds since
 * 1970 and the caller's. */
#ifndef ATTEST_TDX_CHAIN_H
#define ATTEST_TDX_CHAIN_H

#include "attest/snp_chain.h"
#include "attest/tdx_pck.h"
#include "attest/tdx_quote.h"

#define TDX_CERT_MAX 2048 /* bytes of a certificate: real ones have 700 to 1,300 */
#define TDX_CRL_MAX 16384 /* bytes of a revocation list: Intel's longest has 2,700 */
#define TDX_PIN_LEN 32

/* Whom we trust: SHA-256 of the SubjectPublicKeyInfo. */
struct tdx_root {
    enum attest_assurance assurance;
    uint8_t pin[TDX_PIN_LEN];
};

struct tdx_roots {
    const struct tdx_root *p;
    size_t n;
};

/* The Intel SGX Root CA. */
extern const struct tdx_roots tdx_roots_compiled;

/* Who issues, once it was verified. Views point into what was given, or into the chain. */
struct tdx_issuer {
    uint8_t public_key[P256_PUBLIC_LEN];
    struct view name; /* its subject */
};

/* The certificates of a quote. der holds what was PEM; the rest points into it. */
struct tdx_chain {
    uint8_t der[3][TDX_CERT_MAX]; /* leaf, issuer, root */
    struct view certs[3];
    struct tdx_issuer root, ca;
    uint8_t pck_key[P256_PUBLIC_LEN];
    struct view ca_serial, pck_serial; /* INTEGER bodies */
    struct tdx_pck pck;
    enum attest_assurance assurance;
    int64_t from_s, until_s; /* in which all that was verified holds */
};

/* Verifies the three certificates that a quote brings as PEM, leaf first; the text may end with
 * a byte of zero, and else nothing but spaces stands behind the last. All of them valid at
 * at_s. On failure *out is all zero. In this order:
 *
 * ATTEST_TDX_CHAIN_PEM: not three certificates, or one over TDX_CERT_MAX.
 * ATTEST_TDX_ROOT_PARSE, ATTEST_TDX_ROOT_PIN: no root of ours. ATTEST_TDX_ROOT_ISSUER: not
 * issued by itself. ATTEST_TDX_ROOT_CA: not a CA that may sign certificates and lists.
 * ATTEST_TDX_ROOT_KEY: not of P-256. ATTEST_TDX_ROOT_ALGORITHM, ATTEST_TDX_ROOT_SIGNATURE,
 * ATTEST_TDX_ROOT_TIME.
 * ATTEST_TDX_CA_PARSE, ATTEST_TDX_CA_NAME: not Intel SGX PCK Platform (or Processor) CA.
 * ATTEST_TDX_CA_ISSUER: not the root. ATTEST_TDX_CA_CA: not a CA that may sign both.
 * ATTEST_TDX_CA_KEY, ATTEST_TDX_CA_ALGORITHM, ATTEST_TDX_CA_SIGNATURE, ATTEST_TDX_CA_TIME.
 * ATTEST_TDX_PCK_PARSE, ATTEST_TDX_PCK_NAME: not Intel SGX PCK Certificate.
 * ATTEST_TDX_PCK_ISSUER, ATTEST_TDX_PCK_CA: it is one. ATTEST_TDX_PCK_KEY,
 * ATTEST_TDX_PCK_ALGORITHM, ATTEST_TDX_PCK_SIGNATURE, ATTEST_TDX_PCK_TIME. As
 * tdx_pck_parse(). */
MUST_CHECK enum attest_fault tdx_chain_verify(struct view pem, const struct tdx_roots *roots,
                                              int64_t at_s, struct tdx_chain *out);

/* Verifies the lists of the root and of the PCKs' issuer, DER, and that neither the issuer nor
 * the PCK is in them. Narrows the chain's time. In this order, of each list:
 *
 * ATTEST_TDX_ROOT_CRL_PARSE: no list, or over TDX_CRL_MAX. ATTEST_TDX_ROOT_CRL_ISSUER,
 * ATTEST_TDX_ROOT_CRL_ALGORITHM, ATTEST_TDX_ROOT_CRL_SIGNATURE. ATTEST_TDX_ROOT_CRL_TIME: of
 * later, over, or without an end. ATTEST_TDX_ROOT_CRL_REVOKED. And those of
 * ATTEST_TDX_PCK_CRL_. */
MUST_CHECK enum attest_fault tdx_chain_check_lists(struct tdx_chain *c, struct view root_crl,
                                                   struct view pck_crl, int64_t at_s);

enum tdx_signs {
    TDX_SIGNS_TCB_INFO,
    TDX_SIGNS_QE_IDENTITY,
};

/* Verifies who signs one kind of collateral: the first certificate of its chain in PEM, issued
 * by the chain's root and by nobody else. What follows it there is not looked at. root_crl as
 * it was checked. Narrows the chain's time. *key is zero on failure. In this order:
 *
 * ATTEST_TDX_TCB_CERT_PARSE, ATTEST_TDX_TCB_CERT_NAME: not Intel SGX TCB Signing.
 * ATTEST_TDX_TCB_CERT_ISSUER, ATTEST_TDX_TCB_CERT_CA: it is one. ATTEST_TDX_TCB_CERT_KEY,
 * ATTEST_TDX_TCB_CERT_ALGORITHM, ATTEST_TDX_TCB_CERT_SIGNATURE, ATTEST_TDX_TCB_CERT_TIME,
 * ATTEST_TDX_TCB_CERT_REVOKED; or those of ATTEST_TDX_QE_CERT_. */
MUST_CHECK enum attest_fault tdx_chain_signer(struct tdx_chain *c, enum tdx_signs what,
                                              struct view pem, struct view root_crl,
                                              int64_t at_s, uint8_t key[P256_PUBLIC_LEN]);

/* Whether that key signed those bytes with ECDSA P-256 and SHA-256; sig is r | s. */
bool tdx_signed_by(struct view bytes, const uint8_t sig[P256_SIG_LEN],
                   const uint8_t key[P256_PUBLIC_LEN]);

/* Narrows the chain's time to [from_s, until_s]; whether at_s is in that. */
bool tdx_chain_narrow(struct tdx_chain *c, int64_t from_s, int64_t until_s, int64_t at_s);

/* What the first certificate of such a text says of its platform. Nothing is verified. On
 * failure *out is all zero. ATTEST_TDX_CHAIN_PEM, ATTEST_TDX_PCK_PARSE, as tdx_pck_parse(). */
MUST_CHECK enum attest_fault tdx_chain_peek(struct view pem, struct tdx_pck *out);

#endif
