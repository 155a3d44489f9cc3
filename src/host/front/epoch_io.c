#include "host/front/epoch_io.h"

#include "host/coord/ended_list.h"
#include "os/event_log.h"
#include "os/small_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* Says once why the file is not taken. */
static void refuse(struct epoch_file *e, const char *path, const char *why)
{
    const struct event_field fields[] = {
        {.key = "file", .kind = EVENT_TEXT, .text = path},
        {.key = "why", .kind = EVENT_TEXT, .text = why},
    };

    if (strcmp(e->refused, why) != 0) {
        (void)snprintf(e->refused, sizeof e->refused, "%s", why);
        event_log(EVENT_WARN, EVENT_EPOCH_REFUSED, fields, 2);
    }
}

void epoch_refresh(struct epoch_file *e, const char *path, struct coord *coord)
{
    static uint8_t space[CEREMONY_RECORD_MAX]; /* the main thread's */
    uint8_t id[CEREMONY_HASH_LEN];
    char why[ROSTER_WHY_MAX];
    struct roster *roster = NULL;
    struct view record;
    enum err err = small_file_read(path, space, sizeof space, &record);

    if (err != ERR_OK) {
        refuse(e, path, err == ERR_NOSPACE ? "too long" : strerrordesc_np(errno));
        return;
    }
    ceremony_record_id(record, id);
    if (e->read && memcmp(e->id, id, sizeof id) == 0) {
        return;
    }
    err = roster_new(record, &roster, why);
    if (err == ERR_NOSPACE) { /* of memory: it is tried again */
        refuse(e, path, why);
        return;
    }
    e->read = true;
    memcpy(e->id, id, sizeof id);
    if (err != ERR_OK) {
        refuse(e, path, why);
        return;
    }
    e->refused[0] = '\0';
    e->n = roster->record.known.plan->total;
    e->n_again = 0;
    memcpy(e->epoch_id, roster->quorum.epoch_id, sizeof e->epoch_id);
    for (size_t i = 0; i < e->n; i++) {
        memcpy(e->boot_nonces[i], roster->record.known.plan->nodes[i].boot_nonce,
               PLAN_NONCE_LEN);
    }
    coord_take_roster(coord, roster);
}

static bool is_known(const struct epoch_file *e, const uint8_t boot_nonce[PLAN_NONCE_LEN])
{
    for (size_t i = 0; i < e->n + e->n_again; i++) {
        if (memcmp(e->boot_nonces[i], boot_nonce, PLAN_NONCE_LEN) == 0) {
            return true;
        }
    }
    return false;
}

/* Coord judges them. */
static void hear_orders(struct epoch_file *e, struct view list, struct coord *coord)
{
    struct reader r = rd_init(list);
    uint8_t space[REENROL_ORDER_MAX];
    struct reenrol_order o;
    struct view bytes;

    while (ended_list_next_order(&r, space, &bytes)) {
        if (!e->read || reenrol_order_decode(bytes, &o) != ERR_OK ||
            memcmp(o.epoch_id, e->epoch_id, sizeof o.epoch_id) != 0) {
            continue;
        }
        if (!is_known(e, o.boot_nonce) && e->n_again < PLAN_NODES_MAX) {
            memcpy(e->boot_nonces[e->n + e->n_again++], o.boot_nonce, PLAN_NONCE_LEN);
        }
        coord_take_order(coord, &o);
    }
}

void epoch_hear(struct epoch_file *e, const char *path, struct coord *coord)
{
    static uint8_t space[ENDED_LIST_MAX]; /* the main thread's */
    uint8_t boot_nonce[PLAN_NONCE_LEN];
    struct reader r;
    struct view list;

    if (small_file_read(path, space, sizeof space, &list) != ERR_OK) {
        return;
    }
    r = rd_init(list);
    while (ended_list_next(&r, boot_nonce)) {
        if (is_known(e, boot_nonce)) {
            coord_core_ended(coord, boot_nonce);
        }
    }
    hear_orders(e, list, coord);
}
