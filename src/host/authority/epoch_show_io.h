/* epoch_show_io.h - what an attested epoch shows of itself, gathered from its cores and kept in
 * one file, the bundle (docs/bundle.md): first for who certifies its keys, then, with the
 * certificates, for everybody. */
#ifndef HOST_AUTHORITY_EPOCH_SHOW_IO_H
#define HOST_AUTHORITY_EPOCH_SHOW_IO_H

#include "bundle/bundle_judge.h"

#include "host/chain/tsa_chain.h"
#include "wire/frame.h"

#define EPOCH_SHOW_MS 20000    /* a core that has shown nothing after so long: given up */
#define EPOCH_SHOW_AGAIN_MS 20 /* between two questions for evidence that is being made */

/* How a core is asked; the answer stays until the next question. */
struct epoch_show_asker {
    enum err (*ask)(void *user, unsigned place, enum frame_type type, struct view body,
                    struct view *answer);
    void (*pause)(void *user, unsigned ms);
    int64_t (*now_ms)(void *user);
    void *user;
};

struct epoch_show; /* some megabytes, on the heap */

/* Asks every node of the record, which stays where it is, for its evidence of this epoch. Nodes
 * that do not answer, or have none, are left out: the judges count.
 *
 * ERR_NOSPACE: no memory. ERR_QUORUM: fewer than sign together have shown anything. What
 * ceremony_record_decode() gives. *out is NULL then. */
MUST_CHECK enum err epoch_show_new(struct view record, const struct epoch_show_asker *asker,
                                   struct epoch_show **out);
void epoch_show_free(struct epoch_show *s); /* NULL: nothing */

/* Puts a recipe (bundle/recipe.h) of a file into the bundle: of what the measurement is.
 * ERR_IO, ERR_NOSPACE; what recipe_decode() gives. */
MUST_CHECK enum err epoch_show_recipe(struct epoch_show *s, const char *path);

/* Takes over what the file in the bundle's place has, of the epoch before or of this one, whose
 * bundle it is if it was shown earlier (bundle_grow.h), and adds orders to re-enrol, oldest
 * first. Before each of what follows; all of it stays where it is. ERR_NOSPACE: more orders, or
 * processes, than a bundle holds. */
MUST_CHECK enum err epoch_show_follow(struct epoch_show *s, const char *path,
                                      const struct view *orders, size_t n);

/* Writes the bundle without certificates: what a certify command may look at. ERR_NOSPACE,
 * ERR_IO. */
MUST_CHECK enum err epoch_show_draft(struct epoch_show *s, const char *path);

/* Writes the whole bundle. ERR_EVIDENCE: it would not hold, and *check says
 * where; ERR_NOSPACE, ERR_IO. The file is as it was then. */
MUST_CHECK enum err epoch_show_write(struct epoch_show *s, const char *path,
                                     const struct tsa_chain *classic,
                                     const struct tsa_chain *pq, enum bundle_check *check);

#endif
