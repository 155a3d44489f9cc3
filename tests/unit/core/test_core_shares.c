/* What one connection leaves to the others of batches and R1s, whatever it does. */
#include "quorum_fixture.h"

#include <string.h>

#define GREEDY 3 /* lanes */
#define MODEST 5
#define REFILL 12 /* batches that workers make in 100 ms */

static struct quorum_fixture *f;
static struct member *m; /* the core that is asked */

/* A core with a whole pool. Its batches are told ready without being made: here they are only
 * offered. */
static int set_up(void **state)
{
    (void)state;
    f = quorum_fixture_new(1);
    m = f->members[0];
    m->party.pool = LIMIT_POOL;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    quorum_fixture_free(f);
    return 0;
}

static void refill(size_t n)
{
    for (size_t i = 0; i < LIMIT_POOL && n > 0; i++) {
        struct pq_place *const place = &m->party.places[i];

        if (place->state == PQ_EMPTY) {
            place->state = PQ_READY;
            place->since_ns = PQ_NEVER;
            n--;
        }
    }
}

/* One R1 of the pq key: whether there was a batch for it. */
static bool ask(uint32_t lane)
{
    uint8_t body[EPOCH_ID_LEN + 2 + SID0_LEN] = {0};
    const struct core_call call = {
        .head = {FRAME_R1, sizeof body, 1}, .body = {body, sizeof body}, .lane = lane};
    struct writer w = wr_init(m->reply, sizeof m->reply);
    struct frame_header h;
    enum err e = ERR_OK;

    memcpy(body, f->epoch_id, EPOCH_ID_LEN);
    body[EPOCH_ID_LEN] = KEY_PQ;
    body[EPOCH_ID_LEN + 1] = 1;
    assert_null(core_step(&m->core, &call, &w));
    assert_int_equal(frame_header_decode((struct view){m->reply, w.len}, &h), ERR_OK);
    if (h.type == (FRAME_R1 | FRAME_ANSWER)) {
        return true;
    }
    assert_int_equal(
        frame_error_decode((struct view){m->reply + FRAME_HEADER_LEN, h.body_len}, &e), ERR_OK);
    assert_int_equal(e, ERR_NOSPACE);
    return false;
}

/* n lanes ask all the time, MODEST every so many ms, for so long. Gives how often the
 * latter got none, and what the former got. */
struct outcome {
    size_t refused, greedy;
};
static struct outcome go(int64_t ms, int64_t every, const uint32_t *greedy, size_t n)
{
    struct outcome o = {0, 0};

    for (int64_t i = 1; i <= ms; i++) {
        false_clock_go(&m->clock, MS);
        for (size_t j = 0; j < 4 * n; j++) {
            o.greedy += ask(greedy[j % n]);
        }
        if (i % every == 0) {
            o.refused += !ask(MODEST);
        }
        if (i % 100 == 0) {
            core_tick(&m->core);
            refill(REFILL);
        }
    }
    return o;
}

static void who_asks_without_end_takes_what_is_left(void **state)
{
    static const uint32_t one[] = {GREEDY};
    struct outcome o;

    (void)state;
    refill(LIMIT_POOL);
    (void)go(500, 20, one, 1);
    o = go(2000, 20, one, 1); /* 50 a second, of 120 that are made */
    assert_int_equal(o.refused, 0);
    assert_in_range(o.greedy, 60, 140);
}

static void so_do_several(void **state)
{
    static const uint32_t many[] = {0, 1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
    struct outcome o;

    (void)state;
    refill(LIMIT_POOL);
    (void)go(500, 200, many, sizeof many / sizeof many[0]);
    o = go(2000, 200, many, sizeof many / sizeof many[0]); /* its share is 7 a second */
    assert_int_equal(o.refused, 0);
    assert_in_range(o.greedy, 190, 240);
}

/* A connection alone has more than enough: half of the pool at once, and all that is made. */
static void nobody_is_kept_from_what_nobody_wants(void **state)
{
    (void)state;
    refill(LIMIT_POOL);
    for (size_t i = 0; i < LIMIT_POOL / 2; i++) {
        assert_true(ask(GREEDY));
    }
    assert_false(ask(GREEDY)); /* it holds as much as it leaves */
    assert_true(ask(MODEST));
}

/* Sessions that are never ended hold their batches for PQ_SESSION_LIFE_NS: half of the pool. */
static void sessions_that_nobody_ends(void **state)
{
    size_t held = 0;
    size_t all = 0;

    (void)state;
    refill(LIMIT_POOL);
    for (int i = 0; i < 40; i++) { /* 13 a second would do */
        false_clock_go(&m->clock, 75 * MS);
        (void)ask(GREEDY);
        for (size_t j = 0; j < LIMIT_POOL; j++) {
            struct pq_place *const place = &m->party.places[j];

            if (place->state == PQ_READY && place->since_ns != PQ_NEVER) {
                place->state = PQ_OPEN;
            }
        }
        core_tick(&m->core);
        refill(REFILL);
    }
    held = pq_party_held(&m->party, GREEDY, &all);
    assert_int_equal(held, LIMIT_POOL / 2);
    assert_int_equal(all, held);
    assert_true(ask(MODEST));
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(who_asks_without_end_takes_what_is_left),
        TEST(so_do_several),
        TEST(nobody_is_kept_from_what_nobody_wants),
        TEST(sessions_that_nobody_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
