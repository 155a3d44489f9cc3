/* ed25519.h - Ed25519 (RFC 8032 5.1, pure) with nettle, on a work stack that is erased after
 * each use. */
#ifndef CRYPTO_ED25519_H
#define CRYPTO_ED25519_H

#include "crypto/work_stack.h"

#define ED25519_SEED_LEN 32
#define ED25519_PUBLIC_LEN 32
#define ED25519_SIG_LEN 64

/* Lives in memory that its owner has locked. */
struct ed25519_key {
    uint8_t seed[ED25519_SEED_LEN]; /* secret: RFC 8032's private key */
    uint8_t public_key[ED25519_PUBLIC_LEN];
};

/* The key of a seed: 32 fresh random bytes, or a known answer's. *out is zero on failure.
 * ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err ed25519_key_make(struct work_stack *w, const uint8_t seed[ED25519_SEED_LEN],
                                     struct ed25519_key *out);

/* Deterministic. Time depends on the message's length alone. sig is zero on failure.
 * ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err ed25519_sign(struct work_stack *w, const struct ed25519_key *k,
                                 struct view message, uint8_t sig[ED25519_SIG_LEN]);

/* Public inputs only. Without cofactor; S of L or more is refused, and so is an A that is no
 * point. w NULL: GMP allocates from the heap, which no core may do. ERR_SIGNATURE: not a
 * signature of message by public_key. ERR_NOSPACE: the GMP arena. */
MUST_CHECK enum err ed25519_verify(struct work_stack *w,
                                   const uint8_t public_key[ED25519_PUBLIC_LEN],
                                   struct view message, const uint8_t sig[ED25519_SIG_LEN]);

#endif
