/* sigstore_req.h - the JSON request of sigstore's time-stamp authority, read into a
 * TimeStampReq's fields. */
#ifndef HOST_FRONT_SIGSTORE_REQ_H
#define HOST_FRONT_SIGSTORE_REQ_H

#include "format/tsp_req.h"

#define SIGSTORE_REQ_MAX 4096  /* bytes of a body */
#define SIGSTORE_POLICY_MAX 32 /* bytes of an OID body */

/* Views of req point into the arrays. */
struct sigstore_req {
    struct tsp_req req;
    uint8_t digest[HASH_MAX];
    uint8_t nonce[TSP_NONCE_MAX];
    uint8_t policy[SIGSTORE_POLICY_MAX];
};

/* Reads {"artifactHash": base64, "hashAlgorithm": text, "nonce": integer, "certificates": bool,
 * "tsaPolicyOID": text}; the first two must be there, others that are not named are refused. On
 * failure *out is all zero.
 *
 * ERR_ENCODING: no JSON object, a name twice, an unknown or missing name, a value of another
 * type, base64, an OID that is none. ERR_RANGE: a nonce over 154 digits. ERR_BAD_ALG: hash
 * unknown. ERR_LENGTH: digest of another length. ERR_POLICY: an OID over SIGSTORE_POLICY_MAX
 * bytes. ERR_NOSPACE: more than SIGSTORE_REQ_MAX bytes. */
MUST_CHECK enum err sigstore_req_parse(struct view in, struct sigstore_req *out);

#endif
