/* Under a plan with a policy a lost node comes back only on the machine of the order, as a
 * guest that was never seen; whoever else asks is given nothing, and told why. */
#include "testing.h"

#if defined(QUORATE_SIMULATED)
#include "machines_kit.h"
#include "world.h"

#define LOST 4
#define SPARE WORLD_NODES /* a chip that the plan lists for LOST besides its own */
#define STRANGE (SPARE + 1)
#define CHIPS (STRANGE + 1)
#define HELPERS 0x07

/* What a core has beside struct reenrol. */
struct machine {
    struct attestor attestor;
    struct reenrol_attest attest;
    uint8_t node;
    struct silicon *chip;
    uint8_t wanted[WORLD_NODES][REPORT_DATA_LEN];
    enum attest_fault fault; /* of the last that was refused */
    enum err answers;        /* what its quorate-tsm says; ERR_BUSY: nothing ever */
    bool blind;              /* lets itself in, whatever it is */
    bool replays;            /* shows what it kept */
    size_t kept;
    uint8_t block[EVIDENCE_MAX];
};

static struct world *w;
static struct silicon *chips[CHIPS];
static struct silicon as_made[CHIPS];
static struct machine machines[WORLD_NODES];
static struct attestor ceremony; /* what everybody knew when the key was made */
static uint8_t platforms[2 * PLAN_PLATFORM_LEN];

/* ---- evidence ---- */

static enum err ask(void *self, uint8_t peer, const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine *const m = self;

    memcpy(m->wanted[peer], report_data, REPORT_DATA_LEN);
    return ERR_OK;
}

static enum err answer(void *self, uint8_t peer, struct view *block)
{
    struct machine *const m = self;

    if (m->answers != ERR_OK) {
        return m->answers;
    }
    if (!m->replays) {
        assert_int_equal(evidence_kit_show(m->chip, m->wanted[peer], m->block, block), ERR_OK);
        m->kept = block->n;
    }
    *block = (struct view){m->block, m->kept};
    return ERR_OK;
}

static enum err judge(void *self, uint8_t node, uint32_t incarnation, struct view block,
                      const uint8_t report_data[REPORT_DATA_LEN])
{
    struct machine *const m = self;
    const enum attest_fault f =
        attestor_judge(&m->attestor, node, incarnation, block, report_data, EVIDENCE_KIT_AT_S);

    if (node == m->node && m->blind) {
        return ERR_OK;
    }
    m->fault = f != ATTEST_OK ? f : m->fault;
    return attest_fault_err(f);
}

/* ---- the world ---- */

static void plug(uint8_t i)
{
    struct machine *const m = &machines[i];

    *m = (struct machine){
        .node = i, .chip = chips[i], .fault = ATTEST_OK, .attest = {ask, answer, judge, m}};
    attestor_copy(&m->attestor, &ceremony);
    w->nodes[i].tools.attest = &m->attest;
}

static int make(void **state)
{
    (void)state;
    gmp_arena_install();
    w = world_new(8);
    assert_int_equal(plan_kit_attest(&w->plan_kit, evidence_kit_policy()), ERR_OK);
    assert_int_equal(machines_kit_make(chips, CHIPS), ERR_OK);
    for (size_t i = 0; i < CHIPS; i++) {
        as_made[i] = *chips[i];
    }
    machines_kit_list(chips, &w->plan_kit.plan);
    memcpy(platforms, chips[LOST]->chip_id, PLAN_PLATFORM_LEN);
    memcpy(platforms + PLAN_PLATFORM_LEN, chips[SPARE]->chip_id, PLAN_PLATFORM_LEN);
    w->plan_kit.plan.nodes[LOST].platforms = (struct view){platforms, sizeof platforms};
    assert_int_equal(machines_kit_let_in(chips, &w->plan_kit.plan, &ceremony), ATTEST_OK);
    return 0;
}

/* As after the ceremony; attempts go on. */
static int set_up(void **state)
{
    (void)state;
    w->queued = 0;
    w->fault = NULL;
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        w->nodes[i].plan = w->plan_kit.plan;
        reenrol_roster_init(&w->nodes[i].roster);
        reenrol_wipe(&w->nodes[i].r);
        plug(i);
    }
    for (size_t i = 0; i < CHIPS; i++) {
        *chips[i] = as_made[i];
    }
    return 0;
}

static int drop(void **state)
{
    (void)state;
    for (size_t i = 0; i < CHIPS; i++) {
        *chips[i] = as_made[i];
    }
    machines_kit_free(chips, CHIPS);
    world_free(w);
    return 0;
}

