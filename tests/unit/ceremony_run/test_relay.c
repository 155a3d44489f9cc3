/* What the relay carries to whom, and the record. tests/sim has real nodes. */
#include "relay_rig.h"
#include "testing.h"

#include <string.h>

static void test_begin(void **state)
{
    struct ceremony_begin_ask ask;

    (void)state;
    for (uint8_t i = 0; i < N; i++) {
        assert_true(relay_rig_asked(i));
        assert_int_equal(rig.type, FRAME_CEREMONY_BEGIN);
        assert_int_equal(ceremony_begin_ask_decode(rig.body, &ask), ERR_OK);
        assert_true(view_equal(ask.plan, rig.kit.encoded));
        assert_int_equal(ask.nonce[0], 1);
        assert_false(relay_rig_asked(i)); /* one at a time */
    }
}

static void test_to_whom(void **state)
{
    uint8_t space[512];
    struct writer w = wr_init(space, sizeof space);
    struct view both;

    (void)state;
    relay_rig_begin();
    relay_rig_put(&w, 1, ALL, 10);
    relay_rig_put(&w, 1, 3, 20);
    assert_int_equal(wr_finish(&w, &both), ERR_OK);
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(1));
    relay_rig_say(1, both);
    assert_false(relay_rig_asked(1)); /* nothing for its sender, which was just asked */
    for (uint8_t i = 0; i < N; i++) {
        if (i == 1) {
            continue;
        }
        assert_true(relay_rig_asked(i));
        assert_int_equal(rig.type, FRAME_CEREMONY_STEP);
        assert_int_equal(rig.body.n, MESSAGE(10) + (i == 3 ? MESSAGE(20) : 0));
        relay_rig_say(i, (struct view){NULL, 0});
        assert_false(relay_rig_asked(i));
    }
    assert_null(rig.relay->first);
    assert_int_equal(rig.relay->nodes[1].held, 0);
}

static void test_messages_wait_for_begin(void **state)
{
    (void)state;
    assert_true(relay_rig_asked(0));
    relay_rig_say(0, relay_rig_one(0, 1, 10));
    assert_true(relay_rig_asked(1));
    assert_int_equal(rig.type, FRAME_CEREMONY_BEGIN);
    relay_rig_say(1, (struct view){NULL, 0});
    assert_true(relay_rig_asked(1));
    assert_int_equal(rig.type, FRAME_CEREMONY_STEP);
    assert_int_equal(rig.body.n, MESSAGE(10));
}

static void test_frames_are_split(void **state)
{
    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    for (int i = 0; i < 3; i++) {
        rig.now += RELAY_IDLE_MS;
        assert_true(relay_rig_asked(2));
        relay_rig_say(2, relay_rig_one(2, ALL, 200000));
    }
    assert_true(relay_rig_asked(0));
    assert_int_equal(rig.body.n, 2 * MESSAGE(200000));
    relay_rig_say(0, (struct view){NULL, 0});
    assert_true(relay_rig_asked(0));
    assert_int_equal(rig.body.n, MESSAGE(200000));
}

static void test_more_is_pulled_first(void **state)
{
    struct ceremony_answer a = relay_rig_running(relay_rig_one(0, 1, 10));

    (void)state;
    a.more = 1;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(1));
    relay_rig_say(1, relay_rig_one(1, 0, 10));
    assert_true(relay_rig_asked(0));
    assert_int_equal(rig.body.n, MESSAGE(10));
    a.messages = relay_rig_one(0, 1, 20);
    relay_rig_say_all(0, &a);
    assert_true(relay_rig_asked(0)); /* at once, and with nothing */
    assert_int_equal(rig.body.n, 0);
    relay_rig_say(0, (struct view){NULL, 0});
    assert_false(relay_rig_asked(0));
}

static void test_idle_nodes_are_asked(void **state)
{
    (void)state;
    relay_rig_begin();
    assert_false(relay_rig_asked(0));
    assert_int_equal(relay_next_ms(rig.relay), rig.now + RELAY_IDLE_MS);
    rig.now = relay_next_ms(rig.relay);
    assert_true(relay_rig_asked(0));
    assert_int_equal(rig.body.n, 0);
}

