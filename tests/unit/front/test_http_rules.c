#include "testing.h"

#include "host/front/http_rules.h"

#include <string.h>

static const struct http_limits limits = {
    .query_max = 65536, .json_max = 4096, .data_max = 1000000, .data_stamping = false};
static const struct http_limits with_data = {
    .query_max = 65536, .json_max = 4096, .data_max = 1000000, .data_stamping = true};

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

/* headers: "Name: value\n..." */
static struct http_verdict judge(const char *method, const char *path, const char *version,
                                 const char *headers, const struct http_limits *l)
{
    struct http_head h = {.method = text(method), .version = text(version)};

    while (*headers != '\0') {
        const size_t line = strcspn(headers, "\n");
        const size_t name = strcspn(headers, ":");

        http_head_add(&h, (struct view){(const uint8_t *)headers, name},
                      (struct view){(const uint8_t *)headers + name + 2, line - name - 2});
        headers += line + 1;
    }
    return http_judge(&h, http_route_find(path, true, false), l);
}

#define TSQ "Host: a\nContent-Type: application/timestamp-query\n"

static void judges_framing(void **state)
{
    static const struct {
        const char *version, *headers;
        unsigned status;
    } rows[] = {
        {"HTTP/1.1", TSQ "Content-Length: 5\n", 0},
        {"HTTP/1.1", TSQ "Transfer-Encoding: chunked\n", 0},
        {"HTTP/1.1", TSQ "transfer-encoding: Chunked\n", 0},
        {"HTTP/1.0", TSQ "Content-Length: 5\n", 0},
        {"HTTP/1.0", "Content-Type: application/timestamp-query\nContent-Length: 5\n", 0},
        {"HTTP/1.1", TSQ "Content-Length: 5\nTransfer-Encoding: chunked\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 5\nContent-Length: 5\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 5\nContent-Length: 6\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 5, 5\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: -1\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: +1\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 0x5\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: \n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 99999999999999999999\n", 400},
        {"HTTP/1.1", TSQ "Content-Length5: \n", 400}, /* folded */
        {"HTTP/1.1", TSQ "content-length5: x\nContent-Length: 5\n", 400},
        {"HTTP/1.1", TSQ "Transfer-Encodingchunked: \n", 400},
        {"HTTP/1.1", TSQ "Content-Lengt: 5\nContent-Length: 5\n", 0},
        {"HTTP/1.1", TSQ "Transfer-Encoding: gzip\n", 501},
        {"HTTP/1.1", TSQ "Transfer-Encoding: gzip, chunked\n", 501},
        {"HTTP/1.1", TSQ "Transfer-Encoding: chunked\nTransfer-Encoding: chunked\n", 501},
        {"HTTP/1.1", TSQ "Transfer-Encoding: \n", 501},
        {"HTTP/1.0", TSQ "Transfer-Encoding: chunked\n", 400},
        {"HTTP/1.1", "Content-Length: 5\n", 400},
        {"HTTP/1.1", "Host: a\n" TSQ "Content-Length: 5\n", 400},
        {"HTTP/1.0", "Host: a\nHost: b\nContent-Length: 5\n", 400},
        {"HTTP/1.1", "Host: a,b\nContent-Length: 5\n", 400},
        {"HTTP/1.1", "Host: a/b\nContent-Length: 5\n", 400},
        {"HTTP/1.1", TSQ "Content-Length : 5\n", 400},
        {"HTTP/1.1", TSQ "Content-Length: 5\nX: a\x01b\n", 400},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct http_verdict v =
            judge("POST", "/tsr", rows[i].version, rows[i].headers, &limits);

        if (v.status != rows[i].status) {
            fail_msg("row %zu: %u", i, v.status);
        }
        assert_true(v.close == (v.status != 0));
        assert_true(v.status == 0 || v.reason != NULL);
    }
}

