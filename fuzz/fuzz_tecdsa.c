/* What a peer of threshold ECDSA sends. Byte 0 says what the rest is. */
#include "promise.h"

#include "crypto/tecdsa/tecdsa_scalar.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* What is taken is what its encoding says; what is not leaves zero. */
static void check_scalar(struct view in)
{
    uint8_t bytes[TECDSA_SCALAR_LEN];
    struct tecdsa_scalar a;

    if (in.n < sizeof bytes) {
        return;
    }
    if (tecdsa_scalar_decode(in.p, &a) == ERR_OK) {
        tecdsa_scalar_encode(&a, bytes);
        promise(memcmp(bytes, in.p, sizeof bytes) == 0);
    } else {
        promise(tecdsa_scalar_zero(&a) != 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size > 0) {
        check_scalar((struct view){data + 1, size - 1});
    }
    return 0;
}
