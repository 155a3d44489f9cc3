#include "host/ceremony/order_file.h"
#include "host/ceremony/reenrol_config_io.h"
#include "host/ceremony/reenrol_io.h"
#include "host/ceremony/run_io.h"
#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_MODE 0644

/* A record, and orders of it. Large. */
struct epoch {
    struct ceremony_scratch scratch;
    struct view bytes;
    struct ceremony_record record;
    uint8_t orders[PLAN_NODES_MAX][REENROL_ORDER_MAX];
    uint8_t space[CEREMONY_RECORD_MAX];
};

static int say(int status, const char *which, const char *what)
{
    (void)fprintf(stderr, "quorate ceremony: %s: %s\n", which, what);
    return status;
}

static enum err read_file(const char *path, uint8_t *space, size_t cap, struct view *out)
{
    errno = 0;
    const enum err e = small_file_read(path, space, cap, out);

    if (e != ERR_OK) {
        (void)say(0, path, errno != 0 ? strerrordesc_np(errno) : "too long");
    }
    return e;
}

/* Verified: whoever signs an order must know of which epoch it is. */
static struct epoch *read_epoch(const char *path)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    struct epoch *const e = aligned_alloc(_Alignof(struct epoch), sizeof *e);

    if (e == NULL || read_file(path, e->space, sizeof e->space, &e->bytes) != ERR_OK) {
        free(e);
        return NULL;
    }
    if (ceremony_record_decode(e->bytes, &e->record) != ERR_OK ||
        !ceremony_record_verify(&e->record, &e->scratch, findings)) {
        (void)say(0, path, "no genuine record of a key ceremony");
        free(e);
        return NULL;
    }
    return e;
}

static enum err read_order(struct epoch *e, size_t at, const char *path, struct view *bytes,
                           struct reenrol_order *o)
{
    TRY(read_file(path, e->orders[at], sizeof e->orders[at], bytes));
    const enum err err = reenrol_order_decode(*bytes, o);

    if (err != ERR_OK) {
        (void)say(0, path, "no order");
    }
    return err;
}

/* ---- quorate ceremony order ---- */

/* From what the process at that place says of itself. */
static enum err draft(const struct command_ask *o, const struct epoch *e,
                      struct reenrol_order *out)
{
    static struct run_hello hello;
    char uri[RUN_URI_MAX];
    const struct plan *const p = &e->record.plan;
    const char *from = o->n_cores > 0 ? o->cores[0] : uri;

    *out = (struct reenrol_order){.node = (uint8_t)(o->place - 1),
                                  .attempt = (uint32_t)o->attempt};
    if (o->n_cores == 0 && !command_uri(o->record, p->nodes[out->node].listen, uri)) {
        return ERR_NOSPACE;
    }
    const enum err err = run_ask_hello(from, &hello);

    if (err != ERR_OK) {
        (void)say(0, from, err_name(err));
        return err;
    }
    memcpy(out->epoch_id, e->record.known.epoch_id, sizeof out->epoch_id);
    memcpy(out->identity, hello.node.identity, sizeof out->identity);
    memcpy(out->signing_key, hello.node.signing_key, sizeof out->signing_key);
    memcpy(out->boot_nonce, hello.node.boot_nonce, sizeof out->boot_nonce);
    return ERR_OK;
}

static enum err sign_all(const struct command_ask *o, const struct epoch *e,
                         struct reenrol_order *order)
{
    static uint8_t pem[COMMAND_KEY_MAX];

    for (size_t i = 0; i < o->n_keys; i++) {
        struct view in;

        TRY(read_file(o->keys[i], pem, sizeof pem, &in));
        const enum err err = order_sign(order, &e->record.plan, in);

        explicit_bzero(pem, sizeof pem);
        if (err != ERR_OK) {
            (void)say(0, o->keys[i],
                      err == ERR_MISMATCH ? "no operator of the plan" : "no P-384 key in PEM");
            return err;
        }
    }
    return ERR_OK;
}

