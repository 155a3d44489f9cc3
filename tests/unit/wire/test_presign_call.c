/* Golden bytes of PRESIGN_ORDER, PRESIGN_LIST and PRESIGN_STATUS, docs/wire.md 14. */
#include "parser_cases.h"
#include "testing.h"

#include "crypto/hash.h"
#include "wire/frame.h"
#include "wire/presign_call.h"

static uint8_t bytes[FRAME_BODY_MAX];

static struct view written(struct writer *w)
{
    struct view v = {NULL, 0};

    assert_int_equal(wr_finish(w, &v), ERR_OK);
    return v;
}

/* ---- PRESIGN_ORDER ---- */

static const struct presign_order orders[] = {
    {.kind = PRESIGN_ORDER_SETUP, .peer = 2, .counter = 7},
    {.kind = PRESIGN_ORDER_MAKE, .triple = 0x15, .counter = 258, .label = {0xaa, 0xbb}},
    {.kind = PRESIGN_ORDER_BATCH, .counter = 1, .records = 3, .triples = {0, 9, 4}},
    {.kind = PRESIGN_ORDER_ACCEL, .on = true},
};
static const char *const golden_orders[] = {
    "01 03 0700000000000000",
    "02 15 0201000000000000 aabb000000000000000000000000000000000000000000000000000000000000",
    "03 0100000000000000 03 000904",
    "04 01",
};

static struct view without_spaces(const char *text, uint8_t *out, size_t cap)
{
    char packed[512];
    size_t n = 0;

    for (size_t i = 0; text[i] != 0 && n + 1 < sizeof packed; i++) {
        if (text[i] != ' ') {
            packed[n++] = text[i];
        }
    }
    packed[n] = 0;
    return hex_bytes(packed, out, cap);
}

static enum err decode_order(struct view in)
{
    static const struct presign_order zero;
    struct presign_order o;
    const enum err e = presign_order_decode(in, &o);

    assert_true(e == ERR_OK || memcmp(&o, &zero, sizeof o) == 0);
    return e;
}

static void orders_have_these_bytes(void **state)
{
    (void)state;
    assert_int_equal(FRAME_PRESIGN_ORDER, 0x52);
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct writer w = wr_init(bytes, sizeof bytes);
        uint8_t golden[64];
        const struct view v = without_spaces(golden_orders[i], golden, sizeof golden);
        struct presign_order o;

        presign_order_encode(&w, &orders[i]);
        assert_true(view_equal(written(&w), v));
        assert_int_equal(presign_order_decode(v, &o), ERR_OK);
        assert_memory_equal(&o, &orders[i], sizeof o);
        refuses_every_prefix_of(decode_order, v);
        refuses_a_byte_after(decode_order, v);
        (void)survives_every_flip_of(decode_order, v);
    }
}

/* WRONG, and what each of the three has signed. */
static void a_wrong_signature_has_these_bytes(void **state)
{
    struct presign_order o = {.kind = PRESIGN_ORDER_WRONG, .word.triple = 0x15};
    struct presign_order back;
    struct writer w = wr_init(bytes, sizeof bytes);
    uint8_t epoch_id[EPOCH_ID_LEN];
    uint8_t signed_part[PRESIGN_WORD_SIGNED_LEN];
    uint8_t hash[48], golden[48];
    struct view v;

    (void)state;
    memset(epoch_id, 0xe0, sizeof epoch_id);
    memset(o.word.id, 0x1d, sizeof o.word.id);
    memset(o.word.r, 0x22, sizeof o.word.r);
    memset(o.word.digest, 0xd1, sizeof o.word.digest);
    for (uint8_t i = 0; i < PRESIGN_WORD_SIGNERS; i++) {
        memset(o.word.answers[i], 0xa0 + i, PRESIGN_ANSWER_LEN);
    }
    presign_order_encode(&w, &o);
    v = written(&w);
    assert_int_equal(v.n, 1 + PRESIGN_WORD_LEN);
    assert_int_equal(presign_order_decode(v, &back), ERR_OK);
    assert_memory_equal(&back, &o, sizeof o);
    refuses_every_prefix_of(decode_order, v);
    refuses_a_byte_after(decode_order, v);
    hash_once(HASH_SHA384, v, hash);
    assert_memory_equal(hash,
                        without_spaces("1c91633a5db0a53e34e2a0bf601ed95354b29547ae91ab5768b4d62"
                                       "52070cc9bdae0fd6a3811f62b04d1d16d9cbd6284",
                                       golden, sizeof golden)
                            .p,
                        sizeof hash);
    presign_word_signed(&o.word, epoch_id, o.word.answers[1], signed_part);
    hash_once(HASH_SHA384, (struct view){signed_part, sizeof signed_part}, hash);
    assert_memory_equal(hash,
                        without_spaces("43b06867984e727fae1d2b0d55cb548f8575eb4542220f97991c04c"
                                       "c0e673a262312a8505f6220bce0fbcd1eba5a6ff0",
                                       golden, sizeof golden)
                            .p,
                        sizeof hash);
    bytes[1] = 0x0f; /* four */
    assert_int_equal(decode_order(v), ERR_RANGE);
}

