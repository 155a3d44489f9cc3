#include "crypto/keccak/sponge.h"

#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "lanes are read as bytes in place");

void sponge_init(struct sponge *s, const struct keccak_path *path, enum sponge_kind kind)
{
    /* The rate is 200 bytes less the capacity, FIPS 202 6.1 and 6.2. Suffix: SHA-3 appends 01,
     * SHAKE 1111, each then the first bit of pad10*1 (B.2). */
    static const struct {
        uint8_t rate;
        uint8_t suffix;
    } kinds[] = {
        [SPONGE_SHA3_256] = {136, 0x06},
        [SPONGE_SHA3_384] = {104, 0x06},
        [SPONGE_SHA3_512] = {72, 0x06},
        [SPONGE_SHAKE128] = {SHAKE128_RATE, 0x1f},
        [SPONGE_SHAKE256] = {SHAKE256_RATE, 0x1f},
    };

    memset(&s->a, 0, sizeof s->a);
    s->path = path;
    s->rate = kinds[kind].rate;
    s->suffix = kinds[kind].suffix;
    s->at = 0;
    s->squeezing = false;
}

/* XORs n bytes into the state at byte at. */
static void mix(struct keccak_state *a, unsigned at, const uint8_t *p, size_t n)
{
    uint8_t *bytes = (uint8_t *)a->lane;

    for (size_t i = 0; i < n; i++) {
        bytes[at + i] ^= p[i];
    }
}

/* XORs one whole block into the state. */
static void mix_block(struct keccak_state *a, const uint8_t *p, unsigned rate)
{
    for (unsigned i = 0; i < rate / 8; i++) {
        uint64_t lane;

        memcpy(&lane, p + 8 * (size_t)i, 8);
        a->lane[i] ^= lane;
    }
}

void sponge_absorb(struct sponge *s, const void *p, size_t n)
{
    const uint8_t *in = p;

    assert(!s->squeezing);
    while (n > 0) {
        size_t part = s->rate - s->at;

        if (part > n) {
            part = n;
        }
        if (part == s->rate) {
            mix_block(&s->a, in, s->rate);
        } else {
            mix(&s->a, s->at, in, part);
        }
        s->at += (unsigned)part;
        in += part;
        n -= part;
        if (s->at == s->rate) {
            s->path->permute(&s->a);
            s->at = 0;
        }
    }
}

static void pad(struct sponge *s)
{
    const uint8_t last = 0x80;

    mix(&s->a, s->at, &s->suffix, 1);
    mix(&s->a, s->rate - 1, &last, 1);
    s->squeezing = true;
    s->at = s->rate;
}

void sponge_squeeze(struct sponge *s, void *out, size_t n)
{
    uint8_t *to = out;

    if (!s->squeezing) {
        pad(s);
    }
    while (n > 0) {
        size_t part;

        if (s->at == s->rate) {
            s->path->permute(&s->a);
            s->at = 0;
        }
        part = s->rate - s->at;
        if (part > n) {
            part = n;
        }
        memcpy(to, (const uint8_t *)s->a.lane + s->at, part);
        s->at += (unsigned)part;
        to += part;
        n -= part;
    }
}
