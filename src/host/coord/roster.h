/* roster.h - the public facts of an epoch of several cores, from the record of their ceremony:
 * who they are, the key, and what each subset's part of it is. */
#ifndef HOST_COORD_ROSTER_H
#define HOST_COORD_ROSTER_H

#include "host/coord/quorum_run.h"
#include "wire/ceremony_record.h"
#include "wire/reenrol_order.h"

#define ROSTER_WHY_MAX 96 /* bytes of a reason with its zero */

/* Never changed once made, but by orders. */
struct roster {
    struct tmldsa_public_key key;
    size_t n;
    struct quorum_roster quorum;   /* of what stands around it */
    struct ceremony_record record; /* views into bytes; keys of nodes as orders left them */
    struct reenrol_roster orders;  /* that were taken */
    uint8_t id[CEREMONY_HASH_LEN]; /* of the ceremony */
    uint8_t t[CEREMONY_SUBSETS_MAX * CEREMONY_T_LEN];
    size_t n_bytes;
    uint8_t bytes[CEREMONY_RECORD_MAX];
};

/* Reads and verifies the record; takes some milliseconds a node.
 * ERR_NOSPACE: out of memory. ERR_SIGNATURE, ERR_MISMATCH: it does not hold. Others: as
 * ceremony_record_decode(). On failure *out is NULL and why says more. */
MUST_CHECK enum err roster_new(struct view record, struct roster **out,
                               char why[ROSTER_WHY_MAX]);
void roster_free(struct roster *r); /* NULL: nothing */

/* As reenrol_roster_take(): that place is known by other keys from then on. */
MUST_CHECK enum err roster_take_order(struct roster *r, const struct reenrol_order *o);

/* The place of the node with this P-384 identity; plan->total: there is none. */
size_t roster_place(const struct plan *plan, const uint8_t identity[IDENTITY_LEN]);

#endif
