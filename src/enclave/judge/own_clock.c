#include "enclave/judge/own_clock.h"

#define NS_PER_MS INT64_C(1000000)
#define READ_TRIES 3
#define READ_WIDTH_NS NS_PER_MS
#define PAIR_TRIES 8

/* Half a span that p still serves: its accuracy less the life of an R1, the rounding up to 1 ms
 * and half the unit of genTime. */
static int64_t half_span_ns(const struct stamp_policy *p)
{
    const int64_t rounding_ms = 1 + stamp_unit_ms(p->digits) / 2;

    return ((int64_t)p->max_accuracy_ms - R1_LIFE_MS - rounding_ms) * NS_PER_MS;
}

void own_clock_init(struct own_clock *c, const struct clock_source *source,
                    const struct boot_args *a)
{
    int64_t widest_ns = 0;

    *c = (struct own_clock){.source = source, .kind = a->clock};
    c->declared_ns = INT64_MAX;
    for (size_t i = 0; i < a->n_policies; i++) {
        const int64_t half = half_span_ns(&a->policies[i].rule);
        const int64_t accuracy_ns = a->policies[i].rule.max_accuracy_ms * NS_PER_MS;

        widest_ns = accuracy_ns > widest_ns ? accuracy_ns : widest_ns;
        c->declared_ns = half < c->declared_ns ? half : c->declared_ns;
        c->bound_max_ns = half > c->bound_max_ns ? half : c->bound_max_ns;
    }
    if (c->kind == CLOCK_NTS) {
        time_keeper_init(&c->keeper, &a->leaps, c->bound_max_ns, widest_ns);
    }
    if (a->member) { /* the R1s of one stamp were read at several moments */
        c->declared_ns -= R1_LIFE_MS * NS_PER_MS;
        c->declared_ns = c->declared_ns > NS_PER_MS ? c->declared_ns : NS_PER_MS;
    }
}

/* The reference follows as fast as a slewed clock may move; what is left over is a jump. */
static bool jumped(struct own_clock *c, int64_t offset, int64_t mono)
{
    const int64_t reach = (mono - c->offset_at_ns) / (1000000 / OWN_CLOCK_SLEW_PPM);
    const int64_t gap = offset - c->offset_ns;

    c->offset_at_ns = mono;
    if (gap > reach) {
        c->offset_ns += reach;
    } else if (gap < -reach) {
        c->offset_ns -= reach;
    } else {
        c->offset_ns = offset;
    }
    return offset - c->offset_ns > OWN_CLOCK_STEP_NS ||
           c->offset_ns - offset > OWN_CLOCK_STEP_NS;
}

static void note_event(struct own_clock *c, struct own_time *t, int64_t offset)
{
    t->stepped = true;
    c->events++;
    c->offset_ns = offset;
    c->offset_at_ns = t->mono_ns;
    c->steady_from_ns = t->mono_ns + OWN_CLOCK_STEADY_NS;
}

/* Finds clock events in one more reading. */
static void watch(struct own_clock *c, struct own_time *t, int64_t now_ns)
{
    const int64_t offset = now_ns - t->mono_ns;

    if (!c->started) {
        c->started = true;
        c->offset_ns = offset;
        c->offset_at_ns = t->mono_ns;
        c->steady_from_ns = t->mono_ns;
        return;
    }
    /* A step back that is too small to be found as a jump is one event, too; until the clock
     * has caught up it is refused below. */
    if (jumped(c, offset, t->mono_ns) ||
        (now_ns < c->given_ns && t->mono_ns >= c->steady_from_ns)) {
        note_event(c, t, offset);
    }
}

static enum err half_span(const struct own_clock *c, const struct kernel_time *k, int64_t *half)
{
    *half = (int64_t)k->bound_us * 1000;
    if (c->kind == CLOCK_TRUST_SYSTEM) {
        *half = c->declared_ns;
        return ERR_OK;
    }
    return k->synchronised && *half <= c->bound_max_ns ? ERR_OK : ERR_TIME;
}

/* Both clocks at one moment. Being put off the CPU between the two readings would look like a
 * jump, so such a pair is read again. ERR_TIME: it does not come out. ERR_IO: no time. */
