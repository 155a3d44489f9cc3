#include "chain_fixture.h"
#include "front_fixture.h"
#include "testing.h"

#include "host/front/pages.h"

#include <jansson.h>
#include <string.h>

#define SECOND INT64_C(1000000000)
#define MS INT64_C(1000000)
#define BEGIN_S 100000

static struct front *front;
static struct fixture *chain;
static uint8_t space[PAGE_MAX + 1];

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    front->stage->times = time_history_new(COORD_CORES_MAX);
    return front->stage->times == NULL;
}

static int end(void **state)
{
    (void)state;
    time_history_free(front->stage->times);
    front_fixture_free(front, chain);
    return 0;
}

static struct time_status good(void)
{
    static uint8_t name[TIME_NAME_MAX];
    struct time_status s = {.clock = CLOCK_NTS,
                            .counter = TIME_COUNTER_RAW,
                            .state = CORE_SERVING,
                            .flags = TIME_STATUS_VALID | TIME_STATUS_SPAN | TIME_STATUS_PERMIT,
                            .sources = 16,
                            .quota = 11,
                            .agreeing = 16,
                            .index = 1,
                            .threshold = 3,
                            .total = 5,
                            .peers = 0x13,
                            .hi_ns = INT64_C(1790000000000000000),
                            .bound_ns = 749 * MS,
                            .rate_lo_ppb = -15,
                            .rate_hi_ppb = 20,
                            .n_sources = TIME_SOURCES_MAX};

    memset(name, '"', sizeof name); /* two bytes each in JSON */
    for (size_t i = 0; i < TIME_SOURCES_MAX; i++) {
        s.rows[i] = (struct time_source){.name = {name, sizeof name},
                                         .state = TIME_SOURCE_UNSYNCHRONISED,
                                         .offset_ns = INT64_MIN,
                                         .half_width_ns = INT64_MAX,
                                         .delay_ns = INT64_MAX,
                                         .age_ms = UINT32_MAX,
                                         .reach = 255};
        memset(s.rows[i].kiss, '\\', TIME_KISS_LEN);
    }
    return s;
}

/* What a core said in that second. */
static void say(size_t core, int64_t second, const struct time_status *s)
{
    uint8_t body[TIME_STATUS_LEN_MAX];
    struct writer w = wr_init(body, sizeof body);

    time_status_encode(&w, s);
    time_history_take(front->stage->times, core, ERR_OK, (struct view){body, w.len},
                      second * SECOND);
}

/* An hour of all cores, each off by its own. */
static void fill(int64_t step_ns)
{
    for (int64_t s = 0; s < TIME_HISTORY_MAX; s++) {
        for (size_t i = 0; i < COORD_CORES_MAX; i++) {
            struct time_status t = good();

            t.offset_ns = (int64_t)(i + 1) * step_ns + s % 97 * (step_ns / 97);
            t.half_width_ns = 3 * MS + s % 16 * 200000;
            say(i, BEGIN_S + s, &t);
        }
    }
    fixture_monotonic_ns = (BEGIN_S + TIME_HISTORY_MAX - 1) * SECOND;
}

