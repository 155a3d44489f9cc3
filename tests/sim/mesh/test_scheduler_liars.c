/* Bad cores before the scheduler. Three honest cores that are connected make presignatures
 * whatever two others do: of each ten that they would make alone, eight (seven,
 * if these refuse), from a minute after the two have begun. */
#include "unit/pump/scheduler_world.h"

#define WINDOW 1500 /* steps: half a minute */
#define WINDOWS 8
#define TAKES (100 * MS)
#define ALL 0x1fU
#define SEEDS 12

static struct world w;
static uint32_t dice; /* which records are used before they are told */

/* What a bad core does; it keeps its channels and setups. */
enum manner {
    SILENT,   /* takes orders, and answers nobody in a round */
    LYING,    /* the same, and says that it is at nothing and makes much */
    REFUSING, /* takes no order */
    FULL,     /* says that it has no room, of each */
    MANNERS
};
static const char *const names[] = {"silent", "lying", "refusing", "full"};

static void turn_bad(unsigned cores, enum manner manner)
{
    w.deaf = cores;
    w.liars = manner == LYING ? cores : 0;
    for (unsigned i = 0; i < w.total; i++) {
        w.refuses[i] = (cores >> i & 1) == 0 ? ERR_OK
                       : manner == REFUSING  ? ERR_STATE
                       : manner == FULL      ? ERR_NOSPACE
                                             : ERR_OK;
    }
}

/* Five without the accelerator; all pairs are set up. */
static void begin(unsigned up, uint32_t seed)
{
    init(&w, 5, 64, false);
    dice = seed;
    w.takes_ns = TAKES;
    for (unsigned i = 0; i < 5; i++) {
        w.says[i].accel = PRESIGN_ACCEL_OFF;
        for (unsigned k = 0; k < 5; k++) {
            w.says[i].nodes[k].setup = i != k ? PRESIGN_PAIR_DONE : PRESIGN_PAIR_NONE;
        }
    }
    set_up(&w, up);
}

static unsigned count(unsigned core, unsigned triple)
{
    for (size_t t = 0; t < w.says[core].n_triples; t++) {
        if (w.says[core].triples[t].triple == triple) {
            return w.says[core].triples[t].count;
        }
    }
    return 0;
}

/* Stamps use all that there is, half of the time before it is told. */
static void use_all(void)
{
    for (unsigned m = 0; m < 1U << 5; m++) {
        unsigned core = 0;

        dice = dice * 1664525 + 1013904223;
        if (mask_count(m) == 3 && (dice >> 16) % 2 != 0) {
            while ((m >> core & 1) == 0) {
                core++;
            }
            use(&w, m, count(core, m));
        }
    }
}

/* Records of a triple, or (0) of all, made in so many steps. */
static unsigned make(unsigned triple, unsigned n)
{
    const unsigned before = triple != 0 ? w.of[triple] : w.made;

    for (unsigned i = 0; i < n; i++) {
        step(&w);
        use_all();
    }
    return (triple != 0 ? w.of[triple] : w.made) - before;
}

static unsigned alone(unsigned triple)
{
    begin(triple, triple);
    (void)make(triple, WINDOW);
    return make(triple, WINDOW);
}

static void assert_goes_on(unsigned honest, enum manner manner, unsigned most)
{
    unsigned n[WINDOWS];

    for (unsigned k = 0; k < WINDOWS; k++) {
        n[k] = make(honest, WINDOW);
    }
    print_message("%02x, two %s: %u alone;", honest, names[manner], most);
    for (unsigned k = 0; k < WINDOWS; k++) {
        print_message(" %u", n[k]);
    }
    print_message("\n");
    for (unsigned k = 2; k < WINDOWS; k++) {
        if (manner == SILENT || manner == LYING) {
            assert_true(5 * n[k] >= 4 * most);
        } else { /* what refuses takes a place of one or two for a moment, each time */
            assert_true(10 * n[k] >= 7 * most);
        }
    }
}

