/* pem.h - base 64 (RFC 4648 4) and the textual encoding of certificates (RFC 7468). Public
 * bytes only. */
#ifndef FORMAT_PEM_H
#define FORMAT_PEM_H

#include "base/bytes.h"

/* Characters that n bytes become, without a zero byte. */
#define PEM_BASE64_LEN(n) (((n) + 2) / 3 * 4)

/* Writes base 64 with padding, in one line. */
void pem_write_base64(struct writer *w, struct view bytes);

/* Reads base 64 with padding; spaces and line ends are skipped. out may hold 3 bytes for 4
 * characters. ERR_ENCODING: another character, wrong padding, bits left over. ERR_NOSPACE: over
 * cap. *bytes is empty then. */
MUST_CHECK enum err pem_parse_base64(struct view text, uint8_t *out, size_t cap,
                                     struct view *bytes);

/* Writes one block with lines of 64 characters and a line end after each. */
void pem_write(struct writer *w, const char *label, struct view der);

/* Reads the next block with this label ("CERTIFICATE") from r, skipping blocks of others and
 * text between them. ERR_TRAILING: there is none. ERR_TRUNCATED: a block without its end.
 * ERR_ENCODING, ERR_NOSPACE: as above. */
MUST_CHECK enum err pem_parse(struct reader *r, const char *label, uint8_t *out, size_t cap,
                              struct view *der);

#endif
