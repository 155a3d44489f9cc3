#include "format/gen_time_parse.h"

#include "format/ber.h"

#define SECONDS_PER_DAY 86400
#define FRACTION_DIGITS 9 /* of a nanosecond */

struct civil {
    uint32_t year, month, day, hour, minute, second;
};

int64_t gen_time_ms(const struct gen_time *t)
{
    return t->s * 1000 + t->ns / 1000000;
}

/* n decimal digits. */
static enum err read_digits(struct reader *r, size_t n, uint32_t *out)
{
    struct view text;
    uint32_t v = 0;

    *out = 0;
    if (r->n < n) {
        return ERR_ENCODING;
    }
    TRY(rd_take(r, n, &text));
    for (size_t i = 0; i < n; i++) {
        if (text.p[i] < '0' || text.p[i] > '9') {
            return ERR_ENCODING;
        }
        v = v * 10 + (uint32_t)(text.p[i] - '0');
    }
    *out = v;
    return ERR_OK;
}

static bool is_leap(uint32_t year)
{
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static bool date_exists(const struct civil *c)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    uint32_t last = 0;

    if (c->month < 1 || c->month > 12) {
        return false;
    }
    last = days[c->month - 1] + (c->month == 2 && is_leap(c->year) ? 1U : 0U);
    return c->day >= 1 && c->day <= last;
}

/* Days from 1970-01-01, in the Gregorian calendar of all years 0 to 9999. Years begin in March
 * here, so that the leap day is the last of its year; and 400 of them are added, so that none
 * is negative. */
static int64_t days_since_epoch(const struct civil *c)
{
    const uint32_t y = c->year + 400 - (c->month > 2 ? 0 : 1);
    const uint32_t march_month = c->month > 2 ? c->month - 3 : c->month + 9; /* 0 is March */
    const uint32_t day_of_year = (153 * march_month + 2) / 5 + c->day - 1;

    return (int64_t)(365 * y + y / 4 - y / 100 + y / 400 + day_of_year) - 719468 - 146097;
}

static enum err read_civil(struct reader *r, struct civil *c)
{
    TRY(read_digits(r, 2, &c->month));
    TRY(read_digits(r, 2, &c->day));
    TRY(read_digits(r, 2, &c->hour));
    TRY(read_digits(r, 2, &c->minute));
    TRY(read_digits(r, 2, &c->second));
    return date_exists(c) && c->hour < 24 && c->minute < 60 && c->second < 60 ? ERR_OK
                                                                              : ERR_RANGE;
}

static int64_t seconds_since_epoch(const struct civil *c)
{
    return days_since_epoch(c) * SECONDS_PER_DAY + (int64_t)c->hour * 3600 +
           (int64_t)c->minute * 60 + c->second;
}

/* What may stand between seconds and Z. */
static enum err read_fraction(struct reader *r, struct gen_time *t, uint32_t *flaws)
{
    uint8_t c = 0;
    uint32_t digit = 0;
    uint32_t unit = 100000000; /* ns */
    size_t n = 0;

    if (r->n == 0 || (r->p[0] != '.' && r->p[0] != ',')) {
        return ERR_OK;
    }
    TRY(rd_u8(r, &c));
    if (c == ',') { /* ISO 8601 and BER allow it */
        *flaws |= BER_FLAW_TIME;
    }
    while (r->n > 0 && r->p[0] >= '0' && r->p[0] <= '9') {
        TRY(read_digits(r, 1, &digit));
        if (n < FRACTION_DIGITS) {
            t->ns += digit * unit;
            unit /= 10;
        }
        n++;
    }
    if (n == 0) {
        return ERR_ENCODING;
    }
    if (digit == 0) {
        *flaws |= BER_FLAW_TIME;
    }
    t->digits = (uint8_t)(n < UINT8_MAX ? n : UINT8_MAX);
    return ERR_OK;
}

static enum err read_z(struct reader *r)
{
    return r->n == 1 && r->p[0] == 'Z' ? ERR_OK : ERR_ENCODING;
}

enum err gen_time_parse(struct view text, struct gen_time *out, uint32_t *flaws)
{
    struct reader r = rd_init(text);
    struct gen_time t = {0};
    struct civil c = {0};
    uint32_t found = 0;

    *out = t;
    TRY(read_digits(&r, 4, &c.year));
    TRY(read_civil(&r, &c));
    t.s = seconds_since_epoch(&c);
    TRY(read_fraction(&r, &t, &found));
    TRY(read_z(&r));
    *out = t;
    *flaws |= found;
    return ERR_OK;
}

enum err gen_time_parse_utc(struct view text, struct gen_time *out)
{
    struct reader r = rd_init(text);
    struct civil c = {0};

    *out = (struct gen_time){0};
    TRY(read_digits(&r, 2, &c.year));
    c.year += c.year < 50 ? 2000 : 1900;
    TRY(read_civil(&r, &c));
    TRY(read_z(&r));
    out->s = seconds_since_epoch(&c);
    return ERR_OK;
}
