#include "wire/time_call.h"

const char *time_reason_name(enum time_reason r)
{
    switch (r) {
    case TIME_HOLDS:
        return "holds";
    case TIME_NO_SAMPLE:
        return "no_sample";
    case TIME_UNSTEADY:
        return "unsteady";
    case TIME_WIDE:
        return "wide";
    case TIME_LEAP:
        return "leap";
    case TIME_LEAP_MISSED:
        return "leap_missed";
    case TIME_BELOW_GIVEN:
        return "below_given";
    case TIME_OUTSIDE:
        return "outside";
    case TIME_FENCED:
        return "fenced";
    case TIME_UNSYNCHRONISED:
        return "unsynchronised";
    case TIME_UNREADABLE:
        return "unreadable";
    case TIME_PEERS:
        return "peers";
    }
    return "unknown";
}

const char *time_event_name(enum time_event e)
{
    switch (e) {
    case TIME_EVENT_NONE:
        return "none";
    case TIME_EVENT_BACK:
        return "back";
    case TIME_EVENT_JUMP:
        return "jump";
    case TIME_EVENT_GAP:
        return "gap";
    case TIME_EVENT_DISJOINT:
        return "disjoint";
    case TIME_EVENT_OFF_RATE:
        return "off_rate";
    }
    return "unknown";
}

void time_sources_encode(struct writer *w, const struct time_source *rows, size_t n)
{
    wr_u8(w, (uint8_t)n);
    for (size_t i = 0; i < n; i++) {
        const struct time_source *const row = &rows[i];

        wr_u8(w, (uint8_t)row->name.n);
        wr_view(w, row->name);
        wr_u8(w, row->state);
        wr_i64le(w, row->offset_ns);
        wr_i64le(w, row->half_width_ns);
        wr_i64le(w, row->delay_ns);
        wr_u32le(w, row->age_ms);
        wr_u8(w, row->reach);
        wr_bytes(w, row->kiss, sizeof row->kiss);
    }
}

void time_report_encode(struct writer *w, const struct time_report *r)
{
    const struct time_sample *const s = &r->sample;

    wr_u64le(w, s->seq);
    wr_i64le(w, s->counter_ns);
    wr_i64le(w, s->since_ns);
    wr_i64le(w, s->lo_ns);
    wr_i64le(w, s->hi_ns);
    wr_u8(w, s->sources);
    wr_u8(w, s->quota);
    wr_u8(w, s->agreeing);
    wr_u8(w, s->leap);
    wr_u8(w, s->flags);
    time_sources_encode(w, r->rows, r->n_sources);
}

static bool sample_is_sane(const struct time_sample *s)
{
    if (s->seq == 0 || s->since_ns < 0 || s->since_ns > s->counter_ns || s->lo_ns < 0 ||
        s->lo_ns > s->hi_ns || s->quota == 0 || s->quota > s->sources ||
        s->agreeing > s->sources || s->sources > TIME_SOURCES_MAX ||
        s->leap > TIME_LEAP_UNKNOWN || (s->flags & ~TIME_FLAG_FENCE) != 0) {
        return false;
    }
    return time_sample_holds(s) || s->hi_ns == 0;
}

static enum err read_sample(struct reader *r, struct time_sample *s)
{
    TRY(rd_u64le(r, &s->seq));
    TRY(rd_i64le(r, &s->counter_ns));
    TRY(rd_i64le(r, &s->since_ns));
    TRY(rd_i64le(r, &s->lo_ns));
    TRY(rd_i64le(r, &s->hi_ns));
    TRY(rd_u8(r, &s->sources));
    TRY(rd_u8(r, &s->quota));
    TRY(rd_u8(r, &s->agreeing));
    TRY(rd_u8(r, &s->leap));
    TRY(rd_u8(r, &s->flags));
    return sample_is_sane(s) ? ERR_OK : ERR_RANGE;
}

/* People read it: nothing in it may steer a terminal or break a line. */
static bool is_word(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] <= ' ' || v.p[i] > '~') {
            return false;
        }
    }
    return true;
}

static bool kiss_is_sane(const uint8_t kiss[TIME_KISS_LEN])
{
    const bool absent = kiss[0] == 0 && kiss[1] == 0 && kiss[2] == 0 && kiss[3] == 0;

    return absent || is_word((struct view){kiss, TIME_KISS_LEN});
}

static enum err read_row(struct reader *r, struct time_source *row)
{
    uint8_t len = 0;

    TRY(rd_u8(r, &len));
    if (len == 0 || len > TIME_NAME_MAX) {
        return ERR_RANGE;
    }
    TRY(rd_take(r, len, &row->name));
    TRY(rd_u8(r, &row->state));
    TRY(rd_i64le(r, &row->offset_ns));
    TRY(rd_i64le(r, &row->half_width_ns));
    TRY(rd_i64le(r, &row->delay_ns));
    TRY(rd_u32le(r, &row->age_ms));
    TRY(rd_u8(r, &row->reach));
    TRY(rd_copy(r, row->kiss, sizeof row->kiss));
    if (!is_word(row->name) || row->state < TIME_SOURCE_STARTING ||
        row->state > TIME_SOURCE_UNSYNCHRONISED || row->half_width_ns < 0 ||
        row->delay_ns < 0 || !kiss_is_sane(row->kiss)) {
        return ERR_RANGE;
    }
    return ERR_OK;
}

enum err time_sources_decode(struct reader *r, struct time_source *rows, size_t *n)
{
    uint8_t count = 0;

    *n = 0;
    TRY(rd_u8(r, &count));
    if (count > TIME_SOURCES_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < count; i++) {
        TRY(read_row(r, &rows[i]));
    }
    *n = count;
    return ERR_OK;
}

static enum err read_report(struct view body, struct time_report *out)
{
    struct reader r = rd_init(body);

    TRY(read_sample(&r, &out->sample));
    TRY(time_sources_decode(&r, out->rows, &out->n_sources));
    return rd_finish(&r);
}

enum err time_report_decode(struct view body, struct time_report *out)
{
    enum err e;

    *out = (struct time_report){0};
    e = read_report(body, out);
    if (e != ERR_OK) {
        *out = (struct time_report){0};
    }
    return e;
}
