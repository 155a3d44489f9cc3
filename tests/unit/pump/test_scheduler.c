#include "testing.h"

#include "base/mask.h"
#include "crypto/tecdsa/tecdsa_accel_epoch.h"
#include "host/mesh/scheduler.h"

#include <string.h>

#define MS INT64_C(1000000)
#define HEARD_MAX 4096
#define STEP (20 * MS)
#define WALL_US UINT64_C(1800000000000000)

/* Cores that do at once what they are told, once all that it takes were told. */
struct world {
    struct scheduler s;
    struct presign_status says[SCHEDULER_NODES];
    unsigned total, up;
    unsigned deaf;   /* cores that take orders and do nothing */
    enum err answer; /* of every order */
    size_t n_heard;  /* orders that some have who take part, and by whom */
    uint64_t counters[HEARD_MAX];
    unsigned heard[HEARD_MAX];
    unsigned made, batches, setups, switched;
    int64_t now_ns;
};

static enum err count_up(void *self, uint8_t *out, size_t n)
{
    uint8_t *at = self;

    memset(out, (*at)++, n);
    return ERR_OK;
}
static uint8_t randomness;
static const struct entropy_source entropy = {.fill = count_up, .self = &randomness};

static enum err no_entropy(void *self, uint8_t *out, size_t n)
{
    (void)self;
    memset(out, 0, n);
    return ERR_IO;
}

static void fill_status(struct presign_status *s, unsigned own, unsigned total)
{
    *s = (struct presign_status){.n_nodes = total,
                                 .cap = 512,
                                 .accel = total == SCHEDULER_ACCEL_NODES ? PRESIGN_ACCEL_ON
                                                                         : PRESIGN_ACCEL_OFF};
    for (unsigned i = 0; i < total; i++) {
        s->nodes[i].incarnation = 1;
        s->nodes[i].channel = i == own ? 0 : PRESIGN_CHANNEL_VERIFIED;
        s->nodes[i].seeded = i != own;
    }
    for (unsigned m = 0; m < 1U << total; m++) {
        if (mask_count(m) == 3 && (m >> own & 1) != 0) {
            s->triples[s->n_triples++] =
                (struct presign_triple_status){.triple = (uint8_t)m, .usable = true};
        }
    }
}

static void init(struct world *w, unsigned total, unsigned target, bool accelerator)
{
    const struct scheduler_rule rule = {total, target, accelerator};

    memset(w, 0, sizeof *w);
    w->total = total;
    w->now_ns = 1000 * MS;
    scheduler_init(&w->s, &rule, w->now_ns);
    for (unsigned i = 0; i < total; i++) {
        fill_status(&w->says[i], i, total);
    }
}

static void set_up(struct world *w, unsigned cores)
{
    w->up = cores;
    for (unsigned i = 0; i < w->total; i++) {
        scheduler_up(&w->s, i, (cores >> i & 1) != 0);
    }
}

static void add_record(struct world *w, unsigned triple, bool by_accel)
{
    for (unsigned i = 0; i < w->total; i++) {
        for (size_t t = 0; t < w->says[i].n_triples; t++) {
            if ((triple >> i & 1) != 0 && w->says[i].triples[t].triple == triple) {
                w->says[i].triples[t].count++;
            }
        }
        if ((triple >> i & 1) != 0) {
            w->says[i].made_accel += by_accel ? 1 : 0;
            w->says[i].made_dkls += by_accel ? 0 : 1;
        }
    }
    w->made++;
}

static unsigned members_of(const struct world *w, unsigned core, const struct presign_order *o)
{
    return o->kind == PRESIGN_ORDER_SETUP  ? 1U << core | 1U << o->peer
           : o->kind == PRESIGN_ORDER_MAKE ? o->triple
                                           : (1U << w->total) - 1;
}

