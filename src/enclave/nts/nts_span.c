#include "enclave/nts/nts_span.h"

#define NS_PER_S INT64_C(1000000000)
#define PPM 1000000
/* Half an era after the floor: what lies within half an era of it is not before the floor. */
#define NEAR_NS ((NTS_ERA_FLOOR_S + INT64_C(0x80000000)) * NS_PER_S)

/* What the counter may have gone wrong by over that time, rounded up. */
static int64_t drift_ns(int64_t passed_ns)
{
    return passed_ns / PPM * NTS_DRIFT_PPM + NTS_DRIFT_PPM;
}

static enum err bound_of(const struct ntp_header *h, int64_t sent_ns, int64_t received_ns,
                         struct nts_bound *b)
{
    const int64_t round_ns = received_ns - sent_ns;
    int64_t receive_ns = 0;
    int64_t root_ns;
    int64_t doubt_ns;
    int64_t held_ns;

    if (h->leap == NTP_LEAP_UNSYNCHRONISED || h->stratum > NTP_STRATUM_MAX) {
        return ERR_STATE;
    }
    /* Near the floor every time stamp has a time; who moves the floor may change that. */
    TRY(ntp_time_ns(h->receive, NEAR_NS, &receive_ns));
    TRY(ntp_time_ns(h->transmit, NEAR_NS, &b->utc_ns));
    held_ns = b->utc_ns - receive_ns;
    if (held_ns < 0 || round_ns < 0) {
        return ERR_TIME;
    }
    if (round_ns - held_ns > NTS_DELAY_MAX_NS) {
        return ERR_DEADLINE;
    }
    root_ns = (ntp_short_ns(h->root_delay) + 1) / 2 + ntp_short_ns(h->root_dispersion);
    doubt_ns = ntp_log2_ns(h->precision) + NTS_PRECISION_NS + drift_ns(round_ns);
    b->delay_ns = round_ns - held_ns;
    if (b->delay_ns < 0) {
        if (b->delay_ns < -2 * doubt_ns) {
            return ERR_TIME;
        }
        b->delay_ns = 0;
    }
    if ((b->delay_ns + 1) / 2 + root_ns + doubt_ns > NTS_DISTANCE_MAX_NS) {
        return ERR_RANGE;
    }
    b->counter_ns = received_ns;
    b->since_ns = sent_ns;
    b->below_ns = root_ns + doubt_ns;
    b->above_ns = root_ns + doubt_ns + b->delay_ns + 1; /* 1: time stamps are rounded down */
    return ERR_OK;
}

enum err nts_bound_of(const struct ntp_header *h, int64_t sent_ns, int64_t received_ns,
                      struct nts_bound *out)
{
    struct nts_bound b = {0};
    const enum err e = bound_of(h, sent_ns, received_ns, &b);

    *out = e == ERR_OK ? b : (struct nts_bound){0};
    return e;
}

struct nts_span nts_span_at(const struct nts_span *s, int64_t counter_ns)
{
    struct nts_span at = *s;
    const int64_t passed_ns = counter_ns - s->counter_ns;

    if (passed_ns > 0) {
        at.counter_ns = counter_ns;
        at.lo_ns += passed_ns - drift_ns(passed_ns);
        at.hi_ns += passed_ns + drift_ns(passed_ns);
    }
    return at;
}

size_t nts_quota(size_t m)
{
    return m == 0 ? 1 : m - (m - 1) / 3;
}

struct edge {
    int64_t at_ns;
    bool opens;
};

/* Opening edges before closing ones of the same point: spans are closed. */
static bool before(struct edge a, struct edge b)
{
    return a.at_ns < b.at_ns || (a.at_ns == b.at_ns && a.opens && !b.opens);
}

static void sort(struct edge *edges, size_t n)
{
    for (size_t i = 1; i < n; i++) {
        const struct edge e = edges[i];
        size_t at = i;

        for (; at > 0 && before(e, edges[at - 1]); at--) {
            edges[at] = edges[at - 1];
        }
        edges[at] = e;
    }
}

enum err nts_majority(const struct nts_span *spans, size_t n, size_t quota, int64_t *lo_ns,
                      int64_t *hi_ns, size_t *agreeing)
{
    struct edge edges[2 * TIME_SOURCES_MAX];
    size_t depth = 0;
    bool found = false;

    *lo_ns = 0;
    *hi_ns = 0;
    *agreeing = 0;
    if (quota == 0 || n > TIME_SOURCES_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        edges[2 * i] = (struct edge){spans[i].lo_ns, true};
        edges[2 * i + 1] = (struct edge){spans[i].hi_ns, false};
    }
    sort(edges, 2 * n);
    for (size_t i = 0; i < 2 * n; i++) {
        if (edges[i].opens) {
            depth++;
            *agreeing = depth > *agreeing ? depth : *agreeing;
            if (depth == quota && !found) {
                *lo_ns = edges[i].at_ns;
                found = true;
            }
        } else {
            if (depth == quota) {
                *hi_ns = edges[i].at_ns;
            }
            depth--;
        }
    }
    return found ? ERR_OK : ERR_QUORUM;
}
