/* Five engines of presignatures under a plan with a policy, each on a simulated chip: who is
 * let into a channel after the ceremony, what each lie about a machine costs, and what a
 * machine that shows nothing for a while does not. */
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "machines_kit.h"
#include "plan_kit.h"
#include "presigner_kit.h"

#include "enclave/attest/attest_channels.h"

#define NODES 5
#define LIAR 2
#define PEER 4
#define SECOND_NS INT64_C(1000000000)

static struct world *w;
static struct plan_kit kit;
static struct attestor seen;             /* in the ceremony, by all */
static struct silicon *chips[NODES + 1]; /* the last is of no plan */
static struct tsm_desk desks[NODES];
static struct attest_channels channels[NODES];
static unsigned mute; /* a mask: nobody answers their desks */
static uint8_t room[EVIDENCE_MAX], other[EVIDENCE_MAX];

/* What the liar's machine shows in the place of what is asked. */
typedef enum err lie_fn(const uint8_t *report_data, struct view *block);
static lie_fn *lie;

/* ---- machines ---- */

static void serve(unsigned node)
{
    uint8_t report_data[TSM_REPORT_DATA_LEN];
    struct view block = {NULL, 0};
    uint64_t id = 0;

    while ((mute >> node & 1) == 0 &&
           tsm_desk_next(&desks[node], w->now_ns, &id, report_data)) {
        const enum err e = node == LIAR && lie != NULL
                               ? lie(report_data, &block)
                               : evidence_kit_show(chips[node], report_data, room, &block);

        assert_int_equal(e, ERR_OK);
        assert_int_equal(tsm_desk_put(&desks[node], w->now_ns, id, ERR_OK, block), ERR_OK);
    }
    (void)tsm_desk_tick(&desks[node], w->now_ns);
}

static void pass(int64_t ns)
{
    const int64_t until = w->now_ns + ns;

    while (w->now_ns < until) {
        (void)world_step(w);
        for (unsigned i = 0; i < NODES; i++) {
            serve(i);
        }
    }
}

/* Long after, without each of its moments. */
static void later(int64_t ns)
{
    w->now_ns += ns;
    pass(2 * SECOND_NS);
}

static bool has_channel(unsigned i, unsigned j)
{
    return mesh_verified(w->core[i].mesh, j);
}

/* Whether all have channels but those of a node, which has none. */
static void assert_all_but(unsigned node)
{
    for (unsigned i = 0; i < NODES; i++) {
        for (unsigned j = 0; j < NODES; j++) {
            if (i != j) {
                assert_int_equal(has_channel(i, j), i != node && j != node);
            }
        }
    }
}

/* ---- begin and end ---- */

static void ceremony(void)
{
    struct plan p;

    assert_int_equal(plan_decode(kit.encoded, &p), ERR_OK);
    assert_int_equal(machines_kit_let_in(chips, &p, &seen), ATTEST_OK);
}

static int make(void **state)
{
    (void)state;
    gmp_arena_install();
    assert_int_equal(plan_kit_make(&kit, 3, NODES), ERR_OK);
    assert_int_equal(plan_kit_attest(&kit, evidence_kit_policy()), ERR_OK);
    assert_int_equal(machines_kit_make(chips, NODES + 1), ERR_OK);
    machines_kit_list(chips, &kit.plan);
    assert_int_equal(plan_kit_encode(&kit), ERR_OK);
    ceremony();
    return 0;
}

static int drop(void **state)
{
    (void)state;
    machines_kit_free(chips, NODES + 1);
    plan_kit_free(&kit);
    return 0;
}

/* Before their first handshake. */
static int begin(void **state)
{
    (void)state;
    mute = 0;
    lie = NULL;
    w = world_new(NODES, 31);
    for (unsigned i = 0; i < NODES; i++) {
        struct world_core *const c = &w->core[i];

        tsm_desk_init(&desks[i], NULL);
        attest_channels_begin(&channels[i], &seen, &desks[i], NULL);
        attest_channels_time(&channels[i], EVIDENCE_KIT_AT_S);
        presigner_wipe(c->p);
        c->attest = &channels[i].mesh;
        world_start(w, i);
    }
    return 0;
}

static int end(void **state)
{
    (void)state;
    world_free(w);
    return 0;
}

/* Whether a core heard that of a node's evidence, once at least. All that was told is taken. */
static bool was_told(unsigned core, unsigned node, enum attest_fault fault)
{
    struct attest_judged j;
    bool any = false;

    while (attest_channels_next(&channels[core], &j)) {
        any = any || (j.node == node && j.fault == fault);
    }
    return any;
}

