/* SIGN_CSR of a key that five cores have and three of them sign with: what each of them
 * refuses. That a request comes of it is in tests/sim. */
#include "quorum_fixture.h"

#include "format/csr_info.h"
#include "wire/csr_ask.h"

#include <string.h>

#define ACT 0x0bU /* places 0, 1 and 3 */

static struct quorum_fixture *f;

static int set_up(void **state)
{
    (void)state;
    f = quorum_fixture_waiting(2);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    return 0;
}

/* With the R1s of the session. */
static struct csr_ask question(uint8_t attempt)
{
    const struct session *const s = &f->session;
    struct csr_ask a = {.key = KEY_PQ,
                        .subject = CSR_SUBJECT_TSA,
                        .attempt = attempt,
                        .t = SIGNERS,
                        .r1s = {s->r1s, (size_t)SIGNERS * R1_MAX_LEN}};

    memcpy(a.epoch_id, f->epoch_id, EPOCH_ID_LEN);
    memcpy(a.signers, s->head.signers, sizeof a.signers);
    memcpy(a.sid0, s->sid0, SID0_LEN);
    return a;
}

/* What stands in the answer of one core, or the error of the frame. */
static enum err ask(struct member *m, const struct csr_ask *a)
{
    uint8_t body[2048];
    struct writer w = wr_init(body, sizeof body);
    struct quorum_word word;
    struct reader r;
    uint16_t e = 0;
    uint8_t n = 0;

    csr_ask_encode(&w, a);
    TRY(member_call(m, FRAME_SIGN_CSR, (struct view){body, w.len}));
    assert_null(m->batch);
    r = rd_init(m->body);
    assert_int_equal(rd_u8(&r, &n), ERR_OK);
    assert_int_equal(n, 1);
    assert_int_equal(rd_u16le(&r, &e), ERR_OK);
    if (e == ERR_OK) {
        assert_int_equal(quorum_word_decode(&r, m->body.n, &word), ERR_OK);
        assert_int_equal(word.index, m->core.index);
        assert_int_equal(word.body.n, tmldsa_pack_batch_len(f->math->params));
    }
    assert_int_equal(rd_finish(&r), ERR_OK);
    return (enum err)e;
}

static void shows_its_reveal_once(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(1);
    for (size_t i = 0; i < SIGNERS; i++) {
        assert_int_equal(ask(session_member(f, i), &a), ERR_OK);
        assert_int_equal(member_audited(session_member(f, i), AUDIT_CSR_SIGNED, KEY_PQ, 1), 1);
    }
    assert_int_equal(ask(session_member(f, 1), &a), ERR_STALE);
    a = question(2);
    assert_int_equal(ask(session_member(f, 1), &a), ERR_STALE); /* its R1 is gone */
}

static void attempts_ascend(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(5);
    assert_int_equal(ask(f->members[0], &a), ERR_OK);
    quorum_fixture_renew(f);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(5);
    assert_int_equal(ask(f->members[0], &a), ERR_STALE);
    assert_int_equal(ask(f->members[1], &a), ERR_OK); /* it was not asked before */
}

static void only_a_quorum_with_it(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, 0x0f), ERR_OK); /* four */
    a = question(1);
    a.t = 4;
    a.r1s.n = (size_t)4 * R1_MAX_LEN;
    assert_int_equal(ask(f->members[0], &a), ERR_QUORUM);
    quorum_fixture_renew(f);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(1);
    assert_int_equal(ask(f->members[2], &a), ERR_QUORUM); /* not among the signers */
    a.t = 1;                                              /* alone: nobody's key is whole */
    a.r1s.n = R1_BODY_LEN;
    assert_int_equal(ask(f->members[0], &a), ERR_QUORUM);
    a = question(1);
    a.signers[2] = NODES + 1;
    assert_int_equal(ask(f->members[1], &a), ERR_QUORUM);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(f->members[i]->core.csr_attempts[KEY_PQ - 1], 0);
    }
}

static void another_epoch_or_session(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(1);
    a.epoch_id[5] ^= 1;
    assert_int_equal(ask(f->members[0], &a), ERR_QUORUM);
    a = question(1);
    a.sid0[5] ^= 1;
    assert_int_equal(ask(f->members[1], &a), ERR_MISMATCH);
    f->session.r1s[EPOCH_ID_LEN + 1] ^= 1; /* the first one's sid0 */
    a = question(1);
    assert_int_equal(ask(f->members[3], &a), ERR_MISMATCH);
}

/* A peer's R1 that it did not give, and a batch of it that was in a session. */
static void peers_are_held_to_their_words(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    f->session.r1s[R1_MAX_LEN + R1_BODY_LEN + 3] ^= 1; /* batch_id of the second */
    a = question(1);
    assert_int_equal(ask(f->members[0], &a), ERR_SIGNATURE);
    assert_int_equal(member_audited(f->members[0], AUDIT_CSR_SIGNED, KEY_PQ, 1), 0);
    f->session.r1s[R1_MAX_LEN + R1_BODY_LEN + 3] ^= 1;
    a = question(1);
    assert_int_equal(ask(f->members[3], &a), ERR_OK);
    assert_int_equal(session_r1_again(f, 2), ERR_OK);
    a = question(2);
    assert_int_equal(ask(f->members[3], &a), ERR_STALE); /* the others' batches are old */
}

/* An R1 for a request serves no stamp, and one for a stamp no request. */
static void r1s_do_not_cross(void **state)
{
    struct csr_ask a;

    (void)state;
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    session_fix(f);
    assert_int_not_equal(session_r2(f, 0), ERR_OK); /* before it has its certificate */
    a = question(1);
    assert_int_equal(ask(f->members[0], &a), ERR_STALE);
    quorum_fixture_activate(f);
    memcpy(f->session.head.activation, f->members[0]->core.certs[KEY_PQ - 1].activation,
           ACTIVATION_HASH_LEN);
    session_fix(f);
    assert_int_equal(session_r2(f, 1), ERR_STALE);

    quorum_fixture_renew(f);
    assert_int_equal(session_r1(f, ACT), ERR_OK);
    a = question(1);
    assert_int_equal(ask(f->members[0], &a), ERR_STATE);
    session_fix(f);
    assert_int_equal(session_r2(f, 0), ERR_STALE);
    assert_int_equal(session_r2(f, 1), ERR_OK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(shows_its_reveal_once, set_up, tear_down),
        cmocka_unit_test_setup_teardown(attempts_ascend, set_up, tear_down),
        cmocka_unit_test_setup_teardown(only_a_quorum_with_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(another_epoch_or_session, set_up, tear_down),
        cmocka_unit_test_setup_teardown(peers_are_held_to_their_words, set_up, tear_down),
        cmocka_unit_test_setup_teardown(r1s_do_not_cross, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
