#include "testing.h"

#include "base/hex.h"
#include "wire/ceremony_call.h"
#include "wire/ceremony_record.h"

#include <stdlib.h>
#include <string.h>

static uint8_t bytes[FRAME_BODY_LONG_MAX + CEREMONY_HEADER_LEN + P384_SIG_LEN];

/* An ABORT of node 2 about node 3, unsigned, at p. */
static size_t put_abort(uint8_t *p)
{
    static const uint8_t head[] = {CEREMONY_ABORT, 2, 0xff, 2, 0, 0, 0, 1, 3};

    memcpy(p, head, sizeof head);
    memset(p + sizeof head, 0x51, P384_SIG_LEN);
    return sizeof head + P384_SIG_LEN;
}

static struct ceremony_answer running(void)
{
    return (struct ceremony_answer){
        .state = CEREMONY_RUNNING, .accused = CEREMONY_NOBODY, .told_by = CEREMONY_NOBODY};
}

static struct ceremony_answer aborted(void)
{
    return (struct ceremony_answer){
        .state = CEREMONY_ABORTED, .reason = CEREMONY_MISSING, .accused = 3, .told_by = 2};
}

static struct view encode(const struct ceremony_answer *a)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view out;

    ceremony_answer_encode(&w, a);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static void is_golden(struct view got, const char *want)
{
    char text[1024];

    assert_true(2 * got.n < sizeof text);
    hex_write(got, text);
    assert_string_equal(text, want);
}

/* docs/wire.md 2.6. */
static void golden_bytes_hold(void **state)
{
    static const uint8_t text[] = {1, 2, 3};
    const struct ceremony_page page = {0x20000, {text, 3}};
    struct ceremony_begin_ask ask = {.plan = {text, 3}};
    struct ceremony_answer a = aborted();
    struct writer w = wr_init(bytes, sizeof bytes);

    (void)state;
    memset(ask.nonce, 0xce, sizeof ask.nonce);
    ceremony_begin_ask_encode(&w, &ask);
    is_golden((struct view){bytes, w.len},
              "cececececececececececececececececececececececececececececececece"
              "010203");
    a.more = 1;
    is_golden(encode(&a), "040103020001"
                          "000000000000000000000000000000000000000000000000"
                          "000000000000000000000000000000000000000000000000");
    w = wr_init(bytes, sizeof bytes);
    ceremony_page_ask_encode(&w, 8192);
    is_golden((struct view){bytes, w.len}, "00200000");
    w = wr_init(bytes, sizeof bytes);
    ceremony_page_encode(&w, &page);
    is_golden((struct view){bytes, w.len}, "00000200010203");
}

static void a_begin_has_a_nonce_and_some_plan(void **state)
{
    struct ceremony_begin_ask a;

    (void)state;
    memset(bytes, 7, sizeof bytes);
    for (size_t n = 0; n <= PLAN_NONCE_LEN; n++) {
        assert_int_equal(ceremony_begin_ask_decode((struct view){bytes, n}, &a), ERR_TRUNCATED);
        assert_null(a.plan.p);
    }
    assert_int_equal(
        ceremony_begin_ask_decode((struct view){bytes, PLAN_NONCE_LEN + PLAN_MAX}, &a), ERR_OK);
    assert_int_equal(a.plan.n, PLAN_MAX);
    assert_int_equal(a.nonce[31], 7);
    assert_int_equal(
        ceremony_begin_ask_decode((struct view){bytes, PLAN_NONCE_LEN + PLAN_MAX + 1}, &a),
        ERR_LENGTH);
}

static void an_answer_comes_back_with_its_messages(void **state)
{
    static uint8_t messages[2 * 128];
    struct ceremony_answer a = running();
    struct ceremony_answer b;

    (void)state;
    a.messages.p = messages;
    a.messages.n = put_abort(messages);
    a.messages.n += put_abort(messages + a.messages.n);
    const struct view body = encode(&a);

    assert_int_equal(ceremony_answer_decode(body, &b), ERR_OK);
    assert_int_equal(b.state, CEREMONY_RUNNING);
    assert_true(view_equal(b.messages, a.messages));
    for (size_t n = 0; n < body.n; n++) { /* a whole message less is an answer, too */
        uint8_t *cut = malloc(n + 1);
        const bool whole =
            n == CEREMONY_ANSWER_HEAD || n == CEREMONY_ANSWER_HEAD + a.messages.n / 2;

        assert_non_null(cut);
        memcpy(cut, body.p, n);
        assert_int_equal(ceremony_answer_decode((struct view){cut, n}, &b),
                         whole ? ERR_OK : ERR_TRUNCATED);
        assert_true(whole || b.told_by == 0);
        free(cut);
    }
}

