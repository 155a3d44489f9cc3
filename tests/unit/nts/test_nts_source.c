#include "nts_server.h"
#include "testing.h"

#include "enclave/nts/nts_source.h"

#include <string.h>

#define NS_PER_S INT64_C(1000000000)
#define MS INT64_C(1000000)
#define NTP_2026 (UINT64_C(1767225600) + 2208988800)

/* A source, its server, and a false counter. */
struct rig {
    struct nts_server server;
    struct nts_source source;
    int64_t now;
    uint8_t random;
    struct ntp_header header; /* of the next reply */
    uint8_t reply[NTS_REPLY_MAX];
};

static void establish(struct rig *r)
{
    static uint8_t bytes[8192];
    struct ntske_answer a;

    assert_int_equal(nts_source_due(&r->source, r->now, 0), NTS_DUE_KE);
    nts_source_ke_begin(&r->source);
    assert_true(nts_source_when(&r->source) == INT64_MAX);
    assert_int_equal(nts_source_due(&r->source, r->now, 0), NTS_DUE_NOTHING);
    assert_int_equal(ntske_answer_parse(nts_server_ke(&r->server, bytes), &a), ERR_OK);
    nts_source_ke_done(&r->source, r->now, r->server.keys[0], r->server.keys[1], &a);
}

static void start(struct rig *r)
{
    memset(r, 0, sizeof *r);
    nts_server_init(&r->server);
    nts_source_init(&r->source, 4);
    r->now = 1000 * NS_PER_S;
    r->header = (struct ntp_header){.version = 4, .mode = 4, .stratum = 1, .precision = -25};
    r->header.receive = r->header.transmit = (NTP_2026 + 100) << 32;
    establish(r);
}

static void ask(struct rig *r)
{
    uint8_t random[NTS_RANDOM_LEN];
    uint8_t out[NTS_REQUEST_MAX];
    struct view v;

    memset(random, ++r->random, sizeof random);
    r->now = nts_source_when(&r->source) > r->now ? nts_source_when(&r->source) : r->now;
    assert_int_equal(nts_source_due(&r->source, r->now, 0), NTS_DUE_ASK);
    assert_int_equal(nts_source_ask(&r->source, r->now, random, out, &v), ERR_OK);
    nts_server_read(&r->server, v);
}

static struct nts_bound taken;

static enum err reply(struct rig *r, enum reply_fault fault)
{
    static const struct nts_bound zero;
    const struct view v = nts_server_reply(&r->server, r->header, fault, r->reply);
    enum err e;

    r->now += MS;
    e = nts_source_take(&r->source, r->now, v, &taken);
    assert_true(e == ERR_OK || memcmp(&taken, &zero, sizeof zero) == 0);
    return e;
}

/* Lets the time of a request run out. */
static void lose(struct rig *r)
{
    r->now = nts_source_when(&r->source);
    (void)nts_source_due(&r->source, r->now, 0);
}

static void asks_in_a_burst_then_at_its_interval(void **state)
{
    static struct rig r;
    uint8_t used[64];

    (void)state;
    start(&r);
    for (int i = 0; i < 8; i++) {
        const int64_t before = r.now;

        ask(&r);
        assert_true(i == 0 || i >= NTS_BURST || r.now - before <= NS_PER_S);
        assert_true(i <= NTS_BURST || r.now - before > 15 * NS_PER_S);
        used[i] = r.server.cookie[7];
        for (int j = 0; j < i; j++) {
            assert_true(used[j] != used[i]); /* no cookie twice */
        }
        assert_int_equal(r.server.placeholders, 0);
        assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
        assert_true(taken.counter_ns == r.now && taken.delay_ns == MS);
        assert_int_equal(r.source.n_cookies, 8);
    }
    assert_int_equal(r.source.reach, 0xff);
    assert_int_equal(r.source.counts.answered, 8);
    nts_source_wipe(&r.source);
}

static void asks_again_for_cookies_that_were_lost(void **state)
{
    static struct rig r;

    (void)state;
    start(&r);
    ask(&r);
    lose(&r);
    ask(&r); /* with another cookie, and its own random bytes */
    assert_int_equal(r.server.placeholders, 1);
    assert_int_equal(r.server.cookie[7], 2);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_int_equal(r.source.n_cookies, 8);
    assert_int_equal(r.source.reach, 1);
}

