/* Tables of certificates as a host writes them, and as one that means harm does. */
#include "snp_kit.h"

#include "attest/snp_table.h"

#define TABLE_LEN 1024

static const char *const guids[] = {
    "\x63\xda\x75\x8d\xe6\x64\x45\x64\xad\xc5\xf4\xb9\x3b\xe8\xac\xcd",
    "\xa8\x07\x4b\xc2\xa2\x5a\x48\x3e\xaa\xe6\x39\xc0\x45\xa0\xb8\xa1",
    "\x4a\xb7\xb3\x79\xbb\xac\x4f\xe4\xa0\x2f\x05\xae\xf3\x27\xc7\x82",
    "\xc0\xb4\x06\xa4\xa8\x03\x49\x52\x97\x43\x3f\xb6\x01\x4c\xd0\xae",
    "\x92\xf8\x1b\xc3\x58\x11\x4d\x3d\x97\xff\xd1\x9f\x88\xdc\x67\xea",
    "\xec\xae\x0c\x0f\x95\x02\x43\xb1\xaf\xa2\x0a\xe2\xe0\xd5\x65\xb6", /* Google's own */
};

struct row {
    const char *guid;
    uint32_t offset, length;
};

/* Rows, the row of zeros, then TABLE_LEN bytes in all. */
static struct view table(const struct row *rows, size_t n, uint8_t out[TABLE_LEN])
{
    struct writer w = wr_init(out, TABLE_LEN);

    memset(out, 0, TABLE_LEN);
    for (size_t i = 0; i < n; i++) {
        wr_bytes(&w, rows[i].guid, 16);
        wr_u32le(&w, rows[i].offset);
        wr_u32le(&w, rows[i].length);
    }
    assert_false(w.full);
    snp_kit_fill(out + 512, TABLE_LEN - 512, 1);
    return (struct view){out, TABLE_LEN};
}

static enum attest_fault parse(struct view in, struct snp_table *out)
{
    static const struct snp_table zero;
    uint8_t *copy = malloc(in.n > 0 ? in.n : 1);
    enum attest_fault f = ATTEST_OK;

    assert_non_null(copy);
    memcpy(copy, in.p, in.n);
    f = snp_table_parse((struct view){copy, in.n}, out);
    if (f != ATTEST_OK) {
        assert_memory_equal(out, &zero, sizeof zero);
    }
    free(copy);
    return f;
}

static void entries_go_to_their_place(void **state)
{
    const struct row rows[] = {{guids[4], 512, 10}, {guids[5], 522, 8},  {guids[0], 530, 20},
                               {guids[2], 550, 30}, {guids[1], 580, 40}, {guids[3], 620, 50}};
    uint8_t buf[TABLE_LEN];
    const struct view in = table(rows, 6, buf);
    struct snp_table t;

    (void)state;
    assert_int_equal(snp_table_parse(in, &t), ATTEST_OK);
    assert_true(t.crl.p == buf + 512 && t.crl.n == 10);
    assert_true(t.vcek.p == buf + 530 && t.vcek.n == 20);
    assert_true(t.ask.p == buf + 550 && t.ask.n == 30);
    assert_true(t.vlek.p == buf + 580 && t.vlek.n == 40);
    assert_true(t.ark.p == buf + 620 && t.ark.n == 50);
    for (size_t n = 0; n < 670; n++) { /* up to the last byte that is named */
        assert_int_equal(parse((struct view){buf, n}, &t),
                         n < (size_t)7 * 24 ? ATTEST_TABLE_END : ATTEST_TABLE_RANGE);
    }
    assert_int_equal(parse((struct view){buf, 670}, &t), ATTEST_OK);
    assert_int_equal(parse(table(rows, 0, buf), &t), ATTEST_OK);
    assert_true(t.vcek.n == 0 && t.vcek.p == NULL);
}

static enum attest_fault one(uint32_t offset, uint32_t length)
{
    const struct row row = {guids[0], offset, length};
    uint8_t buf[TABLE_LEN];
    struct snp_table t;

    return parse(table(&row, 1, buf), &t);
}

