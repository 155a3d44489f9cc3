/* Packets that wait: in order, in turn, and never more than there is room for. */
#include "testing.h"

#include "enclave/mesh/mesh_box.h"

#include <string.h>

static struct mesh_box box;
static uint8_t packet[MESH_PACKET_MAX + 1];
static uint8_t out[FRAME_BODY_LONG_MAX];

static int empty(void **state)
{
    (void)state;
    mesh_box_init(&box);
    return 0;
}

static enum err put(unsigned node, uint8_t mark, size_t n)
{
    memset(packet, mark, n);
    return mesh_box_put(&box, node, (struct view){packet, n}, mark);
}

/* The oldest of whose turn it is; its first byte. 0: none. */
static uint8_t next(unsigned *node, size_t *n)
{
    struct mesh_waiting first;

    if (!mesh_box_first(&box, node, &first)) {
        return 0;
    }
    *n = first.packet.n;
    assert_int_equal(first.mark, first.packet.p[0]);
    mesh_box_drop_first(&box, *node);
    return (uint8_t)first.mark;
}

static void first_in_first_out_and_nodes_in_turn(void **state)
{
    static const uint8_t marks[] = {1, 4, 2, 5, 3};
    static const unsigned nodes[] = {0, 3, 0, 3, 0};
    unsigned node = 0;
    size_t n = 0;

    (void)state;
    for (uint8_t i = 1; i <= 3; i++) {
        assert_int_equal(put(0, i, i), ERR_OK);
    }
    assert_int_equal(put(3, 4, 40), ERR_OK);
    assert_int_equal(put(3, 5, 50), ERR_OK);
    for (size_t i = 0; i < 5; i++) {
        assert_int_equal(next(&node, &n), marks[i]);
        assert_int_equal(node, nodes[i]);
        assert_int_equal(n, marks[i] < 4 ? marks[i] : marks[i] * 10);
    }
    assert_int_equal(next(&node, &n), 0);
    mesh_box_drop_first(&box, 0); /* nothing is there */
    assert_int_equal(mesh_box_bytes(&box, 0), 0);
}

static void what_is_no_packet_of_a_node_has_no_place(void **state)
{
    struct writer w;

    (void)state;
    assert_int_equal(mesh_box_place(&box, MESH_NODES_MAX, 1, &w), ERR_RANGE);
    assert_int_equal(mesh_box_place(&box, 0, 0, &w), ERR_RANGE);
    assert_int_equal(mesh_box_place(&box, 0, MESH_PACKET_MAX + 1, &w), ERR_RANGE);
    assert_int_equal(w.cap, 0);
    assert_int_equal(mesh_box_place(&box, 0, MESH_PACKET_MAX, &w), ERR_OK);
    assert_int_equal(w.cap, MESH_PACKET_MAX);
    assert_int_equal(mesh_box_bytes(&box, 0), 0); /* not kept */
}

/* To the last byte, whatever was taken out in between; and not one more. */
static void a_lane_holds_as_much_as_it_should(void **state)
{
    const size_t each = MESH_LANE_BYTES / 8 - MESH_WAITING_HEAD_LEN;
    unsigned node = 0;
    size_t n = 0;

    (void)state;
    for (uint8_t i = 1; i <= 8; i++) {
        assert_true(mesh_box_has_room(&box, 2, MESH_LANE_BYTES / 8, 0));
        assert_int_equal(put(2, i, each), ERR_OK);
    }
    assert_int_equal(mesh_box_bytes(&box, 2), MESH_LANE_BYTES);
    assert_false(mesh_box_has_room(&box, 2, 1, 0));
    assert_int_equal(put(2, 9, 1), ERR_NOSPACE);
    assert_int_equal(put(1, 9, 1), ERR_OK);
    assert_int_equal(next(&node, &n), 9);
    for (uint8_t i = 1; i < 100; i++) { /* round and round */
        assert_int_equal(next(&node, &n), i);
        assert_int_equal(n, each);
        assert_false(mesh_box_has_room(&box, 2, MESH_LANE_BYTES / 8, 1));
        assert_int_equal(put(2, (uint8_t)(i + 8), each + 1), ERR_NOSPACE);
        assert_int_equal(put(2, (uint8_t)(i + 8), each), ERR_OK);
    }
}

