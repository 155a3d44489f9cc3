/* Several cores as one: those that go, stop, return as others or are no part of the epoch. */
#include "cluster_fixture.h"

static struct world *w;

static int begin(void **state)
{
    (void)state;
    w = world_new(3, 5);
    world_epoch(w);
    world_connect_all(w);
    return 0;
}

static int end(void **state)
{
    (void)state;
    assert_int_equal(atomic_load(&w->counters.queue_depth), 0);
    world_free(w);
    return 0;
}

static void submit_some(uint32_t from, uint32_t n, int64_t within_ms)
{
    for (uint32_t i = from; i < from + n; i++) {
        world_submit(w, i, within_ms);
    }
}

static void all_end_with(uint32_t from, uint32_t n, enum err e)
{
    for (uint32_t i = from; i < from + n; i++) {
        assert_int_equal(w->jobs[i].done, 1);
        assert_int_equal(w->jobs[i].job.err, e);
    }
}

/* Signed by a core whose certificate the caller holds, and told which. */
static void is_signed_by(uint32_t i, size_t at)
{
    uint8_t bytes[STAMP_SIGNATURE_DUAL];
    const struct coord_job *job = &w->jobs[i].job;
    const struct view want = fake_sign(&job->stamp, KEY_CLASSIC, bytes);

    assert_int_equal(job->err, ERR_OK);
    assert_memory_equal(job->signature, want.p, want.n);
    assert_memory_equal(job->activation, w->accepts[at], ACTIVATION_HASH_LEN);
}

static enum err gate(void)
{
    return coord_cluster_gate(&w->cluster, KEY_CLASSIC);
}

static void one_core_does_what_it_can(void **state)
{
    (void)state;
    assert_int_equal(gate(), ERR_OK);
    for (uint32_t i = 0; i < 20; i++) {
        world_submit(w, i, 1000);
        world_run(w, 3);
        is_signed_by(i, 0);
    }
    submit_some(20, 1000, 2000); /* more than one takes at once: the others help */
    world_run(w, 1000);
    all_end_with(20, 1000, ERR_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_true(w->cores[i].fake->stamps > 50);
    }
}

static void a_core_is_asked_only_if_its_certificate_is_held(void **state)
{
    (void)state;
    memcpy(w->accepts[0], w->accepts[3], ACTIVATION_HASH_LEN);
    w->n = 1; /* certificates held */
    submit_some(0, 10, 1000);
    w->n = 5;
    world_run(w, 50);
    for (uint32_t i = 0; i < 10; i++) {
        is_signed_by(i, 3);
    }
    memset(w->accepts[0], 0x77, ACTIVATION_HASH_LEN);
    w->n = 1;
    submit_some(10, 1, 1000);
    w->n = 5;
    all_end_with(10, 1, ERR_QUORUM);
}

static void two_of_five_may_go(void **state)
{
    (void)state;
    submit_some(0, 300, 2000);
    coord_cluster_tick(&w->cluster, w->now_ns);
    for (size_t i = 0; i < 5; i++) { /* asked, and not answered */
        assert_int_equal(coord_cluster_pump(&w->cluster, i, w->now_ns), ERR_OK);
    }
    world_drop(w, 0, ERR_IO);
    world_drop(w, 1, ERR_IO);
    world_run(w, 500);
    all_end_with(0, 300, ERR_OK);
    assert_true(atomic_load(&w->counters.moved) > 0);
    assert_int_equal(gate(), ERR_OK);
}

static void fewer_than_three_reject_at_once(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        world_drop(w, i, ERR_IO);
    }
    submit_some(0, 10, 2000);
    all_end_with(0, 10, ERR_QUORUM);
    world_connect(w, 2);
    world_run(w, 1);
    submit_some(10, 10, 2000);
    world_run(w, 10);
    all_end_with(10, 10, ERR_OK);
}

static void a_stopped_core_costs_less_than_100_ms(void **state)
{
    const int64_t begin_ns = w->now_ns;

    (void)state;
    w->cores[0].manner = STOPPED;
    w->cores[1].manner = STOPPED;
    submit_some(0, 200, 2000);
    world_run(w, 150);
    all_end_with(0, 200, ERR_OK);
    for (uint32_t i = 0; i < 200; i++) {
        assert_true(w->ended_ns[i] - begin_ns < 100 * MS);
    }
    assert_int_equal(w->news[COORD_NEWS_SILENT], 2);
    world_submit(w, 200, 2000); /* it is not waited for again */
    world_run(w, 1);
    is_signed_by(200, 2);
    w->cores[0].manner = HONEST;
    world_run(w, 10);
    assert_false(w->members[0].silent);
    world_submit(w, 201, 2000);
    world_run(w, 10);
    is_signed_by(201, 0);
}

