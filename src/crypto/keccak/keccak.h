/* keccak.h - the permutation Keccak-f[1600] of FIPS 202 3, alone and on four states at once. */
#ifndef CRYPTO_KECCAK_KECCAK_H
#define CRYPTO_KECCAK_KECCAK_H

#include <stdalign.h>
#include <stdint.h>

#define KECCAK_LANES 25

/* Lane x + 5y, FIPS 202 3.1.2, read as a little-endian integer. */
struct keccak_state {
    uint64_t lane[KECCAK_LANES];
};

/* Four states side by side: lane[i][n] is lane i of state n. */
struct keccak_state_x4 {
    alignas(32) uint64_t lane[KECCAK_LANES][4];
};

/* One way to compute it. All ways give the same result; none has a branch or an index that
 * depends on the state. */
struct keccak_path {
    const char *name; /* "portable", "avx2", "avx512" */
    void (*permute)(struct keccak_state *s);
    void (*permute_x4)(struct keccak_state_x4 *s);
};

extern const struct keccak_path keccak_portable;

/* The ones with AVX2 and with AVX-512. NULL: this processor or this build has none. */
const struct keccak_path *keccak_avx2(void);
const struct keccak_path *keccak_avx512(void);

/* The fastest one here. */
const struct keccak_path *keccak_best(void);

#endif
