/* cms_parse.h - reads the SignedData of a time-stamp token, RFC 5652 5. Attributes are
 * cms_attrs.h. */
#ifndef FORMAT_CMS_PARSE_H
#define FORMAT_CMS_PARSE_H

#include "format/der.h"

/* AlgorithmIdentifier */
struct alg_id {
    struct view oid;    /* OID body */
    struct view params; /* whole element; n == 0: absent */
};

struct signer_info {
    uint32_t version;
    struct view issuer; /* Name, whole; with serial, or n == 0 and ski stands */
    struct view serial; /* INTEGER body */
    struct view ski;    /* subjectKeyIdentifier */
    struct alg_id digest_alg;
    /* The whole element, tag a0; n == 0: absent. What is signed is the same bytes with 31 for
     * a0 (RFC 5652 5.4). */
    struct view signed_attrs;
    struct alg_id signature_alg;
    struct view signature;
    struct view unsigned_attrs; /* the whole element, tag a1; n == 0: absent */
};

/* Views point into the parsed bytes. Lists are concatenated elements, read one by one with
 * der_read_any(). */
struct signed_data {
    uint32_t version;
    struct view digest_algs;  /* AlgorithmIdentifiers */
    struct view content_type; /* eContentType, OID body */
    bool has_content;
    struct view content;      /* eContent's octets */
    bool has_certificates;    /* the field is there, even if empty */
    struct view certificates; /* CertificateChoices: tag 30 is a certificate */
    struct view crls;         /* RevocationInfoChoices */
    struct view signer_infos;
    size_t n_digest_algs, n_certificates, n_crls, n_signers;
    struct signer_info signer; /* the first; all zero if there is none */
    uint32_t flaws;            /* enum ber_flaw */
};

#define CMS_LIST_MAX 256 /* elements of one list */

/* Parses one ContentInfo with SignedData and nothing after it; lengths must be DER's
 * (ber_to_der() makes them so). Every SignerInfo is checked, the first is given. On failure
 * *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_TYPE: contentType is not
 * id-signedData. ERR_RANGE: a version over 127; a list over CMS_LIST_MAX. */
MUST_CHECK enum err cms_parse(struct view in, struct signed_data *out);

/* Next SignerInfo, taken from r = rd_init(signer_infos). ERR_TRAILING: there is none; else as
 * cms_parse(). */
MUST_CHECK enum err cms_parse_signer(struct reader *r, struct signer_info *out);

/* AlgorithmIdentifier. ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING; *out is zero then.
 */
MUST_CHECK enum err cms_parse_alg(struct reader *r, struct alg_id *out);

/* As cms_parse_alg() for an IMPLICIT tag. */
MUST_CHECK enum err cms_parse_alg_as(struct reader *r, enum der_tag tag, struct alg_id *out);

/* The certificate number i of the list, whole. ERR_RANGE: there are not so many elements.
 * ERR_TYPE: the element is no certificate but another CertificateChoices. */
MUST_CHECK enum err cms_certificate(const struct signed_data *sd, size_t i, struct view *cert);

#endif
