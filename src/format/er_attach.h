/* er_attach.h - puts an EvidenceRecord into a token as its unsigned attribute
 * id-aa-er-internal, and cuts it out again: RFC 4998 appendix A, selection method 1. Both are
 * splices of bytes: nothing but the lengths around the attribute is written anew. */
#ifndef FORMAT_ER_ATTACH_H
#define FORMAT_ER_ATTACH_H

#include "base/bytes.h"

/* Bytes that a token or response grows by, beside the record. */
#define ER_ATTACH_ROOM 64

/* Appends to w the token or TimeStampResp in with the record as the last unsigned attribute.
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING, ERR_TYPE, ERR_RANGE, ERR_STATE as
 * er_detach(). ERR_EXTENSION: there is a record already. w is untouched by these. Overflow is
 * kept in w. */
MUST_CHECK enum err er_attach(struct writer *w, struct view in, struct view record);

struct er_detached {
    struct view
        data_object;    /* the classic ContentInfo, what the record's leaf is the hash of */
    struct view record; /* inside of in; n == 0: there is none */
};

/* Takes the record out of a token or TimeStampResp. data_object is written to out, which holds
 * in.n bytes; without a record it is the token inside of in. On failure *d is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG: no such token. ERR_ENCODING: a length on the way that
 * is indefinite or not minimal: what was hashed cannot be derived again. ERR_TYPE: not
 * id-signedData. ERR_STATE: not exactly one SignerInfo. ERR_RANGE: unsignedAttrs is there and
 * empty; a number out of range. ERR_EXTENSION: two record attributes. ERR_LENGTH: the attribute
 * has not exactly one value. ERR_NOSPACE: over cap. */
MUST_CHECK enum err er_detach(struct view in, uint8_t *out, size_t cap, struct er_detached *d);

#endif
