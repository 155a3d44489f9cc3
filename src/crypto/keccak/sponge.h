/* sponge.h - SHA-3 and SHAKE as sponges over a chosen Keccak path, FIPS 202 4 and 6. Unlike
 * hash.h, which is for whole messages and goes through nettle, a sponge may be squeezed in
 * pieces. */
#ifndef CRYPTO_KECCAK_SPONGE_H
#define CRYPTO_KECCAK_SPONGE_H

#include "base/bytes.h"
#include "crypto/keccak/keccak.h"

#define SHAKE128_RATE 168 /* bytes between two permutations */
#define SHAKE256_RATE 136

enum sponge_kind {
    SPONGE_SHA3_256,
    SPONGE_SHA3_384,
    SPONGE_SHA3_512,
    SPONGE_SHAKE128,
    SPONGE_SHAKE256,
};

/* May hold a secret: the owner wipes it. */
struct sponge {
    struct keccak_state a;
    const struct keccak_path *path;
    unsigned rate;  /* bytes */
    unsigned at;    /* bytes of the current block absorbed, or squeezed */
    uint8_t suffix; /* domain bits and the first 1 of pad10*1 */
    bool squeezing;
};

void sponge_init(struct sponge *s, const struct keccak_path *path, enum sponge_kind kind);

/* Only before the first squeeze. p may be NULL if n == 0. */
void sponge_absorb(struct sponge *s, const void *p, size_t n);

/* The next n bytes of output. Of SHA-3 only the digest's length is meaningful. */
void sponge_squeeze(struct sponge *s, void *out, size_t n);

#endif
