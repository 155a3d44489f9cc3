/* adopt.h - what a fresh process takes from the record of a ceremony that it was not at, before
 * it is given the shares of a node that was (reenrol.h). */
#ifndef ENCLAVE_REPAIR_ADOPT_H
#define ENCLAVE_REPAIR_ADOPT_H

#include "enclave/ceremony/ceremony.h"
#include "enclave/repair/reenrol.h"

/* Verifies a record and fills c from it, as if this core had been there, but for index and
 * shares: plan, epoch, keys, record; and the scratch that reenrol_public points to, which
 * nothing else may use until the shares are there. The state stays CEREMONY_IDLE.
 *
 * What ceremony_record_decode() gives; ERR_SIGNATURE: not genuine; ERR_POLICY: it has no shared
 * P-384 key; ERR_BUG. c is zero then. */
MUST_CHECK enum err adopt_record(struct ceremony *c, const struct ceremony_tools *tools,
                                 struct view record);

/* What the node that asks knows of the pq key, out of that. */
struct reenrol_public adopt_public(struct ceremony *c);

/* The shares are there: c is a ceremony that finished. They are erased where they were. */
void adopt_shares(struct ceremony *c, uint8_t own, struct reenrol_shares *shares);

#endif
