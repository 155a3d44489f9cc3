/* tsp_req.h - TimeStampReq, RFC 3161 2.4.1. */
#ifndef FORMAT_TSP_REQ_H
#define FORMAT_TSP_REQ_H

#include "base/bytes.h"
#include "crypto/hash.h"

#define TSP_NONCE_MAX 64 /* bytes of INTEGER body that we echo */

struct message_imprint {
    enum hash_alg alg;
    struct view digest; /* 32, 48 or 64 bytes, as alg says */
};

/* Views point into the request bytes. */
struct tsp_req {
    struct message_imprint imprint;
    struct view policy; /* reqPolicy OID body; n == 0: absent */
    struct view nonce;  /* INTEGER body as sent; n == 0: absent */
    bool cert_req;      /* an encoded FALSE is taken as absent: refusing it helps nobody */
};

/* Parses one TimeStampReq and nothing after it. On failure *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING, ERR_LENGTH: badDataFormat. A malformed
 * request is told so before anything else is said about it, except of its version and
 * algorithm. ERR_VERSION: version is not 1; ERR_RANGE: nonce over TSP_NONCE_MAX: badRequest.
 * ERR_BAD_ALG: hash unknown: badAlg.
 * ERR_EXTENSION: any extension at all; none is supported. */
MUST_CHECK enum err tsp_req_parse(struct view in, struct tsp_req *out);

#define TSP_REQ_MAX 256 /* bytes of the largest that tsp_req_write() makes from what it may */

/* Appends the TimeStampReq: version 1, hashAlgorithm without parameters, certReq only when
 * TRUE. Overflow is kept in w, and so is an imprint whose length is not its algorithm's. */
void tsp_req_write(struct writer *w, const struct tsp_req *req);

#endif
