/* A certificate request: arbitrary bytes are refused whole, or give views of themselves, of
 * which the same request can be written. */
#include "promise.h"

#include "crypto/p384.h"
#include "format/csr.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* An ML-DSA-65 request has one encoding; of an ECDSA one only the integers could vary, and DER
 * has one for these, too. */
static void write_again(const struct csr *c, struct view in)
{
    static uint8_t out[CSR_MAX];
    struct writer w = wr_init(out, sizeof out);
    struct view v;

    if (c->alg == SIGN_ML_DSA_65) {
        promise(csr_write(&w, c->info, c->alg, c->signature) == ERR_OK);
        promise(wr_finish(&w, &v) == ERR_OK && view_equal(v, in));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct csr_scratch scratch;
    static const struct csr zero;
    const struct view in = {data, size};
    struct csr c;

    if (csr_parse(in, &c) != ERR_OK) {
        promise(memcmp(&c, &zero, sizeof c) == 0);
        return 0;
    }
    promise_inside(c.info, in);
    promise_inside(c.subject, c.info);
    promise_inside(c.spki, c.info);
    promise_inside(c.public_key, c.spki);
    promise_inside(c.attributes, c.info);
    promise_inside(c.signature, in);
    promise(c.public_key.n ==
            (c.alg == SIGN_ML_DSA_65 ? mldsa_65.pk_len : (size_t)P384_PUBLIC_LEN));
    write_again(&c, in);
    if (size > 0 && data[size - 1] % 16 == 0) { /* verifying is slow */
        const enum err e = csr_verify(&c, &scratch);

        promise(e == ERR_OK || e == ERR_SIGNATURE || e == ERR_ENCODING || e == ERR_RANGE);
    }
    return 0;
}
