/* Five cores that share a pq key: what they sign together, and what each of them refuses. */
#include "quorum_fixture.h"

#include <string.h>

#define POOL 2
#define TRIES 40 /* each gives a signature about every second time */
#define HI_AT (EPOCH_ID_LEN + 1 + SID0_LEN + 1 + R1_ID_LEN + 8)
#define LO_AT (HI_AT - 8)
#define ACT 0x0bU /* places 0, 1 and 3 */

static struct quorum_fixture *f;

static int set_up(void **state)
{
    (void)state;
    f = quorum_fixture_new(POOL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    return 0;
}

/* Rounds 1 and 2, as they should be. */
static void open_session(void)
{
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    session_fix(f);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r2(f, i), ERR_OK);
    }
}

static void add_ns(uint8_t *at, int64_t ns)
{
    uint64_t v = 0;

    for (size_t i = 8; i-- > 0;) {
        v = v << 8 | at[i];
    }
    v += (uint64_t)ns;
    for (size_t i = 0; i < 8; i++) {
        at[i] = (uint8_t)(v >> 8 * i);
    }
}

/* The clock of another signer is off by so much, and it says so. */
static void shift_span(size_t at, int64_t ns)
{
    add_ns(f->session.r1s + at * R1_MAX_LEN + LO_AT, ns);
    add_ns(f->session.r1s + at * R1_MAX_LEN + HI_AT, ns);
    session_sign_r1(f, at);
}

static void makes_plain_signatures(void **state)
{
    static const unsigned acts[] = {0x07, 0x1c, 0x15, 0x0b};
    static struct mldsa_public_key key;
    static struct mldsa_verify_scratch scratch;
    size_t found = 0;

    (void)state;
    assert_int_equal(mldsa_public_key_parse(mldsa_best(), &mldsa_65,
                                            (struct view){f->math->pk, PQ_PUBLIC_LEN},
                                            &f->math->key_scratch, &key),
                     ERR_OK);
    for (size_t i = 0; i < TRIES && found < 2; i++) {
        if (session_run(f, acts[i % 4])) {
            found++;
            assert_int_equal(mldsa_verify_mu(&key, f->session.mu,
                                             (struct view){f->math->sig, STAMP_SIGNATURE_PQ},
                                             &scratch),
                             ERR_OK);
        }
        quorum_fixture_fill(f);
    }
    assert_int_equal(found, 2);
}

static void counts_what_it_does(void **state)
{
    struct member *const m = f->members[0];
    const uint64_t each = f->math->params->repetitions;

    (void)state;
    assert_int_equal(member_stat(m, STAT_PQ_READY), POOL);
    open_session();
    assert_int_equal(member_stat(m, STAT_PQ_READY), POOL - 1);
    assert_int_equal(member_stat(m, STAT_PQ_ANSWERED), 0);
    assert_int_equal(session_r3(f, 0), ERR_OK);
    assert_int_equal(member_stat(m, STAT_PQ_OFFERED), 1);
    assert_int_equal(member_stat(m, STAT_PQ_OPENED), 1);
    assert_int_equal(member_stat(m, STAT_PQ_ANSWERED), 1);
    assert_int_equal(member_stat(m, STAT_PQ_REPETITIONS), each);
    assert_int_equal(session_r2(f, 0), ERR_STALE);
    assert_int_equal(member_stat(m, STAT_R2_REFUSED_STALE), 1);
    assert_int_equal(m->core.jobs.busy, 0);
    assert_int_equal(m->core.counts.jobs_busy, 0);
}

static void one_r1_serves_one_r2(void **state)
{
    (void)state;
    open_session();
    assert_int_equal(session_r2(f, 1), ERR_STALE); /* the same again */
    noise_bytes(&f->noise, f->session.imprint, 32);
    assert_int_equal(session_r2(f, 1), ERR_STALE); /* another imprint */
    /* A refused R2 uses it up, too. */
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    f->session.head.activation[0] ^= 1;
    assert_int_equal(session_r2(f, 0), ERR_STALE);
    f->session.head.activation[0] ^= 1;
    assert_int_equal(session_r2(f, 0), ERR_STALE);
}

/* Peers' R1s of a session that this core was in, with a fresh one of its own. */
static void a_batch_is_in_one_session(void **state)
{
    (void)state;
    open_session();
    assert_int_equal(session_r1_again(f, 0), ERR_OK);
    assert_int_equal(session_r2(f, 0), ERR_STALE);
    assert_int_equal(member_stat(session_member(f, 0), STAT_PQ_REFUSED), 1);
}

