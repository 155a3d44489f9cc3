/* Ceremonies with one bad node, or a bad host: no share is left, and who is at fault is named
 * where that shows. */
#include "rig.h"
#include "testing.h"

static struct rig rig;

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

static void is_missing(const struct rig *r)
{
    rig_check_ended(r, false);
    assert_int_equal(r->nodes[(r->bad + 1) % 5].c.end.reason, CEREMONY_MISSING);
}

static void is_not_taken(const struct rig *r)
{
    rig_check_ended(r, false);
    assert_true(r->nodes[r->victim].c.dropped > 0);
}

static void has_ended(const struct rig *r)
{
    rig_check_ended(r, false);
}

/* Of each node in each round, to all or to one: whose message does not come is named, though
 * nobody can know whose fault it is. */
static void each_kind_of_silence(void **state)
{
    static const struct rig_branch kinds[] = {
        {"dropped", drop, false, is_missing},
        {"corrupted", corrupt, true, is_not_taken},
        {"crashed", die, false, has_ended},
    };

    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        rig_make(&rig, 2, 5, 100U + bad);
        rig.bad = bad;
        rig_run_branches(&rig, kinds, sizeof kinds / sizeof kinds[0]);
        rig_free(&rig);
    }
}

/* Every message thrice: nothing comes of it. */
static void duplicates_do_no_harm(void **state)
{
    (void)state;
    for (uint8_t bad = 0; bad < 5; bad++) {
        rig_make(&rig, 2, 5, 200U + bad);
        rig.bad = bad;
        rig.round = (uint8_t)(bad * 2 + CEREMONY_PQ1_FINISH);
        rig.fault = duplicate;
        rig_run(&rig);
        assert_true(rig.touched > 0);
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
        cmocka_unit_test(each_kind_of_silence),     cmocka_unit_test(duplicates_do_no_harm),
        cmocka_unit_test(nothing_unsigned_ends_it), cmocka_unit_test(each_signer_may_be_silent),
        cmocka_unit_test(each_signer_may_lie),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
