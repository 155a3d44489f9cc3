/* tsa_chain.h - the certificate chain of the core's key: read, checked, and cut into what
 * tokens and pages need. */
#ifndef HOST_CHAIN_TSA_CHAIN_H
#define HOST_CHAIN_TSA_CHAIN_H

#include "crypto/p384.h"
#include "format/quorate_binding.h"
#include "wire/core_info.h"

#define TSA_CHAIN_CERTS_MAX 8
#define TSA_CHAIN_DER_MAX 24576 /* bytes of all certificates in DER; one of ML-DSA-65: 5600 */
#define TSA_CHAIN_PEM_MAX 49152 /* bytes of the file */
#define TSA_CHAIN_WHY_MAX 200   /* bytes of a reason with its zero */

/* Never changed once made. Views point into its own arrays. */
struct tsa_chain {
    struct view public_key; /* as HELLO gives it */
    struct view spki;       /* the leaf's SubjectPublicKeyInfo, whole */
    bool has_binding;       /* the leaf has the extension QuorateBinding: */
    struct quorate_binding binding;
    struct activation activation; /* but for epoch_id, which no certificate has */
    uint8_t activation_hash[ACTIVATION_HASH_LEN];
    struct view certificates; /* for tokens: sorted DER, without a self-signed root */
    struct view pem_chain;    /* leaf first */
    struct view pem_leaf;
    struct view pem_ca; /* the last of the chain */
    int64_t not_before_s,
        not_after_s; /* when every certificate is valid, and the key may sign */
    size_t n;
    bool has_root; /* the last is self-signed */

    uint8_t der[TSA_CHAIN_DER_MAX]; /* leaf first */
    uint8_t sorted[TSA_CHAIN_DER_MAX];
    uint8_t pem[TSA_CHAIN_DER_MAX / 2 * 3];
};

/* Parses a PEM chain, leaf first, each issued by the next; text between the certificates is
 * ignored. key: whose chain it must be; that of KEY_PQ is of ML-DSA-65 up to its end. now_s:
 * since 1970.
 *
 * ERR_ENCODING: not PEM certificates, or the leaf is no DER. ERR_NOSPACE: over the limits
 * above. ERR_EVIDENCE: the leaf is no time-stamping certificate (a P-384 or ML-DSA-65 key,
 * critical keyUsage digitalSignature, critical extendedKeyUsage timeStamping alone), its serial
 * number or issuer is none that a core takes, its QuorateBinding cannot be read, or one is not
 * issued by the next, or no CA. ERR_TIME: not valid now. why says more; *out is then all zero.
 */
MUST_CHECK enum err tsa_chain_parse(struct view pem, enum core_key key, int64_t now_s,
                                    struct tsa_chain *out, char why[TSA_CHAIN_WHY_MAX]);

#endif
