/* `quorate ceremony order --renew`, and `quorate ceremony renew`, which brings such an order to
 * the two cores. Each judges it itself. */
#include "host/ceremony/order_epoch_io.h"
#include "host/ceremony/reenrol_io.h"
#include "host/link/core_ask_io.h"
#include "wire/presign_call.h"
#include "wire/renew_order.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* ---- quorate ceremony order --renew A,B ---- */

/* One place of a plan, from 1. NULL: none. Otherwise what follows it. */
static const char *read_place(const char *text, const struct plan *p, uint8_t *out)
{
    char *end = NULL;
    const unsigned long n = text[0] >= '1' && text[0] <= '9' ? strtoul(text, &end, 10) : 0;

    if (n == 0 || n > p->total) {
        return NULL;
    }
    *out = (uint8_t)(n - 1);
    return end;
}

static bool read_pair(const char *text, const struct plan *p, uint8_t nodes[2])
{
    const char *const comma = read_place(text, p, &nodes[0]);
    const char *const end =
        comma != NULL && comma[0] == ',' ? read_place(comma + 1, p, &nodes[1]) : NULL;

    if (end == NULL || end[0] != 0 || nodes[0] == nodes[1]) {
        return false;
    }
    if (nodes[0] > nodes[1]) {
        const uint8_t low = nodes[1];

        nodes[1] = nodes[0];
        nodes[0] = low;
    }
    return true;
}

static bool draft(const struct command_ask *o, const struct order_epoch *e,
                  struct renew_order *out)
{
    *out = (struct renew_order){.attempt = (uint32_t)o->attempt};
    if (!read_pair(o->renew, &e->record.plan, out->nodes)) {
        (void)command_say(0, "--renew", "two nodes of the plan, from 1, with a comma");
        return false;
    }
    if (o->attempt == 0 || o->attempt > UINT32_MAX) {
        (void)command_say(0, "--attempt", "from 1");
        return false;
    }
    memcpy(out->epoch_id, e->record.known.epoch_id, sizeof out->epoch_id);
    return true;
}

static enum err read_order(struct order_epoch *e, const char *path, struct view *bytes,
                           struct renew_order *o)
{
    TRY(order_read_file(path, e->orders[0], sizeof e->orders[0], bytes));
    const enum err err = renew_order_decode(*bytes, o);

    if (err != ERR_OK) {
        (void)command_say(0, path, "no order to renew");
    }
    return err;
}

int order_make_renewal(const struct command_ask *o, struct order_epoch *e)
{
    const struct plan *const p = &e->record.plan;
    uint8_t bytes[RENEW_ORDER_MAX];
    struct writer body = wr_init(bytes, sizeof bytes);
    struct writer w = wr_init(bytes, sizeof bytes);
    struct renew_order order;
    struct view read;

    if (o->n_orders == 1 ? read_order(e, o->orders[0], &read, &order) != ERR_OK
                         : !draft(o, e, &order)) {
        return COMMAND_USAGE;
    }
    renew_body_encode(&body, &order);
    if (order_sign_all(o, p,
                       &(struct order_signed){{bytes, body.len}, order.signatures, &order.n}) !=
        ERR_OK) {
        return COMMAND_USAGE;
    }
    renew_order_encode(&w, &order);
    (void)printf(
        "nodes %u and %u, attempt %u, signed by %zu of %u operators: ", order.nodes[0] + 1U,
        order.nodes[1] + 1U, order.attempt, order.n, p->orders_needed);
    return order_write(o, (struct view){bytes, w.len});
}

/* ---- quorate ceremony renew ---- */

static enum err give(const char *uri, struct view order)
{
    static struct core_ask ask;
    uint8_t bytes[1 + RENEW_ORDER_MAX];
    struct writer w = wr_init(bytes, sizeof bytes);
    struct view answer;
    enum err said = ERR_BUG;

    wr_u8(&w, PRESIGN_ORDER_RENEW);
    wr_view(&w, order);
    ask.uri = uri;
    ask.wait_ms = REENROL_ANSWER_MS;
    TRY(core_ask(&ask, FRAME_PRESIGN_ORDER, (struct view){bytes, w.len}, &answer));
    TRY(presign_ordered_decode(answer, &said));
    return said;
}

static void print_given(const struct command_ask *o, const struct renew_order *order,
                        const enum err e[2])
{
    for (unsigned i = 0; i < 2; i++) {
        if (e[i] != ERR_OK) {
            (void)fprintf(stderr, "quorate ceremony: node %u: %s\n", order->nodes[i] + 1U,
                          err_name(e[i]));
        }
    }
    if (o->json) {
        (void)printf("{\"event\":\"renew\",\"nodes\":[%u,%u],\"attempt\":%u,"
                     "\"answers\":[\"%s\",\"%s\"]}\n",
                     order->nodes[0] + 1U, order->nodes[1] + 1U, order->attempt, err_name(e[0]),
                     err_name(e[1]));
    } else if (e[0] == ERR_OK || e[1] == ERR_OK) {
        (void)printf(
            "nodes %u and %u try once more: the next check that fails cuts them again\n",
            order->nodes[0] + 1U, order->nodes[1] + 1U);
    }
}

/* One that has taken this attempt before is told again where the other was not there. */
static bool both_have(const enum err e[2])
{
    return (e[0] == ERR_OK && (e[1] == ERR_OK || e[1] == ERR_STALE)) ||
           (e[0] == ERR_STALE && e[1] == ERR_OK);
}

static int renew(const struct command_ask *o, const struct config *c, struct order_epoch *e)
{
    const char *uris[PLAN_NODES_MAX];
    struct renew_order order;
    struct view bytes;
    enum err said[2];

    (void)c;
    if (read_order(e, o->orders[0], &bytes, &order) != ERR_OK ||
        !order_find_nodes(o, &e->record.plan, uris)) {
        return COMMAND_USAGE;
    }
    if (order.nodes[1] >= e->record.plan.total) {
        return command_say(COMMAND_USAGE, o->orders[0], "of nodes that the plan has not");
    }
    for (unsigned i = 0; i < 2; i++) {
        said[i] = give(uris[order.nodes[i]], bytes);
    }
    print_given(o, &order, said);
    if (fflush(stdout) != 0) {
        return COMMAND_USAGE;
    }
    return both_have(said) ? COMMAND_DONE : COMMAND_NO_KEY;
}

int command_renew(const struct command_ask *o)
{
    return order_with_epoch(o, renew);
}