static void carry_out(struct world *w, unsigned core, const struct presign_order *o)
{
    switch ((enum presign_order_kind)o->kind) {
    case PRESIGN_ORDER_SETUP:
        w->says[core].nodes[o->peer].setup = PRESIGN_PAIR_DONE;
        w->says[o->peer].nodes[core].setup = PRESIGN_PAIR_DONE;
        w->setups++;
        break;
    case PRESIGN_ORDER_MAKE:
        add_record(w, o->triple, false);
        break;
    case PRESIGN_ORDER_BATCH:
        w->batches++;
        for (unsigned i = 0; i < w->total; i++) {
            assert_true(w->says[i].batch_counter < o->counter);
            w->says[i].batch_counter = o->counter;
        }
        for (unsigned r = 0; r < o->records; r++) {
            add_record(w, tecdsa_accel_triple(o->triples[r]), true);
        }
        break;
    case PRESIGN_ORDER_ACCEL:
        break;
    }
}

/* One order of one core. An order that all have who take part in it is carried out. */
static void take_order(struct world *of, unsigned core, const struct presign_order *o)
{
    if (o->kind == PRESIGN_ORDER_ACCEL) {
        of->says[core].accel = o->on ? PRESIGN_ACCEL_ON : PRESIGN_ACCEL_OFF;
        of->switched++;
        return;
    }
    size_t i = 0;

    while (i < of->n_heard && of->counters[i] != o->counter) {
        i++;
    }
    if (i == of->n_heard) {
        assert_true(i < HEARD_MAX);
        of->counters[i] = o->counter;
        of->heard[i] = 0;
        of->n_heard++;
    }
    of->heard[i] |= 1U << core;
    if (of->heard[i] == members_of(of, core, o)) {
        of->n_heard--;
        of->counters[i] = of->counters[of->n_heard];
        of->heard[i] = of->heard[of->n_heard];
        carry_out(of, core, o);
    }
}

static void step(struct world *w)
{
    w->now_ns += STEP;
    for (unsigned i = 0; i < w->total; i++) {
        if ((w->up >> i & 1) != 0) {
            scheduler_take(&w->s, i, &w->says[i], w->now_ns);
        }
    }
    assert_int_equal(
        scheduler_plan(&w->s, &entropy, w->now_ns, WALL_US + (uint64_t)(w->now_ns / 1000)),
        ERR_OK);
    for (unsigned i = 0; i < w->total; i++) {
        struct presign_order o;

        while (scheduler_next(&w->s, i, &o)) {
            if (w->answer == ERR_OK && (w->deaf >> i & 1) == 0) {
                take_order(w, i, &o);
            }
            scheduler_answer(&w->s, i, &o, w->answer, w->now_ns);
        }
    }
}

static void steps(struct world *w, unsigned n)
{
    for (unsigned i = 0; i < n; i++) {
        step(w);
    }
}

static struct world w;

/* ---- the accelerator ---- */

static void the_accelerator_fills_all_triples_to_the_target(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    assert_int_equal(w.made, SCHEDULER_FIRST_RECORDS);
    steps(&w, 20);
    assert_int_equal(w.made, 30 + 3 * 192); /* what lacks then is not worth a batch */
    for (unsigned i = 0; i < TECDSA_ACCEL_TRIPLES; i++) {
        assert_in_range(scheduler_stock(&w.s, tecdsa_accel_triple(i), w.now_ns), 60, 61);
    }
    assert_int_equal(w.batches, 4);
    assert_int_equal(w.s.source, SCHEDULER_ACCEL);
}

static void all_pairs_are_set_up_behind_the_accelerator(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    step(&w);
    assert_int_equal(w.setups, 0); /* first something is in every pool */
    steps(&w, 60);
    assert_int_equal(w.setups, 10);
    assert_int_equal(scheduler_pace_ns(&w.s), SCHEDULER_IDLE_NS);
}

static void use(struct world *of, unsigned triple, unsigned n)
{
    for (unsigned i = 0; i < of->total; i++) {
        for (size_t t = 0; t < of->says[i].n_triples; t++) {
            if (of->says[i].triples[t].triple == triple) {
                of->says[i].triples[t].count = (uint16_t)(of->says[i].triples[t].count - n);
            }
        }
    }
}

