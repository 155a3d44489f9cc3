/* query_make.h - the TimeStampReq that stamp, query and bench send. */
#ifndef CLIENT_STAMP_QUERY_MAKE_H
#define CLIENT_STAMP_QUERY_MAKE_H

#include "format/tsp_req.h"
#include "os/entropy.h"

#define QUERY_NONCE_RANDOM 8 /* random bytes in a nonce */
#define QUERY_NONCE_LEN 9    /* and the octet that keeps it positive */

/* One query, and the bytes that its views point into. */
struct query {
    uint8_t digest[HASH_MAX];
    uint8_t nonce[QUERY_NONCE_LEN];
    uint8_t der[TSP_REQ_MAX];
    struct tsp_req req;
    struct view bytes; /* what is sent */
};

/* What is asked besides the imprint. */
struct query_wants {
    struct view policy; /* OID body; n == 0: none */
    bool nonce;
    bool certificates;
};

/* The INTEGER body, minimal and positive, of 64 random bits; n is 1 to QUERY_NONCE_LEN. All
 * zero bits give zero. */
struct view query_nonce(const uint8_t random[QUERY_NONCE_RANDOM], uint8_t out[QUERY_NONCE_LEN]);

/* Fills *out, which must not move afterwards. digest: hash_len(alg) bytes.
 * ERR_IO: no randomness. ERR_NOSPACE: policy too long for TSP_REQ_MAX. */
MUST_CHECK enum err query_make(enum hash_alg alg, const uint8_t *digest,
                               const struct query_wants *wants,
                               const struct entropy_source *entropy, struct query *out);

#endif
