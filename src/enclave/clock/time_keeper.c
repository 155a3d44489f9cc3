#include "enclave/clock/time_keeper.h"

void time_keeper_init(struct time_keeper *k, const struct leap_table *leaps,
                      int64_t bound_max_ns, int64_t margin_ns)
{
    *k = (struct time_keeper){.leaps = *leaps,
                              .bound_max_ns = bound_max_ns,
                              .margin_ns = margin_ns,
                              .needed = 1,
                              .leap_word = TIME_LEAP_UNKNOWN};
    clock_model_init(&k->model);
}

static int64_t middle(const struct clock_anchor *a)
{
    return a->lo_ns + (a->hi_ns - a->lo_ns) / 2;
}

/* ---- the clock that is shown ---- */

/* Where it stands: on from its base at the rate of the model, and toward the middle. */
static int64_t shown_at(const struct time_keeper *k, const struct clock_anchor *span)
{
    const int64_t gone = span->counter_ns - k->shown.counter_ns;
    const int64_t slew = gone / (1000000 / KEEPER_SLEW_PPM);
    const int64_t rate = (k->model.rate.lo_ppb + k->model.rate.hi_ppb) / 2;
    const int64_t on = k->shown.lo_ns + gone + clock_share_down(gone, rate);
    const int64_t way = middle(span) - on;

    return on + (way > slew ? slew : way < -slew ? -slew : way);
}

static void rebase(struct time_keeper *k, int64_t counter_ns, int64_t shown_ns)
{
    k->shown = (struct clock_anchor){counter_ns, shown_ns, shown_ns};
}

static int64_t half_about(const struct clock_anchor *span, int64_t shown_ns)
{
    const int64_t below = shown_ns - span->lo_ns;
    const int64_t above = span->hi_ns - shown_ns;

    return (below > above ? below : above) + WATCH_UNSEEN_NS;
}

/* ---- events ---- */

/* Nothing that was known of the time counts any more. */
static void begin_anew(struct time_keeper *k, int64_t counter_ns)
{
    clock_model_init(&k->model);
    k->holding = false;
    k->needed = KEEPER_AGAIN_SAMPLES;
    k->steady_from_ns = counter_ns + KEEPER_STEADY_NS;
}

/* Nor does what was measured by the counter before. One that went back is at values that it had
 * already: what is told by those is not used again. */
static void void_counter(struct time_keeper *k, int64_t counter_ns)
{
    const int64_t latest = counter_ns > k->counter_ns ? counter_ns : k->counter_ns;

    k->void_ns = latest > k->void_ns ? latest : k->void_ns;
    begin_anew(k, counter_ns);
}

/* ---- leap seconds ---- */

static bool word_counts(const struct time_keeper *k, int64_t counter_ns)
{
    return k->leap_word != TIME_LEAP_UNKNOWN &&
           counter_ns - k->leap_word_ns <= KEEPER_LEAP_WORD_NS;
}

/* Whether the servers announce what the table does not have. Without a table that holds their
 * silence counts as much. */
static bool word_differs(const struct time_keeper *k, const struct clock_anchor *span,
                         bool expired)
{
    static const int change[] = {
        [TIME_LEAP_NONE] = 0, [TIME_LEAP_INSERT] = 1, [TIME_LEAP_DELETE] = -1};

    if (!word_counts(k, span->counter_ns)) {
        return expired;
    }
    return change[k->leap_word] != leap_table_today(&k->leaps, span->lo_ns);
}

static enum time_reason judge_leap(struct time_keeper *k, const struct clock_anchor *span)
{
    const bool expired = leap_table_expired(&k->leaps, span->hi_ns);

    if (k->leap_missed) {
        return TIME_LEAP_MISSED;
    }
    if (leap_table_near(&k->leaps, span->lo_ns, span->hi_ns, k->margin_ns)) {
        return TIME_LEAP;
    }
    if (leap_month_end(&k->leaps, span->lo_ns, span->hi_ns, k->margin_ns) &&
        word_differs(k, span, expired)) {
        k->leap_missed = expired;
        return expired ? TIME_LEAP_MISSED : TIME_LEAP;
    }
    return TIME_HOLDS;
}

/* ---- reading ---- */

static enum time_reason judge_bound(struct time_keeper *k, int64_t counter_ns, int64_t half_ns)
{
    const int64_t limit =
        k->holding ? k->bound_max_ns : k->bound_max_ns / 4 * KEEPER_REGAIN_QUARTERS;

    if (k->needed > 0) {
        return TIME_NO_SAMPLE;
    }
    if (half_ns > limit) {
        k->holding = false;
        return TIME_WIDE;
    }
    if (counter_ns < k->steady_from_ns) {
        return TIME_UNSTEADY;
    }
    return TIME_HOLDS;
}

/* Both ends in UTC, and nothing of them outside of what there is. */
static enum time_reason to_utc(const struct time_keeper *k, int64_t shown_ns,
                               struct time_reading *out)
{
    int64_t lo_ns;
    int64_t hi_ns;

