#include "enclave/clock/leap_table.h"

#define NS_PER_S INT64_C(1000000000)
#define DAY_S INT64_C(86400)
#define UTC_MAX_NS (LEAP_UNIX_MAX * NS_PER_S)

/* The text is the operator's, not a peer's: it ends with a zero. No sign but of an offset, no
 * leading zero. */
static enum err read_number(const char **text, int64_t max, int64_t *out)
{
    const char *p = *text;
    int64_t v = 0;

    if (*p < '0' || *p > '9' || (*p == '0' && p[1] >= '0' && p[1] <= '9')) {
        return ERR_ENCODING;
    }
    for (; *p >= '0' && *p <= '9'; p++) {
        v = v * 10 + (*p - '0');
        if (v > max) {
            return ERR_RANGE;
        }
    }
    *text = p;
    *out = v;
    return ERR_OK;
}

static enum err read_offset(const char **text, int32_t *out)
{
    const bool negative = **text == '-';
    int64_t v = 0;

    *text += negative;
    TRY(read_number(text, LEAP_OFFSET_MAX, &v));
    *out = (int32_t)(negative ? -v : v);
    return ERR_OK;
}

static enum err read_entry(const char **text, struct leap_table *t)
{
    struct leap_entry e = {0};
    const struct leap_entry *before;

    if (t->n == LEAP_ENTRIES_MAX) {
        return ERR_NOSPACE;
    }
    TRY(read_number(text, LEAP_UNIX_MAX, &e.from_s));
    if (**text != ':') {
        return ERR_ENCODING;
    }
    *text += 1;
    TRY(read_offset(text, &e.offset_s));
    if (e.from_s % DAY_S != 0) {
        return ERR_RANGE;
    }
    if (t->n > 0) {
        before = &t->entries[t->n - 1];
        if (e.from_s <= before->from_s ||
            (e.offset_s != before->offset_s + 1 && e.offset_s != before->offset_s - 1)) {
            return ERR_RANGE;
        }
    }
    t->entries[t->n++] = e;
    return ERR_OK;
}

static enum err read_table(const char *text, struct leap_table *t)
{
    for (;;) {
        TRY(read_entry(&text, t));
        if (*text != ',') {
            break;
        }
        text++;
    }
    if (*text != '@') {
        return ERR_ENCODING;
    }
    text++;
    TRY(read_number(&text, LEAP_UNIX_MAX, &t->expires_s));
    if (*text != '\0') {
        return ERR_ENCODING;
    }
    return t->expires_s > t->entries[t->n - 1].from_s ? ERR_OK : ERR_RANGE;
}

enum err leap_table_parse(const char *text, struct leap_table *out)
{
    enum err e;

    *out = (struct leap_table){0};
    e = read_table(text, out);
    if (e != ERR_OK) {
        *out = (struct leap_table){0};
    }
    return e;
}

/* TAI of the UTC second from which entry i holds. */
static int64_t start_ns(const struct leap_table *t, size_t i)
{
    return (t->entries[i].from_s + t->entries[i].offset_s) * NS_PER_S;
}

enum err leap_to_tai(const struct leap_table *t, int64_t utc_ns, int64_t *tai_ns)
{
    size_t i = t->n;

    *tai_ns = 0;
    if (utc_ns > UTC_MAX_NS) { /* one before 1970 is before every table */
        return ERR_RANGE;
    }
    while (i > 0 && utc_ns < t->entries[i - 1].from_s * NS_PER_S) {
        i--;
    }
    if (i == 0) {
        return ERR_RANGE;
    }
    *tai_ns = utc_ns + t->entries[i - 1].offset_s * NS_PER_S;
    return ERR_OK;
}

enum err leap_to_utc(const struct leap_table *t, int64_t tai_ns, int64_t *utc_ns)
{
    size_t i = t->n;
    int64_t utc;