/* They are so from the beginning. */
static void two_bad_cores_cost_the_others_a_fifth_at_most(void **state)
{
    (void)state;
    for (unsigned honest = 0; honest < 1U << 5; honest++) {
        const unsigned most = mask_count(honest) == 3 ? alone(honest) : 0;

        for (unsigned m = 0; most > 0 && m < MANNERS; m++) {
            begin(ALL, honest);
            turn_bad(ALL & ~honest, (enum manner)m);
            assert_goes_on(honest, (enum manner)m, most);
        }
    }
}

/* They were like the others for a minute. */
static void two_that_turn_bad_cost_no_more(void **state)
{
    (void)state;
    for (unsigned honest = 0; honest < 1U << 5; honest++) {
        const unsigned most = mask_count(honest) == 3 ? alone(honest) : 0;

        for (unsigned m = 0; most > 0 && m < MANNERS; m++) {
            begin(ALL, honest);
            (void)make(0, 2 * WINDOW);
            turn_bad(ALL & ~honest, (enum manner)m);
            assert_goes_on(honest, (enum manner)m, most);
        }
    }
}

/* Six sessions at a time are as many as five cores with four places each are in. */
#define MOST (6 * WINDOW / (TAKES / STEP + 1))

static void nothing_is_lost_where_all_are_honest(void **state)
{
    const unsigned most = MOST;

    (void)state;
    begin(ALL, 1);
    for (unsigned k = 0; k < 4; k++) {
        const unsigned n = make(0, WINDOW);

        print_message("five honest: %u of %u\n", n, most);
        assert_true(20 * n >= 19 * most);
    }
    for (unsigned m = 0; m < SCHEDULER_MASKS; m++) {
        assert_int_equal(w.s.triples[m].rest.fails, 0);
    }
    assert_int_equal(w.refused, 0);
}

/* What fails for all of them for two seconds costs a third of the next minute, and is over
 * after two and a half. */
static void all_that_failed_once_are_back_soon(void **state)
{
    (void)state;
    for (uint32_t seed = 1; seed <= SEEDS; seed++) {
        begin(ALL, seed);
        (void)make(0, WINDOW);
        turn_bad(ALL, REFUSING);
        (void)make(0, 100);
        turn_bad(0, REFUSING);
        for (unsigned k = 0; k < 8; k++) {
            const unsigned n = make(0, WINDOW);

            assert_true(100 * n >= (k < 2 ? 60 : k < 5 ? 85 : 99) * MOST);
        }
    }
}

/* It is tried again, and trusted once its triples have made what they owe: within five minutes.
 * What it did is forgotten after ten. */
static void one_that_comes_back_is_one_of_five_again(void **state)
{
    (void)state;
    for (unsigned m = 0; m < MANNERS; m++) {
        begin(ALL, m + 1);
        turn_bad(1U << 4, (enum manner)m);
        (void)make(0, 20 * WINDOW);
        turn_bad(0, SILENT);
        (void)make(0, 10 * WINDOW);
        for (unsigned t = 0; t < 1U << 5; t++) {
            if (mask_count(t) == 3) {
                assert_int_equal(w.s.triples[t].owes, 0);
            }
        }
        (void)make(0, 12 * WINDOW);
        assert_true(100 * make(0, WINDOW) >= 99 * MOST);
    }
}

/* It makes what it owes, and stops again, and so on. */
static void one_that_does_so_again_and_again_gains_nothing(void **state)
{
    const unsigned most = alone(0x07);
    unsigned n = 0;

    (void)state;
    begin(ALL, 1);
    for (unsigned k = 0; k < 40; k++) {
        turn_bad(0x18, LYING);
        n += make(0x07, WINDOW / 2);
        turn_bad(0, LYING);
        n += make(0x07, WINDOW / 10);
    }
    print_message("07, two on and off: %u of %u\n", n, 24 * most);
    assert_true(2 * n >= 24 * most);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(two_bad_cores_cost_the_others_a_fifth_at_most),
        cmocka_unit_test(two_that_turn_bad_cost_no_more),
        cmocka_unit_test(nothing_is_lost_where_all_are_honest),
        cmocka_unit_test(all_that_failed_once_are_back_soon),
        cmocka_unit_test(one_that_comes_back_is_one_of_five_again),
        cmocka_unit_test(one_that_does_so_again_and_again_gains_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