static void judges_the_rest(void **state)
{
    static const struct {
        const char *method, *path, *headers;
        unsigned status;
        enum http_body body;
        const char *allow;
    } rows[] = {
        {"GET", "/", "Host: a\n", 0, HTTP_BODY_NONE, NULL},
        {"HEAD", "/", "Host: a\n", 0, HTTP_BODY_NONE, NULL},
        {"head", "/", "Host: a\n", 405, HTTP_BODY_NONE, "GET, HEAD, POST"},
        {"PUT", "/", "Host: a\n", 405, HTTP_BODY_NONE, "GET, HEAD, POST"},
        {"\rGET", "/", "Host: a\n", 400, HTTP_BODY_NONE, NULL},
        {"", "/", "Host: a\n", 400, HTTP_BODY_NONE, NULL},
        {"GET", "/tsa", "Host: a\n", 405, HTTP_BODY_NONE, "POST"},
        {"OPTIONS", "/tsr", "Host: a\n", 405, HTTP_BODY_NONE, "POST"},
        {"POST", "/health", TSQ "Content-Length: 5\n", 405, HTTP_BODY_NONE, "GET, HEAD"},
        {"GET", "/nope", "Host: a\n", 404, HTTP_BODY_NONE, NULL},
        {"GET", "/metrics", "Host: a\n", 404, HTTP_BODY_NONE, NULL},
        {"POST", "/", TSQ "Content-Length: 0\n", 0, HTTP_BODY_QUERY, NULL},
        {"POST", "/timestamp", TSQ "Content-Length: 65536\n", 0, HTTP_BODY_QUERY, NULL},
        {"POST", "/timestamp", TSQ "Content-Length: 65537\n", 413, HTTP_BODY_QUERY, NULL},
        {"POST", "/tsr", TSQ, 411, HTTP_BODY_NONE, NULL},
        {"POST", "/tsr", TSQ "Content-Length: 5\nExpect: 100-continue\n", 0, HTTP_BODY_QUERY,
         NULL},
        {"POST", "/tsr", TSQ "Content-Length: 5\nExpect: tea\n", 417, HTTP_BODY_NONE, NULL},
        {"POST", "/tsr", TSQ "Content-Length: 5\nContent-Encoding: gzip\n", 415, HTTP_BODY_NONE,
         NULL},
        {"POST", "/tsr", TSQ "Content-Length: 5\nContent-Encoding: identity\n", 0,
         HTTP_BODY_QUERY, NULL},
        {"POST", "/tsr", TSQ TSQ "Content-Length: 5\n", 400, HTTP_BODY_NONE, NULL},
        {"POST", "/tsr", TSQ "Content-Type: text/plain\nContent-Length: 5\n", 415,
         HTTP_BODY_NONE, NULL},
        {"POST", "/tsr", "Host: a\nContent-Length: 5\n", 415, HTTP_BODY_NONE, NULL},
        {"POST", "/tsr", "Host: a\nContent-Type: application/json\nContent-Length: 5\n", 415,
         HTTP_BODY_NONE, NULL},
        {"POST", "/tsa", "Host: a\nContent-Type: text/plain\nContent-Length: 5\n", 415,
         HTTP_BODY_NONE, NULL},
        {"POST", "/api/v1/timestamp",
         "Host: a\nContent-Type: application/json\nContent-Length: 4096\n", 0, HTTP_BODY_JSON,
         NULL},
        {"POST", "/api/v1/timestamp",
         "Host: a\nContent-Type: application/json\nContent-Length: 4097\n", 413, HTTP_BODY_JSON,
         NULL},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct http_verdict v =
            judge(rows[i].method, rows[i].path, "HTTP/1.1", rows[i].headers, &limits);

        if (v.status != rows[i].status || (v.status == 0 && v.body != rows[i].body)) {
            fail_msg("row %zu: %u", i, v.status);
        }
        assert_true((v.allow == NULL) == (rows[i].allow == NULL));
        if (v.allow != NULL) {
            assert_string_equal(v.allow, rows[i].allow);
        }
        assert_true(v.accept_post == (v.status == 415));
    }
}

static void takes_data_where_told(void **state)
{
    static const char plain[] = "Host: a\nContent-Type: text/plain\nContent-Length: 5\n";
    struct http_verdict v = judge("POST", "/tsa", "HTTP/1.1", plain, &with_data);

    (void)state;
    assert_true(v.status == 0 && v.body == HTTP_BODY_DATA && v.body_max == 1000000);
    v = judge("POST", "/tsa", "HTTP/1.1", "Host: a\nTransfer-Encoding: chunked\n", &with_data);
    assert_true(v.status == 0 && v.body == HTTP_BODY_DATA && v.content_length == -1);
    v = judge("POST", "/tsa", "HTTP/1.1", TSQ "Content-Length: 5\n", &with_data);
    assert_true(v.status == 0 && v.body == HTTP_BODY_QUERY);
    v = judge("POST", "/tsa", "HTTP/1.1", "Host: a\nContent-Length: 1000001\n", &with_data);
    assert_true(v.status == 413);
    v = judge("POST", "/tsr", "HTTP/1.1", plain, &with_data);
    assert_true(v.status == 415);
}

static void sees_accept(void **state)
{
    (void)state;
    assert_true(judge("POST", "/tsr", "HTTP/1.1",
                      TSQ "Content-Length: 5\nAccept: application/json\n", &limits)
                    .wants_json);
    assert_false(
        judge("POST", "/tsr", "HTTP/1.1", TSQ "Content-Length: 5\nAccept: */*\n", &limits)
            .wants_json);
}

static void knows_its_routes(void **state)
{
    (void)state;
    for (size_t i = 0; i < HTTP_ROUTES; i++) {
        const struct http_route *r = http_route_at(i);

        assert_int_equal(http_route_index(r), i);
        assert_ptr_equal(http_route_find(r->path, true, true), r);
        /* The admin listener has its own pages and the probes, a main address all but the
         * former. */
        assert_true((http_route_find(r->path, false, true) == r) ==
                    (r->admin || http_route_is_probe(r)));
        assert_true((http_route_find(r->path, true, false) == r) == !r->admin);
        assert_null(http_route_find("/tsa/", true, true));
    }
    assert_string_equal(http_accept_post(http_route_find("/tsr", true, false)),
                        "application/timestamp-query");
    assert_string_equal(http_accept_post(http_route_find("/api/v1/timestamp", true, false)),
                        "application/timestamp-query, application/json");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_framing),        cmocka_unit_test(judges_the_rest),
        cmocka_unit_test(takes_data_where_told), cmocka_unit_test(sees_accept),
        cmocka_unit_test(knows_its_routes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
