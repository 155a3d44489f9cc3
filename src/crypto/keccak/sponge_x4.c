#include "crypto/keccak/sponge_x4.h"

#include <assert.h>
#include <string.h>

/* XORs n bytes of each input, from at on, into the states. */
static void mix(struct sponge_x4 *s, const uint8_t *const in[4], size_t at, size_t n)
{
    for (size_t i = 0; i < (n + 7) / 8; i++) {
        const size_t part = n - 8 * i < 8 ? n - 8 * i : 8;

        for (int j = 0; j < 4; j++) {
            uint64_t lane = 0;

            memcpy(&lane, in[j] + at + 8 * i, part);
            s->a.lane[i][j] ^= lane;
        }
    }
}

void sponge_x4_start(struct sponge_x4 *s, const struct keccak_path *path, enum sponge_kind kind,
                     const uint8_t *const in[4], size_t n)
{
    struct sponge one;
    size_t at = 0;

    assert(kind == SPONGE_SHAKE128 || kind == SPONGE_SHAKE256);
    sponge_init(&one, path, kind);
    s->path = path;
    s->rate = one.rate;
    memset(&s->a, 0, sizeof s->a);
    for (; n >= s->rate; n -= s->rate, at += s->rate) {
        mix(s, in, at, s->rate);
        path->permute_x4(&s->a);
    }
    mix(s, in, at, n);
    for (int j = 0; j < 4; j++) { /* pad10*1 after the suffix, FIPS 202 B.2 */
        s->a.lane[n / 8][j] ^= (uint64_t)one.suffix << (8 * (n % 8));
        s->a.lane[s->rate / 8 - 1][j] ^= (uint64_t)1 << 63;
    }
}

void sponge_x4_squeeze(struct sponge_x4 *s, uint8_t *const out[4])
{
    s->path->permute_x4(&s->a);
    for (int j = 0; j < 4; j++) {
        for (size_t i = 0; i < s->rate / 8; i++) {
            memcpy(out[j] + 8 * i, &s->a.lane[i][j], 8);
        }
    }
}

void sponge_x4_start_rows(struct sponge_x4 *s, const struct keccak_path *path,
                          enum sponge_kind kind, const uint8_t *rows, size_t row, size_t n)
{
    const uint8_t *const in[4] = {rows, rows + row, rows + 2 * row, rows + 3 * row};

    sponge_x4_start(s, path, kind, in, n);
}

void sponge_x4_squeeze_rows(struct sponge_x4 *s, uint8_t *rows, size_t row, unsigned count)
{
    for (unsigned i = 0; i < count; i++, rows += s->rate) {
        sponge_x4_squeeze(
            s, (uint8_t *const[4]){rows, rows + row, rows + 2 * row, rows + 3 * row});
    }
}
