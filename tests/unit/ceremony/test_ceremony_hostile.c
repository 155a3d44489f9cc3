/* Ceremonies with one bad node, or a bad host: no share is left, and who is at fault is named
 * where that shows. */
#include "rig.h"
#include "testing.h"

#include "base/build.h"

#include <stdlib.h>

static struct rig rig;

static const uint8_t rounds[] = {CEREMONY_PQ1_HELLO, CEREMONY_PQ1_KEM,  CEREMONY_PQ1_FINISH,
                                 CEREMONY_COMMIT,    CEREMONY_ECHO,     CEREMONY_SEALED,
                                 CEREMONY_RHO,       CEREMONY_T_COMMIT, CEREMONY_T_REVEAL,
                                 CEREMONY_DONE,      CEREMONY_TEST,     CEREMONY_CONFIRM};
#define ROUNDS (sizeof rounds / sizeof rounds[0])

/* ---- what is done to a message ---- */

static unsigned drop(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)r, (void)to, (void)bytes, (void)n, (void)cap;
    return 0;
}

static unsigned duplicate(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)r, (void)to, (void)bytes, (void)n, (void)cap;
    return 3;
}

/* Of the host: the signature no longer holds. */
static unsigned corrupt(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)r, (void)to, (void)cap;
    bytes[*n - 1] ^= 1;
    return 1;
}

static unsigned die(struct rig *r, uint8_t to, uint8_t *bytes, size_t *n, size_t cap)
{
    (void)to, (void)bytes, (void)n, (void)cap;
    r->nodes[r->bad].dead = true;
    return 0;
}

/* Sanitizers make a ceremony ten times as long: there each node and round meets one of the
 * three kinds of silence, elsewhere all. */
static bool is_left_out(uint8_t bad, size_t round, unsigned kind)
{
    return BUILD_ASAN != 0 && (bad + round) % 3 != kind;
}

static void run(uint8_t bad, uint8_t round, rig_fault *fault, uint8_t victim, size_t at)
{
    rig_make(&rig, 2, 5, 100 + bad * 16U + round);
    rig.bad = bad;
    rig.round = round;
    rig.fault = fault;
    rig.victim = victim;
    rig.at = at;
    rig_run(&rig);
}

/* To all or to one: whose message does not come is named, though nobody can know whose fault it
 * is. */
static void each_message_dropped(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        for (size_t i = 0; i < ROUNDS; i++) {
            if (is_left_out(bad, i, 0)) {
                continue;
            }
            run(bad, rounds[i], drop, CEREMONY_TO_ALL, 0);
            rig_check_ended(&rig, false);
            assert_int_equal(rig.nodes[(bad + 1) % 5].c.end.reason, CEREMONY_MISSING);
            rig_free(&rig);
        }
    }
}

static void each_message_corrupted(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        for (size_t i = 0; i < ROUNDS; i++) {
            if (is_left_out(bad, i, 1)) {
                continue;
            }
            run(bad, rounds[i], corrupt, (uint8_t)((bad + 1) % 5), 0);
            rig_check_ended(&rig, false);
            assert_true(rig.nodes[(bad + 1) % 5].c.dropped > 0);
            rig_free(&rig);
        }
    }
}

static void each_node_crashes(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        for (size_t i = 0; i < ROUNDS; i++) {
            if (is_left_out(bad, i, 2)) {
                continue;
            }
            run(bad, rounds[i], die, CEREMONY_TO_ALL, 0);
            rig_check_ended(&rig, false);
            rig_free(&rig);
        }
    }
}

/* Every message thrice: nothing comes of it. */
static void duplicates_do_no_harm(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        const uint8_t round = rounds[bad * 2 + 2];

        run(bad, round, duplicate, CEREMONY_TO_ALL, 0);
        assert_true(rig_all(&rig, CEREMONY_FINISHED));
        rig_check_secrets(&rig);
        rig_free(&rig);
    }
}

/* What the host makes up itself: an end, and accusations, of a form or of none. */
static void nothing_unsigned_ends_it(void **state)
{
    static const uint8_t made_up[][2] = {
        {CEREMONY_ABORT, 2}, {CEREMONY_COMPLAINT, 3}, {CEREMONY_COMPLAINT, 0}};
    static const uint8_t zeros[P384_SIG_LEN];

    (void)state;
    rig_make(&rig, 2, 5, 77);
    rig_begin(&rig);
    for (size_t i = 0; i < sizeof made_up / sizeof made_up[0]; i++) {
        const uint8_t body[] = {CEREMONY_MISSING, 3, 1};
        const struct ceremony_msg m = {.round = made_up[i][0],
                                       .sender = 2,
                                       .to = CEREMONY_TO_ALL,
                                       .body = {body, made_up[i][1]},
                                       .signature = {zeros, sizeof zeros}};
        uint8_t bytes[256];
        struct writer w = wr_init(bytes, sizeof bytes);
        struct writer out = wr_init(rig.out, CEREMONY_OUT_MAX);
        struct rig_node *const n = &rig.nodes[1];

        ceremony_msg_encode(&w, &m);
        assert_int_equal(
            ceremony_step(&n->c, &n->tools, (struct view){bytes, w.len}, rig.now_ns, &out),
            ERR_OK);
        assert_int_equal(n->c.state, CEREMONY_RUNNING);
        assert_int_equal(n->c.dropped, i + 1);
        assert_int_equal(out.len, 0);
    }
    rig_settle(&rig);
    assert_true(rig_all(&rig, CEREMONY_FINISHED));
    rig_free(&rig);
}

/* ---- the signatures at the end ---- */

static const uint8_t signing[] = {CEREMONY_TEST_COMMIT, CEREMONY_TEST_REVEAL,
                                  CEREMONY_TEST_RESPOND};

static void each_signer_may_be_silent(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 3; bad++) {
        for (size_t i = 0; i < sizeof signing; i++) {
            rig_make(&rig, 2, 3, 300 + bad * 16U + i);
            rig.bad = bad;
            rig.round = signing[i];
            rig.fault = i == bad ? corrupt : drop;
            rig_run(&rig);
            rig_check_ended(&rig, false);
            rig_free(&rig);
        }
    }
}

/* Another commitment than that of what is revealed; another w; another z. */
static void each_signer_may_lie(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 3; bad++) {
        for (size_t i = 0; i < sizeof signing; i++) {
            rig_make(&rig, 2, 3, 400 + bad * 16U + i);
            rig.bad = bad;
            rig.round = signing[i];
            rig.fault = rig_resign;
            rig_run(&rig);
            assert_true(rig_all(&rig, CEREMONY_ABORTED));
            rig_check_secrets(&rig);
            for (uint8_t k = 0; k < 3; k++) { /* of two that differ, one names the other */
                const struct ceremony_end *end = &rig.nodes[k].c.end;

                assert_int_equal(end->reason, CEREMONY_BAD_TEST);
                assert_true(k == bad || end->accused == bad || end->told_by == bad);
                assert_false(end->proven);
            }
            rig_free(&rig);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_message_dropped),     cmocka_unit_test(each_message_corrupted),
        cmocka_unit_test(each_node_crashes),        cmocka_unit_test(duplicates_do_no_harm),
        cmocka_unit_test(nothing_unsigned_ends_it), cmocka_unit_test(each_signer_may_be_silent),
        cmocka_unit_test(each_signer_may_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
