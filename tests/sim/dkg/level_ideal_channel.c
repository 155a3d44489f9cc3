/* The protocol level of a ceremony: identity keys, channels and hashes. Nobody here makes a
 * signature with a key that it does not have, and a changed byte shows. AES-GCM is the real
 * one: nothing that is sealed can be read on its way. */
#include "dkg_level.h"
#include "ideal_mix.h"

#include "crypto/ecdh_p384.h"
#include "crypto/hash.h"
#include "crypto/hkdf.h"
#include "crypto/mlkem/mlkem.h"

/* Names as the linker makes them. */
enum err __wrap_p384_sign(struct p384_signer *s, const struct p384_key *k,
                          const uint8_t *digest, uint8_t *out);
enum err __wrap_p384_verify(const uint8_t *public_key, const uint8_t *digest,
                            const uint8_t *sig);
enum err __wrap_p384_key_generate(struct p384_signer *s, struct p384_key *out);
enum err __wrap_p384_check_public(const uint8_t *public_key);
enum err __wrap_ecdh_p384_agree(struct p384_signer *s, const struct p384_key *k,
                                const uint8_t *peer, struct ecdh_p384_secret *out);
void __wrap_mlkem_keygen(const struct mlkem_path *path, const struct mlkem_params *params,
                         const struct mlkem_seed *seed, struct mlkem_key_scratch *scratch,
                         struct mlkem_decaps_key *key, uint8_t *ek);
enum err __wrap_mlkem_encaps_key_parse(const struct mlkem_path *path,
                                       const struct mlkem_params *params, struct view ek,
                                       struct mlkem_key_scratch *scratch,
                                       struct mlkem_encaps_key *key);
void __wrap_mlkem_encaps(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                         struct mlkem_scratch *scratch, uint8_t *c,
                         struct mlkem_shared_key *shared);
enum err __wrap_mlkem_decaps(const struct mlkem_decaps_key *key, struct view c,
                             struct mlkem_scratch *scratch, struct mlkem_shared_key *shared);
void __wrap_hkdf_hmac(struct view key, struct view message, uint8_t *mac);
void __wrap_hkdf_extract(struct view salt, struct view ikm, struct hkdf_prk *prk);
enum err __wrap_hkdf_expand(const struct hkdf_prk *prk, struct view info, uint8_t *out,
                            size_t n);
void __wrap_hash_init(struct hash_state *s, enum hash_alg alg);
void __wrap_hash_update(struct hash_state *s, const void *p, size_t n);
void __wrap_hash_update_field(struct hash_state *s, const void *p, size_t n);
void __wrap_hash_final(struct hash_state *s, uint8_t *out);
void __wrap_hash_once(enum hash_alg alg, struct view in, uint8_t *out);

static uint64_t drawn; /* keys of this history, from its seed */

void dkg_level_begin(uint64_t seed)
{
    drawn = seed << 20;
}

/* ---- P-384 ---- */

enum err __wrap_p384_key_generate(struct p384_signer *s, struct p384_key *out)
{
    struct mix m = mix_begin(MIX_RANDOM);

    (void)s;
    mix_word(&m, ++drawn);
    mix_out(&m, out->d, sizeof out->d);
    mix_word(&m, 1);
    mix_out(&m, out->public_key, sizeof out->public_key);
    out->public_key[0] = 4;
    return ERR_OK;
}

enum err __wrap_p384_check_public(const uint8_t *public_key)
{
    return public_key[0] == 4 ? ERR_OK : ERR_ENCODING;
}

/* r is another one each time; s follows from it, and is low, as the messages of a ceremony want
 * it. */
static void make_s(const uint8_t *public_key, const uint8_t *digest, const uint8_t *r,
                   uint8_t *s)
{
    struct mix m = mix_begin(MIX_IDENTITY);

    mix_bytes(&m, public_key, P384_PUBLIC_LEN);
    mix_bytes(&m, digest, P384_DIGEST_LEN);
    mix_bytes(&m, r, P384_SCALAR_LEN);
    mix_out(&m, s, P384_SCALAR_LEN);
    s[0] = 0;
}

void dkg_level_sign(const uint8_t public_key[P384_PUBLIC_LEN],
                    const uint8_t digest[P384_DIGEST_LEN], uint8_t sig[P384_SIG_LEN])
{
    make_s(public_key, digest, sig, sig + P384_SCALAR_LEN);
}

enum err __wrap_p384_sign(struct p384_signer *s, const struct p384_key *k,
                          const uint8_t *digest, uint8_t *out)
{
    struct mix m = mix_begin(MIX_RANDOM);

    (void)s;
    mix_word(&m, ++drawn);
    mix_out(&m, out, P384_SCALAR_LEN);
    make_s(k->public_key, digest, out, out + P384_SCALAR_LEN);
    return ERR_OK;
}

enum err __wrap_p384_verify(const uint8_t *public_key, const uint8_t *digest,
                            const uint8_t *sig)
{
    uint8_t want[P384_SCALAR_LEN];

    make_s(public_key, digest, sig, want);
    return memcmp(want, sig + P384_SCALAR_LEN, sizeof want) == 0 ? ERR_OK : ERR_SIGNATURE;
}

