/* gen_time.h - writes GeneralizedTime as DER wants it, X.690 11.7, RFC 3161 2.4.2. Reading is
 * gen_time_parse.h. */
#ifndef FORMAT_GEN_TIME_H
#define FORMAT_GEN_TIME_H

#include <stddef.h>
#include <stdint.h>

#define GEN_TIME_TEXT_MAX 19                     /* YYYYMMDDhhmmss.fffZ */
#define GEN_TIME_MS_MAX INT64_C(253402300799999) /* 99991231235959.999Z */

/* Writes YYYYMMDDhhmmss[.f[f[f]]]Z, without trailing zeros in the fraction, and returns its
 * length. 0: gen_time_ms is before 1970 or over GEN_TIME_MS_MAX; out is untouched. */
size_t gen_time_write(int64_t gen_time_ms, uint8_t out[GEN_TIME_TEXT_MAX]);

#endif
