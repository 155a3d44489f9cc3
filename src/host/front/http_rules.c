#include "host/front/http_rules.h"

#include <string.h>
#include <strings.h>

static bool equals(struct view v, const char *word)
{
    return v.n == strlen(word) && strncasecmp((const char *)v.p, word, v.n) == 0;
}

static bool is_token(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        const uint8_t c = v.p[i];

        if (c <= ' ' || c >= 0x7f || strchr("()<>@,;:\\\"/[]?={}", c) != NULL) {
            return false;
        }
    }
    return v.n > 0;
}

static bool has_control(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if ((v.p[i] < ' ' && v.p[i] != '\t') || v.p[i] == 0x7f) {
            return true;
        }
    }
    return false;
}

/* The library puts what stands on a folded line (RFC 9112 5.2) behind the *name*: a length that
 * a proxy has seen there would be lost, and the body taken for the next request. */
static bool is_folded(struct view name)
{
    static const char *const framing[] = {"content-length", "transfer-encoding"};

    for (size_t i = 0; i < sizeof framing / sizeof framing[0]; i++) {
        const size_t n = strlen(framing[i]);

        if (name.n > n && strncasecmp((const char *)name.p, framing[i], n) == 0) {
            return true;
        }
    }
    return false;
}

void http_head_add(struct http_head *h, struct view name, struct view value)
{
    if (!is_token(name) || has_control(value) || is_folded(name)) {
        h->bad_name = true;
    } else if (equals(name, "host")) {
        h->hosts++;
        h->host = value;
    } else if (equals(name, "content-length")) {
        h->content_lengths++;
        h->content_length = value;
    } else if (equals(name, "transfer-encoding")) {
        h->transfer_encodings++;
        h->transfer_encoding = value;
    } else if (equals(name, "content-type")) {
        h->content_types++;
        h->content_type = value;
    } else if (equals(name, "content-encoding")) {
        h->content_encoding = value;
    } else if (equals(name, "accept")) {
        h->accept = value;
    } else if (equals(name, "expect")) {
        h->expect = value;
    } else if (equals(name, "x-forwarded-for")) {
        h->forwarded_for = value;
    }
}

static struct http_verdict refuse(unsigned status, bool close, const char *reason)
{
    return (struct http_verdict){.status = status, .close = close, .reason = reason};
}

/* Digits only: no sign, no list, no space. -1: not so. */
static int64_t read_length(struct view v)
{
    int64_t n = 0;

    if (v.n == 0 || v.n > 18) {
        return -1;
    }
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') {
            return -1;
        }
        n = n * 10 + (v.p[i] - '0');
    }
    return n;
}

/* uri-host [ ":" port ], RFC 9110 7.2; loosely: nothing that could be more than one, or split a
 * line. */
static bool host_valid(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        const uint8_t c = v.p[i];

        if (c <= ' ' || c >= 0x7f || strchr(",/?#@\\\"<>", c) != NULL) {
            return false;
        }
    }
    return true;
}

static struct http_verdict judge_framing(const struct http_head *h)
{
    const bool is_11 = equals(h->version, "HTTP/1.1");
    struct http_verdict v = {.content_length = -1};

    if (h->bad_name || !is_token(h->method)) {
        return refuse(400, true, "the request line or a header is malformed");
    }
    if (h->transfer_encodings > 0 && h->content_lengths > 0) {
        return refuse(400, true, "Content-Length together with Transfer-Encoding");
    }
    if (h->content_lengths > 1) {
        return refuse(400, true, "Content-Length is repeated");
    }
    if (h->transfer_encodings > 0 && !is_11) {
        return refuse(400, true, "Transfer-Encoding is of HTTP/1.1");
    }
    if (h->transfer_encodings > 1 ||
        (h->transfer_encodings == 1 && !equals(h->transfer_encoding, "chunked"))) {
        return refuse(501, true, "the only Transfer-Encoding here is chunked");
    }
    if (h->content_lengths == 1) {
        v.content_length = read_length(h->content_length);
        if (v.content_length < 0) {
            return refuse(400, true, "Content-Length is no number");
        }
    }
    if (h->hosts > 1 || (is_11 && h->hosts == 0) || !host_valid(h->host)) {
        return refuse(400, true, "HTTP/1.1 wants exactly one valid Host");
    }
    if (h->expect.n > 0 && !equals(h->expect, "100-continue")) {
        return refuse(417, false, "the only expectation met here is 100-continue");
    }
    return v;
}

static enum http_body body_kind(const struct http_route *route, enum media_type t,
                                bool data_stamping)
{
    if (t == MEDIA_QUERY) {
        return HTTP_BODY_QUERY;
    }
    if (t == MEDIA_JSON && route->takes_json) {
        return HTTP_BODY_JSON;
    }
    if (t != MEDIA_BAD && route->takes_data && data_stamping) {
        return HTTP_BODY_DATA;
    }
    return HTTP_BODY_NONE;
}

static struct http_verdict judge_post(const struct http_head *h, const struct http_route *route,
                                      const struct http_limits *limits, struct http_verdict v)
{
    const enum media_type t =
        h->content_types > 1 ? MEDIA_BAD : media_type_parse(h->content_type);

    if (v.content_length < 0 && h->transfer_encodings == 0) {
        return refuse(411, true, "a POST states its length or is chunked");
    }
    v.body = body_kind(route, t, limits->data_stamping);
    if (v.body == HTTP_BODY_NONE ||
        (h->content_encoding.n > 0 && !equals(h->content_encoding, "identity"))) {
        const int64_t length = v.content_length;

        v = refuse(415, false, "this Content-Type or Content-Encoding is not taken here");
        v.accept_post = true;
        v.content_length = length;
        return v;
    }
    v.body_max = v.body == HTTP_BODY_QUERY  ? limits->query_max
                 : v.body == HTTP_BODY_JSON ? limits->json_max
                                            : limits->data_max;
    if (v.content_length > v.body_max) {
        v.status = 413;
        v.reason = "the body is too large";
    }
    v.wants_json = media_accepts_json(h->accept);
    return v;
}

/* Methods are case-sensitive, RFC 9110 9.1. */
static bool method_is(const struct http_head *h, const char *name)
{
    return h->method.n == strlen(name) && memcmp(h->method.p, name, h->method.n) == 0;
}

struct http_verdict http_judge(const struct http_head *h, const struct http_route *route,
                               const struct http_limits *limits)
{
    struct http_verdict v = judge_framing(h);

    v.head = method_is(h, "HEAD");
    if (v.status != 0) {
        return v;
    }
    if (route == NULL) {
        v.status = 404;
        v.reason = "nothing is served at this path";
    } else if (route->post && method_is(h, "POST")) {
        v = judge_post(h, route, limits, v);
    } else if (!(route->get && (v.head || method_is(h, "GET")))) {
        v.status = 405;
        v.reason = "this method is not allowed here";
        v.allow = http_route_allow(route);
    }
    return v;
}

const char *http_accept_post(const struct http_route *route)
{
    return route->takes_json ? "application/timestamp-query, application/json"
                             : "application/timestamp-query";
}