static void refuses_another_epoch(void **state)
{
    static const uint8_t other[EPOCH_ID_LEN] = {1};

    (void)state;
    memset(f->epoch_id, 0x77, EPOCH_ID_LEN);
    assert_int_equal(session_r1(f, ACT), ERR_QUORUM);
    memset(f->epoch_id, 0x5a, EPOCH_ID_LEN);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    memcpy(f->session.head.epoch_id, other, sizeof other);
    assert_int_equal(session_r2(f, 0), ERR_QUORUM);
    memcpy(f->session.head.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(f->session.r1s, other, sizeof other); /* of a peer, and its own word for it */
    session_sign_r1(f, 0);
    assert_int_equal(session_r2(f, 1), ERR_MISMATCH);
}

static void refuses_what_is_no_quorum(void **state)
{
    (void)state;
    assert_int_equal(session_r1(f, 0x03), ERR_OK); /* two */
    assert_int_equal(session_r2(f, 0), ERR_QUORUM);
    assert_int_equal(session_r1(f, 0x0f), ERR_OK); /* four */
    assert_int_equal(session_r2(f, 0), ERR_QUORUM);
    quorum_fixture_renew(f);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    f->session.head.signers[2] = 6; /* nobody */
    assert_int_equal(session_r2(f, 0), ERR_QUORUM);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    f->session.head.signers[2] = 3; /* not who made it */
    assert_int_equal(session_r2(f, 0), ERR_MISMATCH);
}

/* Every byte of a peer's R1 is under its proof. */
static void refuses_r1s_without_proof(void **state)
{
    static const size_t at[] = {EPOCH_ID_LEN + 1 + SID0_LEN + 1, /* r1_id */
                                HI_AT,
                                HI_AT + 8,                         /* part */
                                R1_BODY_LEN + 1,                   /* batch_id */
                                R1_BODY_LEN + 1 + R1_BATCH_ID_LEN, /* com */
                                R1_MAX_LEN - R1_PROOF_LEN,
                                R1_MAX_LEN - 1};

    (void)state;
    for (size_t i = 0; i < sizeof at / sizeof at[0]; i++) {
        assert_int_equal(session_r1(f, ACT), ERR_OK);
        f->session.r1s[R1_MAX_LEN + at[i]] ^= 1;
        assert_int_equal(session_r2(f, 0), ERR_SIGNATURE);
        quorum_fixture_renew(f);
    }
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    f->session.r1s[R1_MAX_LEN + R1_BODY_LEN] = 2; /* batches */
    assert_int_equal(session_r2(f, 0), ERR_RANGE);
}

static void refuses_an_r2_that_was_held_back(void **state)
{
    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    session_fix(f);
    quorum_fixture_go(f, (R1_LIFE_MS - 1) * MS);
    assert_int_equal(session_r2(f, 0), ERR_OK);
    quorum_fixture_go(f, 1 * MS);
    assert_int_equal(session_r2(f, 1), ERR_OK);
    quorum_fixture_go(f, 1 * MS);
    assert_int_equal(session_r2(f, 2), ERR_STALE);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    quorum_fixture_go(f, 10 * SECOND);
    assert_int_equal(session_r2(f, 0), ERR_STALE);
}

static void a_clock_step_voids_all(void **state)
{
    struct member *m;

    (void)state;
    open_session(); /* within a session */
    m = session_member(f, 0);
    m->clock.kernel.now_ns -= 500 * MS;
    assert_int_equal(member_stat(m, STAT_PQ_READY), POOL - 1);
    core_tick(&m->core);
    assert_int_equal(member_stat(m, STAT_PQ_READY), 0);
    assert_int_equal(session_r3(f, 0), ERR_STALE);
    assert_int_equal(session_r3(f, 1), ERR_OK); /* the others stand */

    assert_int_equal(session_r1(f, 0x1c), ERR_OK); /* between R1 and R2 */
    session_fix(f);
    m = session_member(f, 1);
    m->clock.kernel.now_ns += 500 * MS;
    assert_int_equal(session_r2(f, 0), ERR_OK);
    assert_int_not_equal(session_r2(f, 1), ERR_OK);
    assert_int_equal(m->core.r1.open, 0);
    assert_int_equal(member_stat(m, STAT_PQ_READY), 0);
}

/* Stopped, or suspended with its machine and perhaps copied: both clocks went on alike. */
static void a_core_that_stood_still_has_new_batches(void **state)
{
    struct member *m;

    (void)state;
    open_session();
    m = session_member(f, 0);
    quorum_fixture_go(f, LIMIT_STILL_NS);
    core_tick(&m->core); /* not that long: the session is open, and the pool is good */
    assert_int_equal(member_stat(m, STAT_PQ_READY), POOL - 1);
    assert_int_equal(m->party.places[0].state, PQ_OPEN);

    quorum_fixture_go(f, LIMIT_STILL_NS + 7 * MS);
    core_tick(&m->core);
    assert_int_equal(member_stat(m, STAT_PQ_READY), 0);
    assert_int_equal(m->party.places[0].state, PQ_EMPTY);
    assert_int_equal(member_audited(m, AUDIT_STOOD_STILL, LIMIT_STILL_NS / MS + 7, POOL), 1);
    assert_int_equal(session_r3(f, 0), ERR_STALE);
    assert_int_equal(m->core.now.err, ERR_OK); /* the time itself is as good as before */
}

/* Two liars of three, a second off: genTime is theirs, and the honest one refuses. */
static void bad_spans_do_not_move_time(void **state)
{
    static const struct {
        int64_t by;
        enum err e;
    } rows[] = {
        {1000 * MS, ERR_TIME},      {-1000 * MS, ERR_TIME}, {1100 * MS, ERR_MISMATCH},
        {-1100 * MS, ERR_MISMATCH}, {400 * MS, ERR_TIME}, /* genTime after the own span */
    };
    int64_t off_ns;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(session_r1(f, ACT), ERR_OK);
        shift_span(0, rows[i].by);
        shift_span(2, rows[i].by);
        assert_int_equal(session_r2(f, 1), rows[i].e);
        quorum_fixture_renew(f);
    }
    assert_int_equal(session_r1(f, ACT), ERR_OK); /* one liar moves nothing */
    shift_span(0, 400 * MS);
    session_fix(f);
    assert_int_equal(session_r2(f, 1), ERR_OK);
    off_ns = f->session.st.gen_time_ms * MS - session_member(f, 1)->clock.kernel.now_ns;
    assert_true(off_ns > -2 * MS && off_ns < 2 * MS);
    assert_int_equal(session_r1(f, ACT),
                     ERR_OK); /* or the accuracy would be over the policy's */
    shift_span(0, 800 * MS);
    assert_int_equal(session_r2(f, 1), ERR_TIME);
}