static void a_few_that_are_used_are_not_worth_a_batch(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    steps(&w, 60);
    const unsigned before = w.made;

    use(&w, 0x07, 25);
    steps(&w, 10);
    assert_int_equal(w.made, before);
    use(&w, 0x07, 5); /* below half of the target */
    steps(&w, 3);
    assert_int_equal(w.made, 640 + 30);
}

static void no_batch_begins_before_all_seeds_are_there(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    w.says[3].nodes[1].seeded = false;
    set_up(&w, 0x1f);
    steps(&w, 200); /* four seconds */
    assert_int_equal(w.made, 0);
    assert_int_equal(w.setups, 0); /* it is only on its way */
    w.says[3].nodes[1].seeded = true;
    step(&w);
    assert_int_equal(w.made, SCHEDULER_FIRST_RECORDS);
}

static void batches_that_make_nothing_are_tried_less_and_less(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    w.answer = ERR_STATE;
    steps(&w, 3000); /* a minute */
    assert_in_range(w.s.batch.rest.fails, 6, 9);
    assert_int_equal(w.made, 0);
    w.answer = ERR_OK;
    steps(&w, 4000);
    assert_in_range(w.made, 600, 640);
    assert_int_equal(w.s.batch.rest.fails, 0);
}

static void a_batch_that_another_began_is_waited_for(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    w.says[2].accel = PRESIGN_ACCEL_LIVE;
    set_up(&w, 0x1f);
    steps(&w, 20);
    assert_int_equal(w.batches, 0);
    w.says[2].accel = PRESIGN_ACCEL_ON;
    step(&w);
    assert_int_equal(w.batches, 1);
}

/* One that says so for ever is lying: the accelerator rests, and DKLs23 takes its place. */
static void a_core_that_is_always_at_a_batch_does_not_stop_all(void **state)
{
    (void)state;
    init(&w, 5, 8, true);
    w.says[2].accel = PRESIGN_ACCEL_LIVE;
    set_up(&w, 0x1f);
    steps(&w, 6000);
    assert_int_equal(w.batches, 0);
    assert_true(w.made > 0);
}

static void a_pool_that_is_full_somewhere_gets_no_more(void **state)
{
    (void)state;
    init(&w, 5, 64, true);
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].cap = 10;
    }
    w.says[4].triples[0].count = 10; /* and its two others say that they have none */
    set_up(&w, 0x1f);
    steps(&w, 60);
    assert_int_equal(scheduler_stock(&w.s, w.says[4].triples[0].triple, w.now_ns), 0);
    for (unsigned i = 1; i < 6; i++) {
        assert_in_range(w.says[4].triples[i].count, 10, 40);
    }
}

static void cores_are_switched_as_the_configuration_says(void **state)
{
    (void)state;
    init(&w, 5, 4, false);
    set_up(&w, 0x1f);
    steps(&w, 100);
    assert_int_equal(w.switched, 5);
    assert_int_equal(w.batches, 0);
    assert_int_equal(w.made, 40); /* by DKLs23 */
    init(&w, 5, 4, true);
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].accel = PRESIGN_ACCEL_OFF;
    }
    set_up(&w, 0x1f);
    steps(&w, 100);
    assert_int_equal(w.switched, 5);
    assert_true(w.batches > 0);
}

static void off_for_the_epoch_is_off(void **state)
{
    (void)state;
    init(&w, 5, 4, true);
    w.says[0].accel = PRESIGN_ACCEL_OVER;
    set_up(&w, 0x1f);
    steps(&w, 200);
    assert_int_equal(w.switched, 0);
    assert_int_equal(w.batches, 0);
    assert_int_equal(w.made, 40);
    assert_int_equal(w.s.source, SCHEDULER_DKLS);
}

/* ---- DKLs23 ---- */

static void three_that_are_left_make_their_own(void **state)
{
    (void)state;
    init(&w, 5, 16, true);
    set_up(&w, 0x15);
    steps(&w, 40);
    assert_int_equal(w.made, 0); /* the accelerator is missed for a second first */
    steps(&w, 60);
    assert_int_equal(w.setups, 3);
    assert_int_equal(w.made, 16);
    assert_int_equal(scheduler_stock(&w.s, 0x15, w.now_ns), 16);
    assert_int_equal(scheduler_stock(&w.s, 0x07, w.now_ns), 0);
}

