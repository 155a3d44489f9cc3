#include "journal_fixture.h"

#include "host/log/segment.h"

static struct folder tmp;
static char path[FIXTURE_PATH];

static int setup(void **state)
{
    (void)state;
    folder_make(&tmp);
    folder_segment(&tmp, "", 1, path);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    folder_remove(&tmp);
    return 0;
}

/* A list of n entries from number `from`; the caller frees it. */
static struct journal_entry *list(uint64_t from, size_t n)
{
    struct journal_entry *e = calloc(n, sizeof *e);

    assert_non_null(e);
    for (size_t i = 0; i < n; i++) {
        entry_fill(&e[i], from + i, 1000 + (int64_t)(from + i));
        e[i].next = i + 1 < n ? &e[i + 1] : NULL;
    }
    return e;
}

static void run(struct segment *s, const char *sql)
{
    assert_int_equal(sqlite3_exec(s->db, sql, NULL, NULL, NULL), SQLITE_OK);
}

static void rows_are_as_appended(void **state)
{
    struct segment s;
    struct journal_reader *r = NULL;
    struct journal_row row;
    struct journal_entry *e = list(0, 7);

    (void)state;
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_int_equal(s.rows, 0);
    assert_int_equal(segment_append(&s, e), ERR_OK);
    assert_int_equal(s.rows, 7);
    assert_int_equal(s.newest_ms, 1006);
    assert_int_equal(journal_read_open(path, &r), ERR_OK); /* while it is written */
    for (size_t i = 0; i < 7; i++) {
        assert_int_equal(journal_read_next(r, &row), ERR_OK);
        assert_int_equal(row.seq, i + 1);
        assert_true(row_is_entry(&row, &e[i]));
    }
    for (int again = 0; again < 2; again++) {
        assert_int_equal(journal_read_next(r, &row), ERR_OK);
        assert_int_equal(row.seq, 0);
    }
    journal_read_close(r);
    segment_close(&s);
    free(e);
}

static void goes_on_after_a_restart(void **state)
{
    struct segment s;
    struct journal_entry *e = list(0, 3);

    (void)state;
    for (uint64_t round = 1; round <= 3; round++) {
        assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_NORMAL, &s), ERR_OK);
        assert_int_equal(s.rows, (round - 1) * 3);
        assert_int_equal(segment_append(&s, e), ERR_OK);
        segment_close(&s);
    }
    assert_int_equal(segment_tally(path, NULL, 0), 9);
    free(e);
}

