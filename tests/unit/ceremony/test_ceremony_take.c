/* What a node takes, and what it drops: messages that a peer signed, and which are of no use
 * here or not now. */
#include "rig.h"
#include "testing.h"

#include <stdlib.h>

/* Two of three; what node 1 signs comes to node 0. */
#define PEER 1
#define OWN 0
#define OUT_MAX 65536

static struct rig rig;
static uint8_t out[OUT_MAX];
static uint8_t bytes[OUT_MAX];

/* ---- to node 0, from outside ---- */

static enum err give(struct view messages, size_t *said)
{
    struct rig_node *const n = &rig.nodes[OWN];
    struct writer w = wr_init(out, sizeof out);
    const enum err e = ceremony_step(&n->c, &n->tools, messages, rig.now_ns, &w);

    *said = w.len;
    return e;
}

/* A message signed by its sender. */
static struct view made(uint8_t round, uint8_t sender, uint8_t to, struct view body)
{
    struct ceremony_msg m = {.round = round, .sender = sender, .to = to};
    size_t n = body.n;

    assert_true(body.n + 256 <= sizeof bytes);
    rig_sign(&rig, bytes, &n, &m, body.p, body.n);
    return (struct view){bytes, n};
}

static void drops(struct view message)
{
    const struct ceremony *const c = &rig.nodes[OWN].c;
    const enum ceremony_state state = c->state;
    const uint64_t dropped = c->dropped;
    size_t said = 0;

    assert_int_equal(give(message, &said), ERR_OK);
    assert_int_equal(said, 0);
    assert_int_equal(c->dropped, dropped + 1);
    assert_int_equal(c->state, state);
}

/* And has nothing to say to it. */
static void takes(struct view message)
{
    const uint64_t dropped = rig.nodes[OWN].c.dropped;
    size_t said = 0;

    assert_int_equal(give(message, &said), ERR_OK);
    assert_int_equal(said, 0);
    assert_int_equal(rig.nodes[OWN].c.dropped, dropped);
}

static void has_ended(uint8_t reason, uint8_t accused, bool proven)
{
    const struct ceremony *const c = &rig.nodes[OWN].c;

    assert_int_equal(c->state, CEREMONY_ABORTED);
    assert_int_equal(c->end.reason, reason);
    assert_int_equal(c->end.accused, accused);
    assert_int_equal(c->end.proven, proven);
}

/* ---- while a ceremony goes on, which they do not touch ---- */

struct extra {
    uint8_t when; /* a message of the peer in that round is on its way */
    uint8_t round, sender, to;
    size_t n; /* of the body, which begins so: */
    uint8_t body[2];
};

static const struct extra *extras;
static size_t left;

/* All of this round, before one that is of use. */
static unsigned add(struct rig *r, uint8_t to, uint8_t *message, size_t *n, size_t cap)
{
    static uint8_t body[OUT_MAX / 2];

    (void)to, (void)message, (void)n, (void)cap;
    for (; left > 0 && extras->when == r->round; extras++, left--) {
        memset(body, 0x5a, sizeof body);
        memcpy(body, extras->body, sizeof extras->body);
        drops(made(extras->round, extras->sender, extras->to, (struct view){body, extras->n}));
    }
    return 1;
}

#define COMMITMENT (2 + TMLDSA_BATCH_ID_LEN + TMLDSA_HASH_LEN) /* body of a TEST_COMMIT */

