/* cert_write.h - writes X.509 certificates of version 3 (RFC 5280 4.1), ML-DSA-65 among them
 * (RFC 9881), in DER. */
#ifndef FORMAT_CERT_WRITE_H
#define FORMAT_CERT_WRITE_H

#include "format/extension.h"
#include "format/oid.h"
#include "format/signed_attrs.h"

#define CERT_WRITE_P384_LEN 97 /* 04 | X | Y */
#define CERT_WRITE_ML_DSA_65_LEN 1952

struct cert_fields {
    enum sign_alg alg;   /* of the issuer's key */
    struct view serial;  /* unsigned, most significant byte first; not zero */
    struct view issuer;  /* Name, whole */
    struct view subject; /* Name, whole */
    int64_t not_before_s, not_after_s;
    struct view spki; /* SubjectPublicKeyInfo, whole */
    const struct extension *extensions;
    size_t n_extensions; /* 0: no extensions field */
};

/* Appends the TBSCertificate: what the issuer signs. A date outside 1970 to 9999 counts as
 * overflow, which is kept in w. */
void cert_write_tbs(struct writer *w, const struct cert_fields *f);

/* Appends the Certificate. signature: as it stands in the BIT STRING, an ECDSA-Sig-Value or the
 * 3309 bytes. */
void cert_write(struct writer *w, struct view tbs, enum sign_alg alg, struct view signature);

/* Appends SubjectPublicKeyInfo. ERR_LENGTH: key is not CERT_WRITE_P384_LEN or
 * CERT_WRITE_ML_DSA_65_LEN bytes, as alg says; w is untouched. */
MUST_CHECK enum err cert_write_spki(struct writer *w, enum sign_alg alg, struct view key);

/* Appends the Name CN=common_name, UTF8String. */
void cert_write_name(struct writer *w, struct view common_name);

/* ---- what stands in extnValue ---- */

/* Bits of KeyUsage, RFC 5280 4.2.1.3: the first is the highest. */
enum cert_key_usage {
    CERT_DIGITAL_SIGNATURE = 0x80,
    CERT_CONTENT_COMMITMENT = 0x40,
    CERT_KEY_ENCIPHERMENT = 0x20,
    CERT_DATA_ENCIPHERMENT = 0x10,
    CERT_KEY_AGREEMENT = 0x08,
    CERT_KEY_CERT_SIGN = 0x04,
    CERT_CRL_SIGN = 0x02,
};

#define CERT_PATH_LEN_NONE UINT8_MAX

/* path_len: at most 127, or CERT_PATH_LEN_NONE; without ca it is not written. */
void cert_write_basic_constraints(struct writer *w, bool ca, uint8_t path_len);
void cert_write_key_usage(struct writer *w, uint8_t bits); /* not zero */
void cert_write_time_stamping(struct writer *w); /* ExtKeyUsage of timeStamping alone */
void cert_write_ski(struct writer *w, struct view key_id);
void cert_write_aki(struct writer *w, struct view key_id); /* keyIdentifier alone */

/* PrivateKeyUsagePeriod, RFC 3280 4.2.1.4. Dates as cert_write_tbs(). */
void cert_write_usage_period(struct writer *w, int64_t not_before_s, int64_t not_after_s);

#endif
