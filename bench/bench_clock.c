/* What a core's clock costs and how well it knows the time. The cost is measured, against a
 * bare clock_gettime of the same run. The rest is virtual time over the real code: four time
 * servers as near as loopback, asked every 16 s, then none at all. bench_clock [READINGS] */
#include "bench_kit.h"

#include "enclave/judge/own_clock.h"
#include "enclave/nts/nts_span.h"

#define NS_PER_S INT64_C(1000000000)
#define NS_PER_MS INT64_C(1000000)
#define SERVERS 4
#define POLL_NS (16 * NS_PER_S)
#define LOOK_NS (100 * NS_PER_MS)
#define DRIFT_PPB 40000 /* of the counter */
#define ERA_S UINT64_C(2208988800)
#define BEGIN_NS ((INT64_C(1795000000) + 37) * NS_PER_S) /* TAI, 2026-11-18 */
#define TAI_UTC_NS (37 * NS_PER_S)
#define LEAPS "1483228800:37@4102444800"

struct world {
    struct time_keeper keeper;
    struct time_reading now;
    int64_t tai_ns, counter_ns;
    uint64_t seq, random;
};

static int64_t drawn(struct world *w, int64_t most)
{
    w->random = w->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (int64_t)(w->random >> 33) % most;
}

static void go(struct world *w, int64_t ns)
{
    for (; ns > 0; ns -= LOOK_NS) {
        w->tai_ns += LOOK_NS;
        w->counter_ns += LOOK_NS + clock_share_down(LOOK_NS, DRIFT_PPB);
        time_keeper_read(&w->keeper, w->counter_ns, w->counter_ns, &w->now);
    }
}

static void begin(struct world *w, const char *leaps, int64_t bound_ns)
{
    struct leap_table table;

    must(leap_table_parse(leaps, &table));
    *w = (struct world){.tai_ns = BEGIN_NS, .counter_ns = 1000 * NS_PER_S, .random = 1};
    time_keeper_init(&w->keeper, &table, bound_ns, NS_PER_S);
    go(w, LOOK_NS);
}

static uint64_t stamp_of(int64_t utc_ns)
{
    return ((uint64_t)(utc_ns / NS_PER_S) + ERA_S) << 32 |
           ((uint64_t)(utc_ns % NS_PER_S) << 32) / (uint64_t)NS_PER_S;
}

/* An answer that was 13 to 165 us on the way, each way, as loopback has it. */
static void ask(struct world *w, struct nts_span *span)
{
    const int64_t out_ns = 13000 + drawn(w, 152000);
    const int64_t back_ns = 13000 + drawn(w, 152000);
    const uint64_t at = stamp_of(w->tai_ns - TAI_UTC_NS - back_ns);
    const struct ntp_header h = {
        .version = 4, .mode = 4, .stratum = 1, .precision = -25, .receive = at, .transmit = at};
    struct nts_bound b;
    int64_t tai_ns = 0;

    must(nts_bound_of(&h, w->counter_ns - out_ns - back_ns, w->counter_ns, &b));
    must(leap_to_tai(&w->keeper.leaps, b.utc_ns, &tai_ns));
    *span = (struct nts_span){.counter_ns = b.counter_ns,
                              .lo_ns = tai_ns - b.below_ns,
                              .hi_ns = tai_ns + b.above_ns,
                              .since_ns = b.since_ns};
}

static void sample(struct world *w)
{
    struct nts_span spans[SERVERS];
    struct time_sample s = {.seq = ++w->seq,
                            .counter_ns = w->counter_ns,
                            .since_ns = w->counter_ns - NS_PER_MS,
                            .sources = SERVERS,
                            .quota = (uint8_t)nts_quota(SERVERS)};
    size_t agreeing = 0;
    int64_t moved_ns;

    for (size_t i = 0; i < SERVERS; i++) {
        ask(w, &spans[i]);
    }
    must(nts_majority(spans, SERVERS, s.quota, &s.lo_ns, &s.hi_ns, &agreeing));
    s.agreeing = (uint8_t)agreeing;
    if (time_keeper_take(&w->keeper, &s, &moved_ns) != KEEPER_TAKEN) {
        die("a sample was not taken");
    }
}

