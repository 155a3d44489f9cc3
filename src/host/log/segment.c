#include "host/log/segment.h"

#include "os/event_log.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

static const char schema[] =
    "BEGIN IMMEDIATE;"
    "CREATE TABLE token ("
    " seq INTEGER PRIMARY KEY," /* the rowid: from 1, in order of issue, no gaps */
    " serial_number BLOB NOT NULL,"
    " gen_time_ms INTEGER NOT NULL,"
    " hash_alg INTEGER NOT NULL,"
    " hashed_message BLOB NOT NULL,"
    " policy BLOB NOT NULL,"
    " profile INTEGER NOT NULL,"
    " token_hash BLOB NOT NULL"
    ") STRICT;"
    "PRAGMA application_id = 1366575724;"
    "PRAGMA user_version = 1;"
    "COMMIT;";
_Static_assert(SEGMENT_APPLICATION_ID == 1366575724 && SEGMENT_VERSION == 1, "as in schema");

static const char insert_row[] =
    "INSERT INTO token (serial_number, gen_time_ms, hash_alg, hashed_message, policy,"
    " profile, token_hash) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

static void complain(struct segment *s, const char *doing, int rc)
{
    const char *name = s->db != NULL ? sqlite3_db_filename(s->db, "main") : NULL;
    const struct event_field fields[] = {
        {.key = "doing", .kind = EVENT_TEXT, .text = doing},
        {.key = "segment", .kind = EVENT_TEXT, .text = name != NULL ? name : ""},
        {.key = "sqlite", .kind = EVENT_NUMBER, .number = rc},
        {.key = "errno",
         .kind = EVENT_NUMBER,
         .number = s->db ? sqlite3_system_errno(s->db) : 0},
        {.key = "reason",
         .kind = EVENT_TEXT,
         .text = s->db != NULL ? sqlite3_errmsg(s->db) : sqlite3_errstr(rc)},
    };

    if (!s->said) {
        event_log(EVENT_ERROR, EVENT_JOURNAL_FAILED, fields, sizeof fields / sizeof fields[0]);
    }
}

static enum err failed(struct segment *s, const char *doing, int rc)
{
    complain(s, doing, rc);
    return (rc & 0xff) == SQLITE_FULL ? ERR_NOSPACE : ERR_IO;
}

static enum err run(struct segment *s, const char *doing, const char *sql)
{
    const int rc = sqlite3_exec(s->db, sql, NULL, NULL, NULL);

    return rc == SQLITE_OK ? ERR_OK : failed(s, doing, rc);
}

/* First column of the first row. */
static enum err ask_number(struct segment *s, const char *sql, int64_t *out)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

    *out = 0;
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(q);
    }
    if (rc == SQLITE_ROW) {
        *out = sqlite3_column_int64(q, 0);
        rc = SQLITE_DONE;
    }
    (void)sqlite3_finalize(q);
    return rc == SQLITE_DONE ? ERR_OK : failed(s, "read", rc);
}

/* Asks for the journal mode or switches it; SQLite answers with the mode that it has then. */
static int ask_mode(struct segment *s, const char *sql, const char *want, bool *is)
{
    sqlite3_stmt *q = NULL;
    int rc = sqlite3_prepare_v2(s->db, sql, -1, &q, NULL);

    *is = false;
    if (rc == SQLITE_OK) {
        rc = sqlite3_step(q);
    }
    if (rc == SQLITE_ROW) {
        const unsigned char *got = sqlite3_column_text(q, 0);

        *is = got != NULL && strcmp((const char *)got, want) == 0;
    }
    (void)sqlite3_finalize(q);
    return rc;
}

static enum err set_mode(struct segment *s, const char *sql, const char *want)
{
    bool is = false;
    const int rc = ask_mode(s, sql, want, &is);

    return is ? ERR_OK : failed(s, "journal_mode", rc);
}

static enum err settle_schema(struct segment *s, bool create)
{
    int64_t id = 0;
    int64_t version = 0;
    int64_t tables = 0;

    TRY(ask_number(s, "PRAGMA application_id", &id));
    TRY(ask_number(s, "PRAGMA user_version", &version));
    TRY(ask_number(s, "SELECT count(*) FROM sqlite_schema", &tables));
    if (id == 0 && version == 0 && tables == 0 && create) {
        return run(s, "schema", schema);
    }
    if (id != SEGMENT_APPLICATION_ID) {
        complain(s, "application_id", SQLITE_NOTADB);
        return ERR_IO;
    }
    return version == SEGMENT_VERSION ? ERR_OK : ERR_VERSION;
}

static enum err count_rows(struct segment *s)
{
    int64_t rows = 0;

    /* Rows are only ever added, so the last rowid is their count: no scan at start. */
    TRY(ask_number(s, "SELECT max(seq) FROM token", &rows));
    TRY(ask_number(s, "SELECT gen_time_ms FROM token ORDER BY seq DESC LIMIT 1",
                   &s->newest_ms));
    if (rows < 0) {
        complain(s, "count", SQLITE_CORRUPT);
        return ERR_IO;
    }
    s->rows = (uint64_t)rows;
    return ERR_OK;
}

static enum err prepare(struct segment *s)
{
    const struct {
        const char *sql;
        sqlite3_stmt **out;
    } rows[] = {
        {"BEGIN IMMEDIATE", &s->begin},
        {insert_row, &s->insert},
        {"COMMIT", &s->commit},
        {"ROLLBACK", &s->rollback},
    };

    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const int rc = sqlite3_prepare_v3(s->db, rows[i].sql, -1, SQLITE_PREPARE_PERSISTENT,
                                          rows[i].out, NULL);

        if (rc != SQLITE_OK) {
            return failed(s, "prepare", rc);
        }
    }
    return ERR_OK;
}

