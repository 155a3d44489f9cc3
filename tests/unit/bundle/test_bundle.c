/* A bundle as a container: what is written is read again, and what no bundle has is refused. */
#include "bundle/bundle.h"
#include "unit/bundle/bundle_kit.h"

#include <string.h>

#define HEAD(index) index "\x01\x00\x00\x00"
#define NODE(index) "\x03\x06\x00\x00\x00" HEAD(index) "x"

static struct bundle whole(void)
{
    return (struct bundle){
        .document = text("document"),
        .record = text("record"),
        .classic = text("classic"),
        .pq = text("pq"),
        .recipe = text("recipe"),
        .n_evidence = 3,
        .evidence = {{0, 1, text("first")}, {4, 1, text("fifth")}, {4, 9, text("its place")}},
        .n_earlier = 2,
        .earlier = {text("one"), text("two")},
        .n_retirements = 1,
        .retirements = {text("gone")},
        .n_orders = 1,
        .orders = {text("order")},
        .before = text("before")};
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    const struct bundle b = whole();
    uint8_t room[ROOM];
    struct bundle out;

    assert_int_equal(bundle_decode(encode(&b, room), &out), ERR_OK);
    assert_true(view_equal(out.document, b.document));
    assert_true(view_equal(out.record, b.record));
    assert_true(view_equal(out.classic, b.classic));
    assert_true(view_equal(out.pq, b.pq));
    assert_true(view_equal(out.recipe, b.recipe));
    assert_int_equal(out.n_evidence, 3);
    assert_int_equal(out.evidence[2].index, 4);
    assert_int_equal(out.evidence[2].incarnation, 9);
    assert_true(view_equal(out.evidence[1].block, b.evidence[1].block));
    assert_int_equal(out.n_orders, 1);
    assert_true(view_equal(out.orders[0], b.orders[0]));
    assert_int_equal(out.n_earlier, 2);
    assert_true(view_equal(out.earlier[1], b.earlier[1]));
    assert_int_equal(out.n_retirements, 1);
    assert_true(view_equal(out.retirements[0], b.retirements[0]));
    assert_true(view_equal(out.before, b.before));
}

/* One bundle in another, and none in that. */
static void the_epoch_before_has_a_bundle_of_its_own(void **state)
{
    (void)state;
    struct bundle b = whole();
    uint8_t rooms[3][ROOM];
    struct bundle out;

    assert_int_equal(bundle_before(&b, &out), ERR_TRUNCATED); /* "before" is none */
    assert_int_equal(out.document.n, 0);
    b.before = (struct view){NULL, 0};
    assert_int_equal(bundle_before(&b, &out), ERR_STATE);
    const struct view alone = encode(&b, rooms[0]);

    assert_true(view_equal(bundle_alone(alone, &b), alone));
    b.before = alone;
    const struct view both = encode(&b, rooms[1]);

    assert_int_equal(bundle_before(&b, &out), ERR_OK);
    assert_true(view_equal(out.document, text("document")));
    assert_int_equal(bundle_decode(both, &b), ERR_OK);
    assert_true(view_equal(bundle_alone(both, &b), alone));
    b.before = both;
    (void)encode(&b, rooms[2]);
    assert_int_equal(bundle_before(&b, &out), ERR_RANGE);
    assert_int_equal(out.document.n, 0);
}

static void bytes_stay_as_they_are(void **state)
{
    (void)state;
    static const uint8_t golden[] = "QUORATE-BUNDLE-1\n"
                                    "\x01\x03\x00\x00\x00"
                                    "doc"
                                    "\x03\x08\x00\x00\x00\x02\x07\x00\x00\x00"
                                    "eve"
                                    "\x07\x03\x00\x00\x00"
                                    "one"
                                    "\x0a\x03\x00\x00\x00"
                                    "bun";
    const struct bundle b = {.document = text("doc"),
                             .n_evidence = 1,
                             .evidence = {{2, 7, text("eve")}},
                             .n_earlier = 1,
                             .earlier = {text("one")},
                             .before = text("bun")};
    uint8_t room[ROOM];

    assert_true(view_equal(encode(&b, room), (struct view){golden, sizeof golden - 1}));
}

static void a_shortened_one_is_refused(void **state)
{
    (void)state;
    static const struct bundle zero;
    const struct bundle b = whole();
    uint8_t room[ROOM];
    const struct view in = encode(&b, room);
    unsigned whole_parts = 0;

    for (size_t n = 0; n < in.n; n++) {
        struct bundle out;

        if (bundle_decode((struct view){in.p, n}, &out) == ERR_OK) {
            whole_parts++; /* cut between two parts */
        } else {
            assert_memory_equal(&out, &zero, sizeof zero);
        }
    }
    assert_int_equal(whole_parts, 13);
}

struct bad {
    const char *parts;
    size_t n;
    enum err err;
};

#define BAD(bytes, err)               \
    {                                 \
        bytes, sizeof(bytes) - 1, err \
    }

