/* certified.h - the certificate chain that the certify command gave, before anything relies on
 * it, and the public key that it was given. */
#ifndef HOST_AUTHORITY_CERTIFIED_H
#define HOST_AUTHORITY_CERTIFIED_H

#include "crypto/p384.h"
#include "wire/core_info.h"

#define CERTIFIED_PEM_MAX 65536 /* bytes of a chain in PEM */
#define CERTIFIED_SPKI_MAX 512  /* bytes of a P-384 public key in PEM */

struct certified {
    uint8_t cert_hash[CERT_HASH_LEN]; /* SHA-256 of the leaf */
    uint8_t serial[CERT_SERIAL_MAX];  /* INTEGER body */
    uint8_t issuer[CERT_ISSUER_MAX];  /* Name, DER */
    size_t serial_len, issuer_len;
    uint8_t pem[CERTIFIED_PEM_MAX]; /* the certificates alone, leaf first, root last */
    size_t pem_len;
};

/* SubjectPublicKeyInfo (RFC 5480) of the point 04 | X | Y in PEM. ERR_RANGE: no point of the
 * curve. ERR_NOSPACE, ERR_BUG. */
MUST_CHECK enum err certified_spki_pem(const uint8_t public_key[P384_PUBLIC_LEN],
                                       struct writer *w);

/* Reads PEM certificates; other text between them is ignored. On failure *out is all zero and
 * *why is one sentence for people.
 *
 * ERR_ENCODING: no certificate, or one that cannot be read. ERR_NOSPACE: more than
 * TOKEN_CERTIFICATES_MAX, or too long. ERR_MISMATCH: the leaf is for another key.
 * ERR_EXTENSION: extendedKeyUsage is not critical and timeStamping alone (RFC 3161 2.3), or
 * keyUsage is not critical and digitalSignature. ERR_RANGE: a serial number or issuer that a
 * core does not take. ERR_SIGNATURE: a certificate is not issued by the next one, or the last
 * is not self-signed. ERR_TIME: one of them is not valid at now_s (s since
 * 1970-01-01T00:00:00Z). */
MUST_CHECK enum err certified_parse(struct view pem, const uint8_t public_key[P384_PUBLIC_LEN],
                                    int64_t now_s, struct certified *out, const char **why);

#endif
