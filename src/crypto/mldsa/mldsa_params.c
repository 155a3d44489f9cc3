#include "crypto/mldsa/mldsa_params.h"

#define GAMMA2_88 ((MLDSA_Q - 1) / 88)
#define GAMMA2_32 ((MLDSA_Q - 1) / 32)

const struct mldsa_params mldsa_44 = {
    .name = "ML-DSA-44",
    .k = 4,
    .l = 4,
    .eta = 2,
    .tau = 39,
    .omega = 80,
    .beta = 78,
    .gamma1 = 1 << 17,
    .gamma2 = GAMMA2_88,
    .c_tilde_len = 32,
    .eta_len = 96,
    .z_len = 576,
    .w1_len = 192,
    .pk_len = 1312,
    .sk_len = 2560,
    .sig_len = 2420,
};

const struct mldsa_params mldsa_65 = {
    .name = "ML-DSA-65",
    .k = 6,
    .l = 5,
    .eta = 4,
    .tau = 49,
    .omega = 55,
    .beta = 196,
    .gamma1 = 1 << 19,
    .gamma2 = GAMMA2_32,
    .c_tilde_len = 48,
    .eta_len = 128,
    .z_len = 640,
    .w1_len = 128,
    .pk_len = 1952,
    .sk_len = 4032,
    .sig_len = 3309,
};

const struct mldsa_params mldsa_87 = {
    .name = "ML-DSA-87",
    .k = 8,
    .l = 7,
    .eta = 2,
    .tau = 60,
    .omega = 75,
    .beta = 120,
    .gamma1 = 1 << 19,
    .gamma2 = GAMMA2_32,
    .c_tilde_len = 64,
    .eta_len = 96,
    .z_len = 640,
    .w1_len = 128,
    .pk_len = MLDSA_PK_MAX,
    .sk_len = MLDSA_SK_MAX,
    .sig_len = MLDSA_SIG_MAX,
};