static void values_outside_their_range_are_refused(void **state)
{
    static const struct {
        size_t at;
        uint8_t aborted, to;
    } rows[] = {
        {0, 0, 5}, {1, 0, 1}, {2, 0, 0},    {3, 0, 0}, {4, 0, 1},
        {5, 0, 2}, {6, 0, 1}, {53, 0, 1},   {1, 1, 0}, {1, 1, CEREMONY_REASON_LAST + 1},
        {2, 1, 6}, {3, 1, 6}, {3, 1, 0xff}, {4, 1, 2}, {5, 1, 2},
        {9, 1, 1},
    };
    struct ceremony_answer b;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct ceremony_answer a = rows[i].aborted != 0 ? aborted() : running();
        const struct view body = encode(&a);

        assert_int_equal(ceremony_answer_decode(body, &b), ERR_OK);
        bytes[rows[i].at] = rows[i].to;
        assert_int_equal(ceremony_answer_decode(body, &b), ERR_RANGE);
        assert_int_equal(b.state, 0);
    }
}

static void only_a_finished_ceremony_has_an_id(void **state)
{
    struct ceremony_answer a = running();
    struct ceremony_answer b;

    (void)state;
    a.state = CEREMONY_FINISHED;
    a.id[0] = 1;
    assert_int_equal(ceremony_answer_decode(encode(&a), &b), ERR_OK);
    assert_int_equal(b.id[0], 1);
}

/* As many messages as an answer may have are as many as one STEP may have, and head. */
static void messages_have_a_cap(void **state)
{
    struct ceremony_answer a = running();
    struct ceremony_answer b;

    (void)state;
    (void)encode(&a);
    assert_int_equal(ceremony_answer_decode((struct view){bytes, FRAME_BODY_LONG_MAX + 1}, &b),
                     ERR_LENGTH);
    bytes[CEREMONY_ANSWER_HEAD] = CEREMONY_T_REVEAL;
    bytes[CEREMONY_ANSWER_HEAD + 1] = 0;
    bytes[CEREMONY_ANSWER_HEAD + 2] = 0xff;
    struct writer w = wr_init(bytes, sizeof bytes);

    w.len = FRAME_BODY_LONG_MAX;
    wr_patch_u32le(&w, CEREMONY_ANSWER_HEAD + 3,
                   CEREMONY_ANSWER_MESSAGES_MAX - CEREMONY_HEADER_LEN - P384_SIG_LEN);
    assert_int_equal(ceremony_answer_decode((struct view){bytes, FRAME_BODY_LONG_MAX}, &b),
                     ERR_OK);
    assert_int_equal(b.messages.n, CEREMONY_ANSWER_MESSAGES_MAX);
}

static void a_page_is_part_of_its_record(void **state)
{
    struct ceremony_page p = {.total = 3, .bytes = {bytes + 100, 3}};
    struct writer w = wr_init(bytes, sizeof bytes);
    uint32_t offset = 1;

    (void)state;
    ceremony_page_encode(&w, &p);
    assert_int_equal(ceremony_page_decode((struct view){bytes, w.len}, &p), ERR_OK);
    assert_int_equal(p.bytes.n, 3);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 4}, &p), ERR_OK);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 3}, &p), ERR_TRUNCATED);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 8}, &p), ERR_LENGTH);
    wr_patch_u32le(&w, 0, CEREMONY_RECORD_MAX);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 4 + CEREMONY_PAGE_MAX}, &p),
                     ERR_OK);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 5 + CEREMONY_PAGE_MAX}, &p),
                     ERR_LENGTH);
    wr_patch_u32le(&w, 0, CEREMONY_RECORD_MAX + 1);
    assert_int_equal(ceremony_page_decode((struct view){bytes, 4}, &p), ERR_RANGE);
    assert_int_equal(p.total, 0);
    assert_int_equal(ceremony_page_ask_decode((struct view){bytes, 3}, &offset), ERR_TRUNCATED);
    assert_int_equal(ceremony_page_ask_decode((struct view){bytes, 5}, &offset), ERR_TRAILING);
    assert_int_equal(offset, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(golden_bytes_hold),
        cmocka_unit_test(a_begin_has_a_nonce_and_some_plan),
        cmocka_unit_test(an_answer_comes_back_with_its_messages),
        cmocka_unit_test(values_outside_their_range_are_refused),
        cmocka_unit_test(only_a_finished_ceremony_has_an_id),
        cmocka_unit_test(messages_have_a_cap),
        cmocka_unit_test(a_page_is_part_of_its_record),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