static void who_was_away_itself_has_patience(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        w->cores[i].manner = STOPPED;
    }
    submit_some(0, 3, 2000);
    world_run(w, 20);
    w->now_ns += 80 * MS; /* nobody drove the cluster */
    world_run(w, 20);
    assert_int_equal(w->news[COORD_NEWS_SILENT], 0);
    for (size_t i = 0; i < 3; i++) {
        w->cores[i].manner = HONEST;
    }
    world_run(w, 10);
    all_end_with(0, 3, ERR_OK);
    for (size_t i = 0; i < 3; i++) {
        w->cores[i].manner = STOPPED;
    }
    submit_some(3, 3, 2000);
    world_run(w, 20);
    for (unsigned k = 0; k < 4; k++) { /* it ends, however often that is */
        w->now_ns += 31 * MS;
        world_run(w, 1);
    }
    assert_int_equal(w->news[COORD_NEWS_SILENT], 3);
    submit_some(6, 3, 2000);
    all_end_with(6, 3, ERR_QUORUM);
}

static void three_stopped_ones_reject_within_100_ms(void **state)
{
    const int64_t idle_ms[] = {0, 5, 14, 16, 400, 999};

    (void)state;
    for (uint32_t k = 0; k < sizeof idle_ms / sizeof idle_ms[0]; k++) {
        for (size_t i = 0; i < 3; i++) {
            w->cores[i].manner = STOPPED;
        }
        world_run(w, idle_ms[k]); /* nobody asks, and nobody notices */
        const int64_t begin_ns = w->now_ns;

        submit_some(10 * k, 3, 2000);
        world_run(w, 99);
        submit_some(10 * k + 3, 3, 2000);
        all_end_with(10 * k + 3, 3, ERR_QUORUM);
        for (uint32_t i = 10 * k; i < 10 * k + 3; i++) {
            assert_int_equal(w->jobs[i].done, 1);
            assert_true(w->ended_ns[i] - begin_ns < 100 * MS);
        }
        for (size_t i = 0; i < 3; i++) {
            w->cores[i].manner = HONEST;
        }
        world_run(w, 50);
        submit_some(10 * k + 6, 3, 2000);
        world_run(w, 50);
        all_end_with(10 * k + 6, 3, ERR_OK);
    }
}

static void garbage_ends_one_connection(void **state)
{
    (void)state;
    w->cores[0].manner = GARBAGE;
    w->cores[1].manner = GARBAGE;
    submit_some(0, 300, 2000);
    world_run(w, 200);
    all_end_with(0, 300, ERR_OK);
    assert_false(w->cores[0].connected || w->cores[1].connected);
    assert_true(w->cores[2].connected && w->cores[3].connected && w->cores[4].connected);
    assert_int_equal(atomic_load(&w->counters.frames_bad), 2);
}

static void who_answers_more_than_it_was_asked_is_cut_off(void **state)
{
    const struct view stray = fake_raw(w->cores[0].fake, FRAME_R3 | FRAME_ANSWER,
                                       QUORUM_ID_BIT | 1, (struct view){0});
    size_t used = 0;

    (void)state;
    assert_int_equal(coord_cluster_take(&w->cluster, 0, stray, w->now_ns, &used), ERR_MISMATCH);
    w->members[0].asked = 1; /* a session that was given up */
    assert_int_equal(coord_cluster_take(&w->cluster, 0, stray, w->now_ns, &used), ERR_OK);
    assert_int_equal(coord_cluster_take(&w->cluster, 0, stray, w->now_ns, &used), ERR_MISMATCH);
    w->members[0].asked = 1;
    world_drop(w, 0, ERR_MISMATCH);
    assert_int_equal(w->members[0].asked, 0);
}

