#include "base/secret.h"
#include "crypto/mlkem/mlkem.h"

static struct mlkem_decaps_key decaps;
static struct mlkem_encaps_key encaps;
static struct mlkem_key_scratch key_scratch;
static struct mlkem_scratch scratch;
static struct mlkem_shared_key here, there;
static uint8_t ek[MLKEM_EK_MAX], dk[MLKEM_DK_MAX], c[MLKEM_C_MAX];

/* Whether two keys are equal, which is then no secret. */
static bool agree(void)
{
    uint32_t same = ct_equal(here.k, there.k, sizeof here.k);

    CT_PUBLIC(&same, sizeof same);
    return same != 0;
}

/* A ciphertext that is genuine, and one that is not: the two take the same way. */
static int decapsulate(const struct mlkem_params *params)
{
    const struct view c_view = {c, params->c_len};

    if (mlkem_decaps(&decaps, c_view, &scratch, &there) != ERR_OK || !agree()) {
        return 1;
    }
    c[5] ^= 1;
    if (mlkem_decaps(&decaps, c_view, &scratch, &there) != ERR_OK || agree()) {
        return 2;
    }
    c[5] ^= 1;
    return 0;
}

/* d, z and m are secret, and so is all that comes of them but what mlkem_key.c and mlkem.c
 * themselves call public: rho, ek, c, and that a decapsulation key is none. */
static int check(const struct mlkem_params *params, const struct mlkem_path *path)
{
    struct mlkem_seed seed = {{7}, {8}};
    struct mlkem_message m = {{9}};

    CT_SECRET(&seed, sizeof seed);
    CT_SECRET(&m, sizeof m);
    mlkem_keygen(path, params, &seed, &key_scratch, &decaps, ek);
    if (mlkem_encaps_key_parse(path, params, (struct view){ek, params->ek_len}, &key_scratch,
                               &encaps) != ERR_OK) {
        return 1;
    }
    mlkem_encaps(&encaps, &m, &scratch, c, &here);
    if (decapsulate(params) != 0) {
        return 2;
    }
    mlkem_decaps_key_encode(&decaps, dk);
    wipe(&decaps, sizeof decaps);
    CT_SECRET(dk, params->dk_len);
    if (mlkem_decaps_key_parse(path, params, (struct view){dk, params->dk_len}, &key_scratch,
                               &decaps) != ERR_OK) {
        return 3;
    }
    return decapsulate(params);
}

int main(void)
{
    const struct mlkem_params *const sets[] = {&mlkem_512, &mlkem_768, &mlkem_1024};
    const struct mlkem_path *const paths[] = {&mlkem_portable, mlkem_avx2()};

    for (int p = 0; p < 2; p++) {
        for (int s = 0; s < 3 && paths[p] != NULL; s++) {
            if (check(sets[s], paths[p]) != 0) {
                return 1;
            }
        }
    }
    return 0;
}
