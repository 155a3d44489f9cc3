/* The pools of five cores: what three of them hold signs once, and is gone with any of them. */
#include "presign_kit.h"

#define NODES 5
#define EACH 3
#define NOW INT64_C(1000000000000)

static struct presign_pool pools[NODES];
static struct presign_slot slots[NODES][6 * EACH];
static struct presign_kit kit;

static int setup(void **state)
{
    (void)state;
    presign_kit_init(&kit);
    memset(slots, 0, sizeof slots);
    for (unsigned i = 0; i < NODES; i++) {
        assert_int_equal(presign_pool_init(&pools[i], i, NODES, EACH, slots[i]), ERR_OK);
    }
    return 0;
}

static enum err keep(unsigned node, const struct tecdsa_presignature *from, int64_t now_ns)
{
    struct tecdsa_presignature *const place = presign_pool_place(&pools[node], from->s);

    if (place == NULL) {
        return ERR_NOSPACE;
    }
    memcpy(place, from, sizeof *place);
    return presign_pool_keep(&pools[node], place, now_ns);
}

/* At all three. Its id is in record[0]. */
static void make(unsigned s, struct tecdsa_presignature record[TECDSA_T])
{
    unsigned at = 0;

    presign_kit_deal(&kit, s, record);
    for (unsigned i = 0; i < NODES; i++) {
        if ((s >> i & 1) != 0) {
            assert_int_equal(keep(i, &record[at++], NOW), ERR_OK);
        }
    }
}

static enum err ask(unsigned node, const uint8_t *id, unsigned message, int64_t now_ns,
                    struct tecdsa_answer *out)
{
    uint8_t digest[P384_DIGEST_LEN];

    tecdsa_digest(message, digest);
    return presign_pool_answer(&pools[node], &kit.stack, id, digest, now_ns, out);
}

static enum err sign_of(const struct tecdsa_presignature *record,
                        const struct tecdsa_answer answers[TECDSA_T], unsigned message)
{
    uint8_t digest[P384_DIGEST_LEN];
    uint8_t sig[P384_SIG_LEN];

    tecdsa_digest(message, digest);
    return presign_kit_combine(&kit, record, digest, answers, sig);
}

/* ---- tests ---- */

static void every_triple_signs_once(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_answer answers[TECDSA_T];
    struct tecdsa_answer again;
    unsigned triples = 0;

    (void)state;
    for (unsigned s = 0; s < 1U << NODES; s++) {
        unsigned at = 0;

        if (__builtin_popcount(s) != TECDSA_T) {
            continue;
        }
        triples++;
        make(s, record);
        for (unsigned i = 0; i < NODES; i++) {
            const unsigned mine = s >> i & 1;

            assert_int_equal(presign_pool_count(&pools[i], s), mine);
            if (mine != 0) {
                assert_int_equal(ask(i, record->id, s, NOW, &answers[at++]), ERR_OK);
            }
            assert_int_equal(ask(i, record->id, s + 1, NOW, &again), ERR_STALE);
            assert_true(tecdsa_erased(&again, sizeof again));
            assert_int_equal(presign_pool_count(&pools[i], s), 0);
            assert_true(tecdsa_erased(slots[i], sizeof slots[i])); /* nothing of it is left */
        }
        assert_int_equal(sign_of(record, answers, s), ERR_OK);
    }
    assert_int_equal(triples, 10);
    assert_int_equal(pools[0].counts.used, 6);
}

/* Two messages under one record, each to some: no signature of either, whoever is bad. */
static void two_messages_make_no_signature(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_answer answers[2][TECDSA_T];

    (void)state;
    make(0x0b, record); /* nodes 0, 1, 3; 3 is bad, and answers as often as it likes */
    assert_int_equal(ask(0, record->id, 1, NOW, &answers[0][0]), ERR_OK);
    assert_int_equal(ask(1, record->id, 2, NOW, &answers[1][1]), ERR_OK);
    assert_int_equal(ask(0, record->id, 2, NOW, &answers[1][0]), ERR_STALE);
    assert_int_equal(ask(1, record->id, 1, NOW, &answers[0][1]), ERR_STALE);
    for (unsigned m = 0; m < 2; m++) {
        assert_int_equal(keep(3, &record[2], NOW), m == 0 ? ERR_STATE : ERR_OK);
        assert_int_equal(ask(3, record->id, m + 1, NOW, &answers[m][2]), ERR_OK);
        assert_true(sign_of(record, answers[m], m + 1) != ERR_OK);
    }
}

