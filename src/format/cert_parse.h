/* cert_parse.h - reads of a certificate what a path check needs, RFC 5280 4.2 and 6.1.
 * It verifies nothing: the path check is whoever holds the keys. */
#ifndef FORMAT_CERT_PARSE_H
#define FORMAT_CERT_PARSE_H

#include "format/cert_ids.h"
#include "format/cert_write.h"
#include "format/mldsa_alg.h"

#define CERT_PARSE_EXTENSIONS_MAX 32

/* Views point into the parsed bytes. */
struct cert {
    struct cert_ids ids;
    bool ca; /* basicConstraints says so */
    bool has_path_len;
    uint32_t path_len;
    bool has_key_usage;
    uint8_t key_usage; /* enum cert_key_usage; decipherOnly is dropped */
    bool has_ext_key_usage;
    bool tsa;            /* extKeyUsage is critical and timeStamping alone, RFC 3161 2.3 */
    bool may_time_stamp; /* extKeyUsage is absent, or names timeStamping or any purpose */
    bool has_usage_begin, has_usage_end; /* privateKeyUsagePeriod */
    int64_t usage_begin_s, usage_end_s;
};

/* Parses one Certificate of version 3 and nothing after it, each extension that it knows
 * whole. On failure *out is all zero.
 *
 * As cert_ids_parse(), and ERR_VERSION: not version 3. ERR_EXTENSION: a critical extension that
 * is not read here. ERR_RANGE: an extension that stands twice, over CERT_PARSE_EXTENSIONS_MAX,
 * a path length over 127. */
MUST_CHECK enum err cert_parse(struct view in, struct cert *out);

/* The parameter set of the key, and of the signature (RFC 9881 2 and 4); *out is NULL on
 * failure. ERR_BAD_ALG: it is not of ML-DSA. ERR_ENCODING: the algorithm has parameters.
 * ERR_LENGTH: the key, or the signature, is not as long as that algorithm's. */
MUST_CHECK enum err cert_ml_dsa_key(const struct cert_ids *c, const struct mldsa_params **out);
MUST_CHECK enum err cert_ml_dsa_signature(const struct cert_ids *c,
                                          const struct mldsa_params **out);

#endif
