/* gen_time_parse.h - reads GeneralizedTime (X.690 11.7, RFC 3161 2.4.2) and UTCTime (RFC
 * 5280 4.1.2.5.1). */
#ifndef FORMAT_GEN_TIME_PARSE_H
#define FORMAT_GEN_TIME_PARSE_H

#include "base/bytes.h"

struct gen_time {
    int64_t s;      /* since 1970-01-01T00:00:00Z; before it negative */
    uint32_t ns;    /* 0 to 999 999 999, towards the future; digits after the ninth are cut */
    uint8_t digits; /* of the fraction, as written; 255 stands for more */
};

/* Milliseconds since 1970-01-01T00:00:00Z, rounded down. */
int64_t gen_time_ms(const struct gen_time *t);

/* Reads YYYYMMDDhhmmss[.f...]Z, the content of the element. Sets BER_FLAW_TIME in *flaws, which
 * it else leaves alone, for a fraction that ends with zeros or stands after a comma. On failure
 * *out is zero. ERR_ENCODING: not of this form: no Z, no seconds, an empty fraction. ERR_RANGE:
 * no such date or time; second 60. */
MUST_CHECK enum err gen_time_parse(struct view text, struct gen_time *out, uint32_t *flaws);

/* Reads YYMMDDhhmmssZ: 50 to 99 are 1950 to 1999, 00 to 49 are 2000 to 2049. Results as above.
 */
MUST_CHECK enum err gen_time_parse_utc(struct view text, struct gen_time *out);

#endif
