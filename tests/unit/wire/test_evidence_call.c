#include "testing.h"

#include "wire/evidence_call.h"

#include <string.h>

static uint8_t buf[EVIDENCE_ANSWER_MAX + 1];

static void test_asks(void **state)
{
    struct evidence_ask a = {.purpose = REPORT_ASKED};
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    memset(a.nonce, 0x42, sizeof a.nonce);
    evidence_ask_encode(&w, &a);
    assert_int_equal(w.len, 33);
    assert_int_equal(buf[0], 2);
    assert_int_equal(buf[1], 0x42);
    for (size_t n = 0; n < 33; n++) {
        assert_int_equal(evidence_ask_decode((struct view){buf, n}, &a), ERR_TRUNCATED);
    }
    assert_int_equal(evidence_ask_decode((struct view){buf, 34}, &a), ERR_TRAILING);
    assert_int_equal(evidence_ask_decode((struct view){buf, 33}, &a), ERR_OK);
    for (unsigned purpose = 0; purpose < 256; purpose++) {
        buf[0] = (uint8_t)purpose;
        memset(buf + 1, 0, 32);
        assert_int_equal(evidence_ask_decode((struct view){buf, 33}, &a),
                         purpose == 2 || purpose == 3 ? ERR_OK : ERR_RANGE);
        buf[32] = 1; /* of an epoch nobody chooses the nonce */
        assert_int_equal(evidence_ask_decode((struct view){buf, 33}, &a),
                         purpose == 2 ? ERR_OK : ERR_RANGE);
    }
}

static void test_answers(void **state)
{
    const struct evidence_answer none = {.incarnation = 0x01020304};
    const struct evidence_answer some = {true, 2, {(const uint8_t *)"block", 5}};
    struct evidence_answer a;
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    evidence_answer_encode(&w, &none);
    assert_memory_equal(buf, "\0\4\3\2\1", 5);
    assert_int_equal(evidence_answer_decode((struct view){buf, w.len}, &a), ERR_OK);
    assert_false(a.here);
    assert_int_equal(a.incarnation, 0x01020304);
    assert_int_equal(evidence_answer_decode((struct view){buf, 6}, &a), ERR_RANGE);
    w = wr_init(buf, sizeof buf);
    evidence_answer_encode(&w, &some);
    assert_memory_equal(buf, "\1\2\0\0\0block", 10);
    assert_int_equal(evidence_answer_decode((struct view){buf, w.len}, &a), ERR_OK);
    assert_true(a.here && view_equal(a.block, some.block));
    assert_int_equal(evidence_answer_decode((struct view){buf, 5}, &a), ERR_RANGE);
    assert_int_equal(evidence_answer_decode((struct view){buf, 4}, &a), ERR_TRUNCATED);
    buf[0] = 2;
    assert_int_equal(evidence_answer_decode((struct view){buf, 10}, &a), ERR_RANGE);
    assert_int_equal(buf[0], 2);
    assert_int_equal(evidence_answer_decode((struct view){buf, 5}, &a), ERR_RANGE);
    buf[0] = 1;
    assert_int_equal(evidence_answer_decode((struct view){buf, EVIDENCE_ANSWER_MAX}, &a),
                     ERR_OK);
    assert_int_equal(evidence_answer_decode((struct view){buf, EVIDENCE_ANSWER_MAX + 1}, &a),
                     ERR_LENGTH);
    assert_null(a.block.p);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_asks),
        cmocka_unit_test(test_answers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
