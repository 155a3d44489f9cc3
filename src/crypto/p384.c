#include "crypto/p384.h"

#include "base/secret.h"
#include "crypto/p384_internal.h"
#include "crypto/p384_point.h"

#include <assert.h>
#include <nettle/ecc-curve.h>
#include <nettle/ecdsa.h>
#include <nettle/hmac.h>
#include <string.h>

#define SIGN_LIMBS 256 /* room for the limbs that nettle asks for, looked at in init */
#define VERIFY_LIMBS 1024
#define SCALAR_TRIES 4 /* one fails by chance once in 2^190 */
/* What one call on the scratch stack is asked for: pointers alone, no secrets. */
struct p384_call {
    struct p384_signer *s;
    const struct p384_key *key;
    const uint8_t *digest;
    struct view given; /* seed, scalar or nonce; empty: from the DRBG */
    uint8_t *sig;
    struct p384_key *key_out;
};

static enum err init_call(void *arg)
{
    static const uint8_t personal[] = "quorate-p384-signer-v1";
    struct p384_call *c = arg;

    drbg_init(&c->s->drbg, c->given, (struct view){personal, sizeof personal - 1});
    return ERR_OK;
}

static enum err reseed_call(void *arg)
{
    struct p384_call *c = arg;

    drbg_reseed(&c->s->drbg, c->given);
    wipe(c->s->pool, P384_POOL_LEN);
    c->s->pool_left = 0;
    return ERR_OK;
}

size_t p384_signer_size(void)
{
    return sizeof(struct p384_signer);
}

enum err p384_signer_init(void *memory, const uint8_t seed[DRBG_SEED_LEN],
                          struct p384_signer **out)
{
    const struct ecc_curve *curve = nettle_get_secp_384r1();
    struct p384_signer *s = memory;
    struct p384_call c = {.s = s, .given = {seed, DRBG_SEED_LEN}};

    *out = NULL;
    if ((uintptr_t)memory % P384_SIGNER_ALIGN != 0 || ecc_ecdsa_sign_itch(curve) > SIGN_LIMBS) {
        return ERR_BUG;
    }
    memset(s, 0, sizeof *s);
    work_stack_init(&s->work);
    TRY(work_stack_run(&s->work, init_call, &c));
    *out = s;
    return ERR_OK;
}

void p384_signer_reseed(struct p384_signer *s, struct view entropy)
{
    struct p384_call c = {.s = s, .given = entropy};
    const enum err e = work_stack_run(&s->work, reseed_call, &c);

    assert(e == ERR_OK); /* the stack was long enough for p384_signer_init() */
    (void)e;
}

void p384_signer_wipe(struct p384_signer *s)
{
    if (s) {
        wipe(s, sizeof *s);
    }
}

/* Whether x is 1 to n-1. That a scalar was refused says nothing about the next one. */
static bool scalar_ok(const mp_limb_t x[P384_LIMBS])
{
    uint32_t mask = p384_scalar_mask(x);

    CT_PUBLIC(&mask, sizeof mask);
    return mask != 0;
}

/* The next fresh bytes of the DRBG. */
static enum err fresh(struct p384_signer *s, uint8_t out[P384_SCALAR_LEN])
{
    uint8_t *next;

    if (s->pool_left == 0) {
        TRY(drbg_generate(&s->drbg, (struct view){NULL, 0}, s->pool, P384_POOL_LEN));
        s->pool_left = P384_POOL_LEN;
    }
    next = s->pool + P384_POOL_LEN - s->pool_left;
    memcpy(out, next, P384_SCALAR_LEN);
    wipe(next, P384_SCALAR_LEN);
    s->pool_left -= P384_SCALAR_LEN;
    return ERR_OK;
}

/* A private key by rejection, FIPS 186-5 A.2.2: uniform in 1 to n-1. */
static enum err fresh_scalar(struct p384_signer *s, mp_limb_t d[P384_LIMBS])
{
    uint8_t bytes[P384_SCALAR_LEN];

    for (int i = 0; i < SCALAR_TRIES; i++) {
        TRY(fresh(s, bytes));
        p384_limbs_read(bytes, d);
        if (scalar_ok(d)) {
            return ERR_OK;
        }
    }
    return ERR_BUG;
}

/* In a run of the arena: nettle allocates its scratch here. */
static enum err key_call(void *arg)
{
    struct p384_call *c = arg;
    struct p384_key *k = c->key_out;
    mp_limb_t limbs[P384_LIMBS];
    mp_limb_t xy[P384_WIDE_LIMBS];
    const struct ecc_scalar d = {nettle_get_secp_384r1(), limbs};
    struct ecc_point q = {nettle_get_secp_384r1(), xy};

    if (c->given.n == 0) {
        TRY(fresh_scalar(c->s, limbs));
    } else {
        p384_limbs_read(c->given.p, limbs);
        if (!scalar_ok(limbs)) {
            return ERR_RANGE;
        }
    }
    ecc_point_mul_g(&q, &d);
    p384_limbs_write(limbs, k->d);
    k->public_key[0] = 0x04;
    p384_limbs_write(xy, k->public_key + 1);
    p384_limbs_write(xy + P384_LIMBS, k->public_key + 1 + P384_SCALAR_LEN);
    CT_PUBLIC(k->public_key, sizeof k->public_key);
    return ERR_OK;
}

