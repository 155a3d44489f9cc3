#include "host/authority/supervise.h"

void sup_init(struct supervise *s, const struct sup_rule *rule, int64_t now_ms)
{
    *s = (struct supervise){.rule = *rule,
                            .core = SUP_CORE_DOWN,
                            .front = SUP_FRONT_DOWN,
                            .core_at_ms = now_ms,
                            .front_at_ms = now_ms};
}

int64_t sup_backoff_ms(const struct sup_rule *rule, unsigned fails, int64_t max_ms)
{
    const int64_t most = max_ms > rule->backoff_ms ? max_ms : rule->backoff_ms;
    int64_t pause = rule->backoff_ms;

    while (fails-- > 0 && pause < most) {
        pause *= 2;
    }
    return pause < most ? pause : most;
}

/* What keeps ending before it serves is likely to do so again; what served ended for a reason
 * of its own, and whoever waits for an answer wants it back. */
static int64_t pause_ms(const struct sup_rule *rule, unsigned *fails, bool served,
                        int64_t lived_ms)
{
    if (served && lived_ms >= SUP_STABLE_MS) {
        *fails = 0;
    }
    return sup_backoff_ms(rule, (*fails)++, served ? SUP_SERVED_MS_MAX : SUP_BACKOFF_MS_MAX);
}

static bool core_runs(const struct supervise *s)
{
    return s->core != SUP_CORE_DOWN;
}

static unsigned end_core(struct supervise *s, int64_t now_ms)
{
    if (!core_runs(s)) {
        return s->front == SUP_FRONT_DOWN ? SUP_EXIT : 0;
    }
    s->core = SUP_CORE_ENDING;
    s->core_at_ms = now_ms + SUP_CORE_STOP_MS;
    return SUP_TERM_CORE;
}

/* The front first, so that what it has read is still answered. */
static unsigned stop(struct supervise *s, int64_t now_ms)
{
    if (s->stopping) {
        return (s->front != SUP_FRONT_DOWN ? SUP_KILL_FRONT : 0U) |
               (core_runs(s) ? SUP_KILL_CORE : 0U);
    }
    s->stopping = true;
    if (s->front != SUP_FRONT_DOWN) {
        s->front = SUP_FRONT_ENDING;
        s->front_at_ms = now_ms + s->rule.front_drain_ms + SUP_FRONT_STOP_MS;
        return SUP_END_CERTIFY | SUP_TERM_FRONT;
    }
    return SUP_END_CERTIFY | end_core(s, now_ms);
}

/* Whether a failure ends it all. */
static bool is_final(struct supervise *s)
{
    if (s->rule.must_start && !s->ready_said && !s->stopping) {
        s->failed = true;
        return true;
    }
    return false;
}

static unsigned core_ended(struct supervise *s, int64_t now_ms)
{
    const bool served = s->core == SUP_CORE_SERVING;

    s->core = SUP_CORE_DOWN;
    if (s->stopping) {
        return s->front == SUP_FRONT_DOWN ? SUP_EXIT : 0;
    }
    if (is_final(s)) {
        return stop(s, now_ms);
    }
    s->core_at_ms =
        now_ms + pause_ms(&s->rule, &s->core_fails, served, now_ms - s->core_since_ms);
    return SUP_END_CERTIFY;
}

static unsigned front_ended(struct supervise *s, int64_t now_ms)
{
    const bool served = s->front_ready;

    s->front = SUP_FRONT_DOWN;
    s->front_ready = false;
    if (s->stopping) {
        return end_core(s, now_ms);
    }
    if (is_final(s)) {
        return stop(s, now_ms);
    }
    s->front_at_ms =
        now_ms + pause_ms(&s->rule, &s->front_fails, served, now_ms - s->front_since_ms);
    return 0;
}

static unsigned core_silent(struct supervise *s, int64_t now_ms)
{
    if (s->core == SUP_CORE_ASKED && now_ms - s->core_since_ms < SUP_CORE_UP_MS) {
        s->core = SUP_CORE_STARTING;
        s->core_at_ms = now_ms + SUP_ASK_MS;
        return 0;
    }
    if (s->core == SUP_CORE_ASKED || s->core == SUP_CORE_ACTIVATING) {
        /* A new core with a new key is the only way on: an activation is given once. */
        s->core = SUP_CORE_ENDING;
        s->core_at_ms = now_ms + SUP_CORE_STOP_MS;
        return SUP_TERM_CORE;
    }
    return 0;
}

static unsigned certify_failed(struct supervise *s, int64_t now_ms)
{
    if (s->core != SUP_CORE_CERTIFYING) {
        return 0;
    }
    if (is_final(s)) {
        return stop(s, now_ms);
    }
    s->core = SUP_CORE_UNCERTIFIED;
    s->core_at_ms = now_ms + sup_backoff_ms(&s->rule, s->certify_fails++, SUP_BACKOFF_MS_MAX);
    s->front_wanted = true;
    return 0;
}

