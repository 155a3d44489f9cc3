/* tsq.h - any TimeStampReq (RFC 3161 2.4.1), as inspect shows it: hashes, versions and
 * extensions too that no token would be given for. format/tsp_req.h is the strict reader. */
#ifndef CLIENT_INSPECT_TSQ_H
#define CLIENT_INSPECT_TSQ_H

#include "base/bytes.h"

#include <jansson.h>
#include <stdio.h>

/* Views point into the parsed bytes. */
struct tsq {
    struct view version;  /* INTEGER body */
    struct view hash_oid; /* OID body */
    struct view hashed_message;
    struct view policy; /* OID body; n == 0: absent */
    struct view nonce;  /* INTEGER body; n == 0: absent */
    bool cert_req;
    struct view extensions; /* content of [0]; n == 0: absent */
};

/* Parses one TimeStampReq in DER and nothing after it. On failure *out is all zero.
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. */
MUST_CHECK enum err tsq_parse(struct view in, struct tsq *out);

/* One "  name: value" a line. */
void tsq_print(const struct tsq *q, FILE *out);

/* A new reference; NULL: no memory. */
json_t *tsq_json(const struct tsq *q);

#endif
