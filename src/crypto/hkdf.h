/* hkdf.h - HMAC (FIPS 198-1) and HKDF (RFC 5869) with SHA-384, by nettle. What it leaves on the
 * stack is secret where the key is: whoever cares calls it on a work stack. */
#ifndef CRYPTO_HKDF_H
#define CRYPTO_HKDF_H

#include "base/bytes.h"

#define HKDF_LEN 48           /* of a MAC and of a PRK */
#define HKDF_EXPAND_MAX 12240 /* bytes: 255 MACs, RFC 5869 2.3 */

/* A pseudorandom key. Secret. */
struct hkdf_prk {
    uint8_t k[HKDF_LEN];
};

void hkdf_hmac(struct view key, struct view message, uint8_t mac[HKDF_LEN]);

void hkdf_extract(struct view salt, struct view ikm, struct hkdf_prk *prk);

/* ERR_RANGE: n over HKDF_EXPAND_MAX; out is untouched. */
MUST_CHECK enum err hkdf_expand(const struct hkdf_prk *prk, struct view info, uint8_t *out,
                                size_t n);

#endif
