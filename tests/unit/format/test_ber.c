#include "parser_cases.h"

#include "format/ber.h"

static enum err rewrite(struct view in)
{
    uint8_t out[4096];
    struct view der = {out, 1};
    uint32_t flaws = 99;
    const enum err e = ber_to_der(in, out, sizeof out, &der, &flaws);

    if (e != ERR_OK) {
        assert_true(der.n == 0 && flaws == 0);
    } else {
        assert_true((flaws & ~(uint32_t)(BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED)) == 0);
        assert_true((flaws == 0) == (der.p == in.p));
    }
    return e;
}

static void rewrites_each_form(void **state)
{
    static const struct {
        const char *ber, *der;
        uint32_t flaws;
    } rows[] = {
        {"0500", "0500", 0},
        {"3000", "3000", 0},
        {"30030401aa", "30030401aa", 0},
        {"30800000", "3000", BER_FLAW_LENGTH},
        {"30800401010000", "3003040101", BER_FLAW_LENGTH},
        {"3080308000000401010000", "30053000040101", BER_FLAW_LENGTH},
        {"308081000000", "30028100", BER_FLAW_LENGTH},
        {"308103040101", "3003040101", BER_FLAW_LENGTH},
        {"3083000003040101", "3003040101", BER_FLAW_LENGTH},
        {"04820001aa", "0401aa", BER_FLAW_LENGTH},
        {"24060401aa0401bb", "0402aabb", BER_FLAW_CONSTRUCTED},
        {"2400", "0400", BER_FLAW_CONSTRUCTED},
        {"24800401aa0401bb0000", "0402aabb", BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED},
        {"248024800401aa00000402bbcc0000", "0403aabbcc",
         BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED},
        {"a080248004013004013100000000", "a00404023031",
         BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED},
        {"2c06040141040142", "0c024142", BER_FLAW_CONSTRUCTED},
        {"3806040141040142", "18024142", BER_FLAW_CONSTRUCTED},
        {"040430800000", "040430800000", 0}, /* contents are not looked into */
        {"300424800000", "30020400", BER_FLAW_LENGTH | BER_FLAW_CONSTRUCTED},
        {"a1803080a280000000000000", "a1043002a200", BER_FLAW_LENGTH},
    };

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t in[32];
        uint8_t want[32];
        uint8_t out[BER_ROOM(32)];
        struct view der;
        uint32_t flaws = 0;

        assert_int_equal(
            ber_to_der(hex_bytes(rows[i].ber, in, sizeof in), out, sizeof out, &der, &flaws),
            ERR_OK);
        assert_true(view_equal(der, hex_bytes(rows[i].der, want, sizeof want)));
        assert_int_equal(flaws, rows[i].flaws);
    }
}

static void refuses_what_is_not_ber(void **state)
{
    static const struct {
        const char *ber;
        enum err want;
    } rows[] = {
        {"", ERR_TRUNCATED},
        {"30", ERR_TRUNCATED},
        {"3081", ERR_TRUNCATED},
        {"3080", ERR_TRUNCATED},
        {"308000", ERR_TRUNCATED},
        {"30020401aa", ERR_TRUNCATED},     /* runs over its parent */
        {"300230800000", ERR_TRUNCATED},   /* so does this one's end */
        {"30830401aa0000", ERR_TRUNCATED}, /* a length of 0x0401aa */
        {"04ff", ERR_ENCODING},
        {"0480aa0000", ERR_ENCODING},
        {"0000", ERR_TAG},
        {"30020000", ERR_TAG}, /* end-of-contents in a definite element */
        {"3080000100", ERR_TAG},
        {"308000810000", ERR_TAG}, /* not the two zero bytes of it */
        {"1f010101aa", ERR_TAG},
        {"24030201aa", ERR_TAG}, /* an INTEGER as a piece of an OCTET STRING */
        {"2c030c0141", ERR_TAG}, /* pieces are OCTET STRINGs, X.690 8.23 */
        {"2304030200aa", ERR_ENCODING},
        {"2203020101", ERR_ENCODING},
        {"2600", ERR_ENCODING},
        {"050005", ERR_TRAILING},
        {"308000000000", ERR_TRAILING},
        {"04897fffffffffffffffff", ERR_TRUNCATED},
        {"0488ffffffffffffffff", ERR_TRUNCATED},
    };
    uint8_t in[32];

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct view v = hex_bytes(rows[i].ber, in, sizeof in);

        assert_int_equal(parse_copy(rewrite, v.p, v.n), rows[i].want);
    }
}

