#include "host/authority/certified.h"

#include <stdlib.h>

#define NOW_S 1795000000 /* 2026-11-18 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first 97 bytes are the core's key, the rest is what the certify command wrote. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static struct certified chain;
    static struct certified again;
    const char *why = NULL;

    if (size < P384_PUBLIC_LEN) {
        return 0;
    }
    const struct view pem = {data + P384_PUBLIC_LEN, size - P384_PUBLIC_LEN};
    const enum err e = certified_parse(pem, data, NOW_S, &chain, &why);

    if (why == NULL || (e != ERR_OK && (chain.pem_len != 0 || why[0] == '\0'))) {
        abort();
    }
    if (e != ERR_OK) {
        return 0;
    }
    /* What it promises of an accepted chain; what it wrote is such a chain again. */
    if (chain.serial_len == 0 || chain.serial_len > CERT_SERIAL_MAX || chain.issuer_len == 0 ||
        certified_parse((struct view){chain.pem, chain.pem_len}, data, NOW_S, &again, &why) !=
            ERR_OK) {
        abort();
    }
    return 0;
}
