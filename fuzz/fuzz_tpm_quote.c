/* What a TPM answers, and the public area of its key: arbitrary bytes are refused whole, or
 * what is read of them lies inside; nobody's signature verifies. */
#include "promise.h"

#include "attest/tpm_public.h"
#include "attest/tpm_quote.h"

#include <string.h>

static void promise_public(struct view in)
{
    static const struct tpm_public zero;
    struct tpm_public p;

    if (tpm_public_parse(in, &p) != ATTEST_OK) {
        promise(memcmp(&p, &zero, sizeof p) == 0);
        return;
    }
    promise(in.n <= TPM_PUBLIC_MAX && (p.attributes & 0x00050032) == 0x00050032);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct tpm_quote zero;
    static const uint8_t nobody[RSA_2048_LEN] = {0};
    const struct view in = {data, size};
    struct tpm_quote q;
    size_t n = 0;

    promise_public(in);
    promise(ak_cert_check(in, nobody) != ATTEST_OK);
    if (tpm_quote_parse(in, &q) != ATTEST_OK) {
        promise(memcmp(&q, &zero, sizeof q) == 0);
        return 0;
    }
    promise(size <= TPM_QUOTE_MAX && q.pcr_mask != 0 && q.pcr_mask >> TPM_PCRS == 0);
    promise_inside(q.attest, in);
    promise_inside(q.extra_data, q.attest);
    promise_inside(q.qualified_signer, q.attest);
    promise_inside(q.pcr_digest, q.attest);
    promise_inside(q.signature, in);
    promise(q.extra_data.n <= TPM_EXTRA_DATA_MAX && q.signature.n == RSA_2048_LEN);
    for (unsigned i = 0; i < TPM_PCRS + 1; i++) {
        const struct view pcr = tpm_quote_pcr(&q, i);

        promise_inside(pcr, q.pcrs);
        n += pcr.n;
    }
    promise(n == q.pcrs.n);
    promise(tpm_quote_verify(&q, nobody) == ATTEST_QUOTE_KEY);
    return 0;
}
