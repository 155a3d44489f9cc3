#include "enclave/core/core_time_status.h"

#include "enclave/core/core_answer.h"
#include "enclave/core/core_time.h"
#include "wire/time_status.h"

#define NS_PER_MS INT64_C(1000000)

static uint32_t age_ms(int64_t ns)
{
    const int64_t ms = ns < 0 ? 0 : ns / NS_PER_MS;

    return ms < TIME_AGE_NEVER ? (uint32_t)ms : TIME_AGE_NEVER - 1;
}

/* Of the kernel's clock: own_clock.c refuses it for these, in this order. */
static enum time_reason kernel_reason(const struct core *c)
{
    if (c->now.err == ERR_OK) {
        return TIME_HOLDS;
    }
    if (c->now.bound_us == 0 && !c->now.synchronised) {
        return TIME_UNREADABLE;
    }
    if (c->clock.kind == CLOCK_KERNEL && !c->now.synchronised) {
        return TIME_UNSYNCHRONISED;
    }
    if (c->clock.kind == CLOCK_KERNEL &&
        (int64_t)c->now.bound_us * 1000 > c->clock.bound_max_ns) {
        return TIME_WIDE;
    }
    return c->now.mono_ns < c->clock.steady_from_ns ? TIME_UNSTEADY : TIME_BELOW_GIVEN;
}

static enum time_reason reason_of(const struct core *c)
{
    const enum time_reason own = c->clock.kind == CLOCK_NTS ? c->now.reason : kernel_reason(c);

    return own == TIME_HOLDS && !core_time_permits(c) ? TIME_PEERS : own;
}

/* How far the middle of the span of now is from the machine's clock, which has gone on since
 * the span was read. 0 where that clock is the one that is believed. */
static int64_t offset_of(const struct core *c)
{
    const struct clock_source *const source = c->clock.source;
    struct kernel_time k;

    if (c->clock.kind != CLOCK_NTS || c->now.err != ERR_OK ||
        source->kernel_time(source->self, &k) != ERR_OK) {
        return 0;
    }
    return c->now.lo_ns + (c->now.hi_ns - c->now.lo_ns) / 2 +
           (source->monotonic_ns(source->self) - c->now.mono_ns) - k.now_ns;
}

/* What the model of a clock of our own adds. */
static void add_model(const struct core *c, struct time_status *s)
{
    const struct time_keeper *const k = &c->clock.keeper;
    const int64_t age_ns = k->counter_ns - k->model.base.counter_ns;

    s->counter = TIME_COUNTER_RAW;
    s->rate_lo_ppb = k->model.rate.lo_ppb;
    s->rate_hi_ppb = k->model.rate.hi_ppb;
    s->leap_expires_s = k->leaps.expires_s;
    if (k->leap_word != TIME_LEAP_UNKNOWN &&
        k->counter_ns - k->leap_word_ns <= KEEPER_LEAP_WORD_NS) {
        s->leap = k->leap_word;
    }
    if (k->model.set) {
        const int change = leap_table_today(&k->leaps, k->model.base.lo_ns + age_ns);

        s->change = change > 0   ? TIME_LEAP_INSERT
                    : change < 0 ? TIME_LEAP_DELETE
                                 : TIME_LEAP_NONE;
        s->sample_ms = age_ms(age_ns);
        s->flags |= s->sample_ms > TIME_HOLDOVER_MS ? TIME_STATUS_HOLDOVER : 0;
        s->flags |= leap_table_expired(&k->leaps, k->model.base.hi_ns + age_ns)
                        ? TIME_STATUS_EXPIRED
                        : 0;
    }
    s->flags |= k->fenced ? TIME_STATUS_FENCED : 0;
    if (k->given_ns == 0 || leap_to_utc(&k->leaps, k->given_ns, &s->given_ns) != ERR_OK) {
        s->given_ns = 0;
    }
}

static void add_peers(const struct core *c, struct time_status *s)
{
    s->flags |= core_time_permits(c) ? TIME_STATUS_PERMIT : 0;
    if (core_time_has_peers(c)) {
        s->threshold = c->peers.threshold;
        s->total = c->peers.total;
        s->peers = peer_view_mask(&c->peers, c->now.mono_ns);
    }
}

static void add_heard(const struct core *c, struct time_status *s)
{
    struct reader r = rd_init((struct view){c->heard.rows, c->heard.rows_len});

    s->heard_ms =
        c->heard.at_ns == 0 ? TIME_AGE_NEVER : age_ms(c->now.mono_ns - c->heard.at_ns);
    s->sources = c->heard.sources;
    s->quota = c->heard.quota;
    s->agreeing = c->heard.agreeing;
    if (time_sources_decode(&r, s->rows, &s->n_sources) != ERR_OK) {
        s->n_sources = 0; /* none yet */
    }
}

void core_answer_time_status(const struct core *c, struct writer *w)
{
    const bool valid = c->now.err == ERR_OK;
    struct time_status s = {.clock = c->args->clock,
                            .state = (uint8_t)c->state,
                            .reason = (uint8_t)reason_of(c),
                            .err = (uint16_t)core_standing(c),
                            .flags = valid ? TIME_STATUS_VALID | TIME_STATUS_SPAN : 0,
                            .leap = TIME_LEAP_UNKNOWN,
                            .index = c->index,
                            .lo_ns = c->now.lo_ns,
                            .hi_ns = c->now.hi_ns,
                            .half_width_ns = (c->now.hi_ns - c->now.lo_ns) / 2,
                            .offset_ns = offset_of(c),
                            .bound_ns = c->clock.bound_max_ns,
                            .given_ns = c->clock.given_ns,
                            .adjusted = c->heard.adjusted,
                            .events = c->clock.events,
                            .sample_ms = TIME_AGE_NEVER};

    if (!valid && c->now.synchronised) {
        s.flags |= TIME_STATUS_SPAN;
        s.half_width_ns = (int64_t)c->now.bound_us * 1000;
    }
    if (c->clock.kind == CLOCK_NTS) {
        add_model(c, &s);
    }
    add_peers(c, &s);
    add_heard(c, &s);
    time_status_encode(w, &s);
}
