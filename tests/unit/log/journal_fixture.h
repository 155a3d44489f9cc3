/* journal_fixture.h - a temporary folder, numbered entries, and what a journal holds of them.
 */
#ifndef TESTS_JOURNAL_FIXTURE_H
#define TESTS_JOURNAL_FIXTURE_H

#include "testing.h"

#include "host/log/journal.h"
#include "host/log/journal_read.h"
#include "host/log/journal_rule.h"

#include <dirent.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FIXTURE_PATH 512

struct folder {
    char dir[128];
};

static inline void folder_make(struct folder *f)
{
    const char *base = getenv("TMPDIR");

    (void)snprintf(f->dir, sizeof f->dir, "%s/quorate-journal-XXXXXX",
                   base != NULL && strlen(base) < 64 ? base : "/tmp");
    assert_non_null(mkdtemp(f->dir));
}

static inline void folder_empty(const char *path)
{
    DIR *d = opendir(path);
    const struct dirent *e = NULL;

    if (d == NULL) {
        return;
    }
    while ((e = readdir(d)) != NULL) {
        char file[FIXTURE_PATH + 256];

        (void)snprintf(file, sizeof file, "%s/%s", path, e->d_name);
        (void)unlink(file);
    }
    (void)closedir(d);
}

static inline void folder_remove(const struct folder *f)
{
    char sub[FIXTURE_PATH];

    (void)snprintf(sub, sizeof sub, "%s/exported", f->dir);
    folder_empty(sub);
    (void)rmdir(sub);
    folder_empty(f->dir);
    (void)rmdir(f->dir);
}

static inline void folder_segment(const struct folder *f, const char *sub, uint32_t number,
                                  char out[FIXTURE_PATH])
{
    char name[JOURNAL_NAME_LEN];

    journal_segment_name(number, name);
    (void)snprintf(out, FIXTURE_PATH, "%s%s/%s", f->dir, sub, name);
}

static inline bool folder_has(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0;
}

static inline struct journal_config folder_config(const struct folder *f)
{
    return (struct journal_config){
        .dir = f->dir,
        .sync = JOURNAL_SYNC_NORMAL,
        .segment_rows = 1000000,
        .max_rows = 10000000,
        .max_age_s = 365 * 86400ULL,
    };
}

/* Entry number i, in its serial number. Every field depends on i. */
static inline void entry_fill(struct journal_entry *e, uint64_t i, int64_t gen_time_ms)
{
    memset(e, 0, sizeof *e);
    e->serial_number[0] = 0x41;
    memcpy(e->serial_number + STAMP_SERIAL_LEN - sizeof i, &i, sizeof i);
    e->gen_time_ms = gen_time_ms;
    e->hash_alg = (uint8_t)(HASH_SHA256 + i % 3);
    memset(e->hashed_message, (int)(i & 0xff), hash_len((enum hash_alg)e->hash_alg));
    memcpy(e->policy_oid, "\x2b\x06\x01\x04", 4);
    e->policy_oid_len = 4;
    e->profile = JOURNAL_CLASSIC;
    memset(e->token_hash, (int)(~i & 0xff), sizeof e->token_hash);
}

static inline uint64_t row_number(const struct journal_row *row)
{
    uint64_t i = 0;

    memcpy(&i, row->serial_number + STAMP_SERIAL_LEN - sizeof i, sizeof i);
    return i;
}

static inline bool row_is_entry(const struct journal_row *row, const struct journal_entry *e)
{
    return memcmp(row->serial_number, e->serial_number, sizeof row->serial_number) == 0 &&
           row->gen_time_ms == e->gen_time_ms && row->hash_alg == e->hash_alg &&
           memcmp(row->hashed_message, e->hashed_message, sizeof row->hashed_message) == 0 &&
           row->policy_oid_len == e->policy_oid_len &&
           memcmp(row->policy_oid, e->policy_oid, e->policy_oid_len) == 0 &&
           row->profile == e->profile &&
           memcmp(row->token_hash, e->token_hash, sizeof row->token_hash) == 0;
}

/* Adds to seen[] (n of them) how often each entry stands in the segment; gives its rows. */
static inline uint64_t segment_tally(const char *path, uint8_t *seen, size_t n)
{
    struct journal_reader *r = NULL;
    struct journal_row row;
    uint64_t rows = 0;

    assert_int_equal(journal_read_open(path, &r), ERR_OK);
    for (;;) {
        assert_int_equal(journal_read_next(r, &row), ERR_OK);
        if (row.seq == 0) {
            break;
        }
        rows++;
        assert_int_equal(row.seq, rows); /* no gaps */
        if (seen != NULL) {
            assert_true(row_number(&row) < n);
            seen[row_number(&row)]++;
        }
    }
    journal_read_close(r);
    return rows;
}

/* The same over a whole folder. */
static inline uint64_t folder_tally(const char *dir, uint8_t *seen, size_t n)
{
    DIR *d = opendir(dir);
    const struct dirent *e = NULL;
    uint64_t rows = 0;

    assert_non_null(d);
    while ((e = readdir(d)) != NULL) {
        char file[FIXTURE_PATH + 256];

        if (journal_segment_number(e->d_name) != 0) {
            (void)snprintf(file, sizeof file, "%s/%s", dir, e->d_name);
            rows += segment_tally(file, seen, n);
        }
    }
    (void)closedir(d);
    return rows;
}

/* done() that counts down a semaphore. */
static inline void entry_done(struct journal_entry *e)
{
    (void)sem_post(e->user);
}

/* Appends one and waits; its result. */
static inline enum err append_one(struct journal *j, uint64_t i, int64_t gen_time_ms)
{
    struct journal_entry e;
    sem_t sem;

    entry_fill(&e, i, gen_time_ms);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    e.user = &sem;
    e.done = entry_done;
    journal_append(j, &e);
    assert_int_equal(sem_wait(&sem), 0);
    (void)sem_destroy(&sem);
    return e.err;
}

/* Appends entries from..from+n-1 at once and waits for all; how many are on disk. */
static inline size_t append_many(struct journal *j, uint64_t from, size_t n,
                                 int64_t gen_time_ms)
{
    struct journal_entry *e = calloc(n, sizeof *e);
    size_t good = 0;
    sem_t sem;

    assert_non_null(e);
    assert_int_equal(sem_init(&sem, 0, 0), 0);
    for (size_t i = 0; i < n; i++) {
        entry_fill(&e[i], from + i, gen_time_ms);
        e[i].user = &sem;
        e[i].done = entry_done;
        journal_append(j, &e[i]);
    }
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(sem_wait(&sem), 0);
    }
    for (size_t i = 0; i < n; i++) {
        good += e[i].err == ERR_OK;
    }
    (void)sem_destroy(&sem);
    free(e);
    return good;
}

#endif
