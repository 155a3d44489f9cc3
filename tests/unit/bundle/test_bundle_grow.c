/* What comes into a bundle later, and what one that is written takes over from the file in its
 * place. Records are a word here: nothing of it is judged. */
#include "bundle/bundle_grow.h"
#include "unit/bundle/bundle_kit.h"

#include <stdio.h>
#include <string.h>

static struct view document(uint64_t number, uint8_t room[EPOCH_DOC_MAX])
{
    struct epoch_doc d = {.number = number, .threshold = 3, .total = 5, .assurance = 2};
    struct writer w = wr_init(room, EPOCH_DOC_MAX);
    struct view out;

    d.previous[0] = number > 1;
    epoch_doc_encode(&w, &d);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    return out;
}

static void assert_shows(const struct bundle *b, size_t at, uint8_t index, uint32_t incarnation,
                         const char *block)
{
    assert_true(at < b->n_evidence);
    assert_int_equal(b->evidence[at].index, index);
    assert_int_equal(b->evidence[at].incarnation, incarnation);
    assert_true(view_equal(b->evidence[at].block, text(block)));
}

static void an_order_stands_there_once(void **state)
{
    char names[BUNDLE_ORDERS_MAX + 1][16];
    struct bundle b = {.n_orders = 0};

    (void)state;
    for (int i = 0; i <= BUNDLE_ORDERS_MAX; i++) {
        (void)snprintf(names[i], sizeof names[i], "order %d", i);
        assert_int_equal(bundle_add_order(&b, text(names[i])),
                         i < BUNDLE_ORDERS_MAX ? ERR_OK : ERR_NOSPACE);
        assert_int_equal(bundle_add_order(&b, text("order 0")), ERR_OK);
    }
    assert_int_equal(b.n_orders, BUNDLE_ORDERS_MAX);
    assert_true(view_equal(b.orders[7], text("order 7")));
}

static void evidence_has_its_place(void **state)
{
    static const struct bundle_evidence rows[] = {
        {4, 2, {(const uint8_t *)"e", 1}}, {0, 1, {(const uint8_t *)"a", 1}},
        {4, 1, {(const uint8_t *)"d", 1}}, {1, 3, {(const uint8_t *)"c", 1}},
        {1, 1, {(const uint8_t *)"b", 1}}, {4, 2, {(const uint8_t *)"f", 1}},
    };
    struct bundle_evidence more = {5, 1, {(const uint8_t *)"x", 1}};
    struct bundle b = {.n_evidence = 0};
    uint8_t room[ROOM];
    struct bundle out;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(bundle_add_evidence(&b, &rows[i]), ERR_OK);
    }
    assert_int_equal(b.n_evidence, 5);
    assert_shows(&b, 0, 0, 1, "a");
    assert_shows(&b, 1, 1, 1, "b");
    assert_shows(&b, 2, 1, 3, "c");
    assert_shows(&b, 3, 4, 1, "d");
    assert_shows(&b, 4, 4, 2, "f"); /* what it showed last */
    assert_int_equal(bundle_decode(encode(&b, room), &out), ERR_OK);
    for (; b.n_evidence < BUNDLE_EVIDENCE_MAX; more.incarnation++) {
        assert_int_equal(bundle_add_evidence(&b, &more), ERR_OK);
    }
    assert_int_equal(bundle_add_evidence(&b, &more), ERR_NOSPACE);
    assert_int_equal(bundle_add_evidence(&b, &rows[0]), ERR_OK); /* it is there */
    assert_int_equal(b.n_evidence, BUNDLE_EVIDENCE_MAX);
}

/* Node 4 was lost and came again; node 0 had shown nothing in time, and does now. */
static void an_epoch_that_is_shown_again_keeps_what_it_had(void **state)
{
    uint8_t room[ROOM], docs[3][EPOCH_DOC_MAX];
    const struct bundle old = {
        .document = document(3, docs[2]),
        .record = text("record"),
        .classic = text("old"),
        .n_evidence = 3,
        .evidence = {{1, 1, text("second")}, {4, 1, text("fifth")}, {4, 2, text("after it")}},
        .n_orders = 1,
        .orders = {text("order 1")},
        .n_retirements = 1,
        .retirements = {text("gone")},
        .n_earlier = 2,
        .earlier = {document(1, docs[0]), document(2, docs[1])},
        .before = text("before")};
    struct bundle b = {
        .record = text("record"),
        .recipe = text("recipe"),
        .n_evidence = 3,
        .evidence = {{0, 1, text("late")}, {1, 1, text("made anew")}, {4, 3, text("third")}}};

    (void)state;
    assert_int_equal(bundle_take_over(&b, 3, encode(&old, room)), ERR_OK);
    assert_int_equal(b.n_evidence, 4);
    assert_shows(&b, 0, 1, 1, "second");
    assert_shows(&b, 1, 4, 1, "fifth");
    assert_shows(&b, 2, 4, 2, "after it");
    assert_shows(&b, 3, 4, 3, "third");
    assert_int_equal(b.n_orders, 1);
    assert_true(view_equal(b.orders[0], text("order 1")));
    assert_int_equal(b.n_retirements, 1);
    assert_true(view_equal(b.retirements[0], text("gone")));
    assert_int_equal(b.n_earlier, 2);
    assert_true(view_equal(b.earlier[1], old.earlier[1]));
    assert_true(view_equal(b.before, text("before")));
    assert_int_equal(b.document.n, 0);
    assert_int_equal(b.classic.n, 0);
    assert_true(view_equal(b.recipe, text("recipe")));
}

