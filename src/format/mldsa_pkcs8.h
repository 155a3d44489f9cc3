/* mldsa_pkcs8.h - the private key file of ML-DSA-65 in its seed form: PKCS#8 (RFC 5958) as RFC
 * 9881 6 fills it. Files are of test authorities only; the core's keys are never written. */
#ifndef FORMAT_MLDSA_PKCS8_H
#define FORMAT_MLDSA_PKCS8_H

#include "base/bytes.h"

#define MLDSA_PKCS8_SEED_LEN 32
#define MLDSA_PKCS8_LEN 54

/* Writes OneAsymmetricKey. Both hold the secret: the caller wipes them. */
void mldsa_pkcs8_write(const uint8_t seed[MLDSA_PKCS8_SEED_LEN], uint8_t out[MLDSA_PKCS8_LEN]);

/* Takes the seed out. seed is untouched on failure. ERR_LENGTH, ERR_TAG: not the seed form of
 * an ML-DSA-65 key; the expanded form and the one with both are not read. */
MUST_CHECK enum err mldsa_pkcs8_parse(struct view in, uint8_t seed[MLDSA_PKCS8_SEED_LEN]);

#endif
