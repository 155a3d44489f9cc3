/* order_epoch_io.h - what the commands that are about orders of an epoch share: its record, its
 * operators' signatures, files. What goes wrong is said on stderr. */
#ifndef HOST_CEREMONY_ORDER_EPOCH_IO_H
#define HOST_CEREMONY_ORDER_EPOCH_IO_H

#include "host/ceremony/command_io.h"
#include "host/ceremony/order_file.h"
#include "host/config/config.h"

/* A record that is genuine, and orders of it. Large. */
struct order_epoch {
    struct ceremony_scratch scratch;
    struct view bytes;
    struct ceremony_record record;
    uint8_t orders[PLAN_NODES_MAX][REENROL_ORDER_MAX];
    uint8_t space[CEREMONY_RECORD_MAX];
};

MUST_CHECK enum err order_read_file(const char *path, uint8_t *space, size_t cap,
                                    struct view *out);

/* With all keys that are given. */
MUST_CHECK enum err order_sign_all(const struct command_ask *o, const struct plan *p,
                                   const struct order_signed *order);

/* Into o->out, or where the first order came from. Gives enum command_exit. */
int order_write(const struct command_ask *o, struct view bytes);

/* By place, what o says, or what the plan does: from the folder of the record. */
MUST_CHECK bool order_find_nodes(const struct command_ask *o, const struct plan *p,
                                 const char *uris[PLAN_NODES_MAX]);

/* With the record that o names, or the configuration that it names (else NULL). */
int order_with_epoch(const struct command_ask *given,
                     int (*run)(const struct command_ask *o, const struct config *c,
                                struct order_epoch *e));

/* ---- renew_command_io.c ---- */

/* `quorate ceremony order --renew`, or of a file that is such an order. */
int order_make_renewal(const struct command_ask *o, struct order_epoch *e);

#endif
