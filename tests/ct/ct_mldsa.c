#include "base/secret.h"
#include "crypto/mldsa/mldsa.h"

#include <string.h>

static struct mldsa_private_key key;
static struct mldsa_public_key public_key;
static struct mldsa_key_scratch key_scratch;
static struct mldsa_sign_scratch sign_scratch;
static struct mldsa_verify_scratch verify_scratch;
static uint8_t pk[MLDSA_PK_MAX];
static uint8_t sk[MLDSA_SK_MAX];
static uint8_t sig[MLDSA_SIG_MAX];

/* Several signatures, so that each check gives up an attempt some time. */
static int sign_some(const struct mldsa_params *params, const struct mldsa_path *path)
{
    const struct view message = {(const uint8_t *)"m", 1};
    const struct view ctx = {NULL, 0};
    uint8_t rnd[MLDSA_SEED_LEN] = {0};

    if (mldsa_public_key_parse(path, params, (struct view){pk, params->pk_len}, &key_scratch,
                               &public_key) != ERR_OK) {
        return 1;
    }
    for (uint8_t n = 0; n < 8; n++) {
        rnd[0] = n;
        CT_SECRET(rnd, sizeof rnd);
        if (mldsa_sign(&key, ctx, message, rnd, &sign_scratch, sig) != ERR_OK ||
            mldsa_verify(&public_key, ctx, message, (struct view){sig, params->sig_len},
                         &verify_scratch) != ERR_OK) {
            return 2;
        }
        memset(rnd, 0, sizeof rnd);
    }
    return 0;
}

/* xi is secret, and so is all that comes of it but what mldsa_key.c, mldsa_sample.c and
 * mldsa_sign.c themselves call public: the public key, the nibbles that are refused, the
 * challenge of each attempt and which check gave it up, and the signature. */
static int check(const struct mldsa_params *params, const struct mldsa_path *path)
{
    uint8_t xi[MLDSA_SEED_LEN] = {7};

    CT_SECRET(xi, sizeof xi);
    mldsa_keygen(path, params, xi, &key_scratch, &key, pk, sk);
    if (sign_some(params, path) != 0) {
        return 1;
    }
    wipe(&key, sizeof key);
    CT_SECRET(sk, params->sk_len);
    if (mldsa_private_key_parse(path, params, (struct view){sk, params->sk_len}, &key_scratch,
                                &key) != ERR_OK) {
        return 2;
    }
    return sign_some(params, path);
}

int main(void)
{
    const struct mldsa_params *const sets[] = {&mldsa_44, &mldsa_65, &mldsa_87};
    const struct mldsa_path *const paths[] = {&mldsa_portable, mldsa_avx2()};

    for (int p = 0; p < 2; p++) {
        for (int s = 0; s < 3 && paths[p] != NULL; s++) {
            if (check(sets[s], paths[p]) != 0) {
                return 1;
            }
        }
    }
    return 0;
}
