#include "host/front/sigstore_req.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted can be written as a TimeStampReq and read back the same. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t space[512];
    struct writer w = wr_init(space, sizeof space);
    struct sigstore_req s;
    struct tsp_req again;
    struct view out;

    if (sigstore_req_parse((struct view){data, size}, &s) != ERR_OK) {
        return 0;
    }
    tsp_req_write(&w, &s.req);
    if (wr_finish(&w, &out) != ERR_OK || tsp_req_parse(out, &again) != ERR_OK ||
        again.imprint.alg != s.req.imprint.alg ||
        !view_equal(again.imprint.digest, s.req.imprint.digest) ||
        !view_equal(again.nonce, s.req.nonce) || !view_equal(again.policy, s.req.policy) ||
        again.cert_req != s.req.cert_req) {
        abort();
    }
    return 0;
}
