/* stamping.h - from judged fields to the digest that is signed. The core's own bytes, from
 * fields alone; nothing is parsed. */
#ifndef ENCLAVE_CORE_STAMPING_H
#define ENCLAVE_CORE_STAMPING_H

#include "crypto/p384.h"
#include "enclave/core/boot_args.h"

/* What an activation leaves behind for one key. */
struct stamp_cert {
    bool active;
    uint8_t activation[ACTIVATION_HASH_LEN]; /* zero while not active */
    uint8_t cert_hash[CERT_HASH_LEN];
    uint8_t serial_len;
    uint8_t serial[CERT_SERIAL_MAX];
    uint16_t issuer_len;
    uint8_t issuer[CERT_ISSUER_MAX];
};

void stamp_cert_set(struct stamp_cert *c, const struct activation *a);

/* TSTInfo from st, s and p; signedAttrs from its SHA-384 and c; the SHA-384 of those.
 * ERR_NOSPACE: they do not fit their buffers; digest is zero. */
MUST_CHECK enum err stamping_digest(const struct stamp *st, const struct r2_stamp *s,
                                    const struct boot_policy *p, const struct stamp_cert *c,
                                    uint8_t digest[P384_DIGEST_LEN]);

#endif
