/* The round mathematics of the protocol level, see level_ideal.c.
 *
 * Order, states, errors and who is at fault are those of the real functions. What is short:
 * w of a batch has 64 bytes, z of an index 16. What is ideal: a hash of 64 bits in the place of
 * each commitment, response and signature, of inputs that everybody knows. Nobody in the
 * simulation makes a value that is not its own to make, and whatever was changed is seen:
 *
 *   com     of key, party, batch id and w     wrong where tmldsa_commit_check() says it
 *   z       of key, party, act, w, c, index   wrong where an index that all accepted gives no
 *                                             signature, and in tmldsa_blame()
 *   signature of the public key and the message
 *
 * An index is accepted with the probability of (3,5) of ML-DSA-65, and one that all accepted
 * gives a signature with 0.41, so that half of the sessions do, as on the full level. */
#include "ideal_mix.h"

#include "crypto/tmldsa/tmldsa_blame.h"

#define W_LEN 64
#define Z_LEN 16
#define Z_SIZE 15        /* where z says how large it is: 0, or what a liar wrote */
#define Z_IMPOSSIBLE 255 /* as a coefficient of gamma1 */
#define Z_LARGE 100      /* from here on it fails the norm, and shows in z_max */
#define W_IMPOSSIBLE 255 /* first byte of w: as a coefficient that no w has */
#define ACCEPTED (UINT64_MAX / 10000 * 3007)
#define LUCKY (UINT64_MAX / 100 * 41)

/* Names as the linker makes them. */
size_t __wrap_tmldsa_pack_batch_len(const struct tmldsa_params *p);
size_t __wrap_tmldsa_respond_max(const struct tmldsa_params *p, unsigned batches);
void __wrap_tmldsa_batch_seed(const struct tmldsa_path *path, const uint8_t *rng,
                              const uint8_t *node_key, const uint8_t *batch_id, uint8_t *seed);
enum err __wrap_tmldsa_commit(const struct tmldsa_public_key *key, unsigned party,
                              struct tmldsa_commit_scratch *scratch,
                              struct tmldsa_batch *batch);
enum err __wrap_tmldsa_commit_check(const struct tmldsa_public_key *key, unsigned party,
                                    const struct tmldsa_commitment *commitment, struct view w,
                                    struct tmldsa_commit_scratch *scratch);
enum err __wrap_tmldsa_respond(const struct tmldsa_public_key *key,
                               const struct tmldsa_share *share, const struct tmldsa_session *s,
                               struct tmldsa_batch *const own[],
                               struct tmldsa_respond_scratch *scratch, uint8_t *out,
                               struct view *response, unsigned *culprit);
enum err __wrap_tmldsa_response_parse(const struct tmldsa_public_key *key, unsigned batches,
                                      struct view in, struct tmldsa_combine_scratch *scratch,
                                      struct tmldsa_response *response);
enum err __wrap_tmldsa_combine(const struct tmldsa_public_key *key,
                               const struct tmldsa_session *s,
                               const struct tmldsa_response responses[],
                               struct tmldsa_combine_scratch *scratch, uint8_t *sig,
                               struct tmldsa_outcome *outcome);
unsigned __wrap_tmldsa_blame(const struct tmldsa_public_key *key, const uint8_t *t,
                             const struct tmldsa_session *s,
                             const struct tmldsa_response responses[], unsigned index,
                             struct tmldsa_blame_scratch *scratch);
bool __wrap_tmldsa_blame_is_odd(const struct tmldsa_params *p, unsigned batches,
                                const struct tmldsa_response *response);
enum err __wrap_mldsa_verify_mu(const struct mldsa_public_key *key, const uint8_t *mu,
                                struct view sig, struct mldsa_verify_scratch *scratch);

/* ---- round 1 ---- */

size_t __wrap_tmldsa_pack_batch_len(const struct tmldsa_params *p)
{
    (void)p;
    return W_LEN;
}

void __wrap_tmldsa_batch_seed(const struct tmldsa_path *path, const uint8_t *rng,
                              const uint8_t *node_key, const uint8_t *batch_id, uint8_t *seed)
{
    struct mix m = mix_begin(MIX_BATCH);

    (void)path;
    mix_bytes(&m, rng, TMLDSA_NODE_RNG_LEN);
    mix_bytes(&m, node_key, TMLDSA_NODE_KEY_LEN);
    mix_bytes(&m, batch_id, TMLDSA_BATCH_ID_LEN);
    mix_out(&m, seed, TMLDSA_SEED_LEN);
}

