/* A certificate for the path check: arbitrary bytes are refused whole or keep the promises of
 * the header. */
#include "promise.h"

#include "format/cert_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct cert c;

    if (cert_parse(in, &c) != ERR_OK) {
        promise(c.ids.tbs.n == 0 && !c.ca && !c.tsa);
        return 0;
    }
    promise(c.ids.version == 3);
    promise_inside(c.ids.tbs, in);
    promise_inside(c.ids.signature, in);
    promise(c.has_path_len ? c.path_len <= 127 : c.path_len == 0);
    promise(c.tsa == cert_ids_is_tsa(&c.ids));
    promise(!c.tsa || c.may_time_stamp);
    const struct mldsa_params *params;

    promise((cert_ml_dsa_key(&c.ids, &params) == ERR_OK) == (params != NULL));
    promise(params == NULL || c.ids.public_key.n == params->pk_len);
    promise((cert_ml_dsa_signature(&c.ids, &params) == ERR_OK) == (params != NULL));
    promise(params == NULL || c.ids.signature.n == params->sig_len);
    return 0;
}
