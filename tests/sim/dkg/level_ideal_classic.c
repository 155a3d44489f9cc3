/* The protocol level of a shared P-384 key: a point is its logarithm, which nobody here looks
 * for; a proof is a hash. Scalars are real. Order, errors and who is at fault are those of the
 * real functions. */
#include "dkg_level.h"
#include "ideal_mix.h"

/* Names as the linker makes them. */
void __wrap_tecdsa_keygen_deal(const struct tecdsa_ceremony *c, unsigned party,
                               const uint8_t *seed, struct tecdsa_dealing *dealing,
                               struct tecdsa_opening *opening);
enum err __wrap_tecdsa_opening_decode(struct view in, struct tecdsa_opening *out);
void __wrap_tecdsa_keygen_commit(const struct tecdsa_ceremony *c, unsigned party,
                                 const struct tecdsa_opening *opening, uint8_t *commitment);
enum err __wrap_tecdsa_keygen_check_opening(const struct tecdsa_ceremony *c, unsigned party,
                                            const struct tecdsa_opening *opening,
                                            const uint8_t *commitment);
enum err __wrap_tecdsa_keygen_finish(const struct tecdsa_ceremony *c, unsigned party,
                                     const struct tecdsa_opening openings[],
                                     const uint8_t shares[][TECDSA_SCALAR_LEN],
                                     struct tecdsa_key *key, struct tecdsa_share *share);
enum err __wrap_tecdsa_keygen_public(const struct tecdsa_ceremony *c,
                                     const struct tecdsa_opening openings[],
                                     struct tecdsa_key *key);
void __wrap_tecdsa_point_encode(const struct tecdsa_point *a, uint8_t *out);
void __wrap_tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t *out);
void __wrap_tecdsa_proof_make(const struct tecdsa_proof_of *of, const struct tecdsa_scalar *x,
                              const uint8_t *public_key, const uint8_t *nonce,
                              struct tecdsa_proof *out);
enum err __wrap_tecdsa_proof_verify(const struct tecdsa_proof_of *of, const uint8_t *public_key,
                                    const struct tecdsa_proof *proof);

/* ---- points ---- */

static struct tecdsa_scalar log_of(const struct tecdsa_point *a)
{
    struct tecdsa_scalar x;

    memcpy(x.w, a->x, sizeof x.w);
    return x;
}

static void point_of(const struct tecdsa_scalar *x, struct tecdsa_point *out)
{
    memset(out, 0, sizeof *out);
    memcpy(out->x, x->w, sizeof x->w);
}

void __wrap_tecdsa_point_encode(const struct tecdsa_point *a, uint8_t *out)
{
    const struct tecdsa_scalar x = log_of(a);

    out[0] = 2;
    tecdsa_scalar_encode(&x, out + 1);
}

void __wrap_tecdsa_point_long_encode(const struct tecdsa_point *a, uint8_t *out)
{
    __wrap_tecdsa_point_encode(a, out);
    memset(out + TECDSA_POINT_LEN, 0, TECDSA_POINT_LONG - TECDSA_POINT_LEN);
    out[0] = 4;
}

static enum err decode(const uint8_t *in, struct tecdsa_scalar *out)
{
    return in[0] == 2 ? tecdsa_scalar_decode(in + 1, out) : ERR_ENCODING;
}

/* ---- proofs ---- */

void __wrap_tecdsa_proof_make(const struct tecdsa_proof_of *of, const struct tecdsa_scalar *x,
                              const uint8_t *public_key, const uint8_t *nonce,
                              struct tecdsa_proof *out)
{
    struct mix m = mix_begin(MIX_KEYGEN);

    (void)x;
    (void)nonce;
    mix_bytes(&m, (const uint8_t *)of->tag, strlen(of->tag));
    mix_bytes(&m, of->id, TECDSA_HASH_LEN);
    mix_word(&m, of->party);
    mix_bytes(&m, public_key, TECDSA_POINT_LEN);
    mix_out(&m, (uint8_t *)out, sizeof *out);
}

enum err __wrap_tecdsa_proof_verify(const struct tecdsa_proof_of *of, const uint8_t *public_key,
                                    const struct tecdsa_proof *proof)
{
    struct tecdsa_proof again;

    __wrap_tecdsa_proof_make(of, NULL, public_key, NULL, &again);
    return memcmp(&again, proof, sizeof again) == 0 ? ERR_OK : ERR_SIGNATURE;
}

/* ---- dealings ---- */

static struct tecdsa_proof_of proof_of(const struct tecdsa_ceremony *c, unsigned party)
{
    return (struct tecdsa_proof_of){"pok", c->id, party};
}

void __wrap_tecdsa_keygen_deal(const struct tecdsa_ceremony *c, unsigned party,
                               const uint8_t *seed, struct tecdsa_dealing *dealing,
                               struct tecdsa_opening *opening)
{
    const struct tecdsa_proof_of of = proof_of(c, party);
    struct mix m = mix_begin(MIX_KEYGEN);
    uint8_t wide[TECDSA_WIDE_LEN];
    struct tecdsa_point point;