static void make_com(const struct tmldsa_public_key *key, unsigned party,
                     const uint8_t batch_id[TMLDSA_BATCH_ID_LEN], const uint8_t *w,
                     uint8_t com[TMLDSA_HASH_LEN])
{
    struct mix m = mix_begin(MIX_COM);

    mix_bytes(&m, key->id, sizeof key->id);
    mix_word(&m, party);
    mix_bytes(&m, batch_id, TMLDSA_BATCH_ID_LEN);
    mix_bytes(&m, w, W_LEN);
    mix_out(&m, com, TMLDSA_HASH_LEN);
}

enum err __wrap_tmldsa_commit(const struct tmldsa_public_key *key, unsigned party,
                              struct tmldsa_commit_scratch *scratch, struct tmldsa_batch *batch)
{
    struct mix m = mix_begin(MIX_W);

    (void)scratch;
    if (batch->state != TMLDSA_BATCH_EMPTY) {
        return ERR_STATE;
    }
    mix_bytes(&m, batch->seed, sizeof batch->seed);
    mix_out(&m, batch->w, W_LEN);
    batch->w[0] &= 0x7f;
    make_com(key, party, batch->commitment.batch_id, batch->w, batch->commitment.com);
    batch->state = TMLDSA_BATCH_PUBLISHED;
    return ERR_OK;
}

enum err __wrap_tmldsa_commit_check(const struct tmldsa_public_key *key, unsigned party,
                                    const struct tmldsa_commitment *commitment, struct view w,
                                    struct tmldsa_commit_scratch *scratch)
{
    uint8_t com[TMLDSA_HASH_LEN];

    (void)scratch;
    if (w.n != W_LEN) {
        return ERR_LENGTH;
    }
    if (w.p[0] == W_IMPOSSIBLE) {
        return ERR_RANGE;
    }
    make_com(key, party, commitment->batch_id, w.p, com);
    return memcmp(com, commitment->com, sizeof com) == 0 ? ERR_OK : ERR_MISMATCH;
}

/* ---- round 3 ---- */

static size_t bitmap_len(const struct tmldsa_params *p)
{
    return (p->repetitions + 7U) / 8;
}

size_t __wrap_tmldsa_respond_max(const struct tmldsa_params *p, unsigned batches)
{
    return batches * (bitmap_len(p) + (size_t)p->repetitions * Z_LEN);
}

/* What all signers sign together: mu, and w of each. */
static uint64_t challenge(const struct tmldsa_public_key *key, const struct tmldsa_session *s)
{
    struct mix m = mix_begin(MIX_CHALLENGE);

    mix_bytes(&m, s->mu, sizeof s->mu);
    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1) {
            mix_bytes(&m, s->w[party][0].p, W_LEN);
        }
    }
    return m.a;
}

/* What one index of one signer is: of its w, which nobody knew before. */
static uint64_t about(enum mix_label label, const struct tmldsa_public_key *key, unsigned party,
                      const struct tmldsa_session *s, uint64_t c, unsigned index)
{
    struct mix m = mix_begin(label);

    mix_word(&m, (uint64_t)party << 32 | (uint64_t)s->act << 16 | index);
    mix_word(&m, c);
    if (label != MIX_LUCK) {
        mix_bytes(&m, key->id, 8);
        mix_bytes(&m, s->w[party][0].p, 16);
    }
    return m.a;
}

static void make_z(const struct tmldsa_public_key *key, unsigned party,
                   const struct tmldsa_session *s, uint64_t c, unsigned index, uint8_t z[Z_LEN])
{
    const uint64_t x = about(MIX_Z, key, party, s, c, index);

    memset(z, 0, Z_LEN);
    memcpy(z, &x, sizeof x);
}

static bool is_ours(const struct tmldsa_share *share, const struct tmldsa_session *s,
                    const struct tmldsa_batch *own)
{
    return tmldsa_session_is_sound(share->params, s) && s->batches == 1 &&
           (s->act >> share->party & 1) == 1 && own->state == TMLDSA_BATCH_REVEALED &&
           memcmp(own->session, s->id, sizeof s->id) == 0;
}