static int write_order(const char *path, const struct plan *p,
                       const struct reenrol_order *order)
{
    uint8_t bytes[REENROL_ORDER_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view v;

    reenrol_order_encode(&w, order);
    errno = 0;
    if (wr_finish(&w, &v) != ERR_OK || file_replace(path, v, ORDER_MODE) != ERR_OK) {
        return say(COMMAND_USAGE, path, strerrordesc_np(errno));
    }
    (void)printf("node %u, attempt %u, signed by %zu of %u operators: %s\n", order->node + 1U,
                 order->attempt, order->n, p->orders_needed, path);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

static int make_order(const struct command_ask *o, const struct config *c, struct epoch *e)
{
    const struct plan *const p = &e->record.plan;
    const bool again = o->n_orders == 1;
    struct reenrol_order order;
    struct view bytes;

    (void)c;
    if (!again && (o->place == 0 || o->place > p->total || o->attempt == 0 ||
                   o->attempt > REENROL_ATTEMPT_MAX)) {
        return say(COMMAND_USAGE, "--place and --attempt", "of a node of the plan, from 1");
    }
    if (p->orders_needed == 0) {
        return say(COMMAND_USAGE, o->record, "its plan lets nobody order anything");
    }
    if ((again ? read_order(e, 0, o->orders[0], &bytes, &order) : draft(o, e, &order)) !=
            ERR_OK ||
        sign_all(o, e, &order) != ERR_OK) {
        return COMMAND_USAGE;
    }
    return write_order(o->out != NULL ? o->out : o->orders[0], p, &order);
}

/* ---- quorate ceremony reenrol ---- */

static void print_done(const struct command_ask *o, const struct reenrol_result *r)
{
    const double seconds = (double)r->took_ms / 1000;

    if (o->json) {
        (void)printf("{\"event\":\"reenrol\",\"node\":%u,\"attempt\":%u,\"incarnation\":%u,"
                     "\"helpers\":%u,\"seconds\":%.1f}\n",
                     r->node + 1U, r->attempt, r->attempt + 1U, r->helpers, seconds);
    } else {
        (void)printf("node %u has its shares again, as incarnation %u (%.1f s)\n"
                     "Whoever had them before has them for the epoch: it is a repair, not a "
                     "refresh\n",
                     r->node + 1U, r->attempt + 1U, seconds);
    }
}

static int print_failed(const struct reenrol_result *r, enum err e)
{
    if (r->accused != REENROL_NOBODY) {
        (void)fprintf(stderr, "quorate ceremony: node %u accuses node %u: %s\n", r->by + 1U,
                      r->accused + 1U, err_name(e));
        return COMMAND_BLAMED;
    }
    if (r->by != REENROL_NOBODY) {
        (void)fprintf(stderr, "quorate ceremony: node %u: %s\n", r->by + 1U, err_name(e));
    } else {
        (void)say(0, "reenrol",
                  e == ERR_QUORUM ? "fewer than three nodes of the epoch answer" : err_name(e));
    }
    return COMMAND_NO_KEY;
}

/* By place; from the folder of the record. */
static bool find_nodes(const struct command_ask *o, struct reenrol_job *job)
{
    static char uris[PLAN_NODES_MAX][RUN_URI_MAX];

    for (size_t i = 0; i < job->plan->total; i++) {
        job->uris[i] = i < o->n_cores ? o->cores[i] : uris[i];
        if (!command_uri(o->record, job->plan->nodes[i].listen, uris[i])) {
            (void)say(0, o->record, "the place of a node is too long");
            return false;
        }
    }
    return true;
}

/* What the authority knows of orders before, then those that are given. */
static enum err find_orders(const struct command_ask *o, const struct config *c,
                            struct epoch *e, struct reenrol_job *job)
{
    static struct reenrol_earlier earlier;
    struct reenrol_order order;

    if (c != NULL) {
        reenrol_read_earlier(c, e->record.known.epoch_id, &earlier);
        memcpy(job->orders, earlier.orders, sizeof earlier.orders);
        job->n = earlier.n;
    }
    if (job->n + o->n_orders > PLAN_NODES_MAX) {
        (void)say(0, "--order", "one too many");
        return ERR_NOSPACE;
    }
    for (size_t i = 0; i < o->n_orders; i++) {
        TRY(read_order(e, i, o->orders[i], &job->orders[job->n], &order));
        job->n++;
    }
    return ERR_OK;
}

/* It has its shares: that is to last, and to be of use. */
static enum err install(const struct config *c, const struct reenrol_job *job,
                        const struct reenrol_result *r)
{
    enum err e = reenrol_note_order(c, job->orders[job->n - 1]);

    if (e != ERR_OK) {
        (void)say(0, c->front.ended, strerrordesc_np(errno));
        return e;
    }
    e = reenrol_activate(c, job->uris[r->node]);
    if (e != ERR_OK) {
        (void)say(0, "the node has its shares, but is not activated", err_name(e));
    }
    return e;
}

static int reenrol(const struct command_ask *o, const struct config *c, struct epoch *e)
{
    struct reenrol_job job = {.record = e->bytes, .plan = &e->record.plan};
    struct reenrol_result result;

    if (find_orders(o, c, e, &job) != ERR_OK || !find_nodes(o, &job)) {
        return COMMAND_USAGE;
    }
    const enum err err = reenrol_run(&job, &result);

    if (err != ERR_OK) {
        return print_failed(&result, err);
    }
    if (c != NULL && install(c, &job, &result) != ERR_OK) {
        return COMMAND_NO_KEY;
    }
    print_done(o, &result);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

/* With the record that the configuration names, if there is one. */
static int with_epoch(const struct command_ask *given,
                      int (*run)(const struct command_ask *o, const struct config *c,
                                 struct epoch *e))
{
    static struct config config;
    struct command_ask o = *given;
    char error[CONFIG_ERROR_MAX];

    if (o.config != NULL && config_load(o.config, &config, error) != ERR_OK) {
        return say(COMMAND_USAGE, o.config, error);
    }
    if (o.config != NULL) {
        o.record = config.front.ceremony;
    }
    struct epoch *const e = read_epoch(o.record);
    const int status =
        e != NULL ? run(&o, o.config != NULL ? &config : NULL, e) : COMMAND_USAGE;

    free(e);
    return status;
}

int command_order(const struct command_ask *o)
{
    return with_epoch(o, make_order);
}

int command_reenrol(const struct command_ask *o)
{
    return with_epoch(o, reenrol);
}
