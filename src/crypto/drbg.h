/* drbg.h - HMAC_DRBG with SHA-384, NIST SP 800-90A 10.1.2. State in the caller's locked memory.
 */
#ifndef CRYPTO_DRBG_H
#define CRYPTO_DRBG_H

#include "base/bytes.h"

#define DRBG_SEED_LEN 48
#define DRBG_BYTES_MAX 65536 /* of one request, SP 800-90A table 2 */

struct drbg {
    uint8_t k[48], v[48];
    uint64_t reseed_counter;
};

/* entropy: DRBG_SEED_LEN bytes or more, of full entropy; personal may be empty. */
void drbg_init(struct drbg *d, struct view entropy, struct view personal);
void drbg_reseed(struct drbg *d, struct view entropy);
/* ERR_RANGE: n over DRBG_BYTES_MAX. ERR_STATE: 2^48 requests without a reseed. out is untouched
 * then. */
MUST_CHECK enum err drbg_generate(struct drbg *d, struct view additional, uint8_t *out,
                                  size_t n);
void drbg_wipe(struct drbg *d);

#endif
