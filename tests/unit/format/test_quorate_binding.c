#include "parser_cases.h"

#include "format/der.h"
#include "format/quorate_binding.h"

#define H16(b) b b b b b b b b b b b b b b b b
#define H48(b) H16(b) H16(b) H16(b)

#define EPOCH "0430" H48("11")
#define KEY_A "0430" H48("aa")
#define KEY_B "0430" H48("bb")
#define TAIL "020103020105" /* 3 of 5 */
/* version, epoch, one key, 3 of 5, simulated */
#define GOLDEN "3072020101" EPOCH "3132" KEY_A TAIL "0a0102"

static enum err parse(struct view in)
{
    const struct quorate_binding zero = {0};
    struct quorate_binding b;
    const enum err e = quorate_binding_parse(in, &b);

    if (e != ERR_OK) {
        assert_memory_equal(&b, &zero, sizeof b);
        return e;
    }
    assert_true(b.threshold >= 1 && b.threshold <= b.total);
    assert_int_equal(b.epoch_id.n, QUORATE_BINDING_HASH_LEN);
    return e;
}

static void writes_golden_bytes(void **state)
{
    uint8_t golden[256];
    uint8_t buf[QUORATE_BINDING_ROOM];
    uint8_t hash[3][48];
    const struct view want = hex_bytes(GOLDEN, golden, sizeof golden);
    struct quorate_binding b;
    struct writer w = wr_init(buf, sizeof buf);
    struct view got;

    (void)state;
    assert_int_equal(quorate_binding_parse(want, &b), ERR_OK);
    assert_int_equal(b.threshold, 3);
    assert_int_equal(b.total, 5);
    assert_int_equal(b.assurance, ASSURANCE_SIMULATED);
    assert_int_equal(b.n_other_keys, 1);
    memset(hash, 0xaa, sizeof hash);
    assert_true(quorate_binding_names(&b, (struct view){hash[0], 48}));
    assert_false(quorate_binding_names(&b, (struct view){hash[0], 47}));
    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    assert_true(view_equal(got, want));
    /* keys given in any order */
    memset(hash[1], 0x01, 48);
    memset(hash[2], 0xff, 48);
    b.n_other_keys = 3;
    b.other_keys[0] = (struct view){hash[2], 48};
    b.other_keys[1] = (struct view){hash[0], 48};
    b.other_keys[2] = (struct view){hash[1], 48};
    w = wr_init(buf, sizeof buf);
    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    assert_int_equal(wr_finish(&w, &got), ERR_OK);
    assert_int_equal(quorate_binding_parse(got, &b), ERR_OK);
    assert_int_equal(b.other_keys[0].p[0], 0x01);
    assert_int_equal(b.other_keys[2].p[0], 0xff);
}

static void refuses_to_write(void **state)
{
    uint8_t hash[48] = {0};
    uint8_t buf[QUORATE_BINDING_ROOM];
    struct writer w = wr_init(buf, sizeof buf);
    const struct view h = {hash, 48};
    const struct quorate_binding good = {.epoch_id = h,
                                         .n_other_keys = 1,
                                         .other_keys = {h},
                                         .threshold = 1,
                                         .total = 1,
                                         .assurance = ASSURANCE_HARDWARE};
    struct quorate_binding b = good;

    (void)state;
    b.threshold = 0;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    b.threshold = 2;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    b = good;
    b.total = QUORATE_BINDING_TOTAL_MAX + 1;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    b = good;
    b.n_other_keys = QUORATE_BINDING_KEYS_MAX + 1;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    b = good;
    b.n_other_keys = 2;
    b.other_keys[1] = h;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    b = good;
    b.epoch_id.n = 47;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_LENGTH);
    b = good;
    b.other_keys[0].n = 49;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_LENGTH);
    b = good;
    b.policy_hash = (struct view){hash, 47};
    assert_int_equal(quorate_binding_write(&w, &b), ERR_LENGTH);
    b = good;
    b.record_id = (struct view){hash, 1};
    assert_int_equal(quorate_binding_write(&w, &b), ERR_LENGTH);
    b = good;
    b.n_measurements = 1;
    b.measurements[0] = (struct view){hash, 32};
    assert_int_equal(quorate_binding_write(&w, &b), ERR_LENGTH);
    b.n_measurements = QUORATE_BINDING_MEASUREMENTS_MAX + 1;
    assert_int_equal(quorate_binding_write(&w, &b), ERR_RANGE);
    assert_int_equal(w.len, 0);
}

static void an_attested_authority_says_more(void **state)
{
    uint8_t hash[4][48];
    uint8_t buf[QUORATE_BINDING_ROOM];
    struct writer w = wr_init(buf, sizeof buf);
    struct quorate_binding b = {.threshold = 3, .total = 5, .assurance = ASSURANCE_SIMULATED};
    struct quorate_binding got;
    struct view bytes;

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        memset(hash[i], (int)i + 1, sizeof hash[i]);
    }
    b.epoch_id = (struct view){hash[0], 48};
    b.policy_hash = (struct view){hash[1], 48};
    b.record_id = (struct view){hash[2], 48};
    b.n_measurements = QUORATE_BINDING_MEASUREMENTS_MAX;
    for (size_t i = 0; i < b.n_measurements; i++) {
        b.measurements[i] = (struct view){hash[i % 4], 48}; /* as the policy lists them */
    }
    assert_int_equal(quorate_binding_write(&w, &b), ERR_OK);
    assert_int_equal(wr_finish(&w, &bytes), ERR_OK);
    assert_int_equal(quorate_binding_parse(bytes, &got), ERR_OK);
    assert_true(view_equal(got.policy_hash, b.policy_hash));
    assert_true(view_equal(got.record_id, b.record_id));
    assert_int_equal(got.n_measurements, b.n_measurements);
    for (size_t i = 0; i < b.n_measurements; i++) {
        assert_true(view_equal(got.measurements[i], b.measurements[i]));
    }
    refuses_every_prefix_of(parse, bytes);
    refuses_a_byte_after(parse, bytes);
}

