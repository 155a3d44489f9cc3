#include "clock_rig.h"

void rig_start(struct clock_rig *r, const char *table, int64_t tai_ns)
{
    struct leap_table leaps;

    *r =
        (struct clock_rig){.tai_ns = tai_ns, .counter_ns = 100 * NS_S, .second_ns = 107 * NS_S};
    assert_int_equal(leap_table_parse(table, &leaps), ERR_OK);
    time_keeper_init(&r->keeper, &leaps, 100 * NS_MS, NS_S);
    (void)rig_read(r);
}

void rig_pass(struct clock_rig *r, int64_t ns)
{
    r->tai_ns += ns;
    r->counter_ns += ns + clock_share_down(ns, r->rate_ppb);
    r->second_ns += ns + clock_share_down(ns, r->rate_ppb);
}

enum time_reason rig_read(struct clock_rig *r)
{
    time_keeper_read(&r->keeper, r->counter_ns, r->second_ns, &r->now);
    if (r->now.reason == TIME_HOLDS) {
        const int64_t utc_ns = r->tai_ns - (r->now.mid_tai_ns - r->now.lo_ns - r->now.half_ns);

        /* What all of this is for. */
        assert_true(r->now.lo_ns <= utc_ns && utc_ns <= r->now.hi_ns);
        time_keeper_give(&r->keeper, r->now.mid_tai_ns);
    } else {
        assert_int_equal(r->now.lo_ns | r->now.hi_ns | r->now.mid_tai_ns, 0);
    }
    return r->now.reason;
}

void rig_go(struct clock_rig *r, int64_t ns)
{
    for (; ns > 100 * NS_MS; ns -= 100 * NS_MS) {
        rig_pass(r, 100 * NS_MS);
        (void)rig_read(r);
    }
    rig_pass(r, ns);
    (void)rig_read(r);
}

enum keeper_taken rig_sample(struct clock_rig *r, int64_t off_ns, int64_t half_ns)
{
    const int leap = leap_table_today(&r->keeper.leaps, r->tai_ns);
    const struct time_sample s = {.seq = ++r->seq,
                                  .counter_ns = r->counter_ns,
                                  .since_ns = r->counter_ns,
                                  .lo_ns = r->tai_ns + off_ns - half_ns,
                                  .hi_ns = r->tai_ns + off_ns + half_ns,
                                  .sources = 4,
                                  .quota = 3,
                                  .agreeing = 4,
                                  .leap = leap > 0   ? TIME_LEAP_INSERT
                                          : leap < 0 ? TIME_LEAP_DELETE
                                                     : TIME_LEAP_NONE};
    int64_t moved_ns;
    enum keeper_taken taken;

    (void)rig_read(r);
    taken = time_keeper_take(&r->keeper, &s, &moved_ns);
    (void)rig_read(r);
    return taken;
}

void rig_sampled(struct clock_rig *r, int64_t ns, int64_t half_ns)
{
    for (; ns > 0; ns -= 16 * NS_S) {
        rig_go(r, 16 * NS_S);
        assert_int_equal(rig_sample(r, 0, half_ns), KEEPER_TAKEN);
    }
}

int64_t rig_error(const struct clock_rig *r)
{
    assert_int_equal(r->now.reason, TIME_HOLDS);
    return r->now.mid_tai_ns - r->tai_ns;
}
