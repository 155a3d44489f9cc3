#include "crypto/keccak/keccak_wide.h"
#include "crypto/mldsa/mldsa_loops.h"
#include "crypto/mldsa/mldsa_wide.h"

const struct mldsa_path mldsa_avx2_path = {
    .name = "avx2",
    .keccak = &keccak_avx2_path,
    .ntt = mldsa_ntt_avx2,
    .ntt_inverse = mldsa_ntt_inverse_avx2,
    .hat_order = mldsa_hat_order_avx2,
    .hat_dot = mldsa_hat_dot_avx2,
    .add_small = add_small,
    .sub_small = sub_small,
    .norm_reaches = norm_reaches,
    .decompose = decompose,
    .use_hint = use_hint,
    .w1_encode = mldsa_w1_encode_avx2,
    .gamma1_unpack = mldsa_gamma1_unpack_avx2,
    .take_uniform = mldsa_take_uniform_avx2,
};