static void bounds_are_held(void **state)
{
    (void)state;
    assert_int_equal(one(48, TABLE_LEN - 48), ATTEST_OK);
    assert_int_equal(one(47, 10), ATTEST_TABLE_RANGE); /* in the head */
    assert_int_equal(one(0, 10), ATTEST_TABLE_RANGE);
    assert_int_equal(one(0, 0), ATTEST_TABLE_RANGE); /* no end: it has a GUID */
    assert_int_equal(one(48, TABLE_LEN - 47), ATTEST_TABLE_RANGE);
    assert_int_equal(one(TABLE_LEN - 1, 1), ATTEST_OK);
    assert_int_equal(one(TABLE_LEN, 1), ATTEST_TABLE_RANGE);
    assert_int_equal(one(512, 0), ATTEST_TABLE_RANGE);
    assert_int_equal(one(512, UINT32_MAX), ATTEST_TABLE_RANGE);
    assert_int_equal(one(512, UINT32_MAX - 500), ATTEST_TABLE_RANGE); /* 11 in 32 bits */
    assert_int_equal(one(UINT32_MAX, 1), ATTEST_TABLE_RANGE);
}

static void entries_share_nothing(void **state)
{
    uint8_t buf[TABLE_LEN];
    struct snp_table t;

    (void)state;
    for (uint32_t b = 500; b < 540; b++) {
        for (uint32_t n = 1; n < 30; n += 7) {
            const struct row rows[] = {{guids[0], 512, 10}, {guids[3], b, n}};

            assert_int_equal(parse(table(rows, 2, buf), &t),
                             b < 522 && b + n > 512 ? ATTEST_TABLE_OVERLAP : ATTEST_OK);
        }
    }
    for (size_t i = 0; i < 6; i++) {
        const struct row rows[] = {{guids[i], 512, 10}, {guids[i], 600, 10}};

        assert_int_equal(parse(table(rows, 2, buf), &t), ATTEST_TABLE_TWICE);
    }
}

static void tables_are_short(void **state)
{
    static uint8_t big[SNP_TABLE_MAX + 1];
    char other[SNP_TABLE_ENTRIES_MAX + 1][16];
    struct row rows[SNP_TABLE_ENTRIES_MAX + 1];
    uint8_t buf[TABLE_LEN];
    struct snp_table t;

    (void)state;
    for (uint32_t i = 0; i <= SNP_TABLE_ENTRIES_MAX; i++) {
        memset(other[i], (int)i + 1, sizeof other[i]);
        rows[i] = (struct row){other[i], 512 + i, 1};
    }
    assert_int_equal(parse(table(rows, SNP_TABLE_ENTRIES_MAX, buf), &t), ATTEST_OK);
    assert_int_equal(parse(table(rows, SNP_TABLE_ENTRIES_MAX + 1, buf), &t),
                     ATTEST_TABLE_ENTRIES);
    assert_int_equal(parse((struct view){big, SNP_TABLE_MAX}, &t), ATTEST_OK);
    assert_int_equal(parse((struct view){big, SNP_TABLE_MAX + 1}, &t), ATTEST_TABLE_SIZE);
}

/* Half an entry of zeros is an entry. */
static void the_end_is_all_zero(void **state)
{
    static const char zeros[16];
    const struct row offset = {zeros, 512, 0};
    const struct row length = {zeros, 0, 5};
    uint8_t buf[TABLE_LEN];
    struct snp_table t;

    (void)state;
    assert_int_equal(parse(table(&offset, 1, buf), &t), ATTEST_TABLE_RANGE);
    assert_int_equal(parse(table(&length, 1, buf), &t), ATTEST_TABLE_RANGE);
    memset(buf, 1, sizeof buf);
    assert_int_equal(parse((struct view){buf, 16 * 24 + 23}, &t), ATTEST_TABLE_END);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entries_go_to_their_place), cmocka_unit_test(bounds_are_held),
        cmocka_unit_test(entries_share_nothing),     cmocka_unit_test(tables_are_short),
        cmocka_unit_test(the_end_is_all_zero),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
