/* snp_chain.h - from a pinned root of AMD (ARK) to who issues the keys that sign reports: the
 * ASK, which issues VCEKs, or the ASVK, which issues VLEKs (AMD publication 57230).
 * Certificates are DER; RSASSA-PSS with exactly the parameters of rsa_pss.h. Times are seconds
 * since 1970 and the caller's: evidence is judged at the time that it is of, not at that of a
 * wall clock. */
#ifndef ATTEST_SNP_CHAIN_H
#define ATTEST_SNP_CHAIN_H

#include "attest/snp_report.h"
#include "crypto/rsa_pss.h"
#include "format/cert_parse.h"

#define SNP_CERT_MAX 4096 /* bytes of a certificate: real ones have 1,300 to 1,700 */
#define SNP_CRL_MAX 16384 /* bytes of a revocation list */
#define SNP_PIN_LEN 32
#define SNP_NAME_DIGEST_LEN 32

/* What a verdict may be worth at most. */
enum attest_assurance {
    ATTEST_ASSURANCE_NONE = 0,
    ATTEST_ASSURANCE_SIMULATED, /* signed by software that says so */
    ATTEST_ASSURANCE_HARDWARE,
};

/* Whom we trust: a root is known by SHA-256 of its SubjectPublicKeyInfo, never by its name. */
struct snp_root {
    enum snp_line line;
    enum attest_assurance assurance;
    uint8_t pin[SNP_PIN_LEN];
};

struct snp_roots {
    const struct snp_root *p;
    size_t n;
};

/* AMD's roots for Milan, Genoa and Turin, and those of the simulated lines in builds that admit
 * simulated parts. What verifies evidence of others uses these. */
extern const struct snp_roots snp_roots_compiled;

/* An ASK or ASVK under a root. */
struct snp_issuer {
    enum snp_line line;
    enum attest_assurance assurance;
    enum snp_signer signs; /* what it issues */
    uint8_t modulus[RSA_PSS_4096_LEN];
    uint8_t name_digest[SNP_NAME_DIGEST_LEN]; /* SHA-256 of its Name */
    int64_t from_s, until_s;                  /* within root and itself, and the list if any */
    bool crl_checked;
};

/* Verifies that ark is a root of that table and self-signed, that it issued ask, and, where crl
 * has bytes, that the root's list does not revoke ask; all of them valid at at_s. On failure
 * *out is all zero. In this order:
 *
 * ATTEST_ARK_PARSE: no certificate, or over SNP_CERT_MAX. ATTEST_ARK_PIN: no root of ours.
 * ATTEST_ARK_NAME: not issued by itself. ATTEST_ARK_CA: not a CA that may sign certificates.
 * ATTEST_ARK_KEY: not RSA of 4096 bits, exponent 65537. ATTEST_ARK_ALGORITHM,
 * ATTEST_ARK_SIGNATURE, ATTEST_ARK_TIME.
 * ATTEST_ASK_PARSE, ATTEST_ASK_ISSUER: not issued by that root. ATTEST_ASK_NAME: its common
 * name is neither SEV-<line> nor SEV-VLEK-<line>. ATTEST_ASK_CA: not a CA with path length 0.
 * ATTEST_ASK_KEY, ATTEST_ASK_ALGORITHM, ATTEST_ASK_SIGNATURE, ATTEST_ASK_TIME: likewise.
 * ATTEST_CRL_PARSE: no list, or over SNP_CRL_MAX. ATTEST_CRL_ISSUER: not of that root.
 * ATTEST_CRL_USAGE: the root may sign no lists. ATTEST_CRL_ALGORITHM, ATTEST_CRL_SIGNATURE.
 * ATTEST_CRL_TIME: of later, over, or without an end. ATTEST_CRL_REVOKED: it names ask. */
MUST_CHECK enum attest_fault snp_issuer_verify(struct view ark, struct view ask,
                                               struct view crl, const struct snp_roots *roots,
                                               int64_t at_s, struct snp_issuer *out);

/* ---- for snp_vek.c ---- */

enum snp_signed {
    SNP_SIGNED_OK,
    SNP_SIGNED_ALGORITHM, /* not by those parameters, or not as long as they make it */
    SNP_SIGNED_SIGNATURE,
};

/* Whether the key with that modulus signed those bytes. */
enum snp_signed snp_signed_by(struct view bytes, const struct alg_id *alg,
                              struct view signature, const uint8_t modulus[RSA_PSS_4096_LEN]);

/* The one commonName of a Name; n == 0: it has none, or several. */
struct view snp_common_name(struct view name);

#endif
