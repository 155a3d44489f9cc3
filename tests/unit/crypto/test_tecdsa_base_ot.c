/* The setup of a pair: what both hold in the end, and every message changed on its way. */
#include "tecdsa_kit.h"
#include "testing.h"

static uint64_t number = 1;
static const uint8_t key_id[TECDSA_HASH_LEN] = {1};
static const uint8_t epoch_id[TECDSA_HASH_LEN] = {2};
static const struct tecdsa_setup_of of = {.key_id = key_id,
                                          .epoch_id = epoch_id,
                                          .bob = 3,
                                          .alice = 1,
                                          .bob_incarnation = 1,
                                          .alice_incarnation = 2,
                                          .counter = 9,
                                          .bob_nonce = {1},
                                          .alice_nonce = {2}};

/* The multiplications are made once; tests go on from copies. */
static struct state {
    struct tecdsa_ot_bob bob;
    struct tecdsa_ot_alice alice;
    struct tecdsa_ot_first first;
    struct tecdsa_ot_choices choices;
    struct tecdsa_ot_challenge challenge;
    struct tecdsa_ot_response response;
    struct tecdsa_ot_opening opening;
    struct tecdsa_setup_bob b;
    struct tecdsa_setup_alice a;
} started, chosen, asked, s;

static enum err choose(void *state)
{
    struct state *const x = state;
    uint8_t seed[TECDSA_SEED_LEN];

    tecdsa_noise(&number, seed, sizeof seed);
    return tecdsa_ot_choose(&of, seed, &x->first, &x->alice, &x->choices);
}

static enum err ask(void *state)
{
    struct state *const x = state;

    return tecdsa_ot_ask(&x->bob, &x->choices, &x->challenge);
}

static enum err prepare(void *unused)
{
    uint8_t seed[TECDSA_SEED_LEN];

    (void)unused;
    tecdsa_noise(&number, seed, sizeof seed);
    tecdsa_ot_start(&of, seed, &started.bob, &started.first);
    chosen = started;
    TRY(choose(&chosen));
    asked = chosen;
    return ask(&asked);
}

static const uint8_t zeros[sizeof(struct tecdsa_ot_bob) + sizeof(struct tecdsa_ot_alice)];

static void assert_bob_is_over(void)
{
    static const struct tecdsa_setup_bob none;

    assert_memory_equal(&s.bob, zeros, sizeof s.bob);
    assert_memory_equal(&s.b, &none, sizeof none);
    assert_int_equal(tecdsa_ot_ask(&s.bob, &s.choices, &s.challenge), ERR_STATE);
    assert_int_equal(tecdsa_ot_open(&s.bob, &s.response, &s.opening, &s.b), ERR_STATE);
}

static void assert_alice_is_over(void)
{
    static const struct tecdsa_setup_alice none;

    assert_memory_equal(&s.alice, zeros, sizeof s.alice);
    assert_memory_equal(&s.a, &none, sizeof none);
    assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_STATE);
    assert_int_equal(tecdsa_ot_finish(&s.alice, &s.opening, &s.a), ERR_STATE);
}

static void alice_has_the_keys_of_her_choices(void **state)
{
    unsigned ones = 0;

    (void)state;
    s = asked;
    assert_int_equal(tecdsa_ot_ask(&s.bob, &s.choices, &s.challenge), ERR_STATE);
    assert_int_equal(tecdsa_ot_finish(&s.alice, &s.opening, &s.a), ERR_STATE);
    assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_OK);
    assert_int_equal(tecdsa_ot_open(&s.bob, &s.response, &s.opening, &s.b), ERR_OK);
    assert_int_equal(tecdsa_ot_finish(&s.alice, &s.opening, &s.a), ERR_OK);
    assert_true(s.a.ready && s.b.ready);
    assert_memory_equal(s.a.id, s.b.id, sizeof s.a.id);
    for (unsigned c = 0; c < TECDSA_OTS; c++) {
        const unsigned bit = s.a.delta[c / 8] >> (c % 8) & 1;

        ones += bit;
        assert_memory_equal(s.a.k[c], s.b.k[bit][c], TECDSA_OT_KEY_LEN);
        assert_memory_not_equal(s.a.k[c], s.b.k[1 - bit][c], TECDSA_OT_KEY_LEN);
    }
    assert_in_range(ones, 80, 176);
    assert_memory_equal(&s.bob, zeros, sizeof s.bob);
    assert_memory_equal(&s.alice, zeros, sizeof s.alice);
}

static void a_proof_that_is_not_bobs_is_refused(void **state)
{
    (void)state;
    s = started;
    s.first.proof.response[40] ^= 1;
    assert_int_equal(choose(&s), ERR_SIGNATURE);
    s = started;
    s.first.b[0] ^= 1; /* minus B */
    assert_int_equal(choose(&s), ERR_SIGNATURE);
    s = started;
    memset(s.first.b, 0, sizeof s.first.b); /* infinity */
    assert_int_equal(choose(&s), ERR_ENCODING);
    s = started;
    memset(s.first.proof.commitment, 0, TECDSA_POINT_LEN);
    assert_int_equal(choose(&s), ERR_ENCODING);
    s = started;
    memset(s.first.proof.response, 0xff, TECDSA_SCALAR_LEN);
    assert_int_equal(choose(&s), ERR_RANGE);
    assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_STATE);
}

