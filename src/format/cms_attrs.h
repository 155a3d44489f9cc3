/* cms_attrs.h - reads the attributes of a SignerInfo: RFC 5652 11, RFC 2634 5.4, RFC 5035 3,
 * RFC 6211 2. */
#ifndef FORMAT_CMS_ATTRS_H
#define FORMAT_CMS_ATTRS_H

#include "format/cms_parse.h"
#include "format/gen_time_parse.h"

/* One attribute: its type and what stands in its SET. */
struct cms_attr {
    struct view type;   /* OID body */
    struct view values; /* concatenated elements */
};

/* The first ESSCertID or ESSCertIDv2 of a signing certificate attribute: the signer's. */
struct ess_cert_id {
    size_t n_certs;     /* identifiers in the attribute; 0: the attribute is absent */
    struct alg_id hash; /* of an ESSCertIDv2, as sent; n == 0: the default, SHA-256, or SHA-1 in
                           version 1 */
    struct view cert_hash;
    bool has_issuer_serial;
    struct view issuer_names; /* GeneralNames: concatenated GeneralName elements */
    struct view issuer; /* Name, whole, of the only GeneralName if that is a directoryName; else
                           n == 0 */
    struct view serial; /* INTEGER body */
};

/* Views point into the parsed bytes. */
struct cms_attrs {
    struct view content_type;   /* OID body; n == 0: absent */
    struct view message_digest; /* n == 0: absent */
    bool has_signing_time;
    struct gen_time signing_time;
    struct ess_cert_id ess_v1, ess_v2;
    bool has_protection;
    struct alg_id protected_digest, protected_signature;
    size_t n_attrs, n_unknown; /* how many there are; how many are none of these */
    uint32_t flaws;            /* enum ber_flaw */
};

#define CMS_ATTRS_MAX 64 /* attributes of one signer */

/* Parses signedAttrs, the whole element with tag a0 or 31. Of the attributes above each may
 * stand once and has one value (RFC 5652 11); others are counted. On failure *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_RANGE: an attribute that stands twice
 * or has another number of values than one, an empty digest or hash, over CMS_ATTRS_MAX
 * attributes, no such date. */
MUST_CHECK enum err cms_attrs_parse(struct view signed_attrs, struct cms_attrs *out);

/* Next attribute, from r = the content of signedAttrs or unsignedAttrs. ERR_TRAILING: there is
 * none. */
MUST_CHECK enum err cms_attrs_next(struct reader *r, struct cms_attr *out);

/* The content of signedAttrs or unsignedAttrs; *out is empty for an absent one, and on failure.
 * As der_read_any(); ERR_TAG: neither a SET nor [0] or [1]. ERR_TRAILING. */
MUST_CHECK enum err cms_attrs_open(struct view attrs, struct reader *out);

#endif
