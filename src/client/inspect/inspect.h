/* inspect.h - says what any file of this trade holds: a query, a reply, a token, certificates,
 * certificate requests, a key.
 * It verifies nothing, but that a certificate request is signed by its own key. */
#ifndef CLIENT_INSPECT_INSPECT_H
#define CLIENT_INSPECT_INSPECT_H

#include "base/bytes.h"

#include <jansson.h>
#include <stdio.h>

enum inspect_kind {
    INSPECT_UNKNOWN,
    INSPECT_QUERY,        /* TimeStampReq */
    INSPECT_REPLY,        /* TimeStampResp */
    INSPECT_TOKEN,        /* ContentInfo with SignedData */
    INSPECT_CERTIFICATES, /* one in DER, or any number in PEM */
    INSPECT_REQUESTS,     /* certificate requests: one in DER, or some in PEM */
    INSPECT_KEY,          /* what key_facts.h reads, or would if it were well formed */
};

/* By the bytes alone. */
enum inspect_kind inspect_kind_of(struct view bytes);

/* Prints readable text. ERR_TAG: it is none of these. ERR_NOSPACE: too big, or no memory.
 * Anything else: of its kind, but cannot be read. */
MUST_CHECK enum err inspect_print(struct view bytes, FILE *out);

/* The same as JSON: {"kind", ...}; a new reference in *j. */
MUST_CHECK enum err inspect_json(struct view bytes, json_t **j);

#endif
