#include "testing.h"

#include "host/coord/roster.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A record of a ceremony of three nodes, two to sign. */
static uint8_t bytes[CEREMONY_RECORD_MAX + 1];
static size_t len;

static int load(void **state)
{
    FILE *f = fopen(QUORATE_SOURCE "/fuzz/corpus/ceremony_record/two_of_three", "rb");

    (void)state;
    assert_non_null(f);
    len = fread(bytes, 1, sizeof bytes, f);
    assert_int_equal(fclose(f), 0);
    return len > 0 ? 0 : -1;
}

static void gives_the_facts_of_the_epoch(void **state)
{
    struct roster *r = NULL;
    char why[ROSTER_WHY_MAX];
    uint8_t id[CEREMONY_HASH_LEN];
    uint8_t nobody[IDENTITY_LEN] = {4};

    (void)state;
    assert_int_equal(roster_new((struct view){bytes, len}, &r, why), ERR_OK);
    assert_string_equal(why, "");
    ceremony_record_id((struct view){bytes, len}, id);
    assert_memory_equal(r->id, id, sizeof id);
    assert_int_equal(r->quorum.plan->threshold, 2);
    assert_int_equal(r->quorum.plan->total, 3);
    assert_int_equal(r->quorum.key->params->t, 2);
    assert_int_equal(r->quorum.key->params->n, 3);
    assert_memory_equal(r->quorum.epoch_id, r->record.known.epoch_id, EPOCH_ID_LEN);
    for (size_t i = 0; i < 3; i++) {
        assert_int_equal(roster_place(r->quorum.plan, r->quorum.plan->nodes[i].identity), i);
    }
    assert_int_equal(roster_place(r->quorum.plan, nobody), 3);
    /* The t of all three subsets, as the T_REVEALs have them. */
    assert_true(r->t[0] != 0 || r->t[1] != 0);
    assert_true(r->t[3 * CEREMONY_T_LEN - 1] != 0 || r->t[3 * CEREMONY_T_LEN - 2] != 0);
    roster_free(r);
    roster_free(NULL);
}

static void refuses_what_does_not_hold(void **state)
{
    static struct roster other;
    struct roster *r = &other;
    char why[ROSTER_WHY_MAX];

    (void)state;
    assert_int_equal(roster_new((struct view){bytes, len - 1}, &r, why), ERR_TRUNCATED);
    assert_null(r);
    assert_string_equal(why, "not the record of a ceremony");
    assert_int_equal(roster_new((struct view){bytes, sizeof bytes}, &r, why), ERR_LENGTH);
    bytes[len - 1] ^= 1; /* of the public key */
    assert_int_equal(roster_new((struct view){bytes, len}, &r, why), ERR_MISMATCH);
    assert_string_equal(why, "the key does not follow from the messages");
    bytes[len - 1] ^= 1;
    bytes[len / 2] ^= 1;
    assert_int_not_equal(roster_new((struct view){bytes, len}, &r, why), ERR_OK);
    bytes[len / 2] ^= 1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_the_facts_of_the_epoch),
        cmocka_unit_test(refuses_what_does_not_hold),
    };

    return cmocka_run_group_tests(tests, load, NULL);
}
