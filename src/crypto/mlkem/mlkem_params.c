#include "crypto/mlkem/mlkem_params.h"

const struct mlkem_params mlkem_512 = {
    .name = "ML-KEM-512",
    .k = 2,
    .eta1 = 3,
    .du = 10,
    .dv = 4,
    .ek_len = 800,
    .dk_len = 1632,
    .c_len = 768,
};

const struct mlkem_params mlkem_768 = {
    .name = "ML-KEM-768",
    .k = 3,
    .eta1 = 2,
    .du = 10,
    .dv = 4,
    .ek_len = 1184,
    .dk_len = 2400,
    .c_len = 1088,
};

const struct mlkem_params mlkem_1024 = {
    .name = "ML-KEM-1024",
    .k = 4,
    .eta1 = 2,
    .du = 11,
    .dv = 5,
    .ek_len = MLKEM_EK_MAX,
    .dk_len = MLKEM_DK_MAX,
    .c_len = MLKEM_C_MAX,
};
