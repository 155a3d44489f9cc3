#include "chain_fixture.h"
#include "fake_work.h"
#include "front_fixture.h"
#include "testing.h"

#include "host/front/jout.h"
#include "host/front/pages.h"

#include <jansson.h>
#include <string.h>

static struct front *front;
static struct fixture *chain;
static uint8_t space[PAGE_MAX + 1];

static int begin(void **state)
{
    (void)state;
    front = front_fixture_new(&chain);
    strcpy(front->node_id, "n<o>\"d\\e");
    return 0;
}

static int end(void **state)
{
    (void)state;
    front_fixture_free(front, chain);
    return 0;
}

/* The page as text; *page: what it says of itself. */
static const char *get(enum http_endpoint endpoint, struct page *page)
{
    struct writer w = wr_init(space, PAGE_MAX);
    struct view out;

    *page = page_write(front, front->slot.now, endpoint, &w);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    space[out.n] = '\0';
    return (const char *)space;
}

static json_t *get_json(enum http_endpoint endpoint, unsigned status)
{
    struct page page;
    const char *text = get(endpoint, &page);
    json_t *j = json_loads(text, JSON_REJECT_DUPLICATES, NULL);

    assert_int_equal(page.status, status);
    assert_string_equal(page.type, "application/json");
    assert_true(json_is_object(j));
    return j;
}

static void has_every_page(void **state)
{
    (void)state;
    for (size_t i = 0; i < HTTP_ROUTES; i++) {
        struct page page;

        if (http_route_at(i)->file) {
            continue;
        }
        assert_true(strlen(get(http_route_at(i)->endpoint, &page)) > 0);
        assert_int_equal(page.status, 200);
    }
}

static void tells_health(void **state)
{
    static const char *const nulls[] = {"nts_sources_reachable", "trihard_status"};

    (void)state;
    fixture_monotonic_ns += INT64_C(7000000000);
    front->started_ns = 1000000000;
    json_t *j = get_json(ENDPOINT_HEALTH, 200);

    assert_string_equal(json_string_value(json_object_get(j, "status")), "ok");
    assert_string_equal(json_string_value(json_object_get(j, "service")), "quorate");
    assert_string_equal(json_string_value(json_object_get(j, "node_id")), "n<o>\"d\\e");
    assert_int_equal(json_integer_value(json_object_get(j, "uptime_seconds")), 7);
    assert_true(json_is_true(json_object_get(j, "time_synced")));
    assert_true(json_is_true(json_object_get(j, "quorum_available")));
    assert_true(json_is_false(json_object_get(j, "attested")));
    for (size_t i = 0; i < sizeof nulls / sizeof nulls[0]; i++) {
        assert_true(json_is_null(json_object_get(j, nulls[i])));
    }
    json_decref(j);
}

static void tells_readiness(void **state)
{
    json_t *j = get_json(ENDPOINT_READYZ, 200);

    (void)state;
    assert_true(json_is_true(json_object_get(j, "ready")));
    json_decref(j);
    fake.healthy = false;
    j = get_json(ENDPOINT_READYZ, 503);
    assert_true(json_is_false(json_object_get(j, "ready")));
    assert_string_equal(json_string_value(json_object_get(j, "reason")),
                        "the journal cannot be written");
    json_decref(j);
    j = get_json(ENDPOINT_HEALTH,
                 200); /* a probe that says how it is, not whether to send traffic */
    assert_string_equal(json_string_value(json_object_get(j, "status")), "degraded");
    json_decref(j);
}

