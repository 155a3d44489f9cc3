/* cert_ids.h - what identifies a certificate (RFC 5280 4.1), from its DER. It verifies nothing.
 */
#ifndef FORMAT_CERT_IDS_H
#define FORMAT_CERT_IDS_H

#include "format/cms_parse.h"
#include "format/extension.h"
#include "format/gen_time_parse.h"
#include "format/oid.h"

/* Views point into the parsed bytes. */
struct cert_ids {
    struct view tbs;     /* TBSCertificate, whole: what is signed */
    uint32_t version;    /* 1 to 3, as people say it */
    struct view serial;  /* INTEGER body */
    struct view issuer;  /* Name, whole */
    struct view subject; /* Name, whole */
    struct gen_time not_before, not_after;
    struct view spki; /* SubjectPublicKeyInfo, whole */
    struct alg_id key_alg;
    struct view public_key; /* of subjectPublicKey's BIT STRING, without its first byte */
    struct alg_id signature_alg;
    struct view extensions; /* Extensions, by extension_next(); n == 0: absent */
    struct view signature;  /* of whole bytes; n == 0: of other bits, which no signature is */
};

/* Parses one Certificate and nothing after it. Strict DER: certificates are. On failure *out is
 * all zero. ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_RANGE: version, a date, a
 * serial number over CERT_IDS_SERIAL_MAX bytes. ERR_MISMATCH: the two signature algorithms
 * differ (RFC 5280 4.1.1.2). */
MUST_CHECK enum err cert_ids_parse(struct view cert, struct cert_ids *out);

#define CERT_IDS_SERIAL_MAX 64

/* Finds the extension of that type. ERR_EXTENSION: it is not there. ERR_RANGE: it stands twice.
 * *out is zero then. */
MUST_CHECK enum err cert_ids_extension(const struct cert_ids *c, enum oid_id type,
                                       struct extension *out);

/* subjectKeyIdentifier's octets; n == 0: absent or malformed. */
struct view cert_ids_ski(const struct cert_ids *c);

/* Whether extKeyUsage is there, critical, and says timeStamping alone (RFC 3161 2.3). */
bool cert_ids_is_tsa(const struct cert_ids *c);

/* Takes one Time ::= CHOICE { utcTime UTCTime, generalTime GeneralizedTime }. ERR_TRUNCATED,
 * ERR_TAG, ERR_ENCODING, ERR_RANGE; *t is zero then. */
MUST_CHECK enum err cert_ids_time(struct reader *r, struct gen_time *t);

/* Whether it is valid at that second. */
bool cert_ids_valid_at(const struct cert_ids *c, int64_t s);

#endif
