/* evidence_files.h - certificates of a chain out of files, DER or PEM. */
#ifndef CLIENT_EVIDENCE_EVIDENCE_FILES_H
#define CLIENT_EVIDENCE_EVIDENCE_FILES_H

#include "attest/snp_chain.h"

/* Certificate (or list) number index, from 0, of a file's bytes: of PEM blocks with that label,
 * or the bytes themselves, where there is no block and index is 0. ERR_TRAILING: there are not
 * so many. ERR_TRUNCATED, ERR_ENCODING: a block is no PEM. ERR_NOSPACE: over cap. *der is empty
 * then. */
MUST_CHECK enum err evidence_files_der(struct view bytes, const char *label, size_t index,
                                       uint8_t *out, size_t cap, struct view *der);

#endif
