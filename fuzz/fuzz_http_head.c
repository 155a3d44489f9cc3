#include "host/front/http_rules.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The next line of r, without its end. */
static struct view take_line(struct reader *r)
{
    const uint8_t *end = r->n > 0 ? memchr(r->p, '\n', r->n) : NULL;
    const size_t n = end != NULL ? (size_t)(end - r->p) : r->n;
    struct view line;
    struct view gone;

    if (rd_take(r, n, &line) != ERR_OK || (end != NULL && rd_take(r, 1, &gone) != ERR_OK)) {
        abort();
    }
    return line;
}

static bool digits_only(struct view v)
{
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') {
            return false;
        }
    }
    return v.n > 0;
}

/* Lines: route and switches, method, version, then "name:value" each. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    struct http_head h = {0};
    uint8_t route = 0;
    uint8_t switches = 0;

    if (rd_u8(&r, &route) != ERR_OK || rd_u8(&r, &switches) != ERR_OK) {
        return 0;
    }
    const struct http_limits limits = {.query_max = 65536,
                                       .json_max = 4096,
                                       .data_max = 1000000,
                                       .data_stamping = (switches & 1) != 0};

    h.method = take_line(&r);
    h.version = take_line(&r);
    while (r.n > 0) {
        struct view line = take_line(&r);
        const uint8_t *colon = line.n > 0 ? memchr(line.p, ':', line.n) : NULL;
        const size_t name = colon != NULL ? (size_t)(colon - line.p) : line.n;
        const size_t skip = colon != NULL ? name + 1 : name;

        http_head_add(&h, (struct view){line.p, name},
                      (struct view){line.p + skip, line.n - skip});
    }
    const struct http_verdict v =
        http_judge(&h, route < HTTP_ROUTES ? http_route_at(route) : NULL, &limits);

    /* What the rules promise of whatever goes on. */
    if (v.status != 0 && (v.reason == NULL || v.status < 400 || v.status > 599)) {
        abort();
    }
    if (v.status == 0 &&
        (h.content_lengths > 1 || h.transfer_encodings > 1 || h.hosts > 1 ||
         (h.content_lengths > 0 && h.transfer_encodings > 0) ||
         (h.content_lengths > 0 && !digits_only(h.content_length)) || route >= HTTP_ROUTES ||
         (v.body != HTTP_BODY_NONE && (v.content_length > v.body_max || v.body_max <= 0)))) {
        abort();
    }
    return 0;
}
