/* One session of three of five from the host's side: it signs, and whoever lies is found. */
#include "quorum_node.h"
#include "testing.h"

#include "host/coord/quorum_run.h"

#define ACT 0x1a /* parties 1, 3, 4 */

static struct party_kit *kit;
static struct quorum_node nodes[5];
static struct quorum_roster roster;
static struct quorum_run run;
static struct quorum_scratch *scratch;
static struct coord_job job;
static uint8_t *ask_room, *answer_room;
static size_t ask_max, answer_max;

/* What a test does to an answer on its way: of this phase and party. */
static struct {
    enum quorum_phase phase;
    unsigned party;
    size_t at;    /* byte that is changed */
    bool resign;  /* by the party itself, which then lies */
    bool respond; /* the word stands behind err(2), not behind n(1) err(2) */
} lie;

static enum err to_sign(const struct coord_job *j, uint8_t *mu)
{
    quorum_node_mu(&j->stamp, mu);
    return ERR_OK;
}

static int start(void **state)
{
    (void)state;
    kit = party_kit_new(&mldsa_44, 3, 5, 4);
    party_kit_fill(kit);
    roster =
        (struct quorum_roster){.plan = &kit->plan, .key = &kit->math->key, .t = kit->math->t};
    memcpy(roster.epoch_id, kit->epoch_id, EPOCH_ID_LEN);
    for (unsigned i = 0; i < 5; i++) {
        nodes[i] = (struct quorum_node){kit, i, INT64_C(1700000000) * 1000 * MS};
    }
    ask_max = quorum_run_ask_max(kit->math->params);
    answer_max = quorum_run_room(kit->math->params);
    ask_room = malloc(ask_max);
    answer_room = malloc(answer_max);
    run.room = malloc(quorum_run_room(kit->math->params));
    scratch = aligned_alloc(64, (sizeof *scratch + 63) / 64 * 64);
    job = (struct coord_job){.key = KEY_PQ,
                             .policy = 1,
                             .hash_alg = HASH_SHA512,
                             .rule = {3, 100, 1000},
                             .to_sign = to_sign};
    memset(&lie, 0, sizeof lie);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    free(run.room);
    free(scratch);
    free(ask_room);
    free(answer_room);
    party_kit_free(kit);
    return 0;
}

/* A party that puts its name to other bytes. */
static void sign_again(unsigned party, uint8_t *body, size_t n)
{
    struct party_node *const node = &kit->nodes[party];
    const size_t head = lie.respond ? 2 : 3;
    struct reader r = rd_init((struct view){body + head, n - head});
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct quorum_word word;

    assert_int_equal(quorum_word_decode(&r, n, &word), ERR_OK);
    quorum_word_signed(lie.respond ? QUORUM_RESPOND : QUORUM_REVEAL, run.session.id, &word,
                       signed_part);
    assert_int_equal(ed25519_sign(node->stack, &node->identity,
                                  (struct view){signed_part, sizeof signed_part},
                                  body + head + 1),
                     ERR_OK);
}

/* Asks one signer and takes its answer. */
static enum err ask(size_t at)
{
    const unsigned party = quorum_run_party(&run, at);
    struct writer w = wr_init(ask_room, ask_max);
    struct writer a = wr_init(answer_room, answer_max);
    const enum frame_type type = quorum_run_ask(&run, at, &w);
    struct view question;
    struct view answer;

    assert_int_equal(wr_finish(&w, &question), ERR_OK);
    TRY(quorum_node_answer(&nodes[party], type, question, &a));
    assert_int_equal(wr_finish(&a, &answer), ERR_OK);
    if (lie.phase == run.phase && lie.party == party) {
        answer_room[lie.at] ^= 1;
        if (lie.resign) {
            sign_again(party, answer_room, answer.n);
        }
    }
    return quorum_run_take(&run, at, answer, scratch);
}

/* A session that has begun; the first error ends it. */
static enum err go_on(void)
{
    while (run.phase != QUORUM_OVER) {
        for (size_t at = 0; at < run.head.t; at++) {
            assert_false(quorum_run_is_whole(&run));
            TRY(ask(at));
        }
        assert_true(quorum_run_is_whole(&run));
        TRY(quorum_run_next(&run, scratch));
    }
    return ERR_OK;
}

static enum err session(void)
{
    uint8_t sid0[SID0_LEN];

    noise_bytes(&kit->noise, sid0, sizeof sid0);
    party_kit_fill(kit);
    quorum_run_begin(&run, &roster, &job, ACT, sid0);
    return go_on();
}

static enum err csr_session(uint8_t attempt)
{
    uint8_t sid0[SID0_LEN];

    noise_bytes(&kit->noise, sid0, sizeof sid0);
    party_kit_fill(kit);
    quorum_run_begin_csr(&run, &roster, &job, ACT, sid0, 1, attempt);
    return go_on();
}

static void assert_signature(void)
{
    uint8_t mu[MLDSA_MU_LEN];

    assert_true(run.found);
    assert_int_equal(job.signature_len, kit->math->params->set->sig_len);
    quorum_node_mu(&job.stamp, mu);
    assert_int_equal(mldsa_verify_mu(&kit->math->key.key, mu,
                                     (struct view){job.signature, job.signature_len},
                                     &scratch->blame.combine.verify),
                     ERR_OK);
}

static void some_session_signs(void **state)
{
    unsigned tries = 0;

    (void)state;
    do {
        assert_int_equal(session(), ERR_OK);
        assert_int_equal(run.guilty, 0);
    } while (!run.found && ++tries < 40);
    assert_signature();
}

