#include "base/secret.h"
#include "crypto/drbg.h"

#include <string.h>

/* The seed, and all that comes out, is secret; every function runs on it. */
int main(void)
{
    const struct view none = {NULL, 0};
    uint8_t seed[DRBG_SEED_LEN];
    uint8_t out[100];
    uint8_t sum = 0;
    struct drbg d;

    memset(seed, 7, sizeof seed);
    CT_SECRET(seed, sizeof seed);
    drbg_init(&d, (struct view){seed, sizeof seed}, none);
    if (drbg_generate(&d, none, out, sizeof out) != ERR_OK) {
        return 1;
    }
    drbg_reseed(&d, (struct view){seed, sizeof seed});
    if (drbg_generate(&d, (struct view){out, sizeof out}, out, sizeof out) != ERR_OK) {
        return 1;
    }
    drbg_wipe(&d);
    for (size_t i = 0; i < sizeof d.k; i++) {
        sum |= d.k[i] | d.v[i];
    }
    return sum == 0 ? 0 : 1;
}
