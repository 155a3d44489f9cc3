/* dev_bundle_io.h - what the test CA looks at before it certifies keys of an attested epoch:
 * that the ceremony made them, and what its nodes ran on. Only in builds that admit simulated
 * parts. */
#ifndef HOST_AUTHORITY_DEV_BUNDLE_IO_H
#define HOST_AUTHORITY_DEV_BUNDLE_IO_H

#include "host/authority/dev_request.h"

#if defined(QUORATE_SIMULATED)

/* Judges the bundle in that file, as of now_s, beside requests that were parsed, and notes in
 * them what QuorateBinding says of it. On failure why says what is wrong. ERR_IO, ERR_NOSPACE:
 * the file. ERR_EVIDENCE: ceremony, policy, evidence or roster do not hold. ERR_MISMATCH: the
 * requests are of other keys, or of another epoch. Else: no bundle, as bundle_decode(). */
MUST_CHECK enum err dev_bundle_look(const char *path, int64_t now_s, struct dev_request *q,
                                    char why[DEV_WHY_MAX]);

#endif
#endif
