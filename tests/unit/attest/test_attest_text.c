/* Words in texts of others, in views that end before what stands behind them. */
#include "testing.h"

#include "attest/attest_text.h"

static struct view text(const char *s, size_t n)
{
    return (struct view){(const uint8_t *)s, n};
}

static void words_are_whole(void **state)
{
    (void)state;
    assert_true(attest_text_is(text("SEV-", 4), "SEV-"));
    assert_true(attest_text_is(text("", 0), ""));
    assert_false(attest_text_is(text("SEV-", 3), "SEV-"));
    assert_false(attest_text_is(text("SEV-", 4), "SEV"));
    assert_false(attest_text_is(text("sEV-", 4), "SEV-"));
}

static void a_word_is_skipped_within_the_text(void **state)
{
    struct view v = text("SEV-Milan", 9);

    (void)state;
    assert_false(attest_text_skip(&v, "SEV-VLEK-"));
    assert_true(attest_text_skip(&v, "SEV-"));
    assert_true(attest_text_is(v, "Milan"));
    assert_true(attest_text_skip(&v, "Milan"));
    assert_int_equal(v.n, 0);
    v = text("SEV-Milan", 3); /* its end stands behind the text */
    assert_false(attest_text_skip(&v, "SEV-"));
    assert_int_equal(v.n, 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_are_whole),
        cmocka_unit_test(a_word_is_skipped_within_the_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
