#include "crypto/aead_gcm.h"

#include "base/secret.h"

#define WORDS 60 /* of the expanded key, FIPS 197 5.2: 4 (Nr + 1) */
#define NK 8     /* words of the key */
_Static_assert(sizeof((struct aes256_ctx){{0}}.keys) == WORDS * sizeof(uint32_t),
               "nettle holds the expanded key as FIPS 197 does");

/* a * b modulo x^8 + x^4 + x^3 + x + 1, FIPS 197 4.2, in each of the four bytes. */
static uint32_t mul4(uint32_t a, uint32_t b)
{
    uint32_t r = 0;

    for (int i = 0; i < 8; i++) {
        r ^= a & (((b >> i) & 0x01010101) * 0xff);
        a = ((a & 0x7f7f7f7f) << 1) ^ (((a >> 7) & 0x01010101) * 0x1b);
    }
    return r;
}

/* Each byte rotated left by n bits. */
static uint32_t rotate4(uint32_t a, unsigned n)
{
    const uint32_t low = 0x01010101 * ((1U << n) - 1);

    return ((a << n) & ~low) | ((a >> (8 - n)) & low);
}

/* S-boxes of four bytes, FIPS 197 5.1.1: the inverse, which is the 254th power, then the affine
 * map. Without a table, whose cache lines would tell the key. */
static uint32_t sub_word(uint32_t a)
{
    uint32_t power = a; /* a^(2^i) */
    uint32_t inverse = 0x01010101;

    for (int i = 1; i < 8; i++) {
        power = mul4(power, power);
        inverse = mul4(inverse, power);
    }
    return inverse ^ rotate4(inverse, 1) ^ rotate4(inverse, 2) ^ rotate4(inverse, 3) ^
           rotate4(inverse, 4) ^ 0x63636363;
}

/* KeyExpansion, FIPS 197 5.2; the first byte of a word is its lowest. */
static void expand(const uint8_t key[AEAD_GCM_KEY_LEN], uint32_t w[WORDS])
{
    uint32_t rcon = 1;

    for (size_t i = 0; i < NK; i++) {
        w[i] = (uint32_t)key[4 * i] | (uint32_t)key[4 * i + 1] << 8 |
               (uint32_t)key[4 * i + 2] << 16 | (uint32_t)key[4 * i + 3] << 24;
    }
    for (size_t i = NK; i < WORDS; i++) {
        uint32_t t = w[i - 1];

        if (i % NK == 0) {
            t = sub_word(t >> 8 | t << 24) ^ rcon;
            rcon <<= 1;
        } else if (i % NK == 4) {
            t = sub_word(t);
        }
        w[i] = w[i - NK] ^ t;
    }
}

/* For gcm_set_key(), which takes a cipher by pointer. */
static void encrypt(const void *ctx, size_t n, uint8_t *out, const uint8_t *in)
{
    aes256_encrypt(ctx, n, out, in);
}

void aead_gcm_init(struct aead_gcm_key *k, const uint8_t key[AEAD_GCM_KEY_LEN])
{
    expand(key, k->ctx.cipher.keys);
    gcm_set_key(&k->ctx.key, &k->ctx.cipher, encrypt);
}

static void start(struct aead_gcm_key *k, const uint8_t nonce[AEAD_GCM_NONCE_LEN],
                  struct view aad)
{
    gcm_aes256_set_iv(&k->ctx, AEAD_GCM_NONCE_LEN, nonce);
    gcm_aes256_update(&k->ctx, aad.n, aad.p);
}

void aead_gcm_seal(struct aead_gcm_key *k, const uint8_t nonce[AEAD_GCM_NONCE_LEN],
                   struct view aad, struct view plain, uint8_t *out)
{
    start(k, nonce, aad);
    gcm_aes256_encrypt(&k->ctx, plain.n, out, plain.p);
    gcm_aes256_digest(&k->ctx, AEAD_GCM_TAG_LEN, out + plain.n);
}

enum err aead_gcm_open(struct aead_gcm_key *k, const uint8_t nonce[AEAD_GCM_NONCE_LEN],
                       struct view aad, struct view sealed, uint8_t *plain)
{
    uint8_t tag[AEAD_GCM_TAG_LEN];
    uint32_t same;
    size_t n;

    if (sealed.n < AEAD_GCM_TAG_LEN) {
        return ERR_TRUNCATED;
    }
    n = sealed.n - AEAD_GCM_TAG_LEN;
    start(k, nonce, aad);
    gcm_aes256_decrypt(&k->ctx, n, plain, sealed.p);
    gcm_aes256_digest(&k->ctx, AEAD_GCM_TAG_LEN, tag);
    same = ct_equal(tag, sealed.p + n, AEAD_GCM_TAG_LEN);
    wipe(tag, sizeof tag);
    CT_PUBLIC(&same, sizeof same); /* that a record is genuine is no secret */
    if (!same) {
        wipe(plain, n);
        return ERR_SIGNATURE;
    }
    return ERR_OK;
}
