/* Threshold signatures of the pq key, party by party: what is used once is used once. */
#include "party_kit.h"
#include "testing.h"

#define ACT 0x15 /* places 0, 2, 4 of five */

static struct party_kit *kit;

static int start(void **state)
{
    (void)state;
    kit = party_kit_new(&mldsa_44, 3, 5, 4);
    party_kit_fill(kit);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    party_kit_free(kit);
    return 0;
}

static struct pq_party *party(unsigned place)
{
    return &kit->nodes[place].party;
}

/* Places of the pool that a session or a worker holds. */
static size_t in_use(const struct pq_party *p)
{
    size_t n = 0;

    for (size_t i = 0; i < p->pool; i++) {
        n += p->places[i].state != PQ_EMPTY && p->places[i].state != PQ_READY;
    }
    return n;
}

static void every_quorum_signs(void **state)
{
    (void)state;
    for (unsigned act = 0; act < 32; act++) {
        bool found = false;

        if (!tmldsa_alloc_is_quorum(kit->math->params, act)) {
            continue;
        }
        for (unsigned i = 0; i < 40 && !found; i++) {
            party_kit_fill(kit);
            found = party_sign(kit, act);
        }
        assert_true(found);
    }
    for (unsigned i = 0; i < 5; i++) {
        assert_int_equal(in_use(party(i)), 0);
        assert_int_equal(party(i)->counts.repetitions,
                         party(i)->counts.answered * kit->math->params->repetitions);
    }
}

static void a_batch_is_offered_once(void **state)
{
    struct r1_offer offers[5];

    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(pq_party_ready(party(0)), 4 - i);
        assert_int_equal(pq_party_offer(party(0), 0, kit->now_ns, &offers[i]), ERR_OK);
        for (unsigned j = 0; j < i; j++) {
            assert_memory_not_equal(offers[i].batch_id, offers[j].batch_id, R1_BATCH_ID_LEN);
        }
    }
    kit->now_ns += PQ_OFFER_LIFE_NS;
    assert_int_equal(pq_party_expire(party(0), kit->now_ns), 0);
    assert_int_equal(pq_party_offer(party(0), 0, kit->now_ns, &offers[4]), ERR_NOSPACE);
    /* Its R1 is void by now, and a peer may have it in a session: it is made anew. */
    assert_int_equal(pq_party_expire(party(0), ++kit->now_ns), 4);
    assert_int_equal(pq_party_offer(party(0), 0, kit->now_ns, &offers[4]), ERR_NOSPACE);
    party_kit_fill(kit);
    assert_int_equal(pq_party_offer(party(0), 0, kit->now_ns, &offers[4]), ERR_OK);
    for (unsigned i = 0; i < 4; i++) {
        assert_memory_not_equal(offers[4].batch_id, offers[i].batch_id, R1_BATCH_ID_LEN);
    }
}

static void a_batch_is_in_one_session(void **state)
{
    struct party_run first;
    struct party_run again;

    (void)state;
    party_round_1(kit, ACT, &first);
    again = first; /* the same offers under another X */
    again.x[0] ^= 1;
    assert_int_equal(party_round_2(kit, &first, 0), ERR_OK);
    assert_int_equal(party_round_2(kit, &again, 0), ERR_STALE);
    assert_int_equal(party_round_2(kit, &first, 0), ERR_STALE);
    /* A peer's batch neither: own one fresh, the others' used. */
    assert_int_equal(pq_party_offer(party(0), 0, kit->now_ns, &(struct r1_offer){0}), ERR_OK);
    party_round_1(kit, ACT, &again);
    memcpy(again.r1s + R1_MAX_LEN, first.r1s + R1_MAX_LEN, R1_MAX_LEN);
    assert_int_equal(party_round_2(kit, &again, 0), ERR_STALE);
    assert_int_equal(in_use(party(0)), 1);
}

static void an_offer_needs_its_makers_word(void **state)
{
    struct party_run run;

    (void)state;
    party_round_1(kit, ACT, &run);
    for (size_t at = 0; at < R1_MAX_LEN; at += 5) { /* any byte of a peer's R1 */
        run.r1s[R1_MAX_LEN + at] ^= 1;
        assert_int_not_equal(party_round_2(kit, &run, 0), ERR_OK);
        run.r1s[R1_MAX_LEN + at] ^= 1;
    }
    assert_int_equal(in_use(party(0)), 0);
    assert_int_equal(party_round_2(kit, &run, 0), ERR_OK);
}

static void only_a_quorum_with_oneself(void **state)
{
    struct party_run run;
    const struct pq_question q = {&run.head, {run.r1s, (size_t)3 * R1_MAX_LEN}, run.x, run.mu};
    struct quorum_word word;
    uint8_t sig[QUORUM_SIG_LEN];

    (void)state;
    party_round_1(kit, ACT, &run);
    assert_int_equal(pq_party_open(party(1), kit->now_ns, &q, sig, &word), ERR_QUORUM);
    run.head.signers[2] = 6;
    assert_int_equal(pq_party_open(party(0), kit->now_ns, &q, sig, &word), ERR_QUORUM);
    run.head.signers[2] = 3; /* twice */
    assert_int_equal(pq_party_open(party(0), kit->now_ns, &q, sig, &word), ERR_QUORUM);
    run.head.signers[2] = 0;
    assert_int_equal(pq_party_open(party(0), kit->now_ns, &q, sig, &word), ERR_QUORUM);
    assert_int_equal(in_use(party(0)), 0);
}

