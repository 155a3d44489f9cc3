#include "client/load/bench_load.h"

#include <stdio.h>
#include <string.h>

/* splitmix64: spreads the number of a query over its digest. Neither secret nor unpredictable.
 */
static uint64_t spread(uint64_t x)
{
    x += UINT64_C(0x9e3779b97f4a7c15);
    x = (x ^ x >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    x = (x ^ x >> 27) * UINT64_C(0x94d049bb133111eb);
    return x ^ x >> 31;
}

void bench_template_fill(const struct bench_template *t, uint64_t id, uint8_t digest[HASH_MAX],
                         uint8_t nonce[QUERY_NONCE_RANDOM])
{
    for (size_t i = 0; i < HASH_MAX; i++) {
        digest[i] = (uint8_t)(spread(t->salt ^ id * 8 ^ i / 8) >> 8 * (i % 8));
    }
    /* First octet 0x40: positive, minimal, and always eight bytes. */
    nonce[0] = 0x40;
    for (size_t i = 1; i < QUERY_NONCE_RANDOM; i++) {
        nonce[i] = (uint8_t)(id >> 8 * (QUERY_NONCE_RANDOM - 1 - i));
    }
}

static enum err find(const struct bench_template *t, const void *p, size_t n, size_t *at)
{
    const uint8_t *hit = memmem(t->request, t->request_len, p, n);

    if (hit == NULL) {
        return ERR_BUG;
    }
    *at = (size_t)(hit - t->request);
    return ERR_OK;
}

static enum err write_request(const struct bench_url *url, struct view query,
                              struct bench_template *out)
{
    const bool v6 = strchr(url->host, ':') != NULL;
    const int n =
        snprintf((char *)out->request, sizeof out->request,
                 "POST %s HTTP/1.1\r\nHost: %s%s%s:%s\r\n"
                 "Content-Type: application/timestamp-query\r\n"
                 "Content-Length: %zu\r\n\r\n",
                 url->path, v6 ? "[" : "", url->host, v6 ? "]" : "", url->port, query.n);

    if (n < 0 || (size_t)n + query.n > sizeof out->request) {
        return ERR_NOSPACE;
    }
    memcpy(out->request + n, query.p, query.n);
    out->request_len = (size_t)n + query.n;
    return ERR_OK;
}

enum err bench_template_make(const struct bench_url *url, enum hash_alg alg, struct view policy,
                             bool certificates, const struct entropy_source *entropy,
                             struct bench_template *out)
{
    uint8_t digest[HASH_MAX];
    uint8_t nonce[QUERY_NONCE_RANDOM];
    uint8_t der[TSP_REQ_MAX];
    struct writer w = wr_init(der, sizeof der);
    struct view query;

    *out = (struct bench_template){.alg = alg, .digest_len = hash_len(alg)};
    TRY(entropy->fill(entropy->self, (uint8_t *)&out->salt, sizeof out->salt));
    bench_template_fill(out, 0, digest, nonce);
    const struct tsp_req req = {
        .imprint = {alg, {digest, out->digest_len}},
        .policy = policy,
        .nonce = {nonce, sizeof nonce},
        .cert_req = certificates,
    };

    tsp_req_write(&w, &req);
    TRY(wr_finish(&w, &query));
    TRY(write_request(url, query, out));
    TRY(find(out, digest, out->digest_len, &out->digest_at));
    return find(out, nonce, sizeof nonce, &out->nonce_at);
}