static void the_first_epoch_is_shown_again_too(void **state)
{
    uint8_t room[ROOM], doc[EPOCH_DOC_MAX];
    const struct bundle old = {.document = document(1, doc),
                               .record = text("record"),
                               .n_orders = 1,
                               .orders = {text("order")}};
    struct bundle b = {.record = text("record")};

    (void)state;
    assert_int_equal(bundle_take_over(&b, 1, encode(&old, room)), ERR_OK);
    assert_int_equal(b.n_orders, 1);
}

/* One process, or one order, more than a bundle has room for. */
static void what_has_no_room_is_not_left_out(void **state)
{
    uint8_t room[ROOM], doc[EPOCH_DOC_MAX];
    const struct bundle empty = {.record = text("record")};
    struct bundle old = {.document = document(1, doc), .record = text("record")};
    struct bundle b = empty;

    (void)state;
    for (uint8_t i = 0; i < BUNDLE_EVIDENCE_MAX; i++) {
        old.evidence[old.n_evidence++] = (struct bundle_evidence){4, i + 1U, text("shown")};
    }
    b.evidence[b.n_evidence++] = (struct bundle_evidence){4, 99, text("shown")};
    assert_int_equal(bundle_take_over(&b, 1, encode(&old, room)), ERR_NOSPACE);
    old.n_orders = 1;
    old.orders[0] = text("order of then");
    b = empty;
    b.n_orders = BUNDLE_ORDERS_MAX;
    assert_int_equal(bundle_take_over(&b, 1, encode(&old, room)), ERR_NOSPACE);
}

static void the_next_epoch_follows(void **state)
{
    uint8_t room[ROOM], docs[2][EPOCH_DOC_MAX];
    struct bundle old = {.document = document(2, docs[1]),
                         .record = text("of the second"),
                         .n_orders = 1,
                         .orders = {text("order")},
                         .n_earlier = 1,
                         .earlier = {document(1, docs[0])}};
    struct bundle b = {
        .record = text("of the third"), .n_evidence = 1, .evidence = {{2, 1, text("shown")}}};
    const struct view alone = encode(&old, room);

    (void)state;
    assert_int_equal(bundle_take_over(&b, 3, alone), ERR_OK);
    assert_int_equal(b.n_earlier, 2);
    assert_true(view_equal(b.earlier[0], old.earlier[0]));
    assert_true(view_equal(b.earlier[1], old.document));
    assert_true(view_equal(b.before, alone));
    assert_int_equal(b.n_orders, 0); /* they were of that epoch */
    assert_int_equal(b.n_evidence, 1);
    b.n_earlier = 0;
    b.before.n = 0;
    assert_int_equal(bundle_take_over(&b, 4, alone), ERR_OK); /* one is missing between */
    assert_int_equal(b.n_earlier, 1);
    assert_int_equal(b.before.n, 0);
    b.n_earlier = 0;
    assert_int_equal(bundle_take_over(&b, 1, alone), ERR_OK); /* a chain begins */
    assert_int_equal(b.n_earlier, 0);
}

/* Its nodes have said since that it is over. */
static void the_bundle_before_is_put_in_again(void **state)
{
    uint8_t rooms[3][ROOM], doc[EPOCH_DOC_MAX];
    struct bundle old = {.document = document(1, doc), .record = text("of the first")};
    struct bundle b = {.record = text("of the second")};
    const struct view first = encode(&old, rooms[0]);

    (void)state;
    assert_int_equal(bundle_set_before(&b, first), ERR_MISMATCH);
    assert_int_equal(
        bundle_set_before(&b, encode(&(struct bundle){.record = old.record}, rooms[1])),
        ERR_MISMATCH); /* no document is none of those before */
    assert_int_equal(bundle_take_over(&b, 2, first), ERR_OK);
    old.n_retirements = 1;
    old.retirements[0] = text("gone");
    old.before = text("of an epoch further back"); /* one is enough */
    const struct view over = encode(&old, rooms[1]);

    assert_int_equal(bundle_set_before(&b, over), ERR_OK);
    old.before.n = 0;
    assert_true(view_equal(b.before, encode(&old, rooms[2])));
    b.earlier[0].n--;
    assert_int_equal(bundle_set_before(&b, first), ERR_MISMATCH);
    assert_true(view_equal(b.before, encode(&old, rooms[2])));
    assert_int_equal(bundle_set_before(&b, text("nothing")), ERR_TRUNCATED);
}

static void a_file_that_is_none_gives_nothing(void **state)
{
    uint8_t room[ROOM], doc[EPOCH_DOC_MAX];
    struct bundle old = {.document = document(1, doc), .record = text("of the first")};
    struct bundle b = {.record = text("of the second")};
    const struct view whole = encode(&old, room);

    (void)state;
    assert_int_equal(bundle_take_over(&b, 2, (struct view){whole.p, whole.n - 1}), ERR_OK);
    assert_int_equal(bundle_take_over(&b, 2, text("nothing")), ERR_OK);
    old.document.n--;
    assert_int_equal(bundle_take_over(&b, 2, encode(&old, room)), ERR_OK);
    assert_int_equal(b.n_earlier, 0);
    assert_int_equal(b.before.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_order_stands_there_once),
        cmocka_unit_test(evidence_has_its_place),
        cmocka_unit_test(an_epoch_that_is_shown_again_keeps_what_it_had),
        cmocka_unit_test(the_first_epoch_is_shown_again_too),
        cmocka_unit_test(what_has_no_room_is_not_left_out),
        cmocka_unit_test(the_next_epoch_follows),
        cmocka_unit_test(the_bundle_before_is_put_in_again),
        cmocka_unit_test(a_file_that_is_none_gives_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
