#include "format/er_tree.h"

#include "crypto/hash.h"

#include <string.h>

static int compare(const struct er_hash *a, const struct er_hash *b)
{
    return memcmp(a->b, b->b, ER_HASH_LEN);
}

/* SHA-512(min || max) */
static void join(const uint8_t *a, const uint8_t *b, uint8_t *out)
{
    const bool ascending = memcmp(a, b, ER_HASH_LEN) < 0;
    struct hash_state s;

    hash_init(&s, HASH_SHA512);
    hash_update(&s, ascending ? a : b, ER_HASH_LEN);
    hash_update(&s, ascending ? b : a, ER_HASH_LEN);
    hash_final(&s, out);
}

/* Heap sort of the leaves' numbers: in place, n log n whatever a client makes us sort. */
static void sift_down(uint16_t *order, const struct er_hash *leaves, size_t at, size_t n)
{
    for (size_t child = 2 * at + 1; child < n; child = 2 * at + 1) {
        const uint16_t parent = order[at];

        if (child + 1 < n && compare(&leaves[order[child]], &leaves[order[child + 1]]) < 0) {
            child++;
        }
        if (compare(&leaves[parent], &leaves[order[child]]) >= 0) {
            return;
        }
        order[at] = order[child];
        order[child] = parent;
        at = child;
    }
}

static void sort_leaves(uint16_t *order, const struct er_hash *leaves, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        order[i] = (uint16_t)i;
    }
    for (size_t i = n / 2; i > 0; i--) {
        sift_down(order, leaves, i - 1, n);
    }
    for (size_t end = n; end > 1; end--) {
        const uint16_t largest = order[0];

        order[0] = order[end - 1];
        order[end - 1] = largest;
        sift_down(order, leaves, 0, end - 1);
    }
}

/* The level above the last one. */
static void add_level(struct er_tree *t)
{
    const size_t below = t->start[t->n_levels - 1];
    const size_t n = t->width[t->n_levels - 1];
    const size_t at = below + n;

    for (size_t i = 0; i + 1 < n; i += 2) {
        join(t->nodes[below + i].b, t->nodes[below + i + 1].b, t->nodes[at + i / 2].b);
    }
    if (n % 2 != 0) {
        t->nodes[at + n / 2] = t->nodes[below + n - 1];
    }
    t->start[t->n_levels] = at;
    t->width[t->n_levels] = n / 2 + n % 2;
    t->n_levels++;
}

enum err er_tree_build(struct er_tree *t, const struct er_hash *leaves, size_t n)
{
    t->n_levels = 0;
    if (n == 0 || n > ER_TREE_LEAVES_MAX) {
        return ERR_RANGE;
    }
    sort_leaves(t->order, leaves, n);
    for (size_t i = 0; i < n; i++) {
        t->place[t->order[i]] = (uint16_t)i;
        t->nodes[i] = leaves[t->order[i]];
        if (i > 0 && compare(&t->nodes[i - 1], &t->nodes[i]) == 0) {
            return ERR_RANGE;
        }
    }
    t->start[0] = 0;
    t->width[0] = n;
    t->n_levels = 1;
    while (t->width[t->n_levels - 1] > 1) {
        add_level(t);
    }
    return ERR_OK;
}

static struct view node_view(const struct er_tree *t, size_t level, size_t i)
{
    return (struct view){t->nodes[t->start[level] + i].b, ER_HASH_LEN};
}

struct view er_tree_root(const struct er_tree *t)
{
    if (t->n_levels == 0) {
        return (struct view){NULL, 0};
    }
    return node_view(t, t->n_levels - 1, 0);
}

enum err er_tree_path(const struct er_tree *t, size_t i, struct er_path *out)
{
    size_t at = 0;

    *out = (struct er_path){0};
    if (t->n_levels == 0 || i >= t->width[0]) {
        return ERR_RANGE;
    }
    at = t->place[i];
    for (size_t level = 0; level + 1 < t->n_levels; level++, at /= 2) {
        const size_t sibling = at % 2 == 0 ? at + 1 : at - 1;

        if (sibling >= t->width[level]) {
            continue; /* moves up unhashed: no group for it */
        }
        if (out->n_first == 0) {
            /* at is the leaf itself, perhaps moved up */
            out->first[0] = node_view(t, level, at < sibling ? at : sibling);
            out->first[1] = node_view(t, level, at < sibling ? sibling : at);
            if (memcmp(out->first[0].p, out->first[1].p, ER_HASH_LEN) > 0) {
                const struct view larger = out->first[0];

                out->first[0] = out->first[1];
                out->first[1] = larger;
            }
            out->n_first = 2;
        } else {
            out->later[out->n_later++] = node_view(t, level, sibling);
        }
    }
    return ERR_OK;
}

static struct view value_of(const struct er_path *path, size_t i)
{
    return i < path->n_first ? path->first[i] : path->later[i - path->n_first];
}

enum err er_path_check(const struct er_path *path)
{
    const size_t n = path->n_first + path->n_later;

    if (path->n_first > 2 || path->n_later > ER_LATER_MAX ||
        (path->n_first < 2 && path->n_first != 0 && path->n_later == 0) ||
        (path->n_first == 0 && path->n_later > 0)) {
        return ERR_RANGE;
    }
    for (size_t i = 0; i < n; i++) {
        if (value_of(path, i).n != ER_HASH_LEN) {
            return ERR_LENGTH;
        }
        for (size_t k = 0; k < i; k++) {
            if (view_equal(value_of(path, k), value_of(path, i))) {
                return ERR_EVIDENCE;
            }
        }
    }
    return ERR_OK;
}

enum err er_path_root(const struct er_path *path, struct view leaf, uint8_t root[ER_HASH_LEN])
{
    struct er_hash node;
    bool found = path->n_first == 0;

    memset(root, 0, ER_HASH_LEN);
    if (leaf.n != ER_HASH_LEN) {
        return ERR_LENGTH;
    }
    TRY(er_path_check(path));
    for (size_t i = 0; i < path->n_first; i++) {
        found = found || view_equal(path->first[i], leaf);
    }
    if (!found) {
        return ERR_MISMATCH;
    }
    memcpy(node.b, leaf.p, ER_HASH_LEN);
    if (path->n_first == 2) {
        join(path->first[0].p, path->first[1].p, node.b);
    }
    for (size_t i = 0; i < path->n_later; i++) {
        join(node.b, path->later[i].p, node.b);
    }
    memcpy(root, node.b, ER_HASH_LEN);
    return ERR_OK;
}
