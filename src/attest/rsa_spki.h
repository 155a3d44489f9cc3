/* rsa_spki.h - the RSA key of a certificate (RFC 3279 2.3.1). */
#ifndef ATTEST_RSA_SPKI_H
#define ATTEST_RSA_SPKI_H

#include "format/cert_ids.h"

/* The modulus, of exactly n bytes, beside exponent 65537. ERR_BAD_ALG: not RSA. ERR_LENGTH:
 * another length or exponent. ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. modulus is
 * untouched then. */
MUST_CHECK enum err rsa_spki_read(const struct cert_ids *c, uint8_t *modulus, size_t n);

#endif