static void depth_is_bounded(void **state)
{
    uint8_t in[4 * (BER_DEPTH_MAX + 1)];

    (void)state;
    for (size_t depth = 1; depth <= BER_DEPTH_MAX + 1; depth++) {
        struct writer w = wr_init(in, sizeof in);
        struct view v;

        for (size_t i = 0; i < depth; i++) {
            wr_bytes(&w, "\x30\x80", 2);
        }
        for (size_t i = 0; i < depth; i++) {
            wr_bytes(&w, "\x00\x00", 2);
        }
        assert_int_equal(wr_finish(&w, &v), ERR_OK);
        assert_int_equal(parse_copy(rewrite, v.p, v.n),
                         depth <= BER_DEPTH_MAX ? ERR_OK : ERR_RANGE);
    }
}

static void size_is_bounded(void **state)
{
    uint8_t *in = calloc(1, BER_SIZE_MAX + 1);
    uint8_t *out = malloc(BER_ROOM(BER_SIZE_MAX));
    struct view der;
    uint32_t flaws = 0;

    (void)state;
    assert_true(in != NULL && out != NULL);
    memcpy(in, "\x30\x80\x04\x83\x0f\xff\xf7", 7); /* leaves two bytes */
    assert_int_equal(
        ber_to_der((struct view){in, BER_SIZE_MAX}, out, BER_ROOM(BER_SIZE_MAX), &der, &flaws),
        ERR_OK);
    assert_true(der.n ==
                BER_SIZE_MAX + 1); /* 5 bytes of header instead of 4 of header and end */
    assert_int_equal(
        ber_to_der((struct view){in, BER_SIZE_MAX}, out, BER_SIZE_MAX, &der, &flaws),
        ERR_NOSPACE);
    assert_true(der.n == 0 && flaws == 0);
    assert_int_equal(ber_to_der((struct view){in, BER_SIZE_MAX + 1}, out,
                                BER_ROOM(BER_SIZE_MAX), &der, &flaws),
                     ERR_RANGE);
    free(in);
    free(out);
}

/* Indefinite lengths as deep as they go around 64 KiB: the room that the header promises is
 * enough. */
static void the_promised_room_is_enough(void **state)
{
    const size_t body = 65536;
    const size_t n = body + 5 + (size_t)4 * (BER_DEPTH_MAX);
    uint8_t *in = calloc(1, n);
    uint8_t *out = malloc(BER_ROOM(n));
    struct writer w = wr_init(in, n);
    struct view der;
    uint32_t flaws = 0;

    (void)state;
    assert_true(in != NULL && out != NULL);
    for (size_t i = 0; i < BER_DEPTH_MAX; i++) {
        wr_bytes(&w, "\x30\x80", 2);
    }
    wr_bytes(&w, "\x04\x83\x01\x00\x00", 5);
    assert_int_equal(ber_to_der((struct view){in, n}, out, BER_ROOM(n), &der, &flaws), ERR_OK);
    assert_true(der.n == n + BER_DEPTH_MAX);
    free(in);
    free(out);
}

static void what_needs_no_change_needs_no_room(void **state)
{
    static const uint8_t in[] = {0x30, 0x03, 0x04, 0x01, 0xaa};
    uint8_t out[1];
    struct view der;
    uint32_t flaws = 1;

    (void)state;
    assert_int_equal(ber_to_der((struct view){in, sizeof in}, out, 0, &der, &flaws), ERR_OK);
    assert_true(der.p == in && der.n == sizeof in && flaws == 0);
}

static void prefixes_and_flips(void **state)
{
    uint8_t buf[64];
    const struct view in =
        hex_bytes("3080a0802480040130248004013100000000000006022a03308103020101"
                  "00000000",
                  buf, sizeof buf);

    (void)state;
    assert_int_equal(rewrite((struct view){in.p, in.n - 2}), ERR_OK);
    refuses_every_prefix_of(rewrite, (struct view){in.p, in.n - 2});
    refuses_a_byte_after(rewrite, (struct view){in.p, in.n - 2});
    (void)survives_every_flip_of(rewrite, in);
}

static void flaws_have_names(void **state)
{
    uint32_t all = 0;

    (void)state;
    for (uint32_t bit = 1; bit <= BER_FLAW_ALL; bit <<= 1) {
        assert_string_not_equal(ber_flaw_name((enum ber_flaw)bit), "unknown");
        all |= bit;
    }
    assert_int_equal(all, BER_FLAW_ALL);
    assert_string_equal(ber_flaw_name((enum ber_flaw)0x100), "unknown");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rewrites_each_form),
        cmocka_unit_test(refuses_what_is_not_ber),
        cmocka_unit_test(depth_is_bounded),
        cmocka_unit_test(size_is_bounded),
        cmocka_unit_test(the_promised_room_is_enough),
        cmocka_unit_test(what_needs_no_change_needs_no_room),
        cmocka_unit_test(prefixes_and_flips),
        cmocka_unit_test(flaws_have_names),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
