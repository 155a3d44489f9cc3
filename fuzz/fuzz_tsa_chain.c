#include "host/front/tsa_chain.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is accepted keeps the promises of its header; what is refused leaves nothing. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct tsa_chain c;
    static const struct tsa_chain zero;
    char why[TSA_CHAIN_WHY_MAX];

    if (tsa_chain_parse((struct view){data, size}, INT64_C(1800000000), &c, why) != ERR_OK) {
        if (why[0] == '\0' || memcmp(&c, &zero, sizeof c) != 0) {
            abort();
        }
        return 0;
    }
    if (c.n == 0 || c.n > TSA_CHAIN_CERTS_MAX || c.public_key[0] != 4 ||
        c.activation.serial.n == 0 || c.activation.serial.n > CERT_SERIAL_MAX ||
        c.activation.issuer.n == 0 || c.activation.issuer.n > CERT_ISSUER_MAX ||
        c.certificates.n == 0 || c.not_before_s > c.not_after_s) {
        abort();
    }
    return 0;
}
