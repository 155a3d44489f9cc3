/* reenrol_io.h - the host's part when a fresh process gets a lost node's place: gives everybody
 * the order, and carries packets (docs/wire.md 15). It is trusted for nothing. */
#ifndef HOST_CEREMONY_REENROL_IO_H
#define HOST_CEREMONY_REENROL_IO_H

#include "host/ceremony/command_io.h"
#include "wire/reenrol_call.h"

#define REENROL_ANSWER_MS 10000 /* a core that has not answered after so long is lost */
#define REENROL_ROUNDS_MAX 64   /* frames with packets to one core; more: somebody sends on */
/* Under a plan with a policy: how soon a core is asked again whether evidence of its machine
 * came. After so long nobody waits for that any more; cores themselves end it before. */
#define REENROL_PAUSE_MS 5
#define REENROL_WAIT_MS 15000

struct reenrol_job {
    struct view record;
    const struct plan *plan;          /* of the record */
    const char *uris[PLAN_NODES_MAX]; /* by place; of the fresh process at that of the order */
    size_t n;                         /* 1 to PLAN_NODES_MAX */
    struct view orders[PLAN_NODES_MAX]; /* the last one is carried out */
};

struct reenrol_result {
    unsigned helpers; /* a mask of places */
    uint8_t node;     /* whose place it is */
    uint8_t by;       /* which core refused or ended it; REENROL_NOBODY */
    uint8_t accused;  /* whom it accuses; REENROL_NOBODY */
    uint32_t attempt;
    int64_t took_ms;
};

/* Has it done. Three cores of the epoch that answer help, the first by place. ERR_QUORUM: fewer
 * do, or one showed two things (accused). What reenrol_order_decode() gives for the last order;
 * what a core refused or ended it for; ERR_IO, ERR_DEADLINE: one does not answer, or a packet
 * was lost. */
MUST_CHECK enum err reenrol_run(const struct reenrol_job *job, struct reenrol_result *out);

/* `quorate ceremony order`, `reenrol` and `renew`. Give enum command_exit. */
int command_order(const struct command_ask *o);
int command_reenrol(const struct command_ask *o);
int command_renew(const struct command_ask *o);

#endif
