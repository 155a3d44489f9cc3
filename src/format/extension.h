/* extension.h - reads Extension of requests, TSTInfo and certificates, RFC 5280 4.1. */
#ifndef FORMAT_EXTENSION_H
#define FORMAT_EXTENSION_H

#include "format/der.h"

/* Views point into the parsed bytes. */
struct extension {
    struct view type; /* OID body */
    bool critical;
    struct view value; /* what stands in extnValue */
};

/* Takes the next Extension from a list of them. critical FALSE may be encoded, against DER:
 * real ones are. ERR_TRUNCATED: also when there is none. ERR_TRAILING, ERR_TAG, ERR_ENCODING.
 * *out is zero then. */
MUST_CHECK enum err extension_next(struct reader *list, struct extension *out);

#endif