static void a_core_that_has_no_room_is_one_of_several(void **state)
{
    (void)state;
    w->cores[0].fake->refuse = ERR_TIME;
    w->cores[1].fake->refuse = ERR_STATE;
    submit_some(0, 100, 1000);
    world_run(w, 100);
    all_end_with(0, 100, ERR_OK);
    for (size_t i = 0; i < 5; i++) {
        w->cores[i].fake->refuse = ERR_NOSPACE; /* may have room soon: the job waits */
    }
    world_run(w, 300);
    submit_some(100, 10, 300);
    world_run(w, 400);
    all_end_with(100, 10, ERR_DEADLINE);
    for (size_t i = 0; i < 5; i++) {
        w->cores[i].fake->refuse = ERR_TIME; /* nobody can: why is said */
    }
    world_run(w, 300);
    submit_some(110, 10, 300);
    world_run(w, 100);
    all_end_with(110, 10, ERR_TIME);
}

/* ---- who they are ---- */

static void who_greets_while_the_epoch_comes_takes_part(void **state)
{
    struct coord_step *const step = &w->members[1].step;

    (void)state;
    step->phase = COORD_GREETING; /* HELLO came, and STATE is to come */
    step->poll_ns = INT64_MAX;
    coord_step_ask(step, FRAME_STATE, w->now_ns);
    world_epoch(w);
    world_run(w, 2000);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(w->members[i].step.phase, COORD_UP);
        assert_int_equal(w->members[i].fault, COORD_FITS);
    }
}

static void strangers_are_left_out(void **state)
{
    struct coord_epoch_view v;

    (void)state;
    world_restart(w, 0, 2);
    w->cores[1].fake->epoch_id[0] ^= 1;
    world_drop(w, 1, ERR_IO);
    world_connect(w, 1);
    w->cores[2].fake->index = 2;
    world_drop(w, 2, ERR_IO);
    world_connect(w, 2);
    world_run(w, 1);
    assert_int_equal(w->members[0].fault, COORD_STRANGER);
    assert_int_equal(w->members[1].fault, COORD_OTHER_EPOCH);
    assert_int_equal(w->members[2].fault, COORD_OTHER_EPOCH);
    coord_cluster_show(&w->cluster, &v);
    assert_true(v.answering == 2 && v.ended == 1 && !v.halted);
    assert_int_equal(gate(), ERR_QUORUM);
}

static void nobody_is_there_twice(void **state)
{
    (void)state;
    memcpy(w->cores[1].fake->identity, w->cores[0].fake->identity, IDENTITY_LEN);
    memcpy(w->cores[1].fake->boot_id, w->cores[0].fake->boot_id, BOOT_ID_LEN);
    w->cores[1].fake->index = 1;
    world_drop(w, 1, ERR_IO);
    world_connect(w, 1);
    world_run(w, 1);
    assert_int_equal(w->members[0].fault, COORD_FITS);
    assert_int_equal(w->members[1].fault, COORD_TWICE);
    w->cores[1].fake->boot_id[0] ^= 1; /* a copy of it that runs on */
    world_drop(w, 1, ERR_IO);
    world_connect(w, 1);
    world_run(w, 1);
    assert_int_equal(w->members[1].fault, COORD_ENDED);
}

static void another_epoch_while_connected_is_greeted_anew(void **state)
{
    (void)state;
    memset(w->cores[4].fake->epoch_id, 0xe1, EPOCH_ID_LEN);
    world_run(w, 1100); /* until STATE is looked at */
    assert_false(w->cores[4].connected);
    assert_int_equal(atomic_load(&w->counters.frames_bad), 0);
}

/* ---- halted ---- */

static void three_that_lost_their_shares_halt_the_epoch(void **state)
{
    struct coord_epoch_view v;

    (void)state;
    world_restart(w, 0, 2);
    world_restart(w, 1, 2);
    world_run(w, 1);
    assert_int_equal(gate(), ERR_OK);
    submit_some(0, 5, 1000);
    world_run(w, 10);
    all_end_with(0, 5, ERR_OK);
    world_restart(w, 2, 2);
    world_run(w, 1);
    assert_int_equal(gate(), ERR_HALTED);
    assert_int_equal(w->news[COORD_NEWS_HALTED], 1);
    submit_some(5, 5, 1000);
    all_end_with(5, 5, ERR_HALTED);
    world_restart(w, 0, 1); /* as if nothing had been: for ever */
    world_restart(w, 1, 1);
    world_restart(w, 2, 1);
    world_run(w, 10);
    assert_int_equal(gate(), ERR_HALTED);
    coord_cluster_show(&w->cluster, &v);
    assert_true(v.halted && v.ended == 3 && v.threshold == 3 && v.total == 5);
    w->roster.epoch_id[0] ^= 1; /* another ceremony helps, and nothing else */
    world_epoch(w);
    assert_int_equal(gate(), ERR_QUORUM);
}

