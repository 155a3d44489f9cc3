/* time_text.h - times that a user writes, and times that a user reads. UTC throughout. */
#ifndef CLIENT_KIT_TIME_TEXT_H
#define CLIENT_KIT_TIME_TEXT_H

#include "base/bytes.h"

#define TIME_TEXT_LEN                                                       \
    40 /* holds every text that time_text_write() makes, with its zero byte \
        */

/* Reads "2026-05-01T12:30:00Z", "2026-05-01 12:30:00", "2026-05-01" (its first second), or
 * "@SECONDS" since 1970. A leap second is refused. ERR_ENCODING: none of these. ERR_RANGE: no
 * such day or hour, or outside years 1 to 9999. */
MUST_CHECK enum err time_text_parse(const char *text, int64_t *seconds);

/* "2026-05-01T12:30:00Z", with a fraction of as many digits as ns needs. ns: 0 to 999 999 999.
 */
void time_text_write(int64_t seconds, uint32_t ns, char out[TIME_TEXT_LEN]);

#endif
