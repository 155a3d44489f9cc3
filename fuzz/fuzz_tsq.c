#include "client/inspect/tsq.h"
#include "format/tsp_req.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct tsp_req strict;
    struct tsq q;

    const enum err e = tsq_parse(in, &q);

    /* What the strict reader takes, this one takes too, and reads the same. */
    if (tsp_req_parse(in, &strict) == ERR_OK &&
        (e != ERR_OK || !view_equal(strict.nonce, q.nonce) ||
         !view_equal(strict.imprint.digest, q.hashed_message) ||
         strict.cert_req != q.cert_req || !view_equal(strict.policy, q.policy))) {
        abort();
    }
    if (e == ERR_OK) {
        json_t *j = tsq_json(&q);

        if (j == NULL) {
            abort();
        }
        json_decref(j);
    }
    return 0;
}