static enum err read_both(const struct own_clock *c, int64_t *mono_ns, struct kernel_time *k)
{
    const struct clock_source *const s = c->source;
    int64_t before = s->monotonic_ns(s->self);

    for (int i = 0; i < READ_TRIES; i++) {
        const enum err e = s->kernel_time(s->self, k);

        *mono_ns = s->monotonic_ns(s->self);
        if (e != ERR_OK) {
            return e;
        }
        if (*mono_ns - before <= READ_WIDTH_NS) {
            return ERR_OK;
        }
        before = *mono_ns;
    }
    return ERR_TIME;
}

/* The counter and the second clock at one moment. ERR_TIME: it does not come out. */
static enum err read_pair(const struct own_clock *c, int64_t *counter_ns, int64_t *mono_ns)
{
    const struct clock_source *const s = c->source;
    int64_t before = s->monotonic_ns(s->self);

    for (int i = 0; i < PAIR_TRIES; i++) {
        *counter_ns = s->counter_ns(s->self);
        *mono_ns = s->monotonic_ns(s->self);
        if (*mono_ns - before <= WATCH_PAIR_NS) {
            return ERR_OK;
        }
        before = *mono_ns;
    }
    return ERR_TIME;
}

static void read_keeper(struct own_clock *c, struct own_time *out)
{
    struct own_time t = {.err = ERR_TIME, .reason = TIME_NO_SAMPLE};
    struct time_reading r = {0};
    int64_t counter_ns = 0;

    if (read_pair(c, &counter_ns, &t.mono_ns) == ERR_OK) {
        int64_t half_us;

        time_keeper_read(&c->keeper, counter_ns, t.mono_ns, &r);
        half_us = r.half_ns / 1000;
        t.err = r.reason == TIME_HOLDS ? ERR_OK : ERR_TIME;
        t.reason = r.reason;
        t.event = r.event;
        t.stepped = r.event != TIME_EVENT_NONE;
        t.lo_ns = r.lo_ns;
        t.hi_ns = r.hi_ns;
        t.tai_ns = r.mid_tai_ns;
        t.bound_us = half_us < UINT32_MAX ? (uint32_t)half_us : UINT32_MAX;
        t.synchronised = c->keeper.model.set;
        c->events += t.stepped;
        t.tainted = c->trusted && t.err != ERR_OK;
        c->trusted = t.err == ERR_OK;
    }
    *out = t;
}

void own_clock_read(struct own_clock *c, struct own_time *out)
{
    struct kernel_time k = {0};
    struct own_time t = {0};
    int64_t half = 0;

    if (c->kind == CLOCK_NTS) {
        read_keeper(c, out);
        return;
    }
    t.err = read_both(c, &t.mono_ns, &k);
    if (t.err == ERR_OK) {
        t.bound_us = k.bound_us;
        t.synchronised = k.synchronised;
        watch(c, &t, k.now_ns);
        t.err = half_span(c, &k, &half);
        t.tainted = c->trusted && t.err != ERR_OK;
        c->trusted = t.err == ERR_OK;
        if (t.mono_ns < c->steady_from_ns || k.now_ns < c->given_ns || k.now_ns < half ||
            k.now_ns > STAMP_TIME_MAX_NS - half) {
            t.err = ERR_TIME;
        }
    }
    if (t.err == ERR_OK) {
        t.lo_ns = k.now_ns - half;
        t.hi_ns = k.now_ns + half;
    }
    *out = t;
}

enum keeper_taken own_clock_sample(struct own_clock *c, const struct time_sample *s,
                                   int64_t *moved_ns)
{
    const enum keeper_taken taken = time_keeper_take(&c->keeper, s, moved_ns);

    c->events += taken == KEEPER_DISJOINT || taken == KEEPER_OFF_RATE;
    return taken;
}

void own_clock_give(struct own_clock *c, const struct own_time *t)
{
    const int64_t now_ns = t->lo_ns + (t->hi_ns - t->lo_ns) / 2;

    if (c->kind == CLOCK_NTS) {
        time_keeper_give(&c->keeper, t->tai_ns);
        return;
    }
    c->given_ns = now_ns > c->given_ns ? now_ns : c->given_ns;
}
