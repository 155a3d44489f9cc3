/* proof_io.h - the folder in which proofs of lies are kept. */
#ifndef HOST_COORD_PROOF_IO_H
#define HOST_COORD_PROOF_IO_H

#include "host/coord/proof.h"

#define PROOF_FILES_MAX 64 /* in the folder; further ones are not kept */
#define PROOF_NAME_MAX 512 /* bytes of a path with its zero */

/* Keeps a proof against the node with this index, from 1, of an epoch as
 *
 *   DIR/lie-EPOCH-INDEX.qpf     EPOCH: the first 8 bytes of its id, in hex
 *
 * One for each node and epoch: the first. ERR_STATE: there is one. ERR_NOSPACE: the folder has
 * PROOF_FILES_MAX, or the name is too long. ERR_IO: it cannot be written. name gets the path,
 * if it has room. */
MUST_CHECK enum err proof_keep(const char *dir, const uint8_t epoch_id[EPOCH_ID_LEN],
                               unsigned index, struct view proof, char name[PROOF_NAME_MAX]);

/* Writes the proof against a party of this session, and keeps it. The errors of both. */
MUST_CHECK enum err proof_keep_run(const char *dir, const struct quorum_run *run,
                                   unsigned party, char name[PROOF_NAME_MAX]);

#endif
