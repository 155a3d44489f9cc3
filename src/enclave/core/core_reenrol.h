/* core_reenrol.h - a core's part in the re-enrolment of a node: frames to the machine of
 * enclave/repair and back, and what an order and its end make of the core (docs/wire.md 15).
 * core_step.c calls it. */
#ifndef ENCLAVE_CORE_CORE_REENROL_H
#define ENCLAVE_CORE_CORE_REENROL_H

#include "enclave/core/core_step.h"

/* Writes the body of one answer. ERR_TYPE: this core signs alone.
 *
 * ORDER: what reenrol_order_ask_decode() and reenrol_order_decode() give. ERR_STATE: one is
 * under way, or the core drains; a record, and it has a key or a ceremony; no record, and its
 * key is not in use yet. What reenrol_roster_take(), tecdsa_repair_epoch_begin() and
 * reenrol_help() give; at the fresh process what adopt_record(), judge_plan() and reenrol_ask()
 * give, too. ERR_MISMATCH besides: an order that gives this core's own place to another.
 * ERR_IO: no entropy. Orders before the one that fails are taken.
 *
 * STEP: what reenrol_packets_check() gives: then none was taken. */
MUST_CHECK enum err core_reenrol_call(struct core *c, const struct core_call *call,
                                      struct writer *w);

/* Housekeeping: one that takes too long. */
void core_reenrol_tick(struct core *c);

#endif
