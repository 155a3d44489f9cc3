/* bundle_grow.h - what comes into a bundle after its epoch has begun, and what a bundle that is
 * written takes over from the file in its place: that of the epoch before, or its own, written
 * earlier. No bytes are copied: views point where they pointed. Nothing is verified. */
#ifndef BUNDLE_BUNDLE_GROW_H
#define BUNDLE_BUNDLE_GROW_H

#include "bundle/epoch_doc.h"

/* Adds an order, unless it is there. ERR_NOSPACE: there are BUNDLE_ORDERS_MAX. */
MUST_CHECK enum err bundle_add_order(struct bundle *b, struct view order);

/* Adds what a process shows, at its place among the others; instead of what it has shown
 * before. ERR_NOSPACE: there is that of BUNDLE_EVIDENCE_MAX others. */
MUST_CHECK enum err bundle_add_evidence(struct bundle *b, const struct bundle_evidence *e);

/* Takes over what file has, a whole bundle of the same authority; b has a record, the one of
 * epoch number, and evidence.
 *
 * Where the file is of the same record, the epoch is shown once more: its document was named by
 * others, so that it has to follow again. What the processes of the ceremony show is what
 * stands in the file, whoever came later shows what it shows now, else what it did; orders,
 * statements and the epochs before are those of the file. ERR_NOSPACE: as above.
 *
 * Else the file is of an epoch before: its documents lead the chain, and if it is the one
 * directly before, its own document ends it, and it is the bundle of the epoch before. A file
 * that is no bundle, or has no room for one epoch more, gives nothing: whoever judges then says
 * that the chain is not whole. */
MUST_CHECK enum err bundle_take_over(struct bundle *b, uint64_t number, struct view file);

/* Has file be the bundle of the epoch before: a first one, or as it became when its nodes said
 * that it is over. ERR_MISMATCH: it is not of the epoch directly before, and b is as it was.
 * Else as bundle_decode(). */
MUST_CHECK enum err bundle_set_before(struct bundle *b, struct view file);

#endif
