/* A revocation list: arbitrary bytes are refused whole, or give views of themselves. */
#include "promise.h"

#include "format/crl_parse.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    struct crl c;

    if (crl_parse(in, &c) != ERR_OK) {
        promise(c.tbs.n == 0 && c.issuer.n == 0 && c.revoked.n == 0 && !c.has_next_update);
        return 0;
    }
    promise_inside(c.tbs, in);
    promise_inside(c.issuer, c.tbs);
    promise_inside(c.revoked, c.tbs);
    promise_inside(c.signature, in);
    promise(c.signature.n > 0);
    (void)crl_revokes(&c, (struct view){data, size < 2 ? size : 2});
    promise(c.revoked.n > 0 || !crl_revokes(&c, c.tbs));
    return 0;
}