static void batches_run_short(void **state)
{
    struct member *const m = f->members[0];
    uint8_t sid0[(POOL + 1) * SID0_LEN] = {0};
    struct r1_ask ask = {.key = KEY_PQ, .sid0 = {sid0, sizeof sid0}};
    uint8_t body[512];
    struct writer w = wr_init(body, sizeof body);
    struct view r1s;

    (void)state;
    memcpy(ask.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    r1_ask_encode(&w, &ask);
    assert_int_equal(member_call(m, FRAME_R1, (struct view){body, w.len}), ERR_NOSPACE);
    assert_int_equal(m->core.r1.open, 0);
    ask.sid0.n -= SID0_LEN;
    w = wr_init(body, sizeof body);
    r1_ask_encode(&w, &ask);
    assert_int_equal(member_call(m, FRAME_R1, (struct view){body, w.len}), ERR_OK);
    assert_int_equal(r1_answer_decode(m->body, R1_MAX_LEN, &r1s), ERR_OK);
    assert_int_equal(r1s.n, POOL * R1_MAX_LEN);
    assert_memory_not_equal(r1s.p + R1_BODY_LEN, r1s.p + R1_MAX_LEN + R1_BODY_LEN,
                            R1_BATCH_ID_LEN + 1);
    assert_int_equal(m->core.r1.open, POOL);
    /* A classic R1 needs none. */
    ask.key = KEY_CLASSIC;
    w = wr_init(body, sizeof body);
    r1_ask_encode(&w, &ask);
    assert_int_equal(member_call(m, FRAME_R1, (struct view){body, w.len}), ERR_OK);
    assert_int_equal(m->body.n, 1 + POOL * R1_BODY_LEN);
}

/* A full R1 frame of the pq key is the longest answer that goes to a write buffer. */
static void the_longest_r1(void **state)
{
    (void)state;
    assert_true(FRAME_HEADER_LEN + 1 + STAMP_BATCH_MAX * r1_len(KEY_PQ, SIGNERS) ==
                LIMIT_ANSWER);
}

static void answers_once(void **state)
{
    (void)state;
    open_session();
    assert_int_equal(session_r3(f, 0), ERR_OK); /* and it was lost */
    assert_int_equal(session_r3(f, 0), ERR_STALE);
    assert_int_equal(member_call(session_member(f, 1), FRAME_R3, session_r3_body(f, 1)),
                     ERR_OK);
    { /* again while a worker has it */
        struct sign_batch *const b = session_member(f, 1)->batch;

        session_member(f, 1)->request_id--;
        assert_int_equal(member_call(session_member(f, 1), FRAME_R3, session_r3_body(f, 1)),
                         ERR_STALE);
        session_member(f, 1)->batch = b;
    }
    member_finish(session_member(f, 1), false);
    assert_int_equal(session_respond(f, 1), ERR_OK);
    f->session.st.x[0] ^= 1;
    assert_int_equal(session_r3(f, 2), ERR_STALE); /* no such session */
    f->session.st.x[0] ^= 1;
    assert_int_equal(session_r3(f, 2), ERR_OK);
}

/* Whoever asked is gone: before a worker took it, and while one has it. */
static void nobody_waits_for_the_answer(void **state)
{
    struct member *m;

    (void)state;
    open_session();
    m = session_member(f, 0);
    assert_int_equal(member_call(m, FRAME_R3, session_r3_body(f, 0)), ERR_OK);
    jobs_submit(&m->core.jobs, m->batch);
    assert_true(jobs_cancel(&m->core.jobs, 0));
    assert_ptr_equal(jobs_collect(&m->core.jobs), m->batch);
    core_finish(&m->core, m->batch, NULL);
    assert_int_equal(session_r3(f, 0), ERR_STALE);
    assert_int_equal(member_stat(m, STAT_PQ_ANSWERED), 0);
    assert_int_equal(member_stat(m, STAT_PQ_REPETITIONS), 0);

    m = session_member(f, 1);
    assert_int_equal(member_call(m, FRAME_R3, session_r3_body(f, 1)), ERR_OK);
    member_finish(m, true);
    assert_int_equal(session_r3(f, 1), ERR_STALE);
    assert_int_equal(member_stat(m, STAT_PQ_REPETITIONS), f->math->params->repetitions);
    for (size_t i = 0; i < 2; i++) { /* their places are free again */
        m = session_member(f, i);
        assert_false(pq_party_answering(&m->party));
        assert_int_equal(m->core.jobs.busy, 0);
        assert_non_null(core_quorum_fill(&m->core));
    }
}

/* The host changes a REVEAL: the session goes on. Its sender does: it is named. */
static void names_who_reveals_wrongly(void **state)
{
    struct quorum_word *const word = &f->session.reveals[2];
    uint8_t signed_part[QUORUM_SIGNED_LEN];
    struct member *m;

    (void)state;
    open_session();
    m = session_member(f, 0);
    f->session.w[2][100] ^= 1;
    assert_int_equal(session_r3(f, 0), ERR_SIGNATURE);
    f->session.w[2][100] ^= 1;
    assert_int_equal(member_audited(m, AUDIT_PEER, ERR_SIGNATURE, 4), 0);
    assert_int_equal(session_r3(f, 0), ERR_OK);

    f->session.w[2][100] ^= 1;
    quorum_word_signed(QUORUM_REVEAL, f->session.st.x, word, signed_part);
    assert_int_equal(ed25519_sign(session_member(f, 2)->stack, &session_member(f, 2)->identity,
                                  (struct view){signed_part, sizeof signed_part},
                                  f->session.sigs[2]),
                     ERR_OK);
    m = session_member(f, 1);
    assert_int_equal(session_r3(f, 1), ERR_MISMATCH);
    assert_int_equal(member_audited(m, AUDIT_PEER, ERR_MISMATCH, 4), 1); /* index, from 1 */
    assert_int_equal(session_r3(f, 1), ERR_STALE);                       /* the session ended */
    assert_int_equal(member_stat(m, STAT_PQ_REPETITIONS), 0);
}

static void sessions_end_by_themselves(void **state)
{
    struct member *m;

    (void)state;
    open_session();
    m = session_member(f, 0);
    quorum_fixture_go(f, PQ_SESSION_LIFE_NS);
    core_tick(&m->core);
    assert_int_equal(member_stat(m, STAT_PQ_EXPIRED), 0);
    quorum_fixture_go(f, 1);
    core_tick(&m->core);
    assert_int_equal(member_stat(m, STAT_PQ_EXPIRED), 1);
    assert_int_equal(session_r3(f, 0), ERR_STALE);
}

static void a_session_is_given_back(void **state)
{
    uint8_t none[STAMP_X_LEN + 1] = {0};
    struct member *m;

    (void)state;
    open_session();
    m = session_member(f, 0);
    memcpy(none, f->session.st.x, STAMP_X_LEN);
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(member_call(m, FRAME_R3, (struct view){none, sizeof none}), ERR_OK);
        assert_int_equal(m->head.type, FRAME_R3 | FRAME_ANSWER);
        assert_int_equal(m->body.n, 0);
        assert_null(m->batch);
    }
    assert_int_equal(m->party.counts.given_back, 1);
    assert_int_equal(session_r3(f, 0), ERR_STALE);
    assert_int_equal(session_r3(f, 1), ERR_OK); /* it revealed: the others are none the worse */
}

