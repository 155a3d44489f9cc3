/* epoch_doc.h - an epoch in a few hundred bytes: which keys, made by which ceremony, under
 * which policy, shown by which evidence, after which epoch. All of it follows from the other
 * parts of a bundle, and whoever judges a bundle computes it again; its hash names the epoch
 * with everything that was shown of it. docs/bundle.md.
 *
 *   version(1)=1 number(8) epoch_id(48) previous(48) plan_hash(48) policy_hash(48)
 *   record_id(48) classic(48) pq(48) threshold(1) total(1) assurance(1) then total x hash(48)
 */
#ifndef BUNDLE_EPOCH_DOC_H
#define BUNDLE_EPOCH_DOC_H

#include "bundle/bundle.h"

#define EPOCH_DOC_VERSION 1
#define EPOCH_DOC_HASH_LEN 48 /* SHA-384 */
#define EPOCH_DOC_MAX 636     /* bytes of one of BUNDLE_NODES_MAX */

enum epoch_assurance { /* the lowest of all nodes; as QuorateBinding numbers them */
                       EPOCH_HARDWARE = 0,
                       EPOCH_MIXED = 1,
                       EPOCH_SIMULATED = 2,
};

struct epoch_doc {
    uint64_t number; /* from 1 */
    uint8_t epoch_id[EPOCH_DOC_HASH_LEN];
    uint8_t
        previous[EPOCH_DOC_HASH_LEN]; /* epoch_doc_hash() of the epoch before; zero: first */
    uint8_t plan_hash[EPOCH_DOC_HASH_LEN];
    uint8_t policy_hash[EPOCH_DOC_HASH_LEN];
    uint8_t record_id[EPOCH_DOC_HASH_LEN];
    uint8_t classic[EPOCH_DOC_HASH_LEN]; /* SHA-384 of the SubjectPublicKeyInfo; zero: none */
    uint8_t pq[EPOCH_DOC_HASH_LEN];
    uint8_t threshold, total; /* 2 <= threshold <= total <= BUNDLE_NODES_MAX */
    uint8_t assurance;        /* enum epoch_assurance */
    uint8_t evidence[BUNDLE_NODES_MAX][EPOCH_DOC_HASH_LEN]; /* SHA-384 of the block of a node;
                                                               zero: it showed none */
};

void epoch_doc_encode(struct writer *w, const struct epoch_doc *d);

/* Reads a whole document and nothing after it. On failure *out is all zero.
 *
 * ERR_TRUNCATED, ERR_TRAILING. ERR_VERSION. ERR_RANGE: a number outside what stands above; a
 * first epoch with a previous one, or a later one without. */
MUST_CHECK enum err epoch_doc_decode(struct view in, struct epoch_doc *out);

/* SHA-384 of the encoding: the name of the epoch and of all that was shown of it. */
void epoch_doc_hash(struct view bytes, uint8_t out[EPOCH_DOC_HASH_LEN]);

/* Whether documents, oldest first, form one chain that ends with last: numbers rise by 1 from
 * 1, and each has the hash of the one before. If not, *at is the place, from 0, where it
 * breaks. ERR_ENCODING: no document stands there. ERR_TRUNCATED: an epoch is missing before the
 * one that does. ERR_RANGE: they are not in order, or one comes twice. ERR_MISMATCH: its place
 * is right, but the one before it is not the one that it names: that was altered, or is
 * another's.
 */
MUST_CHECK enum err epoch_doc_chain(const struct view *earlier, size_t n,
                                    const struct epoch_doc *last, size_t *at);

#endif