static void prefixes_and_flips(void **state)
{
    uint8_t golden[256];
    const struct view good = hex_bytes(GOLDEN, golden, sizeof golden);

    (void)state;
    refuses_every_prefix_of(parse, good);
    refuses_a_byte_after(parse, good);
    (void)survives_every_flip_of(parse, good);
}

static void reads_each_form(void **state)
{
    static const struct {
        const char *hex;
        enum err want;
    } rows[] = {
        {"3072020102" EPOCH "3132" KEY_A TAIL "0a0102", ERR_VERSION},
        {"307302020100" EPOCH "3132" KEY_A TAIL "0a0102", ERR_VERSION}, /* 256 */
        {"3072020101" EPOCH "3132" KEY_A "020100020105"
         "0a0102",
         ERR_RANGE},
        {"3072020101" EPOCH "3132" KEY_A "020106020105"
         "0a0102",
         ERR_RANGE},
        {"3072020101" EPOCH "3132" KEY_A "020103020141"
         "0a0102",
         ERR_RANGE},
        {"3072020101" EPOCH "3132" KEY_A TAIL "0a0103", ERR_RANGE},
        {"3072020101" EPOCH "3132" KEY_A TAIL "020102", ERR_TAG},
        {"3072020101" EPOCH "3032" KEY_A TAIL "0a0102", ERR_TAG},
        {"3081a4020101" EPOCH "3164" KEY_A KEY_B TAIL "0a0102", ERR_OK},
        {"3081a4020101" EPOCH "3164" KEY_B KEY_A TAIL "0a0102", ERR_ENCODING},
        {"3081a4020101" EPOCH "3164" KEY_A KEY_A TAIL "0a0102", ERR_RANGE},
        {"3040020101" EPOCH "3100" TAIL "0a0102", ERR_OK},
        {"3043020101" EPOCH "3103040111" TAIL "0a0102", ERR_LENGTH},
        /* of an attested authority */
        {"3072020101" EPOCH "3100" TAIL "0a01028030" H48("11"), ERR_OK},
        {"3074020101" EPOCH "3100" TAIL "0a0102a132" KEY_A, ERR_OK},
        {"3072020101" EPOCH "3100" TAIL "0a01028230" H48("11"), ERR_OK},
        {"3042020101" EPOCH "3100" TAIL "0a01028000", ERR_LENGTH},
        {"3042020101" EPOCH "3100" TAIL "0a01028200", ERR_LENGTH},
        {"3042020101" EPOCH "3100" TAIL "0a0102a100", ERR_RANGE},
        {"3045020101" EPOCH "3100" TAIL "0a0102a103040111", ERR_LENGTH},
        {"3042020101" EPOCH "3100" TAIL "0a0102a000", ERR_TAG},
        {"3042020101" EPOCH "3100" TAIL "0a01028100", ERR_TAG},
        /* later fields: tagged, ascending, strict DER */
        {"3044020101" EPOCH "3100" TAIL "0a01028300a400", ERR_OK},
        {"3044020101" EPOCH "3100" TAIL "0a0102a4008300", ERR_TAG},
        {"3044020101" EPOCH "3100" TAIL "0a010283008300", ERR_TAG},
        {"3042020101" EPOCH "3100" TAIL "0a01020500", ERR_TAG},
        {"3043020101" EPOCH "3100" TAIL "0a0102808100", ERR_ENCODING},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t buf[256];
        const struct view in = hex_bytes(rows[i].hex, buf, sizeof buf);

        assert_int_equal(parse_copy(parse, in.p, in.n), rows[i].want);
    }
}

/* Of two lists whose room is fixed: n keys, ascending, and m measurements. */
static enum err parse_lists(uint8_t n, uint8_t m)
{
    static const size_t each = 2 + QUORATE_BINDING_HASH_LEN;
    uint8_t buf[2048], hash[QUORATE_BINDING_HASH_LEN] = {0}, tail[16];
    struct writer w = wr_init(buf, sizeof buf);
    const size_t mark = der_begin(&w, DER_SEQUENCE);
    const struct view v = {hash, sizeof hash};

    der_write(&w, DER_INTEGER, (struct view){(const uint8_t *)"\x01", 1});
    der_write(&w, DER_OCTETS, v);
    der_head(&w, DER_SET, n * each);
    for (; n > 0; n--, hash[0]++) {
        der_write(&w, DER_OCTETS, v);
    }
    const struct view numbers = hex_bytes(TAIL "0a0102", tail, sizeof tail);

    wr_bytes(&w, numbers.p, numbers.n);
    der_head(&w, 0xa1, m * each);
    for (; m > 0; m--) {
        der_write(&w, DER_OCTETS, v);
    }
    der_end(&w, mark);
    assert_false(w.full);
    return parse_copy(parse, buf, w.len);
}

static void lists_have_room_for_so_many(void **state)
{
    (void)state;
    assert_int_equal(parse_lists(QUORATE_BINDING_KEYS_MAX, QUORATE_BINDING_MEASUREMENTS_MAX),
                     ERR_OK);
    assert_int_equal(parse_lists(QUORATE_BINDING_KEYS_MAX + 1, 1), ERR_RANGE);
    assert_int_equal(parse_lists(1, QUORATE_BINDING_MEASUREMENTS_MAX + 1), ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(writes_golden_bytes),
        cmocka_unit_test(refuses_to_write),
        cmocka_unit_test(an_attested_authority_says_more),
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(reads_each_form),
        cmocka_unit_test(lists_have_room_for_so_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
