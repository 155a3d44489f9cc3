/* pq_signer.h - ML-DSA signers among OpenSSL's certificates: pq_chain.h from DER to DER. */
#ifndef CLIENT_VERIFY_PQ_SIGNER_H
#define CLIENT_VERIFY_PQ_SIGNER_H

#include "client/kit/openssl.h"
#include "client/trust/trust.h"
#include "crypto/mldsa/mldsa_params.h"

/* Whether signature is one of the parameter set params over message by the key of x, empty
 * context. ERR_NOSPACE: no memory. Anything else: it is not; reason says why. ERR_BAD_ALG: the
 * key is of another algorithm. ERR_LENGTH, ERR_ENCODING, ERR_RANGE: key or signature is
 * malformed. ERR_SIGNATURE: well formed, and not genuine. Else what cert_parse() says of x. */
MUST_CHECK enum err pq_signer_check(X509 *x, const struct mldsa_params *params,
                                    struct view message, struct view signature, char *reason,
                                    size_t cap);

/* Whether an anchor of trust has an ML-DSA key. */
bool pq_signer_has_anchor(const struct trust *trust);

/* Finds and checks the path of x up to an ML-DSA anchor of trust. helpers: certificates that
 * came with the token; may be NULL. *chain: the path, the signer first, to be freed with
 * sk_X509_pop_free(); NULL on failure. reason gets why it failed, or what the anchor is. Errors
 * as pq_chain_check(). */
MUST_CHECK enum err pq_signer_chain(const struct trust *trust, X509 *x,
                                    STACK_OF(X509) * helpers, int64_t at_s,
                                    STACK_OF(X509) * *chain, char *reason, size_t cap);

#endif
