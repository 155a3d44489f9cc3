/* leap_table.h - leap seconds: between TAI, in which the clock counts, and UTC, of which tokens
 * speak. UTC is counted as POSIX counts it, so without leap seconds; the table says from which
 * UTC second on which difference holds (IERS Bulletin C, leap-seconds.list). */
#ifndef ENCLAVE_CLOCK_LEAP_TABLE_H
#define ENCLAVE_CLOCK_LEAP_TABLE_H

#include "base/bytes.h"

#define LEAP_ENTRIES_MAX 64
#define LEAP_OFFSET_MAX 3600 /* seconds, either side of 0 */
/* Times after this are none: 2200-01-01T00:00:00Z. */
#define LEAP_UNIX_MAX INT64_C(7258118400)
/* A day is looked at as if it might end with a leap second from so long before to so long
 * after. */
#define LEAP_NEAR_NS INT64_C(1000000000)

struct leap_entry {
    int64_t from_s;   /* POSIX second from which offset_s holds; always the start of a day */
    int32_t offset_s; /* TAI - UTC */
};

struct leap_table {
    size_t n; /* 1 to LEAP_ENTRIES_MAX, ascending; each offset one off the one before */
    struct leap_entry entries[LEAP_ENTRIES_MAX];
    int64_t expires_s; /* POSIX second from which nothing is promised */
};

/* Reads SECOND:OFFSET[,SECOND:OFFSET...]@EXPIRES, decimal, POSIX seconds:
 *   1483228800:37@1798416000
 * Whole history is not needed: times before the first second are refused. On failure *out is
 * zero.
 *
 * ERR_ENCODING: a text of another form, a number with a leading zero. ERR_RANGE: a second that
 * starts no day or is over LEAP_UNIX_MAX, an offset over LEAP_OFFSET_MAX, seconds that do not
 * ascend, an offset not one off the one before, an end before the last second. ERR_NOSPACE: too
 * many entries. */
MUST_CHECK enum err leap_table_parse(const char *text, struct leap_table *out);

/* ERR_RANGE: before the table begins, or after LEAP_UNIX_MAX; *out is 0. A UTC second that was
 * inserted has no POSIX number: leap_table_near() says whether a time may be one. */
MUST_CHECK enum err leap_to_tai(const struct leap_table *t, int64_t utc_ns, int64_t *tai_ns);
/* The inserted second repeats the one before it; the one left out is skipped. ERR_RANGE. */
MUST_CHECK enum err leap_to_utc(const struct leap_table *t, int64_t tai_ns, int64_t *utc_ns);

/* Whether [lo, hi], TAI, comes within margin of a leap second of the table: of 23:59:59 before
 * it to 00:00:01 after it. */
bool leap_table_near(const struct leap_table *t, int64_t lo_ns, int64_t hi_ns,
                     int64_t margin_ns);

/* Whether [lo, hi], TAI, comes as near to the end of a month (UTC), where a leap second would
 * be. */
bool leap_month_end(const struct leap_table *t, int64_t lo_ns, int64_t hi_ns,
                    int64_t margin_ns);

/* The change of TAI - UTC at the end of the UTC day of tai_ns: 1, 0 or -1. */
int leap_table_today(const struct leap_table *t, int64_t tai_ns);

/* Whether tai_ns is past its end. */
bool leap_table_expired(const struct leap_table *t, int64_t tai_ns);

#endif