static void the_cap_on_repetitions_ends_the_key(void **state)
{
    struct party_run run;

    (void)state;
    party_round_1(kit, ACT, &run);
    party(0)->counts.repetitions = PLAN_REPETITIONS_MAX - 1;
    assert_int_equal(party_round_2(kit, &run, 0), ERR_OK);
    party_round_1(kit, ACT, &run);
    party(0)->counts.repetitions = PLAN_REPETITIONS_MAX;
    assert_int_equal(party_round_2(kit, &run, 0), ERR_STATE);
}

/* Rounds 1 and 2 of ACT with the host's copies of what was revealed. */
static void reveal_all(struct party_run *run, uint8_t *copies[3])
{
    const size_t len = tmldsa_pack_batch_len(kit->math->params);

    party_round_1(kit, ACT, run);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(party_round_2(kit, run, i), ERR_OK);
        copies[i] = malloc(len);
        memcpy(copies[i], run->reveals[i].body.p, len);
        run->reveals[i].body.p = copies[i];
    }
}

static void free_all(uint8_t *copies[3])
{
    for (size_t i = 0; i < 3; i++) {
        free(copies[i]);
    }
}

static void a_session_is_answered_once(void **state)
{
    struct party_run run;
    struct pq_answer *a;
    struct r3 m;
    uint8_t *copies[3];

    (void)state;
    reveal_all(&run, copies);
    party_r3(kit, &run, 0, &m);
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_OK);
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_STALE); /* while a worker has it */
    assert_null(a);
    assert_int_equal(party_round_3(kit, &run, 1), ERR_OK);
    assert_int_equal(party_round_3(kit, &run, 1), ERR_STALE); /* and after */
    m.x[7] ^= 1;
    assert_int_equal(pq_party_take(party(2), &m, &a), ERR_STALE);
    free_all(copies);
}

static void a_reveal_needs_its_makers_word(void **state)
{
    struct party_run run;
    struct pq_answer *a;
    struct r3 m;
    uint8_t *copies[3];

    (void)state;
    reveal_all(&run, copies);
    copies[1][100] ^= 1; /* by the host */
    assert_int_equal(party_round_3(kit, &run, 0), ERR_SIGNATURE);
    copies[1][100] ^= 1;
    run.sig[1][3] ^= 1;
    assert_int_equal(party_round_3(kit, &run, 0), ERR_SIGNATURE);
    run.sig[1][3] ^= 1;
    party_r3(kit, &run, 0, &m); /* of other signers */
    m.reveals[0].index = 2;
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_QUORUM);
    party_r3(kit, &run, 0, &m);
    m.n = 1;
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_QUORUM);
    assert_int_equal(party_round_3(kit, &run, 0), ERR_OK); /* the host's lies cost nothing */
    free_all(copies);
}

/* A node that signs a REVEAL which is not what it committed to. */
static void a_lying_reveal_names_its_maker(void **state)
{
    struct party_run run;
    struct pq_answer *a;
    struct quorum_word word;
    struct r3 m;
    uint8_t *copies[3];
    uint8_t sig[QUORUM_SIG_LEN];
    uint8_t signed_part[QUORUM_SIGNED_LEN];

    (void)state;
    reveal_all(&run, copies);
    copies[1][0] ^= 1;
    quorum_word_signed(QUORUM_REVEAL, run.x, &run.reveals[1], signed_part);
    assert_int_equal(ed25519_sign(kit->nodes[2].stack, &kit->nodes[2].identity,
                                  (struct view){signed_part, sizeof signed_part}, run.sig[1]),
                     ERR_OK);
    party_r3(kit, &run, 0, &m);
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_OK);
    pq_answer_make(party(0), &kit->math->respond_scratch, a);
    assert_int_equal(a->err, ERR_MISMATCH);
    assert_int_equal(a->culprit, 2);
    assert_int_equal(pq_party_answered(party(0), a, sig, &word), ERR_MISMATCH);
    assert_int_equal(word.body.n, 0);
    pq_party_release(party(0), a);
    assert_int_equal(in_use(party(0)), 0);
    assert_int_equal(party(0)->counts.repetitions, 0);
    free_all(copies);
}

static void a_silent_session_ends(void **state)
{
    struct party_run run;
    uint8_t *copies[3];

    (void)state;
    reveal_all(&run, copies);
    assert_int_equal(pq_party_expire(party(0), kit->now_ns + PQ_SESSION_LIFE_NS), 0);
    assert_int_equal(pq_party_expire(party(0), kit->now_ns + PQ_SESSION_LIFE_NS + 1), 1);
    assert_int_equal(party_round_3(kit, &run, 0), ERR_STALE);
    assert_int_equal(in_use(party(0)), 0);
    free_all(copies);
}

