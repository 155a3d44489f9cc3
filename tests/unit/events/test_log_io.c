#include "testing.h"

#include "attest/attest_fault.h"
#include "enclave/events/log_io.h"

#include <string.h>

static uint8_t line[LOG_LINE_MAX];

static void check(struct view got, const char *want)
{
    assert_int_equal(got.n, strlen(want));
    assert_memory_equal(got.p, want, got.n);
}

static void test_lines(void **state)
{
    static const struct log_field f[] = {
        {"a", NULL, 0}, {"b", NULL, INT64_MIN}, {"c", NULL, INT64_MAX}, {"d", "word", 5}};

    (void)state;
    check(log_line(line, "ready", NULL, 0), "ready\n");
    check(log_line(line, "ready", f, 4),
          "ready a=0 b=-9223372036854775808 c=9223372036854775807 d=word\n");
}

static void test_long_lines_are_cut_between_fields(void **state)
{
    struct log_field f[64];
    struct view got;

    (void)state;
    for (size_t i = 0; i < 64; i++) {
        f[i] = (struct log_field){"key", "valuevalue", 0};
    }
    got = log_line(line, "event", f, 64);
    assert_true(got.n <= LOG_LINE_MAX);
    assert_true(got.n > LOG_LINE_MAX - 20);
    assert_memory_equal(got.p + got.n - 15, "key=valuevalue\n", 15);
}

static void test_audit_lines(void **state)
{
    static const struct {
        struct audit_entry entry;
        const char *text;
    } cases[] = {
        {{1, 5, AUDIT_BOOT, 0, 0, 0, {0}}, "audit seq=1 time_ns=5 event=boot\n"},
        {{2, 5, AUDIT_SELF_TEST, ERR_OK, 0, 0, {0}},
         "audit seq=2 time_ns=5 event=self_test err=ok\n"},
        {{3, 5, AUDIT_STATE, CORE_SERVING, CORE_TIME_DRIFT, 0, {0}},
         "audit seq=3 time_ns=5 event=state from=serving to=time_drift\n"},
        {{4, 5, AUDIT_ACTIVATED, 1, 0, 0, {0}},
         "audit seq=4 time_ns=5 event=activated key=1\n"},
        {{5, 5, AUDIT_REFUSED, ERR_STALE, 9, 0, {0}},
         "audit seq=5 time_ns=5 event=refused err=stale count=9\n"},
        {{6, 0, AUDIT_CLOCK, ERR_TIME, 77, 0, {0}},
         "audit seq=6 time_ns=0 event=clock err=time kernel_bound_us=77\n"},
        {{7, 5, AUDIT_BAD_FRAME, ERR_TAG, 1, 0, {0}},
         "audit seq=7 time_ns=5 event=bad_frame err=tag count=1\n"},
        {{8, 5, AUDIT_UNLOCKED, 0, 0, 0, {0}}, "audit seq=8 time_ns=5 event=unlocked\n"},
        {{8, 5, AUDIT_PEER, ERR_MISMATCH, 4, 0, {0}},
         "audit seq=8 time_ns=5 event=peer err=mismatch index=4\n"},
        {{8, 5, AUDIT_KEY_CAP, ERR_OK, 4294967296, 0, {0}},
         "audit seq=8 time_ns=5 event=key_cap err=ok repetitions=4294967296\n"},
        {{9, 5, AUDIT_STOOD_STILL, 6000, 64, 0, {0}},
         "audit seq=9 time_ns=5 event=stood_still ms=6000 batches=64\n"},
        {{10, 5, AUDIT_CEREMONY_BEGIN, 2, 5, 0, {0}},
         "audit seq=10 time_ns=5 event=ceremony_begin place=2 nodes=5\n"},
        {{11, 5, AUDIT_CEREMONY_END, 1, 255, 0, {0}},
         "audit seq=11 time_ns=5 event=ceremony_end reason=1 accused=255\n"},
        {{9, 5, AUDIT_CSR_SIGNED, 2, 3, 0, {0}},
         "audit seq=9 time_ns=5 event=csr_signed key=2 attempt=3\n"},
        {{9, 5, AUDIT_ATTESTED, 4, ATTEST_JUDGE_DEBUG, 0, {0}},
         "audit seq=9 time_ns=5 event=attested index=4 fault=judge-debug\n"},
        {{9, 5, AUDIT_RETIRED, 4, 5, 0, {0}},
         "audit seq=9 time_ns=5 event=retired index=4 reason=5\n"},
        {{9, 5, AUDIT_PAIR_CUT, 4, 60, 0, {0}},
         "audit seq=9 time_ns=5 event=pair_cut index=4 seconds=60\n"},
        {{9, 5, AUDIT_TRIPLE_RESTS, 7, 0, 0, {0}},
         "audit seq=9 time_ns=5 event=triple_rests mask=7\n"},
        {{9, 5, 99, 1, 2, 0, {0}}, "audit seq=9 time_ns=5 event=none\n"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check(log_audit_line(line, &cases[i].entry), cases[i].text);
    }
}

static void test_state_names(void **state)
{
    (void)state;
    assert_string_equal(log_state_name(CORE_BOOTING), "booting");
    assert_string_equal(log_state_name(CORE_FAILED), "failed");
    assert_string_equal(log_state_name((enum core_state)99), "none");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_long_lines_are_cut_between_fields),
        cmocka_unit_test(test_audit_lines),
        cmocka_unit_test(test_state_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
