/* Threshold ML-DSA from the dealer to the signature, for every (T,N) and parameter set, and
 * what signers refuse. */
#include "testing.h"
#include "tmldsa_kit.h"

#include "crypto/tmldsa/tmldsa_blame.h"

static const uint8_t seed[32] = {42};

static struct tmldsa_kit *kit_of(const struct mldsa_params *set, unsigned t, unsigned n,
                                 unsigned nb)
{
    return tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(set, t, n), nb, seed);
}

/* The signature must pass FIPS 204's verification by the other path, and no longer once mu is
 * another. */
static void verify(const struct tmldsa_kit *kit)
{
    static struct mldsa_verify_scratch scratch;
    static struct mldsa_key_scratch key_scratch;
    static struct mldsa_public_key key;
    const struct mldsa_params *set = kit->params->set;
    const struct view sig = {kit->sig, set->sig_len};
    uint8_t mu[MLDSA_MU_LEN];

    assert_int_equal(mldsa_public_key_parse(&mldsa_portable, set,
                                            (struct view){kit->pk, set->pk_len}, &key_scratch,
                                            &key),
                     ERR_OK);
    assert_int_equal(mldsa_verify_mu(&key, kit->session.mu, sig, &scratch), ERR_OK);
    memcpy(mu, kit->session.mu, sizeof mu);
    mu[0] ^= 1;
    assert_int_equal(mldsa_verify_mu(&key, mu, sig, &scratch), ERR_SIGNATURE);
}

static struct tmldsa_blame_scratch blame_scratch;

/* Sessions until there is a signature: half of them give one, 40 in a row fail never. */
static void sign(struct tmldsa_kit *kit, unsigned act)
{
    noise_bytes(&kit->noise, kit->session.mu, sizeof kit->session.mu);
    for (int i = 0; i < 40; i++) {
        tmldsa_run(kit, act);
        if (kit->outcome.suspect) { /* seldom, and then by nobody's fault */
            assert_int_equal(tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response,
                                          kit->outcome.suspect_index, &blame_scratch),
                             0);
        }
        if (kit->outcome.found) {
            verify(kit);
            return;
        }
    }
    fail_msg("no signature");
}

/* Without optimisation only the small ones, unless the test may take minutes. */
static bool affordable(const struct tmldsa_params *p)
{
    return mldsa_fast() || mldsa_long() || p->repetitions * p->t <= 60;
}

static void every_set_signs(void **state)
{
    (void)state;
    FOR_EACH_SET(set)
    {
        for (unsigned n = 2; n <= TMLDSA_PARTIES_MAX; n++) {
            for (unsigned t = 2; t <= n; t++) {
                struct tmldsa_kit *kit;

                if (!affordable(tmldsa_params_find(set, t, n))) {
                    continue;
                }
                kit = kit_of(set, t, n, 1);
                sign(kit, (1u << t) - 1);              /* the first t */
                sign(kit, ((1u << t) - 1) << (n - t)); /* the last */
                tmldsa_kit_free(kit);
            }
        }
    }
}

static void every_quorum_signs(void **state)
{
    struct tmldsa_kit *kit = kit_of(mldsa_fast() ? &mldsa_65 : &mldsa_44, 3, 5, 1);

    (void)state;
    for (unsigned act = 0; act < 32; act++) {
        if (tmldsa_alloc_is_quorum(kit->params, act)) {
            sign(kit, act);
        }
    }
    tmldsa_kit_free(kit);
}

static void several_batches_sign(void **state)
{
    (void)state;
    for (unsigned nb = 2; nb <= TMLDSA_BATCHES_MAX; nb++) {
        struct tmldsa_kit *kit = kit_of(&mldsa_44, 3, 5, nb);

        sign(kit, 0x0b);
        tmldsa_kit_free(kit);
    }
}

