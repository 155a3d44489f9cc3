/* bench_tecdsa - threshold ECDSA over P-384 in one thread: scalars beside OpenSSL's BN. */
#include "../tests/tecdsa_kit.h"
#include "bench_kit.h"

#define ERR_STATE openssl_err_state
#include <openssl/bn.h>
#undef ERR_STATE

#define PRODUCTS 200000

static void bench_scalars(void)
{
    uint64_t number = 1;
    const struct tecdsa_scalar b = tecdsa_noise_scalar(&number);
    struct tecdsa_scalar a = tecdsa_noise_scalar(&number);
    struct tecdsa_factor factor;
    uint8_t bytes[TECDSA_SCALAR_LEN];
    uint8_t other[TECDSA_SCALAR_LEN];
    BN_CTX *bn = BN_CTX_new();
    BIGNUM *x;
    BIGNUM *y;
    BIGNUM *order = NULL;
    double ours;
    double theirs;

    tecdsa_scalar_encode(&a, bytes);
    x = BN_bin2bn(bytes, sizeof bytes, NULL);
    tecdsa_scalar_encode(&b, bytes);
    y = BN_bin2bn(bytes, sizeof bytes, NULL);
    if (bn == NULL || x == NULL || y == NULL ||
        BN_hex2bn(&order, "ffffffffffffffffffffffffffffffffffffffffffffffff"
                          "c7634d81f4372ddf581a0db248b0a77aecec196accc52973") == 0) {
        die("BN");
    }
    tecdsa_scalar_factor(&b, &factor);
    ours = cpu_s();
    for (int i = 0; i < PRODUCTS; i++) {
        tecdsa_scalar_times(&a, &factor, &a);
    }
    ours = cpu_s() - ours;
    theirs = cpu_s();
    for (int i = 0; i < PRODUCTS; i++) {
        if (BN_mod_mul(x, x, y, order, bn) != 1) {
            die("BN_mod_mul");
        }
    }
    theirs = cpu_s() - theirs;
    tecdsa_scalar_encode(&a, bytes);
    if (BN_bn2binpad(x, other, sizeof other) != (int)sizeof other ||
        memcmp(bytes, other, sizeof other) != 0) {
        die("two products differ");
    }
    printf("product mod n       %.3f us, BN_mod_mul %.3f us (%.1f times)\n",
           ours / PRODUCTS * 1e6, theirs / PRODUCTS * 1e6, theirs / ours);
    BN_free(x);
    BN_free(y);
    BN_free(order);
    BN_CTX_free(bn);
}

int main(void)
{
    bench_scalars();
    return 0;
}
