/* base64url.h - base 64 for names of files and addresses (RFC 4648 5), without padding, as JSON
 * Web Signatures have it (RFC 7515 2). Public bytes only. */
#ifndef FORMAT_BASE64URL_H
#define FORMAT_BASE64URL_H

#include "base/bytes.h"

/* Decodes all of text; one text alone gives the same bytes. ERR_ENCODING: another character,
 * padding, a length that no bytes have, bits left over that are not zero. ERR_NOSPACE: over
 * cap. *bytes is empty then. */
MUST_CHECK enum err base64url_decode(struct view text, uint8_t *out, size_t cap,
                                     struct view *bytes);

#endif
