/* dev_ca.h - the P-384 test CA of `quorate dev`. Only in builds that admit simulated parts.
 *
 * Whoever holds its folder can make certificates: nothing that it signs is worth trust. Its
 * names say so. */
#ifndef HOST_AUTHORITY_DEV_CA_H
#define HOST_AUTHORITY_DEV_CA_H

#include "base/bytes.h"

#define DEV_CA_NAME "Quorate TEST CA - simulated"
#define DEV_TSA_NAME "Quorate TEST TSA - simulated"
#define DEV_CA_DAYS 3650      /* validity of the root; no certificate outlives it */
#define DEV_TSA_KEY_DAYS 365  /* privateKeyUsagePeriod: how long the key stamps */
#define DEV_CA_EARLY_S 60     /* certificates are valid a little before they are made */
#define DEV_CA_TEXT_MAX 16384 /* bytes of one PEM file */

#if defined(QUORATE_SIMULATED)

struct dev_ca;

/* Makes a P-384 key and a self-signed root. now_s: s since 1970-01-01T00:00:00Z. ERR_BUG. */
MUST_CHECK enum err dev_ca_new(int64_t now_s, struct dev_ca **out);

/* Reads back what dev_ca_key_pem() and dev_ca_cert_pem() gave. Other
 * certificates may stand behind. ERR_ENCODING: not such PEM.
 * ERR_MISMATCH: key and certificate do not belong together. ERR_TIME: not valid now. */
MUST_CHECK enum err dev_ca_load(struct view key_pem, struct view cert_pem, int64_t now_s,
                                struct dev_ca **out);

void dev_ca_free(struct dev_ca *ca); /* NULL is fine */

/* Append PEM. ERR_NOSPACE, ERR_BUG. */
MUST_CHECK enum err dev_ca_key_pem(const struct dev_ca *ca, struct writer *w);
MUST_CHECK enum err dev_ca_cert_pem(const struct dev_ca *ca, struct writer *w);

/* Appends the chain for a TSA key, given as SubjectPublicKeyInfo, in PEM: its new certificate
 * (extendedKeyUsage critical and timeStamping alone, keyUsage critical digitalSignature,
 * privateKeyUsagePeriod, subjectKeyIdentifier, authorityKeyIdentifier, and QuorateBinding as
 * given), then the root. ERR_ENCODING: no such key. ERR_NOSPACE, ERR_BUG. */
MUST_CHECK enum err dev_ca_issue(const struct dev_ca *ca, struct view spki, struct view binding,
                                 int64_t now_s, struct writer *w);

#endif
#endif