static void cookies_may_change_their_length(void **state)
{
    static struct rig r;

    (void)state;
    start(&r);
    for (int i = 0; i < 9; i++) {
        r.server.cookie_len = i % 2 == 0 ? 180 : 64;
        ask(&r);
        assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    }
    assert_true(r.server.cookie_n == 180);
    r.server.cookie_len = 516; /* too long: left out, asked for again with the next */
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_int_equal(r.source.n_cookies, 7);
}

/* An off-path attacker's storm changes nothing; the authentic reply still counts. */
static void a_storm_of_naks_waits_for_the_deadline(void **state)
{
    static struct rig r;

    (void)state;
    start(&r);
    for (uint32_t lost = 0; lost < NTS_LOST_LIMIT; lost++) {
        assert_int_equal(r.source.state, NTS_SOURCE_READY);
        ask(&r);
        for (int i = 0; i < 100; i++) {
            assert_int_equal(reply(&r, REPLY_NAK), ERR_STALE);
            assert_int_equal(r.source.state, NTS_SOURCE_ASKED);
        }
        assert_int_equal(r.source.n_cookies, 7 - lost);
        lose(&r);
    }
    assert_int_equal(r.source.counts.naks, 300);
    assert_int_equal(r.source.state, NTS_SOURCE_NO_KEYS); /* keys anew, never without */
    assert_int_equal(r.source.n_cookies, 0);
    r.now = nts_source_when(&r.source);
    establish(&r);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_NAK), ERR_STALE);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_int_equal(r.source.state, NTS_SOURCE_READY);
}

static void what_is_not_authentic_changes_nothing(void **state)
{
    static const struct {
        enum reply_fault fault;
        enum err want;
    } cases[] = {
        {REPLY_OTHER_UNIQ_ID, ERR_MISMATCH}, {REPLY_OTHER_ORIGIN, ERR_MISMATCH},
        {REPLY_BAD_TAG, ERR_SIGNATURE},      {REPLY_NO_AUTHENTICATOR, ERR_SIGNATURE},
        {REPLY_TWO_UNIQ_IDS, ERR_ENCODING},
    };
    static struct rig r;
    struct nts_source before;

    (void)state;
    start(&r);
    ask(&r);
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        before = r.source;
        assert_int_equal(reply(&r, cases[i].fault), cases[i].want);
        assert_int_equal(r.source.counts.refused, before.counts.refused + 1);
        before.counts.refused++;
        before.s2c = r.source.s2c; /* its block of work */
        assert_memory_equal(&r.source, &before, sizeof before);
    }
    r.header.stratum = 0; /* kiss codes that nobody vouches for */
    memcpy(r.header.ref_id, "DENY", 4);
    assert_int_equal(reply(&r, REPLY_NO_AUTHENTICATOR), ERR_SIGNATURE);
    assert_int_equal(r.source.state, NTS_SOURCE_ASKED);
    assert_int_equal(
        nts_source_take(&r.source, r.now, (struct view){r.reply, NTS_REPLY_MAX + 1}, &taken),
        ERR_TRAILING);
}

static void a_replay_is_of_no_request(void **state)
{
    static struct rig r;
    static uint8_t old[NTS_REPLY_MAX];
    struct view v;

    (void)state;
    start(&r);
    ask(&r);
    v = nts_server_reply(&r.server, r.header, REPLY_GOOD, old);
    assert_int_equal(nts_source_take(&r.source, r.now, v, &taken), ERR_OK);
    assert_int_equal(nts_source_take(&r.source, r.now, v, &taken), ERR_STATE);
    ask(&r);
    assert_int_equal(nts_source_take(&r.source, r.now, v, &taken), ERR_MISMATCH);
    lose(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_STATE); /* too late */
}

static void kiss_codes_count_when_authentic(void **state)
{
    static struct rig r;
    const struct nts_span span = {1, 2, 3, 0, 4};
    struct nts_span out;

    (void)state;
    start(&r);
    r.header.stratum = 0;
    memcpy(r.header.ref_id, "RATE", 4);
    for (int i = 4; i < 12; i++) {
        ask(&r);
        assert_int_equal(reply(&r, REPLY_GOOD), ERR_RATE);
        assert_int_equal(r.source.poll, i + 1 < NTS_POLL_MAX ? i + 1 : NTS_POLL_MAX);
        assert_true(nts_source_when(&r.source) - r.now > NS_PER_S || r.source.poll < 6);
        assert_int_equal(r.source.n_cookies, 8);
    }
    assert_memory_equal(r.source.kiss, "RATE", 4);
    memcpy(r.header.ref_id, "X\1\xffY", 4);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_EXTENSION);
    assert_memory_equal(r.source.kiss, "X??Y", 4);
    nts_source_add(&r.source, &span);
    for (int i = 0; i < 2; i++) {
        start(&r);
        r.header.stratum = 0;
        memcpy(r.header.ref_id, i == 0 ? "DENY" : "RSTR", 4);
        nts_source_add(&r.source, &span);
        ask(&r);
        assert_int_equal(reply(&r, REPLY_GOOD), ERR_POLICY);
        assert_int_equal(r.source.state, NTS_SOURCE_STOPPED);
        assert_int_equal(nts_source_due(&r.source, INT64_MAX, 0), NTS_DUE_NOTHING);
        assert_true(nts_source_when(&r.source) == INT64_MAX);
        assert_int_equal(nts_source_span(&r.source, r.now, &out), ERR_TIME);
    }
}