static void refused_connections_do_not_halt(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        world_drop(w, i, ERR_IO);
    }
    world_run(w, 60000);
    assert_int_equal(gate(), ERR_QUORUM);
    world_connect_all(w);
    assert_int_equal(gate(), ERR_OK);
}

/* That the process of a place of this world's plan has ended. */
static void say_ended(struct world *world, size_t place)
{
    coord_cluster_ended(&world->cluster, world->plan.nodes[place].boot_nonce, world->now_ns);
}

static void the_supervisor_may_say_who_ended(void **state)
{
    const uint8_t unknown[PLAN_NONCE_LEN] = {1};

    (void)state;
    coord_cluster_ended(&w->cluster, unknown, w->now_ns);
    world_drop(w, 3, ERR_IO);
    say_ended(w, 3);
    say_ended(w, 3);
    world_restart(w, 3, 2); /* and then it answers as another: still one */
    world_run(w, 1);
    assert_int_equal(w->cluster.ended, 1U << 3);
    say_ended(w, 2); /* still connected */
    assert_int_equal(w->members[2].fault, COORD_ENDED);
    assert_int_equal(gate(), ERR_OK);
    say_ended(w, 0);
    assert_int_equal(gate(), ERR_HALTED);
}

/* A core that has retired has no share, and goes on answering. */
static void who_has_retired_is_gone(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        w->cores[i].fake->state = CORE_RETIRED;
    }
    world_run(w, 2 * COORD_POLL_SERVING_MS);
    assert_int_equal(w->cluster.ended, 3);
    assert_int_equal(w->members[0].fault, COORD_ENDED);
    assert_int_equal(gate(), ERR_OK);
    w->cores[2].fake->state = CORE_RETIRED;
    world_run(w, 2 * COORD_POLL_SERVING_MS);
    assert_int_equal(gate(), ERR_HALTED);
    for (size_t i = 0; i < 3; i++) {
        w->cores[i].fake->state = CORE_SERVING;
    }
    world_run(w, 2 * COORD_POLL_SERVING_MS);
    assert_int_equal(gate(), ERR_HALTED); /* for ever */
}

/* The front starts when the cores have already ended: it never saw those of the plan. */
static void a_late_front_sees_it_too(void **state)
{
    struct world *late = world_new(3, 5);

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        world_boot(late, i, 2);
    }
    world_connect_all(late);
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_QUORUM);
    assert_int_equal(late->members[4].fault, COORD_NO_EPOCH);
    world_epoch(late); /* the record is read later than the cores greet */
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_HALTED);
    world_drop(late, 0, ERR_IO);
    world_connect(late, 0);
    world_run(late, 1);
    assert_int_equal(late->cluster.strangers, 3); /* each counts once */
    world_free(late);
}

/* No core is there to be seen: what the supervisor wrote down is enough. */
static void a_late_front_is_told(void **state)
{
    struct world *late = world_new(3, 5);
    struct coord_epoch_view v;

    (void)state;
    say_ended(late, 0); /* of no epoch yet */
    world_epoch(late);
    say_ended(late, 0);
    say_ended(late, 1);
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_QUORUM);
    say_ended(late, 2);
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_HALTED);
    assert_int_equal(late->news[COORD_NEWS_HALTED], 1);
    coord_cluster_show(&late->cluster, &v);
    assert_true(v.halted && v.ended == 3);
    world_free(late);
}

/* Those that were said to have ended may be the ones in whose place strangers answer. */
static void one_that_ended_and_a_stranger_may_be_the_same(void **state)
{
    struct world *late = world_new(3, 5);

    (void)state;
    for (size_t i = 0; i < 2; i++) {
        world_boot(late, i, 2);
    }
    world_connect_all(late);
    world_epoch(late);
    say_ended(late, 0);
    say_ended(late, 1);
    world_run(late, 1);
    assert_int_equal(late->cluster.strangers, 2);
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_OK);
    say_ended(late, 4); /* of whom it is seen that it is none of them */
    assert_int_equal(coord_cluster_gate(&late->cluster, KEY_CLASSIC), ERR_HALTED);
    world_free(late);
}

/* ---- all at once ---- */

static uint64_t noise = 88172645463325252U;

