/* journal.h - records each issued token in SQLite (WAL) before it is answered, by group commit.
 *
 * A journal is a folder of segment files: the newest is written, a full one is closed, and when
 * the limits of size or age are passed the oldest closed segment is moved, whole, to the export
 * folder: never dropped. */
#ifndef HOST_LOG_JOURNAL_H
#define HOST_LOG_JOURNAL_H

#include "wire/stamp.h"

#include <stdatomic.h>

#define JOURNAL_QUEUE_MAX 8192 /* entries waiting; more: ERR_NOSPACE at once */
#define JOURNAL_TOKEN_HASH_LEN 32

enum journal_sync { JOURNAL_SYNC_FULL, JOURNAL_SYNC_NORMAL };

struct journal_config {
    const char *dir;        /* made if absent, mode 0700 */
    const char *export_dir; /* on the same file system; NULL: dir "/exported" */
    enum journal_sync sync;
    uint64_t segment_rows; /* rows of a segment before the next is begun */
    uint64_t max_rows;     /* in dir; then the oldest closed segment is exported */
    uint64_t max_age_s;    /* of the newest row of a closed segment */
};

/* One token. The caller owns it and leaves it alone from journal_append() until done() runs. */
struct journal_entry {
    struct journal_entry *next; /* journal's own */
    uint8_t serial_number[STAMP_SERIAL_LEN];
    int64_t gen_time_ms;
    uint8_t hash_alg; /* enum hash_alg */
    uint8_t hashed_message[HASH_MAX];
    uint8_t policy_oid[WIRE_POLICY_OID_MAX]; /* OID body */
    uint8_t policy_oid_len;
    uint8_t profile; /* enum journal_profile */
    uint8_t
        token_hash[JOURNAL_TOKEN_HASH_LEN]; /* SHA-256 of the token, the ContentInfo's DER */
    void (*done)(struct journal_entry
                     *entry); /* on the journal's thread, after the commit; must not block */
    void *user;
    enum err err; /* ERR_OK: it is on disk. ERR_IO, ERR_NOSPACE: it is not, do not answer with
                     the token */
};
enum journal_profile {
    JOURNAL_CLASSIC = 1,
    JOURNAL_PQ = 2,
    JOURNAL_HYBRID = 3,
    JOURNAL_DUAL = 4
};

struct journal_counters {
    atomic_uint_fast64_t appended, commits, failed, queue_depth, rows, segments, exported;
};

struct journal;

/* ERR_IO: the folder or a segment cannot be opened or is damaged; the reason is logged.
 * ERR_VERSION: a segment of another schema version. ERR_NOSPACE: no memory or no thread. */
MUST_CHECK enum err journal_open(const struct journal_config *cfg, struct journal **out);

/* Commits what was appended, joins the thread, frees. */
void journal_close(struct journal *j);

/* Hands the entry over; from any thread. Calls done() itself, before it returns, with
 * ERR_NOSPACE when the queue is full. */
void journal_append(struct journal *j, struct journal_entry *e);

/* The same for one of several: the journal's thread may sleep on until journal_wake(), which
 * has to follow, so that one commit takes them all. */
void journal_queue(struct journal *j, struct journal_entry *e);
void journal_wake(struct journal *j);

/* Whether the last commit succeeded; readiness asks. */
bool journal_healthy(const struct journal *j);

const struct journal_counters *journal_counters(const struct journal *j);

#endif
