#include "testing.h"

#include "client/load/bench_http.h"
#include "client/load/bench_load.h"

#include <string.h>

static void takes_urls_apart(void **state)
{
    static const struct {
        const char *text, *host, *port, *path;
    } rows[] = {
        {"http://localhost", "localhost", "80", "/"},
        {"http://localhost:3161/", "localhost", "3161", "/"},
        {"http://127.0.0.1:3161/tsa?a=b", "127.0.0.1", "3161", "/tsa?a=b"},
        {"http://[::1]:3161/api/v1/timestamp", "::1", "3161", "/api/v1/timestamp"},
        {"http://[::1]", "::1", "80", "/"},
    };
    struct bench_url url;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(bench_url_parse(rows[i].text, &url), ERR_OK);
        assert_string_equal(url.host, rows[i].host);
        assert_string_equal(url.port, rows[i].port);
        assert_string_equal(url.path, rows[i].path);
    }
}

static void refuses_other_urls(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"https://localhost/", ERR_TYPE},
        {"localhost", ERR_TYPE},
        {"", ERR_TYPE},
        {"http://", ERR_ENCODING},
        {"http:///tsa", ERR_ENCODING},
        {"http://user@host/", ERR_ENCODING},
        {"http://host:/", ERR_ENCODING},
        {"http://host:a/", ERR_ENCODING},
        {"http://host:123456/", ERR_NOSPACE},
        {"http://[::1/", ERR_ENCODING},
        {"http://[::1]x/", ERR_ENCODING},
        {"http://host/a b", ERR_ENCODING},
        {"http://host/\r\nX: y", ERR_ENCODING},
        {"http://host?x", ERR_ENCODING},
    };
    struct bench_url url;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(bench_url_parse(rows[i].text, &url), rows[i].e);
    }
}

static struct view text_view(const char *text)
{
    return (struct view){(const uint8_t *)text, strlen(text)};
}

static void reads_heads(void **state)
{
    static const char good[] =
        "HTTP/1.1 200 OK\r\nContent-Type: application/timestamp-reply\r\n"
        "content-LENGTH: \t 12 \r\n\r\n";
    struct bench_head head;

    (void)state;
    assert_int_equal(bench_head_parse(text_view(good), &head), ERR_OK);
    assert_int_equal(head.status, 200);
    assert_int_equal(head.body_len, 12);
    assert_int_equal(head.head_len, sizeof good - 1);
    assert_false(head.close);
    for (size_t i = 0; i < sizeof good - 1; i++) {
        assert_int_equal(bench_head_parse((struct view){(const uint8_t *)good, i}, &head),
                         ERR_TRUNCATED);
        assert_int_equal(head.head_len, 0);
    }
    assert_int_equal(bench_head_parse(text_view("HTTP/1.1 429 x\r\nConnection: Close\r\n"
                                                "Content-Length: 0\r\n\r\nrest"),
                                      &head),
                     ERR_OK);
    assert_int_equal(head.status, 429);
    assert_true(head.close);
    assert_int_equal(
        bench_head_parse(text_view("HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n"), &head),
        ERR_OK);
    assert_true(head.close);
}

static void refuses_other_heads(void **state)
{
    static const struct {
        const char *text;
        enum err e;
    } rows[] = {
        {"HTTP/1.1 200 OK\r\n\r\n", ERR_TYPE},
        {"HTTP/2 200\r\n\r\n", ERR_ENCODING},
        {"HTTP/1.1 2x0 OK\r\n\r\n", ERR_ENCODING},
        {"nonsense\r\n\r\n", ERR_ENCODING},
        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", ERR_ENCODING},
        {"HTTP/1.1 200 OK\r\nContent-Length:\r\n\r\n", ERR_ENCODING},
        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999\r\n\r\n", ERR_ENCODING},
        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", ERR_ENCODING},
    };
    struct bench_head head;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(bench_head_parse(text_view(rows[i].text), &head), rows[i].e);
    }
}

static enum err fixed_fill(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0x5a, n);
    return ERR_OK;
}

static void the_template_is_a_query_with_its_own_digest_and_nonce(void **state)
{
    static struct bench_template t;
    const struct entropy_source fixed = {fixed_fill, NULL};
    struct bench_url url;
    uint8_t digest[2][HASH_MAX];
    uint8_t nonce[2][QUERY_NONCE_RANDOM];

    (void)state;
    assert_int_equal(bench_url_parse("http://[::1]:3161/tsa", &url), ERR_OK);
    assert_int_equal(
        bench_template_make(&url, HASH_SHA384, (struct view){NULL, 0}, true, &fixed, &t),
        ERR_OK);
    const char *head = (const char *)t.request;

    assert_memory_equal(head, "POST /tsa HTTP/1.1\r\nHost: [::1]:3161\r\n", 38);
    for (uint64_t id = 1; id < 2000; id++) {
        struct tsp_req req;
        const uint8_t *body = (const uint8_t *)strstr(head, "\r\n\r\n") + 4;

        bench_template_fill(&t, id - 1, digest[0], nonce[0]);
        bench_template_fill(&t, id, digest[1], nonce[1]);
        assert_memory_not_equal(digest[0], digest[1], 48);
        assert_memory_not_equal(nonce[0], nonce[1], 8);
        memcpy(t.request + t.digest_at, digest[1], t.digest_len);
        memcpy(t.request + t.nonce_at, nonce[1], sizeof nonce[1]);
        assert_int_equal(
            tsp_req_parse((struct view){body, t.request_len - (size_t)(body - t.request)},
                          &req),
            ERR_OK);
        assert_memory_equal(req.imprint.digest.p, digest[1], 48);
        assert_memory_equal(req.nonce.p, nonce[1], 8);
        assert_int_equal(req.nonce.n, 8);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(takes_urls_apart),
        cmocka_unit_test(refuses_other_urls),
        cmocka_unit_test(reads_heads),
        cmocka_unit_test(refuses_other_heads),
        cmocka_unit_test(the_template_is_a_query_with_its_own_digest_and_nonce),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
