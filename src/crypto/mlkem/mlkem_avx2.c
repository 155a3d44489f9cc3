#include "crypto/keccak/keccak_wide.h"
#include "crypto/mlkem/mlkem_loops.h"
#include "crypto/mlkem/mlkem_wide.h"

const struct mlkem_path mlkem_avx2_path = {
    .name = "avx2",
    .keccak = &keccak_avx2_path,
    .ntt = mlkem_ntt_avx2,
    .ntt_inverse = mlkem_ntt_inverse_avx2,
    .hat_dot = mlkem_hat_dot_avx2,
    .hat_add = hat_add,
    .add = add,
    .sub_from = sub_from,
    .canonical = canonical,
    .compress = compress,
    .decompress = decompress,
    .encode = encode,
    .decode = decode,
    .cbd = cbd,
    .take_uniform = take_uniform,
};
