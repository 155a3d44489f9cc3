/* multiple_signatures.h - the signed attribute id-aa-multipleSignatures, by which SignerInfos
 * of one message name one another: RFC 5752 3.
 *
 * MultipleSignatures ::= SEQUENCE { bodyHashAlg, signAlg, signAttrsHash SEQUENCE { algID, hash
 *     OCTET STRING }, cert ESSCertIDv2 OPTIONAL } */
#ifndef FORMAT_MULTIPLE_SIGNATURES_H
#define FORMAT_MULTIPLE_SIGNATURES_H

#include "format/cms_parse.h"

/* Views point into the parsed bytes. */
struct multiple_signatures {
    struct alg_id body_hash_alg; /* digestAlgorithm of the other SignerInfo */
    struct alg_id sign_alg;      /* its signatureAlgorithm */
    struct alg_id hash_alg;      /* digestAlgorithm of the SignerInfo that holds this */
    struct view hash;            /* of the other's attributes, multiple_signatures_blank() */
    struct view cert;            /* ESSCertIDv2 of the other, whole; n == 0: absent */
};

/* Appends the attribute value. Overflow is kept in w. */
void multiple_signatures_write(struct writer *w, const struct multiple_signatures *m);

/* Parses one value and nothing after it. On failure *out is all zero. ERR_TRUNCATED,
 * ERR_TRAILING, ERR_TAG, ERR_ENCODING. */
MUST_CHECK enum err multiple_signatures_parse(struct view value,
                                              struct multiple_signatures *out);

/* The one value among the attributes, the whole element with tag a0 or 31. ERR_EXTENSION: the
 * attribute is not there. ERR_RANGE: it stands twice, or has not exactly one value; else as
 * cms_attrs_next(). *value is empty then. */
MUST_CHECK enum err multiple_signatures_find(struct view signed_attrs, struct view *value);

/* Appends what hash is the digest of: the attributes of the other SignerInfo in DER under tag
 * 31, with hash in its own value of this attribute empty (RFC 5752 4.4.1). Never longer than
 * signed_attrs. ERR_RANGE: over CMS_ATTRS_MAX attributes; else as multiple_signatures_find()
 * and _parse(). ERR_NOSPACE: the attribute is over 4096 bytes. w is untouched by these.
 * Overflow is kept in w. */
MUST_CHECK enum err multiple_signatures_blank(struct writer *w, struct view signed_attrs);

#endif
