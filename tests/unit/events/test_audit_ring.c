#include "testing.h"

#include "enclave/events/audit_ring.h"

static struct audit_ring ring;
static struct audit_page page;

static void test_numbers_without_gaps(void **state)
{
    (void)state;
    audit_ring_init(&ring);
    audit_ring_page(&ring, 1, 10, &page);
    assert_int_equal(page.n, 0);
    assert_int_equal(page.first_seq, 0);
    assert_int_equal(page.last_seq, 0);
    for (uint64_t i = 1; i <= 3 * LIMIT_AUDIT_RING / 2; i++) {
        audit_ring_add(&ring, (int64_t)i, AUDIT_STATE, i, 2 * i);
    }
    assert_int_equal(audit_ring_lost(&ring), LIMIT_AUDIT_RING / 2);
    audit_ring_page(&ring, 0, 1000, &page);
    assert_int_equal(page.n, WIRE_AUDIT_MAX);
    assert_int_equal(page.first_seq, LIMIT_AUDIT_RING / 2 + 1);
    assert_int_equal(page.last_seq, 3 * LIMIT_AUDIT_RING / 2);
    for (size_t i = 0; i < page.n; i++) {
        assert_int_equal(page.entries[i].seq, page.first_seq + i);
        assert_int_equal(page.entries[i].a, page.first_seq + i);
    }
    audit_ring_page(&ring, page.last_seq, 5, &page);
    assert_int_equal(page.n, 1);
    audit_ring_page(&ring, page.last_seq + 1, 5, &page);
    assert_int_equal(page.n, 0);
    audit_ring_page(&ring, UINT64_MAX, 5, &page);
    assert_int_equal(page.n, 0);
    audit_ring_page(&ring, page.last_seq - 9, 5, &page);
    assert_int_equal(page.n, 5);
}

static void test_counts_what_repeats(void **state)
{
    const struct audit_entry *e = ring.entries;

    (void)state;
    audit_ring_init(&ring);
    audit_ring_count(&ring, 5, 50, AUDIT_REFUSED, ERR_STALE);
    assert_int_equal(ring.last_seq, 1);
    for (int i = 0; i < 1000; i++) {
        audit_ring_count(&ring, 6, 50, AUDIT_REFUSED, ERR_STALE);
        audit_ring_flush(&ring, 6, 50);
    }
    assert_int_equal(ring.last_seq, 1);
    audit_ring_count(&ring, 6, 50, AUDIT_REFUSED, ERR_TIME); /* another kind */
    audit_ring_count(&ring, 6, 50, AUDIT_BAD_FRAME, ERR_STALE);
    assert_int_equal(ring.last_seq, 3);
    audit_ring_flush(&ring, 4 + LIMIT_AUDIT_PAUSE_NS, 60);
    assert_int_equal(ring.last_seq, 3);
    audit_ring_flush(&ring, 5 + LIMIT_AUDIT_PAUSE_NS, 60);
    assert_int_equal(ring.last_seq, 4);
    assert_int_equal(e[4].event, AUDIT_REFUSED);
    assert_int_equal(e[4].a, ERR_STALE);
    assert_int_equal(e[4].b, 1000);
    assert_int_equal(e[4].time_ns, 60);
    audit_ring_flush(&ring, 100 * LIMIT_AUDIT_PAUSE_NS, 70); /* nothing waits */
    assert_int_equal(ring.last_seq, 4);
}

static void test_more_kinds_than_places(void **state)
{
    (void)state;
    audit_ring_init(&ring);
    for (int i = 0; i < 2 * AUDIT_KINDS; i++) {
        audit_ring_count(&ring, 1, 1, AUDIT_REFUSED, (enum err)(0x0100 + i));
    }
    assert_int_equal(ring.n_kinds, AUDIT_KINDS);
    assert_int_equal(ring.kinds[AUDIT_KINDS - 1].waiting, AUDIT_KINDS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_without_gaps),
        cmocka_unit_test(test_counts_what_repeats),
        cmocka_unit_test(test_more_kinds_than_places),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