/* ---- tests ---- */

static void all_show_what_they_are(void **state)
{
    struct attest_judged j;

    (void)state;
    pass(2 * SECOND_NS);
    assert_all_but(NODES);
    for (unsigned n = 0; n < NODES - 1; n++) { /* each peer's evidence, once */
        assert_true(attest_channels_next(&channels[0], &j));
        assert_int_equal(j.fault, ATTEST_OK);
    }
    assert_false(attest_channels_next(&channels[0], &j));
    for (unsigned i = 0; i < TSM_ASKS_MAX; i++) {
        assert_int_equal(desks[0].asks[i].step, TSM_FREE);
    }
    world_batch(w, 10);
    pass(SECOND_NS);
    assert_int_equal(world_sign_all(w), 10);
}

static void a_channel_is_renewed_with_new_evidence(void **state)
{
    (void)state;
    pass(2 * SECOND_NS);
    assert_true(was_told(0, 1, ATTEST_OK));
    later(PQ1_LIFE_NS / 2);
    assert_true(was_told(0, 1, ATTEST_OK));
    assert_int_equal(w->core[0].mesh->counts.handshakes, 2 * (NODES - 1));
    assert_int_equal(w->core[0].mesh->counts.broken, 0);
}

/* ---- lies ---- */

static enum err other_programs(const uint8_t *report_data, struct view *block)
{
    enum err e;

    chips[LIAR]->measurement[3] ^= 1;
    e = evidence_kit_show(chips[LIAR], report_data, room, block);
    chips[LIAR]->measurement[3] ^= 1;
    return e;
}

static enum err another_start(const uint8_t *report_data, struct view *block)
{
    enum err e;

    chips[LIAR]->report_id[7] ^= 1;
    e = evidence_kit_show(chips[LIAR], report_data, room, block);
    chips[LIAR]->report_id[7] ^= 1;
    return e;
}

static enum err another_chip(const uint8_t *report_data, struct view *block)
{
    return evidence_kit_show(chips[NODES], report_data, room, block);
}

/* One that is genuine, and runs another node of the plan. */
static enum err a_chip_of_another_node(const uint8_t *report_data, struct view *block)
{
    return evidence_kit_show(chips[0], report_data, room, block);
}

/* The first that was ever made, shown for ever. */
static enum err an_old_one(const uint8_t *report_data, struct view *block)
{
    static struct view old;

    if (old.p == NULL) {
        const uint8_t before[TSM_REPORT_DATA_LEN] = {9};

        TRY(evidence_kit_show(chips[LIAR], before, other, &old));
    }
    (void)report_data;
    *block = old;
    return ERR_OK;
}

static enum err bits_of_nothing(const uint8_t *report_data, struct view *block)
{
    memset(room, report_data[0], 100);
    *block = (struct view){room, 100};
    return ERR_OK;
}

static void lies_open_no_channel(void **state)
{
    static const struct {
        lie_fn *lie;
        enum attest_fault fault;
    } rows[] = {
        {other_programs, ATTEST_JUDGE_MEASUREMENT},
        {another_start, ATTEST_ATTESTOR_GUEST},
        {another_chip, ATTEST_ATTESTOR_PLATFORM},
        {a_chip_of_another_node, ATTEST_ATTESTOR_PLATFORM},
        {an_old_one, ATTEST_JUDGE_REPORT_DATA},
        {bits_of_nothing, ATTEST_EVIDENCE_BLOCK},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        (void)begin(state);
        lie = rows[i].lie;
        pass(SECOND_NS);
        assert_all_but(LIAR);
        for (unsigned j = 0; j < NODES; j++) {
            assert_true(j == LIAR || was_told(j, LIAR, rows[i].fault));
        }
        lie = NULL;
        pass(2 * MESH_REFUSED_NS);
        assert_all_but(NODES);
        (void)end(state);
    }
}