/* Sampled for so long; the widest bound of the last poll period. */
static int64_t sampled(struct world *w, int64_t ns)
{
    for (; ns > 0; ns -= POLL_NS) {
        sample(w);
        go(w, POLL_NS);
    }
    return w->now.half_ns;
}

static void half_width(void)
{
    static const int64_t after_s[] = {16, 60, 900, 3600};
    static struct world w;

    for (size_t i = 0; i < sizeof after_s / sizeof after_s[0]; i++) {
        begin(&w, LEAPS, 100 * NS_PER_MS);
        const int64_t half_ns = sampled(&w, after_s[i] * NS_PER_S);

        (void)printf("half-width after %lld s: %.3f ms at the end of a poll\n",
                     (long long)after_s[i], (double)half_ns / 1e6);
        if (w.now.reason != TIME_HOLDS) {
            die("it does not hold");
        }
    }
}

/* No answer for an hour, and until a bound of 100 ms is crossed. */
static void holdover(void)
{
    static struct world w;
    int64_t held_ns = 0;
    int64_t last_ns = 0;

    begin(&w, LEAPS, 100 * NS_PER_MS);
    (void)sampled(&w, 3600 * NS_PER_S);
    while (w.now.reason == TIME_HOLDS) {
        last_ns = w.now.half_ns;
        go(&w, LOOK_NS);
        held_ns += LOOK_NS;
        if (held_ns == 3600 * NS_PER_S) {
            (void)printf("holdover of 1 h: half-width %.3f ms\n", (double)w.now.half_ns / 1e6);
        }
    }
    (void)printf("holdover ends after %.1f s: served at %.6f ms, refused at %.6f ms (%s)\n",
                 (double)held_ns / 1e9, (double)last_ns / 1e6, (double)w.now.half_ns / 1e6,
                 time_reason_name(w.now.reason));
    if (last_ns > 100 * NS_PER_MS || w.now.half_ns <= 100 * NS_PER_MS) {
        die("the bound is not where it refuses");
    }
}

/* The clock of a core that serves, read as for each R1 and R2, against one bare reading. */
static void cost(long n)
{
    static struct own_clock clock;
    static struct boot_args args = {.clock = CLOCK_NTS, .n_policies = 1};
    struct timespec t = {0};
    struct own_time now;
    int64_t moved_ns;
    int64_t tai_ns = 0;
    double bare;
    double ours;

    must(boot_policy_parse("1,classic,1.3.6.1.4.1.32473.3161.1.91,3,100,1000",
                           &args.policies[0]));
    must(leap_table_parse(LEAPS, &args.leaps));
    own_clock_init(&clock, &clock_os, &args);
    own_clock_read(&clock, &now);
    (void)clock_gettime(CLOCK_REALTIME, &t);
    must(leap_to_tai(&args.leaps, (int64_t)t.tv_sec * NS_PER_S, &tai_ns));
    const int64_t counter_ns = clock.keeper.counter_ns;
    const struct time_sample s = {.seq = 1,
                                  .counter_ns = counter_ns,
                                  .since_ns = counter_ns,
                                  .lo_ns = tai_ns - NS_PER_MS,
                                  .hi_ns = tai_ns + NS_PER_MS,
                                  .sources = SERVERS,
                                  .quota = 3,
                                  .agreeing = SERVERS};

    if (own_clock_sample(&clock, &s, &moved_ns) != KEEPER_TAKEN) {
        die("the sample was not taken");
    }
    bare = cpu_s();
    for (long k = 0; k < n; k++) {
        (void)clock_gettime(CLOCK_MONOTONIC_RAW, &t);
    }
    bare = cpu_s() - bare;
    ours = cpu_s();
    for (long k = 0; k < n; k++) {
        own_clock_read(&clock, &now);
    }
    ours = cpu_s() - ours;
    (void)printf("clock_read %.0f ns, a bare clock_gettime %.0f ns: %.1f of them; %s\n",
                 ours / (double)n * 1e9, bare / (double)n * 1e9, ours / bare,
                 now.err == ERR_OK ? "it holds" : time_reason_name(now.reason));
}

int main(int argc, char **argv)
{
    cost(argc > 1 ? strtol(argv[1], NULL, 10) : 1000000);
    half_width();
    holdover();
    return 0;
}
