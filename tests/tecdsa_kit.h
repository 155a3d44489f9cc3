/* tecdsa_kit.h - a stream of bytes for the tests of threshold ECDSA, and OpenSSL's opinion of
 * scalars. */
#ifndef TESTS_TECDSA_KIT_H
#define TESTS_TECDSA_KIT_H

#include "crypto/hash.h"
#include "crypto/tecdsa/tecdsa_scalar.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The same bytes for the same number; the number goes on. */
static inline void tecdsa_noise(uint64_t *number, void *out, size_t n)
{
    struct shake256 s;

    shake256_init(&s);
    shake256_update(&s, number, sizeof *number);
    shake256_final(&s, out, n);
    (*number)++;
}

static inline struct tecdsa_scalar tecdsa_noise_scalar(uint64_t *number)
{
    uint8_t wide[TECDSA_WIDE_LEN];
    struct tecdsa_scalar a;

    tecdsa_noise(number, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, &a);
    return a;
}

#endif
