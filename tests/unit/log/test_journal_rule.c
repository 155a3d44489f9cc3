#include "testing.h"

#include "host/log/journal_rule.h"

#include <stdlib.h>
#include <string.h>

static void names_round_trip(void **state)
{
    static const uint32_t numbers[] = {1, 9, 10, 12345678, JOURNAL_SEGMENT_NUMBER_MAX};
    char name[JOURNAL_NAME_LEN];

    (void)state;
    journal_segment_name(1, name);
    assert_string_equal(name, "segment-00000001.sqlite");
    for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
        journal_segment_name(numbers[i], name);
        assert_int_equal(strlen(name), JOURNAL_NAME_LEN - 1);
        assert_int_equal(journal_segment_number(name), numbers[i]);
    }
}

static void other_names_are_no_segments(void **state)
{
    static const char *const names[] = {
        "",
        "lock",
        "segment-00000000.sqlite", /* numbers begin with 1 */
        "segment-0000001.sqlite",
        "segment-000000001.sqlite",
        "segment-0000000a.sqlite",
        "segment-00000001.sqlite-wal",
        "segment-00000001.sqlitx",
        "Segment-00000001.sqlite",
        "segment--0000001.sqlite",
    };

    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        assert_int_equal(journal_segment_number(names[i]), 0);
    }
}

static void table_keeps_order_and_its_cap(void **state)
{
    struct journal_closed_table *t = calloc(1, sizeof *t);

    (void)state;
    assert_non_null(t);
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 5}), ERR_OK);
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 2}), ERR_OK);
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 9}), ERR_OK);
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 5}), ERR_RANGE);
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 2}), ERR_RANGE);
    assert_int_equal(t->n, 3);
    assert_true(t->at[0].number == 2 && t->at[1].number == 5 && t->at[2].number == 9);
    journal_closed_remove(t, 1);
    assert_true(t->n == 2 && t->at[0].number == 2 && t->at[1].number == 9);
    for (uint32_t i = 10; t->n < JOURNAL_SEGMENTS_MAX; i++) {
        assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = i}), ERR_OK);
    }
    assert_int_equal(journal_closed_add(t, &(struct journal_closed){.number = 1}), ERR_NOSPACE);
    assert_true(journal_export_due(t, 0, &(struct journal_limits){1000, 1000}, 0));
    free(t);
}

static void export_is_due_by_size_or_age(void **state)
{
    const struct journal_limits limits = {.max_rows = 100, .max_age_s = 10};
    static const struct {
        uint64_t rows, active;
        int64_t newest_ms, now_ms;
        bool want;
    } cases[] = {
        {50, 50, 1000, 1000, false}, /* exactly full */
        {50, 51, 1000, 1000, true},  /* over */
        {0, 101, 1000, 1000, true},  /* the active one counts */
        {50, 0, 1000, 11999, false}, /* 10 s, not over */
        {50, 0, 1000, 12000, true},  /* over */
        {50, 0, 20000, 1000, false}, /* a clock that went back */
    };

    (void)state;
    struct journal_closed_table *t = calloc(1, sizeof *t);

    assert_non_null(t);
    assert_false(journal_export_due(t, 1000, &limits, 1LL << 60)); /* nothing is closed */
    t->n = 1;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        t->at[0] = (struct journal_closed){
            .number = 1, .rows = cases[i].rows, .newest_ms = cases[i].newest_ms};
        assert_int_equal(journal_export_due(t, cases[i].active, &limits, cases[i].now_ms),
                         cases[i].want);
    }
    free(t);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names_round_trip),
        cmocka_unit_test(other_names_are_no_segments),
        cmocka_unit_test(table_keeps_order_and_its_cap),
        cmocka_unit_test(export_is_due_by_size_or_age),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
