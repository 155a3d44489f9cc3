/* spki_pem.h - a core's public key as SubjectPublicKeyInfo (RFC 5480, RFC 9881) in PEM. */
#ifndef HOST_AUTHORITY_SPKI_PEM_H
#define HOST_AUTHORITY_SPKI_PEM_H

#include "base/bytes.h"
#include "wire/core_info.h"

#define SPKI_PEM_MAX 3072 /* bytes of one public key in PEM */

/* Appends a public key as HELLO gives it. ERR_LENGTH: not as long as one of key. ERR_ENCODING,
 * ERR_RANGE: no point of the curve. ERR_NOSPACE. */
MUST_CHECK enum err spki_pem_write(enum core_key key, struct view public_key, struct writer *w);

#endif
