/* sponge_x4.h - four SHAKE streams at once, from four inputs of one length. */
#ifndef CRYPTO_KECCAK_SPONGE_X4_H
#define CRYPTO_KECCAK_SPONGE_X4_H

#include "crypto/keccak/sponge.h"

/* May hold secrets: the owner wipes it. */
struct sponge_x4 {
    struct keccak_state_x4 a;
    const struct keccak_path *path;
    unsigned rate; /* bytes */
};

/* Starts four streams. in[i] is n bytes each. kind is a SHAKE. */
void sponge_x4_start(struct sponge_x4 *s, const struct keccak_path *path, enum sponge_kind kind,
                     const uint8_t *const in[4], size_t n);

/* The next block of each stream: rate bytes to each out[i]. */
void sponge_x4_squeeze(struct sponge_x4 *s, uint8_t *const out[4]);

/* The same where the four inputs are rows of a table: the first n bytes of rows that stand row
 * bytes apart. */
void sponge_x4_start_rows(struct sponge_x4 *s, const struct keccak_path *path,
                          enum sponge_kind kind, const uint8_t *rows, size_t row, size_t n);

/* The next count blocks of each stream, to the front of its row. */
void sponge_x4_squeeze_rows(struct sponge_x4 *s, uint8_t *rows, size_t row, unsigned count);

#endif
