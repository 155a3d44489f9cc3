/* Repairs of both keys' shares: shares, splits and sums are secret. */
#include "../tecdsa_repair_kit.h"
#include "../tmldsa_kit.h"

#include "crypto/tmldsa/tmldsa_repair.h"

static int check_ecdsa(void)
{
    static struct repair_world w;

    w.kit = tecdsa_kit_new(4, 1);
    if (repair_run(&w, 7, 3) != ERR_OK) {
        return 1;
    }
    CT_PUBLIC(&w.share.x, sizeof w.share.x);
    CT_PUBLIC(&w.kit->share[3].x, sizeof w.kit->share[3].x);
    return tecdsa_scalar_equal(&w.share.x, &w.kit->share[3].x) != 0 ? 0 : 2;
}

static int check_mldsa(void)
{
    static struct tmldsa_repair repair;
    static struct tmldsa_share share;
    static uint8_t bytes[TMLDSA_HELD_MAX * (1 + TMLDSA_SIGMA_LEN)];
    const uint8_t seed[32] = {1};
    struct tmldsa_kit *kit =
        tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(&mldsa_44, 2, 3), 1, seed);
    const struct tmldsa_repair_public known = {&kit->matrix, kit->t};
    enum err e = tmldsa_repair_begin(&repair, kit->path, kit->params, 2);

    for (unsigned h = 0; h < 2 && e == ERR_OK; h++) {
        struct writer out = wr_init(bytes, sizeof bytes);
        struct view message = {NULL, 0};

        for (unsigned i = 0; i < kit->share[h].held.n; i++) {
            CT_SECRET(kit->share[h].sigma[i], TMLDSA_SIGMA_LEN);
        }
        e = tmldsa_repair_give(&kit->share[h], 2, &out);
        e = e == ERR_OK ? wr_finish(&out, &message) : e;
        e = e == ERR_OK ? tmldsa_repair_take(&repair, h, message, &known, &kit->keygen_scratch)
                        : e;
    }
    e = e == ERR_OK ? tmldsa_repair_finish(&repair, &kit->share_scratch, &share) : e;
    tmldsa_kit_free(kit);
    return e == ERR_OK ? 0 : 4;
}

int main(void)
{
    const int result = check_ecdsa();

    return result != 0 ? result : check_mldsa();
}