static void choices_that_are_no_points_are_refused(void **state)
{
    (void)state;
    s = chosen;
    s.choices.a[0][0] = 0;
    assert_int_equal(ask(&s), ERR_ENCODING);
    assert_bob_is_over();
    s = chosen;
    memset(s.choices.a[1], 0xff, TECDSA_POINT_LEN);
    s.choices.a[1][0] = 2;
    assert_int_equal(ask(&s), ERR_RANGE);
    assert_bob_is_over();
    s = chosen;
    memcpy(s.choices.a[2], s.first.b, TECDSA_POINT_LEN); /* A - B is infinity */
    assert_int_equal(ask(&s), ERR_RANGE);
    assert_bob_is_over();
}

/* Bob's try to learn one choice: he changes one challenge. Whatever the choice is, Alice ends;
 * all that he sees in time is whether her answer fits. */
static void one_changed_challenge_ends_the_setup(void **state)
{
    (void)state;
    for (unsigned c = 0; c < TECDSA_OTS; c += 17) {
        unsigned bit;

        s = asked;
        bit = s.alice.setup.delta[c / 8] >> (c % 8) & 1;
        s.challenge.c[c][5] ^= 0x20;
        assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_OK);
        assert_int_equal(tecdsa_ot_open(&s.bob, &s.response, &s.opening, &s.b),
                         bit == 1 ? ERR_MISMATCH : ERR_OK);
        assert_int_equal(tecdsa_ot_finish(&s.alice, &s.opening, &s.a), ERR_MISMATCH);
        assert_alice_is_over();
    }
}

static void a_changed_response_ends_the_setup(void **state)
{
    (void)state;
    for (unsigned c = 0; c < TECDSA_OTS; c += 17) {
        s = asked;
        assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_OK);
        s.response.r[c][31] ^= 1;
        assert_int_equal(tecdsa_ot_open(&s.bob, &s.response, &s.opening, &s.b), ERR_MISMATCH);
        assert_bob_is_over();
    }
}

static void a_changed_opening_ends_the_setup(void **state)
{
    (void)state;
    for (unsigned c = 0; c < TECDSA_OTS; c += 17) {
        s = asked;
        assert_int_equal(tecdsa_ot_respond(&s.alice, &s.challenge, &s.response), ERR_OK);
        assert_int_equal(tecdsa_ot_open(&s.bob, &s.response, &s.opening, &s.b), ERR_OK);
        s.opening.h[c][c & 1][0] ^= 1;
        assert_int_equal(tecdsa_ot_finish(&s.alice, &s.opening, &s.a), ERR_MISMATCH);
        assert_alice_is_over();
    }
}

/* Everything that names a setup is in its id. */
static void setups_have_ids_of_their_own(void **state)
{
    uint8_t id[12][TECDSA_HASH_LEN];
    struct tecdsa_setup_of other[12];

    (void)state;
    for (unsigned i = 0; i < 12; i++) {
        other[i] = of;
    }
    other[1].key_id = epoch_id;
    other[2].epoch_id = key_id;
    other[3].bob = 1;
    other[4].alice = 3;
    other[5].bob = 1;
    other[5].alice = 3;
    other[6].bob_incarnation++;
    other[7].alice_incarnation++;
    other[8].counter++;
    other[9].bob_nonce[31]++;
    other[10].alice_nonce[31]++;
    other[11].bob_nonce[0] = 2;
    other[11].alice_nonce[0] = 1;
    for (unsigned i = 0; i < 12; i++) {
        tecdsa_setup_id(&other[i], id[i]);
        for (unsigned j = 0; j < i; j++) {
            assert_memory_not_equal(id[i], id[j], TECDSA_HASH_LEN);
        }
    }
}

static void both_have_one_zero_seed(void **state)
{
    const struct tecdsa_zero_part part[2] = {{{1, 2}, {3}}, {{4, 5}, {6}}};
    struct tecdsa_zero_part wrong = part[1];
    uint8_t commitment[2][TECDSA_HASH_LEN];
    uint8_t seed[2][TECDSA_OT_KEY_LEN];

    (void)state;
    for (unsigned i = 0; i < 2; i++) {
        tecdsa_zero_commit(key_id, i, &part[i], commitment[i]);
    }
    for (unsigned i = 0; i < 2; i++) {
        assert_int_equal(
            tecdsa_zero_seed(key_id, &part[i], 1 - i, &part[1 - i], commitment[1 - i], seed[i]),
            ERR_OK);
    }
    assert_memory_equal(seed[0], seed[1], sizeof seed[0]);
    assert_int_equal(seed[0][0], 5);
    wrong.part[31] ^= 1;
    assert_int_equal(tecdsa_zero_seed(key_id, &part[0], 1, &wrong, commitment[1], seed[0]),
                     ERR_MISMATCH);
    assert_int_equal(seed[0][0], 0);
    assert_int_equal(tecdsa_zero_seed(key_id, &part[0], 0, &part[1], commitment[1], seed[0]),
                     ERR_MISMATCH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(alice_has_the_keys_of_her_choices),
        cmocka_unit_test(a_proof_that_is_not_bobs_is_refused),
        cmocka_unit_test(choices_that_are_no_points_are_refused),
        cmocka_unit_test(one_changed_challenge_ends_the_setup),
        cmocka_unit_test(a_changed_response_ends_the_setup),
        cmocka_unit_test(a_changed_opening_ends_the_setup),
        cmocka_unit_test(setups_have_ids_of_their_own),
        cmocka_unit_test(both_have_one_zero_seed),
    };

    if (tecdsa_on_stack(prepare, NULL) != ERR_OK) {
        return 1;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
