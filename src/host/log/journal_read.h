/* journal_read.h - reads one segment of a journal, also while a front writes it. */
#ifndef HOST_LOG_JOURNAL_READ_H
#define HOST_LOG_JOURNAL_READ_H

#include "host/log/journal.h"

struct journal_row {
    uint64_t seq; /* from 1, in order of issue */
    uint8_t serial_number[STAMP_SERIAL_LEN];
    int64_t gen_time_ms;
    uint8_t hash_alg; /* enum hash_alg */
    uint8_t hashed_message[HASH_MAX];
    uint8_t policy_oid[WIRE_POLICY_OID_MAX];
    uint8_t policy_oid_len;
    uint8_t profile; /* enum journal_profile */
    uint8_t token_hash[JOURNAL_TOKEN_HASH_LEN];
};

struct journal_reader;

/* Opens the file read-only and fixes what is seen to this moment. While it is open, the WAL of
 * a segment that is being written grows. ERR_IO: no such file, damaged, or no segment.
 * ERR_VERSION: of another schema version. ERR_NOSPACE. */
MUST_CHECK enum err journal_read_open(const char *path, struct journal_reader **out);

/* The next row, in order of seq; *out is all zero at the end, where seq is 0.
 * ERR_IO: the disk. ERR_RANGE: a row that no journal writes. */
MUST_CHECK enum err journal_read_next(struct journal_reader *r, struct journal_row *out);

void journal_read_close(struct journal_reader *r);

#endif
