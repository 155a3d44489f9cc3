/* mldsa_alg.h - AlgorithmIdentifiers of ML-DSA, of keys and of signatures alike: RFC 9881 2,
 * RFC 9882 3. */
#ifndef FORMAT_MLDSA_ALG_H
#define FORMAT_MLDSA_ALG_H

#include "crypto/mldsa/mldsa_params.h"
#include "format/cms_parse.h"
#include "format/oid.h"

/* ERR_BAD_ALG: not ML-DSA-44, -65 or -87; HashML-DSA is none of them. ERR_ENCODING: parameters,
 * which must be absent. *out is NULL on failure. */
MUST_CHECK enum err mldsa_alg_read(const struct alg_id *alg, const struct mldsa_params **out);

/* The same from the algorithm's OID alone. ERR_BAD_ALG. */
MUST_CHECK enum err mldsa_alg_by_oid(enum oid_id id, const struct mldsa_params **out);

#endif
