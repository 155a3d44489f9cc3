/* token_write.h - writes a TimeStampResp with its token, RFC 3161 2.4.2 and RFC 5652, in DER.
 */
#ifndef FORMAT_TOKEN_WRITE_H
#define FORMAT_TOKEN_WRITE_H

#include "format/signed_attrs.h"

struct token_parts {
    enum sign_alg alg;
    struct view tst_info;     /* as tst_info_write() gave it */
    struct view signed_attrs; /* as signed_attrs_write() gave it, tag 0x31 */
    struct view signature;    /* r | s, 96 bytes, for ECDSA; the signature itself for ML-DSA */
    struct view issuer;       /* of the certificate: Name, DER */
    struct view serial;       /* of the certificate: INTEGER body */
    struct view certificates; /* concatenated certificates in DER SET OF order; n == 0: no
                                 certificates field */
    /* NULL, or what SIGN_ML_DSA_65 makes beside SIGN_ECDSA_P384_SHA384: a second SignerInfo,
     * and certificates that join these. Its tst_info is not looked at. */
    const struct token_parts *beside;
};

/* Appends the ContentInfo: SignedData version 3, SignerInfos of version 1. Nothing is moved:
 * lengths are computed first. ERR_BAD_ALG: beside is for other algorithms. ERR_LENGTH:
 * signature of the wrong length. ERR_TAG: signed_attrs is no SET, or certificates to be joined
 * are no elements. ERR_NOSPACE. w is untouched by all but the last. */
MUST_CHECK enum err token_write(struct writer *w, const struct token_parts *p);

/* Appends TimeStampResp { granted, token }. Results as token_write(). */
MUST_CHECK enum err tsp_resp_write_granted(struct writer *w, const struct token_parts *p);

/* PKIFailureInfo bits, RFC 3161 2.4.2. */
enum fail_info {
    FAIL_BAD_ALG = 0,
    FAIL_BAD_REQUEST = 2,
    FAIL_BAD_DATA_FORMAT = 5,
    FAIL_TIME_NOT_AVAILABLE = 14,
    FAIL_UNACCEPTED_POLICY = 15,
    FAIL_UNACCEPTED_EXTENSION = 16,
    FAIL_ADD_INFO_NOT_AVAILABLE = 17,
    FAIL_SYSTEM_FAILURE = 25,
};

#define REJECTION_TEXT_MAX 200

/* Appends TimeStampResp { rejection, statusString { text }, failInfo }. text: UTF-8; what is
 * over REJECTION_TEXT_MAX bytes is cut between characters; "": no statusString. Overflow is
 * kept in w. */
void tsp_resp_write_rejection(struct writer *w, enum fail_info bit, const char *text);

#define TOKEN_CERTIFICATES_MAX 16

/* Sorts n certificates by their encoding, as DER wants a SET OF, and concatenates them into
 * out. ERR_NOSPACE: they do not fit, or are more than TOKEN_CERTIFICATES_MAX. */
MUST_CHECK enum err token_sort_certificates(const struct view *certs, size_t n, uint8_t *out,
                                            size_t cap, struct view *sorted);

#endif
