#include "enclave/nts/nts_report.h"

#include <string.h>

#define NS_PER_MS 1000000
#define NEVER_MS UINT32_MAX

enum err nts_report_span(const struct leap_table *t, const struct nts_bound *b,
                         struct nts_span *out)
{
    int64_t tai_ns = 0;

    *out = (struct nts_span){0};
    TRY(leap_to_tai(t, b->utc_ns, &tai_ns));
    if (leap_table_near(t, tai_ns, tai_ns, LEAP_NEAR_NS)) {
        return ERR_TIME;
    }
    *out = (struct nts_span){.counter_ns = b->counter_ns,
                             .lo_ns = tai_ns - b->below_ns,
                             .hi_ns = tai_ns + b->above_ns,
                             .since_ns = b->since_ns,
                             .delay_ns = b->delay_ns};
    return ERR_OK;
}

/* The majority of what there is, with the quota of all that there should be. */
static void take_sample(const struct nts_span *spans, size_t have, size_t n,
                        struct time_sample *s)
{
    size_t agreeing = 0;

    s->sources = (uint8_t)n;
    s->quota = (uint8_t)nts_quota(n);
    s->since_ns = s->counter_ns;
    for (size_t i = 0; i < have; i++) {
        if (spans[i].since_ns < s->since_ns) {
            s->since_ns = spans[i].since_ns;
        }
    }
    if (nts_majority(spans, have, s->quota, &s->lo_ns, &s->hi_ns, &agreeing) != ERR_OK) {
        s->lo_ns = 0;
        s->hi_ns = 0;
    }
    s->agreeing = (uint8_t)agreeing;
}

static uint8_t state_of(const struct nts_source *source, const struct nts_span *span,
                        const struct time_sample *s)
{
    if (source->state == NTS_SOURCE_STOPPED) {
        return TIME_SOURCE_REFUSED;
    }
    if (source->unset) {
        return TIME_SOURCE_UNSYNCHRONISED;
    }
    if (source->answered_ns == 0) {
        return source->counts.lost == 0 && source->counts.ke_failed == 0
                   ? TIME_SOURCE_STARTING
                   : TIME_SOURCE_UNREACHABLE;
    }
    if (source->reach == 0 || span == NULL) {
        return TIME_SOURCE_UNREACHABLE;
    }
    return !time_sample_holds(s) || (span->lo_ns <= s->hi_ns && span->hi_ns >= s->lo_ns)
               ? TIME_SOURCE_AGREES
               : TIME_SOURCE_DISAGREES;
}

static struct time_source row_of(const struct nts_source *source, const struct nts_span *span,
                                 const struct time_sample *s)
{
    struct time_source row = {
        .state = state_of(source, span, s), .age_ms = NEVER_MS, .reach = source->reach};
    const int64_t age_ms = (s->counter_ns - source->answered_ns) / NS_PER_MS;

    if (source->answered_ns != 0 && age_ms < NEVER_MS) {
        row.age_ms = (uint32_t)age_ms;
    }
    memcpy(row.kiss, source->kiss, sizeof row.kiss);
    if (span != NULL) {
        row.half_width_ns = (span->hi_ns - span->lo_ns) / 2;
        row.delay_ns = span->delay_ns;
        row.offset_ns = time_sample_holds(s) ? span->lo_ns + row.half_width_ns -
                                                   (s->lo_ns + (s->hi_ns - s->lo_ns) / 2)
                                             : 0;
    }
    return row;
}

void nts_report(const struct nts_source *const *sources, const char *const *names, size_t n,
                int64_t now_ns, uint64_t seq, struct time_report *out)
{
    struct nts_span spans[TIME_SOURCES_MAX];
    const struct nts_span *of[TIME_SOURCES_MAX] = {NULL};
    size_t have = 0;

    *out = (struct time_report){.n_sources = n};
    out->sample.seq = seq;
    out->sample.counter_ns = now_ns;
    out->sample.leap = (uint8_t)nts_source_leap(sources, n, now_ns);
    for (size_t i = 0; i < n; i++) {
        if (nts_source_span(sources[i], now_ns, &spans[have]) == ERR_OK) {
            of[i] = &spans[have++];
        }
    }
    take_sample(spans, have, n, &out->sample);
    for (size_t i = 0; i < n; i++) {
        out->rows[i] = row_of(sources[i], of[i], &out->sample);
        out->rows[i].name = (struct view){(const uint8_t *)names[i], strlen(names[i])};
    }
}
