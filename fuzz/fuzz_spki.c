/* A public key: arbitrary bytes are refused whole, or give views of themselves. */
#include "promise.h"

#include "format/spki.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct mldsa_params *params;
    struct spki s;

    if (spki_parse(in, &s) != ERR_OK) {
        promise(s.alg.oid.n == 0 && s.key.n == 0);
        return 0;
    }
    promise_inside(s.alg.oid, in);
    promise_inside(s.alg.params, in);
    promise_inside(s.key, in);
    promise((spki_ml_dsa(&s, &params) == ERR_OK) == (params != NULL));
    promise(params == NULL || s.key.n == params->pk_len);
    return 0;
}