static void keys_have_a_cap(void **state)
{
    struct member *const m = f->members[0];
    const uint64_t each = f->math->params->repetitions;

    (void)state;
    m->party.repetitions_warn = each;
    m->party.repetitions_refuse = 2 * each;
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(member_audited(m, AUDIT_KEY_CAP, ERR_OK, each), i);
        assert_int_equal(member_audited(m, AUDIT_KEY_CAP, ERR_STATE, 2 * each), 0);
        open_session();
        assert_int_equal(session_r3(f, 0), ERR_OK);
    }
    assert_int_equal(member_audited(m, AUDIT_KEY_CAP, ERR_OK, each), 1);
    assert_int_equal(member_audited(m, AUDIT_KEY_CAP, ERR_STATE, 2 * each), 1);
    quorum_fixture_go(f, PQ_SESSION_LIFE_NS);
    quorum_fixture_renew(f);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    assert_int_equal(session_r2(f, 0), ERR_STATE);
}

/* Promises are kept; nothing new is begun. */
static void drains(void **state)
{
    struct member *const m = f->members[0];

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    session_fix(f);
    core_drain(&m->core);
    assert_int_equal(session_r1_again(f, 0), ERR_STATE);
    assert_false(core_drained(&m->core));
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(session_r2(f, i), ERR_OK);
    }
    assert_false(core_drained(&m->core)); /* its R3 may come */
    assert_int_equal(session_r3(f, 0), ERR_OK);
    assert_true(core_drained(&m->core));
    assert_null(core_quorum_fill(&m->core));
}

