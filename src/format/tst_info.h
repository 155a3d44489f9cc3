/* tst_info.h - writes TSTInfo, RFC 3161 2.4.2, in DER. Reading is tst_info_parse.h. */
#ifndef FORMAT_TST_INFO_H
#define FORMAT_TST_INFO_H

#include "base/bytes.h"
#include "crypto/hash.h"

#define TST_SERIAL_LEN 20
#define TST_INFO_MAX 320 /* bytes of the largest that tst_info_write() makes */
#define TST_POLICY_MAX 32
#define TST_NONCE_MAX 64
#define TST_ACCURACY_MS_MAX 999999999

struct tst_info {
    struct view policy;     /* OID body, 1 to TST_POLICY_MAX bytes */
    enum hash_alg hash_alg; /* never HASH_NONE; written without parameters */
    struct view hashed_message;
    uint8_t serial_number[TST_SERIAL_LEN]; /* big-endian, top bit clear, not zero */
    int64_t gen_time_ms;                   /* since 1970-01-01T00:00:00Z, up to year 9999 */
    uint32_t accuracy_ms;                  /* 1 to TST_ACCURACY_MS_MAX */
    bool ordering;                         /* FALSE: absent, as DER wants a DEFAULT */
    struct view nonce;                     /* INTEGER body as sent; n == 0: absent */
};

/* Appends the one TSTInfo. gen_time gets as few digits as its value needs, at most three: the
 * caller has rounded it (token.md, genTime). tsa and extensions are absent. Overflow is kept in
 * w, and so is a field outside what stands above: wr_finish() then says ERR_NOSPACE. */
void tst_info_write(struct writer *w, const struct tst_info *t);

#endif
