#include "client/load/bench_load.h"
#include "client/load/bench_worker.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define NS_PER_S UINT64_C(1000000000)
#define NS_PER_MS UINT64_C(1000000)
#define LEAD_MS 20 /* from the last connection to the first query */

static void prepare(struct bench_worker *w, const struct bench_plan *plan,
                    const struct addrinfo *addr, unsigned index)
{
    *w = (struct bench_worker){
        .plan = plan,
        .addr = addr,
        .index = index,
        .n_conns = plan->connections / plan->threads +
                   (index < plan->connections % plan->threads ? 1 : 0),
        .epoll = -1,
        .timer = -1,
    };
}

static void set_times(struct bench_worker *w, uint64_t start_ns)
{
    const struct bench_plan *p = w->plan;

    w->start_ns = start_ns;
    w->measure_ns = start_ns + p->warmup_ms * NS_PER_MS;
    w->end_ns = w->measure_ns + p->duration_ms * NS_PER_MS;
    if (p->rate_per_s > 0) {
        /* Threads take turns, so that together they are one even stream. */
        w->interval_ns = NS_PER_S * p->threads / p->rate_per_s;
        w->due_ns = start_ns + w->interval_ns * w->index / p->threads;
    }
}

static enum err merge(struct bench_result *into, struct bench_worker *w)
{
    struct bench_result *from = &w->result;

    for (size_t i = 0; i < from->n_kept; i++) {
        from->kept[i].at += into->n_bytes;
    }
    if (from->n_kept > 0) {
        uint8_t *bytes = realloc(into->bytes, into->n_bytes + from->n_bytes);

        if (bytes == NULL) {
            return ERR_NOSPACE;
        }
        into->bytes = bytes;
        struct bench_kept *kept =
            reallocarray(into->kept, into->n_kept + from->n_kept, sizeof *kept);

        if (kept == NULL) {
            return ERR_NOSPACE;
        }
        into->kept = kept;
        memcpy(into->bytes + into->n_bytes, from->bytes, from->n_bytes);
        memcpy(into->kept + into->n_kept, from->kept, from->n_kept * sizeof *kept);
        into->n_bytes += from->n_bytes;
        into->n_kept += from->n_kept;
    }
    latency_merge(&into->latency, &from->latency);
    into->granted += from->granted;
    into->rejected += from->rejected;
    into->http_errors += from->http_errors;
    into->wrong += from->wrong;
    into->broken += from->broken;
    into->unanswered += from->unanswered;
    return ERR_OK;
}

static enum err start_all(struct bench_worker *workers, const struct bench_plan *plan)
{
    const uint64_t start_ns = bench_now_ns() + LEAD_MS * NS_PER_MS;
    unsigned running = 0;
    enum err e = ERR_OK;

    for (; running < plan->threads; running++) {
        set_times(&workers[running], start_ns);
        if (pthread_create(&workers[running].thread, NULL, bench_worker_run,
                           &workers[running]) != 0) {
            e = ERR_IO;
            break;
        }
    }
    for (unsigned i = 0; i < running; i++) {
        (void)pthread_join(workers[i].thread, NULL);
    }
    return e;
}

static enum err run_workers(const struct bench_plan *plan, const struct addrinfo *addr,
                            struct bench_result *result)
{
    struct bench_worker *workers = calloc(plan->threads, sizeof *workers);
    enum err e = workers == NULL ? ERR_NOSPACE : ERR_OK;
    unsigned opened = 0;

    for (; e == ERR_OK && opened < plan->threads; opened++) {
        prepare(&workers[opened], plan, addr, opened);
        e = bench_worker_open(&workers[opened]);
    }
    if (e == ERR_OK) {
        e = start_all(workers, plan);
    }
    const int saved = errno;

    for (unsigned i = 0; i < opened; i++) {
        if (e == ERR_OK) {
            e = merge(result, &workers[i]);
        }
        bench_worker_close(&workers[i]);
        bench_result_free(&workers[i].result);
    }
    free(workers);
    result->measured_us = plan->duration_ms * 1000;
    errno = saved;
    return e;
}

enum err bench_load_run(const struct bench_plan *plan, struct bench_result *result)
{
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
    struct addrinfo *addr = NULL;

    *result = (struct bench_result){0};
    if (getaddrinfo(plan->url.host, plan->url.port, &hints, &addr) != 0) {
        errno = EADDRNOTAVAIL;
        return ERR_IO;
    }
    const enum err e = run_workers(plan, addr, result);

    freeaddrinfo(addr);
    return e;
}

void bench_result_free(struct bench_result *result)
{
    free(result->kept);
    free(result->bytes);
    result->kept = NULL;
    result->bytes = NULL;
    result->n_kept = 0;
    result->n_bytes = 0;
}
