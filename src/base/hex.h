/* hex.h - base 16 text of public bytes. Never for secrets. */
#ifndef BASE_HEX_H
#define BASE_HEX_H

#include "base/bytes.h"

/* Writes 2 * in.n lower-case digits and a zero byte. out holds 2 * in.n + 1. */
void hex_write(struct view in, char *out);

/* Reads digits of either case into out. *n_out is what was written, at most cap.
 * ERR_ENCODING: not a digit. ERR_LENGTH: an odd count. ERR_NOSPACE: more than cap bytes. */
MUST_CHECK enum err hex_parse(const char *text, uint8_t *out, size_t cap, size_t *n_out);

#endif
