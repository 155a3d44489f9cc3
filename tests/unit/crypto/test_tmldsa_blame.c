/* Who lied in round 3, and what fewer than a quorum cannot do. */
#include "testing.h"
#include "tmldsa_kit.h"

#include "crypto/tmldsa/tmldsa_blame.h"

static const uint8_t seed[32] = {7};
static struct tmldsa_blame_scratch scratch;

static struct tmldsa_kit *kit_of(const struct mldsa_params *set)
{
    struct tmldsa_kit *kit =
        tmldsa_kit_new(tmldsa_best(), tmldsa_params_find(set, 3, 5), 1, seed);

    kit->session.act = 0x19; /* 0 3 4 */
    return kit;
}

static void rounds_1_and_2(struct tmldsa_kit *kit)
{
    noise_bytes(&kit->noise, kit->session.id, sizeof kit->session.id);
    noise_bytes(&kit->noise, kit->session.mu, sizeof kit->session.mu);
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_1(kit, i, NULL);
    }
    FOR_EACH_SIGNER(kit, i)
    {
        tmldsa_round_2(kit, i);
    }
}

static void respond(struct tmldsa_kit *kit, unsigned i)
{
    unsigned culprit;

    tmldsa_must(tmldsa_round_3(kit, i, &culprit), "respond");
}

/* An index that this signer accepted; -1 if none. */
static int accepted_by(const struct tmldsa_kit *kit, unsigned i)
{
    const unsigned indices = tmldsa_session_indices(kit->params, &kit->session);

    for (unsigned index = 0; index < indices; index++) {
        if (tmldsa_response_has(&kit->response[i], index)) {
            return (int)index;
        }
    }
    return -1;
}

/* Who is blamed for anything in this session. */
static unsigned blamed(struct tmldsa_kit *kit)
{
    const unsigned indices = tmldsa_session_indices(kit->params, &kit->session);
    unsigned culprits = 0;

    for (unsigned index = 0; index < indices; index++) {
        culprits |=
            tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response, index, &scratch);
    }
    return culprits;
}

static void the_honest_are_not_blamed(void **state)
{
    (void)state;
    FOR_EACH_SET(set)
    {
        struct tmldsa_kit *kit = kit_of(set);
        unsigned checks = 0;

        while (checks < (mldsa_long() ? 100000 : mldsa_fast() ? 3000 : 40)) {
            tmldsa_run(kit, kit->session.act);
            assert_int_equal(blamed(kit), 0);
            FOR_EACH_SIGNER(kit, i)
            {
                checks += kit->response[i].accepted;
            }
        }
        tmldsa_kit_free(kit);
    }
}

/* For known answers no bit is dropped, and the bound is tighter. */
static void nor_if_no_bit_is_dropped(void **state)
{
    struct tmldsa_params p = *tmldsa_params_find(&mldsa_65, 3, 5);
    struct tmldsa_kit *kit;

    (void)state;
    p.drop = 0;
    kit = tmldsa_kit_new(tmldsa_best(), &p, 1, seed);
    tmldsa_run(kit, 0x13);
    assert_int_equal(blamed(kit), 0);
    tmldsa_kit_free(kit);
}

/* Changes one coefficient of signer i's first z by one, and gives the index of it. */
static unsigned nudge(struct tmldsa_kit *kit, unsigned i)
{
    const struct mldsa_params *set = kit->params->set;
    uint8_t *first = kit->response_room[i] + kit->response[i].bitmap.n;
    struct mldsa_poly z;

    tmldsa_response_z(&kit->key, &kit->response[i], (unsigned)accepted_by(kit, i), 0,
                      &kit->combine_scratch, &z);
    z.coeff[9] += z.coeff[9] > 0 ? -1 : 1;
    mldsa_z_encode(&z, set, first);
    return (unsigned)accepted_by(kit, i);
}

static void one_coefficient_by_one_is_blamed(void **state)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_65);

    (void)state;
    tmldsa_run(kit, kit->session.act);
    for (unsigned i = 0; i < 5; i++) {
        if ((kit->session.act >> i & 1) == 1 && accepted_by(kit, i) >= 0) {
            const unsigned index = nudge(kit, i);

            assert_int_equal(
                tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response, index, &scratch) &
                    1u << i,
                1u << i);
        }
    }
    tmldsa_kit_free(kit);
}

/* All that a liar answers for another quorum, message or batch is wrong. */
static void an_answer_to_another_question_is_blamed(void **state)
{
    enum { QUORUM, MESSAGE, BATCH, KINDS };
    struct tmldsa_kit *kit = kit_of(&mldsa_44);

    (void)state;
    for (int kind = 0; kind < KINDS; kind++) {
        struct tmldsa_session truth;
        uint8_t lies[TMLDSA_SEED_LEN] = {1};

        rounds_1_and_2(kit);
        truth = kit->session;
        respond(kit, 0);
        respond(kit, 4);
        if (kind == QUORUM) { /* as if 1 signed in place of 0, with 0's commitments */
            kit->session.act = 0x1a;
            kit->session.commitment[1][0] = truth.commitment[0][0];
            tmldsa_round_1(kit, 1, NULL);
            kit->session.w[1][0] =
                (struct view){kit->batch[1][0].w, tmldsa_pack_batch_len(kit->params)};
        } else if (kind == MESSAGE) {
            kit->session.mu[0] ^= 1;
        } else {
            memcpy(kit->batch[3][0].seed, lies, sizeof lies);
        }
        respond(kit, 3);
        kit->session = truth;
        tmldsa_finish(kit);
        assert_false(kit->outcome.found);
        if (kit->response[3].accepted > 0) {
            assert_int_equal(blamed(kit), 1u << 3);
        }
    }
    tmldsa_kit_free(kit);
}

