/* tpm_public.h - the public area of a key that signs quotes (TPM2B_PUBLIC, TPM 2.0 Library,
 * part 2, 12.2.4 and 12.2.5), and its certificate. Neither is needed to believe a quote: the
 * paravisor names the key. Whoever shows them shows that they are of the same key. */
#ifndef ATTEST_TPM_PUBLIC_H
#define ATTEST_TPM_PUBLIC_H

#include "attest/attest_fault.h"
#include "base/bytes.h"
#include "crypto/rsa_2048.h"

#define TPM_PUBLIC_MAX 1024 /* bytes: one has 280 */
#define AK_CERT_MAX 4096    /* bytes of its certificate: the vTPM has that much room */

#define TPM_PUBLIC_NAME_LEN 34

struct tpm_public {
    uint32_t attributes;               /* TPMA_OBJECT */
    enum rsa_scheme scheme;            /* 0: that of each quote */
    uint8_t modulus[RSA_2048_LEN];     /* exponent 65537 */
    uint8_t name[TPM_PUBLIC_NAME_LEN]; /* part 1, 16: algorithm, SHA-256 of the area */
};

/* Parses one public area and nothing after it, of a key that may be believed: it was made in
 * that TPM and cannot leave it, and signs nothing that the TPM did not make. On failure *out is
 * all zero.
 *
 * ATTEST_AK_PUBLIC: over TPM_PUBLIC_MAX, or not of that form. ATTEST_AK_KEY: not RSA of 2048
 * bits with exponent 65537 that signs with SHA-256. ATTEST_AK_ATTRIBUTES. */
MUST_CHECK enum attest_fault tpm_public_parse(struct view in, struct tpm_public *out);

/* Whether a certificate is of the key with that modulus; who issued it is not looked at.
 * ATTEST_AK_CERT: no certificate, over AK_CERT_MAX, or of another key. */
MUST_CHECK enum attest_fault ak_cert_check(struct view der,
                                           const uint8_t modulus[RSA_2048_LEN]);

#endif
