#include "host/ceremony/run_io.h"

#include "host/link/core_link_io.h"
#include "os/clock.h"
#include "os/file_replace.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#define RECORD_MODE 0644

struct run_node {
    struct core_link link;
    unsigned attempt; /* that the question under way is of */
    uint8_t out[CORE_ASK_ROOM], in[CORE_ASK_ROOM];
};

struct run {
    struct ceremony_scratch scratch;
    struct ceremony_record record;
    struct plan plan;
    const struct run_job *job;
    struct relay *relay;
    struct run_node nodes[PLAN_NODES_MAX];
    uint8_t body[FRAME_BODY_LONG_MAX];
};

static int64_t now_ms(void)
{
    return clock_os.monotonic_ns(clock_os.self) / 1000000;
}

/* ---- one question to one core ---- */

static void ask(struct run *r, uint8_t i)
{
    struct run_node *n = &r->nodes[i];
    struct writer body = wr_init(r->body, sizeof r->body);
    uint8_t type = 0;

    if (n->link.fd >= 0 || !relay_ask(r->relay, i, now_ms(), &type, &body)) {
        return;
    }
    n->attempt = r->relay->attempt;
    const enum err e =
        core_link_ask(&n->link, r->job->uris[i], type, (struct view){body.p, body.len});

    if (e != ERR_OK) {
        relay_lost(r->relay, i, e, now_ms());
    }
}

static void go_on(struct run *r, uint8_t i)
{
    struct core_link *l = &r->nodes[i].link;
    struct view answer;
    bool done = false;
    const enum err e = core_link_step(l, &done, &answer);

    if (done) {
        relay_answer(r->relay, i, answer, now_ms());
    } else if (e != ERR_OK && l->refused) {
        relay_refused(r->relay, i, e, now_ms());
    } else if (e != ERR_OK) {
        relay_lost(r->relay, i, e, now_ms());
    }
}

/* A question of an attempt that is over is of no use: its connection is closed. */
static void drop_old(struct run *r)
{
    for (uint8_t i = 0; i < r->plan.total; i++) {
        if (r->nodes[i].link.fd >= 0 && r->nodes[i].attempt != r->relay->attempt) {
            core_link_close(&r->nodes[i].link);
            relay_lost(r->relay, i, ERR_DEADLINE, now_ms());
        }
    }
}

/* ---- the loop ---- */

static enum err one_round(struct run *r)
{
    struct pollfd fds[PLAN_NODES_MAX];
    const uint8_t total = r->plan.total;

    for (uint8_t i = 0; i < total; i++) {
        ask(r, i);
        fds[i] = (struct pollfd){.fd = r->nodes[i].link.fd,
                                 .events = core_link_events(&r->nodes[i].link)};
    }
    const int64_t left = relay_next_ms(r->relay) - now_ms();

    if (r->relay->state == RELAY_RUNS && poll(fds, total, left > 0 ? (int)left : 0) < 0) {
        return ERR_IO;
    }
    for (uint8_t i = 0; i < total; i++) {
        if (fds[i].fd >= 0 && fds[i].revents != 0 && fds[i].fd == r->nodes[i].link.fd) {
            go_on(r, i);
        }
    }
    relay_tick(r->relay, now_ms());
    return ERR_OK;
}

static void tell(const struct run *r, unsigned attempt)
{
    if (r->job->failed != NULL) {
        r->job->failed(r->job->user, attempt, &r->relay->end);
    }
}

static enum err run_to_end(struct run *r)
{
    while (r->relay->state == RELAY_RUNS) {
        const unsigned attempt = r->relay->attempt;

        TRY(one_round(r));
        if (r->relay->attempt != attempt || r->relay->state == RELAY_FAILED) {
            tell(r, attempt);
            drop_old(r);
        }
    }
    return r->relay->state == RELAY_DONE ? ERR_OK : ERR_QUORUM;
}

/* ---- the record ---- */

static enum err check_record(struct run *r, struct run_result *out)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];

    out->check = CEREMONY_CHECK_SIGNATURES;
    if (ceremony_record_decode(relay_record(r->relay), &r->record) != ERR_OK) {
        return ERR_SIGNATURE;
    }
    if (!view_equal(r->record.known.plan_bytes, r->job->plan) ||
        memcmp(r->record.known.nonce, r->relay->nonce, PLAN_NONCE_LEN) != 0) {
        return ERR_MISMATCH;
    }
    if (ceremony_record_verify(&r->record, &r->scratch, findings)) {
        return ERR_OK;
    }
    while (findings[out->check].err == ERR_OK) {
        out->check++;
    }
    return ERR_SIGNATURE;
}

static enum err run(struct run *r, struct run_result *out)
{
    const int64_t since = now_ms();
    enum err e = run_to_end(r);

    out->attempts = r->relay->attempt;
    out->end = r->relay->end;
    TRY(e);
    e = check_record(r, out);
    if (e != ERR_OK) {
        return e;
    }
    out->took_ms = now_ms() - since;
    out->record_len = relay_record(r->relay).n;
    ceremony_record_id(relay_record(r->relay), out->id);
    memcpy(out->epoch_id, r->record.known.epoch_id, sizeof out->epoch_id);
    return file_replace(r->job->record, relay_record(r->relay), RECORD_MODE);
}

enum err run_ceremony(const struct run_job *job, struct run_result *out)
{
    struct run *r = aligned_alloc(_Alignof(struct run), sizeof *r); /* scratch of vectors */

    *out = (struct run_result){0};
    if (r == NULL) {
        return ERR_NOSPACE;
    }
    memset(r, 0, sizeof *r);
    r->job = job;
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        struct run_node *n = &r->nodes[i];

        core_link_init(&n->link, n->out, sizeof n->out, n->in, sizeof n->in);
    }
    enum err e = plan_decode(job->plan, &r->plan);

    if (e == ERR_OK) {
        e = relay_new(job->plan, &entropy_os, now_ms(), &r->relay);
    }
    if (e == ERR_OK) {
        e = run(r, out);
    }
    for (size_t i = 0; i < PLAN_NODES_MAX; i++) {
        core_link_close(&r->nodes[i].link);
    }
    relay_free(r->relay);
    free(r);
    return e;
}

/* ---- HELLO ---- */

static enum err take_hello(struct view body, struct run_hello *out)
{
    struct hello h;

    TRY(hello_decode(body, &h));
    memcpy(out->node.identity, h.identity, sizeof out->node.identity);
    memcpy(out->node.signing_key, h.signing_key, sizeof out->node.signing_key);
    memcpy(out->node.boot_nonce, h.boot_nonce, sizeof out->node.boot_nonce);
    out->n_policies = h.n_policies;
    memcpy(out->policies, h.policies, sizeof out->policies);
    return ERR_OK;
}

enum err run_ask_hello(const char *uri, struct run_hello *out)
{
    struct view answer;

    memset(out, 0, sizeof *out);
    out->ask.uri = uri;
    out->ask.wait_ms = RELAY_ANSWER_MS;
    TRY(core_ask(&out->ask, FRAME_HELLO, (struct view){NULL, 0}, &answer));
    return take_hello(answer, out);
}