    if (leap_to_utc(&k->leaps, shown_ns - out->half_ns, &lo_ns) != ERR_OK ||
        leap_to_utc(&k->leaps, shown_ns + out->half_ns, &hi_ns) != ERR_OK) {
        return TIME_OUTSIDE;
    }
    out->lo_ns = lo_ns;
    out->hi_ns = hi_ns;
    out->mid_tai_ns = shown_ns;
    return TIME_HOLDS;
}

static enum time_reason judge_span(struct time_keeper *k, const struct clock_anchor *span,
                                   struct time_reading *out)
{
    const int64_t shown_ns = k->holding ? shown_at(k, span) : middle(span);
    enum time_reason why;

    out->half_ns = half_about(span, shown_ns);
    why = judge_bound(k, span->counter_ns, out->half_ns);
    if (!k->holding) {
        rebase(k, span->counter_ns, shown_ns);
    }
    if (why != TIME_HOLDS) {
        return why;
    }
    if (k->fenced) {
        return TIME_FENCED;
    }
    why = judge_leap(k, span);
    if (why != TIME_HOLDS) {
        return why;
    }
    if (shown_ns < k->given_ns) {
        return TIME_BELOW_GIVEN;
    }
    why = to_utc(k, shown_ns, out);
    k->holding = why == TIME_HOLDS;
    return why;
}

void time_keeper_read(struct time_keeper *k, int64_t counter_ns, int64_t second_ns,
                      struct time_reading *out)
{
    struct clock_anchor span;

    *out = (struct time_reading){.reason = TIME_NO_SAMPLE};
    out->event = clock_watch_look(&k->watch, counter_ns, second_ns);
    if (out->event != TIME_EVENT_NONE) {
        void_counter(k, counter_ns);
    }
    k->counter_ns = counter_ns;
    if (!k->model.set) {
        return;
    }
    span = clock_model_at(&k->model, counter_ns);
    out->reason = judge_span(k, &span, out);
}

/* ---- samples ---- */

static void hear_leap_word(struct time_keeper *k, const struct time_sample *s)
{
    if (s->leap != TIME_LEAP_UNKNOWN) {
        k->leap_word = s->leap;
        k->leap_word_ns = s->counter_ns;
    }
}

/* Servers and client do not agree about leap seconds to the second: what they say about one is
 * not used. */
static bool is_usable(const struct time_keeper *k, const struct time_sample *s)
{
    return time_sample_holds(s) && s->since_ns > k->void_ns &&
           s->hi_ns - s->lo_ns <= KEEPER_SAMPLE_WIDTH_MAX_NS &&
           s->hi_ns < LEAP_UNIX_MAX * INT64_C(1000000000) &&
           !leap_table_near(&k->leaps, s->lo_ns, s->hi_ns, LEAP_NEAR_NS);
}

static enum keeper_taken take_usable(struct time_keeper *k, const struct clock_anchor *sample,
                                     int64_t *moved_ns)
{
    struct clock_anchor before = *sample;
    enum clock_taken taken;

    if (k->model.set) {
        before = clock_model_at(&k->model, sample->counter_ns);
    }
    taken = clock_model_take(&k->model, sample);
    if (taken == CLOCK_TAKEN) {
        *moved_ns = middle(&k->model.base) - middle(&before);
        k->needed -= k->needed > 0;
        return KEEPER_TAKEN;
    }
    begin_anew(k, k->counter_ns);
    (void)clock_model_take(&k->model, sample); /* an empty model takes any */
    return taken == CLOCK_DISJOINT ? KEEPER_DISJOINT : KEEPER_OFF_RATE;
}

enum keeper_taken time_keeper_take(struct time_keeper *k, const struct time_sample *s,
                                   int64_t *moved_ns)
{
    const struct clock_anchor sample = {s->counter_ns, s->lo_ns, s->hi_ns};

    *moved_ns = 0;
    if (s->seq <= k->seq || (k->model.set && s->counter_ns <= k->model.base.counter_ns)) {
        return KEEPER_REPLAYED;
    }
    if (s->counter_ns > k->counter_ns) {
        return KEEPER_IGNORED; /* its seq is not used up: it may be a clock that is off */
    }
    k->seq = s->seq;
    hear_leap_word(k, s);
    k->fenced = k->fenced || (s->flags & TIME_FLAG_FENCE) != 0;
    if (!is_usable(k, s)) { /* one without a span says nothing for the span that there is */
        return KEEPER_IGNORED;
    }
    k->fenced = (s->flags & TIME_FLAG_FENCE) != 0;
    if (k->holding) { /* from here on it may head elsewhere */
        const struct clock_anchor span = clock_model_at(&k->model, k->counter_ns);

        rebase(k, k->counter_ns, shown_at(k, &span));
    }
    return take_usable(k, &sample, moved_ns);
}

void time_keeper_give(struct time_keeper *k, int64_t mid_tai_ns)
{
    if (mid_tai_ns > k->given_ns) {
        k->given_ns = mid_tai_ns;
    }
}
