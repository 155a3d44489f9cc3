/* bench_check.h - verifies the replies that a load kept, after it: imprint, nonce, signature
 * and all that verify.h looks at. */
#ifndef CLIENT_LOAD_BENCH_CHECK_H
#define CLIENT_LOAD_BENCH_CHECK_H

#include "client/load/bench_load.h"
#include "client/verify/legs.h"

struct bench_checked {
    uint64_t looked_at; /* in full */
    uint64_t bad;
    char first[2 * VERIFY_REASON_MAX]; /* what was wrong with one of them */
};

/* Verifies at most most of the kept replies, spread evenly over them, on threads threads.
 * options.verify.trust holds the signer's certificate at least; full: the chain too. ERR_IO: no
 * thread could be started. ERR_NOSPACE: no memory. */
MUST_CHECK enum err bench_check(const struct bench_plan *plan,
                                const struct bench_result *result,
                                const struct legs_options *options, bool full, size_t most,
                                struct bench_checked *out);

#endif