static const struct reenrol *at(uint8_t i)
{
    return &w->nodes[i].r;
}

/* Another process at that place, on that chip, which started anew; the order names a chip. */
static void lose(size_t runs_on, size_t ordered)
{
    struct machine *const m = &machines[LOST];

    world_lose(w, LOST);
    plug(LOST);
    m->chip = chips[runs_on];
    m->chip->report_id[9]++;
    assert_int_equal(attestor_begin(&m->attestor, &w->plan_kit.plan, LOST, &snp_roots_compiled),
                     ATTEST_OK);
    w->order.platform = (struct view){chips[ordered]->chip_id, PLAN_PLATFORM_LEN};
    assert_int_equal(reenrol_kit_sign(&w->plan_kit, 1, &w->order), ERR_OK);
}

static void take_order(uint8_t i)
{
    const struct reenrol_roster *const r = &w->nodes[i].roster;

    assert_int_equal(world_order(w, i), ERR_OK);
    attestor_fence(&machines[i].attestor, LOST, r->incarnation[LOST],
                   reenrol_roster_platform(r, LOST));
}

static void begin(void)
{
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        take_order(i);
    }
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        if ((HELPERS >> i & 1) == 1 || i == LOST) {
            assert_int_equal(world_begin(w, i, HELPERS), ERR_OK);
        }
    }
}

static void run(void)
{
    begin();
    world_settle(w);
}

/* Helpers refuse the node, one by one or by the first who does; it has nothing of anybody. */
static void assert_refused(enum attest_fault f)
{
    unsigned refused = 0;

    run();
    for (uint8_t i = 0; i < WORLD_NODES - 1; i++) {
        if (at(i)->state == REENROL_ENDED) {
            assert_int_equal(at(i)->err, attest_fault_err(f));
            assert_int_equal(at(i)->accused, REENROL_NOBODY);
            assert_int_equal(machines[i].fault, f);
            assert_false(attestor_has(&machines[i].attestor, LOST));
            refused++;
        }
        assert_int_equal(at(i)->told >> LOST & 1, 0);
        assert_int_not_equal(at(i)->state, REENROL_DONE);
    }
    assert_int_equal(refused, 3);
    assert_int_equal(at(LOST)->shown, 0);
    assert_int_equal(at(LOST)->repaired.added, 0);
    assert_int_equal(at(LOST)->secrets.given, 0);
}

/* ---- as it should be ---- */

static void on_its_own_machine_or_a_spare(void **state)
{
    (void)state;
    for (size_t chip = LOST; chip <= SPARE; chip++) {
        lose(chip, chip);
        run();
        world_check_done(w);
        for (uint8_t i = 0; i < 3; i++) {
            assert_true(attestor_has(&machines[i].attestor, LOST));
            assert_memory_equal(machines[i].attestor.nodes[LOST].claims.platform,
                                chips[chip]->chip_id, PLAN_PLATFORM_LEN);
            assert_int_equal(attestor_judge_all(&machines[i].attestor), ATTEST_OK);
            assert_true(attestor_has(&machines[LOST].attestor, i));
        }
        assert_false(attestor_has(&machines[LOST].attestor, 3));
    }
}

/* Nobody waits for who is slow: what it has to show comes when it comes. */
static void evidence_that_comes_late(void **state)
{
    (void)state;
    lose(LOST, LOST);
    machines[1].answers = machines[LOST].answers = ERR_BUSY;
    run();
    assert_true(reenrol_awaits_evidence(at(LOST)));
    assert_false(reenrol_awaits_evidence(at(0)));
    machines[LOST].answers = ERR_OK;
    world_settle(w);
    assert_false(reenrol_awaits_evidence(at(LOST)));
    assert_int_equal(at(LOST)->state, REENROL_RUNNING);
    machines[1].answers = ERR_NOSPACE; /* too many others ask */
    world_settle(w);
    machines[1].answers = ERR_OK;
    world_settle(w);
    world_check_done(w);
}

/* What is written at once has room, and goes on when there is some. */
static void one_block_at_a_time(void **state)
{
    uint8_t bytes[REENROL_OUT_MAX];
    struct writer out = wr_init(bytes, REENROL_EVIDENCE_LEN - 1);

    (void)state;
    lose(LOST, LOST);
    machines[LOST].answers = ERR_BUSY;
    run();
    machines[LOST].answers = ERR_OK;
    reenrol_poll(&w->nodes[LOST].r, &w->nodes[LOST].tools, w->now_ns, &out);
    assert_int_equal(out.len, 0);
    assert_int_equal(at(LOST)->state, REENROL_RUNNING);
    for (size_t i = 0; i < 3; i++) {
        w->queued = 0;
        assert_true(world_poll(w, LOST));
        assert_in_range(w->queued, 1, 2);
        assert_int_equal(w->queue[0].bytes[0], PQ1_KEM);
    }
    assert_false(world_poll(w, LOST));
}

