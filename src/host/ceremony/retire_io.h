/* retire_io.h - has the cores of an epoch retire, and keeps what they say of it. */
#ifndef HOST_CEREMONY_RETIRE_IO_H
#define HOST_CEREMONY_RETIRE_IO_H

#include "wire/retire_call.h"

#define RETIRE_WAIT_MS 30000 /* for a core that drains: its sessions end within 5 s */
#define RETIRE_ANSWER_MS 2000
#define RETIRE_FILE_MAGIC "QUORATE-RETIRED-1\n"
#define RETIRE_FILE_MAX 2280 /* bytes: a statement of each node */

struct retire_job {
    const struct plan *plan;
    const uint8_t *epoch_id;
    struct view order;                /* bytes: whether they hold, each core judges */
    const char *uris[PLAN_NODES_MAX]; /* of the nodes, in their order */
};

struct retire_result {
    enum err err[PLAN_NODES_MAX]; /* of each node; ERR_OK: its statement holds */
    struct retired said[PLAN_NODES_MAX];
    unsigned n;         /* that retired */
    unsigned by_orders; /* of these, nodes that came again by an order: their statements are
                           not of a key that the plan lists, and are not kept */
};

/* Asks all of them until each has answered, or for RETIRE_WAIT_MS. */
void retire_run(const struct retire_job *job, struct retire_result *out);

/* The file of statements: RETIRE_FILE_MAGIC, then each of RETIRED_LEN bytes. */
void retire_file_encode(struct writer *w, const struct retire_result *r);

#endif
