#include "client/kit/time_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define YEAR_0001_S (-62135596800)
#define YEAR_9999_END_S 253402300799

/* Days since 1970-01-01 of a day in the Gregorian calendar: years start in March, so that the
 * leap day is the last, and 400 years are 146097 days. */
static int64_t days_of(int64_t y, int64_t m, int64_t d)
{
    const int64_t year = m <= 2 ? y - 1 : y;
    const int64_t era = (year >= 0 ? year : year - 399) / 400;
    const int64_t of_era = year - era * 400;
    const int64_t of_year = (153 * (m > 2 ? m - 3 : m + 9) + 2) / 5 + d - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static void date_of(int64_t days, int64_t *y, int64_t *m, int64_t *d)
{
    const int64_t z = days + 719468;
    const int64_t era = (z >= 0 ? z : z - 146096) / 146097;
    const int64_t of_era = z - era * 146097;
    const int64_t yoe = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    const int64_t of_year = of_era - (365 * yoe + yoe / 4 - yoe / 100);
    const int64_t month = (5 * of_year + 2) / 153;

    *d = of_year - (153 * month + 2) / 5 + 1;
    *m = month < 10 ? month + 3 : month - 9;
    *y = yoe + era * 400 + (*m <= 2 ? 1 : 0);
}

/* Exactly n digits at *p, which moves past them. */
static bool digits(const char **p, size_t n, int64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < n; i++) {
        if ((*p)[i] < '0' || (*p)[i] > '9') {
            return false;
        }
        *out = *out * 10 + ((*p)[i] - '0');
    }
    *p += n;
    return true;
}

static bool skip(const char **p, const char *any)
{
    if (**p == '\0' || strchr(any, **p) == NULL) {
        return false;
    }
    (*p)++;
    return true;
}

static enum err parse_seconds(const char *text, int64_t *seconds)
{
    char *end = NULL;
    const long long v = strtoll(text, &end, 10);

    if (*text == '\0' || *end != '\0') {
        return ERR_ENCODING;
    }
    if (v < YEAR_0001_S || v > YEAR_9999_END_S) {
        return ERR_RANGE;
    }
    *seconds = v;
    return ERR_OK;
}

enum err time_text_parse(const char *text, int64_t *seconds)
{
    const char *p = text;
    int64_t y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0;
    int64_t y2 = 0, mo2 = 0, d2 = 0;

    *seconds = 0;
    if (text[0] == '@') {
        return parse_seconds(text + 1, seconds);
    }
    if (!digits(&p, 4, &y) || !skip(&p, "-") || !digits(&p, 2, &mo) || !skip(&p, "-") ||
        !digits(&p, 2, &d)) {
        return ERR_ENCODING;
    }
    if (*p != '\0') {
        if (!skip(&p, "T ") || !digits(&p, 2, &h) || !skip(&p, ":") || !digits(&p, 2, &mi) ||
            !skip(&p, ":") || !digits(&p, 2, &s)) {
            return ERR_ENCODING;
        }
        if (*p != '\0' && strcmp(p, "Z") != 0) {
            return ERR_ENCODING;
        }
    }
    if (y < 1 || mo < 1 || mo > 12 || d < 1 || h > 23 || mi > 59 || s > 59) {
        return ERR_RANGE;
    }
    const int64_t days = days_of(y, mo, d);

    date_of(days, &y2, &mo2, &d2);
    if (y2 != y || mo2 != mo || d2 != d) { /* 30 February */
        return ERR_RANGE;
    }
    *seconds = days * 86400 + h * 3600 + mi * 60 + s;
    return ERR_OK;
}

void time_text_write(int64_t seconds, uint32_t ns, char out[TIME_TEXT_LEN])
{
    char fraction[12] = "";
    int64_t day = seconds / 86400;
    int64_t of_day = seconds % 86400;
    int64_t y = 0, m = 0, d = 0;

    if (of_day < 0) {
        of_day += 86400;
        day--;
    }
    date_of(day, &y, &m, &d);
    if (ns > 0 && ns < 1000000000) {
        (void)snprintf(fraction, sizeof fraction, ".%09u", (unsigned)ns);
        for (size_t i = strlen(fraction); fraction[i - 1] == '0'; i--) {
            fraction[i - 1] = '\0';
        }
    }
    (void)snprintf(out, TIME_TEXT_LEN, "%04d-%02d-%02dT%02d:%02d:%02d%sZ", (int)y, (int)m,
                   (int)d, (int)(of_day / 3600), (int)(of_day / 60 % 60), (int)(of_day % 60),
                   fraction);
}
