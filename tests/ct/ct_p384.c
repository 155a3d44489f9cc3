#include "base/secret.h"
#include "crypto/p384.h"
#include "crypto/p384_internal.h"

#include <stdlib.h>
#include <string.h>

/* The seed, and so the DRBG and every nonce, and d are secret. The public key, the signature
 * and whether a scalar was refused are known: p384.c says so itself. */
static int check(struct p384_signer *s)
{
    uint8_t digest[P384_DIGEST_LEN] = {1, 2, 3};
    uint8_t d[P384_SCALAR_LEN];
    uint8_t sig[P384_SIG_LEN];
    struct p384_key key;

    memset(d, 0x5a, sizeof d);
    CT_SECRET(d, sizeof d);
    if (p384_key_from_scalar(s, d, &key) != ERR_OK) {
        return 2;
    }
    for (int i = 0; i < 20; i++) {
        if (p384_sign(s, &key, digest, sig) != ERR_OK ||
            p384_verify(key.public_key, digest, sig) != ERR_OK) {
            return 3;
        }
        digest[0]++;
    }
    if (p384_sign_with_nonce(s, &key, digest, d, sig) != ERR_OK) {
        return 4;
    }
    if (p384_key_generate(s, &key) != ERR_OK || p384_sign(s, &key, digest, sig) != ERR_OK ||
        p384_verify(key.public_key, digest, sig) != ERR_OK) {
        return 5;
    }
    p384_signer_reseed(s, (struct view){d, sizeof d});
    return p384_sign(s, &key, digest, sig) == ERR_OK ? 0 : 6;
}

int main(void)
{
    uint8_t seed[DRBG_SEED_LEN];
    void *memory = aligned_alloc(4096, p384_signer_size());
    struct p384_signer *s;
    int result = 1;

    memset(seed, 9, sizeof seed);
    CT_SECRET(seed, sizeof seed);
    if (memory && p384_signer_init(memory, seed, &s) == ERR_OK) {
        result = check(s);
        p384_signer_wipe(s);
    }
    free(memory);
    return result;
}
