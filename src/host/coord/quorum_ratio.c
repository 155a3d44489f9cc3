#include "host/coord/quorum_ratio.h"

#include "base/mask.h"

#include <string.h>

void quorum_ratios_init(struct quorum_ratios *r, unsigned n, unsigned t)
{
    memset(r, 0, sizeof *r);
    r->n = (uint8_t)n;
    r->t = (uint8_t)t;
}

/* ---- figures ---- */

static void count(struct quorum_ratio *c, bool was_signed)
{
    c->sessions++;
    c->signed_ = (uint16_t)(c->signed_ + was_signed);
    c->block_sessions[c->at]++;
    c->block_signed[c->at] = (uint8_t)(c->block_signed[c->at] + was_signed);
    if (c->block_sessions[c->at] == QUORUM_RATIO_BLOCK) { /* the oldest makes room */
        c->at = (uint8_t)((c->at + 1) % (QUORUM_RATIO_BLOCKS + 1));
        c->sessions = (uint16_t)(c->sessions - c->block_sessions[c->at]);
        c->signed_ = (uint16_t)(c->signed_ - c->block_signed[c->at]);
        c->block_sessions[c->at] = 0;
        c->block_signed[c->at] = 0;
    }
}

static bool is_low(const struct quorum_ratio *c)
{
    return c->sessions >= QUORUM_RATIO_WINDOW &&
           c->signed_ * 100 < c->sessions * QUORUM_RATIO_PERCENT;
}

/* Whether fewer of a's sessions signed than of b's. */
static bool is_lower(const struct quorum_ratio *a, const struct quorum_ratio *b)
{
    return (uint32_t)a->signed_ * b->sessions < (uint32_t)b->signed_ * a->sessions;
}

/* The lowest of those that are low and not behind; n: none is. */
static unsigned find_lowest(const struct quorum_ratios *r)
{
    unsigned lowest = r->n;

    for (unsigned i = 0; i < r->n; i++) {
        if ((r->behind >> i & 1) == 0 && is_low(&r->cores[i]) &&
            (lowest == r->n || is_lower(&r->cores[i], &r->cores[lowest]))) {
            lowest = i;
        }
    }
    return lowest;
}

/* ---- trials ---- */

/* So long that each core that is not behind has a whole window, all being asked alike. */
static void begin_trial(struct quorum_ratios *r)
{
    const unsigned n = r->n - mask_count(r->behind);

    memset(r->cores, 0, sizeof r->cores);
    r->trial = QUORUM_RATIO_WINDOW * n / r->t + QUORUM_RATIO_WINDOW / 4;
}

static enum quorum_ratio_news end_trial(struct quorum_ratios *r, unsigned *who)
{
    const unsigned lowest = find_lowest(r);

    if (lowest == r->n) {
        return QUORUM_RATIO_SAME;
    }
    *who = lowest;
    if (mask_count(r->behind) + 1 > (unsigned)(r->n - r->t)) { /* not all of them are what it
                                                                  seems */
        r->behind = 0;
        begin_trial(r);
        return QUORUM_RATIO_ANEW;
    }
    r->behind |= 1U << lowest;
    memset(r->cores, 0, sizeof r->cores);
    return QUORUM_RATIO_LOW;
}

enum quorum_ratio_news quorum_ratios_count(struct quorum_ratios *r, unsigned act,
                                           bool was_signed, unsigned *who)
{
    for (unsigned i = 0; i < r->n; i++) {
        if ((act >> i & 1) != 0) {
            count(&r->cores[i], was_signed);
        }
    }
    *who = r->n;
    if (r->n == r->t) { /* there is nobody else */
        return QUORUM_RATIO_SAME;
    }
    if (r->trial > 0) {
        return --r->trial == 0 ? end_trial(r, who) : QUORUM_RATIO_SAME;
    }
    *who = find_lowest(r);
    if (*who == r->n) {
        return QUORUM_RATIO_SAME;
    }
    begin_trial(r);
    return QUORUM_RATIO_TRIAL;
}

unsigned quorum_ratios_ask(struct quorum_ratios *r, unsigned can)
{
    const unsigned all = 1U << r->n;
    const unsigned of = can & ~r->behind;

    for (unsigned i = 1; r->trial > 0 && i <= all; i++) {
        const unsigned act = (r->last_asked + i) % all;

        if (mask_count(act) == r->t && (act & ~of) == 0) {
            r->last_asked = act;
            return act;
        }
    }
    return 0;
}
