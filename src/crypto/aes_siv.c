#include "crypto/aes_siv.h"

#include "base/secret.h"

#include <nettle/ctr.h>
#include <string.h>

#define BLOCK 16
_Static_assert(AES_SIV_TAG_LEN == BLOCK && CMAC128_DIGEST_SIZE == BLOCK, "one block");

void aes_siv_init(struct aes_siv_key *k, const uint8_t key[AES_SIV_KEY_LEN])
{
    cmac_aes128_set_key(&k->mac, key);
    aes128_set_encrypt_key(&k->ctr, key + AES_SIV_KEY_LEN / 2);
}

/* Times x in GF(2^128), RFC 5297 2.3. */
static void dbl(uint8_t d[BLOCK])
{
    const uint8_t carry = d[0] >> 7;

    for (size_t i = 0; i < BLOCK - 1; i++) {
        d[i] = (uint8_t)(d[i] << 1 | d[i + 1] >> 7);
    }
    d[BLOCK - 1] = (uint8_t)(d[BLOCK - 1] << 1 ^ carry * 0x87);
}

static void xor_block(uint8_t d[BLOCK], const uint8_t a[BLOCK])
{
    for (size_t i = 0; i < BLOCK; i++) {
        d[i] ^= a[i];
    }
}

static void cmac(struct aes_siv_key *k, struct view v, uint8_t out[BLOCK])
{
    cmac_aes128_update(&k->mac, v.n, v.p);
    cmac_aes128_digest(&k->mac, BLOCK, out);
}

/* S2V, RFC 5297 2.4; at least one string is always given, the plaintext. */
static void s2v(struct aes_siv_key *k, const struct view *strings, size_t n, struct view plain,
                uint8_t v[BLOCK])
{
    static const uint8_t zero[BLOCK];
    uint8_t d[BLOCK];
    uint8_t t[BLOCK];

    cmac(k, (struct view){zero, sizeof zero}, d);
    for (size_t i = 0; i < n; i++) {
        dbl(d);
        cmac(k, strings[i], t);
        xor_block(d, t);
    }
    if (plain.n >= BLOCK) { /* T = Sn xorend D */
        cmac_aes128_update(&k->mac, plain.n - BLOCK, plain.p);
        memcpy(t, plain.p + (plain.n - BLOCK), BLOCK);
        xor_block(t, d);
    } else { /* T = dbl(D) xor pad(Sn) */
        memset(t, 0, sizeof t);
        if (plain.n > 0) {
            memcpy(t, plain.p, plain.n);
        }
        t[plain.n] = 0x80;
        dbl(d);
        xor_block(t, d);
    }
    cmac(k, (struct view){t, sizeof t}, v);
    wipe(d, sizeof d);
    wipe(t, sizeof t);
}

/* For nettle, which takes a cipher by pointer. */
static void encrypt(const void *ctx, size_t n, uint8_t *out, const uint8_t *in)
{
    aes128_encrypt(ctx, n, out, in);
}

/* CTR with the tag as the first counter, two of its bits cleared, RFC 5297 2.5. */
static void ctr(const struct aes_siv_key *k, const uint8_t tag[BLOCK], struct view in,
                uint8_t *out)
{
    uint8_t counter[BLOCK];

    memcpy(counter, tag, sizeof counter);
    counter[8] &= 0x7f;
    counter[12] &= 0x7f;
    ctr_crypt(&k->ctr, encrypt, BLOCK, counter, in.n, out, in.p);
}

void aes_siv_seal(struct aes_siv_key *k, const struct view *strings, size_t n,
                  struct view plain, uint8_t *out)
{
    s2v(k, strings, n, plain, out);
    ctr(k, out, plain, out + AES_SIV_TAG_LEN);
}

enum err aes_siv_open(struct aes_siv_key *k, const struct view *strings, size_t n,
                      struct view sealed, uint8_t *plain)
{
    uint8_t tag[AES_SIV_TAG_LEN];
    struct view body;
    uint32_t same;

    if (sealed.n < AES_SIV_TAG_LEN) {
        return ERR_TRUNCATED;
    }
    body = (struct view){sealed.p + AES_SIV_TAG_LEN, sealed.n - AES_SIV_TAG_LEN};
    ctr(k, sealed.p, body, plain);
    s2v(k, strings, n, (struct view){plain, body.n}, tag);
    same = ct_equal(tag, sealed.p, sizeof tag);
    wipe(tag, sizeof tag);
    if (!same) {
        wipe(plain, body.n);
        return ERR_SIGNATURE;
    }
    return ERR_OK;
}