static void gives_certificates(void **state)
{
    static uint8_t pem[FIXTURE_PEM_MAX];
    static const struct {
        enum http_endpoint endpoint;
        const char *which, *type;
    } rows[] = {
        {ENDPOINT_CERTCHAIN, "lcr", "application/pem-certificate-chain"},
        {ENDPOINT_CA_PEM, "r", "application/x-pem-file"},
        {ENDPOINT_TSA_PEM, "l", "application/x-pem-file"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view want = fixture_pem(chain, rows[i].which, pem);
        struct page page;
        const char *text = get(rows[i].endpoint, &page);

        assert_int_equal(strlen(text), want.n);
        assert_memory_equal(text, want.p, want.n);
        assert_string_equal(page.type, rows[i].type);
        assert_non_null(strstr(page.cache_control, "max-age"));
    }
}

static void lives_without_chain(void **state)
{
    struct page page;

    (void)state;
    fake.core = (struct coord_core_view){.age_ms = -1};
    struct held_chain *const none[WIRE_KEYS_MAX] = {0};
    struct serving *s =
        front_fixture_snapshot(&front->slot.now->config, none[0], none[1], front->metrics);

    serving_swap(&front->slot, s);
    for (size_t i = 0; i < HTTP_ROUTES; i++) {
        assert_true(http_route_at(i)->file ||
                    strlen(get(http_route_at(i)->endpoint, &page)) > 0);
    }
    (void)get(ENDPOINT_CA_PEM, &page);
    assert_int_equal(page.status, 503);
    assert_non_null(strstr(get(ENDPOINT_STAMP, &page), "Not ready"));
}

static void warns_people(void **state)
{
    struct page page;
    const char *text = get(ENDPOINT_STAMP, &page);

    (void)state;
    assert_string_equal(page.type, "text/html; charset=utf-8");
    assert_null(strstr(text, "ntrusted"));
    assert_null(strstr(text, "imulated"));
    assert_non_null(strstr(text, "n&lt;o&gt;&quot;d"));
    fake.core.clock = CLOCK_TRUST_SYSTEM;
    front_fixture_serve(front, chain,
                        "[front]\ncore = unix:c\nchain = c\n[journal]\ndir = j\n"
                        "[policy s]\noid = 1.3.6.1.4.1.32473.3161.1.91\nnumber = 1\n");
    text = get(ENDPOINT_STAMP, &page);
    assert_non_null(strstr(text, "Time untrusted (trust-system)"));
    assert_non_null(strstr(text, "Simulated"));
    json_t *j = get_json(ENDPOINT_READYZ, 200);

    assert_string_equal(json_string_value(json_object_get(j, "time")),
                        "untrusted (trust-system)");
    assert_true(json_is_true(json_object_get(j, "simulated")));
    json_decref(j);
}

static void counts_in_metrics(void **state)
{
    struct page page;

    (void)state;
    metrics_count_http(front->metrics, http_route_find("/tsr", true, false), METHOD_POST, 200);
    metrics_count_granted(front->metrics, metrics_policy_slot(front->metrics, 2),
                          HASH_SHA3_384);
    metrics_count_rejected(front->metrics, FAIL_BAD_ALG);
    metrics_observe(front->metrics, METRIC_SIGN_SECONDS, 1500000);
    const char *text = get(ENDPOINT_METRICS, &page);

    assert_non_null(strstr(
        text, "quorate_http_requests_total{path=\"/tsr\",method=\"POST\",code=\"200\"} 1\n"));
    assert_non_null(strstr(
        text,
        "quorate_tokens_total{status=\"granted\",policy=\"1.2.3.4\",alg=\"sha3-384\"} 1\n"));
    assert_non_null(
        strstr(text, "quorate_tokens_total{status=\"rejection\",policy=\"\",alg=\"\"} 1\n"));
    assert_non_null(strstr(text, "quorate_reject_total{fail_info=\"badAlg\"} 1\n"));
    assert_non_null(strstr(text, "quorate_sign_seconds_bucket{le=\"0.001000\"} 0\n"));
    assert_non_null(strstr(text, "quorate_sign_seconds_bucket{le=\"0.001500\"} 1\n"));
    assert_non_null(strstr(text, "quorate_sign_seconds_bucket{le=\"+Inf\"} 1\n"));
    assert_non_null(strstr(text, "quorate_sign_seconds_sum 0.001500000\n"));
    assert_non_null(strstr(text, "quorate_clock_error_bound_seconds 0.001000000\n"));
    assert_non_null(
        strstr(text, "quorate_certificate_remaining_seconds{key=\"classic\"} 1000\n"));
    assert_non_null(strstr(text, "quorate_ready 1\n"));
}

/* Each line is a comment, or a name with perhaps labels, a space and a number. */
static void writes_the_format_of_prometheus(void **state)
{
    struct page page;
    const char *text = get(ENDPOINT_METRICS, &page);

    (void)state;
    while (*text != '\0') {
        const size_t n = strcspn(text, "\n");
        const size_t name = strspn(text, "abcdefghijklmnopqrstuvwxyz_");

        if (*text != '#') {
            const char *space_at = memrchr(text, ' ', n);

            assert_non_null(space_at);
            assert_true(name > 3 && (text[name] == ' ' || text[name] == '{'));
            assert_int_equal(strspn(space_at + 1, "-0123456789."),
                             (size_t)(text + n - space_at) - 1);
        }
        assert_int_equal(text[n], '\n');
        text += n + 1;
    }
}

/* A page that outgrows its space is noticed, never cut. */
static void reports_overflow(void **state)
{
    uint8_t small[64];
    struct writer w = wr_init(small, sizeof small);
    struct view out;

    (void)state;
    (void)page_write(front, front->slot.now, ENDPOINT_STATUS, &w);
    assert_int_equal(wr_finish(&w, &out), ERR_NOSPACE);
}

static void escapes_json(void **state)
{
    uint8_t text[256];
    struct writer w = wr_init(text, sizeof text);
    struct jout j = jout_begin(&w);
    struct view out;

    (void)state;
    jout_text(&j, "a\"", "\x01\x7f\xc3\xa9\\");
    jout_text(&j, "b", NULL);
    jout_array(&j, "c");
    jout_item(&j);
    jout_end(&j);
    jout_item(&j);
    jout_int(&j, "d", -5);
    jout_end(&j);
    jout_array_end(&j);
    jout_bool(&j, "e", true);
    jout_base64(&j, "f", (struct view){(const uint8_t *)"ab", 2});
    jout_end(&j);
    wr_u8(&w, 0);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_string_equal((const char *)text,
                        "{\"a\\\"\":\"\\u0001\\u007f\\u00c3\\u00a9\\\\\",\"b\":null,"
                        "\"c\":[{},{\"d\":-5}],\"e\":true,\"f\":\"YWI=\"}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(has_every_page, begin, end),
        cmocka_unit_test_setup_teardown(tells_health, begin, end),
        cmocka_unit_test_setup_teardown(tells_readiness, begin, end),
        cmocka_unit_test_setup_teardown(gives_certificates, begin, end),
        cmocka_unit_test_setup_teardown(lives_without_chain, begin, end),
        cmocka_unit_test_setup_teardown(warns_people, begin, end),
        cmocka_unit_test_setup_teardown(counts_in_metrics, begin, end),
        cmocka_unit_test_setup_teardown(writes_the_format_of_prometheus, begin, end),
        cmocka_unit_test_setup_teardown(reports_overflow, begin, end),
        cmocka_unit_test(escapes_json),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
