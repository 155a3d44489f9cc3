#include "testing.h"

#include "base/bytes.h"

#include <string.h>

static const uint8_t in[] = {1, 2, 3, 4, 5, 6, 7, 0x88};

static struct reader reader_of(size_t n)
{
    return rd_init((struct view){in, n});
}

static void views_are_equal_by_content(void **state)
{
    static const uint8_t same[] = {1, 2, 3};

    (void)state;
    assert_true(view_equal((struct view){in, 3}, (struct view){same, 3}));
    assert_false(view_equal((struct view){in, 3}, (struct view){same, 2}));
    assert_false(view_equal((struct view){in + 1, 2}, (struct view){same, 2}));
    assert_true(view_equal((struct view){NULL, 0}, (struct view){in, 0}));
    assert_false(view_equal((struct view){NULL, 0}, (struct view){in, 1}));
}

static void take_shrinks_from_the_front(void **state)
{
    struct reader r = reader_of(5);
    struct view v;

    (void)state;
    assert_int_equal(rd_take(&r, 2, &v), ERR_OK);
    assert_true(v.p == in && v.n == 2 && r.n == 3);
    assert_int_equal(rd_take(&r, 0, &v), ERR_OK);
    assert_true(v.n == 0 && r.n == 3);
    assert_int_equal(rd_finish(&r), ERR_TRAILING);
    assert_int_equal(rd_take(&r, 3, &v), ERR_OK);
    assert_int_equal(rd_finish(&r), ERR_OK);
    assert_int_equal(rd_take(&r, 0, &v), ERR_OK);
    assert_int_equal(rd_take(&r, 1, &v), ERR_TRUNCATED);
}

static void a_failed_read_empties_the_reader(void **state)
{
    struct reader r = reader_of(3);
    struct view v = {in, 7};
    uint8_t u8 = 9;

    (void)state;
    assert_int_equal(rd_take(&r, 4, &v), ERR_TRUNCATED);
    assert_true(v.p == NULL && v.n == 0 && r.p == NULL && r.n == 0);
    assert_int_equal(rd_u8(&r, &u8), ERR_TRUNCATED); /* a forgotten check cannot read on */
    assert_int_equal(u8, 0);
    r = reader_of(3);
    assert_int_equal(rd_take(&r, SIZE_MAX, &v), ERR_TRUNCATED);
}

static void integers_are_little_endian(void **state)
{
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    int64_t i64 = 0;
    struct reader r = reader_of(8);

    (void)state;
    assert_int_equal(rd_u8(&r, &u8), ERR_OK);
    assert_int_equal(u8, 1);
    assert_int_equal(rd_u16le(&r, &u16), ERR_OK);
    assert_int_equal(u16, 0x0302);
    assert_int_equal(rd_u32le(&r, &u32), ERR_OK);
    assert_int_equal(u32, 0x07060504);
    r = reader_of(8);
    assert_int_equal(rd_u64le(&r, &u64), ERR_OK);
    assert_true(u64 == UINT64_C(0x8807060504030201));
    r = reader_of(8);
    assert_int_equal(rd_i64le(&r, &i64), ERR_OK);
    assert_true((uint64_t)i64 == u64 && i64 < 0);
}

static void short_integers_are_zero(void **state)
{
    (void)state;
    for (size_t n = 0; n < 8; n++) {
        uint8_t u8 = 9;
        uint16_t u16 = 9;
        uint32_t u32 = 9;
        uint64_t u64 = 9;
        int64_t i64 = 9;
        struct reader r = reader_of(n);

        assert_int_equal(rd_u64le(&r, &u64), ERR_TRUNCATED);
        r = reader_of(n);
        assert_int_equal(rd_i64le(&r, &i64), ERR_TRUNCATED);
        assert_true(u64 == 0 && i64 == 0 && r.n == 0);
        r = reader_of(n);
        assert_int_equal(rd_u32le(&r, &u32), n < 4 ? ERR_TRUNCATED : ERR_OK);
        assert_true(n >= 4 || u32 == 0);
        r = reader_of(n);
        assert_int_equal(rd_u16le(&r, &u16), n < 2 ? ERR_TRUNCATED : ERR_OK);
        assert_true(n >= 2 || u16 == 0);
        r = reader_of(n);
        assert_int_equal(rd_u64be(&r, &u64), ERR_TRUNCATED);
        r = reader_of(n);
        assert_int_equal(rd_u32be(&r, &u32), n < 4 ? ERR_TRUNCATED : ERR_OK);
        r = reader_of(n);
        assert_int_equal(rd_u16be(&r, &u16), n < 2 ? ERR_TRUNCATED : ERR_OK);
        assert_true((n >= 4 || u32 == 0) && (n >= 2 || u16 == 0) && u64 == 0);
        r = reader_of(n);
        assert_int_equal(rd_u8(&r, &u8), n < 1 ? ERR_TRUNCATED : ERR_OK);
        assert_true(n >= 1 || u8 == 0);
    }
}

static void copy_leaves_out_untouched_on_failure(void **state)
{
    uint8_t out[4] = {9, 9, 9, 9};
    struct reader r = reader_of(3);

    (void)state;
    assert_int_equal(rd_copy(&r, out, 4), ERR_TRUNCATED);
    assert_int_equal(out[0], 9);
    r = reader_of(3);
    assert_int_equal(rd_copy(&r, out, 3), ERR_OK);
    assert_memory_equal(out, "\1\2\3\11", 4);
    assert_int_equal(rd_copy(&r, NULL, 0), ERR_OK);
}

