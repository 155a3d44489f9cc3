/* signed_attrs.h - writes the signedAttrs of a time-stamp token, RFC 5652 5.3, RFC 5816, RFC
 * 6211, RFC 5752, in DER. */
#ifndef FORMAT_SIGNED_ATTRS_H
#define FORMAT_SIGNED_ATTRS_H

#include "base/bytes.h"

#define SIGNED_ATTRS_MAX 1024
#define SIGNED_ATTRS_CERT_HASH_LEN 32

enum sign_alg {
    SIGN_ECDSA_P384_SHA384, /* messageDigest by SHA-384 */
    SIGN_ML_DSA_65,         /* messageDigest by SHA-512, RFC 9882 */
    SIGN_ALG_COUNT,
};

struct ess_cert_id_v2 {
    uint8_t cert_hash[SIGNED_ATTRS_CERT_HASH_LEN]; /* SHA-256: the default, so its algorithm is
                                                      omitted */
    struct view issuer;                            /* Name, DER */
    struct view serial;                            /* INTEGER body */
};

/* Appends the attributes as SET OF (tag 0x31), in DER order: the bytes that are signed.
 * contentType id-ct-TSTInfo, messageDigest, CMSAlgorithmProtection and signingCertificateV2.
 * message_digest: 48 or 64 bytes as alg says; another length counts as overflow, which is kept
 * in w. */
void signed_attrs_write(struct writer *w, enum sign_alg alg, struct view message_digest,
                        const struct ess_cert_id_v2 *cert);

/* The same for one of the two SignerInfos over one tst_info that name one another: with the
 * attribute id-aa-multipleSignatures (RFC 5752 3), which has the algorithms of the other, its
 * ESSCertIDv2 without issuerSerial, and the hash, as alg's messageDigest, of its attributes
 * with the hash in their own such attribute empty (RFC 5752 4.4.1). certs: by enum sign_alg. */
void signed_attrs_write_dual(struct writer *w, enum sign_alg alg, struct view tst_info,
                             const struct ess_cert_id_v2 certs[SIGN_ALG_COUNT]);

#endif
