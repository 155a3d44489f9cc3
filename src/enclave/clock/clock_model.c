#include "enclave/clock/clock_model.h"

#define NS_PER_S INT64_C(1000000000)
#define RATE_NONE_PPB 1000000 /* what bounds nothing */

/* In two parts, neither of which overflows within 200 years and RATE_NONE_PPB. */
int64_t clock_share_down(int64_t ns, int64_t ppb)
{
    const int64_t rest = ns % NS_PER_S * ppb;

    return ns / NS_PER_S * ppb + rest / NS_PER_S - (rest % NS_PER_S < 0);
}

int64_t clock_share_up(int64_t ns, int64_t ppb)
{
    return -clock_share_down(ns, -ppb);
}

static const struct clock_rate UNKNOWN = {-CLOCK_DRIFT_PPB, CLOCK_DRIFT_PPB};

void clock_model_init(struct clock_model *m)
{
    *m = (struct clock_model){.rate = UNKNOWN, .slope = UNKNOWN};
}

struct clock_anchor clock_model_at(const struct clock_model *m, int64_t counter_ns)
{
    const int64_t gone = counter_ns - m->base.counter_ns;

    return (struct clock_anchor){counter_ns,
                                 m->base.lo_ns + gone + clock_share_down(gone, m->rate.lo_ppb),
                                 m->base.hi_ns + gone + clock_share_up(gone, m->rate.hi_ppb)};
}

/* Excess of true time over the counter, as ppb of the counter's way; away from zero by one so
 * that rounding never narrows. */
static int64_t slope_ppb(int64_t excess_ns, int64_t way_ns, int outward)
{
    if (excess_ns > way_ns / 1000 || excess_ns < -(way_ns / 1000)) {
        return excess_ns > 0 ? RATE_NONE_PPB : -RATE_NONE_PPB;
    }
    return excess_ns * 1000000 / (way_ns / 1000) + outward;
}

/* What the way from one sample to another says of the mean rate between them. */
static struct clock_rate slope_of(const struct clock_anchor *from,
                                  const struct clock_anchor *to)
{
    const int64_t way = to->counter_ns - from->counter_ns;

    return (struct clock_rate){slope_ppb(to->lo_ns - from->hi_ns - way, way, -1),
                               slope_ppb(to->hi_ns - from->lo_ns - way, way, 1)};
}

/* The rates that all samples of the ring allow with this one. False: none. */
static bool find_rate(const struct clock_model *m, const struct clock_anchor *sample,
                      struct clock_rate *rate, struct clock_rate *slope)
{
    bool first = true;

    *rate = UNKNOWN;
    *slope = UNKNOWN;
    for (size_t i = 0; i < m->n; i++) {
        struct clock_rate s;

        if (sample->counter_ns - m->anchors[i].counter_ns < CLOCK_BASELINE_NS) {
            break;
        }
        s = slope_of(&m->anchors[i], sample);
        if (first) {
            *slope = s;
            first = false;
        }
        s.lo_ppb -= CLOCK_WANDER_PPB;
        s.hi_ppb += CLOCK_WANDER_PPB;
        rate->lo_ppb = s.lo_ppb > rate->lo_ppb ? s.lo_ppb : rate->lo_ppb;
        rate->hi_ppb = s.hi_ppb < rate->hi_ppb ? s.hi_ppb : rate->hi_ppb;
    }
    return rate->lo_ppb <= rate->hi_ppb;
}

static void forget_oldest(struct clock_model *m, size_t n)
{
    for (size_t i = n; i < m->n; i++) {
        m->anchors[i - n] = m->anchors[i];
    }
    m->n -= n;
}

static void keep(struct clock_model *m, const struct clock_anchor *sample)
{
    size_t old = 0;

    if (m->n > 0 &&
        sample->counter_ns - m->anchors[m->n - 1].counter_ns < CLOCK_ANCHOR_GAP_NS) {
        return;
    }
    while (old < m->n &&
           sample->counter_ns - m->anchors[old].counter_ns > CLOCK_ANCHOR_LIFE_NS) {
        old++;
    }
    forget_oldest(m, old > 0 ? old : m->n == CLOCK_ANCHORS_MAX);
    m->anchors[m->n++] = *sample;
}

enum clock_taken clock_model_take(struct clock_model *m, const struct clock_anchor *sample)
{
    struct clock_anchor now = *sample;
    struct clock_rate rate;
    struct clock_rate slope;

    if (m->set) {
        now = clock_model_at(m, sample->counter_ns);
        now.lo_ns = sample->lo_ns > now.lo_ns ? sample->lo_ns : now.lo_ns;
        now.hi_ns = sample->hi_ns < now.hi_ns ? sample->hi_ns : now.hi_ns;
        if (now.lo_ns > now.hi_ns) {
            return CLOCK_DISJOINT;
        }
    }
    if (!find_rate(m, sample, &rate, &slope)) {
        return CLOCK_OFF_RATE;
    }
    m->set = true;
    m->base = now;
    m->rate = rate;
    m->slope = slope;
    keep(m, sample);
    return CLOCK_TAKEN;
}