static void no_use_and_no_harm(void **state)
{
    static const struct extra rows[] = {
        {CEREMONY_PQ1_HELLO, CEREMONY_PQ1_KEM, PEER, OWN, PQ1_MESSAGE_MAX + 1, {0}},
        {CEREMONY_COMMIT, CEREMONY_OPEN, PEER, OWN, 97, {3}},
        {CEREMONY_COMMIT,
         CEREMONY_SEALED,
         PEER,
         OWN,
         CEREMONY_OPEN_MAX + PQ1_RECORD_OVERHEAD + 1,
         {0}},
        {CEREMONY_COMMIT, CEREMONY_SEALED, PEER, 2, 100, {0}},
        /* Of no quorum of ours; of one that the peer is not in; of another attempt; a byte too
           many; too few. */
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {6, 0}},
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {5, 0}},
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {3, 1}},
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT + 1, {3, 0}},
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT - 1, {3, 0}},
        {CEREMONY_DONE, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, 1, {3, 0}},
        /* Before there is an attempt, of another one, and what the peer has said of this one
           already. */
        {CEREMONY_DONE, CEREMONY_TEST_REVEAL, PEER, CEREMONY_TO_ALL, 1000, {3, 0}},
        {CEREMONY_DONE, CEREMONY_TEST_RESPOND, PEER, CEREMONY_TO_ALL, 1000, {3, 0}},
        {CEREMONY_TEST_COMMIT, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {3, 9}},
        {CEREMONY_TEST_COMMIT, CEREMONY_TEST_REVEAL, PEER, CEREMONY_TO_ALL, 1000, {3, 9}},
        {CEREMONY_TEST_COMMIT, CEREMONY_TEST_RESPOND, PEER, CEREMONY_TO_ALL, 1000, {3, 9}},
        {CEREMONY_TEST_REVEAL, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {3, 9}},
        {CEREMONY_TEST_REVEAL, CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL, COMMITMENT, {3, 0}},
        {CEREMONY_TEST_RESPOND, CEREMONY_TEST_REVEAL, PEER, CEREMONY_TO_ALL, 1000, {3, 0}},
    };

    (void)state;
    extras = rows;
    left = sizeof rows / sizeof rows[0];
    while (left > 0) {
        rig_make(&rig, 2, 3, 700 + left);
        rig.bad = PEER;
        rig.round = extras->when;
        rig.victim = OWN;
        rig.fault = add;
        rig_run(&rig);
        assert_true(rig_all(&rig, CEREMONY_FINISHED));
        rig_free(&rig);
    }
}

/* The first commitment of an attempt stands, whether the attempt has begun or not. */
static unsigned commit_twice(struct rig *r, uint8_t to, uint8_t *message, size_t *n, size_t cap)
{
    const uint8_t all = (uint8_t)((1U << r->kit.plan.total) - 1);
    uint8_t body[COMMITMENT] = {all};

    (void)to, (void)message, (void)n, (void)cap;
    if (left-- == 1) {
        body[1] = 9; /* of no attempt that is next */
        drops(made(CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL,
                   (struct view){body, sizeof body}));
        body[1] = 0;
        takes(made(CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL,
                   (struct view){body, sizeof body}));
        body[COMMITMENT - 1] ^= 1;
        drops(made(CEREMONY_TEST_COMMIT, PEER, CEREMONY_TO_ALL,
                   (struct view){body, sizeof body}));
    }
    return 1;
}

static void a_commitment_stands(void **state)
{
    static const uint8_t when[] = {CEREMONY_T_REVEAL, CEREMONY_TEST_COMMIT};

    (void)state;
    for (size_t i = 0; i < sizeof when; i++) {
        rig_make(&rig, 3, 3, 40 + i);
        rig.bad = PEER;
        rig.round = when[i];
        rig.victim = OWN;
        rig.fault = commit_twice;
        left = 1;
        rig_run(&rig);
        assert_true(rig_all(&rig, CEREMONY_ABORTED)); /* the first was none */
        rig_free(&rig);
    }
}

/* ---- at its begin and its end ---- */