/* 0, which no message has, would show a share: it gets no answer, and costs the record. */
static void a_digest_of_0_is_not_signed(void **state)
{
    static const uint8_t zero[P384_DIGEST_LEN];
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_answer answer;

    (void)state;
    make(0x07, record);
    memset(&answer, 1, sizeof answer);
    assert_int_equal(presign_pool_answer(&pools[0], &kit.stack, record->id, zero, NOW, &answer),
                     ERR_RANGE);
    assert_true(tecdsa_erased(&answer, sizeof answer));
    assert_true(tecdsa_erased(slots[0], sizeof slots[0]));
    assert_int_equal(ask(0, record->id, 1, NOW, &answer), ERR_STALE);
}

/* A record of three others, or said to be of another triple, is none. */
static void no_other_triple_holds_it(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_presignature *place = NULL;

    (void)state;
    presign_kit_deal(&kit, 0x07, record);
    assert_int_equal(keep(4, &record[0], NOW), ERR_NOSPACE);
    assert_null(presign_pool_place(&pools[0], 0x0f));
    assert_null(presign_pool_place(&pools[0], 0));
    place = presign_pool_place(&pools[0], 0x0b);
    assert_non_null(place);
    memcpy(place, &record[0], sizeof *place); /* whose triple is another */
    assert_int_equal(presign_pool_keep(&pools[0], place, NOW), ERR_STATE);
    assert_true(tecdsa_erased(slots[0], sizeof slots[0]));
}

static void a_pool_has_an_end(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    uint8_t first[TECDSA_HASH_LEN];
    struct tecdsa_answer answer;

    (void)state;
    for (unsigned i = 0; i < EACH; i++) {
        make(0x07, record);
        if (i == 0) {
            memcpy(first, record->id, sizeof first);
        }
    }
    presign_kit_deal(&kit, 0x07, record);
    assert_int_equal(keep(0, &record[0], NOW), ERR_NOSPACE);
    assert_int_equal(presign_pool_add(&pools[1], &record[1], NOW), ERR_NOSPACE);
    assert_true(tecdsa_erased(&record[1], sizeof record[1]));
    assert_int_equal(presign_pool_count(&pools[0], 0x07), EACH);
    assert_int_equal(ask(0, first, 1, NOW, &answer), ERR_OK);
    assert_int_equal(keep(0, &record[0], NOW), ERR_OK);
    assert_int_equal(pools[0].counts.made, EACH + 1);
}

static void records_grow_old(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_answer answer;

    (void)state;
    make(0x07, record);
    presign_pool_tick(&pools[0], NOW + PRESIGN_AGE_NS - 1);
    assert_int_equal(presign_pool_count(&pools[0], 0x07), 1);
    presign_pool_tick(&pools[0], NOW + PRESIGN_AGE_NS);
    assert_true(tecdsa_erased(slots[0], sizeof slots[0]));
    assert_int_equal(ask(1, record->id, 1, NOW + PRESIGN_AGE_NS, &answer), ERR_STALE);
    assert_true(tecdsa_erased(slots[1], sizeof slots[1]));
    presign_pool_tick(&pools[2], NOW - PRESIGN_AHEAD_NS); /* read before it was made */
    assert_int_equal(presign_pool_count(&pools[2], 0x07), 1);
    assert_int_equal(ask(2, record->id, 1, NOW - PRESIGN_AHEAD_NS - 1, &answer),
                     ERR_STALE); /* a clock that fell */
    assert_int_equal(pools[0].counts.expired + pools[1].counts.expired, 2);
}

static void a_node_that_goes_takes_its_records(void **state)
{
    static const uint8_t key[R1_MAC_KEY_LEN] = {1};
    struct tecdsa_presignature with[TECDSA_T];
    struct tecdsa_presignature without[TECDSA_T];
    struct tecdsa_answer answer;

    (void)state;
    make(0x07, with);
    make(0x0b, without);
    r1_macs_meet(&pools[0].macs, 1, key);
    r1_macs_meet(&pools[0].macs, 2, key);
    presign_pool_void(&pools[0], 2);
    assert_false(pools[0].macs.known[2]);
    assert_true(tecdsa_erased(pools[0].macs.key[2], R1_MAC_KEY_LEN));
    assert_int_equal(presign_pool_count(&pools[0], 0x07), 0);
    assert_int_equal(presign_pool_count(&pools[0], 0x0b), 1);
    assert_int_equal(ask(0, with->id, 1, NOW, &answer), ERR_STALE);
    assert_int_equal(pools[0].counts.voided, 1);
    presign_pool_void(&pools[0], 0);
    assert_true(tecdsa_erased(slots[0], sizeof slots[0]));
    assert_int_equal(pools[0].counts.voided, 2);
    assert_true(pools[0].macs.known[1]); /* it is who it was */
}

