/* r1_table.h - the R1 records that are open: promised, not yet used, not older than r1_life.
 * One R1 serves one R2. */
#ifndef ENCLAVE_JUDGE_R1_TABLE_H
#define ENCLAVE_JUDGE_R1_TABLE_H

#include "enclave/limits.h"

#define R1_LIFE_NS (R1_LIFE_MS * INT64_C(1000000))
#define R1_BUCKETS 2048
#define R1_NONE UINT16_MAX

struct r1_record {
    int64_t opened_ns; /* monotonic */
    bool open;
    uint8_t lane;  /* of the connection that asked */
    uint16_t next; /* in its bucket, or in the free list */
    uint16_t n;
    uint8_t r1[R1_MAX_LEN];
};

struct r1_table {
    size_t open;
    size_t open_of[LIMIT_CONNECTIONS]; /* by lane */
    int64_t oldest_ns; /* no record is older: nothing to look for before it expires */
    uint16_t free;     /* first free record, R1_NONE: full */
    uint16_t buckets[R1_BUCKETS];
    struct r1_record records[LIMIT_R1_OPEN];
};

void r1_table_init(struct r1_table *t);

/* Records that a connection may still open: as long as it leaves the others as many as it has.
 * So one has at most half of them, and who asks without end keeps nobody else out. */
static inline size_t r1_table_room(const struct r1_table *t, uint32_t lane)
{
    const size_t left = LIMIT_R1_OPEN - t->open;

    return left > t->open_of[lane] ? (left - t->open_of[lane]) / 2 : 0;
}

/* Keeps a copy of r1: what r1_body_encode() wrote, and the offer if there is one. lane is below
 * LIMIT_CONNECTIONS. ERR_NOSPACE: full. */
MUST_CHECK enum err r1_table_open(struct r1_table *t, uint32_t lane, int64_t now_ns,
                                  struct view r1);

/* Finds the open record that is these very bytes and uses it up: it is erased whatever
 * comes later. *opened_ns: when it was opened. ERR_STALE: no such record; *opened_ns is 0. */
MUST_CHECK enum err r1_table_use(struct r1_table *t, struct view r1, int64_t *opened_ns);

/* Erases what is older than the life. Gives how many went. */
size_t r1_table_expire(struct r1_table *t, int64_t now_ns);

/* Erases all of one key. Gives how many went. */
size_t r1_table_void_key(struct r1_table *t, uint8_t key);

/* Erases all. Gives how many went. */
size_t r1_table_void(struct r1_table *t);

#endif