static void nothing_begins_with_another_plan(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {1};
    struct rig_node *n;
    struct ceremony_tools tools;
    struct writer w = wr_init(out, sizeof out);
    size_t said = 0;

    (void)state;
    rig_make(&rig, 2, 3, 1);
    n = &rig.nodes[OWN];
    ceremony_wipe(&n->c, &n->tools); /* never begun */
    assert_int_equal(give((struct view){NULL, 0}, &said), ERR_STATE);
    tools = n->tools;
    tools.identity = &rig.kit.keys[PLAN_NODES_MAX]; /* an operator's */
    assert_int_equal(ceremony_begin(&n->c, &tools, rig.kit.encoded, nonce, 0, &w),
                     ERR_MISMATCH);
    assert_int_equal(n->c.state, CEREMONY_IDLE);
    rig.kit.encoded.n--;
    assert_int_equal(ceremony_begin(&n->c, &n->tools, rig.kit.encoded, nonce, 0, &w),
                     ERR_TRUNCATED);
    assert_int_equal(n->c.state, CEREMONY_IDLE);
    assert_int_equal(n->c.plan.total, 0);
    assert_int_equal(w.len, 0);
    rig.kit.encoded.n++;
    rig_begin(&rig);
    assert_int_equal(give((struct view){bytes, 3}, &said), ERR_TRUNCATED);
    assert_int_equal(n->c.state, CEREMONY_RUNNING);
    n->tools.room[0] = 1;
    ceremony_wipe(&n->c, &n->tools);
    assert_int_equal(n->tools.room[0], 0);
    rig_free(&rig);
}

/* Another COMMIT of the peer, as it could have signed. */
static struct view other_commit(void)
{
    static uint8_t body[1024];
    const struct ceremony_msg *const m = &rig.nodes[OWN].c.known.msg[CEREMONY_COMMIT][PEER];

    memcpy(body, m->body.p, m->body.n);
    body[0] ^= 1;
    return made(CEREMONY_COMMIT, PEER, CEREMONY_TO_ALL, (struct view){body, m->body.n});
}

static struct view complaint_of(uint8_t from, const struct ceremony_complaint *c)
{
    static uint8_t body[OUT_MAX / 2];
    struct writer w = wr_init(body, sizeof body);

    ceremony_complaint_encode(&w, c);
    return made(CEREMONY_COMPLAINT, from, CEREMONY_TO_ALL, (struct view){body, w.len});
}

/* By node 2: the peer had signed another COMMIT too. */
static struct view just_complaint(void)
{
    static uint8_t copy[1024];
    struct ceremony_complaint c = {.reason = CEREMONY_EQUIVOCATION, .accused = PEER, .n = 2};
    const struct view other = other_commit();
    struct reader r = rd_init((struct view){copy, other.n});

    memcpy(copy, other.p, other.n);
    assert_int_equal(ceremony_msg_decode(&r, &c.proof[0]), ERR_OK);
    c.proof[1] = rig.nodes[OWN].c.known.msg[CEREMONY_COMMIT][PEER];
    return complaint_of(2, &c);
}

static struct view abort_of(uint8_t from, uint8_t reason, uint8_t accused)
{
    const uint8_t body[] = {reason, accused};

    return made(CEREMONY_ABORT, from, CEREMONY_TO_ALL, (struct view){body, sizeof body});
}

/* By node 2, of two messages that node 0 has: the peer's own in that place is another one. */
static struct view complaint_of_two(uint8_t reason, const struct ceremony_msg proof[2],
                                    size_t place)
{
    static uint8_t body[8192];
    static uint8_t copy[8192];
    struct ceremony_complaint complaint = {
        .reason = reason, .accused = PEER, .n = 2, .proof = {proof[0], proof[1]}};
    const struct ceremony_msg *const m = &proof[place];
    struct view other;
    struct reader r;

    assert_true(m->whole.n <= sizeof copy);
    memcpy(body, m->body.p, m->body.n);
    body[1] ^= 1;
    other = made(m->round, PEER, CEREMONY_TO_ALL, (struct view){body, m->body.n});
    memcpy(copy, other.p, other.n);
    r = rd_init((struct view){copy, other.n});
    assert_int_equal(ceremony_msg_decode(&r, &complaint.proof[place]), ERR_OK);
    return complaint_of(2, &complaint);
}

static void finish(uint64_t seed)
{
    rig_make(&rig, 2, 3, seed);
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_FINISHED));
}

/* The one message that node 0 wrote. */
static struct ceremony_msg answer(size_t said)
{
    struct reader r = rd_init((struct view){out, said});
    struct ceremony_msg m;

