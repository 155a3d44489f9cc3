/* cms_one_signer.h - one of several SignerInfos by itself: the same SignedData with no other.
 * RFC 5652 5.6 verifies each as if it were alone. */
#ifndef FORMAT_CMS_ONE_SIGNER_H
#define FORMAT_CMS_ONE_SIGNER_H

#include "base/bytes.h"

/* Appends the ContentInfo in with its SignerInfo number i alone; all else is copied, the
 * lengths around it are written anew. The result is never longer than in. ERR_RANGE: there is
 * no such SignerInfo; else as cms_parse(). w is untouched by these. Overflow is kept in w. */
MUST_CHECK enum err cms_one_signer(struct writer *w, struct view in, size_t i);

#endif