/* The two paths make the same bytes in every round. */
static void paths_agree(void **state)
{
    (void)state;
    if (tmldsa_avx2() == NULL) {
        return;
    }
    FOR_EACH_SET(set)
    {
        const struct tmldsa_params *p = tmldsa_params_find(set, 2, 3);
        struct tmldsa_kit *a = tmldsa_kit_new(&tmldsa_portable, p, 2, seed);
        struct tmldsa_kit *b = tmldsa_kit_new(tmldsa_avx2(), p, 2, seed);

        for (int i = 0; i < 8; i++) {
            tmldsa_run(a, 5);
            tmldsa_run(b, 5);
            assert_memory_equal(a->session.commitment, b->session.commitment,
                                sizeof a->session.commitment);
            assert_int_equal(a->response_bytes[2].n, b->response_bytes[2].n);
            assert_memory_equal(a->response_bytes[2].p, b->response_bytes[2].p,
                                a->response_bytes[2].n);
            assert_int_equal(a->outcome.found, b->outcome.found);
            assert_memory_equal(a->sig, b->sig, sizeof a->sig);
        }
        tmldsa_kit_free(a);
        tmldsa_kit_free(b);
    }
}

/* As where the processor has no AES. */
static void the_other_stream_signs(void **state)
{
    struct tmldsa_path path = *tmldsa_best();
    struct tmldsa_kit *kit;

    (void)state;
    path.stream = tmldsa_stream_shake;
    kit = tmldsa_kit_new(&path, tmldsa_params_find(&mldsa_44, 3, 5), 1, seed);
    sign(kit, 0x0d);
    tmldsa_kit_free(kit);
}

/* ---- what signers refuse ---- */

/* A session of (2,3) of ML-DSA-44, parties 0 and 1, with all revealed. */
static struct tmldsa_kit *revealed(void)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_44, 2, 3, 2);

    kit->session.act = 3;
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_1(kit, i, NULL);
    }
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_2(kit, i);
    }
    return kit;
}

static bool is_zero(const void *p, size_t n)
{
    const uint8_t *bytes = p;
    uint8_t any = 0;

    for (size_t i = 0; i < n; i++) {
        any |= bytes[i];
    }
    return any == 0;
}

static void a_batch_serves_one_session(void **state)
{
    struct tmldsa_kit *kit = revealed();
    struct tmldsa_batch *batch = &kit->batch[0][0];
    uint8_t other[TMLDSA_SESSION_ID_LEN] = {1};
    struct view w;
    unsigned culprit;

    (void)state;
    assert_int_equal(tmldsa_commit(&kit->key, 0, &kit->commit_scratch, batch), ERR_STATE);
    assert_int_equal(tmldsa_batch_reserve(batch, other), ERR_STATE);
    assert_int_equal(tmldsa_batch_reserve(batch, kit->session.id), ERR_STATE);
    assert_int_equal(tmldsa_batch_reveal(kit->params, batch, other, &w), ERR_MISMATCH);
    assert_int_equal(w.n, 0);
    assert_int_equal(tmldsa_batch_reveal(kit->params, batch, kit->session.id, &w), ERR_OK);
    assert_memory_equal(w.p, kit->session.w[0][0].p, w.n);
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_OK);
    assert_int_equal(batch->state, TMLDSA_BATCH_EMPTY);
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE); /* never twice */
    assert_int_equal(tmldsa_batch_reserve(batch, kit->session.id), ERR_STATE);
    assert_int_equal(tmldsa_batch_reveal(kit->params, batch, kit->session.id, &w), ERR_STATE);
    tmldsa_kit_free(kit);
}

