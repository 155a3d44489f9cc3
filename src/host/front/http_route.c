#include "host/front/http_route.h"

#include <string.h>

static const struct http_route routes[HTTP_ROUTES] = {
    {.path = "/", .endpoint = ENDPOINT_STAMP, .get = true, .post = true},
    {.path = "/tsa", .endpoint = ENDPOINT_STAMP, .post = true, .takes_data = true},
    {.path = "/tsr", .endpoint = ENDPOINT_STAMP, .post = true},
    {.path = "/timestamp", .endpoint = ENDPOINT_STAMP, .post = true},
    {.path = "/api/v1/timestamp", .endpoint = ENDPOINT_STAMP, .post = true, .takes_json = true},
    {.path = "/api/v1/timestamp/certchain", .endpoint = ENDPOINT_CERTCHAIN, .get = true},
    {.path = "/ca.pem", .endpoint = ENDPOINT_CA_PEM, .get = true},
    {.path = "/tsa_cert.pem", .endpoint = ENDPOINT_TSA_PEM, .get = true},
    {.path = "/health", .endpoint = ENDPOINT_HEALTH, .get = true},
    {.path = "/healthz", .endpoint = ENDPOINT_HEALTHZ, .get = true},
    {.path = "/ping", .endpoint = ENDPOINT_PING, .get = true},
    {.path = "/readyz", .endpoint = ENDPOINT_READYZ, .get = true},
    {.path = "/openapi.json", .endpoint = ENDPOINT_OPENAPI, .get = true},
    {.path = "/evidence", .endpoint = ENDPOINT_EVIDENCE, .get = true, .file = true},
    {.path = "/bundle", .endpoint = ENDPOINT_BUNDLE, .get = true, .file = true},
    {.path = "/metrics", .endpoint = ENDPOINT_METRICS, .get = true, .admin = true},
    {.path = "/status", .endpoint = ENDPOINT_STATUS, .get = true, .admin = true},
    {.path = "/time.json", .endpoint = ENDPOINT_TIME_JSON, .get = true, .admin = true},
    {.path = "/time.svg", .endpoint = ENDPOINT_TIME_SVG, .get = true, .admin = true},
};

bool http_route_is_probe(const struct http_route *r)
{
    return r->endpoint == ENDPOINT_HEALTH || r->endpoint == ENDPOINT_HEALTHZ ||
           r->endpoint == ENDPOINT_PING || r->endpoint == ENDPOINT_READYZ;
}

const struct http_route *http_route_find(const char *path, bool main, bool admin)
{
    for (size_t i = 0; i < HTTP_ROUTES; i++) {
        const struct http_route *r = &routes[i];

        if (strcmp(r->path, path) == 0) {
            return (r->admin ? admin : main || http_route_is_probe(r)) ? r : NULL;
        }
    }
    return NULL;
}

size_t http_route_index(const struct http_route *r)
{
    return (size_t)(r - routes);
}

const struct http_route *http_route_at(size_t index)
{
    return &routes[index];
}

const char *http_route_allow(const struct http_route *r)
{
    if (r->get) {
        return r->post ? "GET, HEAD, POST" : "GET, HEAD";
    }
    return "POST";
}