    assert_int_equal(ceremony_msg_decode(&r, &m), ERR_OK);
    assert_int_equal(rd_finish(&r), ERR_OK);
    return m;
}

/* What two complaints show together is shown to all, once: by who is not over yet. */
static void an_equivocation_is_passed_on(void **state)
{
    static const struct {
        uint8_t reason, first, sender, second;
        size_t place; /* of the one that node 0 has not */
    } rows[] = {
        {CEREMONY_BAD_REVEAL, CEREMONY_T_COMMIT, PEER, CEREMONY_T_REVEAL, 0},
        {CEREMONY_BAD_REVEAL, CEREMONY_T_COMMIT, PEER, CEREMONY_T_REVEAL, 1},
        {CEREMONY_DISPUTE, CEREMONY_COMMIT, 2, CEREMONY_ECHO, 1},
    };
    struct ceremony_msg late[2];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct ceremony *c = NULL;
        struct ceremony_complaint passed;
        struct ceremony_msg proof[2];
        struct ceremony_msg m;
        size_t said = 0;

        finish(26 + i);
        c = &rig.nodes[OWN].c;
        proof[0] = c->known.msg[rows[i].first][rows[i].sender];
        proof[1] = c->known.msg[rows[i].second][PEER];
        assert_int_equal(give(complaint_of_two(rows[i].reason, proof, rows[i].place), &said),
                         ERR_OK);
        has_ended(CEREMONY_EQUIVOCATION, PEER, true);
        m = answer(said);
        assert_int_equal(m.round, CEREMONY_COMPLAINT);
        assert_int_equal(ceremony_complaint_decode(m.body, &passed), ERR_OK);
        assert_int_equal(passed.reason, CEREMONY_EQUIVOCATION);
        assert_int_equal(passed.accused, PEER);
        assert_int_equal(passed.n, 2);
        for (size_t k = 0; k < 2; k++) {
            assert_int_equal(passed.proof[k].round,
                             rows[i].place == 0 ? rows[i].first : rows[i].second);
            assert_int_equal(passed.proof[k].sender, PEER);
        }
        assert_false(view_equal(passed.proof[0].whole, passed.proof[1].whole));
        rig_free(&rig);
    }
    finish(29);
    takes(abort_of(PEER, CEREMONY_CHANNEL, 2));
    late[0] = rig.nodes[OWN].c.known.msg[CEREMONY_T_COMMIT][PEER];
    late[1] = rig.nodes[OWN].c.known.msg[CEREMONY_T_REVEAL][PEER];
    takes(complaint_of_two(CEREMONY_BAD_REVEAL, late, 0));
    has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    rig_free(&rig);
}

static enum ceremony_state before_it;

/* Node 0 has one COMMIT of the peer, and gets another: while all is well, and to end a dispute.
 */
static unsigned commit_again(struct rig *r, uint8_t to, uint8_t *message, size_t *n, size_t cap)
{
    size_t said = 0;

    (void)r, (void)to, (void)message, (void)n, (void)cap;
    if (left-- == 1) {
        rig.nodes[OWN].c.state = before_it;
        assert_int_equal(give(other_commit(), &said), ERR_OK);
        assert_int_equal(answer(said).round, CEREMONY_COMPLAINT);
        has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    }
    return 1;
}

static void two_messages_of_one_round_end_it(enum ceremony_state before)
{
    before_it = before;
    rig_make(&rig, 2, 3, 31);
    rig.bad = PEER;
    rig.round = CEREMONY_RHO;
    rig.victim = OWN;
    rig.fault = commit_again;
    left = 1;
    rig_run(&rig);
    has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    rig_free(&rig);
}

static void two_messages_end_a_ceremony(void **state)
{
    (void)state;
    two_messages_of_one_round_end_it(CEREMONY_RUNNING);
    two_messages_of_one_round_end_it(CEREMONY_DISPUTED);
}

