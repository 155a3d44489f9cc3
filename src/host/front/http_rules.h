/* http_rules.h - what of HTTP/1.1 we refuse by ourselves: framing (RFC 9112 6), Host, method,
 * type, length. Pure.
 *
 * libmicrohttpd takes Content-Length together with Transfer-Encoding and repeated ones; a proxy
 * in front that reads them in another way would let one sender's bytes become another's
 * request. So the first callback gives every header to http_head_add() and asks http_judge().
 */
#ifndef HOST_FRONT_HTTP_RULES_H
#define HOST_FRONT_HTTP_RULES_H

#include "host/front/http_route.h"
#include "host/front/media_type.h"

/* Views point into the headers. */
struct http_head {
    struct view method, version;
    unsigned hosts, content_lengths, transfer_encodings; /* how often */
    struct view host, content_length, transfer_encoding; /* the last */
    struct view content_type, content_encoding, accept, expect;
    unsigned content_types;
    struct view forwarded_for; /* the last X-Forwarded-For */
    bool bad_name; /* a header's name is no token or a folded one, or a value has a control
                      character */
};

/* Takes note of one header. */
void http_head_add(struct http_head *h, struct view name, struct view value);

enum http_body {
    HTTP_BODY_NONE,
    HTTP_BODY_QUERY, /* TimeStampReq */
    HTTP_BODY_JSON,  /* sigstore's request */
    HTTP_BODY_DATA,  /* anything: hashed and stamped */
};

struct http_limits {
    int64_t query_max, json_max, data_max;
    bool data_stamping;
};

struct http_verdict {
    unsigned status;        /* 0: go on */
    bool close;             /* after the answer: where the next request begins is in doubt */
    const char *reason;     /* for the body and the log */
    const char *allow;      /* value of Allow, or NULL */
    unsigned retry_after_s; /* value of Retry-After; 0: none */
    bool accept_post;       /* send Accept-Post */
    enum http_body body;    /* if status is 0 */
    int64_t body_max;       /* bytes */
    int64_t content_length; /* -1: not stated */
    bool head;              /* the method is HEAD */
    bool wants_json;        /* by Accept */
};

/* Judges the head of a request for route (NULL: no such path). Framing first: what is refused
 * there is closed. */
struct http_verdict http_judge(const struct http_head *h, const struct http_route *route,
                               const struct http_limits *limits);

/* The value of Accept-Post on this route. */
const char *http_accept_post(const struct http_route *route);

#endif