static void orders_out_of_range_are_refused(void **state)
{
    static const char *const bad[] = {
        "00 01",                  /* no kind */
        "06 01",                  /* no kind */
        "01 00 0700000000000000", /* no peer */
        "01 07 0700000000000000", /* no peer */
        "01 03 0000000000000000", /* no counter */
        "02 03 0100000000000000"  /* two */
        "0000000000000000000000000000000000000000000000000000000000000000",
        "02 0f 0100000000000000" /* four */
        "0000000000000000000000000000000000000000000000000000000000000000",
        "02 43 0100000000000000" /* of seven */
        "0000000000000000000000000000000000000000000000000000000000000000",
        "02 07 0000000000000000" /* no counter */
        "0000000000000000000000000000000000000000000000000000000000000000",
        "03 0000000000000000 01 00", /* no counter */
        "03 0100000000000000 00",    /* no record */
        "03 0100000000000000 01 0a", /* no triple's number */
        "04 02",                     /* neither on nor off */
    };

    (void)state;
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        uint8_t in[64];

        assert_int_equal(decode_order(without_spaces(bad[i], in, sizeof in)), ERR_RANGE);
    }
}

static enum err decode_ordered(struct view in)
{
    enum err code = ERR_OK;
    const enum err e = presign_ordered_decode(in, &code);

    assert_true(e == ERR_OK || code == ERR_BUG);
    return e;
}

static void what_became_of_an_order_is_told(void **state)
{
    static const uint8_t unknown[] = {0x34, 0x12};
    struct writer w = wr_init(bytes, sizeof bytes);
    enum err code = ERR_OK;
    struct view v;

    (void)state;
    presign_ordered_encode(&w, ERR_STATE);
    v = written(&w);
    assert_true(view_equal(v, (struct view){(const uint8_t *)"\x07\x02", 2}));
    refuses_every_prefix_of(decode_ordered, v);
    refuses_a_byte_after(decode_ordered, v);
    assert_int_equal(presign_ordered_decode(v, &code), ERR_OK);
    assert_int_equal(code, ERR_STATE);
    w = wr_init(bytes, sizeof bytes);
    presign_ordered_encode(&w, ERR_OK);
    assert_int_equal(presign_ordered_decode(written(&w), &code), ERR_OK);
    assert_int_equal(code, ERR_OK);
    assert_int_equal(presign_ordered_decode((struct view){unknown, 2}, &code), ERR_OK);
    assert_int_equal(code, ERR_BUG);
}

/* ---- PRESIGN_LIST ---- */

static enum err decode_since(struct view in)
{
    uint64_t since = 7;
    const enum err e = presign_since_decode(in, &since);

    assert_true(e == ERR_OK || since == 0);
    return e;
}

static enum err decode_list(struct view in)
{
    struct presign_list l;
    const enum err e = presign_list_decode(in, &l);

    assert_true(e == ERR_OK || (l.n == 0 && l.rows.p == NULL && l.next == 0));
    return e;
}

static struct view list_of(const struct presign_listed *rows, size_t n, uint64_t next)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    const size_t mark = presign_list_begin(&w);

    for (size_t i = 0; i < n; i++) {
        presign_listed_encode(&w, &rows[i]);
    }
    presign_list_end(&w, mark, next);
    return written(&w);
}

