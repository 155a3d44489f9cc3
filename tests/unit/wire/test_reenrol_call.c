/* Golden bytes of REENROL_ORDER and REENROL_STEP, docs/wire.md 15.2. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/reenrol_call.h"

static uint8_t bytes[1024];

static struct view text(const char *s)
{
    return (struct view){(const uint8_t *)s, strlen(s)};
}

/* ---- ORDER ---- */

static struct view ask(const struct reenrol_order_ask *a)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    reenrol_order_ask_encode(&w, a);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode_ask(struct view in)
{
    struct reenrol_order_ask a;

    return reenrol_order_ask_decode(in, &a);
}

static void an_ask_has_these_bytes(void **state)
{
    const struct reenrol_order_ask a = {0x0b, 2, {text("one"), text("two!")}, text("record")};
    const struct view v = ask(&a);
    struct reenrol_order_ask out;

    (void)state;
    assert_int_equal(FRAME_REENROL_ORDER, 0x55);
    assert_int_equal(FRAME_REENROL_STEP, 0x56);
    assert_int_equal(frame_body_max(FRAME_REENROL_ORDER), FRAME_BODY_LONG_MAX);
    assert_int_equal(v.n, 19);
    assert_memory_equal(v.p, "\x0b\x02\x03\x00one\x04\x00two!record", 19);
    assert_int_equal(reenrol_order_ask_decode(v, &out), ERR_OK);
    assert_int_equal(out.n, 2);
    assert_true(view_equal(out.orders[1], a.orders[1]));
    assert_true(view_equal(out.record, a.record));
    survives_every_flip_of(decode_ask, v);
}

static void an_ask_is_bounded(void **state)
{
    const struct reenrol_order_ask a = {0x0b, 1, {text("one")}, {NULL, 0}};
    const struct view v = ask(&a);

    (void)state;
    refuses_every_prefix_of(decode_ask, v);
    assert_int_equal(parse_with(decode_ask, v, 0, 0x40), ERR_RANGE);
    assert_int_equal(parse_with(decode_ask, v, 1, 0), ERR_RANGE);
    assert_int_equal(parse_with(decode_ask, v, 1, PLAN_NODES_MAX + 1), ERR_RANGE);
    assert_int_equal(parse_with(decode_ask, v, 3, 0xff), ERR_LENGTH);

    const struct reenrol_order_ask most = {
        0x3f, 1, {text("one")}, {calloc(1, CEREMONY_RECORD_MAX + 1), CEREMONY_RECORD_MAX + 1}};
    uint8_t *room = malloc(FRAME_BODY_LONG_MAX);
    struct writer w = wr_init(room, FRAME_BODY_LONG_MAX);

    assert_non_null(room);
    reenrol_order_ask_encode(&w, &most);
    assert_int_equal(decode_ask((struct view){room, w.len}), ERR_LENGTH);
    assert_int_equal(decode_ask((struct view){room, w.len - 1}), ERR_OK);
    free(room);
    free((void *)(uintptr_t)most.record.p);
}

/* ---- STEP ---- */

static const struct reenrol_answer done = {.state = REENROL_ENDED,
                                           .node = 4,
                                           .accused = 1,
                                           .repaired = 0x12,
                                           .err = ERR_QUORUM,
                                           .attempt = 7,
                                           .incarnation = {1, 3, 1, 1, 8}};

static struct view answer(const struct reenrol_answer *a, size_t packets)
{
    const struct reenrol_packet p = {4, 0, text("abc")};
    uint8_t space[64];
    struct writer inner = wr_init(space, sizeof space);
    struct writer w = wr_init(bytes, sizeof bytes);
    struct reenrol_answer with = *a;
    struct view v;

    for (size_t i = 0; i < packets; i++) {
        reenrol_packet_encode(&inner, &p);
    }
    with.packets = (struct view){space, inner.len};
    reenrol_answer_encode(&w, &with);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode_answer(struct view in)
{
    struct reenrol_answer a;

    return reenrol_answer_decode(in, &a);
}

static void an_answer_has_these_bytes(void **state)
{
    const struct view v = answer(&done, 1);
    struct reenrol_answer out;

    (void)state;
    assert_int_equal(v.n, REENROL_ANSWER_HEAD + 7);
    assert_memory_equal(v.p, "\x03\x04\x01\x12\x02\x03\x07\x00\x00\x00\x01\x00\x00\x00\x03",
                        15);
    assert_memory_equal(v.p + 26,
                        "\x08\x00\x00\x00\x00\x00\x00\x00\x04\x00\x03\x00\x61\x62\x63", 15);
    assert_int_equal(reenrol_answer_decode(v, &out), ERR_OK);
    assert_int_equal(out.incarnation[4], 8);
    assert_int_equal(out.packets.n, 7);
    survives_every_flip_of(decode_answer, v);
    refuses_every_prefix_of(decode_answer, answer(&done, 0));
}

static void an_answer_is_about_something(void **state)
{
    const struct reenrol_answer idle = {.node = REENROL_NOBODY, .accused = REENROL_NOBODY};
    const struct view v = answer(&done, 0);

    (void)state;
    assert_int_equal(parse_with(decode_answer, v, 0, 4), ERR_RANGE);
    assert_int_equal(parse_with(decode_answer, v, 0, REENROL_DONE), ERR_RANGE); /* and an err */
    assert_int_equal(parse_with(decode_answer, v, 1, 6), ERR_RANGE);
    assert_int_equal(parse_with(decode_answer, v, 2, 6), ERR_RANGE);
    assert_int_equal(parse_with(decode_answer, v, 2, REENROL_NOBODY), ERR_OK);
    assert_int_equal(parse_with(decode_answer, v, 3, 0x40), ERR_RANGE);
    assert_int_equal(parse_with(decode_answer, v, 5, 0x7f), ERR_RANGE); /* no enumerator */
    assert_int_equal(parse_with(decode_answer, v, 6, 0), ERR_RANGE);
    assert_int_equal(decode_answer(answer(&idle, 0)), ERR_OK);
    assert_int_equal(parse_with(decode_answer, answer(&idle, 0), 1, 0), ERR_RANGE);
}

static enum err packets(struct view in)
{
    return reenrol_packets_check(in);
}

static void packets_follow_one_another(void **state)
{
    const struct view two = {answer(&done, 2).p + REENROL_ANSWER_HEAD, 14};

    (void)state;
    assert_int_equal(packets(two), ERR_OK);
    assert_int_equal(packets((struct view){two.p, 0}), ERR_OK);
    assert_int_equal(packets((struct view){two.p, 13}), ERR_TRUNCATED);
    assert_int_equal(packets((struct view){two.p, 8}), ERR_TRUNCATED);
    assert_int_equal(parse_with(packets, two, 0, 0), ERR_RANGE); /* to itself */
    assert_int_equal(parse_with(packets, two, 0, 6), ERR_RANGE);
    assert_int_equal(parse_with(packets, two, 1, 6), ERR_RANGE);
    assert_int_equal(parse_with(packets, two, 2, 0), ERR_LENGTH);
    assert_int_equal(parse_with(packets, two, 3, 0x84), ERR_TRUNCATED);
    assert_int_equal(parse_with(packets, two, 3, 0x85), ERR_LENGTH);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_ask_has_these_bytes),
        cmocka_unit_test(an_ask_is_bounded),
        cmocka_unit_test(an_answer_has_these_bytes),
        cmocka_unit_test(an_answer_is_about_something),
        cmocka_unit_test(packets_follow_one_another),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