/* Another ceremony: nothing of this one is left once workers are done. */
static void ends_for_another_ceremony(void **state)
{
    struct member *m;
    struct pq_place *place;

    (void)state;
    open_session();
    m = session_member(f, 0);
    assert_int_equal(member_call(m, FRAME_R3, session_r3_body(f, 0)), ERR_OK);
    assert_false(core_quorum_end(&m->core));
    assert_null(core_quorum_fill(&m->core));
    member_finish(m, false);
    assert_int_equal(session_respond(f, 0), ERR_STATE);
    assert_true(core_quorum_end(&m->core));
    assert_int_equal(member_call(m, FRAME_R3, session_r3_body(f, 0)), ERR_TYPE);
    assert_int_equal(session_r1_again(f, 0), ERR_NOSPACE);

    m = session_member(f, 1);
    assert_int_equal(session_r3(f, 1), ERR_OK);
    place = core_quorum_fill(&m->core);
    assert_non_null(place);
    assert_false(core_quorum_end(&m->core));
    core_quorum_filled(&m->core, place, pq_worker_commit(m->worker, &m->party, place));
    assert_true(core_quorum_end(&m->core));
    assert_int_equal(place->state, PQ_EMPTY);
    assert_true(core_quorum_end(&m->core));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(makes_plain_signatures),
        TEST(counts_what_it_does),
        TEST(one_r1_serves_one_r2),
        TEST(a_batch_is_in_one_session),
        TEST(refuses_another_epoch),
        TEST(refuses_what_is_no_quorum),
        TEST(refuses_r1s_without_proof),
        TEST(refuses_an_r2_that_was_held_back),
        TEST(a_clock_step_voids_all),
        TEST(a_core_that_stood_still_has_new_batches),
        TEST(bad_spans_do_not_move_time),
        TEST(batches_run_short),
        cmocka_unit_test(the_longest_r1),
        TEST(answers_once),
        TEST(nobody_waits_for_the_answer),
        TEST(names_who_reveals_wrongly),
        TEST(sessions_end_by_themselves),
        TEST(a_session_is_given_back),
        TEST(keys_have_a_cap),
        TEST(drains),
        TEST(ends_for_another_ceremony),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