enum err p384_key_generate(struct p384_signer *s, struct p384_key *out)
{
    struct p384_call c = {.s = s, .key_out = out};

    memset(out, 0, sizeof *out);
    return work_stack_run_gmp(&s->work, key_call, &c);
}

enum err p384_key_from_scalar(struct p384_signer *s, const uint8_t d[P384_SCALAR_LEN],
                              struct p384_key *out)
{
    struct p384_call c = {.s = s, .given = {d, P384_SCALAR_LEN}, .key_out = out};

    memset(out, 0, sizeof *out);
    return work_stack_run_gmp(&s->work, key_call, &c);
}

/* HMAC-SHA-384 under d of fresh DRBG output and the digest. With a DRBG that repeats or is
 * known this is still a secret function of key and digest, as in RFC 6979; with a sound one the
 * nonce is uniform. The label makes the message fill one block. */
static enum err hedged_nonce(const struct p384_call *c, mp_limb_t k[P384_LIMBS])
{
    static const uint8_t label[15] = "quorate-nonce-1";
    struct hmac_sha384_ctx h;
    uint8_t bytes[P384_SCALAR_LEN];

    hmac_sha384_set_key(&h, P384_SCALAR_LEN, c->key->d);
    for (int i = 0; i < SCALAR_TRIES; i++) {
        TRY(fresh(c->s, bytes));
        hmac_sha384_update(&h, sizeof label, label);
        hmac_sha384_update(&h, sizeof bytes, bytes);
        hmac_sha384_update(&h, P384_DIGEST_LEN, c->digest);
        hmac_sha384_digest(&h, sizeof bytes, bytes);
        p384_limbs_read(bytes, k);
        if (scalar_ok(k)) {
            return ERR_OK;
        }
    }
    return ERR_BUG;
}

static enum err sign_call(void *arg)
{
    struct p384_call *c = arg;
    mp_limb_t k[P384_LIMBS];
    mp_limb_t d[P384_LIMBS];
    mp_limb_t rs[P384_WIDE_LIMBS];
    mp_limb_t scratch[SIGN_LIMBS];

    if (c->given.n == 0) {
        TRY(hedged_nonce(c, k));
    } else {
        p384_limbs_read(c->given.p, k);
        if (!scalar_ok(k)) {
            return ERR_RANGE;
        }
    }
    p384_limbs_read(c->key->d, d);
    ecc_ecdsa_sign(nettle_get_secp_384r1(), d, k, P384_DIGEST_LEN, c->digest, rs,
                   rs + P384_LIMBS, scratch);
    CT_PUBLIC(rs, sizeof rs);
    if (!scalar_ok(rs) || !scalar_ok(rs + P384_LIMBS)) {
        return ERR_BUG;
    }
    p384_limbs_write(rs, c->sig);
    p384_limbs_write(rs + P384_LIMBS, c->sig + P384_SCALAR_LEN);
    return ERR_OK;
}

enum err p384_sign(struct p384_signer *s, const struct p384_key *k,
                   const uint8_t digest[P384_DIGEST_LEN], uint8_t out[P384_SIG_LEN])
{
    struct p384_call c = {.s = s, .key = k, .digest = digest, .sig = out};

    memset(out, 0, P384_SIG_LEN);
    return work_stack_run(&s->work, sign_call, &c);
}

enum err p384_sign_unwiped(struct p384_signer *s, const struct p384_key *k,
                           const uint8_t digest[P384_DIGEST_LEN], uint8_t out[P384_SIG_LEN])
{
    struct p384_call c = {.s = s, .key = k, .digest = digest, .sig = out};

    memset(out, 0, P384_SIG_LEN);
    return work_stack_run_unwiped(&s->work, sign_call, &c);
}

enum err p384_sign_with_nonce(struct p384_signer *s, const struct p384_key *k,
                              const uint8_t digest[P384_DIGEST_LEN],
                              const uint8_t nonce[P384_SCALAR_LEN], uint8_t out[P384_SIG_LEN])
{
    struct p384_call c = {
        .s = s, .key = k, .digest = digest, .given = {nonce, P384_SCALAR_LEN}, .sig = out};

    memset(out, 0, P384_SIG_LEN);
    return work_stack_run(&s->work, sign_call, &c);
}

enum err p384_check_public(const uint8_t public_key[P384_PUBLIC_LEN])
{
    mp_limb_t xy[P384_WIDE_LIMBS];

    return p384_point_read(public_key, xy);
}

enum err p384_verify(const uint8_t public_key[P384_PUBLIC_LEN],
                     const uint8_t digest[P384_DIGEST_LEN], const uint8_t sig[P384_SIG_LEN])
{
    const struct ecc_curve *curve = nettle_get_secp_384r1();
    mp_limb_t xy[P384_WIDE_LIMBS];
    mp_limb_t r[P384_LIMBS];
    mp_limb_t s[P384_LIMBS];
    mp_limb_t scratch[VERIFY_LIMBS];

    TRY(p384_point_read(public_key, xy));
    if (ecc_ecdsa_verify_itch(curve) > VERIFY_LIMBS) {
        return ERR_BUG;
    }
    p384_limbs_read(sig, r);
    p384_limbs_read(sig + P384_SCALAR_LEN, s);
    return ecc_ecdsa_verify(curve, xy, P384_DIGEST_LEN, digest, r, s, scratch) ? ERR_OK
                                                                               : ERR_SIGNATURE;
}