/* The same at both ends. */
enum err __wrap_ecdh_p384_agree(struct p384_signer *s, const struct p384_key *k,
                                const uint8_t *peer, struct ecdh_p384_secret *out)
{
    const bool first = memcmp(k->public_key, peer, P384_PUBLIC_LEN) < 0;
    struct mix m = mix_begin(MIX_CHANNEL);

    (void)s;
    mix_bytes(&m, first ? k->public_key : peer, P384_PUBLIC_LEN);
    mix_bytes(&m, first ? peer : k->public_key, P384_PUBLIC_LEN);
    mix_out(&m, out->x, sizeof out->x);
    return ERR_OK;
}

/* ---- ML-KEM: h of a key is a hash of ek; c has m under it ---- */

static void name_key(const uint8_t *ek, size_t n, struct mlkem_encaps_key *key)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, ek, n);
    mix_out(&m, key->h, sizeof key->h);
}

void __wrap_mlkem_keygen(const struct mlkem_path *path, const struct mlkem_params *params,
                         const struct mlkem_seed *seed, struct mlkem_key_scratch *scratch,
                         struct mlkem_decaps_key *key, uint8_t *ek)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    (void)path;
    (void)scratch;
    mix_bytes(&m, seed->d, sizeof seed->d);
    mix_out(&m, ek, params->ek_len);
    key->encaps.params = params;
    name_key(ek, params->ek_len, &key->encaps);
}

enum err __wrap_mlkem_encaps_key_parse(const struct mlkem_path *path,
                                       const struct mlkem_params *params, struct view ek,
                                       struct mlkem_key_scratch *scratch,
                                       struct mlkem_encaps_key *key)
{
    (void)path;
    (void)scratch;
    if (ek.n != params->ek_len) {
        return ERR_LENGTH;
    }
    key->params = params;
    name_key(ek.p, ek.n, key);
    return ERR_OK;
}

static void share(const struct mlkem_encaps_key *key, const uint8_t *c, size_t n,
                  struct mlkem_shared_key *shared)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, key->h, sizeof key->h);
    mix_bytes(&m, c, n);
    mix_out(&m, shared->k, sizeof shared->k);
}

void __wrap_mlkem_encaps(const struct mlkem_encaps_key *key, const struct mlkem_message *m,
                         struct mlkem_scratch *scratch, uint8_t *c,
                         struct mlkem_shared_key *shared)
{
    struct mix x = mix_begin(MIX_CHANNEL);

    (void)scratch;
    mix_bytes(&x, m->m, sizeof m->m);
    mix_out(&x, c, key->params->c_len);
    share(key, c, key->params->c_len, shared);
}

enum err __wrap_mlkem_decaps(const struct mlkem_decaps_key *key, struct view c,
                             struct mlkem_scratch *scratch, struct mlkem_shared_key *shared)
{
    (void)scratch;
    if (c.n != key->encaps.params->c_len) {
        return ERR_LENGTH;
    }
    share(&key->encaps, c.p, c.n, shared);
    return ERR_OK;
}

/* ---- HKDF ---- */

void __wrap_hkdf_hmac(struct view key, struct view message, uint8_t *mac)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, key.p, key.n);
    mix_bytes(&m, message.p, message.n);
    mix_out(&m, mac, HKDF_LEN);
}

void __wrap_hkdf_extract(struct view salt, struct view ikm, struct hkdf_prk *prk)
{
    __wrap_hkdf_hmac(salt, ikm, prk->k);
}

enum err __wrap_hkdf_expand(const struct hkdf_prk *prk, struct view info, uint8_t *out,
                            size_t n)
{
    struct mix m = mix_begin(MIX_CHANNEL);

    mix_bytes(&m, prk->k, sizeof prk->k);
    mix_bytes(&m, info.p, info.n);
    mix_out(&m, out, n);
    return ERR_OK;
}

/* ---- SHA-2 and SHA-3: the state is a mix ---- */

static struct mix load(const struct hash_state *s)
{
    struct mix m;

    memcpy(&m, &s->u, sizeof m);
    return m;
}

void __wrap_hash_init(struct hash_state *s, enum hash_alg alg)
{
    struct mix m = mix_begin(MIX_HASH);

    mix_word(&m, alg);
    s->alg = alg;
    memcpy(&s->u, &m, sizeof m);
}

void __wrap_hash_update(struct hash_state *s, const void *p, size_t n)
{
    struct mix m = load(s);

    mix_bytes(&m, p, n);
    memcpy(&s->u, &m, sizeof m);
}

void __wrap_hash_update_field(struct hash_state *s, const void *p, size_t n)
{
    __wrap_hash_update(s, p, n);
}

void __wrap_hash_final(struct hash_state *s, uint8_t *out)
{
    const struct mix m = load(s);

    mix_out(&m, out, hash_len(s->alg));
    __wrap_hash_init(s, s->alg);
}

void __wrap_hash_once(enum hash_alg alg, struct view in, uint8_t *out)
{
    struct hash_state s;

    __wrap_hash_init(&s, alg);
    __wrap_hash_update(&s, in.p, in.n);
    __wrap_hash_final(&s, out);
}
