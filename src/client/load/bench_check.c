#include "client/load/bench_check.h"

#include "client/stamp/stamp.h"
#include "client/verify/legs_print.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct checker {
    pthread_t thread;
    const struct bench_plan *plan;
    const struct bench_result *result;
    const struct legs_options *options;
    bool full;
    size_t from, step, stride; /* takes every step-th sample, stride replies apart */
    size_t most;
    struct bench_checked out;
    enum err e;
};

static bool signatures_pass(const struct legs_report *r)
{
    return r->token.steps[STEP_SIGNATURE].result == RESULT_PASS &&
           (!r->has_pq || r->pq.steps[STEP_SIGNATURE].result == RESULT_PASS);
}

static enum err check_one(struct checker *c, const struct bench_kept *kept)
{
    uint8_t digest[HASH_MAX];
    uint8_t nonce[QUERY_NONCE_RANDOM];
    struct legs_report report;

    bench_template_fill(&c->plan->form, kept->id, digest, nonce);
    const struct tsp_req query = {
        .imprint = {c->plan->form.alg, {digest, c->plan->form.digest_len}},
        .nonce = {nonce, sizeof nonce},
    };
    const struct verify_expect expect = {.query = &query};
    const struct view body = {c->result->bytes + kept->at, kept->len};
    const enum err e = legs_judge(body, &expect, c->options, &report);

    c->out.looked_at++;
    if (e == ERR_OK &&
        (stamp_outcome_of_legs(&report, c->full) != STAMP_GOOD || !signatures_pass(&report))) {
        if (c->out.bad++ == 0) {
            legs_print_verdict(&report, c->out.first, sizeof c->out.first);
        }
    }
    legs_free(&report);
    return e;
}

static void *run(void *self)
{
    struct checker *c = self;

    for (size_t k = c->from; k < c->most && c->e == ERR_OK; k += c->step) {
        const size_t i = k * c->stride;

        if (i >= c->result->n_kept) {
            break;
        }
        c->e = check_one(c, &c->result->kept[i]);
    }
    return NULL;
}

static enum err gather(struct checker *checkers, unsigned n, struct bench_checked *out)
{
    enum err e = ERR_OK;

    for (unsigned i = 0; i < n; i++) {
        (void)pthread_join(checkers[i].thread, NULL);
        if (out->bad == 0 && checkers[i].out.bad > 0) {
            memcpy(out->first, checkers[i].out.first, sizeof out->first);
        }
        out->looked_at += checkers[i].out.looked_at;
        out->bad += checkers[i].out.bad;
        e = e != ERR_OK ? e : checkers[i].e;
    }
    return e;
}

enum err bench_check(const struct bench_plan *plan, const struct bench_result *result,
                     const struct legs_options *options, bool full, size_t most,
                     struct bench_checked *out)
{
    struct checker *checkers = calloc(plan->threads, sizeof *checkers);
    unsigned running = 0;

    *out = (struct bench_checked){0};
    if (checkers == NULL) {
        return ERR_NOSPACE;
    }
    const size_t stride = most == 0 || result->n_kept <= most ? 1 : result->n_kept / most;

    for (; running < plan->threads; running++) {
        checkers[running] = (struct checker){
            .plan = plan,
            .result = result,
            .options = options,
            .full = full,
            .from = running,
            .step = plan->threads,
            .stride = stride,
            .most = most,
        };
        if (pthread_create(&checkers[running].thread, NULL, run, &checkers[running]) != 0) {
            break;
        }
    }
    enum err e = gather(checkers, running, out);

    if (e == ERR_OK && running < plan->threads) {
        e = ERR_IO;
    }
    free(checkers);
    return e;
}
