/* The desk where wishes for evidence wait: one is under way at a time, first come first served,
 * none is lost with the quorate-tsm that had it, and every one ends. */
#include "testing.h"

#include "enclave/attest/tsm_desk.h"

#include <string.h>

#define S INT64_C(1000000000)
#define NONE ((struct view){NULL, 0})

static struct tsm_desk desk;
static struct {
    unsigned enters, leaves, asked, answered;
} told;

static void enter(void *self)
{
    (void)self;
    assert_int_equal(told.enters, told.leaves); /* never twice */
    told.enters++;
}

static void leave(void *self)
{
    (void)self;
    told.leaves++;
}

static void asked(void *self)
{
    (void)self;
    assert_int_equal(told.enters, told.leaves); /* outside the guard */
    told.asked++;
}

static void answered(void *self)
{
    (void)self;
    assert_int_equal(told.enters, told.leaves);
    told.answered++;
}

static int up(void **state)
{
    const struct tsm_meeting meeting = {enter, leave, asked, answered, NULL};

    (void)state;
    memset(&told, 0, sizeof told);
    memset(&desk, 0, sizeof desk);
    tsm_desk_init(&desk, &meeting);
    return 0;
}

static enum err ask(int64_t now_ns, uint32_t tag, uint8_t data)
{
    uint8_t report_data[TSM_REPORT_DATA_LEN];

    memset(report_data, data, sizeof report_data);
    return tsm_desk_ask(&desk, now_ns, tag, report_data);
}

/* The first byte of what goes out, its id to *id; 0: nothing does. */
static uint8_t next(int64_t now_ns, uint64_t *id)
{
    uint8_t report_data[TSM_REPORT_DATA_LEN] = {0};

    return tsm_desk_next(&desk, now_ns, id, report_data) ? report_data[63] : 0;
}

static enum err put(uint64_t id, const char *block)
{
    return tsm_desk_put(&desk, S, id, ERR_OK,
                        (struct view){(const uint8_t *)block, strlen(block)});
}

static enum err look(uint32_t tag)
{
    struct view block;

    return tsm_desk_answer(&desk, tag, &block);
}

static void test_one_after_the_other(void **state)
{
    const uint32_t a = tsm_tag(TSM_CEREMONY, 1);
    const uint32_t b = tsm_tag(TSM_MESH, 1);
    static uint8_t room[TSM_BLOCK_MAX];
    struct view block;
    uint64_t id;

    (void)state;
    assert_int_equal(look(a), ERR_STATE);
    assert_int_equal(next(S, &id), 0);
    assert_int_equal(ask(S, a, 0xa1), ERR_OK);
    assert_int_equal(ask(S, b, 0xb1), ERR_OK);
    assert_int_equal(told.asked, 2);
    assert_int_equal(look(a), ERR_BUSY);
    assert_int_equal(next(S, &id), 0xa1);
    assert_int_equal(next(S, &(uint64_t){0}), 0); /* one at a time */
    assert_int_equal(put(id, "first"), ERR_OK);
    assert_int_equal(told.answered, 1);
    assert_int_equal(tsm_desk_answer(&desk, a, &block), ERR_OK);
    assert_int_equal(block.n, 5);
    assert_memory_equal(block.p, "first", 5);
    assert_int_equal(tsm_desk_copy(&desk, a, room, &block), ERR_OK);
    assert_ptr_equal(block.p, room);
    assert_int_equal(block.n, 5);
    assert_memory_equal(room, "first", 5);
    assert_int_equal(tsm_desk_copy(&desk, b, room, &block), ERR_BUSY);
    assert_null(block.p);
    assert_int_equal(look(b), ERR_BUSY);
    assert_int_equal(next(S, &id), 0xb1);
    assert_int_equal(tsm_desk_put(&desk, S, id, ERR_POLICY, NONE), ERR_OK);
    assert_int_equal(look(b), ERR_POLICY);
    tsm_desk_forget(&desk, a);
    assert_int_equal(look(a), ERR_STATE);
    assert_int_equal(look(b), ERR_POLICY);
    assert_int_equal(told.enters, told.leaves);
}

/* Who asks anew wants the answer to that, not to what it asked before. */
static void test_asked_anew(void **state)
{
    const uint32_t a = tsm_tag(TSM_MESH, 4);
    struct view block;
    uint64_t old;
    uint64_t id;

    (void)state;
    assert_int_equal(ask(S, a, 1), ERR_OK);
    assert_int_equal(next(S, &old), 1);
    assert_int_equal(ask(S, a, 2), ERR_OK);
    assert_int_equal(next(S, &id), 0); /* the device is still at the old one */
    assert_int_equal(put(old, "old"), ERR_OK);
    assert_int_equal(look(a), ERR_BUSY);
    assert_int_equal(next(S, &id), 2);
    assert_int_equal(put(id, "new"), ERR_OK);
    assert_int_equal(tsm_desk_answer(&desk, a, &block), ERR_OK);
    assert_memory_equal(block.p, "new", 3);
    assert_int_equal(ask(S, a, 3), ERR_OK); /* an answer that was not fetched goes, too */
    assert_int_equal(look(a), ERR_BUSY);
}

