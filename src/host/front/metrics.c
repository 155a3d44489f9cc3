#include "host/front/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

/* As struct metrics_sums, in atomics: written by one thread, mostly, and read by a scrape.
 * Memory order does not matter to numbers that are only added up. */
struct block {
    _Alignas(64) atomic_uint_fast64_t http[HTTP_ROUTES + 1][METHOD_COUNT][METRICS_STATUSES];
    atomic_uint_fast64_t granted[METRICS_POLICIES][METRICS_ALGS];
    atomic_uint_fast64_t rejected[METRICS_FAILS];
    atomic_uint_fast64_t buckets[METRIC_HISTOGRAMS][METRICS_BUCKETS + 1];
    atomic_uint_fast64_t sum_ns[METRIC_HISTOGRAMS];
    atomic_uint_fast64_t rate_limited;
    atomic_uint_fast64_t degraded;
};

struct metrics {
    struct block *blocks[METRICS_THREADS_MAX];
    atomic_uint n;
    pthread_mutex_t lock;
    uint8_t policy_number[CONFIG_POLICIES_MAX];
};

static const unsigned statuses[METRICS_STATUSES] = {200, 202, 400, 404, 405, 411, 413,
                                                    415, 417, 429, 500, 501, 503, 0};

static const int64_t bounds_us[METRICS_BUCKETS] = {
    100,  200,  300,   500,   750,    1000,   1500,    2000,
    3000, 5000, 10000, 25000, 100000, 500000, 2000000, 10000000,
};

static _Thread_local struct block *mine;

struct metrics *metrics_new(void)
{
    struct metrics *m = calloc(1, sizeof *m);

    if (m == NULL || pthread_mutex_init(&m->lock, NULL) != 0) {
        free(m);
        return NULL;
    }
    /* One is always there, for threads that find no memory or no place. */
    m->blocks[METRICS_THREADS_MAX - 1] = aligned_alloc(64, sizeof(struct block));
    if (m->blocks[METRICS_THREADS_MAX - 1] == NULL) {
        metrics_free(m);
        return NULL;
    }
    *m->blocks[METRICS_THREADS_MAX - 1] = (struct block){0};
    return m;
}

void metrics_free(struct metrics *m)
{
    if (m != NULL) {
        for (size_t i = 0; i < METRICS_THREADS_MAX; i++) {
            free(m->blocks[i]);
        }
        (void)pthread_mutex_destroy(&m->lock);
        free(m);
    }
    mine = NULL;
}

/* A block for this thread, for good. */
static struct block *take_block(struct metrics *m)
{
    const unsigned at = atomic_fetch_add(&m->n, 1);
    struct block *b = at < METRICS_THREADS_MAX - 1 ? aligned_alloc(64, sizeof *b) : NULL;

    if (b == NULL) {
        return m->blocks[METRICS_THREADS_MAX - 1];
    }
    *b = (struct block){0};
    (void)pthread_mutex_lock(&m->lock);
    m->blocks[at] = b;
    (void)pthread_mutex_unlock(&m->lock);
    return b;
}

static struct block *my_block(struct metrics *m)
{
    if (mine == NULL) {
        mine = take_block(m);
    }
    return mine;
}

static void add(atomic_uint_fast64_t *counter, uint64_t n)
{
    (void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

static size_t column(unsigned status)
{
    size_t i = 0;

    while (i < METRICS_STATUSES - 1 && statuses[i] != status) {
        i++;
    }
    return i;
}

void metrics_count_http(struct metrics *m, const struct http_route *route,
                        enum http_method method, unsigned status)
{
    const size_t at = route != NULL ? http_route_index(route) : HTTP_ROUTES;

    add(&my_block(m)->http[at][method][column(status)], 1);
}

void metrics_count_granted(struct metrics *m, unsigned policy_slot, enum hash_alg alg)
{
    add(&my_block(m)->granted[policy_slot][alg], 1);
}

void metrics_count_rejected(struct metrics *m, enum fail_info fail_info)
{
    add(&my_block(m)->rejected[fail_info], 1);
}

void metrics_count_rate_limited(struct metrics *m)
{
    add(&my_block(m)->rate_limited, 1);
}

void metrics_count_degraded(struct metrics *m)
{
    add(&my_block(m)->degraded, 1);
}

void metrics_observe(struct metrics *m, enum metric_histogram h, int64_t ns)
{
    struct block *b = my_block(m);
    size_t i = 0;

    while (i < METRICS_BUCKETS && ns > bounds_us[i] * 1000) {
        i++;
    }
    add(&b->buckets[h][i], 1);
    add(&b->sum_ns[h], ns > 0 ? (uint64_t)ns : 0);
}

unsigned metrics_policy_slot(struct metrics *m, uint8_t number)
{
    unsigned slot = 0;

    (void)pthread_mutex_lock(&m->lock);
    while (slot < CONFIG_POLICIES_MAX && m->policy_number[slot] != number &&
           m->policy_number[slot] != 0) {
        slot++;
    }
    if (slot < CONFIG_POLICIES_MAX) {
        m->policy_number[slot] = number;
    }
    (void)pthread_mutex_unlock(&m->lock);
    return slot;
}

static uint64_t get(const atomic_uint_fast64_t *counter)
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

static void sum_block(const struct block *b, struct metrics_sums *out)
{
    for (size_t r = 0; r <= HTTP_ROUTES; r++) {
        for (size_t i = 0; i < METHOD_COUNT; i++) {
            for (size_t k = 0; k < METRICS_STATUSES; k++) {
                out->http[r][i][k] += get(&b->http[r][i][k]);
            }
        }
    }
    for (size_t p = 0; p < METRICS_POLICIES; p++) {
        for (size_t a = 0; a < METRICS_ALGS; a++) {
            out->granted[p][a] += get(&b->granted[p][a]);
        }
    }
    for (size_t f = 0; f < METRICS_FAILS; f++) {
        out->rejected[f] += get(&b->rejected[f]);
    }
    for (size_t h = 0; h < METRIC_HISTOGRAMS; h++) {
        for (size_t i = 0; i <= METRICS_BUCKETS; i++) {
            out->buckets[h][i] += get(&b->buckets[h][i]);
        }
        out->sum_ns[h] += get(&b->sum_ns[h]);
    }
    out->rate_limited += get(&b->rate_limited);
    out->degraded += get(&b->degraded);
}

void metrics_sum(struct metrics *m, struct metrics_sums *out)
{
    *out = (struct metrics_sums){0};
    (void)pthread_mutex_lock(&m->lock);
    for (size_t i = 0; i < METRICS_THREADS_MAX; i++) {
        if (m->blocks[i] != NULL) {
            sum_block(m->blocks[i], out);
        }
    }
    (void)pthread_mutex_unlock(&m->lock);
}

unsigned metrics_status(size_t at)
{
    return statuses[at];
}

int64_t metrics_bound_ns(size_t bucket)
{
    return bounds_us[bucket] * 1000;
}

uint8_t metrics_policy_number(const struct metrics *m, unsigned slot)
{
    return slot < CONFIG_POLICIES_MAX ? m->policy_number[slot] : 0;
}