    mix_bytes(&m, c->id, sizeof c->id);
    mix_word(&m, party);
    mix_bytes(&m, seed, TECDSA_SEED_LEN);
    for (unsigned k = 0; k < TECDSA_T; k++) {
        mix_word(&m, k);
        mix_out(&m, wide, sizeof wide);
        tecdsa_scalar_reduce(wide, &dealing->a[k]);
        point_of(&dealing->a[k], &point);
        __wrap_tecdsa_point_encode(&point, opening->a[k]);
    }
    mix_out(&m, opening->salt, sizeof opening->salt);
    __wrap_tecdsa_proof_make(&of, NULL, opening->a[0], NULL, &opening->proof);
}

static enum err logs_of(const struct tecdsa_opening *opening, struct tecdsa_dealing *out)
{
    for (unsigned k = 0; k < TECDSA_T; k++) {
        TRY(decode(opening->a[k], &out->a[k]));
    }
    return ERR_OK;
}

enum err __wrap_tecdsa_opening_decode(struct view in, struct tecdsa_opening *out)
{
    struct reader r = rd_init(in);
    struct tecdsa_dealing dealing;

    memset(out, 0, sizeof *out);
    TRY(rd_copy(&r, out, sizeof *out));
    TRY(rd_finish(&r));
    return logs_of(out, &dealing);
}

void __wrap_tecdsa_keygen_commit(const struct tecdsa_ceremony *c, unsigned party,
                                 const struct tecdsa_opening *opening, uint8_t *commitment)
{
    struct mix m = mix_begin(MIX_KEYGEN);

    mix_bytes(&m, c->id, sizeof c->id);
    mix_word(&m, party);
    mix_bytes(&m, (const uint8_t *)opening, sizeof *opening);
    mix_out(&m, commitment, TECDSA_HASH_LEN);
}

enum err __wrap_tecdsa_keygen_check_opening(const struct tecdsa_ceremony *c, unsigned party,
                                            const struct tecdsa_opening *opening,
                                            const uint8_t *commitment)
{
    const struct tecdsa_proof_of of = proof_of(c, party);
    uint8_t again[TECDSA_HASH_LEN];

    __wrap_tecdsa_keygen_commit(c, party, opening, again);
    if (memcmp(again, commitment, sizeof again) != 0) {
        return ERR_MISMATCH;
    }
    return __wrap_tecdsa_proof_verify(&of, opening->a[0], &opening->proof);
}

enum err dkg_level_check_share(const struct tecdsa_opening *opening, unsigned to,
                               const uint8_t share[TECDSA_SCALAR_LEN])
{
    struct tecdsa_dealing dealing;
    uint8_t want[TECDSA_SCALAR_LEN];

    TRY(logs_of(opening, &dealing));
    tecdsa_keygen_share(&dealing, to, want);
    return memcmp(want, share, sizeof want) == 0 ? ERR_OK : ERR_MISMATCH;
}

/* ---- the key ---- */

enum err __wrap_tecdsa_keygen_public(const struct tecdsa_ceremony *c,
                                     const struct tecdsa_opening openings[],
                                     struct tecdsa_key *key)
{
    struct tecdsa_dealing sum = {{{{0}}}};
    struct mix m = mix_begin(MIX_KEYGEN);

    memset(key, 0, sizeof *key);
    for (unsigned i = 0; i < c->n; i++) {
        struct tecdsa_dealing one;

        TRY(logs_of(&openings[i], &one));
        for (unsigned k = 0; k < TECDSA_T; k++) {
            tecdsa_scalar_add(&sum.a[k], &one.a[k], &sum.a[k]);
        }
    }
    key->n = c->n;
    point_of(&sum.a[0], &key->pk);
    __wrap_tecdsa_point_long_encode(&key->pk, key->public_key);
    for (unsigned j = 0; j < c->n; j++) {
        uint8_t bytes[TECDSA_SCALAR_LEN];
        struct tecdsa_scalar x;

        tecdsa_keygen_share(&sum, j, bytes);
        TRY(tecdsa_scalar_decode(bytes, &x));
        point_of(&x, &key->x[j]);
        mix_bytes(&m, bytes, sizeof bytes);
    }
    mix_bytes(&m, c->id, sizeof c->id);
    mix_out(&m, key->key_id, sizeof key->key_id);
    return ERR_OK;
}

enum err __wrap_tecdsa_keygen_finish(const struct tecdsa_ceremony *c, unsigned party,
                                     const struct tecdsa_opening openings[],
                                     const uint8_t shares[][TECDSA_SCALAR_LEN],
                                     struct tecdsa_key *key, struct tecdsa_share *share)
{
    struct tecdsa_scalar want;

    memset(share, 0, sizeof *share);
    TRY(__wrap_tecdsa_keygen_public(c, openings, key));
    share->party = party;
    for (unsigned i = 0; i < c->n; i++) {
        struct tecdsa_scalar one;

        TRY(tecdsa_scalar_decode(shares[i], &one));
        tecdsa_scalar_add(&share->x, &one, &share->x);
    }
    want = log_of(&key->x[party]);
    return tecdsa_scalar_equal(&want, &share->x) != 0 ? ERR_OK : ERR_MISMATCH;
}