static void sealed_is_one_file_that_a_read_only_folder_can_hold(void **state)
{
    struct segment s;
    struct journal_entry *e = list(0, 3);
    char wal[FIXTURE_PATH + 4];

    (void)state;
    (void)snprintf(wal, sizeof wal, "%s-wal", path);
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_int_equal(segment_append(&s, e), ERR_OK);
    assert_true(folder_has(wal));
    assert_int_equal(segment_seal(&s), ERR_OK);
    assert_false(folder_has(wal));
    assert_int_equal(chmod(tmp.dir, 0500), 0);
    assert_int_equal(segment_tally(path, NULL, 0), 3);
    assert_int_equal(chmod(tmp.dir, 0700), 0);
    assert_int_equal(segment_open(path, SEGMENT_LOOK, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_true(s.sealed && s.rows == 3 && s.newest_ms == 1002);
    segment_close(&s);
    free(e);
}

static void a_reader_puts_sealing_off(void **state)
{
    struct segment s;
    struct journal_reader *r = NULL;
    struct journal_row row;
    struct journal_entry *e = list(0, 3);

    (void)state;
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_int_equal(segment_append(&s, e), ERR_OK);
    assert_int_equal(journal_read_open(path, &r), ERR_OK);
    assert_int_equal(journal_read_next(r, &row), ERR_OK);
    assert_int_equal(segment_seal(&s), ERR_IO);
    assert_null(s.db);
    assert_int_equal(journal_read_next(r, &row), ERR_OK);
    assert_int_equal(row.seq, 2);
    journal_read_close(r);
    assert_int_equal(segment_open(path, SEGMENT_LOOK, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_true(!s.sealed && s.rows == 3);
    assert_int_equal(segment_seal(&s), ERR_OK);
    free(e);
}

static void full_records_nothing_of_the_batch(void **state)
{
    struct segment s;
    struct journal_entry *some = list(0, 5);
    struct journal_entry *many = list(5, 5000);
    uint8_t seen[8] = {0};

    (void)state;
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
    assert_int_equal(segment_append(&s, some), ERR_OK);
    run(&s, "PRAGMA max_page_count = 4");
    assert_int_equal(segment_append(&s, many), ERR_NOSPACE);
    assert_int_equal(s.rows, 5);
    assert_int_equal(segment_tally(path, seen, sizeof seen), 5);
    /* It goes on as soon as there is space. */
    run(&s, "PRAGMA max_page_count = 100000");
    assert_int_equal(segment_probe(&s), ERR_OK);
    assert_int_equal(segment_append(&s, many), ERR_OK);
    assert_int_equal(s.rows, 5005);
    segment_close(&s);
    assert_int_equal(segment_tally(path, NULL, 0), 5005);
    free(some);
    free(many);
}

static void refuses_what_is_no_segment(void **state)
{
    struct segment s;
    struct journal_reader *r = NULL;
    sqlite3 *db = NULL;
    FILE *f = fopen(path, "w");

    (void)state;
    assert_non_null(f);
    for (int i = 0; i < 512; i++) {
        assert_true(fputs("not a database, ", f) >= 0);
    }
    assert_int_equal(fclose(f), 0);
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_IO);
    assert_null(s.db);
    assert_int_equal(journal_read_open(path, &r), ERR_IO);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(segment_open(path, SEGMENT_LOOK, JOURNAL_SYNC_FULL, &s), ERR_IO);
    assert_int_equal(journal_read_open(path, &r), ERR_IO);
    assert_null(r);
    /* Somebody else's database. */
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "CREATE TABLE t (a)", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_IO);
    assert_int_equal(journal_read_open(path, &r), ERR_IO);
}

static void refuses_another_version(void **state)
{
    struct segment s;
    struct journal_reader *r = NULL;

    (void)state;
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
    run(&s, "PRAGMA user_version = 2");
    segment_close(&s);
    assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_VERSION);
    assert_int_equal(journal_read_open(path, &r), ERR_VERSION);
}

/* Each row: a statement that makes the one row wrong; the reader must refuse it. */
static void reader_refuses_rows_that_no_journal_writes(void **state)
{
    static const char *const damage[] = {
        "UPDATE token SET serial_number = x'01'",
        "UPDATE token SET hash_alg = 7",
        "UPDATE token SET hash_alg = 0",
        "UPDATE token SET hash_alg = 257",
        "UPDATE token SET hashed_message = x''",
        "UPDATE token SET policy = x''",
        "UPDATE token SET policy = zeroblob(33)",
        "UPDATE token SET profile = 0",
        "UPDATE token SET token_hash = zeroblob(31)",
        "UPDATE token SET seq = -1",
    };

    (void)state;
    for (size_t i = 0; i < sizeof damage / sizeof damage[0]; i++) {
        struct segment s;
        struct journal_reader *r = NULL;
        struct journal_row row;
        const struct journal_row zero = {0};
        struct journal_entry *e = list(0, 1);

        (void)unlink(path);
        assert_int_equal(segment_open(path, SEGMENT_WRITE, JOURNAL_SYNC_FULL, &s), ERR_OK);
        assert_int_equal(segment_append(&s, e), ERR_OK);
        run(&s, damage[i]);
        segment_close(&s);
        assert_int_equal(journal_read_open(path, &r), ERR_OK);
        assert_int_equal(journal_read_next(r, &row), ERR_RANGE);
        assert_memory_equal(&row, &zero, sizeof row);
        journal_read_close(r);
        free(e);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(rows_are_as_appended, setup, teardown),
        cmocka_unit_test_setup_teardown(goes_on_after_a_restart, setup, teardown),
        cmocka_unit_test_setup_teardown(sealed_is_one_file_that_a_read_only_folder_can_hold,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(a_reader_puts_sealing_off, setup, teardown),
        cmocka_unit_test_setup_teardown(full_records_nothing_of_the_batch, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_what_is_no_segment, setup, teardown),
        cmocka_unit_test_setup_teardown(refuses_another_version, setup, teardown),
        cmocka_unit_test_setup_teardown(reader_refuses_rows_that_no_journal_writes, setup,
                                        teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
