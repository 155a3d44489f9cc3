#include "base/cpu.h"
#include "base/secret.h"
#include "crypto/aes_stream.h"

#include <immintrin.h>
#include <string.h>

#define ROUNDS 14
#define WIDE 8 /* blocks at once: as many as hide the time that one round takes */

struct round_keys {
    __m128i k[ROUNDS + 1];
};

/* Word i of the result is the sum of words 0 to i, and of mix, which is one word four times. */
ALWAYS_INLINE __m128i chain(__m128i words, __m128i mix)
{
    words = _mm_xor_si128(words, _mm_slli_si128(words, 4));
    words = _mm_xor_si128(words, _mm_slli_si128(words, 8));
    return _mm_xor_si128(words, mix);
}

/* RotWord, SubWord and the round constant come in the last word of the instruction's result,
 * SubWord alone in the last but one. */
#define EVEN(rk, i, constant) \
    (rk)->k[i] =              \
        chain((rk)->k[(i)-2], \
              _mm_shuffle_epi32(_mm_aeskeygenassist_si128((rk)->k[(i)-1], constant), 0xff))
#define ODD(rk, i)                     \
    (rk)->k[i] = chain((rk)->k[(i)-2], \
                       _mm_shuffle_epi32(_mm_aeskeygenassist_si128((rk)->k[(i)-1], 0), 0xaa))

/* KeyExpansion, FIPS 197 5.2. */
static void expand(const uint8_t key[AES_STREAM_KEY_LEN], struct round_keys *rk)
{
    rk->k[0] = _mm_loadu_si128((const void *)key);
    rk->k[1] = _mm_loadu_si128((const void *)(key + 16));
    EVEN(rk, 2, 0x01);
    ODD(rk, 3);
    EVEN(rk, 4, 0x02);
    ODD(rk, 5);
    EVEN(rk, 6, 0x04);
    ODD(rk, 7);
    EVEN(rk, 8, 0x08);
    ODD(rk, 9);
    EVEN(rk, 10, 0x10);
    ODD(rk, 11);
    EVEN(rk, 12, 0x20);
    ODD(rk, 13);
    EVEN(rk, 14, 0x40);
}

/* Blocks first to first + WIDE - 1. */
static void make_blocks(const struct round_keys *rk, uint16_t nonce, uint64_t first,
                        uint8_t out[WIDE * AES_STREAM_BLOCK])
{
    __m128i b[WIDE];

    UNROLLED
    for (unsigned i = 0; i < WIDE; i++) { /* the counter is big-endian */
        b[i] = _mm_xor_si128(
            _mm_set_epi64x((int64_t)__builtin_bswap64(first + i), (int64_t)nonce), rk->k[0]);
    }
    for (unsigned round = 1; round < ROUNDS; round++) {
        const __m128i k = rk->k[round];

        UNROLLED
        for (unsigned i = 0; i < WIDE; i++) {
            b[i] = _mm_aesenc_si128(b[i], k);
        }
    }
    UNROLLED
    for (unsigned i = 0; i < WIDE; i++) {
        _mm_storeu_si128((void *)(out + (size_t)AES_STREAM_BLOCK * i),
                         _mm_aesenclast_si128(b[i], rk->k[ROUNDS]));
    }
}

void aes_stream(const uint8_t key[AES_STREAM_KEY_LEN], uint16_t nonce, uint8_t *out,
                size_t blocks)
{
    uint8_t rest[WIDE * AES_STREAM_BLOCK];
    struct round_keys rk;
    size_t made = 0;

    expand(key, &rk);
    for (; made + WIDE <= blocks; made += WIDE) {
        make_blocks(&rk, nonce, made, out + AES_STREAM_BLOCK * made);
    }
    if (made < blocks) {
        make_blocks(&rk, nonce, made, rest);
        memcpy(out + AES_STREAM_BLOCK * made, rest, AES_STREAM_BLOCK * (blocks - made));
        wipe(rest, sizeof rest);
    }
    wipe(&rk, sizeof rk);
}