static void a_session_is_given_back_by_who_has_it(void **state)
{
    struct party_run run;
    struct pq_answer *a;
    struct r3 m;
    uint8_t *copies[3];

    (void)state;
    reveal_all(&run, copies);
    assert_false(pq_party_give_back(party(0), 1, run.x)); /* another's */
    run.x[3] ^= 1;
    assert_false(pq_party_give_back(party(0), 0, run.x));
    run.x[3] ^= 1;
    assert_true(pq_party_give_back(party(0), 0, run.x));
    assert_int_equal(in_use(party(0)), 0);
    assert_int_equal(party_round_3(kit, &run, 0), ERR_STALE);
    assert_false(pq_party_give_back(party(0), 0, run.x));
    party_r3(kit, &run, 1, &m);
    assert_int_equal(pq_party_take(party(2), &m, &a), ERR_OK);
    assert_false(pq_party_give_back(party(2), 0, run.x)); /* a worker has it */
    free_all(copies);
}

static void voiding_destroys_all(void **state)
{
    static const uint8_t zero[TMLDSA_SEED_LEN];
    const uint8_t rng[TMLDSA_NODE_RNG_LEN] = {1};
    struct party_run run;
    struct pq_answer *a;
    struct pq_place *place;
    struct quorum_word word;
    struct r3 m;
    uint8_t *copies[3];
    uint8_t sig[QUORUM_SIG_LEN];

    (void)state;
    reveal_all(&run, copies);
    party_r3(kit, &run, 0, &m);
    assert_int_equal(pq_party_take(party(0), &m, &a), ERR_OK); /* a worker has this one */
    pq_place_empty(party(0), &party(0)->places[3]);
    place = pq_party_fill(party(0), rng); /* and this one */
    assert_non_null(place);
    pq_party_void(party(0));
    assert_int_equal(pq_party_ready(party(0)), 0);
    pq_answer_make(party(0), &kit->math->respond_scratch, a);
    assert_int_equal(pq_party_answered(party(0), a, sig, &word), ERR_STATE);
    pq_party_release(party(0), a);
    pq_party_filled(
        party(0), place,
        tmldsa_commit(&kit->math->key, 0, &kit->math->commit_scratch, &place->batch));
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(party(0)->places[i].batch.state, TMLDSA_BATCH_EMPTY);
        assert_memory_equal(party(0)->places[i].batch.seed, zero, sizeof zero);
    }
    assert_int_equal(in_use(party(0)), 0);
    free_all(copies);
}

static void batch_numbers_go_on(void **state)
{
    const uint8_t rng[TMLDSA_NODE_RNG_LEN] = {1};
    struct pq_place *place;

    (void)state;
    pq_party_void(party(0));
    place = pq_party_fill(party(0), rng);
    assert_int_equal(batch_id_number(place->batch.commitment.batch_id), 5);
    assert_memory_equal(place->batch.commitment.batch_id, kit->plan.nodes[0].boot_nonce,
                        BATCH_BOOT_LEN);
}

static void answers_are_capped(void **state)
{
    struct party_run runs[4];
    struct pq_answer *a;
    struct r3 m;
    uint8_t *copies[4][3];

    (void)state;
    _Static_assert(PQ_ANSWERS_MAX == 4, "as many as batches here");
    for (size_t i = 0; i < 4; i++) {
        reveal_all(&runs[i], copies[i]);
    }
    party(0)->answers[0].busy = true;
    for (size_t i = 0; i < 4; i++) {
        party_r3(kit, &runs[i], 0, &m);
        assert_int_equal(pq_party_take(party(0), &m, &a), i < 3 ? ERR_OK : ERR_NOSPACE);
        free_all(copies[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(every_quorum_signs, start, stop),
        cmocka_unit_test_setup_teardown(a_batch_is_offered_once, start, stop),
        cmocka_unit_test_setup_teardown(a_batch_is_in_one_session, start, stop),
        cmocka_unit_test_setup_teardown(an_offer_needs_its_makers_word, start, stop),
        cmocka_unit_test_setup_teardown(only_a_quorum_with_oneself, start, stop),
        cmocka_unit_test_setup_teardown(the_cap_on_repetitions_ends_the_key, start, stop),
        cmocka_unit_test_setup_teardown(a_session_is_answered_once, start, stop),
        cmocka_unit_test_setup_teardown(a_reveal_needs_its_makers_word, start, stop),
        cmocka_unit_test_setup_teardown(a_lying_reveal_names_its_maker, start, stop),
        cmocka_unit_test_setup_teardown(a_silent_session_ends, start, stop),
        cmocka_unit_test_setup_teardown(a_session_is_given_back_by_who_has_it, start, stop),
        cmocka_unit_test_setup_teardown(voiding_destroys_all, start, stop),
        cmocka_unit_test_setup_teardown(batch_numbers_go_on, start, stop),
        cmocka_unit_test_setup_teardown(answers_are_capped, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