static void a_list_has_these_bytes(void **state)
{
    const struct presign_listed rows[] = {{3, 0x07, {0xa1}, {0xb1}}, {5, 0x1c, {0xa2}, {0xb2}}};
    uint8_t golden[PRESIGN_LISTED_LEN];
    struct presign_listed row;
    struct presign_list l;
    struct view v = list_of(rows, 2, UINT64_C(0x0102030405060708));

    (void)state;
    assert_int_equal(FRAME_PRESIGN_LIST, 0x53);
    assert_int_equal(v.n, 8 + 2 * 105);
    assert_memory_equal(v.p, hex_bytes("0807060504030201", golden, sizeof golden).p, 8);
    assert_memory_equal(v.p + 8, hex_bytes("030000000000000007a100", golden, sizeof golden).p,
                        11);
    assert_int_equal(v.p[8 + 9 + 48], 0xb1);
    assert_memory_equal(v.p + 113, hex_bytes("05000000000000001ca2", golden, sizeof golden).p,
                        10);
    assert_int_equal(presign_list_decode(v, &l), ERR_OK);
    assert_int_equal(l.n, 2);
    assert_true(l.next == UINT64_C(0x0102030405060708));
    for (size_t i = 0; i < 2; i++) {
        presign_list_row(&l, i, &row);
        assert_memory_equal(&row, &rows[i], sizeof row);
    }
    for (size_t cut = 0; cut < v.n; cut++) {
        assert_int_equal(parse_copy(decode_list, v.p, cut),
                         cut == 8 || cut == 113 ? ERR_OK : ERR_TRUNCATED);
    }
    (void)survives_every_flip_of(decode_list, v);
    assert_int_equal(decode_list(list_of(rows, 0, 1)), ERR_OK);
    v = (struct view){(const uint8_t *)"\1\0\0\0\0\0\0\0", 8};
    refuses_every_prefix_of(decode_since, v);
    refuses_a_byte_after(decode_since, v);
}

static void a_list_out_of_order_is_refused(void **state)
{
    static struct presign_listed many[PRESIGN_LIST_MAX + 1];
    const struct presign_listed falls[] = {{5, 0x07, {0}, {0}}, {5, 0x07, {0}, {0}}};
    const struct presign_listed zero = {0, 0x07, {0}, {0}};
    const struct presign_listed two = {1, 0x03, {0}, {0}};

    (void)state;
    assert_int_equal(decode_list(list_of(falls, 1, 6)), ERR_OK);
    assert_int_equal(decode_list(list_of(falls, 1, 5)), ERR_RANGE);
    assert_int_equal(decode_list(list_of(falls, 2, 6)), ERR_RANGE);
    assert_int_equal(decode_list(list_of(&zero, 1, 6)), ERR_RANGE);
    assert_int_equal(decode_list(list_of(&two, 1, 6)), ERR_RANGE);
    for (size_t i = 0; i <= PRESIGN_LIST_MAX; i++) {
        many[i] = (struct presign_listed){.number = i + 1, .triple = 0x07};
    }
    assert_int_equal(decode_list(list_of(many, PRESIGN_LIST_MAX, 600)), ERR_OK);
    assert_int_equal(decode_list(list_of(many, PRESIGN_LIST_MAX + 1, 600)), ERR_RANGE);
}

/* ---- PRESIGN_STATUS ---- */

static struct presign_status some_status(void)
{
    struct presign_status s = {
        .n_nodes = 3,
        .nodes = {{.incarnation = 1},
                  {PRESIGN_CHANNEL_VERIFIED, PRESIGN_PAIR_DONE, true, 2, 5, 0},
                  {PRESIGN_CHANNEL_MAKING, PRESIGN_PAIR_RESTS, false, 1, 9, 60}},
        .cap = 512,
        .n_triples = 2,
        .triples = {{0x07, 64, true}, {0x0b, 0, false}},
        .accel = PRESIGN_ACCEL_LIVE,
        .late = 1,
        .sessions = 3};
    uint64_t *const counts[] = {&s.batch_counter, &s.made_dkls, &s.made_accel,
                                &s.used,          &s.expired,   &s.voided,
                                &s.aborted,       &s.dropped,   &s.lies};

    for (size_t i = 0; i < 9; i++) {
        *counts[i] = i + 0x11;
    }
    return s;
}