/* Its time client has just been started, or no time server answers. */
static unsigned no_time(struct supervise *s, int64_t now_ms)
{
    if (s->core != SUP_CORE_CERTIFYING) {
        return 0;
    }
    if (now_ms - s->core_since_ms >= SUP_TIME_UP_MS && is_final(s)) {
        return stop(s, now_ms);
    }
    s->core = SUP_CORE_UNCERTIFIED;
    s->core_at_ms = now_ms + SUP_TIME_MS;
    s->front_wanted = s->front_wanted || !s->rule.must_start;
    return 0;
}

static unsigned tick_core(struct supervise *s, int64_t now_ms)
{
    if (now_ms < s->core_at_ms) {
        return 0;
    }
    switch (s->core) {
    case SUP_CORE_DOWN:
        if (s->stopping) {
            return 0;
        }
        s->core = SUP_CORE_STARTING;
        s->core_at_ms = now_ms + SUP_ASK_MS;
        s->core_since_ms = now_ms;
        return SUP_START_CORE;
    case SUP_CORE_STARTING:
        s->core = SUP_CORE_ASKED;
        return s->stopping ? 0 : SUP_ASK_HELLO;
    case SUP_CORE_UNCERTIFIED:
        s->core = SUP_CORE_CERTIFYING;
        return s->stopping ? 0 : SUP_CERTIFY;
    case SUP_CORE_ENDING:
        s->core_at_ms = now_ms + SUP_CORE_STOP_MS;
        return SUP_KILL_CORE;
    case SUP_CORE_ASKED:
    case SUP_CORE_CERTIFYING:
    case SUP_CORE_ACTIVATING:
    case SUP_CORE_SERVING:
        break;
    }
    return 0;
}

static unsigned tick_front(struct supervise *s, int64_t now_ms)
{
    if (s->front == SUP_FRONT_ENDING && now_ms >= s->front_at_ms) {
        s->front_at_ms = now_ms + SUP_FRONT_STOP_MS;
        return SUP_KILL_FRONT;
    }
    if (s->front == SUP_FRONT_DOWN && s->front_wanted && !s->stopping &&
        now_ms >= s->front_at_ms) {
        s->front = SUP_FRONT_UP;
        s->front_since_ms = now_ms;
        return SUP_START_FRONT;
    }
    return 0;
}

static unsigned take(struct supervise *s, enum sup_event ev, int64_t now_ms)
{
    switch (ev) {
    case SUP_TICK:
        return 0;
    case SUP_CORE_ENDED:
        return core_ended(s, now_ms);
    case SUP_FRONT_ENDED:
        return front_ended(s, now_ms);
    case SUP_CORE_SILENT:
        return core_silent(s, now_ms);
    case SUP_CERTIFY_FAILED:
        return certify_failed(s, now_ms);
    case SUP_CORE_NO_TIME:
        return no_time(s, now_ms);
    case SUP_CORE_HELLO:
        if (s->core != SUP_CORE_ASKED || s->stopping) {
            return 0;
        }
        s->core = SUP_CORE_CERTIFYING;
        return SUP_CERTIFY;
    case SUP_CERTIFIED:
        if (s->core != SUP_CORE_CERTIFYING || s->stopping) {
            return 0;
        }
        s->core = SUP_CORE_ACTIVATING;
        s->certify_fails = 0;
        s->front_wanted = true;
        return SUP_ACTIVATE;
    case SUP_ACTIVATED:
        s->core = s->core == SUP_CORE_ACTIVATING ? SUP_CORE_SERVING : s->core;
        return 0;
    case SUP_FRONT_READY:
        s->front_ready = s->front == SUP_FRONT_UP;
        return 0;
    case SUP_STOP:
        return stop(s, now_ms);
    }
    return 0;
}

unsigned sup_step(struct supervise *s, enum sup_event ev, int64_t now_ms)
{
    unsigned actions = take(s, ev, now_ms);

    actions |= tick_core(s, now_ms);
    actions |= tick_front(s, now_ms);
    if (!s->ready_said && !s->stopping && s->front_ready && s->core == SUP_CORE_SERVING) {
        s->ready_said = true;
        actions |= SUP_READY;
    }
    return actions;
}

int64_t sup_next_ms(const struct supervise *s)
{
    int64_t next = INT64_MAX;

    if ((s->core == SUP_CORE_DOWN && !s->stopping) || s->core == SUP_CORE_STARTING ||
        s->core == SUP_CORE_UNCERTIFIED || s->core == SUP_CORE_ENDING) {
        next = s->core_at_ms;
    }
    if (((s->front == SUP_FRONT_DOWN && s->front_wanted && !s->stopping) ||
         s->front == SUP_FRONT_ENDING) &&
        s->front_at_ms < next) {
        next = s->front_at_ms;
    }
    return next;
}
