#include "host/ceremony/bundle_again_io.h"
#include "host/ceremony/order_epoch_io.h"
#include "host/ceremony/platform_list.h"
#include "host/ceremony/reenrol_config_io.h"
#include "host/ceremony/reenrol_io.h"
#include "os/small_file.h"
#include "wire/renew_order.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum err read_order(struct order_epoch *e, size_t at, const char *path,
                           struct view *bytes, struct reenrol_order *o)
{
    TRY(order_read_file(path, e->orders[at], sizeof e->orders[at], bytes));
    const enum err err = reenrol_order_decode(*bytes, o);

    if (err != ERR_OK) {
        (void)command_say(0, path, "no order");
    }
    return err;
}

/* ---- quorate ceremony order ---- */

/* On which machine: operators say it where there is a choice, not the process. */
static enum err choose_machine(const struct command_ask *o, const struct plan *p,
                               struct reenrol_order *out)
{
    static uint8_t platform[PLAN_PLATFORM_LEN];
    enum err e = o->platform == NULL ? ERR_OK : ERR_POLICY;

    if (plan_is_attested(p)) {
        e = platform_choose(&p->nodes[out->node], o->platform, platform);
        out->platform = (struct view){platform, sizeof platform};
    }
    if (e != ERR_OK) {
        (void)command_say(0, "--platform",
                          e == ERR_POLICY     ? "the plan has no policy"
                          : e == ERR_RANGE    ? "the plan lists several machines of that node"
                          : e == ERR_MISMATCH ? "the plan does not list it for that node"
                                              : "one machine, in hexadecimal");
    }
    return e;
}

/* From what the process at that place says of itself. */
static enum err draft(const struct command_ask *o, const struct order_epoch *e,
                      struct reenrol_order *out)
{
    static struct run_hello hello;
    char uri[RUN_URI_MAX];
    const struct plan *const p = &e->record.plan;
    const char *from = o->n_cores > 0 ? o->cores[0] : uri;

    *out = (struct reenrol_order){.node = (uint8_t)(o->place - 1),
                                  .attempt = (uint32_t)o->attempt};
    TRY(choose_machine(o, p, out));
    if (o->n_cores == 0 && !command_uri(o->record, p->nodes[out->node].listen, uri)) {
        return ERR_NOSPACE;
    }
    const enum err err = run_ask_hello(from, &hello);

    if (err != ERR_OK) {
        (void)command_say(0, from, err_name(err));
        return err;
    }
    memcpy(out->epoch_id, e->record.known.epoch_id, sizeof out->epoch_id);
    memcpy(out->identity, hello.node.identity, sizeof out->identity);
    memcpy(out->signing_key, hello.node.signing_key, sizeof out->signing_key);
    memcpy(out->boot_nonce, hello.node.boot_nonce, sizeof out->boot_nonce);
    return ERR_OK;
}

static int write_order(const struct command_ask *o, const struct plan *p,
                       const struct reenrol_order *order)
{
    uint8_t bytes[REENROL_ORDER_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);

    reenrol_order_encode(&w, order);
    (void)printf("node %u, attempt %u, signed by %zu of %u operators: ", order->node + 1U,
                 order->attempt, order->n, p->orders_needed);
    return order_write(o, (struct view){bytes, w.len});
}

static enum err sign_all(const struct command_ask *o, const struct plan *p,
                         struct reenrol_order *order)
{
    uint8_t body[REENROL_BODY_MAX];
    struct writer w = wr_init(body, sizeof body);

    reenrol_body_encode(&w, order);
    return order_sign_all(o, p,
                          &(struct order_signed){{body, w.len}, order->signatures, &order->n});
}

/* Whether the one that is given has a pair tried once more. */
static bool is_renewal(const struct command_ask *o, struct order_epoch *e)
{
    struct renew_order order;
    struct view bytes;

    return o->n_orders == 1 &&
           small_file_read(o->orders[0], e->orders[0], sizeof e->orders[0], &bytes) == ERR_OK &&
           renew_order_decode(bytes, &order) == ERR_OK;
}

static int make_order(const struct command_ask *o, const struct config *c,
                      struct order_epoch *e)
{
    const struct plan *const p = &e->record.plan;
    const bool again = o->n_orders == 1;
    struct reenrol_order order;
    struct view bytes;

    (void)c;
    if (p->orders_needed == 0) {
        return command_say(COMMAND_USAGE, o->record, "its plan lets nobody order anything");
    }
    if (o->renew != NULL || is_renewal(o, e)) {
        return order_make_renewal(o, e);
    }
    if (!again && (o->place == 0 || o->place > p->total || o->attempt == 0 ||
                   o->attempt > REENROL_ATTEMPT_MAX)) {
        return command_say(COMMAND_USAGE, "--place and --attempt",
                           "of a node of the plan, from 1");
    }
    if ((again ? read_order(e, 0, o->orders[0], &bytes, &order) : draft(o, e, &order)) !=
            ERR_OK ||
        sign_all(o, p, &order) != ERR_OK) {
        return COMMAND_USAGE;
    }
    return write_order(o, p, &order);
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
        (void)command_say(0, "reenrol",
                          e == ERR_QUORUM ? "fewer than three nodes of the epoch answer"
                                          : err_name(e));
    }
    return COMMAND_NO_KEY;
}

/* What the authority knows of orders before, then those that are given. */
static enum err find_orders(const struct command_ask *o, const struct config *c,
                            struct order_epoch *e, struct reenrol_job *job)
{
    static struct reenrol_earlier earlier;
    struct reenrol_order order;

    if (c != NULL) {
        reenrol_read_earlier(c, e->record.known.epoch_id, &earlier);
        memcpy(job->orders, earlier.orders, sizeof earlier.orders);
        job->n = earlier.n;
    }
    if (job->n + o->n_orders > PLAN_NODES_MAX) {
        (void)command_say(0, "--order", "one too many");
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
        (void)command_say(0, c->front.ended, strerrordesc_np(errno));
        return e;
    }
    e = reenrol_activate(c, job->uris[r->node]);
    if (e != ERR_OK) {
        (void)command_say(0, "the node has its shares, but is not activated", err_name(e));
        return e;
    }
    e = bundle_note_again(c->front.bundle, job->record, job->orders, job->n,
                          job->uris[r->node]);
    if (e != ERR_OK) {
        (void)command_say(0, c->front.bundle, err_name(e));
    }
    return ERR_OK; /* it signs again, whatever is shown of it */
}

static int reenrol(const struct command_ask *o, const struct config *c, struct order_epoch *e)
{
    struct reenrol_job job = {.record = e->bytes, .plan = &e->record.plan};
    struct reenrol_result result;

    if (find_orders(o, c, e, &job) != ERR_OK || !order_find_nodes(o, job.plan, job.uris)) {
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

int command_order(const struct command_ask *o)
{
    return order_with_epoch(o, make_order);
}

int command_reenrol(const struct command_ask *o)
{
    return order_with_epoch(o, reenrol);
}
