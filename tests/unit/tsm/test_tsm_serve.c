#include "testing.h"

#include "enclave/tsm/tsm_serve.h"

#include <string.h>

#define ASK (FRAME_HEADER_LEN + TSM_ASK_LEN)

static struct tsm_serve s;
static uint64_t id;
static uint8_t data[TSM_ASK_LEN];

static size_t put(const void *p, size_t n)
{
    size_t room = 0;
    uint8_t *const to = tsm_serve_receive(&s, &room);

    n = n < room ? n : room;
    memcpy(to, p, n);
    tsm_serve_received(&s, n);
    return n;
}

static void ask(uint8_t type, size_t body, uint64_t number, uint8_t out[2 * ASK])
{
    struct writer w = wr_init(out, (size_t)2 * ASK);
    const size_t mark = frame_begin(&w, type, number);

    for (size_t i = 0; i < body; i++) {
        wr_u8(&w, (uint8_t)(number + i));
    }
    frame_end(&w, mark);
}

/* The pending answer's type, and whether it closes. */
static uint8_t answered(enum err *e)
{
    struct frame_header h;
    const struct view v = tsm_serve_pending(&s);

    assert_int_equal(frame_header_decode(v, &h), ERR_OK);
    assert_int_equal(h.body_len, v.n - FRAME_HEADER_LEN);
    if (h.type == FRAME_ERROR) {
        assert_int_equal(
            frame_error_decode((struct view){v.p + FRAME_HEADER_LEN, h.body_len}, e), ERR_OK);
    }
    return h.type;
}

/* In whatever pieces it comes, one answer at a time, in order. */
static void test_asks(void **state)
{
    uint8_t f[2 * ASK];
    uint8_t block[EVIDENCE_MAX] = {1, 1};
    enum err e = ERR_OK;

    (void)state;
    tsm_serve_init(&s);
    for (uint64_t n = 1; n <= 3; n++) {
        ask(FRAME_TSM_REPORT, TSM_ASK_LEN, n, f);
        for (size_t i = 0; i < ASK; i++) {
            assert_int_equal(put(f + i, 1), 1);
        }
    }
    assert_true(tsm_serve_next(&s, &id, data));
    assert_int_equal(id, 1);
    assert_int_equal(data[63], 64);
    tsm_serve_answer(&s, id, ERR_OK, (struct view){block, sizeof block});
    assert_int_equal(answered(&e), FRAME_TSM_REPORT | FRAME_ANSWER);
    assert_false(tsm_serve_next(&s, &id, data)); /* not before that one is sent */
    tsm_serve_sent(&s, 100);
    assert_int_equal(tsm_serve_pending(&s).n, FRAME_HEADER_LEN + EVIDENCE_MAX - 100);
    tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    assert_true(tsm_serve_next(&s, &id, data));
    assert_int_equal(id, 2);
    tsm_serve_answer(&s, id, ERR_RATE, (struct view){NULL, 0});
    assert_int_equal(answered(&e), FRAME_ERROR);
    assert_int_equal(e, ERR_RATE);
    tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    assert_true(tsm_serve_next(&s, &id, data));
    tsm_serve_answer(&s, id, ERR_OK, (struct view){NULL, 0});
    assert_int_equal(answered(&e), FRAME_ERROR);
    assert_int_equal(e, ERR_BUG); /* nothing is no evidence */
    tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    assert_false(tsm_serve_next(&s, &id, data));
    assert_false(tsm_serve_done(&s));
}

static void test_queue(void **state)
{
    uint8_t f[2 * ASK];

    (void)state;
    tsm_serve_init(&s);
    for (uint64_t n = 0; n < TSM_QUEUE_MAX; n++) {
        ask(FRAME_TSM_REPORT, TSM_ASK_LEN, n, f);
        assert_int_equal(put(f, ASK), ASK);
    }
    assert_int_equal(put(f, ASK), 0); /* the rest waits in the socket */
    for (uint64_t n = 0; n < TSM_QUEUE_MAX; n++) {
        assert_true(tsm_serve_next(&s, &id, data));
        assert_int_equal(id, n);
        tsm_serve_answer(&s, id, ERR_IO, (struct view){NULL, 0});
        tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    }
    assert_int_equal(put(f, ASK), ASK);
}

static void refused(uint8_t type, size_t body, enum err expected)
{
    uint8_t f[2 * ASK];
    enum err e = ERR_OK;

    tsm_serve_init(&s);
    ask(type, body, 5, f);
    (void)put(f, FRAME_HEADER_LEN);
    assert_false(tsm_serve_next(&s, &id, data));
    assert_int_equal(answered(&e), FRAME_ERROR);
    assert_int_equal(e, expected);
    assert_int_equal(put(f, ASK), 0);
    assert_false(tsm_serve_done(&s)); /* it is told first */
    tsm_serve_sent(&s, tsm_serve_pending(&s).n);
    assert_true(tsm_serve_done(&s));
}

static void test_refused(void **state)
{
    static const uint8_t junk[FRAME_HEADER_LEN] = {0x16, 3, 1};
    enum err e = ERR_OK;

    (void)state;
    refused(FRAME_TSM_REPORT, TSM_ASK_LEN - 1, ERR_LENGTH);
    refused(FRAME_TSM_REPORT, TSM_ASK_LEN + 1, ERR_LENGTH);
    refused(FRAME_TSM_REPORT, 0, ERR_LENGTH);
    refused(FRAME_TSM_REPORT | FRAME_ANSWER, TSM_ASK_LEN, ERR_TYPE);
    refused(FRAME_HELLO, TSM_ASK_LEN, ERR_TYPE);
    tsm_serve_init(&s);
    (void)put(junk, sizeof junk);
    assert_false(tsm_serve_next(&s, &id, data));
    assert_int_equal(answered(&e), FRAME_ERROR);
    assert_int_equal(e, ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks),
        cmocka_unit_test(test_queue),
        cmocka_unit_test(test_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
