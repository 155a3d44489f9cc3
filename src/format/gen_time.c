#include "format/gen_time.h"

#define MS_PER_DAY INT64_C(86400000)

/* n decimal digits of v. */
static void digits(uint8_t *out, uint32_t v, size_t n)
{
    for (size_t i = n; i > 0; i--) {
        out[i - 1] = (uint8_t)('0' + v % 10);
        v /= 10;
    }
}

/* The Gregorian date of a day since 1970-01-01: as the YYYYMMDD digits. Counts 400-year eras
 * from 0000-03-01, so that the leap day is the last of its year. */
static void date_digits(uint32_t days, uint8_t out[8])
{
    const uint32_t z = days + 719468; /* days from 0000-03-01 to 1970-01-01 */
    const uint32_t era = z / 146097;
    const uint32_t day_of_era = z % 146097;
    const uint32_t year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    const uint32_t day_of_year =
        day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    const uint32_t march_month = (5 * day_of_year + 2) / 153; /* 0 is March */
    const uint32_t day = day_of_year - (153 * march_month + 2) / 5 + 1;
    const uint32_t month = march_month < 10 ? march_month + 3 : march_month - 9;
    const uint32_t year = era * 400 + year_of_era + (month <= 2 ? 1 : 0);

    digits(out, year, 4);
    digits(out + 4, month, 2);
    digits(out + 6, day, 2);
}

size_t gen_time_write(int64_t gen_time_ms, uint8_t out[GEN_TIME_TEXT_MAX])
{
    size_t len = 14;
    uint32_t ms = 0;
    uint32_t s = 0;

    if (gen_time_ms < 0 || gen_time_ms > GEN_TIME_MS_MAX) {
        return 0;
    }
    ms = (uint32_t)(gen_time_ms % MS_PER_DAY);
    s = ms / 1000;
    ms %= 1000;
    date_digits((uint32_t)(gen_time_ms / MS_PER_DAY), out);
    digits(out + 8, s / 3600, 2);
    digits(out + 10, s / 60 % 60, 2);
    digits(out + 12, s % 60, 2);
    if (ms > 0) { /* no fraction of zero, no zero at its end: X.690 11.7.3 */
        out[len] = '.';
        digits(out + len + 1, ms, 3);
        len += ms % 100 == 0 ? 2 : ms % 10 == 0 ? 3 : 4;
    }
    out[len] = 'Z';
    return len + 1;
}
