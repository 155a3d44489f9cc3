#include "wire/time_status.h"

#include "wire/stamp.h"
#include "wire/time_probe.h"

#include <string.h>

#define FLAGS                                                                           \
    (TIME_STATUS_VALID | TIME_STATUS_SPAN | TIME_STATUS_HOLDOVER | TIME_STATUS_PERMIT | \
     TIME_STATUS_FENCED | TIME_STATUS_EXPIRED)

const char *time_status_label(const struct time_status *s)
{
    switch ((enum core_clock)s->clock) {
    case CLOCK_KERNEL:
        return "kernel, untrusted";
    case CLOCK_TRUST_SYSTEM:
        return "trust-system, untrusted";
    case CLOCK_NTS:
        return s->counter == TIME_COUNTER_TSC ? "nts, TSC" : "nts, CLOCK_MONOTONIC_RAW";
    }
    return "unknown";
}

const char *time_source_state_name(enum time_source_state s)
{
    switch (s) {
    case TIME_SOURCE_STARTING:
        return "starting";
    case TIME_SOURCE_AGREES:
        return "agrees";
    case TIME_SOURCE_DISAGREES:
        return "disagrees";
    case TIME_SOURCE_UNREACHABLE:
        return "unreachable";
    case TIME_SOURCE_REFUSED:
        return "refused";
    case TIME_SOURCE_UNSYNCHRONISED:
        return "unsynchronised";
    }
    return "unknown";
}

const char *time_leap_name(enum time_leap l)
{
    switch (l) {
    case TIME_LEAP_NONE:
        return "none";
    case TIME_LEAP_INSERT:
        return "insert";
    case TIME_LEAP_DELETE:
        return "delete";
    case TIME_LEAP_UNKNOWN:
        break;
    }
    return "unknown";
}

void time_status_encode(struct writer *w, const struct time_status *s)
{
    wr_u8(w, s->clock);
    wr_u8(w, s->counter);
    wr_u8(w, s->state);
    wr_u8(w, s->reason);
    wr_u16le(w, s->err);
    wr_u8(w, s->flags);
    wr_u8(w, s->leap);
    wr_u8(w, s->change);
    wr_u8(w, s->sources);
    wr_u8(w, s->quota);
    wr_u8(w, s->agreeing);
    wr_u8(w, s->index);
    wr_u8(w, s->threshold);
    wr_u8(w, s->total);
    wr_u8(w, s->peers);
    wr_i64le(w, s->lo_ns);
    wr_i64le(w, s->hi_ns);
    wr_i64le(w, s->half_width_ns);
    wr_i64le(w, s->offset_ns);
    wr_i64le(w, s->bound_ns);
    wr_i64le(w, s->given_ns);
    wr_i64le(w, s->rate_lo_ppb);
    wr_i64le(w, s->rate_hi_ppb);
    wr_i64le(w, s->leap_expires_s);
    wr_u64le(w, s->adjusted);
    wr_u64le(w, s->events);
    wr_u32le(w, s->heard_ms);
    wr_u32le(w, s->sample_ms);
    time_sources_encode(w, s->rows, s->n_sources);
}

static enum err read_bytes(struct reader *r, struct time_status *s)
{
    TRY(rd_u8(r, &s->clock));
    TRY(rd_u8(r, &s->counter));
    TRY(rd_u8(r, &s->state));
    TRY(rd_u8(r, &s->reason));
    TRY(rd_u16le(r, &s->err));
    TRY(rd_u8(r, &s->flags));
    TRY(rd_u8(r, &s->leap));
    TRY(rd_u8(r, &s->change));
    TRY(rd_u8(r, &s->sources));
    TRY(rd_u8(r, &s->quota));
    TRY(rd_u8(r, &s->agreeing));
    TRY(rd_u8(r, &s->index));
    TRY(rd_u8(r, &s->threshold));
    TRY(rd_u8(r, &s->total));
    return rd_u8(r, &s->peers);
}

static enum err read_numbers(struct reader *r, struct time_status *s)
{
    TRY(rd_i64le(r, &s->lo_ns));
    TRY(rd_i64le(r, &s->hi_ns));
    TRY(rd_i64le(r, &s->half_width_ns));
    TRY(rd_i64le(r, &s->offset_ns));
    TRY(rd_i64le(r, &s->bound_ns));
    TRY(rd_i64le(r, &s->given_ns));
    TRY(rd_i64le(r, &s->rate_lo_ppb));
    TRY(rd_i64le(r, &s->rate_hi_ppb));
    TRY(rd_i64le(r, &s->leap_expires_s));
    TRY(rd_u64le(r, &s->adjusted));
    TRY(rd_u64le(r, &s->events));
    TRY(rd_u32le(r, &s->heard_ms));
    return rd_u32le(r, &s->sample_ms);
}

static bool bytes_are_sane(const struct time_status *s)
{
    return s->clock >= CLOCK_KERNEL && s->clock <= CLOCK_NTS &&
           s->counter <= TIME_COUNTER_TSC && s->state >= CORE_BOOTING &&
           s->state <= CORE_CEREMONY &&
           strcmp(time_reason_name((enum time_reason)s->reason), "unknown") != 0 &&
           (s->flags & ~FLAGS) == 0 && s->leap <= TIME_LEAP_UNKNOWN &&
           s->change <= TIME_LEAP_DELETE && s->sources <= TIME_SOURCES_MAX &&
           s->quota <= s->sources && s->agreeing <= s->sources && s->total <= TIME_PEERS_MAX &&
           s->threshold <= s->total && s->index <= TIME_PEERS_MAX && s->peers >> s->total == 0;
}

static bool is_time(int64_t ns)
{
    return ns >= 0 && ns <= STAMP_TIME_MAX_NS;
}

static bool numbers_are_sane(const struct time_status *s)
{
    const bool valid = (s->flags & TIME_STATUS_VALID) != 0;
    const bool span = (s->flags & TIME_STATUS_SPAN) != 0;

    return is_time(s->lo_ns) && is_time(s->hi_ns) && s->lo_ns <= s->hi_ns &&
           (valid || (s->hi_ns == 0 && s->offset_ns == 0)) && (span || !valid) &&
           is_time(s->half_width_ns) && (span || s->half_width_ns == 0) &&
           s->offset_ns >= -STAMP_TIME_MAX_NS && s->offset_ns <= STAMP_TIME_MAX_NS &&
           is_time(s->bound_ns) && is_time(s->given_ns) && is_time(s->leap_expires_s) &&
           s->rate_lo_ppb >= -TIME_RATE_PPB_MAX && s->rate_hi_ppb <= TIME_RATE_PPB_MAX &&
           s->rate_lo_ppb <= s->rate_hi_ppb;
}

static enum err read_status(struct view body, struct time_status *out)
{
    struct reader r = rd_init(body);

    TRY(read_bytes(&r, out));
    TRY(read_numbers(&r, out));
    if (!bytes_are_sane(out) || !numbers_are_sane(out)) {
        return ERR_RANGE;
    }
    TRY(time_sources_decode(&r, out->rows, &out->n_sources));
    return rd_finish(&r);
}

enum err time_status_decode(struct view body, struct time_status *out)
{
    enum err e;

    *out = (struct time_status){0};
    e = read_status(body, out);
    if (e != ERR_OK) {
        *out = (struct time_status){0};
    }
    return e;
}