static enum err open_write(struct segment *s, enum journal_sync sync)
{
    char pragmas[160];

    (void)snprintf(pragmas, sizeof pragmas,
                   "PRAGMA synchronous = %s; PRAGMA wal_autocheckpoint = %d",
                   sync == JOURNAL_SYNC_FULL ? "FULL" : "NORMAL", SEGMENT_CHECKPOINT_PAGES);
    TRY(run(s, "pragma", pragmas));
    TRY(set_mode(s, "PRAGMA journal_mode = WAL", "wal"));
    TRY(settle_schema(s, true));
    TRY(count_rows(s));
    return prepare(s);
}

static enum err open_look(struct segment *s)
{
    TRY(settle_schema(s, false));
    (void)ask_mode(s, "PRAGMA journal_mode", "delete", &s->sealed);
    return count_rows(s);
}

enum err segment_open(const char *path, enum segment_use use, enum journal_sync sync,
                      struct segment *out)
{
    const bool write = use != SEGMENT_LOOK;
    const int flags =
        SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | (write ? SQLITE_OPEN_CREATE : 0);
    enum err e = ERR_OK;
    int rc = SQLITE_OK;

    *out = (struct segment){.said = use == SEGMENT_AGAIN};
    rc = sqlite3_open_v2(path, &out->db, flags, NULL);
    if (rc != SQLITE_OK) {
        e = failed(out, "open", rc);
    } else {
        (void)sqlite3_extended_result_codes(out->db, 1);
        e = write ? open_write(out, sync) : open_look(out);
    }
    if (e != ERR_OK) {
        segment_close(out);
    }
    return e == ERR_NOSPACE ? ERR_IO : e;
}

static int step_once(sqlite3_stmt *st)
{
    const int rc = sqlite3_step(st);

    (void)sqlite3_reset(st);
    return rc;
}

static int bind_entry(sqlite3_stmt *st, const struct journal_entry *e)
{
    const int digest_len = (int)hash_len((enum hash_alg)e->hash_alg);
    int rc = SQLITE_OK;

    /* SQLITE_STATIC: the entry outlives the statement's run. */
    rc |= sqlite3_bind_blob(st, 1, e->serial_number, sizeof e->serial_number, SQLITE_STATIC);
    rc |= sqlite3_bind_int64(st, 2, e->gen_time_ms);
    rc |= sqlite3_bind_int(st, 3, e->hash_alg);
    rc |= sqlite3_bind_blob(st, 4, e->hashed_message, digest_len, SQLITE_STATIC);
    rc |= sqlite3_bind_blob(st, 5, e->policy_oid, e->policy_oid_len, SQLITE_STATIC);
    rc |= sqlite3_bind_int(st, 6, e->profile);
    rc |= sqlite3_bind_blob(st, 7, e->token_hash, sizeof e->token_hash, SQLITE_STATIC);
    return rc;
}

/* Inserts and commits; the first result that is not SQLITE_DONE. */
static int write_list(struct segment *s, const struct journal_entry *first, uint64_t *n)
{
    int rc = step_once(s->begin);

    *n = 0;
    for (const struct journal_entry *e = first; e != NULL && rc == SQLITE_DONE; e = e->next) {
        rc = bind_entry(s->insert, e) == SQLITE_OK ? step_once(s->insert) : SQLITE_NOMEM;
        (*n)++;
    }
    return rc == SQLITE_DONE ? step_once(s->commit) : rc;
}

/* After a failed transaction: says why, and leaves none open. */
static enum err undo(struct segment *s, const char *doing, int rc)
{
    const enum err e = failed(s, doing, rc);

    s->said = true;
    if (sqlite3_get_autocommit(s->db) == 0 && step_once(s->rollback) != SQLITE_DONE) {
        return ERR_IO;
    }
    return e;
}

enum err segment_append(struct segment *s, const struct journal_entry *first)
{
    uint64_t n = 0;
    int rc = SQLITE_OK;

    assert(s->db != NULL);
    rc = write_list(s, first, &n);
    if (rc != SQLITE_DONE) {
        return undo(s, "append", rc);
    }
    for (; first != NULL; first = first->next) {
        s->newest_ms = first->gen_time_ms;
    }
    s->rows += n;
    s->said = false;
    return ERR_OK;
}

enum err segment_probe(struct segment *s)
{
    /* Writing the version that it has is a real commit, of one page. */
    int rc = step_once(s->begin);

    if (rc == SQLITE_DONE) {
        rc = sqlite3_exec(s->db, "PRAGMA user_version = 1", NULL, NULL, NULL);
        rc = rc == SQLITE_OK ? step_once(s->commit) : rc;
    }
    if (rc != SQLITE_DONE) {
        return undo(s, "probe", rc);
    }
    s->said = false;
    return ERR_OK;
}

static void finalize_all(struct segment *s)
{
    (void)sqlite3_finalize(s->begin);
    (void)sqlite3_finalize(s->insert);
    (void)sqlite3_finalize(s->commit);
    (void)sqlite3_finalize(s->rollback);
    s->begin = NULL;
    s->insert = NULL;
    s->commit = NULL;
    s->rollback = NULL;
}

enum err segment_seal(struct segment *s)
{
    enum err e = ERR_OK;

    assert(s->db != NULL);
    finalize_all(s);
    e = set_mode(s, "PRAGMA journal_mode = DELETE", "delete");
    segment_close(s);
    return e == ERR_OK ? ERR_OK : ERR_IO;
}

void segment_close(struct segment *s)
{
    finalize_all(s);
    (void)sqlite3_close(s->db); /* NULL is allowed; no statement is left that could refuse it */
    *s = (struct segment){0};
}
