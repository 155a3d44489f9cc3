/* reenrol_rig.h - the host and the operator of a re-enrolment of cores of a member_kit: orders,
 * packets, and what each core says. The fresh process is the node FRESH of the kit. */
#ifndef TESTS_UNIT_CORE_REENROL_RIG_H
#define TESTS_UNIT_CORE_REENROL_RIG_H

#include "member_kit.h"

#include "wire/reenrol_call.h"

#define LOST 4
#define FRESH MEMBER_TOTAL
#define HELPERS 0x07

struct reenrol_rig {
    struct member_kit *k;
    struct view record;
    struct reenrol_order order;
    uint8_t order_bytes[2][REENROL_ORDER_MAX];
    struct view orders[2];
    struct view waiting[16]; /* packets, each of its own block */
    size_t n_waiting;
    struct reenrol_answer said; /* the latest */
};

/* After a ceremony of a plan with member_kit_operator(): starts the fresh process, with an
 * order for the place LOST, attempt 1. */
void reenrol_rig_init(struct reenrol_rig *r, struct member_kit *k);
void reenrol_rig_free(struct reenrol_rig *r);

/* r->order into r->orders[at], signed. */
void reenrol_rig_sign(struct reenrol_rig *r, size_t at);
/* For the fresh process, of that place; without a platform. */
void reenrol_rig_order(struct reenrol_rig *r, uint8_t place, uint32_t attempt);

/* n of r->orders; with: a record, or nothing. Fills r->said. */
enum err reenrol_rig_give(struct reenrol_rig *r, size_t node, uint8_t helpers, size_t n,
                          struct view with);
/* To the four of HELPERS' side and the fresh process: all take it. */
void reenrol_rig_give_all(struct reenrol_rig *r, size_t n);
/* Packets until none are left; for the lost place they go to the fresh process. */
void reenrol_rig_settle(struct reenrol_rig *r);
void reenrol_rig_lose_packets(struct reenrol_rig *r);
/* By an empty STEP. */
enum reenrol_state reenrol_rig_state(struct reenrol_rig *r, size_t node);

#endif
