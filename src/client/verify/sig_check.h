/* sig_check.h - public-key signatures of SignerInfo, RFC 5652 5.6, by OpenSSL: RSA (PKCS#1 v1.5
 * and PSS), ECDSA on any curve, Ed25519. Of ML-DSA the identifier is read; pq_signer.h
 * verifies it. */
#ifndef CLIENT_VERIFY_SIG_CHECK_H
#define CLIENT_VERIFY_SIG_CHECK_H

#include "base/bytes.h"
#include "client/kit/openssl.h"
#include "client/token/digest.h"
#include "crypto/mldsa/mldsa_params.h"

#define SIG_NAME_LEN 48

struct sig_alg {
    enum { SIG_RSA, SIG_RSA_PSS, SIG_ECDSA, SIG_ED25519, SIG_ML_DSA } kind;
    const struct digest_alg *digest;   /* that of SignerInfo for Ed25519 and ML-DSA */
    const struct digest_alg *mgf1;     /* SIG_RSA_PSS only */
    int salt_len;                      /* SIG_RSA_PSS only */
    const struct mldsa_params *ml_dsa; /* SIG_ML_DSA only */
    char name[SIG_NAME_LEN];           /* "ecdsa-with-SHA384" */
};

/* Reads signatureAlgorithm (a whole AlgorithmIdentifier, DER). Where it names no hash of its
 * own (rsaEncryption, id-ecPublicKey) digest is SignerInfo's. ERR_BAD_ALG: not an algorithm
 * that is verified here; out->name says which it is. ERR_ENCODING: not an AlgorithmIdentifier,
 * or not the parameters of its algorithm. */
MUST_CHECK enum err sig_alg_read(struct view algorithm, const struct digest_alg *digest,
                                 struct sig_alg *out);

/* Verifies signature over message under key; SIG_ML_DSA never verifies here.
 * ERR_SIGNATURE: it does not verify, or key is of another kind. ERR_NOSPACE: no memory. */
MUST_CHECK enum err sig_check(EVP_PKEY *key, const struct sig_alg *alg, struct view message,
                              struct view signature);

#endif
