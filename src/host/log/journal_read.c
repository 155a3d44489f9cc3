#include "host/log/journal_read.h"

#include "host/log/segment.h"

#include <stdlib.h>
#include <string.h>

struct journal_reader {
    sqlite3 *db;
    sqlite3_stmt *rows;
    bool ended; /* another step would begin anew */
};

static enum err check_number(sqlite3 *db, const char *sql, int64_t want, enum err otherwise)
{
    sqlite3_stmt *q = NULL;
    enum err e = ERR_IO;

    if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) == SQLITE_OK &&
        sqlite3_step(q) == SQLITE_ROW) {
        e = sqlite3_column_int64(q, 0) == want ? ERR_OK : otherwise;
    }
    (void)sqlite3_finalize(q);
    return e;
}

static enum err open_rows(const char *path, struct journal_reader *r)
{
    static const char select[] =
        "SELECT seq, serial_number, gen_time_ms, hash_alg, hashed_message,"
        " policy, profile, token_hash FROM token ORDER BY seq";
    const int flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;

    if (sqlite3_open_v2(path, &r->db, flags, NULL) != SQLITE_OK ||
        sqlite3_exec(r->db, "BEGIN", NULL, NULL, NULL) != SQLITE_OK) {
        return ERR_IO;
    }
    TRY(check_number(r->db, "PRAGMA application_id", SEGMENT_APPLICATION_ID, ERR_IO));
    TRY(check_number(r->db, "PRAGMA user_version", SEGMENT_VERSION, ERR_VERSION));
    return sqlite3_prepare_v2(r->db, select, -1, &r->rows, NULL) == SQLITE_OK ? ERR_OK : ERR_IO;
}

enum err journal_read_open(const char *path, struct journal_reader **out)
{
    struct journal_reader *r = calloc(1, sizeof *r);
    enum err e = ERR_OK;

    *out = NULL;
    if (r == NULL) {
        return ERR_NOSPACE;
    }
    e = open_rows(path, r);
    if (e != ERR_OK) {
        journal_read_close(r);
        return e;
    }
    *out = r;
    return ERR_OK;
}

static struct view column(sqlite3_stmt *q, int at)
{
    const void *p = sqlite3_column_blob(q, at); /* before its length: SQLite may convert */

    return (struct view){p, (size_t)sqlite3_column_bytes(q, at)};
}

static enum err copy_exact(struct view v, void *out, size_t n)
{
    if (v.n != n) {
        return ERR_RANGE;
    }
    memcpy(out, v.p, n);
    return ERR_OK;
}

static enum err small_number(sqlite3_stmt *q, int at, uint8_t *out)
{
    const int64_t v = sqlite3_column_int64(q, at);

    if (v < 1 || v > UINT8_MAX) {
        return ERR_RANGE;
    }
    *out = (uint8_t)v;
    return ERR_OK;
}

static enum err take_row(sqlite3_stmt *q, struct journal_row *row)
{
    const int64_t seq = sqlite3_column_int64(q, 0);
    const struct view policy = column(q, 5);
    size_t digest_len = 0;

    if (seq < 1 || policy.n == 0 || policy.n > WIRE_POLICY_OID_MAX) {
        return ERR_RANGE;
    }
    row->seq = (uint64_t)seq;
    row->gen_time_ms = sqlite3_column_int64(q, 2);
    TRY(small_number(q, 3, &row->hash_alg));
    TRY(small_number(q, 6, &row->profile));
    digest_len = hash_len((enum hash_alg)row->hash_alg);
    if (digest_len == 0) {
        return ERR_RANGE;
    }
    TRY(copy_exact(column(q, 1), row->serial_number, STAMP_SERIAL_LEN));
    TRY(copy_exact(column(q, 4), row->hashed_message, digest_len));
    TRY(copy_exact(column(q, 7), row->token_hash, JOURNAL_TOKEN_HASH_LEN));
    memcpy(row->policy_oid, policy.p, policy.n);
    row->policy_oid_len = (uint8_t)policy.n;
    return ERR_OK;
}

enum err journal_read_next(struct journal_reader *r, struct journal_row *out)
{
    struct journal_row row = {0};
    enum err e = ERR_IO;
    const int rc = r->ended ? SQLITE_DONE : sqlite3_step(r->rows);

    if (rc == SQLITE_ROW) {
        e = take_row(r->rows, &row);
    } else {
        r->ended = true;
        e = rc == SQLITE_DONE ? ERR_OK : ERR_IO;
    }
    *out = e == ERR_OK ? row : (struct journal_row){0};
    return e;
}

void journal_read_close(struct journal_reader *r)
{
    if (r == NULL) {
        return;
    }
    (void)sqlite3_finalize(r->rows);
    (void)sqlite3_close(r->db);
    free(r);
}
