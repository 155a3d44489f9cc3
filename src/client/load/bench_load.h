/* bench_load.h - sends queries over kept connections as fast as they are answered (closed
 * loop), or at a rate that does not wait for answers (open loop), and measures. Replies are
 * kept for bench_check.h. */
#ifndef CLIENT_LOAD_BENCH_LOAD_H
#define CLIENT_LOAD_BENCH_LOAD_H

#include "client/load/bench_http.h"
#include "client/load/latency.h"
#include "client/stamp/query_make.h"

#define BENCH_THREADS_MAX 64
#define BENCH_CONNECTIONS_MAX 4096
#define BENCH_REPLY_MAX 32768    /* bytes of head and body of a reply */
#define BENCH_REQUEST_MAX 2048   /* bytes of head and body of a request */
#define BENCH_KEEP_MAX 268435456 /* bytes of replies kept in memory, over all threads */
#define BENCH_GRACE_MS 2000      /* how long after the end answers are waited for */

/* What every query of a run is made from: one query, in which digest and nonce are replaced. */
struct bench_template {
    uint8_t request[BENCH_REQUEST_MAX]; /* HTTP head and query */
    size_t request_len;
    size_t digest_at, nonce_at; /* in request */
    size_t digest_len;
    enum hash_alg alg;
    uint64_t salt; /* makes the digests of this run differ from those of others */
};

/* ERR_NOSPACE: longer than BENCH_REQUEST_MAX. ERR_IO: no randomness. */
MUST_CHECK enum err bench_template_make(const struct bench_url *url, enum hash_alg alg,
                                        struct view policy, bool certificates,
                                        const struct entropy_source *entropy,
                                        struct bench_template *out);

/* Digest and nonce of query number id: a pure function of both. id is below 2^56. */
void bench_template_fill(const struct bench_template *t, uint64_t id, uint8_t digest[HASH_MAX],
                         uint8_t nonce[QUERY_NONCE_RANDOM]);

struct bench_plan {
    struct bench_url url;
    struct bench_template form;
    unsigned threads, connections;
    uint64_t warmup_ms, duration_ms;
    uint64_t rate_per_s; /* 0: closed loop */
    size_t keep_bytes;   /* of replies, over all threads */
};

/* A reply that was kept: its body at bytes[at]. */
struct bench_kept {
    uint64_t id;
    size_t at;
    uint32_t len;
};

struct bench_result {
    struct latency
        latency; /* of granted tokens after the warm-up; open loop: from when they were due */
    uint64_t granted;     /* after the warm-up */
    uint64_t rejected;    /* time-stamp replies without a token */
    uint64_t http_errors; /* other answers */
    uint64_t wrong;       /* tokens without the digest or nonce that was asked for */
    uint64_t broken;      /* connections that ended or said what is not HTTP */
    uint64_t unanswered;  /* still open when the grace was over; open loop: not even sent */
    uint64_t measured_us;
    struct bench_kept *kept; /* on the heap, as is bytes */
    uint8_t *bytes;
    size_t n_kept, n_bytes;
};

/* Runs the plan. ERR_IO: the host cannot be resolved or reached, or no thread could be started;
 * errno may say why. ERR_NOSPACE: no memory. result is always valid to free. */
MUST_CHECK enum err bench_load_run(const struct bench_plan *plan, struct bench_result *result);
void bench_result_free(struct bench_result *result);

#endif
