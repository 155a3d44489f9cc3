/* tpm_quote.h - what TPM2_Quote answers (TPM 2.0 Library, part 3, 18.4), and the values of the
 * PCRs that it is about:
 *
 * TPM2B_ATTEST | TPMT_SIGNATURE | 32 bytes for each PCR that is selected, lowest first
 *
 * One selection of the bank of SHA-256, a key of RSA with 2048 bits. What is signed is verified
 * as it stands. */
#ifndef ATTEST_TPM_QUOTE_H
#define ATTEST_TPM_QUOTE_H

#include "attest/attest_fault.h"
#include "base/bytes.h"
#include "crypto/rsa_2048.h"

#define TPM_QUOTE_MAX 2048    /* bytes, all together */
#define TPM_EXTRA_DATA_MAX 64 /* bytes of extraData: TPM2B_DATA has no more */
#define TPM_PCRS 24
#define TPM_PCR_LEN 32
#define TPM_NAME_MAX 66 /* bytes of a name: algorithm and digest */

/* Views point into the parsed bytes. */
struct tpm_quote {
    struct view attest; /* TPMS_ATTEST */
    struct view qualified_signer, extra_data;
    uint64_t clock_ms;
    uint32_t reset_count, restart_count;
    bool clock_safe;
    uint64_t firmware_version;
    uint32_t pcr_mask; /* bit i: PCR i is selected; never 0 */
    struct view pcr_digest;
    enum rsa_scheme scheme;
    struct view signature; /* RSA_2048_LEN bytes */
    struct view pcrs;      /* the values */
};

/* Parses one quote and nothing after it. It verifies nothing. On failure *out is all zero.
 *
 * ATTEST_QUOTE_SIZE: over TPM_QUOTE_MAX. ATTEST_QUOTE_FORM: not of that form.
 * ATTEST_QUOTE_MAGIC: not made by a TPM. ATTEST_QUOTE_TYPE: of something else than PCRs.
 * ATTEST_QUOTE_SELECTION: not one, of SHA-256 and of up to TPM_PCRS, or of none.
 * ATTEST_QUOTE_ALGORITHM: neither RSASSA nor RSAPSS with SHA-256, or of another length.
 * ATTEST_QUOTE_PCRS: not as many values as are selected. */
MUST_CHECK enum attest_fault tpm_quote_parse(struct view in, struct tpm_quote *out);

/* Whether the key with that modulus signed it, and the values are those that it is about.
 * ATTEST_QUOTE_KEY: the modulus is none. ATTEST_QUOTE_SIGNATURE. ATTEST_QUOTE_DIGEST. */
MUST_CHECK enum attest_fault tpm_quote_verify(const struct tpm_quote *q,
                                              const uint8_t modulus[RSA_2048_LEN]);

/* The value of that PCR, TPM_PCR_LEN bytes; n == 0: it is not selected. */
struct view tpm_quote_pcr(const struct tpm_quote *q, unsigned index);

#endif
