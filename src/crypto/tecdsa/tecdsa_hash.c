#include "crypto/tecdsa/tecdsa_hash.h"

#include "base/secret.h"
#include "crypto/keccak/sponge_x4.h"

#include <assert.h>
#include <string.h>

static const char protocol[] = "TECDSA384-v1"; /* with its zero */

static void le(uint64_t number, uint8_t *out, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        out[i] = (uint8_t)(number >> (8 * i));
    }
}

void tecdsa_hash_start(struct tecdsa_hash *h, const char *tag)
{
    sponge_init(&h->sponge, keccak_best(), SPONGE_SHAKE256);
    sponge_absorb(&h->sponge, protocol, sizeof protocol);
    sponge_absorb(&h->sponge, tag, strlen(tag) + 1);
}

void tecdsa_hash_length(struct tecdsa_hash *h, size_t n)
{
    uint8_t length[4];

    le(n, length, sizeof length);
    sponge_absorb(&h->sponge, length, sizeof length);
}

void tecdsa_hash_bytes(struct tecdsa_hash *h, const void *p, size_t n)
{
    sponge_absorb(&h->sponge, p, n);
}

void tecdsa_hash_field(struct tecdsa_hash *h, const void *p, size_t n)
{
    tecdsa_hash_length(h, n);
    tecdsa_hash_bytes(h, p, n);
}

void tecdsa_hash_number(struct tecdsa_hash *h, uint64_t number, size_t bytes)
{
    uint8_t field[8];

    assert(bytes <= sizeof field);
    le(number, field, bytes);
    tecdsa_hash_field(h, field, bytes);
}

void tecdsa_hash_finish(struct tecdsa_hash *h, void *out, size_t n)
{
    sponge_squeeze(&h->sponge, out, n);
    wipe(h, sizeof *h);
}

void tecdsa_hash_scalar(struct tecdsa_hash *h, struct tecdsa_scalar *out)
{
    uint8_t wide[TECDSA_WIDE_LEN];

    tecdsa_hash_finish(h, wide, sizeof wide);
    tecdsa_scalar_reduce(wide, out);
    wipe(wide, sizeof wide);
}

static void append(struct tecdsa_hash_head *h, const void *p, size_t n)
{
    assert(n <= sizeof h->bytes - h->n);
    memcpy(h->bytes + h->n, p, n);
    h->n += n;
}

void tecdsa_hash_head_start(struct tecdsa_hash_head *h, const char *tag)
{
    h->n = 0;
    append(h, protocol, sizeof protocol);
    append(h, tag, strlen(tag) + 1);
}

void tecdsa_hash_head_field(struct tecdsa_hash_head *h, const void *p, size_t n)
{
    uint8_t length[4];

    le(n, length, sizeof length);
    append(h, length, sizeof length);
    append(h, p, n);
}

void tecdsa_hash_x4(const struct tecdsa_hash_head *h, const uint8_t *const last[4],
                    size_t last_n, uint8_t *const out[4], size_t n)
{
    struct tecdsa_hash_head in[4];
    uint8_t block[4][SHAKE256_RATE];
    struct sponge_x4 s;

    for (int i = 0; i < 4; i++) {
        memcpy(in[i].bytes, h->bytes, h->n);
        in[i].n = h->n;
        tecdsa_hash_head_field(&in[i], last[i], last_n);
    }
    sponge_x4_start(
        &s, keccak_best(), SPONGE_SHAKE256,
        (const uint8_t *const[4]){in[0].bytes, in[1].bytes, in[2].bytes, in[3].bytes}, in[0].n);
    for (size_t at = 0; at < n; at += SHAKE256_RATE) {
        const size_t part = n - at < SHAKE256_RATE ? n - at : SHAKE256_RATE;

        sponge_x4_squeeze(&s, (uint8_t *const[4]){block[0], block[1], block[2], block[3]});
        for (int i = 0; i < 4; i++) {
            memcpy(out[i] + at, block[i], part);
        }
    }
    wipe(in, sizeof in);
    wipe(block, sizeof block);
    wipe(&s, sizeof s);
}