static void what_no_bundle_has_is_refused(void **state)
{
    (void)state;
    static const struct bad rows[] = {
        BAD("\x00\x01\x00\x00\x00x", ERR_TAG),
        BAD("\x0b\x01\x00\x00\x00x", ERR_TAG),
        BAD("\x0a\x01\x00\x00\x00x\x08\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x0a\x01\x00\x00\x00x\x0a\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x09\x00\x00\x00\x00", ERR_ENCODING),
        BAD("\x01\x00\x00\x00\x00", ERR_ENCODING),
        BAD("\x01\x02\x00\x00\x00x", ERR_TRUNCATED),
        BAD("\x01\xff\xff\xff\xffx", ERR_TRUNCATED),
        BAD("\x01\x01\x00\x00\x00x\x01\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x02\x01\x00\x00\x00x\x02\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x04\x01\x00\x00\x00x\x04\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x05\x01\x00\x00\x00x\x05\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x06\x01\x00\x00\x00x\x06\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x02\x01\x00\x00\x00x\x01\x01\x00\x00\x00x", ERR_ENCODING),
        BAD("\x03\x04\x00\x00\x00\x01\x01\x00\x00", ERR_TRUNCATED),
        BAD("\x03\x05\x00\x00\x00" HEAD("\x01"), ERR_ENCODING),
        BAD(NODE("\x06"), ERR_RANGE),
        BAD(NODE("\x01") NODE("\x01"), ERR_RANGE),
        BAD(NODE("\x01") NODE("\x00"), ERR_RANGE),
        BAD("\x03\x06\x00\x00\x00\x01\x02\x00\x00\x00x" NODE("\x01"), ERR_RANGE),
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t room[ROOM];
        struct writer w = wr_init(room, sizeof room);
        struct bundle out;

        wr_bytes(&w, BUNDLE_MAGIC, sizeof BUNDLE_MAGIC - 1);
        wr_bytes(&w, rows[i].parts, rows[i].n);
        assert_int_equal(bundle_decode((struct view){room, w.len}, &out), rows[i].err);
    }
    struct bundle out;

    assert_int_equal(bundle_decode(text("QUORATE-BUNDLE-2\n"), &out), ERR_TAG);
    assert_int_equal(bundle_decode(text(""), &out), ERR_TRUNCATED);
}

static enum err decode_long(size_t n, uint8_t kind, size_t times, size_t part)
{
    static uint8_t room[BUNDLE_MAX + 1];
    static struct bundle out;
    struct writer w = wr_init(room, sizeof room);

    memset(room, 'x', sizeof room);
    wr_bytes(&w, BUNDLE_MAGIC, sizeof BUNDLE_MAGIC - 1);
    for (size_t i = 0; i < times; i++) {
        wr_u8(&w, kind);
        wr_u32le(&w, (uint32_t)part);
        w.len += part;
    }
    return bundle_decode((struct view){room, n > 0 ? n : w.len}, &out);
}

static void processes_of_a_place_are_few(void **state)
{
    (void)state;
    static uint8_t room[ROOM];
    static struct bundle out;
    struct writer w = wr_init(room, sizeof room);

    wr_bytes(&w, BUNDLE_MAGIC, sizeof BUNDLE_MAGIC - 1);
    for (uint32_t i = 1; i <= BUNDLE_EVIDENCE_MAX + 1; i++) {
        assert_int_equal(bundle_decode((struct view){room, w.len}, &out), ERR_OK);
        wr_u8(&w, BUNDLE_EVIDENCE);
        wr_u32le(&w, 6);
        wr_u8(&w, 3);
        wr_u32le(&w, i);
        wr_u8(&w, 'x');
    }
    assert_int_equal(bundle_decode((struct view){room, w.len}, &out), ERR_NOSPACE);
}

static void caps_hold(void **state)
{
    (void)state;
    assert_int_equal(decode_long(BUNDLE_MAX + 1, BUNDLE_RECORD, 1, 1), ERR_LENGTH);
    assert_int_equal(decode_long(0, BUNDLE_CLASSIC, 1, BUNDLE_CHAIN_MAX), ERR_OK);
    assert_int_equal(decode_long(0, BUNDLE_CLASSIC, 1, BUNDLE_CHAIN_MAX + 1), ERR_LENGTH);
    assert_int_equal(decode_long(0, BUNDLE_PQ, 1, BUNDLE_CHAIN_MAX + 1), ERR_LENGTH);
    assert_int_equal(decode_long(0, BUNDLE_RECIPE, 1, BUNDLE_RECIPE_MAX + 1), ERR_LENGTH);
    assert_int_equal(decode_long(0, BUNDLE_EARLIER, BUNDLE_EARLIER_MAX, 1), ERR_OK);
    assert_int_equal(decode_long(0, BUNDLE_EARLIER, BUNDLE_EARLIER_MAX + 1, 1), ERR_NOSPACE);
    assert_int_equal(decode_long(0, BUNDLE_RETIREMENT, BUNDLE_RETIREMENTS_MAX + 1, 1),
                     ERR_NOSPACE);
    assert_int_equal(decode_long(0, BUNDLE_ORDER, BUNDLE_ORDERS_MAX, 1), ERR_OK);
    assert_int_equal(decode_long(0, BUNDLE_ORDER, BUNDLE_ORDERS_MAX + 1, 1), ERR_NOSPACE);
}

static void certificates_are_cut_off_one_by_one(void **state)
{
    (void)state;
    static const uint8_t two[] = {0x30, 0x01, 0x05, 0x30, 0x00, 0x31, 0x00};
    struct reader r = rd_init((struct view){two, sizeof two});
    struct view out;

    assert_int_equal(bundle_next_certificate(&r, &out), ERR_OK);
    assert_ptr_equal(out.p, two);
    assert_int_equal(out.n, 3);
    assert_int_equal(bundle_next_certificate(&r, &out), ERR_OK);
    assert_int_equal(out.n, 2);
    assert_int_equal(bundle_next_certificate(&r, &out), ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(bytes_stay_as_they_are),
        cmocka_unit_test(a_shortened_one_is_refused),
        cmocka_unit_test(the_epoch_before_has_a_bundle_of_its_own),
        cmocka_unit_test(what_no_bundle_has_is_refused),
        cmocka_unit_test(processes_of_a_place_are_few),
        cmocka_unit_test(caps_hold),
        cmocka_unit_test(certificates_are_cut_off_one_by_one),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
