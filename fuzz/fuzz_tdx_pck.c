/* The extensions of a PCK certificate: refused whole, or each of them there. Two inputs in one:
 * a certificate, and the extensions alone. */
#include "promise.h"

#include "attest/tdx_pck.h"

#include <string.h>

static void promise_pck(const struct cert *c)
{
    struct tdx_pck pck;

    if (tdx_pck_parse(c, &pck) != ATTEST_OK) {
        promise_zero(&pck, sizeof pck);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct cert c;

    if (cert_parse((struct view){data, size}, &c) == ERR_OK) {
        promise_pck(&c);
    }
    memset(&c, 0, sizeof c);
    c.ids.extensions = (struct view){data, size};
    promise_pck(&c);
    return 0;
}