static void some_attempt_signs_a_request(void **state)
{
    uint8_t attempt = 0;

    (void)state;
    do {
        assert_int_equal(csr_session(++attempt), ERR_OK);
        assert_int_equal(run.guilty, 0);
    } while (!run.found && attempt < CSR_ATTEMPTS_MAX);
    assert_signature();
}

static void a_signed_lie_in_a_request_is_proof(void **state)
{
    (void)state;
    lie.phase = QUORUM_ASK_R2;
    lie.party = 3;
    lie.resign = true;
    lie.at = 72 + 1000; /* n, err, index, signature, length, then w */
    assert_int_equal(csr_session(1), ERR_MISMATCH);
    assert_int_equal(run.guilty, 1U << 3);
}

static void an_answer_counts_once(void **state)
{
    uint8_t sid0[SID0_LEN] = {1};

    (void)state;
    quorum_run_begin(&run, &roster, &job, ACT, sid0);
    assert_int_equal(ask(1), ERR_OK);
    assert_int_equal(ask(1), ERR_STATE);
    assert_int_equal(quorum_run_next(&run, scratch), ERR_STATE);
    assert_int_equal(quorum_run_place(&run, 3), 1);
    assert_int_equal(quorum_run_place(&run, 0), run.head.t);
}

static void any_changed_byte_of_an_r1_is_found(void **state)
{
    (void)state;
    lie.phase = QUORUM_ASK_R1;
    lie.party = 3;
    for (lie.at = 0; lie.at < 1 + R1_MAX_LEN; lie.at += 7) {
        assert_int_not_equal(session(), ERR_OK);
        assert_int_equal(run.guilty, 0); /* it may have been the host */
        pq_party_void(&kit->nodes[1].party);
        pq_party_void(&kit->nodes[3].party);
    }
}

static void a_changed_reveal_is_nobodys_proof(void **state)
{
    static const size_t places[] = {3, 4, 60, 68, 71, 72, 5000};

    (void)state;
    lie.phase = QUORUM_ASK_R2;
    lie.party = 3;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++) {
        lie.at = places[i];
        assert_int_not_equal(session(), ERR_OK);
        assert_int_equal(run.guilty, 0);
        for (unsigned k = 0; k < 5; k++) {
            pq_party_void(&kit->nodes[k].party);
        }
    }
}

static void a_signed_lie_in_a_reveal_is_proof(void **state)
{
    (void)state;
    lie.phase = QUORUM_ASK_R2;
    lie.party = 3;
    lie.resign = true;
    lie.at = 72 + 1000; /* n, err, index, signature, length, then w */
    assert_int_equal(session(), ERR_MISMATCH);
    assert_int_equal(run.guilty, 1U << 3);
}

static void a_wrong_response_is_found_by_arithmetic(void **state)
{
    unsigned sessions = 0;
    unsigned found = 0;

    (void)state;
    lie.phase = QUORUM_ASK_R3;
    lie.party = 4;
    lie.resign = true;
    lie.respond = true;
    lie.at = 71 + 2 + 40; /* err, index, signature, length, bitmap of 14, then z */
    /* Only an index that all accept, and that would have given a signature, shows it. */
    while (found == 0 && sessions++ < 60) {
        assert_int_equal(session(), ERR_OK);
        found |= run.guilty;
    }
    assert_int_equal(found, 1U << 4);
}

/* Of honest signers none is blamed, of a liar's answers each is, whether the session signs. */
static void a_look_at_all_answers_finds_what_did_no_harm(void **state)
{
    (void)state;
    assert_int_equal(session(), ERR_OK);
    quorum_run_check(&run, scratch);
    assert_int_equal(run.guilty, 0);
    lie.phase = QUORUM_ASK_R3;
    lie.party = 4;
    lie.resign = true;
    lie.respond = true;
    lie.at = 71 + 2 + 40; /* of the first index that it accepted */
    do {
        assert_int_equal(session(), ERR_OK);
    } while (run.guilty != 0);
    quorum_run_check(&run, scratch);
    assert_int_equal(run.guilty, 1U << 4);
}

static void a_refusal_is_passed_on(void **state)
{
    (void)state;
    pq_party_void(&kit->nodes[3].party);
    run.phase = QUORUM_ASK_R1;
    quorum_run_begin(&run, &roster, &job, ACT, kit->epoch_id);
    assert_int_equal(ask(0), ERR_OK);
    assert_int_equal(ask(1), ERR_NOSPACE); /* its pool is empty */
}

static void spans_too_wide_end_the_session(void **state)
{
    (void)state;
    nodes[1].now_ns += 3000 * MS;
    assert_int_equal(session(), ERR_TIME);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(some_session_signs, start, stop),
        cmocka_unit_test_setup_teardown(some_attempt_signs_a_request, start, stop),
        cmocka_unit_test_setup_teardown(a_signed_lie_in_a_request_is_proof, start, stop),
        cmocka_unit_test_setup_teardown(an_answer_counts_once, start, stop),
        cmocka_unit_test_setup_teardown(any_changed_byte_of_an_r1_is_found, start, stop),
        cmocka_unit_test_setup_teardown(a_changed_reveal_is_nobodys_proof, start, stop),
        cmocka_unit_test_setup_teardown(a_signed_lie_in_a_reveal_is_proof, start, stop),
        cmocka_unit_test_setup_teardown(a_wrong_response_is_found_by_arithmetic, start, stop),
        cmocka_unit_test_setup_teardown(a_look_at_all_answers_finds_what_did_no_harm, start,
                                        stop),
        cmocka_unit_test_setup_teardown(a_refusal_is_passed_on, start, stop),
        cmocka_unit_test_setup_teardown(spans_too_wide_end_the_session, start, stop),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
