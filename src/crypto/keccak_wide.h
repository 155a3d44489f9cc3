/* keccak_wide.h - what the *_avx2.c files give to keccak.c; nobody else calls it. */
#ifndef CRYPTO_KECCAK_WIDE_H
#define CRYPTO_KECCAK_WIDE_H

#include "crypto/keccak.h"

void keccak_permute_avx2(struct keccak_state *s);
void keccak_permute_x4_avx2(struct keccak_state_x4 *s);

#endif
