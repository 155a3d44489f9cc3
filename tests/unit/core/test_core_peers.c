/* Five cores whose time comes in samples, and that look at one another's clocks. */
#include "quorum_fixture.h"

#include "wire/time_probe.h"
#include "wire/time_status.h"

#include <string.h>

static struct quorum_fixture *f;
static struct time_probe told, heard;
static uint8_t body[4096];

/* Samples for all, of which the last is off by that much. */
static void start(int64_t off_ns)
{
    f = quorum_fixture_nts(off_ns);
}

static enum err probe(struct member *m, const struct time_probe *p)
{
    struct writer w = wr_init(body, sizeof body);

    time_probe_encode(&w, p);
    return member_call(m, FRAME_TIME_PROBE, (struct view){body, w.len});
}

/* A round; spoil: one byte of what the second said is another. */
static void go_round(bool spoil)
{
    const struct time_probe open = {.step = TIME_OPEN};

    told = (struct time_probe){.step = TIME_TELL, .n = NODES};
    heard = (struct time_probe){.step = TIME_HEAR, .n = NODES};
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(probe(f->members[i], &open), ERR_OK);
        assert_int_equal(time_challenge_decode(f->members[i]->body, &told.challenges[i]),
                         ERR_OK);
    }
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(probe(f->members[i], &told), ERR_OK);
        assert_int_equal(time_statement_decode(f->members[i]->body, &heard.statements[i]),
                         ERR_OK);
    }
    heard.statements[1].given_ns += spoil;
    for (size_t i = 0; i < NODES; i++) {
        assert_int_equal(probe(f->members[i], &heard), ERR_OK);
    }
}

/* Time goes on, and all look. */
static void go(int64_t ns)
{
    quorum_fixture_go(f, ns);
    for (size_t i = 0; i < NODES; i++) {
        core_tick(&f->members[i]->core);
    }
}

static size_t serving(void)
{
    size_t n = 0;

    for (size_t i = 0; i < NODES; i++) {
        n += f->members[i]->core.state == CORE_SERVING;
    }
    return n;
}

static struct time_status status_of(struct member *m)
{
    struct time_status s;

    assert_int_equal(member_call(m, FRAME_TIME_STATUS, (struct view){NULL, 0}), ERR_OK);
    assert_int_equal(time_status_decode(m->body, &s), ERR_OK);
    return s;
}

static void they_say_whose_clocks_agree(void **state)
{
    struct time_status s;

    (void)state;
    start(0);
    s = status_of(f->members[1]);
    assert_int_equal(s.reason, TIME_PEERS);
    assert_int_equal(s.flags & TIME_STATUS_PERMIT, 0);
    assert_true(s.index == 2 && s.threshold == 3 && s.total == NODES && s.peers == 0x02);
    go_round(false);
    go(SECOND);
    go_round(false);
    s = status_of(f->members[1]);
    assert_int_equal(s.reason, TIME_HOLDS);
    assert_int_equal(s.peers, 0x1f);
    quorum_fixture_free(f);
}

static void serve_once_they_agree(void **state)
{
    (void)state;
    start(0);
    assert_int_equal(serving(), 0);
    assert_int_equal(f->members[0]->core.state, CORE_TIME_DRIFT);
    assert_int_equal(session_r1(f, 0x07), ERR_TIME);
    go_round(false);
    assert_int_equal(serving(), 0);
    go(SECOND);
    go_round(false);
    assert_int_equal(serving(), NODES);
    assert_int_equal(member_audited(f->members[0], AUDIT_TIME_PEERS, 1, 0x1f), 1);
    assert_int_equal(session_r1(f, 0x07), ERR_OK);
    /* Nobody carries probes any more. */
    go(PEER_LIFE_NS);
    assert_int_equal(serving(), NODES);
    go(1);
    assert_int_equal(serving(), 0);
    assert_int_equal(session_r1(f, 0x07), ERR_TIME);
    quorum_fixture_free(f);
}

static void one_that_is_off_stands_alone(void **state)
{
    (void)state;
    start(50 * MS);
    go_round(false);
    go(SECOND);
    go_round(false);
    assert_int_equal(serving(), NODES - 1);
    assert_int_equal(f->members[NODES - 1]->core.state, CORE_TIME_DRIFT);
    assert_int_equal(
        peer_view_mask(&f->members[0]->core.peers, f->members[0]->core.now.mono_ns), 0x0f);
    quorum_fixture_free(f);
}

static void what_is_not_signed_is_not_heard(void **state)
{
    (void)state;
    start(0);
    go_round(true);
    go(SECOND);
    go_round(true);
    assert_int_equal(serving(),
                     NODES - 1); /* the second one hears the others, and is not heard */
    assert_int_equal(
        peer_view_mask(&f->members[0]->core.peers, f->members[0]->core.now.mono_ns), 0x1d);
    assert_true(member_stat(f->members[0], STAT_R2_REFUSED_OTHER) >= 2);
    quorum_fixture_free(f);
}

/* Once: what was given out before this start is not gone below. */
static void learns_what_was_given(void **state)
{
    struct time_keeper *k;

    (void)state;
    start(0);
    k = &f->members[0]->core.clock.keeper;
    time_keeper_give(k, f->members[0]->core.now.tai_ns);
    go_round(false);
    assert_int_equal(f->members[1]->core.clock.keeper.given_ns, 0);
    go(SECOND);
    go_round(false);
    assert_int_equal(f->members[1]->core.clock.keeper.given_ns, k->given_ns);
    time_keeper_give(k, k->given_ns + MS);
    go(SECOND);
    go_round(false);
    assert_int_equal(f->members[1]->core.clock.keeper.given_ns, k->given_ns - MS);
    quorum_fixture_free(f);
}

static void of_other_clocks_it_is_no_frame(void **state)
{
    const struct time_probe open = {.step = TIME_OPEN};

    (void)state;
    f = quorum_fixture_new(2);
    assert_int_equal(probe(f->members[0], &open), ERR_TYPE);
    quorum_fixture_free(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(serve_once_they_agree),
        cmocka_unit_test(they_say_whose_clocks_agree),
        cmocka_unit_test(one_that_is_off_stands_alone),
        cmocka_unit_test(what_is_not_signed_is_not_heard),
        cmocka_unit_test(learns_what_was_given),
        cmocka_unit_test(of_other_clocks_it_is_no_frame),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
