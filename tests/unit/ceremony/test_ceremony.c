/* Ceremonies that go well, in any order of messages. */
#include "rig.h"
#include "testing.h"

#include <stdio.h>
#include <stdlib.h>

static struct rig rig;

/* Every node ends with one record, which holds, and with its own share. */
static void check_good(const struct rig *r)
{
    static struct ceremony_record record;
    static struct ceremony_scratch scratch;
    struct ceremony_finding findings[CEREMONY_CHECKS];

    assert_true(rig_all(r, CEREMONY_FINISHED));
    rig_check_secrets(r);
    for (size_t i = 0; i < r->kit.plan.total; i++) {
        const struct ceremony *c = &r->nodes[i].c;

        assert_int_equal(c->share.party, i);
        assert_int_equal(c->share.held.n, c->held.n);
    }
    assert_int_equal(ceremony_record_decode(r->nodes[0].c.record_bytes, &record), ERR_OK);
    assert_true(ceremony_record_verify(&record, &scratch, findings));
}

static void five_agree(void **state)
{
    (void)state;
    rig_make(&rig, 3, 5, 1);
    rig_run(&rig);
    check_good(&rig);
    (void)printf("(3,5): %llu messages, %llu bytes relayed, record %zu bytes, node %zu bytes, "
                 "room %zu bytes\n",
                 (unsigned long long)rig.delivered, (unsigned long long)rig.bytes,
                 rig.nodes[0].c.record_bytes.n, sizeof(struct ceremony),
                 ceremony_test_room(rig.nodes[0].c.known.rules.params));
    rig_free(&rig);
}

static void any_order_will_do(void **state)
{
    (void)state;
    for (uint64_t seed = 2; seed < 8; seed++) {
        rig_make(&rig, 2, 3, seed);
        rig_run(&rig);
        check_good(&rig);
        rig_free(&rig);
    }
}

static void other_sizes_do(void **state)
{
    static const uint8_t rows[][2] = {{2, 2}, {3, 3}, {2, 5}};

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        rig_make(&rig, rows[i][0], rows[i][1], 20 + i);
        rig_run(&rig);
        check_good(&rig);
        rig_free(&rig);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_agree),
        cmocka_unit_test(any_order_will_do),
        cmocka_unit_test(other_sizes_do),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
