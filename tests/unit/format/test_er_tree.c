#include "testing.h"

#include "format/er_tree.h"

#include <nettle/sha2.h>
#include <stdlib.h>
#include <string.h>

/* Trees against a plain recomputation: qsort, and one level at a time in a copy. */

static struct er_tree tree;
static struct er_hash leaves[ER_TREE_LEAVES_MAX + 1];
static struct er_hash work[ER_TREE_LEAVES_MAX];

static void sha512_of(const uint8_t *p, size_t n, uint8_t *out)
{
    struct sha512_ctx c;

    sha512_init(&c);
    sha512_update(&c, n, p);
    sha512_digest(&c, 64, out);
}

static void make_leaves(size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const uint8_t name[2] = {(uint8_t)(i >> 8), (uint8_t)i};

        sha512_of(name, sizeof name, leaves[i].b);
    }
}

static int by_bytes(const void *a, const void *b)
{
    return memcmp(a, b, ER_HASH_LEN);
}

static void plain_root(size_t n, uint8_t *root)
{
    memcpy(work, leaves, n * sizeof work[0]);
    qsort(work, n, sizeof work[0], by_bytes);
    while (n > 1) {
        size_t above = 0;

        for (size_t i = 0; i < n; i += 2) {
            uint8_t both[128];

            if (i + 1 == n) {
                work[above++] = work[i];
                continue;
            }
            if (memcmp(work[i].b, work[i + 1].b, 64) > 0) {
                memcpy(both, work[i + 1].b, 64);
                memcpy(both + 64, work[i].b, 64);
            } else {
                memcpy(both, work[i].b, 64);
                memcpy(both + 64, work[i + 1].b, 64);
            }
            sha512_of(both, sizeof both, work[above++].b);
        }
        n = above;
    }
    memcpy(root, work[0].b, 64);
}

static struct view leaf_view(size_t i)
{
    return (struct view){leaves[i].b, ER_HASH_LEN};
}

static void every_leaf_leads_to_the_root(void **state)
{
    static const size_t sizes[] = {1,  2,   3,   4,   5,    6,    7,    8,   9,
                                   17, 127, 128, 129, 1000, 2049, 4095, 4096};

    (void)state;
    make_leaves(ER_TREE_LEAVES_MAX);
    for (size_t k = 0; k < sizeof sizes / sizeof sizes[0]; k++) {
        const size_t n = sizes[k];
        uint8_t want[64];
        uint8_t root[64];
        size_t deepest = 0;

        plain_root(n, want);
        assert_int_equal(er_tree_build(&tree, leaves, n), ERR_OK);
        assert_memory_equal(er_tree_root(&tree).p, want, 64);
        for (size_t i = 0; i < n; i++) {
            struct er_path path;
            const size_t other = (i + 1) % n;

            assert_int_equal(er_tree_path(&tree, i, &path), ERR_OK);
            assert_int_equal(path.n_first, n == 1 ? 0 : 2);
            assert_int_equal(er_path_check(&path), ERR_OK);
            assert_int_equal(er_path_root(&path, leaf_view(i), root), ERR_OK);
            assert_memory_equal(root, want, 64);
            deepest = path.n_later + 1 > deepest ? path.n_later + 1 : deepest;
            if (n > 2) {
                const enum err e = er_path_root(&path, leaf_view(other), root);

                assert_true(e == ERR_MISMATCH || view_equal(path.first[0], leaf_view(other)) ||
                            view_equal(path.first[1], leaf_view(other)));
            }
        }
        assert_true(deepest <= 12);
        assert_int_equal(er_tree_path(&tree, n, &(struct er_path){0}), ERR_RANGE);
    }
}

static void refuses_batches(void **state)
{
    (void)state;
    make_leaves(ER_TREE_LEAVES_MAX + 1);
    assert_int_equal(er_tree_build(&tree, leaves, 0), ERR_RANGE);
    assert_int_equal(er_tree_root(&tree).n, 0);
    assert_int_equal(er_tree_path(&tree, 0, &(struct er_path){0}), ERR_RANGE);
    assert_int_equal(er_tree_build(&tree, leaves, ER_TREE_LEAVES_MAX + 1), ERR_RANGE);
    leaves[3] = leaves[0];
    assert_int_equal(er_tree_build(&tree, leaves, 4), ERR_RANGE);
    assert_int_equal(er_tree_root(&tree).n, 0);
}

static void refuses_paths(void **state)
{
    struct er_path good;
    struct er_path p;
    uint8_t root[64];
    const uint8_t zero[64] = {0};

    (void)state;
    make_leaves(ER_TREE_LEAVES_MAX);
    assert_int_equal(er_tree_build(&tree, leaves, 9), ERR_OK);
    assert_int_equal(er_tree_path(&tree, 0, &good), ERR_OK);
    assert_true(good.n_later > 0);
    assert_int_equal(er_path_root(&good, (struct view){leaves[0].b, 63}, root), ERR_LENGTH);
    /* step 2: a hit further up does not count */
    assert_int_equal(er_path_root(&good, good.later[0], root), ERR_MISMATCH);
    assert_memory_equal(root, zero, 64);
    p = good;
    p.n_first = 3;
    assert_int_equal(er_path_check(&p), ERR_RANGE);
    p = good;
    p.n_first = 0;
    assert_int_equal(er_path_check(&p), ERR_RANGE);
    p = good;
    p.n_first = 1;
    assert_int_equal(er_path_check(&p), ERR_OK);
    p.n_later = 0;
    assert_int_equal(er_path_check(&p), ERR_RANGE);
    p = good;
    p.n_later = ER_LATER_MAX + 1;
    assert_int_equal(er_path_check(&p), ERR_RANGE);
    p = good;
    p.later[0].n = 63;
    assert_int_equal(er_path_check(&p), ERR_LENGTH);
    p = good;
    p.first[1] = p.first[0];
    assert_int_equal(er_path_check(&p), ERR_EVIDENCE);
    p = good;
    p.later[0] = p.first[0];
    assert_int_equal(er_path_root(&p, leaf_view(0), root), ERR_EVIDENCE);
}

/* A first group of one is carried up unhashed; a group's order on the way in does not matter.
 */
static void reads_other_forms(void **state)
{
    struct er_path path = {.n_first = 1, .n_later = 1};
    uint8_t one[64];
    uint8_t two[64];

    (void)state;
    make_leaves(2);
    path.first[0] = leaf_view(0);
    path.later[0] = leaf_view(1);
    assert_int_equal(er_path_root(&path, leaf_view(0), one), ERR_OK);
    path = (struct er_path){.n_first = 2};
    path.first[0] = leaf_view(0);
    path.first[1] = leaf_view(1);
    assert_int_equal(er_path_root(&path, leaf_view(1), two), ERR_OK);
    assert_memory_equal(one, two, 64);
    path.first[0] = leaf_view(1);
    path.first[1] = leaf_view(0);
    assert_int_equal(er_path_root(&path, leaf_view(1), two), ERR_OK);
    assert_memory_equal(one, two, 64);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_leaf_leads_to_the_root),
        cmocka_unit_test(refuses_batches),
        cmocka_unit_test(refuses_paths),
        cmocka_unit_test(reads_other_forms),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
