/* stamping.h - from judged fields to the digest that is signed. The core's own bytes, from
 * fields alone; nothing is parsed. */
#ifndef ENCLAVE_JUDGE_STAMPING_H
#define ENCLAVE_JUDGE_STAMPING_H

#include "crypto/mldsa/mldsa.h"
#include "enclave/judge/boot_args.h"

#define SIGN_DIGEST_LEN MLDSA_MU_LEN

/* What an activation leaves behind for one key. */
struct stamp_cert {
    bool active;
    uint8_t tr[MLDSA_TR_LEN]; /* KEY_PQ: hash of the public key, FIPS 204 alg. 6 */
    uint8_t activation[ACTIVATION_HASH_LEN]; /* zero while not active */
    uint8_t cert_hash[CERT_HASH_LEN];
    uint8_t serial_len;
    uint8_t serial[CERT_SERIAL_MAX];
    uint16_t issuer_len;
    uint8_t issuer[CERT_ISSUER_MAX];
};

/* Takes over an activation; tr stays. */
void stamp_cert_set(struct stamp_cert *c, const struct activation *a);

/* TSTInfo from st, s and p; signedAttrs from its digest and the certificate of key, one that
 * p takes; of KEY_DUAL they name the other, too. Then what key signs of those: KEY_CLASSIC:
 * SHA-384 twice, P384_DIGEST_LEN bytes. KEY_PQ: SHA-512, then ML-DSA's mu of the DER SET OF
 * (RFC 5652 5.4, RFC 9882) with an empty context under tr; MLDSA_MU_LEN bytes. certs: by key
 * - 1. ERR_NOSPACE: they do not fit their buffers; digest is zero. */
MUST_CHECK enum err stamping_digest(const struct stamp *st, const struct r2_stamp *s,
                                    const struct boot_policy *p,
                                    const struct stamp_cert certs[WIRE_KEYS_MAX],
                                    enum core_key key, uint8_t digest[SIGN_DIGEST_LEN]);

#endif