static void a_session_is_for_its_signers(void **state)
{
    struct tmldsa_kit *kit = revealed();
    unsigned culprit;

    (void)state;
    kit->session.act = 1; /* too few */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.act = 7; /* too many */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.act = 6; /* without this one */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.act = 9; /* with one that there is not */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.act = 3;
    kit->session.batches = 0;
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.batches = TMLDSA_BATCHES_MAX + 1;
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    assert_int_equal(tmldsa_combine(&kit->key, &kit->session, kit->response,
                                    &kit->combine_scratch, kit->sig, &kit->outcome),
                     ERR_STATE);
    kit->session.batches = 2;
    kit->session.id[0] ^= 1; /* another session */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_STATE);
    kit->session.id[0] ^= 1;
    assert_int_equal(kit->batch[0][0].state, TMLDSA_BATCH_REVEALED); /* none was destroyed */
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_OK);
    tmldsa_kit_free(kit);
}

static void one_batch_is_not_two(void **state)
{
    struct tmldsa_kit *kit = revealed();
    struct tmldsa_batch *own[] = {&kit->batch[0][0], &kit->batch[0][0]};
    unsigned culprit;

    (void)state;
    kit->session.commitment[0][1] = kit->session.commitment[0][0];
    assert_int_equal(tmldsa_respond(&kit->key, &kit->share[0], &kit->session, own,
                                    &kit->respond_scratch, kit->response_room[0],
                                    &kit->response_bytes[0], &culprit),
                     ERR_STATE);
    tmldsa_kit_free(kit);
}

/* A fault of party 1 that party 0 finds: it is named, and party 0's batches are gone. */
static void refused_for_1(struct tmldsa_kit *kit, enum err want)
{
    unsigned culprit;

    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), want);
    assert_int_equal(culprit, 1);
    assert_int_equal(kit->response_bytes[0].n, 0);
    assert_int_equal(kit->batch[0][0].state, TMLDSA_BATCH_EMPTY);
    assert_int_equal(kit->batch[0][1].state, TMLDSA_BATCH_EMPTY);
    tmldsa_kit_free(kit);
}

static void a_wrong_reveal_is_named(void **state)
{
    struct tmldsa_kit *kit = revealed();
    uint8_t *w;

    (void)state;
    kit->session.w[1][1].p = kit->session.w[0][0].p; /* another's */
    refused_for_1(kit, ERR_MISMATCH);
    kit = revealed();
    kit->batch[1][1].w[77] ^= 1;
    refused_for_1(kit, ERR_MISMATCH);
    kit = revealed();
    kit->session.w[1][0].n--;
    refused_for_1(kit, ERR_LENGTH);
    kit = revealed();
    kit->session.w[1][0].n = 0;
    refused_for_1(kit, ERR_LENGTH);
    kit = revealed(); /* as if one repetition more */
    kit->session.w[1][0].n += tmldsa_pack_w_len(kit->params);
    refused_for_1(kit, ERR_LENGTH);
    kit = revealed(); /* 4093 in the last place */
    w = kit->batch[1][1].w + tmldsa_pack_batch_len(kit->params);
    w[-1] = 0xff;
    w[-2] = (uint8_t)(w[-2] | 0xd0);
    refused_for_1(kit, ERR_RANGE);
    kit = revealed(); /* committed in another batch's name */
    kit->session.commitment[1][0].batch_id[0] ^= 1;
    refused_for_1(kit, ERR_MISMATCH);
}

static void commitments_bind_the_party(void **state)
{
    struct tmldsa_kit *kit = revealed();
    static struct tmldsa_public_key other;

    (void)state;
    other = kit->key;
    assert_int_equal(tmldsa_commit_check(&kit->key, 1, &kit->session.commitment[1][0],
                                         kit->session.w[1][0], &kit->commit_scratch),
                     ERR_OK);
    assert_int_equal(tmldsa_commit_check(&kit->key, 0, &kit->session.commitment[1][0],
                                         kit->session.w[1][0], &kit->commit_scratch),
                     ERR_MISMATCH);
    other.id[31] ^= 1;
    assert_int_equal(tmldsa_commit_check(&other, 1, &kit->session.commitment[1][0],
                                         kit->session.w[1][0], &kit->commit_scratch),
                     ERR_MISMATCH);
    tmldsa_kit_free(kit);
}

