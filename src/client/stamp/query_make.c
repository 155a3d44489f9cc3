#include "client/stamp/query_make.h"

#include <string.h>

struct view query_nonce(const uint8_t random[QUERY_NONCE_RANDOM], uint8_t out[QUERY_NONCE_LEN])
{
    size_t start = 0;

    out[0] = 0;
    memcpy(out + 1, random, QUERY_NONCE_RANDOM);
    /* X.690 8.3.2: the first nine bits of an INTEGER are never all zero. */
    while (start + 1 < QUERY_NONCE_LEN && out[start] == 0 && out[start + 1] < 0x80) {
        start++;
    }
    return (struct view){out + start, QUERY_NONCE_LEN - start};
}

enum err query_make(enum hash_alg alg, const uint8_t *digest, const struct query_wants *wants,
                    const struct entropy_source *entropy, struct query *out)
{
    uint8_t random[QUERY_NONCE_RANDOM];
    struct writer w = wr_init(out->der, sizeof out->der);

    memcpy(out->digest, digest, hash_len(alg));
    out->req = (struct tsp_req){
        .imprint = {alg, {out->digest, hash_len(alg)}},
        .policy = wants->policy,
        .cert_req = wants->certificates,
    };
    if (wants->nonce) {
        TRY(entropy->fill(entropy->self, random, sizeof random));
        out->req.nonce = query_nonce(random, out->nonce);
    }
    tsp_req_write(&w, &out->req);
    return wr_finish(&w, &out->bytes);
}