static const char *get(enum http_endpoint endpoint, struct page *page)
{
    struct writer w = wr_init(space, PAGE_MAX);
    struct view out;

    *page = page_write(front, front->slot.now, endpoint, &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    space[out.n] = '\0';
    return (const char *)space;
}

static size_t count(const char *text, const char *what)
{
    size_t n = 0;

    for (; (text = strstr(text, what)) != NULL; text++) {
        n++;
    }
    return n;
}

static void the_largest_pages_fit(void **state)
{
    struct page page;
    const char *text;

    (void)state;
    fill(-INT64_C(1000000000000000000)); /* as far as it goes */
    text = get(ENDPOINT_TIME_SVG, &page);
    assert_string_equal(page.type, "image/svg+xml");
    assert_int_equal(count(text, "class=\"b k"), COORD_CORES_MAX);
    assert_null(strstr(text, "script"));
    assert_null(strstr(text, "url("));
    json_t *j = json_loads(get(ENDPOINT_TIME_JSON, &page), JSON_REJECT_DUPLICATES, NULL);

    assert_int_equal(json_array_size(json_object_get(j, "nodes")), COORD_CORES_MAX);
    json_decref(j);
    assert_int_equal(count(get(ENDPOINT_METRICS, &page), "quorate_time_offset_seconds{"),
                     COORD_CORES_MAX);
}

static void the_plot_has_gaps_where_nothing_held(void **state)
{
    struct time_status s = good();
    struct page page;
    const char *text;

    (void)state;
    s.offset_ns = 2 * MS;
    s.half_width_ns = 3 * MS;
    say(0, BEGIN_S, &s);
    s.flags = TIME_STATUS_SPAN;
    s.hi_ns = 0;
    s.offset_ns = 0;
    s.reason = TIME_WIDE;
    say(0, BEGIN_S + 60, &s);
    s = good();
    s.offset_ns = 2 * MS;
    s.half_width_ns = 3 * MS;
    say(0, BEGIN_S + 120, &s);
    fixture_monotonic_ns = (BEGIN_S + 120) * SECOND;
    text = get(ENDPOINT_TIME_SVG, &page);
    assert_int_equal(count(text, "class=\"b k1\""), 1);
    text = strstr(text, "class=\"l k1\"");
    assert_non_null(text);
    space[(size_t)(strchr(text, '>') - (const char *)space)] = '\0';
    assert_int_equal(count(text, "M"), 2); /* pieces */
    text = get(ENDPOINT_TIME_SVG, &page);
    assert_non_null(strstr(text, "+5.000 ms</text>"));
    assert_non_null(strstr(text, "node 1: +2.000 ms \302\261 3.000 ms, serving, time holds, "
                                 "nts, CLOCK_MONOTONIC_RAW, 16 of 16 sources<"));
    assert_non_null(strstr(text, "node 2: no answer (state)"));
}

static void json_tells_all(void **state)
{
    struct time_status s = good();
    struct page page;
    json_error_t e;
    json_t *j;
    json_t *node;

    (void)state;
    s.flags |= TIME_STATUS_HOLDOVER;
    s.sample_ms = 40000;
    s.heard_ms = TIME_AGE_NEVER;
    say(0, BEGIN_S, &s);
    fixture_monotonic_ns = BEGIN_S * SECOND;
    j = json_loads(get(ENDPOINT_TIME_JSON, &page), JSON_REJECT_DUPLICATES, &e);
    assert_string_equal(page.type, "application/json");
    node = json_array_get(json_object_get(j, "nodes"), 0);
    assert_true(json_is_true(json_object_get(node, "known")));
    assert_int_equal(json_integer_value(json_object_get(node, "rate_ppb")), 2);
    assert_int_equal(json_integer_value(json_object_get(node, "rate_bound_ppb")), 18);
    assert_int_equal(json_integer_value(json_object_get(node, "holdover_since")),
                     fixture_real_s - 40);
    assert_true(json_is_null(json_object_get(node, "heard_age_ms")));
    assert_int_equal(json_array_size(json_object_get(node, "peers")), 3);
    assert_int_equal(json_integer_value(json_array_get(json_object_get(node, "peers"), 2)), 5);
    assert_int_equal(json_array_size(json_object_get(node, "servers")), TIME_SOURCES_MAX);
    node = json_array_get(json_object_get(j, "nodes"), 1);
    assert_true(json_is_false(json_object_get(node, "known")));
    assert_null(json_object_get(node, "state"));
    json_decref(j);
}

static json_t *health(void)
{
    struct page page;
    json_t *const j = json_loads(get(ENDPOINT_HEALTH, &page), JSON_REJECT_DUPLICATES, NULL);

    assert_non_null(j);
    return j;
}

static void expect_null(const char *name)
{
    json_t *const j = health();

    assert_true(json_is_null(json_object_get(j, name)));
    json_decref(j);
}

static void expect_health(int reachable, const char *peers)
{
    json_t *const j = health();

    assert_int_equal(json_integer_value(json_object_get(j, "nts_sources_reachable")),
                     reachable);
    assert_string_equal(json_string_value(json_object_get(j, "trihard_status")), peers);
    json_decref(j);
}

static void health_tells_servers_and_peers(void **state)
{
    struct time_status s = good();

    (void)state;
    fixture_monotonic_ns = BEGIN_S * SECOND;
    say(1, BEGIN_S, &s); /* of another core than the one that answers */
    expect_null("nts_sources_reachable");
    expect_null("trihard_status");
    s.rows[0].state = TIME_SOURCE_STARTING;
    s.rows[2].state = TIME_SOURCE_UNREACHABLE;
    s.rows[3].state = TIME_SOURCE_REFUSED;
    say(0, BEGIN_S, &s);
    expect_health(TIME_SOURCES_MAX - 2, "ok");
    s.n_sources = 1;
    s.flags = TIME_STATUS_VALID | TIME_STATUS_SPAN;
    say(0, BEGIN_S, &s);
    expect_health(0, "apart");
    s.index = s.threshold = s.total = s.peers = 0;
    say(0, BEGIN_S, &s);
    expect_null("trihard_status");
    s = good();
    s.clock = CLOCK_KERNEL;
    s.n_sources = 0;
    say(0, BEGIN_S, &s);
    expect_null("nts_sources_reachable");
    s = good();
    say(0, BEGIN_S, &s);
    fixture_monotonic_ns += (TIME_HISTORY_AGE_MS + 1) * MS; /* it says no more */
    expect_null("nts_sources_reachable");
    expect_null("trihard_status");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_largest_pages_fit, begin, end),
        cmocka_unit_test_setup_teardown(the_plot_has_gaps_where_nothing_held, begin, end),
        cmocka_unit_test_setup_teardown(json_tells_all, begin, end),
        cmocka_unit_test_setup_teardown(health_tells_servers_and_peers, begin, end),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
