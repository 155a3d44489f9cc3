/* er_tree.h - reduced hash trees of RFC 4998 4.2 and 4.3 over SHA-512, in the one shape that we
 * write. Leaves are sorted as bytes, neighbours paired, a node is SHA-512 of the two in
 * ascending order, an odd last one moves up unhashed. */
#ifndef FORMAT_ER_TREE_H
#define FORMAT_ER_TREE_H

#include "base/bytes.h"

#define ER_HASH_LEN 64 /* SHA-512 */
#define ER_TREE_LEAVES_MAX 4096
#define ER_TREE_LEVELS_MAX 13  /* of 4096 leaves, with leaves and root */
#define ER_TREE_NODES_MAX 8204 /* of 4096 leaves and one odd node at each level */
#define ER_GROUPS_MAX 16       /* of a path that we read; ours have at most 12 */
#define ER_LATER_MAX (ER_GROUPS_MAX - 1)

/* The values of a reducedHashtree, ER_HASH_LEN bytes each. First group: n_first 1 or 2; each
 * later group is one value. n_first == 0: no tree, the root is the leaf. */
struct er_path {
    size_t n_first, n_later;
    struct view first[2];
    struct view later[ER_LATER_MAX];
};

struct er_hash {
    uint8_t b[ER_HASH_LEN];
};

/* Half a megabyte: one for a batch, used again. */
struct er_tree {
    size_t n_levels;
    size_t start[ER_TREE_LEVELS_MAX]; /* first node of a level; leaves are level 0 */
    size_t width[ER_TREE_LEVELS_MAX];
    uint16_t order[ER_TREE_LEAVES_MAX]; /* the leaf at a place of level 0 */
    uint16_t place[ER_TREE_LEAVES_MAX]; /* the place of a leaf */
    struct er_hash nodes[ER_TREE_NODES_MAX];
};

/* Builds the tree of n leaves; they are copied. ERR_RANGE: n is 0 or over ER_TREE_LEAVES_MAX,
 * or two leaves are equal; the tree has no root then. */
MUST_CHECK enum err er_tree_build(struct er_tree *t, const struct er_hash *leaves, size_t n);

/* The root, inside of t; n == 0 if nothing was built. */
struct view er_tree_root(const struct er_tree *t);

/* The path of the leaf that was given as number i; views into t. A first group of {leaf,
 * sibling} ascending, then one sibling a group; empty for a tree of one leaf. ERR_RANGE: there
 * is no such leaf; *out is zero then. */
MUST_CHECK enum err er_tree_path(const struct er_tree *t, size_t i, struct er_path *out);

/* Computes the root above leaf. On failure root is zero.
 * ERR_LENGTH: leaf or a value is not ER_HASH_LEN bytes. ERR_RANGE: a shape that
 * evidence_record.h refuses. ERR_EVIDENCE: two equal values. ERR_MISMATCH: leaf is not in the
 * first group (RFC 4998 4.3 step 2). */
MUST_CHECK enum err er_path_root(const struct er_path *path, struct view leaf,
                                 uint8_t root[ER_HASH_LEN]);

/* The checks of er_path_root() that need no leaf: ERR_LENGTH, ERR_RANGE, ERR_EVIDENCE. */
MUST_CHECK enum err er_path_check(const struct er_path *path);

#endif