/* ---- who is refused ---- */

static void a_copy_of_the_old_guest(void **state)
{
    (void)state;
    lose(LOST, LOST);
    chips[LOST]->report_id[9]--; /* it is as it was when the key was made */
    assert_refused(ATTEST_ATTESTOR_COPY);
}

/* One that was let in by an order, and lost its place by the next, is as old. */
static void a_copy_of_the_guest_of_another_order(void **state)
{
    (void)state;
    lose(LOST, LOST);
    run();
    world_check_done(w);
    lose(LOST, LOST);
    chips[LOST]->report_id[9]--;
    assert_refused(ATTEST_ATTESTOR_COPY);
}

static void another_machine_than_the_order_names(void **state)
{
    (void)state;
    lose(SPARE, LOST); /* both are the plan's */
    machines[LOST].blind = true;
    assert_refused(ATTEST_ATTESTOR_PLATFORM);
    lose(STRANGE, LOST);
    machines[LOST].blind = true;
    assert_refused(ATTEST_ATTESTOR_PLATFORM);
}

/* It knows before it shows it to anybody. */
static void it_does_not_show_what_would_be_refused(void **state)
{
    (void)state;
    lose(SPARE, LOST);
    run();
    assert_int_equal(at(LOST)->state, REENROL_ENDED);
    assert_int_equal(at(LOST)->err, attest_fault_err(ATTEST_ATTESTOR_PLATFORM));
    assert_int_equal(machines[LOST].fault, ATTEST_ATTESTOR_PLATFORM);
    assert_false(attestor_has(&machines[0].attestor, LOST));
}

static void another_measurement(void **state)
{
    (void)state;
    lose(LOST, LOST);
    machines[LOST].blind = true;
    chips[LOST]->measurement[0] ^= 1;
    assert_refused(ATTEST_JUDGE_MEASUREMENT);
}

/* The policy would let it in: but a place keeps what it runs for the epoch. */
static void another_measurement_than_before(void **state)
{
    (void)state;
    for (uint8_t i = 0; i < WORLD_NODES - 1; i++) {
        machines[i].attestor.nodes[LOST].claims.measurement[0] ^= 1;
    }
    lose(LOST, LOST);
    assert_refused(ATTEST_ATTESTOR_MEASUREMENT);
}

static void evidence_of_another_attempt(void **state)
{
    (void)state;
    lose(LOST, LOST);
    run();
    world_check_done(w);
    const size_t kept = machines[LOST].kept;
    static uint8_t old[EVIDENCE_MAX];

    memcpy(old, machines[LOST].block, kept);
    lose(LOST, LOST);
    machines[LOST].blind = machines[LOST].replays = true;
    machines[LOST].kept = kept;
    memcpy(machines[LOST].block, old, kept);
    assert_refused(ATTEST_JUDGE_REPORT_DATA);
}

static void the_guest_of_another_node(void **state)
{
    (void)state;
    lose(LOST, LOST);
    memcpy(chips[LOST]->report_id, chips[3]->report_id, sizeof chips[3]->report_id);
    assert_refused(ATTEST_ROSTER_REPORT_ID);
}

/* A helper that another guest plays, with its keys: neither node nor helpers talk to it. */
static void a_helper_that_is_another_guest(void **state)
{
    (void)state;
    lose(LOST, LOST);
    machines[1].blind = true;
    chips[1]->report_id[9]++;
    run();
    for (unsigned i = 0; i < 3; i += 2) {
        const struct reenrol *const r = at((uint8_t)i);

        assert_int_equal(r->state, REENROL_ENDED);
        assert_int_equal(r->err, attest_fault_err(ATTEST_ATTESTOR_GUEST));
        assert_int_equal(machines[i].fault, ATTEST_ATTESTOR_GUEST);
        assert_int_equal(r->shown, 1U << i);
    }
    assert_int_not_equal(at(LOST)->state, REENROL_DONE);
}

/* ---- what is not there ---- */