static enum err check_others(const struct tmldsa_public_key *key, unsigned self,
                             const struct tmldsa_session *s, const struct tmldsa_batch *own,
                             unsigned *culprit)
{
    if (memcmp(&s->commitment[self][0], &own->commitment, sizeof own->commitment) != 0) {
        return ERR_BUG;
    }
    for (unsigned party = 0; party < key->params->n; party++) {
        enum err e = ERR_OK;

        if ((s->act >> party & 1) == 1 && party != self) {
            e = __wrap_tmldsa_commit_check(key, party, &s->commitment[party][0], s->w[party][0],
                                           NULL);
        }
        if (e != ERR_OK) {
            *culprit = party;
            return e;
        }
    }
    return ERR_OK;
}

static struct view answer_all(const struct tmldsa_public_key *key, unsigned self,
                              const struct tmldsa_session *s, uint8_t *out)
{
    const uint64_t c = challenge(key, s);
    uint8_t *end = out + bitmap_len(key->params);

    memset(out, 0, bitmap_len(key->params));
    for (unsigned i = 0; i < key->params->repetitions; i++) {
        if (about(MIX_ACCEPT, key, self, s, c, i) < ACCEPTED) {
            out[i / 8] |= (uint8_t)(1U << i % 8);
            make_z(key, self, s, c, i, end);
            end += Z_LEN;
        }
    }
    return (struct view){out, (size_t)(end - out)};
}

enum err __wrap_tmldsa_respond(const struct tmldsa_public_key *key,
                               const struct tmldsa_share *share, const struct tmldsa_session *s,
                               struct tmldsa_batch *const own[],
                               struct tmldsa_respond_scratch *scratch, uint8_t *out,
                               struct view *response, unsigned *culprit)
{
    struct tmldsa_session with_own = *s;
    enum err e;

    (void)scratch;
    *response = (struct view){NULL, 0};
    *culprit = TMLDSA_PARTIES_MAX;
    if (!is_ours(share, s, own[0])) {
        return ERR_STATE;
    }
    e = check_others(key, share->party, s, own[0], culprit);
    with_own.w[share->party][0] = (struct view){own[0]->w, W_LEN};
    if (e == ERR_OK) {
        *response = answer_all(key, share->party, &with_own, out);
    }
    tmldsa_batch_destroy(key->params, own[0]);
    return e;
}

/* ---- the coordinator ---- */

static enum err parse(const struct tmldsa_params *p, struct view in,
                      struct tmldsa_response *response)
{
    struct reader r = rd_init(in);

    TRY(rd_take(&r, bitmap_len(p), &response->bitmap));
    if (p->repetitions % 8 != 0 &&
        response->bitmap.p[bitmap_len(p) - 1] >> p->repetitions % 8 != 0) {
        return ERR_ENCODING;
    }
    for (unsigned i = 0; i < p->repetitions; i++) {
        response->accepted += tmldsa_response_has(response, i);
    }
    TRY(rd_take(&r, (size_t)response->accepted * Z_LEN, &response->z));
    TRY(rd_finish(&r));
    for (size_t i = Z_SIZE; i < response->z.n; i += Z_LEN) {
        const int32_t size = response->z.p[i];

        response->z_max = size > response->z_max ? size : response->z_max;
    }
    return response->z_max < Z_IMPOSSIBLE ? ERR_OK : ERR_RANGE;
}

enum err __wrap_tmldsa_response_parse(const struct tmldsa_public_key *key, unsigned batches,
                                      struct view in, struct tmldsa_combine_scratch *scratch,
                                      struct tmldsa_response *response)
{
    enum err e;

    (void)batches;
    (void)scratch;
    memset(response, 0, sizeof *response);
    e = parse(key->params, in, response);
    if (e != ERR_OK) {
        memset(response, 0, sizeof *response);
    }
    return e;
}

static const uint8_t *z_of(const struct tmldsa_response *response, unsigned index)
{
    size_t before = 0;

    for (unsigned i = 0; i < index; i++) {
        before += tmldsa_response_has(response, i);
    }
    return response->z.p + before * Z_LEN;
}

