#include "crypto/keccak/keccak_wide.h"
#include "crypto/keccak/keccak_x1.h"

void keccak_permute_avx2(struct keccak_state *s)
{
    keccak_x1(s);
}
