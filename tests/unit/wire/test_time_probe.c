/* Golden bytes of TIME_PROBE, docs/wire.md 8. */
#include "parser_cases.h"
#include "testing.h"

#include "wire/frame.h"
#include "wire/time_probe.h"

static uint8_t bytes[2048];

static struct time_statement statement(uint8_t index)
{
    struct time_statement s = {.index = index,
                               .seq = 7,
                               .holds = true,
                               .lo_ns = 2,
                               .hi_ns = 3,
                               .given_ns = 1,
                               .view = 0x05,
                               .n = 1,
                               .heard = {{1, {0xaa}}}};

    s.signature[0] = 0x51;
    return s;
}

static struct view encoded(const struct time_probe *p)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    time_probe_encode(&w, p);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static enum err decode(struct view in)
{
    static struct time_probe p;

    return time_probe_decode(in, &p);
}

static enum err decode_statement(struct view in)
{
    struct time_statement s;

    return time_statement_decode(in, &s);
}

static void it_has_these_bytes(void **state)
{
    static const char golden_tell[] = "02"
                                      "02"
                                      "01"
                                      "aa000000000000000000000000000000"
                                      "03"
                                      "bb000000000000000000000000000000";
    static const char golden_hear[] = "03"
                                      "01"
                                      "03"
                                      "0700000000000000"
                                      "01"
                                      "0200000000000000"
                                      "0300000000000000"
                                      "0100000000000000"
                                      "05"
                                      "01"
                                      "01"
                                      "aa000000000000000000000000000000"
                                      "51";
    const struct time_probe tell = {
        .step = TIME_TELL, .n = 2, .challenges = {{1, {0xaa}}, {3, {0xbb}}}};
    const struct time_probe hear = {.step = TIME_HEAR, .n = 1, .statements = {statement(3)}};
    const struct time_probe open = {.step = TIME_OPEN};
    uint8_t golden[256];
    struct view v = hex_bytes(golden_tell, golden, sizeof golden);

    (void)state;
    assert_int_equal(FRAME_TIME_PROBE, 0x41);
    assert_true(view_equal(encoded(&tell), v));
    v = hex_bytes(golden_hear, golden, sizeof golden);
    assert_int_equal(encoded(&hear).n, v.n + 63); /* the rest of the signature is zero */
    assert_memory_equal(encoded(&hear).p, v.p, v.n);
    assert_int_equal(encoded(&open).n, 1);
}

static void reads_back_and_nothing_else(void **state)
{
    static struct time_probe p = {.step = TIME_HEAR, .n = 2};
    static struct time_probe out;

    (void)state;
    p.statements[0] = statement(2);
    p.statements[1] = statement(6);
    assert_int_equal(time_probe_decode(encoded(&p), &out), ERR_OK);
    assert_memory_equal(&out.statements[1], &p.statements[1], sizeof out.statements[1]);
    refuses_every_prefix_of(decode, encoded(&p));
    refuses_a_byte_after(decode, encoded(&p));
    (void)survives_every_flip_of(decode, encoded(&p));
    p.statements[1].index = 2; /* does not ascend */
    assert_int_equal(decode(encoded(&p)), ERR_RANGE);
    p = (struct time_probe){.step = 4};
    assert_int_equal(decode(encoded(&p)), ERR_RANGE);
    p = (struct time_probe){
        .step = TIME_TELL, .n = 1, .challenges = {{TIME_PEERS_MAX + 1, {0}}}};
    assert_int_equal(decode(encoded(&p)), ERR_RANGE);
    p.challenges[0].index = 0;
    assert_int_equal(decode(encoded(&p)), ERR_RANGE);
}

static struct view statement_bytes(const struct time_statement *s)
{
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    time_statement_encode(&w, s);
    assert_int_equal(wr_finish(&w, &v), ERR_OK);
    return v;
}

static void refuses_statements_that_make_no_sense(void **state)
{
    struct time_statement s = statement(3);

    (void)state;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_OK);
    s.holds = false; /* and a span */
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
    s = statement(3);
    s.seq = 0;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
    s = statement(3);
    s.lo_ns = 4;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
    s = statement(3);
    s.lo_ns = -1;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
    s = statement(3);
    s.given_ns = -1;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
    s = statement(3);
    s.view = 0x40;
    assert_int_equal(decode_statement(statement_bytes(&s)), ERR_RANGE);
}

static void signs_all_of_it(void **state)
{
    const uint8_t epoch_id[EPOCH_ID_LEN] = {0xe0};
    const struct time_statement s = statement(3);
    struct time_statement full = {.index = 1, .seq = 1, .n = TIME_PEERS_MAX};
    uint8_t out[TIME_SIGNED_MAX];
    const size_t n = time_statement_signed(&s, epoch_id, out);

    (void)state;
    assert_int_equal(n, 15 + EPOCH_ID_LEN + 36 + 17);
    assert_memory_equal(out, "quorate-time-v1\xe0", 16);
    assert_memory_equal(out + 15 + EPOCH_ID_LEN, statement_bytes(&s).p, 36 + 17);
    assert_int_equal(time_statement_signed(&full, epoch_id, out), TIME_SIGNED_MAX);
    assert_ptr_equal(time_statement_heard(&s, 1), &s.heard[0]);
    assert_null(time_statement_heard(&s, 2));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(it_has_these_bytes),
        cmocka_unit_test(reads_back_and_nothing_else),
        cmocka_unit_test(refuses_statements_that_make_no_sense),
        cmocka_unit_test(signs_all_of_it),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
