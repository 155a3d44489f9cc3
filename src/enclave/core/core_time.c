#include "enclave/core/core_time.h"

#include "enclave/core/core_parts.h"
#include "wire/time_call.h"

void core_time_audit(struct core *c, const struct own_time *before)
{
    if (c->now.event != TIME_EVENT_NONE) {
        core_audit(c, AUDIT_TIME_EVENT, c->now.event, 0);
    }
    if (c->now.reason != before->reason || c->now.err != before->err) {
        core_audit(c, AUDIT_TIME, c->now.reason, c->now.bound_us);
    }
}

enum err core_time_sample(struct core *c, const struct core_call *call)
{
    struct time_report report;
    enum keeper_taken taken;
    int64_t moved_ns = 0;

    if (c->args->clock != CLOCK_NTS || !call->timed) {
        return ERR_TYPE;
    }
    TRY(time_report_decode(call->body, &report));
    core_look_at_clock(c); /* a sample from before an event is void */
    taken = own_clock_sample(&c->clock, &report.sample, &moved_ns);
    if (taken == KEEPER_REPLAYED) {
        return ERR_STALE;
    }
    if (taken == KEEPER_DISJOINT || taken == KEEPER_OFF_RATE) {
        core_audit(c, AUDIT_TIME_EVENT,
                   taken == KEEPER_DISJOINT ? TIME_EVENT_DISJOINT : TIME_EVENT_OFF_RATE, 0);
    }
    core_look_at_clock(c); /* which finds what it was good for, and voids what was promised */
    if (taken == KEEPER_TAKEN) {
        core_audit(c, AUDIT_TIME_ADJUSTED, (uint64_t)moved_ns, c->now.bound_us);
    }
    return ERR_OK;
}
