/* rsa_jwk.h - an RSA key as JSON (RFC 7517, RFC 7518 6.3.1). */
#ifndef ATTEST_RSA_JWK_H
#define ATTEST_RSA_JWK_H

#include "crypto/rsa_2048.h"
#include "format/json.h"

/* Whether it has kty RSA, exponent 65537 and a modulus of 2048 bits, base64url without a zero
 * before it; *modulus is untouched if not. */
bool rsa_jwk_read(const struct json_value *key, uint8_t modulus[RSA_2048_LEN]);

#endif