static bool strip(struct world *x, uint8_t from, uint8_t to, uint8_t *bytes, size_t *n)
{
    (void)x;
    if (from == LOST && to == 0 && bytes[0] == PQ1_KEM) {
        *n = PQ1_KEM_LEN;
    }
    return true;
}

static void a_channel_without_evidence(void **state)
{
    (void)state;
    lose(LOST, LOST);
    w->fault = strip;
    run();
    assert_int_equal(at(0)->state, REENROL_ENDED);
    assert_int_equal(at(0)->err, ERR_EVIDENCE);
    assert_int_equal(at(LOST)->shown & 1, 0);
}

static void no_quorate_tsm(void **state)
{
    (void)state;
    lose(LOST, LOST);
    machines[LOST].answers = ERR_BUSY;
    run();
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        reenrol_tick(&w->nodes[i].r, w->now_ns + LIMIT_REENROL_NS - 1);
    }
    assert_int_equal(at(LOST)->state, REENROL_RUNNING);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        reenrol_tick(&w->nodes[i].r, w->now_ns + LIMIT_REENROL_NS);
    }
    assert_int_equal(at(LOST)->err, ERR_IO);
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(at(i)->err, ERR_DEADLINE);
    }
    lose(LOST, LOST);
    machines[LOST].answers = ERR_IO; /* it said so */
    run();
    assert_int_equal(at(LOST)->state, REENROL_ENDED);
    assert_int_equal(at(LOST)->err, ERR_IO);
}

static void a_core_that_cannot_judge(void **state)
{
    (void)state;
    lose(LOST, LOST);
    for (uint8_t i = 0; i < WORLD_NODES; i++) {
        take_order(i);
    }
    w->nodes[0].tools.attest = w->nodes[LOST].tools.attest = NULL;
    assert_int_equal(world_begin(w, 0, HELPERS), ERR_POLICY);
    assert_int_equal(world_begin(w, LOST, HELPERS), ERR_POLICY);
    assert_int_equal(at(0)->state, REENROL_IDLE);
    assert_int_equal(at(LOST)->state, REENROL_IDLE);
    assert_int_equal(w->queued, 0);
}

/* ---- orders ---- */

static void an_order_names_a_machine_of_the_node(void **state)
{
    (void)state;
    lose(LOST, STRANGE);
    assert_int_equal(world_order(w, 0), ERR_EVIDENCE);
    lose(LOST, 0); /* of another node */
    assert_int_equal(world_order(w, 0), ERR_EVIDENCE);
    lose(LOST, LOST);
    w->order.platform.n = 0;
    assert_int_equal(reenrol_kit_sign(&w->plan_kit, 1, &w->order), ERR_OK);
    assert_int_equal(world_order(w, 0), ERR_EVIDENCE);
    lose(LOST, LOST);
    w->order.platform.p = chips[SPARE]->chip_id; /* not what the operators signed */
    assert_int_equal(world_order(w, 0), ERR_SIGNATURE);
    assert_null(reenrol_roster_platform(&w->nodes[0].roster, LOST));
    lose(LOST, LOST);
    w->nodes[0].plan.policy.n = 0; /* a plan that says nothing of machines */
    assert_int_equal(world_order(w, 0), ERR_EVIDENCE);
    assert_int_equal(w->nodes[0].roster.incarnation[LOST], 1);
    assert_int_equal(world_order(w, 1), ERR_OK);
    assert_memory_equal(reenrol_roster_platform(&w->nodes[1].roster, LOST),
                        chips[LOST]->chip_id, PLAN_PLATFORM_LEN);
    assert_null(reenrol_roster_platform(&w->nodes[1].roster, 0));
    assert_null(reenrol_roster_platform(&w->nodes[1].roster, PLAN_NODES_MAX));
}

int main(void)
{
#define CASE(f) cmocka_unit_test_setup(f, set_up)
    const struct CMUnitTest tests[] = {
        CASE(on_its_own_machine_or_a_spare),
        CASE(evidence_that_comes_late),
        CASE(one_block_at_a_time),
        CASE(a_copy_of_the_old_guest),
        CASE(a_copy_of_the_guest_of_another_order),
        CASE(another_machine_than_the_order_names),
        CASE(it_does_not_show_what_would_be_refused),
        CASE(another_measurement),
        CASE(another_measurement_than_before),
        CASE(evidence_of_another_attempt),
        CASE(the_guest_of_another_node),
        CASE(a_helper_that_is_another_guest),
        CASE(a_channel_without_evidence),
        CASE(no_quorate_tsm),
        CASE(a_core_that_cannot_judge),
        CASE(an_order_names_a_machine_of_the_node),
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
