/* keccak_wide.h - what the *_avx2.c and *_avx512.c files give to the paths that are made of
 * them; nobody else uses it. */
#ifndef CRYPTO_KECCAK_KECCAK_WIDE_H
#define CRYPTO_KECCAK_KECCAK_WIDE_H

#include "crypto/keccak/keccak.h"

extern const struct keccak_path keccak_avx2_path, keccak_avx512_path;

void keccak_permute_avx2(struct keccak_state *s);

#endif
