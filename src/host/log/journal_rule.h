/* journal_rule.h - names of segments, and when one is closed or exported. Pure. */
#ifndef HOST_LOG_JOURNAL_RULE_H
#define HOST_LOG_JOURNAL_RULE_H

#include "base/bytes.h"

#define JOURNAL_SEGMENTS_MAX 4096            /* in the folder; then the oldest is exported */
#define JOURNAL_SEGMENT_NUMBER_MAX 99999999U /* eight digits */
#define JOURNAL_NAME_LEN 24                  /* "segment-00000001.sqlite" and a zero byte */

/* A segment that is no longer written. */
struct journal_closed {
    uint32_t number;
    bool sealed; /* one file without WAL: may be moved */
    uint64_t rows;
    int64_t newest_ms; /* genTime of its last row */
};

/* Closed segments, ascending by number. */
struct journal_closed_table {
    size_t n;
    struct journal_closed at[JOURNAL_SEGMENTS_MAX];
};

/* "segment-%08u.sqlite". number is 1 to JOURNAL_SEGMENT_NUMBER_MAX. */
void journal_segment_name(uint32_t number, char out[JOURNAL_NAME_LEN]);

/* The number in such a name; 0: not such a name. */
uint32_t journal_segment_number(const char *name);

/* Puts c in its place. ERR_NOSPACE: the table is full. ERR_RANGE: that number is in it. */
MUST_CHECK enum err journal_closed_add(struct journal_closed_table *t,
                                       const struct journal_closed *c);

void journal_closed_remove(struct journal_closed_table *t, size_t at);

/* Rows of all of them. */
uint64_t journal_closed_rows(const struct journal_closed_table *t);

struct journal_limits {
    uint64_t max_rows;  /* closed and active together */
    uint64_t max_age_s; /* of the newest row of a closed segment */
};

/* Whether the oldest closed segment is due to be exported. Rows of the active one count, it
 * never goes. */
bool journal_export_due(const struct journal_closed_table *t, uint64_t active_rows,
                        const struct journal_limits *l, int64_t now_ms);

#endif
