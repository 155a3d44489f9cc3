/* metrics.h - counters and histograms. Each thread counts in a block of its own, so counting
 * takes no lock and shares no cache line; a scrape adds the blocks up. */
#ifndef HOST_FRONT_METRICS_H
#define HOST_FRONT_METRICS_H

#include "crypto/hash.h"
#include "host/config/config.h"
#include "host/front/http_route.h"
#include "host/front/tsp_fail.h"

#define METRICS_THREADS_MAX 160 /* threads at once; further ones share the last block */
#define METRICS_BUCKETS 16
#define METRICS_STATUSES 14
#define METRICS_FAILS (FAIL_SYSTEM_FAILURE + 1)    /* by bit */
#define METRICS_POLICIES (CONFIG_POLICIES_MAX + 1) /* the last: any further one */
#define METRICS_ALGS (HASH_SHA3_512 + 1)

enum http_method { METHOD_GET, METHOD_HEAD, METHOD_POST, METHOD_OTHER, METHOD_COUNT };

enum metric_histogram {
    METRIC_REQUEST_SECONDS,  /* from the last byte of a request for a stamp to its answer */
    METRIC_SIGN_SECONDS,     /* from there to the signature */
    METRIC_EVIDENCE_SECONDS, /* from there to the pq signature of a hybrid token */
    METRIC_JOURNAL_SECONDS,  /* from the last signature to the commit */
    METRIC_HISTOGRAMS,
};

struct metrics_sums {
    uint64_t http[HTTP_ROUTES + 1][METHOD_COUNT][METRICS_STATUSES]; /* the last route: none */
    uint64_t granted[METRICS_POLICIES][METRICS_ALGS];
    uint64_t rejected[METRICS_FAILS];
    uint64_t buckets[METRIC_HISTOGRAMS][METRICS_BUCKETS + 1]; /* the last: above all bounds */
    uint64_t sum_ns[METRIC_HISTOGRAMS];
    uint64_t rate_limited;
    uint64_t degraded;
};

struct metrics;

/* NULL: out of memory. One at a time in a process. */
struct metrics *metrics_new(void);
void metrics_free(struct metrics *m);

/* Of any thread. */
void metrics_count_http(struct metrics *m, const struct http_route *route,
                        enum http_method method, unsigned status);
void metrics_count_granted(struct metrics *m, unsigned policy_slot, enum hash_alg alg);
void metrics_count_rejected(struct metrics *m, enum fail_info fail_info);
void metrics_count_rate_limited(struct metrics *m);
void metrics_count_degraded(struct metrics *m);
void metrics_observe(struct metrics *m, enum metric_histogram h, int64_t ns);

/* Where tokens of the policy with this number are counted; the same slot for the same number,
 * always. */
unsigned metrics_policy_slot(struct metrics *m, uint8_t number);

/* Adds the blocks up. */
void metrics_sum(struct metrics *m, struct metrics_sums *out);

/* The status of column at; 0 for the last, which counts all others. */
unsigned metrics_status(size_t at);

/* Upper bound of a bucket, in ns. */
int64_t metrics_bound_ns(size_t bucket);

/* The policy number of a slot; 0: none yet. */
uint8_t metrics_policy_number(const struct metrics *m, unsigned slot);

#endif