static void finish(void)
{
    struct ceremony_answer says[N];

    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = relay_rig_finished(7);
    }
    relay_rig_end_all(says);
    assert_int_equal(rig.relay->state, RELAY_RUNS);
}

static void give_page(uint8_t node, uint8_t fill, uint32_t total, size_t n)
{
    uint8_t bytes[4 + 512];
    uint8_t page[512];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view body;

    memset(page, fill, sizeof page);
    ceremony_page_encode(&w, &(struct ceremony_page){total, {page, n}});
    assert_int_equal(wr_finish(&w, &body), ERR_OK);
    relay_answer(rig.relay, node, body, rig.now);
}

static void test_finish(void **state)
{
    (void)state;
    finish();
    assert_false(relay_rig_asked(1)); /* the first record is fetched first */
    for (uint8_t i = 0; i < N; i++) {
        uint32_t at = 1;

        assert_true(relay_rig_asked(i));
        assert_int_equal(rig.type, FRAME_CEREMONY_RECORD);
        assert_int_equal(ceremony_page_ask_decode(rig.body, &at), ERR_OK);
        assert_int_equal(at, 0);
        give_page(i, 9, 700, 500);
        assert_true(relay_rig_asked(i));
        assert_int_equal(ceremony_page_ask_decode(rig.body, &at), ERR_OK);
        assert_int_equal(at, 500);
        assert_int_equal(rig.relay->state, RELAY_RUNS);
        give_page(i, 9, 700, 200);
        assert_false(relay_rig_asked(i));
    }
    assert_int_equal(rig.relay->state, RELAY_DONE);
    assert_int_equal(relay_record(rig.relay).n, 700);
    assert_int_equal(rig.relay->attempt, 1);
}

static void test_other_record(void **state)
{
    (void)state;
    finish();
    assert_true(relay_rig_asked(0));
    give_page(0, 9, 100, 100);
    for (uint8_t i = 1; i < 3; i++) {
        assert_true(relay_rig_asked(i));
        give_page(i, i == 2 ? 8 : 9, 100, 100);
    }
    relay_rig_expect(RELAY_FAILED, RELAY_DIFFERS, 2);
}

static void test_bad_pages(void **state)
{
    static const struct {
        uint32_t total;
        size_t n;
    } bad[] = {{100, 0}, {100, 101}, {CEREMONY_RECORD_MAX + 1, 100}, {0, 0}};

    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        finish();
        assert_true(relay_rig_asked(0));
        give_page(0, 9, bad[i].total, bad[i].n);
        relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 0);
        relay_rig_tear_down(state);
        relay_rig_set_up(state);
    }
    finish();
    assert_true(relay_rig_asked(0));
    give_page(0, 9, 700, 500);
    assert_true(relay_rig_asked(0));
    give_page(0, 9, 400, 100); /* another length, below what is there */
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 0);
}

/* One that has more to say and never says it would be asked without end. */
static void test_more_of_nothing(void **state)
{
    struct ceremony_answer says = relay_rig_running((struct view){NULL, 0});

    (void)state;
    relay_rig_begin();
    rig.now += RELAY_IDLE_MS;
    assert_true(relay_rig_asked(2));
    says.more = 1;
    relay_rig_say_all(2, &says);
    relay_rig_expect(RELAY_FAILED, RELAY_MISBEHAVED, 2);
}

static void test_other_id(void **state)
{
    struct ceremony_answer says[N];

    (void)state;
    relay_rig_begin();
    for (uint8_t i = 0; i < N; i++) {
        says[i] = relay_rig_finished(i == 3 ? 8 : 7);
    }
    relay_rig_end_all(says);
    relay_rig_expect(RELAY_FAILED, RELAY_DIFFERS, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_begin),
        TEST(test_to_whom),
        TEST(test_messages_wait_for_begin),
        TEST(test_frames_are_split),
        TEST(test_more_is_pulled_first),
        TEST(test_idle_nodes_are_asked),
        TEST(test_finish),
        TEST(test_other_record),
        TEST(test_bad_pages),
        TEST(test_other_id),
        TEST(test_more_of_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