static void unfit_replies_give_no_time(void **state)
{
    static struct rig r;
    const struct nts_span span = {1000 * NS_PER_S, 2, 3, 0, 4};
    struct nts_span out;

    (void)state;
    start(&r);
    nts_source_add(&r.source, &span);
    r.header.transmit -= 5;
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_TIME); /* T3 < T2 */
    assert_int_equal(nts_source_span(&r.source, r.now, &out), ERR_OK);
    r.header.transmit += 5;
    r.header.leap = 3;
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_STATE);
    assert_true(r.source.unset);
    assert_int_equal(nts_source_span(&r.source, r.now, &out), ERR_TIME);
    r.header.leap = 0;
    r.header.stratum = 16;
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_STATE);
    r.header.stratum = 2;
    ask(&r);
    r.now += 150 * MS; /* held back by somebody */
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_DEADLINE);
    assert_false(r.source.unset);
    assert_int_equal(r.source.counts.unfit, 4);
    assert_int_equal(r.source.reach, 0x0f);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    ask(&r);
    r.now += 50 * MS; /* within what is allowed, but far more than before: told */
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_true(r.source.delayed);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_false(r.source.delayed);
}

static void key_establishment_backs_off(void **state)
{
    static struct rig r;
    int64_t last = 0;

    (void)state;
    start(&r);
    for (int i = 0; i < 30; i++) { /* keys each time, and never a reply */
        const int64_t began = r.now;

        while (r.source.state != NTS_SOURCE_NO_KEYS) {
            ask(&r);
            lose(&r);
        }
        last = nts_source_when(&r.source) - r.now;
        assert_true(last == NS_PER_S << (i + 1 < NTS_BACKOFF_MAX ? i + 1 : NTS_BACKOFF_MAX));
        assert_int_equal(nts_source_due(&r.source, nts_source_when(&r.source) - 1, 0),
                         NTS_DUE_NOTHING);
        r.now = nts_source_when(&r.source);
        establish(&r);
        assert_true(r.now > began);
    }
    nts_source_ke_failed(&r.source, r.now, 1023);
    last = nts_source_when(&r.source) - r.now;
    assert_true(last > (NS_PER_S << 15) && last < (NS_PER_S << 16)); /* spread */
    assert_int_equal(r.source.counts.ke_failed, 1);
    r.now = nts_source_when(&r.source);
    establish(&r);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_int_equal(r.source.ke_tries, 0);
}

static void the_narrowest_span_counts(void **state)
{
    static struct rig r;
    struct nts_span s = {0, 0, 0, 0, 0};
    struct nts_span out;

    (void)state;
    start(&r);
    for (int64_t i = 1; i <= 20; i++) {
        s = (struct nts_span){i * NS_PER_S, i, i + (i == 15 ? MS : 20 * MS), i, i};
        nts_source_add(&r.source, &s);
    }
    assert_int_equal(r.source.n_spans, NTS_SPANS_KEPT);
    assert_int_equal(nts_source_span(&r.source, 20 * NS_PER_S, &out), ERR_OK);
    assert_int_equal(out.delay_ns, 15);
    assert_int_equal(nts_source_span(&r.source, 19 * NS_PER_S + NTS_SPAN_LIFE_NS, &out),
                     ERR_OK);
    assert_int_equal(out.delay_ns, 20); /* the one that is left, or narrowest of few */
    assert_int_equal(nts_source_span(&r.source, 21 * NS_PER_S + NTS_SPAN_LIFE_NS, &out),
                     ERR_TIME);
}