static void packets_of_one_mark_are_dropped_alone(void **state)
{
    static const uint8_t marks[] = {7, 1, 7, 2, 3, 7};
    unsigned node = 0;
    size_t n = 0;

    (void)state;
    for (size_t i = 0; i < sizeof marks; i++) {
        assert_int_equal(put(1, marks[i], 10 + i), ERR_OK);
        assert_int_equal(put(2, 7, 1), ERR_OK);
    }
    assert_int_equal(next(&node, &n), 7); /* the lane does not begin at its front */
    assert_int_equal(node, 1);
    mesh_box_clear(&box, 2);
    mesh_box_clear_marked(&box, 1, 7);
    for (uint8_t i = 1; i <= 3; i++) {
        assert_int_equal(next(&node, &n), i);
        assert_int_equal(node, 1);
        assert_int_equal(n, i == 1 ? 11 : i + 11U);
    }
    assert_int_equal(next(&node, &n), 0);
}

static void an_answer_has_what_fits(void **state)
{
    struct writer w = wr_init(out, (size_t)3 * (MESH_PACKET_HEAD_LEN + 100));
    struct reader r;
    struct mesh_packet p;

    (void)state;
    for (uint8_t i = 0; i < 4; i++) {
        assert_int_equal(put(i % 2, (uint8_t)(i + 1), 100), ERR_OK);
    }
    assert_int_equal(mesh_box_give(&box, &w), 3);
    r = rd_init((struct view){out, w.len});
    for (uint8_t i = 0; i < 3; i++) {
        assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
        assert_int_equal(p.node, i % 2);
        assert_int_equal(p.packet.n, 100);
        assert_int_equal(p.packet.p[99], i + 1);
    }
    assert_int_equal(mesh_box_give(&box, &w), 0);
    w = wr_init(out, MESH_PACKET_HEAD_LEN + 100 - 1);
    assert_int_equal(mesh_box_give(&box, &w), 0);
    assert_int_equal(w.len, 0);
    w = wr_init(out, MESH_PACKET_HEAD_LEN + 100);
    assert_int_equal(mesh_box_give(&box, &w), 1);
    assert_int_equal(out[MESH_PACKET_HEAD_LEN], 4);
    assert_int_equal(mesh_box_give(&box, &w), 0);
}

/* Of a MESH_PUT: until a lane is full; who is no node is passed over. */
static void a_put_is_taken_from_the_front(void **state)
{
    struct writer w = wr_init(out, sizeof out);
    struct mesh_packet p = {5, {packet, 10}};
    unsigned node = 0;
    size_t n = 0;

    (void)state;
    memset(packet, 0, 10);
    mesh_packet_encode(&w, &p); /* not of five */
    p.node = 1;
    mesh_packet_encode(&w, &p);
    p.node = 2;
    mesh_packet_encode(&w, &p);
    p.node = 1;
    mesh_packet_encode(&w, &p);
    while (put(2, 9, 1000) == ERR_OK) {
    }
    while (put(2, 9, 10) == ERR_OK) {
    }
    assert_int_equal(mesh_box_fill(&box, 5, (struct view){out, w.len}), 2);
    assert_int_equal(mesh_box_bytes(&box, 1), MESH_WAITING_HEAD_LEN + 10);
    assert_int_equal(mesh_box_bytes(&box, 5), 0);
    assert_true(mesh_box_first(&box, &node, &(struct mesh_waiting){0}));
    mesh_box_drop_first(&box, 2);
    assert_int_equal(mesh_box_fill(&box, 5, (struct view){out, w.len}), 4);
    assert_int_equal(mesh_box_bytes(&box, 1), 3 * (MESH_WAITING_HEAD_LEN + 10));
    (void)n;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(first_in_first_out_and_nodes_in_turn, empty),
        cmocka_unit_test_setup(what_is_no_packet_of_a_node_has_no_place, empty),
        cmocka_unit_test_setup(a_lane_holds_as_much_as_it_should, empty),
        cmocka_unit_test_setup(packets_of_one_mark_are_dropped_alone, empty),
        cmocka_unit_test_setup(an_answer_has_what_fits, empty),
        cmocka_unit_test_setup(a_put_is_taken_from_the_front, empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