static void four_of_five_make_for_all_their_triples(void **state)
{
    (void)state;
    init(&w, 5, 16, true);
    set_up(&w, 0x1e);
    steps(&w, 300);
    assert_int_equal(w.setups, 6);
    assert_int_equal(w.made, 4 * 16);
}

static void no_core_is_in_more_sessions_than_it_takes(void **state)
{
    unsigned n[SCHEDULER_NODES] = {0};

    (void)state;
    init(&w, 5, 64, false);
    for (unsigned i = 0; i < 5; i++) {
        for (unsigned k = 0; k < 5; k++) {
            w.says[i].nodes[k].setup = i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
        w.says[i].accel = PRESIGN_ACCEL_OFF;
    }
    set_up(&w, 0x1f);
    w.deaf = 0x1f;
    steps(&w, 10);
    for (size_t i = 0; i < sizeof w.s.sessions / sizeof w.s.sessions[0]; i++) {
        for (unsigned k = 0; k < 5; k++) {
            n[k] += w.s.sessions[i].triple >> k & 1;
        }
    }
    for (unsigned k = 0; k < 5; k++) {
        assert_in_range(n[k], 1, SCHEDULER_SESSIONS_MAX);
    }
}

/* What it spoils rests; the triples without it fill their pools. */
static void a_core_that_does_nothing_costs_the_others_nothing_for_long(void **state)
{
    (void)state;
    init(&w, 5, 8, false);
    set_up(&w, 0x0f);
    steps(&w, 200);
    assert_int_equal(w.setups, 6);
    const unsigned before = w.made;

    assert_int_equal(before, 32);
    w.deaf = 0x08;
    for (unsigned m = 0; m < 16; m++) {
        if (mask_count(m) == 3) {
            use(&w, m, 8);
        }
    }
    steps(&w, 2200);
    assert_int_equal(w.made, before + 8);
    assert_int_equal(scheduler_stock(&w.s, 0x07, w.now_ns), 8);
    w.deaf = 0;
    steps(&w, 6000);
    assert_true(scheduler_stock(&w.s, 0x0b, w.now_ns) > 0);
}

static void a_full_queue_is_no_failure(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    steps(&w, 10);
    assert_int_equal(w.setups, 3);
    use(&w, 0x07, w.made);
    w.made = 0;
    w.answer = ERR_NOSPACE;
    steps(&w, 100);
    assert_int_equal(w.made, 0);
    assert_int_equal(w.s.triples[0x07].fails, 0);
    w.answer = ERR_OK;
    steps(&w, 30);
    assert_int_equal(w.made, 8);
}

static void a_pair_that_rests_is_let_rest(void **state)
{
    (void)state;
    init(&w, 4, 8, true);
    w.says[0].nodes[1] = (struct presign_peer_status){
        .channel = PRESIGN_CHANNEL_VERIFIED, .setup = PRESIGN_PAIR_RESTS, .wait_s = 60};
    set_up(&w, 0xf);
    steps(&w, 200);
    assert_int_equal(w.setups, 5);
    assert_int_equal(w.made, 2 * 8); /* of 0, 2, 3 and of 1, 2, 3 */
    w.says[0].nodes[1].wait_s = 0;
    steps(&w, 200);
    assert_int_equal(w.setups, 6);
    assert_int_equal(w.made, 4 * 8);
}

/* ---- what is not believed ---- */

static void an_old_status_is_none(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    step(&w);
    w.up = 0x3; /* the third says nothing any more */
    w.now_ns += SCHEDULER_FRESH_NS;
    w.made = 0;
    steps(&w, 50);
    assert_int_equal(w.made, 0);
    assert_int_equal(w.s.source, SCHEDULER_NONE);
}

static void a_status_of_another_number_of_nodes_is_none(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    w.says[1].n_nodes = 4;
    set_up(&w, 0x7);
    steps(&w, 100);
    assert_int_equal(w.made, 0);
}

static void a_core_that_calls_all_stale_moves_counters_by_a_day_at_most(void **state)
{
    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    w.answer = ERR_STALE;
    steps(&w, 100000);
    assert_int_equal(w.s.ahead_us, SCHEDULER_AHEAD_MAX_US);
    assert_true(w.s.counter <=
                WALL_US + (uint64_t)(w.now_ns / 1000) + SCHEDULER_AHEAD_MAX_US + 1000);
    assert_int_equal(w.made, 0);
}

/* A process that comes after another one goes on above its counters. */
static void counters_ascend_from_one_process_to_the_next(void **state)
{
    uint64_t last = 0;

    (void)state;
    init(&w, 5, 64, true);
    set_up(&w, 0x1f);
    steps(&w, 50);
    last = w.s.counter;
    const struct scheduler_rule rule = w.s.rule;

    scheduler_init(&w.s, &rule, w.now_ns);
    set_up(&w, 0x1f);
    use(&w, 0x07, 50);
    steps(&w, 5); /* carry_out() holds that they do */
    assert_true(w.s.counter > last);
}

static void what_waits_for_a_core_goes_with_it(void **state)
{
    struct presign_order o;

    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    w.now_ns += STEP;
    for (unsigned i = 0; i < 3; i++) {
        scheduler_take(&w.s, i, &w.says[i], w.now_ns);
    }
    assert_int_equal(scheduler_plan(&w.s, &entropy, w.now_ns, WALL_US), ERR_OK);
    assert_true(w.s.cores[0].n > 0 || w.s.cores[1].n > 0);
    scheduler_up(&w.s, 0, false);
    scheduler_up(&w.s, 1, false);
    assert_false(scheduler_next(&w.s, 0, &o));
    assert_false(scheduler_next(&w.s, 1, &o));
    assert_false(scheduler_next(&w.s, 2, &o));
}

static void without_randomness_there_is_no_session(void **state)
{
    const struct entropy_source none = {.fill = no_entropy};

    (void)state;
    init(&w, 3, 8, true);
    set_up(&w, 0x7);
    for (unsigned i = 0; i < 3; i++) {
        for (unsigned k = 0; k < 3; k++) {
            w.says[i].nodes[k].setup = i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
        scheduler_take(&w.s, i, &w.says[i], w.now_ns);
    }
    assert_int_equal(scheduler_plan(&w.s, &none, w.now_ns, WALL_US), ERR_IO);
    assert_int_equal(w.s.cores[0].n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_accelerator_fills_all_triples_to_the_target),
        cmocka_unit_test(all_pairs_are_set_up_behind_the_accelerator),
        cmocka_unit_test(a_few_that_are_used_are_not_worth_a_batch),
        cmocka_unit_test(no_batch_begins_before_all_seeds_are_there),
        cmocka_unit_test(batches_that_make_nothing_are_tried_less_and_less),
        cmocka_unit_test(a_batch_that_another_began_is_waited_for),
        cmocka_unit_test(a_core_that_is_always_at_a_batch_does_not_stop_all),
        cmocka_unit_test(a_pool_that_is_full_somewhere_gets_no_more),
        cmocka_unit_test(cores_are_switched_as_the_configuration_says),
        cmocka_unit_test(off_for_the_epoch_is_off),
        cmocka_unit_test(three_that_are_left_make_their_own),
        cmocka_unit_test(four_of_five_make_for_all_their_triples),
        cmocka_unit_test(no_core_is_in_more_sessions_than_it_takes),
        cmocka_unit_test(a_core_that_does_nothing_costs_the_others_nothing_for_long),
        cmocka_unit_test(a_full_queue_is_no_failure),
        cmocka_unit_test(a_pair_that_rests_is_let_rest),
        cmocka_unit_test(an_old_status_is_none),
        cmocka_unit_test(a_status_of_another_number_of_nodes_is_none),
        cmocka_unit_test(a_core_that_calls_all_stale_moves_counters_by_a_day_at_most),
        cmocka_unit_test(counters_ascend_from_one_process_to_the_next),
        cmocka_unit_test(what_waits_for_a_core_goes_with_it),
        cmocka_unit_test(without_randomness_there_is_no_session),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