/* A server that gives no more cookies: eight requests, then keys anew. */
static void without_cookies_keys_are_established_anew(void **state)
{
    const uint8_t random[NTS_RANDOM_LEN] = {0};
    static struct rig r;
    uint8_t out[NTS_REQUEST_MAX];
    struct view v;

    (void)state;
    start(&r);
    for (int i = 0; i < NTS_COOKIES_MAX; i++) {
        ask(&r);
        assert_int_equal(reply(&r, REPLY_NO_COOKIES), ERR_OK);
    }
    assert_true(r.source.state == NTS_SOURCE_READY && r.source.n_cookies == 0);
    assert_int_equal(nts_source_ask(&r.source, r.now, random, out, &v), ERR_STATE);
    assert_int_equal(r.source.n_cookies, 0);
    assert_int_equal(nts_source_due(&r.source, r.now, 0), NTS_DUE_NOTHING);
    assert_int_equal(r.source.state, NTS_SOURCE_NO_KEYS);
    r.now = nts_source_when(&r.source);
    establish(&r);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
}

static void one_request_is_under_way(void **state)
{
    const uint8_t random[NTS_RANDOM_LEN] = {0};
    static struct rig r;
    uint8_t out[NTS_REQUEST_MAX];
    struct view v;

    (void)state;
    start(&r);
    ask(&r);
    assert_int_equal(nts_source_ask(&r.source, r.now, random, out, &v), ERR_STATE);
    assert_true(v.n == 0 && r.source.n_cookies == NTS_COOKIES_MAX - 1);
    assert_int_equal(nts_source_due(&r.source, r.now + NTS_REPLY_WAIT_NS - 1, 0),
                     NTS_DUE_NOTHING);
    assert_true(r.source.state == NTS_SOURCE_ASKED && r.source.counts.lost == 0);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
}

static void delays_that_grow_are_told(void **state)
{
    static struct rig r;

    (void)state;
    start(&r);
    ask(&r);
    r.now += 9 * MS; /* 10 in all */
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_true(!r.source.delayed && r.source.least_delay_ns == 10 * MS);
    ask(&r);
    r.now += 29 * MS;
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_true(r.source.delayed && r.source.least_delay_ns == 10 * MS);
    ask(&r);
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_true(!r.source.delayed && r.source.least_delay_ns == MS);
    ask(&r);
    r.now += 6 * MS; /* as much as may be: twice the least, and 5 ms */
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_false(r.source.delayed);
    ask(&r);
    r.now += 7 * MS;
    assert_int_equal(reply(&r, REPLY_GOOD), ERR_OK);
    assert_true(r.source.delayed);
}

static void leap_needs_more_than_half(void **state)
{
    static struct nts_source s[4];
    const struct nts_source *const all[4] = {&s[0], &s[1], &s[2], &s[3]};

    (void)state;
    assert_int_equal(nts_source_leap(all, 4, 0), TIME_LEAP_UNKNOWN);
    for (int i = 0; i < 4; i++) {
        s[i].answered_ns = 1;
        s[i].leap = i < 3 ? 1 : 2;
    }
    assert_int_equal(nts_source_leap(all, 4, 2), TIME_LEAP_INSERT);
    s[2].leap = 0;
    assert_int_equal(nts_source_leap(all, 4, 2), TIME_LEAP_UNKNOWN);
    s[0].leap = s[1].leap = 0;
    assert_int_equal(nts_source_leap(all, 4, 2), TIME_LEAP_NONE);
    s[0].leap = s[1].leap = s[2].leap = 3;
    assert_int_equal(nts_source_leap(all, 4, 2), TIME_LEAP_UNKNOWN);
    s[0].leap = s[1].leap = s[2].leap = 2;
    assert_int_equal(nts_source_leap(all, 4, 2), TIME_LEAP_DELETE);
    assert_int_equal(nts_source_leap(all, 4, 2 + NTS_LEAP_LIFE_NS), TIME_LEAP_UNKNOWN);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(asks_in_a_burst_then_at_its_interval),
        cmocka_unit_test(asks_again_for_cookies_that_were_lost),
        cmocka_unit_test(cookies_may_change_their_length),
        cmocka_unit_test(a_storm_of_naks_waits_for_the_deadline),
        cmocka_unit_test(what_is_not_authentic_changes_nothing),
        cmocka_unit_test(a_replay_is_of_no_request),
        cmocka_unit_test(kiss_codes_count_when_authentic),
        cmocka_unit_test(unfit_replies_give_no_time),
        cmocka_unit_test(key_establishment_backs_off),
        cmocka_unit_test(the_narrowest_span_counts),
        cmocka_unit_test(without_cookies_keys_are_established_anew),
        cmocka_unit_test(one_request_is_under_way),
        cmocka_unit_test(delays_that_grow_are_told),
        cmocka_unit_test(leap_needs_more_than_half),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
