/* tst_info_parse.h - reads TSTInfo, RFC 3161 2.4.2, as any authority wrote it. Writing is
 * tst_info.h. */
#ifndef FORMAT_TST_INFO_PARSE_H
#define FORMAT_TST_INFO_PARSE_H

#include "crypto/hash.h"
#include "format/gen_time_parse.h"

#define TST_EXTENSIONS_MAX 64 /* extensions of one TSTInfo */

/* Views point into the parsed bytes. */
struct tst_info_view {
    uint32_t version;           /* 1; any other is for the caller to refuse */
    struct view policy;         /* OID body */
    struct view hash_oid;       /* OID body */
    struct view hash_params;    /* whole element; n == 0: absent. Usually absent or NULL. */
    enum hash_alg hash_alg;     /* HASH_NONE: one that we do not stamp, as SHA-1 */
    struct view hashed_message; /* as long as hash_alg says, where that is known */
    struct view serial_number;  /* INTEGER body, minimal */
    struct gen_time gen_time;
    bool has_accuracy;
    uint32_t accuracy_s;
    uint16_t accuracy_millis, accuracy_micros; /* 0 to 999 */
    bool ordering;
    struct view nonce;      /* INTEGER body, minimal; n == 0: absent */
    struct view tsa;        /* GeneralName, whole element; n == 0: absent */
    struct view extensions; /* Extensions, by extension_next(); n == 0: absent */
    bool critical;          /* one of them is: who does not know it must not go on */
    uint32_t flaws;         /* enum ber_flaw */
};

/* Parses one TSTInfo and nothing after it; lengths must be DER's (ber_to_der() makes them so).
 * On failure *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING, ERR_TAG, ERR_ENCODING. ERR_RANGE: version over 127, a part of
 * accuracy outside what RFC 3161 allows, no such date, an extension that stands twice, over
 * TST_EXTENSIONS_MAX of them. ERR_LENGTH: hashed_message is not as
 * long as its algorithm says. */
MUST_CHECK enum err tst_info_parse(struct view in, struct tst_info_view *out);

/* The accuracy in microseconds; 0 if absent. */
uint64_t tst_info_accuracy_us(const struct tst_info_view *t);

#endif
