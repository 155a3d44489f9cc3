/* A core's time under samples of anything, counters that do anything, and readings: what is
 * given out never goes back, and a span that holds is no wider than it may be. */
#include "promise.h"

#include "enclave/clock/time_keeper.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NS_PER_S INT64_C(1000000000)
#define BOUND_NS INT64_C(700000000)

static struct time_keeper keeper;
static int64_t counter_ns, second_ns, given_ns;

static void read_time(struct reader *r)
{
    struct time_reading t;
    uint32_t counter = 0;
    uint32_t second = 0;
    uint8_t scale = 0;

    if (rd_u32le(r, &counter) != ERR_OK || rd_u32le(r, &second) != ERR_OK ||
        rd_u8(r, &scale) != ERR_OK) {
        return;
    }
    counter_ns += (int64_t)counter << scale % 16;
    second_ns += scale < 128 ? (int64_t)counter << scale % 16 : (int64_t)second << scale % 16;
    time_keeper_read(&keeper, counter_ns, second_ns, &t);
    if (t.reason != TIME_HOLDS) {
        promise(t.lo_ns == 0 && t.hi_ns == 0);
        return;
    }
    promise(t.event == TIME_EVENT_NONE && t.lo_ns >= 0 && t.lo_ns <= t.hi_ns);
    promise(t.half_ns <= BOUND_NS && t.hi_ns - t.lo_ns <= 2 * BOUND_NS + NS_PER_S);
    promise(t.mid_tai_ns >= given_ns);
    given_ns = t.mid_tai_ns;
    time_keeper_give(&keeper, t.mid_tai_ns);
}

/* A sample as a decoder lets it through. */
static void take_sample(struct reader *r)
{
    struct time_sample s = {.sources = 4, .quota = 3};
    const struct time_keeper before = keeper;
    enum keeper_taken taken;
    int64_t moved_ns;
    uint64_t at = 0;
    uint32_t age = 0;
    uint32_t width = 0;
    uint8_t kind = 0;

    if (rd_u64le(r, &at) != ERR_OK || rd_u32le(r, &width) != ERR_OK ||
        rd_u32le(r, &age) != ERR_OK || rd_u8(r, &kind) != ERR_OK) {
        return;
    }
    s.seq = before.seq + (kind & 1U);
    s.counter_ns = counter_ns > age ? counter_ns - age : 0;
    s.since_ns = s.counter_ns;
    s.agreeing = (kind & 2U) != 0 ? 4 : 2;
    s.flags = (kind & 4U) != 0 ? TIME_FLAG_FENCE : 0;
    s.leap = kind >> 6;
    if (time_sample_holds(&s)) {
        s.lo_ns = (int64_t)(at >> 1);
        s.hi_ns = s.lo_ns > INT64_MAX - width ? INT64_MAX : s.lo_ns + width;
    }
    taken = time_keeper_take(&keeper, &s, &moved_ns);
    promise(taken != KEEPER_TAKEN || s.seq > before.seq);
    promise(taken == KEEPER_TAKEN || moved_ns == 0);
    promise(keeper.model.rate.lo_ppb <= keeper.model.rate.hi_ppb);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    struct leap_table leaps;
    uint8_t verb = 0;

    if (leap_table_parse("0:10,63072000:11,1483228800:12@1782604800", &leaps) != ERR_OK) {
        promise(false);
    }
    time_keeper_init(&keeper, &leaps, BOUND_NS, NS_PER_S);
    counter_ns = NS_PER_S;
    second_ns = NS_PER_S;
    given_ns = 0;
    while (rd_u8(&r, &verb) == ERR_OK && counter_ns < INT64_C(1) << 60) {
        if (verb % 4 == 0) {
            take_sample(&r);
        } else {
            read_time(&r);
        }
    }
    return 0;
}
