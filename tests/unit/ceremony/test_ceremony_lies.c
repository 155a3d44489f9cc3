/* Nodes that lie, in messages that they signed: the lie is proven, and nobody else is accused.
 */
#include "rig.h"
#include "testing.h"

#include <stdlib.h>

static struct rig rig;

static void setup(uint8_t t, uint8_t n, uint8_t bad, uint8_t round, uint8_t victim)
{
    rig_make(&rig, t, n, 500U + bad * 16U + round);
    rig.bad = bad;
    rig.round = round;
    rig.fault = rig_resign;
    rig.victim = victim;
}

static void is_told(const struct rig *r)
{
    rig_check_ended(r, ceremony_round_is_public(r->round));
}

/* One sees another message than the others: from COMMIT on that is proven to all. What goes
 * through a channel is between two nodes: the other one says so, and no more. */
static void each_node_equivocates(void **state)
{
    static const struct rig_branch kinds[] = {{"equivocates", rig_resign, true, is_told}};

    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        rig_make(&rig, 2, 5, 500U + bad);
        rig.bad = bad;
        rig_run_branches(&rig, kinds, 1);
        rig_free(&rig);
    }
}

/* The same lie to all. */
static void each_node_lies_to_all(void **state)
{
    static const struct {
        uint8_t round, reason;
    } rows[] = {
        {CEREMONY_RHO, CEREMONY_BAD_OPENING},
        {CEREMONY_T_COMMIT, CEREMONY_BAD_T},
        {CEREMONY_T_REVEAL, CEREMONY_BAD_REVEAL},
        {CEREMONY_TEST, CEREMONY_BAD_TEST},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setup(3, 5, 0, rows[i].round, CEREMONY_TO_ALL);
        rig.once = true;
        rig_run(&rig);
        rig_check_ended(&rig, true);
        assert_int_equal(rig.nodes[1].c.end.reason, rows[i].reason);
        rig_free(&rig);
    }
}

/* A key hash, or a record's, that does not follow from the messages. */
static void each_end_is_held_to_the_messages(void **state)
{
    static const struct {
        uint8_t round, reason;
        size_t from_end;
    } rows[] = {
        {CEREMONY_DONE, CEREMONY_BAD_DONE, 48 + 5 * 3 * 48 - 1},
        {CEREMONY_CONFIRM, CEREMONY_OTHER_RECORD, 48 + 2 * 3 * 48 - 1},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        setup(2, 3, 1, rows[i].round, CEREMONY_TO_ALL);
        rig.at = rows[i].from_end;
        rig.once = true;
        rig_run(&rig);
        rig_check_ended(&rig, true);
        assert_int_equal(rig.nodes[2].c.end.reason, rows[i].reason);
        rig_free(&rig);
    }
}

/* An ECHO or DONE with another hash than all have: the liar has nothing to show for it. That
 * nobody can prove, as a host might have kept back what it has. */
static void vouching_for_what_was_not_sent(void **state)
{
    static const uint8_t rounds[] = {CEREMONY_ECHO, CEREMONY_DONE, CEREMONY_CONFIRM};

    (void)state;
    for (size_t i = 0; i < sizeof rounds; i++) {
        setup(2, 3, 2, rounds[i], CEREMONY_TO_ALL);
        rig.once = true;
        rig_run(&rig);
        rig_check_ended(&rig, false);
        rig_free(&rig);
    }
}

/* ---- what goes through the channels ---- */

static unsigned change_seed(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    struct ceremony *c = &r->nodes[r->bad].c;

    (void)to, (void)bytes, (void)n, (void)cap;
    c->secrets.seeds[c->held.n - 1][c->own].seed[0] ^= 1; /* sent later, committed before */
    return 1;
}

static void a_wrong_opening_is_shown_to_all(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        setup(3, 5, bad, CEREMONY_ECHO, (uint8_t)((bad + 1) % 5));
        rig.fault = change_seed;
        rig_run(&rig);
        rig_check_ended(&rig, true);
        assert_int_equal(rig.nodes[(bad + 1) % 5].c.end.reason, CEREMONY_BAD_OPENING);
        rig_free(&rig);
    }
}

/* Each T_COMMIT for each subset of the sender. */
static void a_wrong_t_is_found_by_recomputation(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        setup(3, 5, bad, CEREMONY_T_COMMIT, CEREMONY_TO_ALL);
        rig.at = 49U * (bad + 1U);
        rig.once = true;
        rig_run(&rig);
        rig_check_ended(&rig, true);
        assert_int_equal(rig.nodes[(bad + 1) % 5].c.end.reason, CEREMONY_BAD_T);
        rig_free(&rig);
    }
}

static uint8_t other_commit[1024];

static void has_heard_the_other(const struct ceremony *c)
{
    const struct view own = c->known.msg[CEREMONY_T_COMMIT][1].whole;

    memcpy((uint8_t *)(uintptr_t)own.p, other_commit, own.n);
}

/* Nodes 0 and 1 have a subset of their own, and two hashes of its t: node 2 hears the second
 * one of node 1, and once neither would complain of it any more, both have it too. */
static unsigned split_a_subset(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    if (r->round == CEREMONY_T_COMMIT) {
        assert_true(cap <= sizeof other_commit);
        assert_int_equal(rig_resign(r, to, bytes, n, cap), 1);
        memcpy(other_commit, bytes, *n);
        r->round = CEREMONY_T_REVEAL;
        return 1;
    }
    has_heard_the_other(&r->nodes[r->bad].c);
    if (r->bad == 1 && r->nodes[0].c.round == CEREMONY_T_REVEAL) {
        has_heard_the_other(&r->nodes[0].c);
    } else {
        r->bad = 0;
    }
    return 1;
}

