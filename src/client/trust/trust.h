/* trust.h - what a verifier believes: anchors, helping certificates, revocation lists. */
#ifndef CLIENT_TRUST_TRUST_H
#define CLIENT_TRUST_TRUST_H

#include "base/bytes.h"

#define TRUST_CERTIFICATES_MAX 4096 /* of one kind; the bundle of a system has some 150 */

enum trust_kind {
    TRUST_ANCHOR,    /* a chain may end here: a root, an intermediate, or the signer's own
                        certificate */
    TRUST_UNTRUSTED, /* may stand between signer and anchor; proves nothing by itself */
    TRUST_CRL,       /* revocation lists; believed only if their issuer's key signed them */
};

struct trust;

/* ERR_NOSPACE: no memory, *out is NULL. */
MUST_CHECK enum err trust_new(struct trust **out);
void trust_free(struct trust *t);

/* Whether there is an anchor at all; a revocation list. */
bool trust_has(const struct trust *t, enum trust_kind kind);

/* Takes every certificate (or CRL) out of PEM text, or the one that the DER bytes are.
 * ERR_TAG: there is none. ERR_ENCODING: one of them cannot be read; earlier ones have been
 * taken. ERR_NOSPACE: over TRUST_CERTIFICATES_MAX, or no memory. */
MUST_CHECK enum err trust_add(struct trust *t, enum trust_kind kind, struct view bytes);

/* The same from a file, or from every file of a folder; files of a folder that hold none are
 * passed over. As trust_add(), and ERR_IO: errno says why. */
MUST_CHECK enum err trust_add_path(struct trust *t, enum trust_kind kind, const char *path);

#endif