/* One that is dead may come back as who it was: the key of its R1s stays. */
static void a_node_that_is_dead_takes_its_records_alone(void **state)
{
    static const uint8_t key[R1_MAC_KEY_LEN] = {1};
    struct tecdsa_presignature with[TECDSA_T];
    struct tecdsa_presignature without[TECDSA_T];

    (void)state;
    make(0x07, with);
    make(0x0b, without);
    r1_macs_meet(&pools[0].macs, 2, key);
    presign_pool_lose(&pools[0], 2);
    assert_true(pools[0].macs.known[2]);
    assert_memory_equal(pools[0].macs.key[2], key, sizeof key);
    assert_int_equal(presign_pool_count(&pools[0], 0x07), 0);
    assert_null(presign_pool_look(&pools[0], with->id));
    assert_non_null(presign_pool_look(&pools[0], without->id));
    assert_int_equal(pools[0].counts.voided, 1);
}

/* Ids that have the bytes in common by which records are found: each is found all the same, and
 * goes alone. */
static void ids_that_look_alike_are_told_apart(void **state)
{
    static const unsigned orders[][EACH] = {{0, 1, 2}, {2, 1, 0}, {1, 0, 2}, {1, 2, 0}};
    struct tecdsa_presignature record[EACH][TECDSA_T];
    struct tecdsa_answer answer;

    (void)state;
    for (unsigned i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        for (unsigned j = 0; j < EACH; j++) {
            presign_kit_deal(&kit, 0x07, record[j]);
            memcpy(record[j]->id + 8, record[0]->id + 8, TECDSA_HASH_LEN - 8);
            assert_int_equal(keep(0, record[j], NOW), ERR_OK);
        }
        for (unsigned j = 0; j < EACH; j++) {
            const uint8_t *const id = record[orders[i][j]]->id;

            assert_int_equal(presign_pool_triple(&pools[0], id), 0x07);
            assert_memory_equal(presign_pool_look(&pools[0], id)->id, id, TECDSA_HASH_LEN);
            assert_int_equal(ask(0, id, 1, NOW, &answer), ERR_OK);
            assert_int_equal(ask(0, id, 1, NOW, &answer), ERR_STALE);
            assert_int_equal(presign_pool_count(&pools[0], 0x07), EACH - 1 - j);
        }
    }
    assert_true(tecdsa_erased(pools[0].buckets, sizeof pools[0].buckets));
}

/* What a front is shown: ascending, from any number on, without those that went. */
static void records_are_listed_by_number(void **state)
{
    static const uint8_t triples[] = {0x07, 0x0b, 0x07, 0x15};
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_answer answer;
    uint8_t id[4][TECDSA_HASH_LEN];
    const struct presign_slot *slot = NULL;

    (void)state;
    assert_null(presign_pool_above(&pools[0], 0));
    for (unsigned i = 0; i < 4; i++) {
        presign_kit_deal(&kit, triples[i], record);
        memcpy(id[i], record->id, sizeof id[i]);
        assert_int_equal(presign_pool_add(&pools[0], &record[0], NOW + i), ERR_OK);
        assert_true(tecdsa_erased(&record[0], sizeof record[0]));
        assert_int_equal(presign_pool_triple(&pools[0], id[i]), triples[i]);
    }
    slot = presign_pool_above(&pools[0], 0);
    for (unsigned i = 0; i < 4; i++) {
        assert_int_equal(slot->number, i + 1);
        assert_memory_equal(slot->record.id, id[i], sizeof id[i]);
        slot = presign_pool_next(&pools[0], slot);
    }
    assert_null(slot);
    assert_int_equal(ask(0, id[1], 1, NOW + 3, &answer), ERR_OK);
    assert_int_equal(presign_pool_triple(&pools[0], id[1]), 0);
    presign_pool_tick(&pools[0], NOW + PRESIGN_AGE_NS); /* the first is too old */
    slot = presign_pool_above(&pools[0], 0);
    assert_int_equal(slot->number, 3);
    assert_ptr_equal(presign_pool_above(&pools[0], 2), slot);
    slot = presign_pool_next(&pools[0], slot);
    assert_int_equal(slot->number, 4);
    assert_ptr_equal(presign_pool_above(&pools[0], 3), slot);
    assert_null(presign_pool_above(&pools[0], 4));
    presign_pool_void(&pools[0], 1); /* of the first two triples */
    assert_ptr_equal(presign_pool_above(&pools[0], 0), slot);
    presign_pool_void(&pools[0], 0);
    assert_null(presign_pool_above(&pools[0], 0));
    presign_kit_deal(&kit, 0x07, record);
    assert_int_equal(presign_pool_add(&pools[0], &record[0], NOW), ERR_OK);
    assert_int_equal(presign_pool_above(&pools[0], 0)->number, 5); /* none comes twice */
}