/* A suspect index leads combine to ask for blame. */
static void combine_finds_the_suspect(void **state)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_44);
    bool seen = false;

    (void)state;
    for (int i = 0; i < 60 && !seen; i++) {
        struct tmldsa_session truth;

        rounds_1_and_2(kit);
        truth = kit->session;
        respond(kit, 0);
        respond(kit, 4);
        kit->session.mu[0] ^= 1;
        respond(kit, 3);
        kit->session = truth;
        tmldsa_finish(kit);
        assert_false(kit->outcome.found);
        seen = kit->outcome.suspect;
        if (seen) {
            assert_int_equal(tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response,
                                          kit->outcome.suspect_index, &scratch),
                             1u << 3);
        }
    }
    assert_true(seen);
    tmldsa_kit_free(kit);
}

/* A signer whose noise is twice as long, and who accepts all of it: each z has its form,
 * and none of them is odd, but a session with it gives nothing. */
static void an_answer_that_is_too_long_is_found(void **state)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_44);
    const struct tmldsa_params *const honest = kit->params;
    struct tmldsa_params longer = *honest;
    unsigned named = 0;
    unsigned spoilt = 0;

    (void)state;
    longer.r_prime = honest->r_prime * 2;
    longer.r = honest->r * 3;
    for (int i = 0; i < 20; i++) {
        noise_bytes(&kit->noise, kit->session.id, sizeof kit->session.id);
        tmldsa_round_1(kit, 0, NULL);
        tmldsa_round_1(kit, 4, NULL);
        kit->key.params = &longer;
        tmldsa_round_1(kit, 3, NULL);
        kit->key.params = honest;
        FOR_EACH_SIGNER(kit, j)
        {
            tmldsa_round_2(kit, j);
        }
        respond(kit, 0);
        respond(kit, 4);
        kit->key.params = &longer;
        respond(kit, 3);
        kit->key.params = honest;
        tmldsa_finish(kit);
        spoilt += !kit->outcome.found && kit->outcome.all_accepted > 0;
        if (kit->outcome.suspect) {
            assert_int_equal(tmldsa_blame(&kit->key, kit->t, &kit->session, kit->response,
                                          kit->outcome.suspect_index, &scratch),
                             1u << 3);
            named++;
        }
    }
    assert_true(spoilt >= 10);
    assert_true(named >= spoilt * 3 / 4);
    tmldsa_kit_free(kit);
}

/* Parties 0 and 3 play 4 as well, with what they have: all of 4's secrets but that of subset
 * {1, 2, 4}, which they take to be zero. */
static void two_of_five_cannot_sign(void **state)
{
    struct tmldsa_kit *kit = kit_of(&mldsa_44);
    struct tmldsa_share *forged = &kit->share[4];
    const unsigned missing = tmldsa_alloc_find(&forged->held, 0x16);
    unsigned suspects = 0;

    (void)state;
    assert_true(missing < forged->held.n);
    memset(forged->s1_hat[missing], 0, sizeof forged->s1_hat[missing]);
    memset(forged->s2_hat[missing], 0, sizeof forged->s2_hat[missing]);
    for (int i = 0; i < 30; i++) {
        tmldsa_run(kit, kit->session.act);
        assert_false(kit->outcome.found);
        suspects += kit->outcome.suspect ? 1u : 0u;
        assert_int_equal(blamed(kit) & ~(1u << 4), 0); /* the others answered truly */
    }
    assert_true(suspects > 0);
    kit->session.act = 9; /* and alone they are no quorum */
    assert_int_equal(tmldsa_combine(&kit->key, &kit->session, kit->response,
                                    &kit->combine_scratch, kit->sig, &kit->outcome),
                     ERR_STATE);
    tmldsa_kit_free(kit);
}

/* For the default set: fewer than 4 of 62, or a coefficient over 437 600. */
static void odd_responses_are_counted(void **state)
{
    const struct tmldsa_params *p = tmldsa_params_find(&mldsa_65, 3, 5);
    struct tmldsa_response response = {.accepted = 4, .z_max = 437500};

    (void)state;
    assert_false(tmldsa_blame_is_odd(p, 1, &response));
    response.accepted = 3;
    assert_true(tmldsa_blame_is_odd(p, 1, &response));
    response.accepted = 62;
    assert_false(tmldsa_blame_is_odd(p, 1, &response));
    response.z_max = 437700;
    assert_true(tmldsa_blame_is_odd(p, 1, &response));
    response = (struct tmldsa_response){.accepted = 4, .z_max = 0};
    assert_true(tmldsa_blame_is_odd(p, 2, &response));
    response.accepted = 0; /* of so few repetitions it may happen */
    assert_false(tmldsa_blame_is_odd(tmldsa_params_find(&mldsa_44, 2, 2), 1, &response));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_honest_are_not_blamed),
        cmocka_unit_test(nor_if_no_bit_is_dropped),
        cmocka_unit_test(one_coefficient_by_one_is_blamed),
        cmocka_unit_test(an_answer_to_another_question_is_blamed),
        cmocka_unit_test(combine_finds_the_suspect),
        cmocka_unit_test(an_answer_that_is_too_long_is_found),
        cmocka_unit_test(two_of_five_cannot_sign),
        cmocka_unit_test(odd_responses_are_counted),
    };
    return cmocka_run_group_tests(tests, mldsa_find_paths, NULL);
}