static enum err decode_status(struct view in)
{
    static const struct presign_status zero;
    static struct presign_status s;
    const enum err e = presign_status_decode(in, &s);

    assert_true(e == ERR_OK || memcmp(&s, &zero, sizeof s) == 0);
    return e;
}

static struct view status_bytes(const struct presign_status *s)
{
    struct writer w = wr_init(bytes, sizeof bytes);

    presign_status_encode(&w, s);
    return written(&w);
}

static void a_status_has_these_bytes(void **state)
{
    static const char golden_text[] = "03"
                                      "00 00 00 01000000 0000000000000000 00000000"
                                      "02 02 01 02000000 0500000000000000 00000000"
                                      "01 03 00 01000000 0900000000000000 3c000000"
                                      "0002 02"
                                      "07 4000 01"
                                      "0b 0000 00"
                                      "02 01 03"
                                      "1100000000000000 1200000000000000"
                                      "1300000000000000 1400000000000000"
                                      "1500000000000000 1600000000000000"
                                      "1700000000000000 1800000000000000"
                                      "1900000000000000";
    static struct presign_status back;
    const struct presign_status s = some_status();
    uint8_t golden[256];
    const struct view v = without_spaces(golden_text, golden, sizeof golden);

    (void)state;
    assert_int_equal(FRAME_PRESIGN_STATUS, 0x54);
    assert_true(view_equal(status_bytes(&s), v));
    assert_int_equal(presign_status_decode(v, &back), ERR_OK);
    assert_memory_equal(&back, &s, sizeof s);
    refuses_every_prefix_of(decode_status, v);
    refuses_a_byte_after(decode_status, v);
    (void)survives_every_flip_of(decode_status, v);
}

static void a_status_out_of_range_is_refused(void **state)
{
    struct presign_status bad[] = {some_status(), some_status(), some_status(), some_status(),
                                   some_status(), some_status(), some_status(), some_status()};
    struct presign_status six = some_status();

    (void)state;
    bad[0].n_nodes = 2;
    bad[1].nodes[1].channel = PRESIGN_CHANNEL_VERIFIED + 1;
    bad[2].nodes[1].setup = PRESIGN_PAIR_RESTS + 1;
    bad[3].triples[0].count = 513;
    bad[4].triples[1].triple = 0x07;
    bad[5].triples[0].triple = 0x03;
    bad[6].accel = PRESIGN_ACCEL_OVER + 1;
    bad[7].triples[1].triple = 0x47; /* of seven */
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_int_equal(decode_status(status_bytes(&bad[i])), ERR_RANGE);
    }
    six.n_nodes = PRESIGN_NODES_MAX;
    six.n_triples = PRESIGN_STATUS_TRIPLES_MAX;
    for (uint8_t i = 0, mask = 0; i < PRESIGN_STATUS_TRIPLES_MAX; mask++) {
        const unsigned others = (mask >> 1) & 0x1f;

        if ((mask & 1) != 0 && (others & (others - 1)) != 0 &&
            (others & (others - 1) & ((others & (others - 1)) - 1)) == 0) {
            six.triples[i++] = (struct presign_triple_status){mask, 1, true};
        }
    }
    assert_int_equal(status_bytes(&six).n, PRESIGN_STATUS_LEN_MAX);
    assert_int_equal(decode_status(status_bytes(&six)), ERR_OK);
    bytes[0] = PRESIGN_NODES_MAX + 1;
    assert_int_equal(decode_status((struct view){bytes, PRESIGN_STATUS_LEN_MAX + 19}),
                     ERR_RANGE);
    (void)status_bytes(&six);
    bytes[1 + 6 * 19 + 2] = PRESIGN_STATUS_TRIPLES_MAX + 1;
    assert_int_equal(decode_status((struct view){bytes, PRESIGN_STATUS_LEN_MAX + 4}),
                     ERR_RANGE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(orders_have_these_bytes),
        cmocka_unit_test(a_wrong_signature_has_these_bytes),
        cmocka_unit_test(orders_out_of_range_are_refused),
        cmocka_unit_test(what_became_of_an_order_is_told),
        cmocka_unit_test(a_list_has_these_bytes),
        cmocka_unit_test(a_list_out_of_order_is_refused),
        cmocka_unit_test(a_status_has_these_bytes),
        cmocka_unit_test(a_status_out_of_range_is_refused),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