static void writes_what_is_read(void **state)
{
    uint8_t buf[64];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;
    struct reader r;
    uint8_t u8 = 0;
    uint16_t u16 = 0;
    uint32_t u32 = 0;
    uint64_t u64 = 0;
    int64_t i64 = 0;
    struct view v;

    (void)state;
    wr_u8(&w, 0xfe);
    wr_u16le(&w, 0xfedc);
    wr_u32le(&w, 0xfedcba98);
    wr_u64le(&w, UINT64_C(0xfedcba9876543210));
    wr_i64le(&w, INT64_MIN);
    wr_u32be(&w, 0x01020304);
    wr_u16be(&w, 0xfedc);
    wr_u64be(&w, UINT64_C(0xfedcba9876543210));
    wr_view(&w, (struct view){NULL, 0});
    wr_view(&w, (struct view){in, 2});
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    r = rd_init(out);
    assert_int_equal(rd_u8(&r, &u8), ERR_OK);
    assert_int_equal(rd_u16le(&r, &u16), ERR_OK);
    assert_int_equal(rd_u32le(&r, &u32), ERR_OK);
    assert_int_equal(rd_u64le(&r, &u64), ERR_OK);
    assert_int_equal(rd_i64le(&r, &i64), ERR_OK);
    assert_true(u8 == 0xfe && u16 == 0xfedc && u32 == 0xfedcba98);
    assert_true(u64 == UINT64_C(0xfedcba9876543210) && i64 == INT64_MIN);
    assert_memory_equal(r.p, "\1\2\3\4\376\334\376\334\272", 9);
    assert_int_equal(rd_u32be(&r, &u32), ERR_OK);
    assert_int_equal(rd_u16be(&r, &u16), ERR_OK);
    assert_int_equal(rd_u64be(&r, &u64), ERR_OK);
    assert_true(u32 == 0x01020304 && u16 == 0xfedc && u64 == UINT64_C(0xfedcba9876543210));
    assert_int_equal(rd_take(&r, 2, &v), ERR_OK);
    assert_memory_equal(v.p, "\1\2", 2);
    assert_int_equal(rd_finish(&r), ERR_OK);
}

static void insert_moves_the_rest_up(void **state)
{
    uint8_t buf[8];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    (void)state;
    wr_bytes(&w, "ad", 2);
    wr_insert(&w, 1, "bc", 2);
    wr_insert(&w, 0, "x", 1);
    wr_insert(&w, 5, "yz", 2);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_true(view_equal(out, (struct view){(const uint8_t *)"xabcdyz", 7}));
    wr_insert(&w, 8, "?", 1); /* beyond what is written */
    assert_true(w.full);
    w = wr_init(buf, 2);
    wr_bytes(&w, "ab", 2);
    wr_insert(&w, 0, "c", 1);
    assert_true(w.full);
}

static void patch_stays_inside(void **state)
{
    uint8_t buf[8] = {0};
    struct writer w = wr_init(buf, sizeof buf);

    (void)state;
    wr_bytes(&w, "abcdef", 6);
    wr_patch_u32le(&w, 2, 0x04030201);
    assert_false(w.full);
    assert_memory_equal(buf, "ab\1\2\3\4", 6);
    wr_patch_u32le(&w, 3, 0);
    assert_true(w.full);
    w = wr_init(buf, sizeof buf);
    wr_bytes(&w, "abc", 3);
    wr_patch_u32le(&w, 0, 0);
    assert_true(w.full);
    w = wr_init(buf, sizeof buf);
    wr_bytes(&w, "abcd", 4);
    wr_patch_u32le(&w, SIZE_MAX, 0);
    assert_true(w.full);
}

static void overflow_is_sticky_and_zeroes(void **state)
{
    uint8_t buf[4] = {9, 9, 9, 9};
    struct writer w = wr_init(buf, sizeof buf);
    struct view out = {in, 1};

    (void)state;
    wr_bytes(&w, "abc", 3);
    wr_bytes(&w, "de", 2); /* does not fit */
    wr_u8(&w, 'f');        /* would fit, but what was lost stays lost */
    assert_true(w.full);
    assert_int_equal(wr_finish(&w, &out), ERR_NOSPACE);
    assert_true(out.p == NULL && out.n == 0);
    assert_memory_equal(buf, "\0\0\0\0", 4);
}

static void a_full_buffer_is_no_overflow(void **state)
{
    uint8_t buf[4];
    struct writer w = wr_init(buf, sizeof buf);
    struct view out;

    (void)state;
    wr_u32le(&w, 1);
    wr_bytes(&w, NULL, 0);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, 4);
    w = wr_init(buf, 0);
    assert_int_equal(wr_finish(&w, &out), ERR_OK);
    assert_int_equal(out.n, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(views_are_equal_by_content),
        cmocka_unit_test(take_shrinks_from_the_front),
        cmocka_unit_test(a_failed_read_empties_the_reader),
        cmocka_unit_test(integers_are_little_endian),
        cmocka_unit_test(short_integers_are_zero),
        cmocka_unit_test(copy_leaves_out_untouched_on_failure),
        cmocka_unit_test(writes_what_is_read),
        cmocka_unit_test(insert_moves_the_rest_up),
        cmocka_unit_test(patch_stays_inside),
        cmocka_unit_test(overflow_is_sticky_and_zeroes),
        cmocka_unit_test(a_full_buffer_is_no_overflow),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
