/* Golden bytes of MESH_PUT and MESH_GET, docs/wire.md 14. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/mesh_msg.h"

static uint8_t bytes[FRAME_BODY_LONG_MAX];

static enum err check_put(struct view in)
{
    size_t n = 0;

    return mesh_packets_check(in, MESH_PUT_MAX, &n);
}

static enum err decode_get(struct view in)
{
    uint32_t n = 7;
    const enum err e = mesh_get_decode(in, &n);

    assert_true(e == ERR_OK || n == 0);
    return e;
}

static enum err decode_taken(struct view in)
{
    uint8_t n = 7;
    const enum err e = mesh_taken_decode(in, &n);

    assert_true(e == ERR_OK || n == 0);
    return e;
}

static void has_these_bytes(void **state)
{
    static const uint8_t record[] = {MESH_RECORD, 4, 2};
    static const uint8_t knock[] = {MESH_KNOCK};
    const struct mesh_packet both[] = {{0, {record, sizeof record}},
                                       {4, {knock, sizeof knock}}};
    struct writer w = wr_init(bytes, sizeof bytes);
    uint8_t golden[64];
    struct view v = hex_bytes("0103000000020402050100000003", golden, sizeof golden);

    (void)state;
    assert_int_equal(FRAME_MESH_PUT, 0x50);
    assert_int_equal(FRAME_MESH_GET, 0x51);
    assert_int_equal(frame_body_max(FRAME_MESH_PUT), FRAME_BODY_LONG_MAX);
    assert_int_equal(frame_body_max(FRAME_MESH_PUT | FRAME_ANSWER), FRAME_BODY_MAX);
    assert_int_equal(frame_body_max(FRAME_MESH_GET), FRAME_BODY_MAX);
    assert_int_equal(frame_body_max(FRAME_MESH_GET | FRAME_ANSWER), FRAME_BODY_LONG_MAX);
    for (size_t i = 0; i < 2; i++) {
        mesh_packet_encode(&w, &both[i]);
    }
    assert_true(view_equal((struct view){bytes, w.len}, v));
    w = wr_init(bytes, sizeof bytes);
    mesh_get_encode(&w, FRAME_BODY_LONG_MAX);
    v = hex_bytes("00000700", golden, sizeof golden);
    assert_true(view_equal((struct view){bytes, w.len}, v));
    w = wr_init(bytes, sizeof bytes);
    mesh_taken_encode(&w, 2);
    assert_true(
        view_equal((struct view){bytes, w.len}, (struct view){(const uint8_t *)"\2", 1}));
}

static void packets_are_read_back_and_nothing_else(void **state)
{
    uint8_t golden[64];
    const struct view v = hex_bytes("0103000000020402050100000003", golden, sizeof golden);
    struct reader r = rd_init(v);
    struct mesh_packet p;
    size_t n = 0;

    (void)state;
    assert_int_equal(mesh_packets_check(v, 2, &n), ERR_OK);
    assert_int_equal(n, 2);
    assert_int_equal(mesh_packets_check(v, 1, &n), ERR_RANGE);
    assert_int_equal(n, 0);
    assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
    assert_int_equal(p.node, 0);
    assert_int_equal(p.packet.n, 3);
    assert_int_equal(mesh_packet_decode(&r, &p), ERR_OK);
    assert_int_equal(p.node, 4);
    assert_int_equal(p.packet.p[0], MESH_KNOCK);
    assert_int_equal(mesh_packet_decode(&r, &p), ERR_TRUNCATED);
    assert_null(p.packet.p);
    for (size_t cut = 1; cut < v.n; cut++) { /* 8 is the end of the first packet */
        assert_int_equal(parse_copy(check_put, v.p, cut), cut == 8 ? ERR_OK : ERR_TRUNCATED);
    }
    assert_int_equal(check_put((struct view){NULL, 0}), ERR_OK);
    (void)survives_every_flip_of(check_put, v);
}

/* One packet of that node and length, as long as it says. */
static enum err check_packet(uint8_t node, uint32_t n)
{
    struct writer w = wr_init(bytes, sizeof bytes);

    memset(bytes, 0, sizeof bytes);
    wr_u8(&w, node);
    wr_u32le(&w, n);
    return check_put((struct view){bytes, w.len + n});
}

static void nodes_and_lengths_are_of_the_mesh(void **state)
{
    (void)state;
    assert_int_equal(check_packet(0, 1), ERR_RANGE);
    assert_int_equal(check_packet(1, 1), ERR_OK);
    assert_int_equal(check_packet(MESH_NODES_MAX, 1), ERR_OK);
    assert_int_equal(check_packet(MESH_NODES_MAX + 1, 1), ERR_RANGE);
    assert_int_equal(check_packet(1, 0), ERR_RANGE);
    assert_int_equal(check_packet(1, MESH_PACKET_MAX), ERR_OK);
    assert_int_equal(check_packet(1, MESH_PACKET_MAX + 1), ERR_RANGE);
    assert_int_equal(MESH_PACKET_MAX, 1 + 59 + 65536 + 16);
    assert_int_equal(MESH_MESSAGE_MAX, 131068);
}

static void what_is_asked_for_has_room_for_the_longest(void **state)
{
    const uint32_t edges[] = {MESH_GET_LEAST - 1, MESH_GET_LEAST, FRAME_BODY_LONG_MAX,
                              FRAME_BODY_LONG_MAX + 1};

    (void)state;
    for (size_t i = 0; i < 4; i++) {
        struct writer w = wr_init(bytes, sizeof bytes);

        mesh_get_encode(&w, edges[i]);
        assert_int_equal(decode_get((struct view){bytes, w.len}),
                         i == 1 || i == 2 ? ERR_OK : ERR_RANGE);
        if (i == 1) {
            refuses_every_prefix_of(decode_get, (struct view){bytes, w.len});
            refuses_a_byte_after(decode_get, (struct view){bytes, w.len});
        }
    }
    refuses_every_prefix_of(decode_taken, (struct view){(const uint8_t *)"\xff", 1});
    refuses_a_byte_after(decode_taken, (struct view){(const uint8_t *)"\xff", 1});
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_these_bytes),
        cmocka_unit_test(packets_are_read_back_and_nothing_else),
        cmocka_unit_test(nodes_and_lengths_are_of_the_mesh),
        cmocka_unit_test(what_is_asked_for_has_room_for_the_longest),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