static void own_commitments_must_be_in_the_session(void **state)
{
    struct tmldsa_kit *kit = revealed();
    unsigned culprit;

    (void)state;
    kit->session.commitment[0][1].com[5] ^= 1;
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_BUG);
    assert_int_equal(culprit, TMLDSA_PARTIES_MAX);
    assert_int_equal(kit->batch[0][0].state, TMLDSA_BATCH_EMPTY);
    tmldsa_kit_free(kit);
}

static enum err parse(struct tmldsa_kit *kit, struct view bytes)
{
    struct tmldsa_response response;
    const enum err e = tmldsa_response_parse(&kit->key, kit->session.batches, bytes,
                                             &kit->combine_scratch, &response);

    assert_true(e == ERR_OK || is_zero(&response, sizeof response));
    return e;
}

static void a_malformed_response_is_refused(void **state)
{
    struct tmldsa_kit *kit = revealed(); /* 6 indices: a bitmap of one byte, two bits spare */
    const size_t z_len = (size_t)mldsa_44.l * mldsa_44.z_len;
    uint8_t *bytes = kit->response_room[1];
    unsigned culprit;
    size_t n;

    (void)state;
    assert_int_equal(tmldsa_round_3(kit, 1, &culprit), ERR_OK);
    n = kit->response_bytes[1].n;
    assert_true(n > 1); /* something was accepted */
    assert_int_equal((n - 1) % z_len, 0);
    assert_int_equal(parse(kit, (struct view){bytes, n}), ERR_OK);
    for (size_t cut = 0; cut < n; cut += cut < 8 ? 1 : 97) {
        assert_int_equal(parse(kit, (struct view){bytes, cut}), ERR_TRUNCATED);
    }
    assert_int_equal(parse(kit, (struct view){bytes, n + 1}), ERR_TRAILING);
    bytes[0] |= 0x40;
    assert_int_equal(parse(kit, (struct view){bytes, n}), ERR_ENCODING);
    bytes[0] = (uint8_t)(bytes[0] & 0x3f);
    memset(bytes + n - z_len, 0, 3); /* z = gamma1 */
    assert_int_equal(parse(kit, (struct view){bytes, n}), ERR_RANGE);
    bytes[n - z_len] = 1; /* gamma1 - 1 */
    bytes[n - z_len + 2] = 0x80;
    assert_int_equal(parse(kit, (struct view){bytes, n}), ERR_OK);
    tmldsa_kit_free(kit);
}

/* Whoever combines cannot be led past the end of what it has. */
static void combine_needs_all(void **state)
{
    struct tmldsa_kit *kit = revealed();
    unsigned culprit;

    (void)state;
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_OK);
    assert_int_equal(tmldsa_round_3(kit, 1, &culprit), ERR_OK);
    tmldsa_finish(kit);
    for (int kind = 0; kind < 4; kind++) {
        struct tmldsa_session s = kit->session;
        struct tmldsa_response responses[TMLDSA_PARTIES_MAX];

        memcpy(responses, kit->response, sizeof responses);
        s.w[0][1].n -= kind == 0 ? 1 : 0;
        s.w[1][0].n = kind == 1 ? 0 : s.w[1][0].n;
        responses[1].bitmap.n += kind == 2 ? 1 : 0;
        responses[0].bitmap.n = kind == 3 ? 0 : responses[0].bitmap.n;
        assert_int_equal(tmldsa_combine(&kit->key, &s, responses, &kit->combine_scratch,
                                        kit->sig, &kit->outcome),
                         ERR_LENGTH);
        assert_true(is_zero(&kit->outcome, sizeof kit->outcome));
    }
    tmldsa_kit_free(kit);
}

/* ---- what stays behind ---- */

static bool contains(const void *in, size_t n, const uint8_t *what)
{
    return memmem(in, n, what, 16) != NULL;
}

