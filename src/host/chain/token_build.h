/* token_build.h - makes the TimeStampResp of a stamp that a core signed, with the same writers
 * as the core. Pure. */
#ifndef HOST_CHAIN_TOKEN_BUILD_H
#define HOST_CHAIN_TOKEN_BUILD_H

#include "format/token_write.h"
#include "host/chain/tsa_chain.h"
#include "host/coord/coord.h"

#define TOKEN_BUILD_MAX (TSA_CHAIN_DER_MAX + 8192) /* bytes of the largest reply */

struct token_build_in {
    const struct coord_job *job;    /* done, with err ERR_OK */
    const struct tsa_chain *chain;  /* of the key that signed; of KEY_DUAL the classic one */
    const struct tsa_chain *beside; /* of KEY_DUAL the pq key's, else NULL */
    struct view policy;             /* OID body */
    bool cert_req;
};

/* Writes the reply into out. *token: the ContentInfo in it. On failure both views are empty.
 * ERR_LENGTH: a signature of the wrong length. ERR_NOSPACE: the certificates of both chains do
 * not fit; one chain always does.
 */
MUST_CHECK enum err token_build(const struct token_build_in *in, uint8_t out[TOKEN_BUILD_MAX],
                                struct view *resp, struct view *token);

/* What the pq key signs of a token: ML-DSA's mu, MLDSA_MU_LEN bytes, of the signedAttrs. job
 * has its stamp, and no signature yet; chain is of KEY_PQ. */
MUST_CHECK enum err token_build_mu(const struct token_build_in *in, uint8_t *mu);

/* What a classic key of several cores signs of a token: the SHA-384 digest of the signedAttrs,
 * P384_DIGEST_LEN bytes. job has its stamp, and no signature yet; chain is of KEY_CLASSIC. */
MUST_CHECK enum err token_build_digest(const struct token_build_in *in, uint8_t *digest);

/* The ContentInfo in a reply that was granted. ERR_TRUNCATED, ERR_TAG, ERR_ENCODING: it is no
 * reply of ours. */
MUST_CHECK enum err token_build_find(struct view resp, struct view *token);

#endif
