/* A revocation list of an ML-DSA authority: arbitrary bytes are refused whole or keep the
 * promises of the header; none is signed by a certificate that is none. */
#include "promise.h"

#include "client/trust/pq_crl.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct pq_crl c;

    if (pq_crl_parse(in, &c) != ERR_OK) {
        promise(c.tbs.n == 0 && c.alg.oid.n == 0 && c.signature.n == 0);
        return 0;
    }
    promise_inside(c.tbs, in);
    promise_inside(c.alg.oid, in);
    promise_inside(c.signature, in);
    promise(c.tbs.n > 0 && c.alg.oid.n > 0);
    promise(pq_crl_check(in, in) != ERR_OK);
    return 0;
}