/* Neither twice nor half. */
static void what_is_no_record_is_not_kept(void **state)
{
    struct tecdsa_presignature record[TECDSA_T];
    struct tecdsa_presignature *place = NULL;

    (void)state;
    make(0x07, record);
    assert_int_equal(keep(0, &record[0], NOW), ERR_STATE); /* its id is there */
    assert_int_equal(presign_pool_count(&pools[0], 0x07), 1);
    assert_int_equal(presign_pool_keep(&pools[0], &slots[0][0].record, NOW), ERR_STATE);
    assert_int_equal(presign_pool_count(&pools[0], 0x07), 1); /* and stays */
    assert_non_null(presign_pool_look(&pools[0], record->id));
    assert_int_equal(presign_pool_add(&pools[1], &record[1], NOW), ERR_STATE);
    assert_true(tecdsa_erased(&record[1], sizeof record[1]));
    place = presign_pool_place(&pools[0], 0x07);
    presign_kit_deal(&kit, 0x07, record);
    assert_int_equal(keep(0, &record[0], 0), ERR_STATE); /* the time of what is not there */
    assert_true(tecdsa_erased(place, sizeof *place));
    memcpy(place, &record[0], sizeof *place);
    atomic_store(&place->state, TECDSA_PRESIGNATURE_NONE);
    assert_int_equal(presign_pool_keep(&pools[0], place, NOW), ERR_STATE);
    assert_true(tecdsa_erased(place, sizeof *place));
    assert_int_equal(presign_pool_keep(&pools[1], &record[0], NOW), ERR_STATE);
    assert_true(tecdsa_erased(&record[0], sizeof record[0])); /* no place of it */
}

static void sizes_are_bounded(void **state)
{
    struct presign_pool p;

    (void)state;
    assert_int_equal(presign_pool_slots(5, 512), 6 * 512);
    assert_int_equal(presign_pool_slots(6, 1), PRESIGN_TRIPLES_MAX);
    assert_int_equal(presign_pool_slots(3, 2), 2);
    for (unsigned nodes = 0; nodes < TECDSA_T; nodes++) {
        assert_int_equal(presign_pool_slots(nodes, 2), 0);
    }
    assert_int_equal(presign_pool_slots(7, 2), 0);
    assert_int_equal(presign_pool_init(&p, 0, 2, 1, slots[0]), ERR_RANGE);
    assert_int_equal(presign_pool_init(&p, 0, 7, 1, slots[0]), ERR_RANGE);
    assert_int_equal(presign_pool_init(&p, 5, 5, 1, slots[0]), ERR_RANGE);
    assert_int_equal(presign_pool_init(&p, 0, 5, 0, slots[0]), ERR_RANGE);
    assert_int_equal(presign_pool_init(&p, 0, 5, PRESIGN_PER_TRIPLE_MAX + 1, slots[0]),
                     ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(every_triple_signs_once, setup),
        cmocka_unit_test_setup(two_messages_make_no_signature, setup),
        cmocka_unit_test_setup(a_digest_of_0_is_not_signed, setup),
        cmocka_unit_test_setup(no_other_triple_holds_it, setup),
        cmocka_unit_test_setup(a_pool_has_an_end, setup),
        cmocka_unit_test_setup(records_grow_old, setup),
        cmocka_unit_test_setup(a_node_that_goes_takes_its_records, setup),
        cmocka_unit_test_setup(a_node_that_is_dead_takes_its_records_alone, setup),
        cmocka_unit_test_setup(ids_that_look_alike_are_told_apart, setup),
        cmocka_unit_test_setup(records_are_listed_by_number, setup),
        cmocka_unit_test_setup(what_is_no_record_is_not_kept, setup),
        cmocka_unit_test(sizes_are_bounded),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
