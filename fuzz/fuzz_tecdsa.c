/* What a peer of threshold ECDSA sends. Byte 0 says what the rest is. */
#include "promise.h"

#include "crypto/tecdsa/tecdsa_keygen.h"

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

static void check_point(struct view in)
{
    uint8_t bytes[TECDSA_POINT_LONG];
    struct tecdsa_point a;

    if (in.n < sizeof bytes) {
        return;
    }
    if (tecdsa_point_decode(in.p, &a) == ERR_OK) {
        tecdsa_point_encode(&a, bytes);
        promise(memcmp(bytes, in.p, TECDSA_POINT_LEN) == 0);
        tecdsa_point_long_encode(&a, bytes); /* on the curve, both ways */
        promise(tecdsa_point_long_decode(bytes, &a) == ERR_OK);
    } else {
        promise(tecdsa_point_infinite(&a) != 0);
    }
    if (tecdsa_point_long_decode(in.p, &a) == ERR_OK) {
        tecdsa_point_long_encode(&a, bytes);
        promise(memcmp(bytes, in.p, TECDSA_POINT_LONG) == 0);
    } else {
        promise(tecdsa_point_infinite(&a) != 0);
    }
}

static void check_opening(struct view in)
{
    static const struct tecdsa_opening none;
    struct tecdsa_opening out;

    if (tecdsa_opening_decode(in, &out) == ERR_OK) {
        promise(in.n == sizeof out && memcmp(&out, in.p, in.n) == 0);
    } else {
        promise(memcmp(&out, &none, sizeof out) == 0);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static void (*const checks[])(struct view) = {check_scalar, check_point, check_opening};

    if (size > 0) {
        checks[data[0] % (sizeof checks / sizeof checks[0])]((struct view){data + 1, size - 1});
    }
    return 0;
}
