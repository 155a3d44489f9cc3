/* spki_pem.h - a core's public key as SubjectPublicKeyInfo (RFC 5480) in PEM: what the certify
 * command is given. */
#ifndef HOST_AUTHORITY_SPKI_PEM_H
#define HOST_AUTHORITY_SPKI_PEM_H

#include "crypto/p384.h"

#define SPKI_PEM_MAX 512 /* bytes of a P-384 public key in PEM */

/* Appends the point 04 | X | Y. ERR_RANGE: no point of the curve. ERR_NOSPACE, ERR_BUG. */
MUST_CHECK enum err spki_pem_write(const uint8_t public_key[P384_PUBLIC_LEN], struct writer *w);

#endif
