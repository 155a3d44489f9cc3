/* signer_cert.h - what the certificate of a time-stamping authority may be used for, RFC
 * 3161 2.3. */
#ifndef CLIENT_VERIFY_SIGNER_CERT_H
#define CLIENT_VERIFY_SIGNER_CERT_H

#include "base/bytes.h"
#include "client/kit/openssl.h"

/* extendedKeyUsage is there once, critical, and holds timeStamping alone. ERR_SIGNATURE: it
 * does not; reason says what is wrong. */
MUST_CHECK enum err signer_cert_check_eku(const X509 *x, char *reason, size_t cap);

/* keyUsage, where present, is digitalSignature or nonRepudiation or both and nothing else;
 * privateKeyUsagePeriod, where present, holds gen_time. ERR_SIGNATURE: else; reason says what
 * is wrong. */
MUST_CHECK enum err signer_cert_check_key_usage(X509 *x, int64_t gen_time_s, char *reason,
                                                size_t cap);

/* tsa, a GeneralName (whole element), is the subject or one of the subjectAltNames: RFC 3161
 * 2.4.2. ERR_SIGNATURE: it is none of them, or no GeneralName. */
MUST_CHECK enum err signer_cert_check_name(const X509 *x, struct view tsa);

#endif