/* All that hold a secret are bad, and say two things of it: none of them complains, and the
 * record would not hold. */
static void a_subset_of_bad_nodes_cannot_differ(void **state)
{
    (void)state;
    setup(2, 3, 1, CEREMONY_T_COMMIT, 2);
    rig.fault = split_a_subset;
    rig.at = 49 + 47; /* the first byte of the hash of the subset {0, 1} */
    rig_run(&rig);
    assert_true(rig.touched >= 2);
    rig.bad = CEREMONY_NOBODY;
    assert_true(rig_all(&rig, CEREMONY_ABORTED));
    assert_int_equal(rig.nodes[2].c.end.reason, CEREMONY_BAD_T);
    assert_int_equal(rig.nodes[2].c.end.accused, CEREMONY_NOBODY);
    rig_check_secrets(&rig);
    rig_free(&rig);
}

/* ---- complaints without reason ---- */

static uint8_t complaint_reason;

/* Puts a complaint in the place of a message: about node 0, with its genuine RHO. */
static unsigned complain(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    static uint8_t body[1024];
    const struct ceremony_msg *rho = &r->nodes[0].c.known.msg[CEREMONY_RHO][0];
    struct ceremony_complaint complaint = {
        .reason = complaint_reason, .accused = 0, .n = 2, .proof = {*rho, *rho}};
    struct ceremony_msg m = {
        .round = CEREMONY_COMPLAINT, .sender = r->bad, .to = CEREMONY_TO_ALL};
    struct writer w = wr_init(body, sizeof body);
    struct view v;

    (void)to;
    if (complaint_reason != CEREMONY_EQUIVOCATION && complaint_reason != CEREMONY_DISPUTE) {
        complaint.n = 1;
    }
    ceremony_complaint_encode(&w, &complaint);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    *n = cap - 256; /* rig_sign() takes it for the room */
    if (v.n + CEREMONY_HEADER_LEN + P384_SIG_LEN > cap) {
        return 0;
    }
    rig_sign(r, bytes, n, &m, v.p, v.n);
    return 1;
}

static void a_false_complaint_falls_back(void **state)
{
    static const uint8_t reasons[] = {
        CEREMONY_MALFORMED,    CEREMONY_EQUIVOCATION, CEREMONY_BAD_OPENING,
        CEREMONY_BAD_T,        CEREMONY_BAD_DONE,     CEREMONY_BAD_TEST,
        CEREMONY_OTHER_RECORD, CEREMONY_DISPUTE,      CEREMONY_BAD_SHARE};

    (void)state;
    for (size_t i = 0; i < sizeof reasons; i++) {
        complaint_reason = reasons[i];
        setup(2, 3, 1, CEREMONY_T_REVEAL, CEREMONY_TO_ALL);
        rig.fault = complain;
        rig_run(&rig);
        rig_check_ended(&rig, true);
        assert_int_equal(rig.nodes[0].c.end.reason, CEREMONY_FALSE_COMPLAINT);
        rig_free(&rig);
    }
}

/* ---- another attempt ---- */

static uint8_t *old;
static size_t old_len;

static unsigned record(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)r, (void)cap;
    if (to == 0 && old_len == 0) {
        old = malloc(*n);
        assert_non_null(old);
        memcpy(old, bytes, *n);
        old_len = *n;
    }
    return 1;
}

/* What was said in one attempt is nothing in the next: it has another epoch_id. */
static void nothing_of_an_old_attempt_counts(void **state)
{
    const uint8_t nonce[PLAN_NONCE_LEN] = {2};
    struct writer w;
    uint64_t dropped = 0;

    (void)state;
    setup(2, 3, 1, CEREMONY_COMMIT, CEREMONY_TO_ALL);
    rig.fault = record;
    rig_run(&rig);
    assert_true(rig_all(&rig, CEREMONY_FINISHED) && old_len > 0);
    w = wr_init(rig.out, CEREMONY_OUT_MAX);
    assert_int_equal(ceremony_begin(&rig.nodes[0].c, &rig.nodes[0].tools, rig.kit.encoded,
                                    nonce, rig.now_ns, &w),
                     ERR_OK);
    dropped = rig.nodes[0].c.dropped;
    assert_int_equal(ceremony_step(&rig.nodes[0].c, &rig.nodes[0].tools,
                                   (struct view){old, old_len}, rig.now_ns, &w),
                     ERR_OK);
    assert_int_equal(rig.nodes[0].c.dropped, dropped + 1);
    assert_int_equal(rig.nodes[0].c.known.msg[CEREMONY_COMMIT][1].whole.n, 0);
    free(old);
    rig_free(&rig);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_node_equivocates),
        cmocka_unit_test(each_node_lies_to_all),
        cmocka_unit_test(each_end_is_held_to_the_messages),
        cmocka_unit_test(vouching_for_what_was_not_sent),
        cmocka_unit_test(a_wrong_opening_is_shown_to_all),
        cmocka_unit_test(a_wrong_t_is_found_by_recomputation),
        cmocka_unit_test(a_subset_of_bad_nodes_cannot_differ),
        cmocka_unit_test(a_false_complaint_falls_back),
        cmocka_unit_test(nothing_of_an_old_attempt_counts),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