static void seeds_do_not_stay(void **state)
{
    struct tmldsa_kit *kit = revealed();
    uint8_t seeds[2][TMLDSA_SEED_LEN];
    unsigned culprit;

    (void)state;
    memcpy(seeds[0], kit->batch[0][0].seed, TMLDSA_SEED_LEN);
    memcpy(seeds[1], kit->batch[1][0].seed, TMLDSA_SEED_LEN);
    assert_true(contains(kit, sizeof *kit, seeds[0]));
    assert_int_equal(tmldsa_round_3(kit, 0, &culprit), ERR_OK);
    assert_true(is_zero(&kit->respond_scratch, sizeof kit->respond_scratch));
    assert_true(is_zero(&kit->commit_scratch, sizeof kit->commit_scratch));
    assert_false(contains(kit, sizeof *kit, seeds[0]));
    assert_true(contains(kit, sizeof *kit, seeds[1]));
    tmldsa_batch_destroy(kit->params, &kit->batch[1][0]);
    assert_false(contains(kit, sizeof *kit, seeds[1]));
    tmldsa_kit_free(kit);
}

/* Of a batch that was not revealed, w is a secret too. */
static void w_goes_with_its_batch(void **state)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_44, 2, 3, 1);
    struct tmldsa_batch *batch = &kit->batch[0][0];
    const size_t n = tmldsa_pack_batch_len(kit->params);

    (void)state;
    kit->session.act = 3;
    tmldsa_round_1(kit, 0, NULL);
    assert_false(is_zero(batch->w, n));
    tmldsa_batch_destroy(kit->params, batch);
    assert_true(is_zero(batch->w, n));
    assert_int_equal(batch->state, TMLDSA_BATCH_EMPTY);
    tmldsa_round_1(kit, 0, NULL);
    assert_int_equal(tmldsa_batch_reserve(batch, kit->session.id), ERR_OK);
    tmldsa_batch_destroy(kit->params, batch);
    assert_true(is_zero(batch->w, n));
    tmldsa_kit_free(kit);
}

static void batch_seeds_depend_on_all(void **state)
{
    uint8_t in[TMLDSA_NODE_RNG_LEN + TMLDSA_NODE_KEY_LEN + TMLDSA_BATCH_ID_LEN] = {0};
    uint8_t first[TMLDSA_SEED_LEN];
    uint8_t other[TMLDSA_SEED_LEN];

    (void)state;
    tmldsa_batch_seed(tmldsa_best(), in, in + TMLDSA_NODE_RNG_LEN,
                      in + TMLDSA_NODE_RNG_LEN + TMLDSA_NODE_KEY_LEN, first);
    for (size_t i = 0; i < sizeof in; i++) {
        in[i] = 1;
        tmldsa_batch_seed(&tmldsa_portable, in, in + TMLDSA_NODE_RNG_LEN,
                          in + TMLDSA_NODE_RNG_LEN + TMLDSA_NODE_KEY_LEN, other);
        assert_memory_not_equal(first, other, sizeof first);
        in[i] = 0;
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_set_signs),
        cmocka_unit_test(every_quorum_signs),
        cmocka_unit_test(several_batches_sign),
        cmocka_unit_test(paths_agree),
        cmocka_unit_test(the_other_stream_signs),
        cmocka_unit_test(a_batch_serves_one_session),
        cmocka_unit_test(a_session_is_for_its_signers),
        cmocka_unit_test(one_batch_is_not_two),
        cmocka_unit_test(a_wrong_reveal_is_named),
        cmocka_unit_test(commitments_bind_the_party),
        cmocka_unit_test(own_commitments_must_be_in_the_session),
        cmocka_unit_test(a_malformed_response_is_refused),
        cmocka_unit_test(combine_needs_all),
        cmocka_unit_test(seeds_do_not_stay),
        cmocka_unit_test(w_goes_with_its_batch),
        cmocka_unit_test(batch_seeds_depend_on_all),
    };
    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