static bool is_wrong(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                     const struct tmldsa_response *response, unsigned party, uint64_t c,
                     unsigned index)
{
    uint8_t z[Z_LEN];

    make_z(key, party, s, c, index, z);
    return memcmp(z, z_of(response, index), Z_LEN) != 0;
}

/* What all accepted, and of what they say there: who is wrong, and whether it is far too large.
 */
static bool is_accepted(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        const struct tmldsa_response responses[], uint64_t c, unsigned index,
                        unsigned *wrong, bool *large)
{
    *wrong = 0;
    *large = false;
    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1 && !tmldsa_response_has(&responses[party], index)) {
            return false;
        }
    }
    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1 &&
            is_wrong(key, s, &responses[party], party, c, index)) {
            *wrong |= 1U << party;
            *large = *large || z_of(&responses[party], index)[Z_SIZE] >= Z_LARGE;
        }
    }
    return true;
}

static void make_sig(const struct mldsa_public_key *key, const uint8_t mu[MLDSA_MU_LEN],
                     uint8_t out[64])
{
    struct mix m = mix_begin(MIX_SIGNATURE);

    mix_bytes(&m, key->tr, MLDSA_TR_LEN);
    mix_bytes(&m, mu, MLDSA_MU_LEN);
    mix_out(&m, out, 64);
}

static bool is_complete(const struct tmldsa_public_key *key, const struct tmldsa_session *s,
                        const struct tmldsa_response responses[])
{
    bool complete = true;

    for (unsigned party = 0; party < key->params->n; party++) {
        if ((s->act >> party & 1) == 1) {
            complete = complete && responses[party].bitmap.n == bitmap_len(key->params) &&
                       s->w[party][0].n == W_LEN;
        }
    }
    return complete;
}

enum err __wrap_tmldsa_combine(const struct tmldsa_public_key *key,
                               const struct tmldsa_session *s,
                               const struct tmldsa_response responses[],
                               struct tmldsa_combine_scratch *scratch, uint8_t *sig,
                               struct tmldsa_outcome *outcome)
{
    uint64_t c;

    (void)scratch;
    memset(outcome, 0, sizeof *outcome);
    if (!tmldsa_session_is_sound(key->params, s)) {
        return ERR_STATE;
    }
    if (!is_complete(key, s, responses)) {
        return ERR_LENGTH;
    }
    c = challenge(key, s);
    for (unsigned i = 0; i < key->params->repetitions && !outcome->found; i++) {
        unsigned wrong;
        bool large;

        if (!is_accepted(key, s, responses, c, i, &wrong, &large)) {
            continue;
        }
        outcome->all_accepted++;
        if (wrong == 0 && about(MIX_LUCK, key, 0, s, c, i) < LUCKY) {
            memset(sig, 0, key->params->set->sig_len);
            make_sig(&key->key, s->mu, sig);
            outcome->found = true;
            outcome->index = i;
        } else if (wrong != 0 && !large && !outcome->suspect) {
            outcome->suspect = true;
            outcome->suspect_index = i;
        }
    }
    return ERR_OK;
}

unsigned __wrap_tmldsa_blame(const struct tmldsa_public_key *key, const uint8_t *t,
                             const struct tmldsa_session *s,
                             const struct tmldsa_response responses[], unsigned index,
                             struct tmldsa_blame_scratch *scratch)
{
    unsigned wrong;
    bool large;

    (void)t;
    (void)scratch;
    return is_accepted(key, s, responses, challenge(key, s), index, &wrong, &large) ? wrong : 0;
}

bool __wrap_tmldsa_blame_is_odd(const struct tmldsa_params *p, unsigned batches,
                                const struct tmldsa_response *response)
{
    (void)batches;
    return (p->repetitions >= 62 && response->accepted < 4) || response->z_max >= Z_LARGE;
}

enum err __wrap_mldsa_verify_mu(const struct mldsa_public_key *key, const uint8_t *mu,
                                struct view sig, struct mldsa_verify_scratch *scratch)
{
    uint8_t want[64];

    (void)scratch;
    if (sig.n != key->params->sig_len) {
        return ERR_LENGTH;
    }
    make_sig(key, mu, want);
    return memcmp(want, sig.p, sizeof want) == 0 ? ERR_OK : ERR_SIGNATURE;
}
