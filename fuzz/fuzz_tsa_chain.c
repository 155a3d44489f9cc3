#include "host/chain/tsa_chain.h"

#include <stdlib.h>

#define NOW_S 1800000000 /* 2027-01-15 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void try_key(struct view pem, enum core_key key)
{
    static struct tsa_chain chain;
    static struct tsa_chain again;
    char why[TSA_CHAIN_WHY_MAX];
    const enum err e = tsa_chain_parse(pem, key, NOW_S, &chain, why);

    if (e != ERR_OK) {
        if (chain.n != 0 || chain.pem_chain.n != 0 || why[0] == '\0') {
            abort();
        }
        return;
    }
    /* What it promises of an accepted chain; what it wrote is such a chain again. */
    if (chain.n == 0 || chain.activation.key != key ||
        chain.public_key.n != (key == KEY_PQ ? 1952 : P384_PUBLIC_LEN) ||
        chain.activation.serial.n == 0 || chain.activation.serial.n > CERT_SERIAL_MAX ||
        chain.activation.issuer.n == 0 || chain.activation.issuer.n > CERT_ISSUER_MAX ||
        NOW_S < chain.not_before_s || NOW_S > chain.not_after_s ||
        tsa_chain_parse(chain.pem_chain, key, NOW_S, &again, why) != ERR_OK ||
        !view_equal(chain.pem_chain, again.pem_chain)) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    try_key((struct view){data, size}, KEY_CLASSIC);
    try_key((struct view){data, size}, KEY_PQ);
    return 0;
}
