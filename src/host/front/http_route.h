/* http_route.h - what is served at which path. Pure. */
#ifndef HOST_FRONT_HTTP_ROUTE_H
#define HOST_FRONT_HTTP_ROUTE_H

#include "base/bytes.h"

enum http_endpoint {
    ENDPOINT_NONE,
    ENDPOINT_STAMP,     /* POST; also GET where it is "/" */
    ENDPOINT_CERTCHAIN, /* from here on GET and HEAD */
    ENDPOINT_CA_PEM,
    ENDPOINT_TSA_PEM,
    ENDPOINT_HEALTH,
    ENDPOINT_HEALTHZ,
    ENDPOINT_PING,
    ENDPOINT_READYZ,
    ENDPOINT_OPENAPI,
    ENDPOINT_EVIDENCE, /* files, of file_answer.h */
    ENDPOINT_BUNDLE,
    ENDPOINT_METRICS, /* of the admin listener */
    ENDPOINT_STATUS,
    ENDPOINT_TIME_JSON,
    ENDPOINT_TIME_SVG,
    ENDPOINT_COUNT,
};

struct http_route {
    const char *path;
    enum http_endpoint endpoint;
    bool get;        /* GET and HEAD are allowed */
    bool post;       /* POST is allowed */
    bool takes_json; /* POST of a sigstore request, too */
    bool takes_data; /* POST of anything, where it is turned on */
    bool admin;      /* on the admin listener */
    bool file;       /* not a page of pages.h */
};

/* The route of a path (without query); NULL: none.
 * admin: asked on the admin listener; main: asked on a main address, where admin_on_main gives
 * both. */
const struct http_route *http_route_find(const char *path, bool main, bool admin);

#define HTTP_ROUTES 19

/* From 0 to HTTP_ROUTES - 1, and back. */
size_t http_route_index(const struct http_route *r);
const struct http_route *http_route_at(size_t index);

/* Whether it is a probe: /health, /healthz, /ping, /readyz; both listeners have these, and no
 * limit counts there. */
bool http_route_is_probe(const struct http_route *r);

/* The value of Allow. */
const char *http_route_allow(const struct http_route *r);

#endif
