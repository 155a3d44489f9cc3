#include "testing.h"

#include "enclave/roughtime/rt_message.h"

#include <string.h>

/* Two tags: SIG with four bytes, NONC with eight. */
static const uint8_t good[] = {2,   0,   0, 0, 4, 0, 0, 0, 'S', 'I', 'G', 0,  'N', 'O',
                               'N', 'C', 1, 2, 3, 4, 5, 6, 7,   8,   9,   10, 11,  12};

static enum err parse_changed(size_t at, uint8_t value)
{
    static const struct rt_message zero;
    uint8_t bytes[sizeof good];
    struct rt_message m;
    enum err e;

    memcpy(bytes, good, sizeof bytes);
    bytes[at] = value;
    e = rt_message_parse((struct view){bytes, sizeof bytes}, &m);
    assert_true(e == ERR_OK || memcmp(&m, &zero, sizeof m) == 0);
    return e;
}

static void reads_what_it_wrote(void **state)
{
    const struct rt_item items[] = {{RT_SIG, {good + 16, 4}}, {RT_NONC, {good + 20, 8}}};
    uint8_t out[sizeof good];
    struct writer w = wr_init(out, sizeof out);
    struct rt_message m;
    struct view v;
    uint32_t n32 = 0;
    uint64_t n64 = 0;

    (void)state;
    rt_message_write(&w, items, 2);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_true(view_equal(v, (struct view){good, sizeof good}));
    assert_int_equal(rt_message_parse(v, &m), ERR_OK);
    assert_int_equal(m.n, 2);
    assert_int_equal(rt_message_u32(&m, RT_SIG, &n32), ERR_OK);
    assert_int_equal(n32, 0x04030201);
    assert_int_equal(rt_message_u64(&m, RT_NONC, &n64), ERR_OK);
    assert_true(n64 == UINT64_C(0x0c0b0a0908070605));
    assert_int_equal(rt_message_u64(&m, RT_SIG, &n64), ERR_LENGTH);
    assert_true(n64 == 0);
    assert_int_equal(rt_message_u32(&m, RT_NONC, &n32), ERR_LENGTH);
    assert_true(n32 == 0);
    assert_int_equal(rt_message_any(&m, RT_CERT, &v), ERR_TAG);
    assert_true(v.p == NULL && v.n == 0);
    assert_int_equal(rt_message_find(&m, RT_CERT, 4, &v), ERR_TAG);
    assert_int_equal(rt_message_find(&m, RT_SIG, 8, &v), ERR_LENGTH);
    assert_true(v.p == NULL && v.n == 0);
}

static void refuses_what_cannot_be(void **state)
{
    uint8_t many[4 + 8 * 17] = {17};
    uint8_t twice[sizeof good];
    struct rt_message m;

    (void)state;
    assert_int_equal(parse_changed(0, 0), ERR_ENCODING);   /* no tag */
    assert_int_equal(parse_changed(0, 17), ERR_NOSPACE);   /* too many */
    assert_int_equal(parse_changed(0, 3), ERR_ENCODING);   /* tags as offsets */
    assert_int_equal(parse_changed(4, 2), ERR_ENCODING);   /* no multiple of four */
    assert_int_equal(parse_changed(4, 16), ERR_TRUNCATED); /* behind the end */
    assert_int_equal(parse_changed(4, 12), ERR_OK);        /* the last is empty */
    assert_int_equal(parse_changed(4, 0), ERR_OK);         /* the first is */
    assert_int_equal(parse_changed(8, 'C'), ERR_OK);
    assert_int_equal(parse_changed(11, 'C'), ERR_OK);
    assert_int_equal(parse_changed(11, 'Z'), ERR_ENCODING); /* in another order */
    assert_int_equal(rt_message_parse((struct view){many, sizeof many}, &m), ERR_NOSPACE);
    memcpy(twice, good, sizeof twice);
    memcpy(twice + 12, twice + 8, 4);
    assert_int_equal(rt_message_parse((struct view){twice, sizeof twice}, &m), ERR_ENCODING);
    for (size_t n = 0; n < sizeof good; n++) { /* no prefix of it; the last value may be less */
        const enum err e = rt_message_parse((struct view){good, n}, &m);

        assert_true(n == 20 || n == 24 ? e == ERR_OK : e == ERR_TRUNCATED || e == ERR_ENCODING);
    }
}

static void offsets_ascend(void **state)
{
    uint8_t three[4 + 8 + 12 + 8] = {3, 0, 0, 0, 8, 0, 0, 0, 4, 0, 0, 0};
    struct rt_message m;

    (void)state;
    memcpy(three + 12, "SIG\0NONCPATH", 12);
    assert_int_equal(rt_message_parse((struct view){three, sizeof three}, &m), ERR_ENCODING);
    three[4] = 2; /* together they are a multiple of four */
    three[8] = 4;
    assert_int_equal(rt_message_parse((struct view){three, sizeof three}, &m), ERR_ENCODING);
    three[4] = 8;
    three[8] = 8;
    assert_int_equal(rt_message_parse((struct view){three, sizeof three}, &m), ERR_OK);
    assert_true(m.items[0].value.n == 8 && m.items[1].value.n == 0 && m.items[2].value.n == 0);
}

static void packets_have_a_header(void **state)
{
    uint8_t packet[RT_PACKET_HEADER_LEN + 4];
    struct writer w = wr_init(packet, sizeof packet);
    struct view v = {NULL, 0};
    struct view m;

    (void)state;
    rt_packet_begin(&w, 4);
    wr_u32le(&w, 7);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    assert_int_equal(rt_packet_parse(v, &m), ERR_OK);
    assert_true(m.n == 4 && m.p == packet + RT_PACKET_HEADER_LEN);
    for (size_t n = 0; n < v.n; n++) {
        assert_int_equal(rt_packet_parse((struct view){v.p, n}, &m), ERR_TRUNCATED);
        assert_true(m.n == 0 && m.p == NULL);
    }
    packet[8] = 0;
    assert_int_equal(rt_packet_parse(v, &m), ERR_TRAILING);
    assert_true(m.n == 0 && m.p == NULL);
    packet[7] ^= 1;
    assert_int_equal(rt_packet_parse(v, &m), ERR_TAG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_it_wrote),
        cmocka_unit_test(refuses_what_cannot_be),
        cmocka_unit_test(offsets_ascend),
        cmocka_unit_test(packets_have_a_header),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
