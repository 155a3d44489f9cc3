/* archive.h - the archive time-stamp that a batch of hybrid tokens shares, and what one token's
 * EvidenceRecord is made of. */
#ifndef HOST_FRONT_ARCHIVE_H
#define HOST_FRONT_ARCHIVE_H

#include "format/er_tree.h"
#include "format/evidence_record.h"
#include "host/chain/token_build.h"
#include "host/config/config.h"
#include "host/log/journal.h"

#include <stdatomic.h>

/* Shared by the tokens of a batch; never changes but for journal_err. */
struct archive {
    atomic_uint refs;
    struct journal_entry entry; /* its own row */
    enum err journal_err;       /* of that row; read after a later row is done */
    struct stamp stamp;
    const struct config_policy *policy; /* of the snapshot that its tokens hold */
    /* The ContentInfo. No signature covers its certificates, so each token gets what its
     * request asked for; the journal has the hash of the bare one. */
    struct view bare, full;
    uint8_t bytes[2 * TOKEN_BUILD_MAX];
};

/* Makes the token of a job that is done with ERR_OK under an evidence policy. One reference.
 * ERR_NOSPACE: out of memory. Others as token_build(). */
MUST_CHECK enum err archive_new(const struct coord_job *job, const struct tsa_chain *chain,
                                const struct config_policy *policy, struct archive **out);
void archive_hold(struct archive *a);
void archive_put(struct archive *a); /* NULL: nothing */

/* Hands its row to the journal; rows appended later are done later, and not on disk without
 * this one unless journal_err says so. */
void archive_record(struct archive *a, struct journal *j);

/* A leaf's way to the root: the values of struct er_path. */
struct archive_path {
    uint8_t n_first, n_later;
    uint8_t values[2 + ER_LATER_MAX][ER_HASH_LEN]; /* first group, then one for each later */
};

void archive_path_keep(struct archive_path *p, const struct er_path *from);

/* Writes the reply with its EvidenceRecord into memory of its own, which the caller frees.
 * *reply and *token (the ContentInfo in it) point into it. On failure both are empty and it is
 * NULL. ERR_NOSPACE: out of memory. ERR_BUG: resp is no reply of ours. */
MUST_CHECK enum err archive_attach(const struct archive *a, const struct archive_path *p,
                                   bool cert_req, struct view resp, uint8_t **memory,
                                   struct view *reply, struct view *token);

#endif
