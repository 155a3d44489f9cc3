#include "host/ceremony/order_epoch_io.h"

#include "os/file_replace.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ORDER_MODE 0644

enum err order_read_file(const char *path, uint8_t *space, size_t cap, struct view *out)
{
    errno = 0;
    const enum err e = small_file_read(path, space, cap, out);

    if (e != ERR_OK) {
        (void)command_say(0, path, errno != 0 ? strerrordesc_np(errno) : "too long");
    }
    return e;
}

/* Verified: whoever signs an order must know of which epoch it is. */
static struct order_epoch *read_epoch(const char *path)
{
    struct ceremony_finding findings[CEREMONY_CHECKS];
    struct order_epoch *const e = aligned_alloc(_Alignof(struct order_epoch), sizeof *e);

    if (e == NULL || order_read_file(path, e->space, sizeof e->space, &e->bytes) != ERR_OK) {
        free(e);
        return NULL;
    }
    if (ceremony_record_decode(e->bytes, &e->record) != ERR_OK ||
        !ceremony_record_verify(&e->record, &e->scratch, findings)) {
        (void)command_say(0, path, "no genuine record of a key ceremony");
        free(e);
        return NULL;
    }
    return e;
}

enum err order_sign_all(const struct command_ask *o, const struct plan *p,
                        const struct order_signed *order)
{
    static uint8_t pem[COMMAND_KEY_MAX];

    for (size_t i = 0; i < o->n_keys; i++) {
        struct view in;

        TRY(order_read_file(o->keys[i], pem, sizeof pem, &in));
        const enum err err = order_sign(order, p, in);

        explicit_bzero(pem, sizeof pem);
        if (err != ERR_OK) {
            (void)command_say(0, o->keys[i],
                              err == ERR_MISMATCH ? "no operator of the plan"
                                                  : "no P-384 key in PEM");
            return err;
        }
    }
    return ERR_OK;
}

int order_write(const struct command_ask *o, struct view bytes)
{
    const char *path = o->out != NULL ? o->out : o->orders[0];

    errno = 0;
    if (file_replace(path, bytes, ORDER_MODE) != ERR_OK) {
        return command_say(COMMAND_USAGE, path, strerrordesc_np(errno));
    }
    (void)printf("%s\n", path);
    return fflush(stdout) == 0 ? COMMAND_DONE : COMMAND_USAGE;
}

bool order_find_nodes(const struct command_ask *o, const struct plan *p,
                      const char *uris[PLAN_NODES_MAX])
{
    static char of_plan[PLAN_NODES_MAX][RUN_URI_MAX];

    for (size_t i = 0; i < p->total; i++) {
        uris[i] = i < o->n_cores ? o->cores[i] : of_plan[i];
        if (!command_uri(o->record, p->nodes[i].listen, of_plan[i])) {
            (void)command_say(0, o->record, "the place of a node is too long");
            return false;
        }
    }
    return true;
}

int order_with_epoch(const struct command_ask *given,
                     int (*run)(const struct command_ask *o, const struct config *c,
                                struct order_epoch *e))
{
    static struct config config;
    struct command_ask o = *given;
    char error[CONFIG_ERROR_MAX];

    if (o.config != NULL && config_load(o.config, &config, error) != ERR_OK) {
        return command_say(COMMAND_USAGE, o.config, error);
    }
    if (o.config != NULL) {
        o.record = config.front.ceremony;
    }
    struct order_epoch *const e = read_epoch(o.record);
    const int status =
        e != NULL ? run(&o, o.config != NULL ? &config : NULL, e) : COMMAND_USAGE;

    free(e);
    return status;
}
