#include "host/front/epoch_io.h"

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
    coord_take_roster(coord, roster);
}
