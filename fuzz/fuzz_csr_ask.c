/* What SIGN_CSR is asked: what is read is written back to the same bytes; a session id comes
 * from R1s of that session alone. */
#include "promise.h"

#include "wire/csr_ask.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t out[4096];
    static const struct csr_ask zero;
    const struct view in = {data, size};
    struct writer w = wr_init(out, sizeof out);
    uint8_t x[STAMP_X_LEN];
    struct csr_ask a;
    struct view v;

    if (csr_ask_decode(in, &a) != ERR_OK) {
        promise(memcmp(&a, &zero, sizeof a) == 0);
        return 0;
    }
    promise_inside(a.r1s, in);
    promise(a.attempt >= 1 && a.attempt <= CSR_ATTEMPTS_MAX && a.t <= STAMP_T_MAX);
    csr_ask_encode(&w, &a);
    promise(wr_finish(&w, &v) == ERR_OK && view_equal(v, in));
    if (csr_ask_x(&a, x) == ERR_OK) {
        promise(memcmp(a.r1s.p, a.epoch_id, EPOCH_ID_LEN) == 0);
    }
    return 0;
}