/* Genuine evidence of the liar's machine, made for its channel with another peer. */
static void evidence_of_another_pair_is_refused(void **state)
{
    uint8_t asked[NODES][TSM_REPORT_DATA_LEN];
    struct view block = {NULL, 0};

    (void)state;
    mute = 1U << LIAR;
    pass(SECOND_NS);
    for (unsigned i = 0; i < TSM_ASKS_MAX; i++) {
        const struct tsm_ask *const a = &desks[LIAR].asks[i];

        if (a->step != TSM_FREE) {
            memcpy(asked[a->tag & 0xffff], a->report_data, sizeof a->report_data);
        }
    }
    for (unsigned n = 0; n < NODES - 1; n++) { /* each gets what is of the next */
        uint8_t report_data[TSM_REPORT_DATA_LEN];
        unsigned peer = 0;
        uint64_t id = 0;

        assert_true(tsm_desk_next(&desks[LIAR], w->now_ns, &id, report_data));
        while (peer == LIAR || memcmp(asked[peer], report_data, sizeof report_data) != 0) {
            peer++;
        }
        peer = (peer + 1) % NODES;
        peer = peer == LIAR ? peer + 1 : peer;
        assert_int_equal(evidence_kit_show(chips[LIAR], asked[peer], room, &block), ERR_OK);
        assert_int_equal(tsm_desk_put(&desks[LIAR], w->now_ns, id, ERR_OK, block), ERR_OK);
    }
    pass(SECOND_NS / 2);
    assert_all_but(LIAR);
    for (unsigned j = 0; j < NODES; j++) {
        assert_true(j == LIAR || was_told(j, LIAR, ATTEST_JUDGE_REPORT_DATA));
    }
}

/* ---- what is missing ---- */

static void a_machine_that_shows_nothing_has_no_channel(void **state)
{
    (void)state;
    mute = 1U << LIAR;
    pass(3 * MESH_STALL_NS);
    assert_all_but(LIAR);
    mute = 0;
    pass(2 * MESH_STALL_NS);
    assert_all_but(NODES);
}

/* From the time on at which they are to be renewed, channels serve on as they are, to the end
 * of their life. */
static void one_that_is_lost_later_stops_new_channels_alone(void **state)
{
    (void)state;
    pass(2 * SECOND_NS);
    mute = 1U << LIAR;
    later(PQ1_LIFE_NS / 2);
    for (unsigned n = 0; n < 3; n++) {
        world_batch(w, 10);
        pass(3 * SECOND_NS);
        assert_int_equal(world_sign_all(w), 10);
    }
    assert_true(mesh_making(w->core[LIAR].mesh, PEER));
    assert_all_but(NODES);
    assert_int_equal(w->core[LIAR].mesh->counts.broken, 0);
    later(PQ1_LIFE_NS / 2 - 10 * SECOND_NS);
    assert_false(has_channel(LIAR, PEER));
    mute = 0;
    pass(2 * MESH_STALL_NS);
    assert_all_but(NODES);
}

static void without_the_time_nobody_is_judged(void **state)
{
    (void)state;
    attest_channels_time(&channels[LIAR], 0);
    pass(SECOND_NS);
    assert_all_but(LIAR);
    attest_channels_time(&channels[LIAR], EVIDENCE_KIT_AT_S);
    pass(2 * MESH_REFUSED_NS);
    assert_all_but(NODES);
}

/* Another process on a spare machine, by an order of the operators. */
static void a_node_that_comes_again_is_another_guest(void **state)
{
    struct silicon *const first = chips[LIAR];

    (void)state;
    pass(2 * SECOND_NS);
    for (unsigned i = 0; i < NODES; i++) {
        attest_channels_fence(&channels[i], LIAR, 2, chips[NODES]->chip_id);
        w->of.nodes[LIAR].incarnation = 2;
        if (i != LIAR) {
            world_must(presigner_reincarnate(w->core[i].p, LIAR, 2, NULL, NULL, w->now_ns));
        }
    }
    presigner_wipe(w->core[LIAR].p);
    world_start(w, LIAR);
    pass(SECOND_NS);
    assert_all_but(LIAR); /* still the old machine */
    assert_true(was_told(0, LIAR, ATTEST_ATTESTOR_PLATFORM));
    chips[LIAR] = chips[NODES];
    pass(2 * MESH_REFUSED_NS);
    chips[LIAR] = first;
    assert_all_but(NODES);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, begin, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(all_show_what_they_are),
        CASE(a_channel_is_renewed_with_new_evidence),
        cmocka_unit_test(lies_open_no_channel),
        CASE(evidence_of_another_pair_is_refused),
        CASE(a_machine_that_shows_nothing_has_no_channel),
        CASE(one_that_is_lost_later_stops_new_channels_alone),
        CASE(without_the_time_nobody_is_judged),
        CASE(a_node_that_comes_again_is_another_guest),
    };

    return cmocka_run_group_tests(tests, make, drop);
}

#else
#include <stdio.h>

int main(void)
{
    (void)puts("SKIP a production build has no simulated chips");
    return 77;
}
#endif