static uint32_t draw(uint32_t below)
{
    noise ^= noise << 13;
    noise ^= noise >> 7;
    noise ^= noise << 17;
    return (uint32_t)(noise >> 33) % below;
}

/* Cores come, go, stop and go on as they like: every job ends once, within its deadline, and is
 * signed or refused for a reason. */
static void whatever_happens_each_job_ends_once(void **state)
{
    uint32_t next = 0;

    (void)state;
    while (next < WORLD_JOBS - 20) {
        const size_t at = draw(5);

        switch (draw(6)) {
        case 0:
            world_drop(w, at, ERR_IO);
            break;
        case 1:
            w->cores[at].manner = w->cores[at].manner == STOPPED ? HONEST : STOPPED;
            break;
        case 2:
        case 3:
            if (!w->cores[at].connected) {
                w->cores[at].manner = HONEST;
                world_connect(w, at);
            }
            break;
        default:
            break;
        }
        for (uint32_t n = draw(20); n > 0; n--) {
            world_submit(w, next++, 50 + draw(300));
        }
        world_run(w, draw(60));
    }
    world_run(w, 400);
    for (uint32_t i = 0; i < next; i++) {
        const enum err e = w->jobs[i].job.err;

        assert_int_equal(w->jobs[i].done, 1);
        assert_true(e == ERR_OK || e == ERR_QUORUM || e == ERR_DEADLINE);
        assert_true(w->ended_ns[i] <= w->jobs[i].job.deadline_ns + COORD_SWEEP_MS * MS);
    }
}

/* Of cores that keep time themselves; a refusal ends no connection. */
static void probes_are_carried_each_second(void **state)
{
    (void)state;
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(w->cores[i].fake->probes[0], 0);
        world_drop(w, i, ERR_IO);
        w->cores[i].fake->clock = i == 3 ? CLOCK_KERNEL : CLOCK_NTS;
        world_connect(w, i);
    }
    w->cores[1].fake->refuse_probes = ERR_TIME;
    world_run(w, 3900); /* the first round may have begun before all were there */
    for (size_t i = 0; i < 5; i++) {
        const struct fake_core *const c = w->cores[i].fake;

        for (size_t step = 0; step < TIME_HEAR; step++) {
            assert_in_range(c->probes[step], i == 1 || i == 3 ? 0 : 3,
                            i == 1 || i == 3 ? 0 : 4);
        }
        assert_int_equal(c->heard, i == 1 || i == 3 ? 0 : 3);
        assert_int_equal(w->cluster.members[i].step.phase, COORD_UP);
    }
    submit_some(0, 100, 1000);
    world_run(w, 100);
    all_end_with(0, 100, ERR_OK);
}

static void faults_have_names(void **state)
{
    (void)state;
    assert_string_equal(coord_fault_text(COORD_FITS), "");
    for (enum coord_fault f = COORD_NO_EPOCH; f <= COORD_ENDED; f++) {
        assert_true(strlen(coord_fault_text(f)) > 0);
    }
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup_teardown(f, begin, end)
    const struct CMUnitTest tests[] = {
        CASE(one_core_does_what_it_can),
        CASE(a_core_is_asked_only_if_its_certificate_is_held),
        CASE(two_of_five_may_go),
        CASE(fewer_than_three_reject_at_once),
        CASE(a_stopped_core_costs_less_than_100_ms),
        CASE(who_was_away_itself_has_patience),
        CASE(three_stopped_ones_reject_within_100_ms),
        CASE(garbage_ends_one_connection),
        CASE(who_answers_more_than_it_was_asked_is_cut_off),
        CASE(a_core_that_has_no_room_is_one_of_several),
        CASE(who_greets_while_the_epoch_comes_takes_part),
        CASE(strangers_are_left_out),
        CASE(nobody_is_there_twice),
        CASE(another_epoch_while_connected_is_greeted_anew),
        CASE(three_that_lost_their_shares_halt_the_epoch),
        CASE(refused_connections_do_not_halt),
        CASE(the_supervisor_may_say_who_ended),
        CASE(who_has_retired_is_gone),
        CASE(a_late_front_sees_it_too),
        CASE(a_late_front_is_told),
        CASE(one_that_ended_and_a_stranger_may_be_the_same),
        CASE(whatever_happens_each_job_ends_once),
        CASE(probes_are_carried_each_second),
        CASE(faults_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