static void test_foreign_answers(void **state)
{
    static const uint8_t longest[TSM_BLOCK_MAX + 1];
    uint64_t id;

    (void)state;
    assert_int_equal(put(0, "x"), ERR_MISMATCH); /* nothing is under way */
    assert_int_equal(put(1, "x"), ERR_MISMATCH);
    assert_int_equal(ask(S, 7, 7), ERR_OK);
    assert_int_equal(put(1, "x"), ERR_MISMATCH); /* not sent yet */
    assert_int_equal(next(S, &id), 7);
    assert_int_equal(put(id + 1, "x"), ERR_MISMATCH);
    assert_int_equal(put(id, ""), ERR_LENGTH);
    assert_int_equal(
        tsm_desk_put(&desk, S, id, ERR_OK, (struct view){longest, TSM_BLOCK_MAX + 1}),
        ERR_LENGTH);
    assert_int_equal(look(7), ERR_BUSY);
    assert_int_equal(tsm_desk_put(&desk, S, id, ERR_OK, (struct view){longest, TSM_BLOCK_MAX}),
                     ERR_OK);
    assert_int_equal(look(7), ERR_OK);
    assert_int_equal(put(id, "x"), ERR_MISMATCH); /* twice */
}

static void test_full(void **state)
{
    uint64_t id;

    (void)state;
    for (unsigned i = 0; i < TSM_ASKS_MAX; i++) {
        assert_int_equal(ask(S, tsm_tag(TSM_MESH, i), (uint8_t)(i + 1)), ERR_OK);
    }
    assert_int_equal(ask(S, tsm_tag(TSM_EPOCH, 0), 99), ERR_NOSPACE);
    assert_int_equal(ask(S, tsm_tag(TSM_MESH, 3), 40), ERR_OK); /* its own place */
    assert_int_equal(next(S, &id), 1);
    assert_int_equal(put(id, "x"), ERR_OK);
    assert_int_equal(ask(S, tsm_tag(TSM_EPOCH, 0), 99), ERR_NOSPACE); /* not fetched */
    tsm_desk_forget(&desk, tsm_tag(TSM_MESH, 0));
    assert_int_equal(ask(S, tsm_tag(TSM_EPOCH, 0), 99), ERR_OK);
    tsm_desk_forget_all(&desk, TSM_MESH);
    assert_int_equal(look(tsm_tag(TSM_MESH, 3)), ERR_STATE);
    assert_int_equal(next(S, &id), 99);
}

/* The next quorate-tsm is given what the last one had not answered. */
static void test_lost(void **state)
{
    uint64_t id;
    uint64_t again;

    (void)state;
    tsm_desk_lost(&desk);
    assert_int_equal(ask(S, 1, 1), ERR_OK);
    assert_int_equal(ask(S, 2, 2), ERR_OK);
    assert_int_equal(next(S, &id), 1);
    tsm_desk_lost(&desk);
    assert_int_equal(put(id, "late"), ERR_MISMATCH);
    assert_int_equal(next(2 * S, &again), 1);
    assert_int_equal(put(again, "now"), ERR_OK);
    assert_int_equal(look(1), ERR_OK);
}

static void test_time_is_up(void **state)
{
    uint64_t id;

    (void)state;
    assert_int_equal(ask(S, 1, 1), ERR_OK);
    assert_int_equal(ask(2 * S, 2, 2), ERR_OK);
    assert_int_equal(next(3 * S, &id), 1);
    assert_true(tsm_desk_tick(&desk, S + TSM_LIFE_NS - 1));
    assert_int_equal(look(1), ERR_BUSY);
    assert_true(tsm_desk_tick(&desk, S + TSM_LIFE_NS)); /* sent at 3 s */
    assert_int_equal(look(1), ERR_IO);
    assert_int_equal(look(2), ERR_BUSY);
    assert_false(tsm_desk_tick(&desk, 3 * S + TSM_LIFE_NS)); /* it does not answer */
    assert_int_equal(look(2), ERR_IO);
    (void)tsm_desk_tick(&desk, S + TSM_LIFE_NS + TSM_KEPT_NS - 1);
    assert_int_equal(look(1), ERR_IO);
    (void)tsm_desk_tick(&desk, S + TSM_LIFE_NS + TSM_KEPT_NS);
    assert_int_equal(look(1), ERR_STATE); /* nobody fetched it */
    tsm_desk_lost(&desk);
    assert_true(tsm_desk_tick(&desk, 100 * S));
}

/* Its answer goes with it, and the next is served. */
static void test_forgotten_under_way(void **state)
{
    uint64_t id;

    (void)state;
    assert_int_equal(ask(S, 1, 1), ERR_OK);
    assert_int_equal(ask(S, 2, 2), ERR_OK);
    assert_int_equal(next(S, &id), 1);
    tsm_desk_forget(&desk, 1);
    assert_int_equal(next(S, &(uint64_t){0}), 0);
    assert_int_equal(put(id, "x"), ERR_OK);
    assert_int_equal(look(1), ERR_STATE);
    assert_int_equal(next(S, &id), 2);
}

static void test_without_a_guard(void **state)
{
    uint64_t id;

    (void)state;
    tsm_desk_init(&desk, NULL);
    assert_int_equal(ask(S, 1, 1), ERR_OK);
    assert_int_equal(next(S, &id), 1);
    assert_int_equal(put(id, "x"), ERR_OK);
    assert_int_equal(look(1), ERR_OK);
    tsm_desk_forget(&desk, 1);
    assert_int_equal(told.enters, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_one_after_the_other, up),
        cmocka_unit_test_setup(test_asked_anew, up),
        cmocka_unit_test_setup(test_foreign_answers, up),
        cmocka_unit_test_setup(test_full, up),
        cmocka_unit_test_setup(test_lost, up),
        cmocka_unit_test_setup(test_time_is_up, up),
        cmocka_unit_test_setup(test_forgotten_under_way, up),
        cmocka_unit_test_setup(test_without_a_guard, up),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