    *utc_ns = 0;
    if (tai_ns < 0 || tai_ns > UTC_MAX_NS) {
        return ERR_RANGE;
    }
    while (i > 0 && tai_ns < start_ns(t, i - 1)) {
        i--;
    }
    if (i == 0) {
        return ERR_RANGE;
    }
    utc = tai_ns - t->entries[i - 1].offset_s * NS_PER_S;
    if (i < t->n && utc >= t->entries[i].from_s * NS_PER_S) {
        utc -= NS_PER_S; /* 23:59:60: Linux and POSIX count 23:59:59 again */
    }
    *utc_ns = utc;
    return ERR_OK;
}

/* Whether [lo, hi] comes within margin of the turn of a day whose first second is from_s, with
 * these differences before and after it. */
static bool near_turn(int64_t from_s, int32_t before_s, int32_t after_s, int64_t lo_ns,
                      int64_t hi_ns, int64_t margin_ns)
{
    const int32_t first = before_s < after_s ? before_s : after_s;
    const int32_t last = before_s < after_s ? after_s : before_s;
    const int64_t begin_ns = (from_s + first) * NS_PER_S - LEAP_NEAR_NS;
    const int64_t end_ns = (from_s + last) * NS_PER_S + LEAP_NEAR_NS;

    return hi_ns >= begin_ns - margin_ns && lo_ns <= end_ns + margin_ns;
}

bool leap_table_near(const struct leap_table *t, int64_t lo_ns, int64_t hi_ns,
                     int64_t margin_ns)
{
    for (size_t i = 1; i < t->n; i++) {
        if (near_turn(t->entries[i].from_s, t->entries[i - 1].offset_s, t->entries[i].offset_s,
                      lo_ns, hi_ns, margin_ns)) {
            return true;
        }
    }
    return false;
}

/* The day of the month, 1 to 31, of a day counted from 1970-01-01. The year begins in March
 * here, so that its last day is the leap day. */
static int64_t day_of_month(int64_t day)
{
    const int64_t since = day + 719468; /* 0000-03-01 */
    const int64_t in_era = since % 146097;
    const int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    const int64_t in_year = in_era - (365 * year + year / 4 - year / 100);
    const int64_t month = (5 * in_year + 2) / 153;

    return in_year - (153 * month + 2) / 5 + 1;
}

static int32_t offset_at(const struct leap_table *t, int64_t tai_ns)
{
    size_t i = t->n;

    while (i > 1 && tai_ns < start_ns(t, i - 1)) {
        i--;
    }
    return t->entries[i - 1].offset_s;
}

bool leap_month_end(const struct leap_table *t, int64_t lo_ns, int64_t hi_ns, int64_t margin_ns)
{
    const int32_t offset_s = offset_at(t, lo_ns);
    const int64_t first = (lo_ns / NS_PER_S - offset_s) / DAY_S;

    if (lo_ns < offset_s * NS_PER_S || hi_ns - lo_ns > DAY_S * NS_PER_S) {
        return true; /* nothing can be said */
    }
    for (int64_t day = first; day <= first + 2; day++) { /* the turn at the start of day */
        if (day_of_month(day) == 1 &&
            near_turn(day * DAY_S, offset_s - 1, offset_s + 1, lo_ns, hi_ns, margin_ns)) {
            return true;
        }
    }
    return false;
}

int leap_table_today(const struct leap_table *t, int64_t tai_ns)
{
    int64_t utc_ns = 0;
    int64_t next_s;

    if (leap_to_utc(t, tai_ns, &utc_ns) != ERR_OK) {
        return 0;
    }
    next_s = (utc_ns / (DAY_S * NS_PER_S) + 1) * DAY_S;
    for (size_t i = 1; i < t->n; i++) {
        if (t->entries[i].from_s == next_s) {
            return t->entries[i].offset_s - t->entries[i - 1].offset_s;
        }
    }
    return 0;
}

bool leap_table_expired(const struct leap_table *t, int64_t tai_ns)
{
    return tai_ns >= (t->expires_s + offset_at(t, tai_ns)) * NS_PER_S;
}