/* A second COMMIT, silence, a dispute: too late. A just complaint: not. */
static void what_ends_a_finished_one(void **state)
{
    struct writer w = wr_init(out, sizeof out);

    (void)state;
    finish(21);
    drops(other_commit());
    ceremony_tick(&rig.nodes[OWN].c, &rig.nodes[OWN].tools, INT64_MAX, &w);
    assert_int_equal(rig.nodes[OWN].c.state, CEREMONY_FINISHED);
    assert_int_equal(w.len, 0);
    takes(just_complaint());
    has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    rig_check_secrets(&rig);
    rig_free(&rig);
}

/* Who it was is learned once: by proof, which stands against any other word. */
static void an_end_is_explained_once(void **state)
{
    static const uint8_t no_complaint[] = {CEREMONY_MALFORMED, 1, 0};

    (void)state;
    finish(22);
    takes(abort_of(PEER, CEREMONY_CHANNEL, 2));
    has_ended(CEREMONY_CHANNEL, 2, false);
    drops(abort_of(2, CEREMONY_CHANNEL, PEER));
    has_ended(CEREMONY_CHANNEL, 2, false);
    drops(other_commit());
    takes(just_complaint());
    has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    drops(made(CEREMONY_COMPLAINT, 2, CEREMONY_TO_ALL, (struct view){no_complaint, 3}));
    has_ended(CEREMONY_EQUIVOCATION, PEER, true);
    rig_free(&rig);
}

/* A complaint that is none, or against nobody in the plan, is the fault of who signed it. */
static void a_complaint_has_a_form(void **state)
{
    static const uint8_t no_complaint[] = {CEREMONY_MALFORMED, 1, 0};
    struct ceremony_complaint c = {.reason = CEREMONY_MALFORMED, .accused = 4, .n = 1};

    (void)state;
    finish(23);
    takes(made(CEREMONY_COMPLAINT, PEER, CEREMONY_TO_ALL, (struct view){no_complaint, 3}));
    has_ended(CEREMONY_MALFORMED, PEER, true);
    rig_free(&rig);
    finish(24);
    c.proof[0] = rig.nodes[OWN].c.known.msg[CEREMONY_COMMIT][PEER];
    takes(complaint_of(2, &c));
    has_ended(CEREMONY_MALFORMED, 2, true);
    rig_free(&rig);
    finish(25);
    takes(made(CEREMONY_ABORT, PEER, CEREMONY_TO_ALL, (struct view){no_complaint, 3}));
    has_ended(CEREMONY_MALFORMED, PEER, false);
    rig_free(&rig);
}

/* Who complains without reason is told of, by who has seen it. */
static void a_false_complaint_is_answered(void **state)
{
    struct ceremony_complaint c = {.reason = CEREMONY_MALFORMED, .accused = PEER, .n = 1};
    struct ceremony_abort told;
    struct ceremony_msg m;
    size_t said = 0;

    (void)state;
    finish(28);
    c.proof[0] = rig.nodes[OWN].c.known.msg[CEREMONY_COMMIT][PEER];
    assert_int_equal(give(complaint_of(2, &c), &said), ERR_OK);
    has_ended(CEREMONY_FALSE_COMPLAINT, 2, true);
    m = answer(said);
    assert_int_equal(m.round, CEREMONY_ABORT);
    assert_int_equal(ceremony_abort_decode(m.body, &told), ERR_OK);
    assert_int_equal(told.reason, CEREMONY_FALSE_COMPLAINT);
    assert_int_equal(told.accused, 2);
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_use_and_no_harm),
        cmocka_unit_test(a_commitment_stands),
        cmocka_unit_test(nothing_begins_with_another_plan),
        cmocka_unit_test(what_ends_a_finished_one),
        cmocka_unit_test(an_end_is_explained_once),
        cmocka_unit_test(a_complaint_has_a_form),
        cmocka_unit_test(an_equivocation_is_passed_on),
        cmocka_unit_test(a_false_complaint_is_answered),
        cmocka_unit_test(two_messages_end_a_ceremony),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
