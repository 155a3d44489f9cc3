#include "testing.h"

#include "crypto/hash.h"
#include "format/cms_parse.h"
#include "format/er_attach.h"
#include "format/evidence_record.h"
#include "format/tst_info_parse.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The golden hybrid tokens (10-hybrid), as far as structure goes: what is cut out, the tree,
 * and the imprint of the archive time-stamp. Signatures are the client's. */

#define FILE_MAX 65536

static uint8_t token_bytes[FILE_MAX];
static uint8_t other_bytes[FILE_MAX];
static uint8_t cut_bytes[FILE_MAX];

/* n == 0: no such file. */
static struct view read_file(const char *name, const char *suffix, uint8_t *buf)
{
    char path[1024];
    FILE *f = NULL;
    size_t n = 0;

    (void)snprintf(path, sizeof path, "%s/10-hybrid/%s%s", QUORATE_VECTORS, name, suffix);
    f = fopen(path, "rb");
    if (f == NULL) {
        return (struct view){NULL, 0};
    }
    n = fread(buf, 1, FILE_MAX, f);
    assert_true(n > 0 && n < FILE_MAX);
    (void)fclose(f);
    return (struct view){buf, n};
}

enum step { STEP_DETACH, STEP_RECORD, STEP_PATH, STEP_ROOT, STEP_DONE };

/* Where a token fails, and how. ERR_MISMATCH at STEP_ROOT: the root is not the imprint. */
static enum step judge(struct view token, enum err *e, struct er_detached *d)
{
    struct evidence_record er;
    struct signed_data sd;
    struct tst_info_view t;
    uint8_t leaf[HASH_MAX];
    uint8_t root[ER_HASH_LEN];

    *e = er_detach(token, cut_bytes, sizeof cut_bytes, d);
    if (*e != ERR_OK || d->record.n == 0) {
        return STEP_DETACH;
    }
    *e = evidence_record_parse(d->record, &er);
    if (*e != ERR_OK) {
        return STEP_RECORD;
    }
    hash_once(HASH_SHA512, d->data_object, leaf);
    *e = er_path_root(&er.path, (struct view){leaf, ER_HASH_LEN}, root);
    if (*e != ERR_OK) {
        return STEP_PATH;
    }
    assert_int_equal(cms_parse(er.time_stamp, &sd), ERR_OK);
    assert_int_equal(tst_info_parse(sd.content, &t), ERR_OK);
    *e = view_equal(t.hashed_message, (struct view){root, ER_HASH_LEN}) ? ERR_OK : ERR_MISMATCH;
    return *e == ERR_OK ? STEP_DONE : STEP_ROOT;
}

static void need_vectors(void)
{
    if (read_file("doc.txt", "", token_bytes).n == 0) {
        printf("SKIP no vectors %s/10-hybrid\n", QUORATE_VECTORS);
        exit(77);
    }
}

static const char *const good[] = {
    "hybrid/hybrid-1",
    "hybrid/hybrid-1-nodalg",
    "hybrid/hybrid-1-nocert",
    "hybrid/hybrid-1-chain",
    "hybrid/hybrid-whole",
    "hybrid/hybrid-openssl",
    "hybrid/hybrid-1-nullparams",
    "hybrid/hybrid-1-leaffirst",
    "batch/hybrid-2-i0",
    "batch/hybrid-2-i1",
    "batch/hybrid-3-i0",
    "batch/hybrid-3-i1",
    "batch/hybrid-3-i2",
    "batch/hybrid-5-i0",
    "batch/hybrid-5-i1",
    "batch/hybrid-5-i2",
    "batch/hybrid-5-i3",
    "batch/hybrid-5-i4",
    "batch/hybrid-1000-i0",
    "batch/hybrid-1000-i1",
    "batch/hybrid-1000-i674",
    "standin/standin-1",
    "standin/standin-2-i0",
    "standin/standin-3-i0",
    "standin/standin-5-i0",
    "standin/standin-1000-i0",
    "shape/shape-portable-pq",
    "shape/shape-portable-si",
    "shape/shape-bcstyle-single-first-pq",
    "shape/shape-bcstyle-single-first-si",
    "shape/shape-unsorted-stored-pq",
    "shape/shape-unsorted-stored-si",
    "probe/probe-foreign-attr-before",
    /* their faults are not in the structure */
    "bad/neg-pq-signature-bit",
    "bad/neg-classic-signature-bit-pq-ok",
    "bad/neg-late-pq",
    "bad/neg-early-pq",
    "bad/neg-pq-wrong-policy",
    "bad/neg-pq-other-authority",
    "bad/neg-archive-classic",
};

/* The writers give the file again, byte by byte, where it has the form that we write. */
static void write_again(struct view whole, const struct er_detached *d, const char *name)
{
    struct evidence_record er;
    struct writer w = wr_init(other_bytes, sizeof other_bytes);
    struct view out;

    assert_int_equal(evidence_record_parse(d->record, &er), ERR_OK);
    if (evidence_record_write(&w, &er.path, er.time_stamp) == ERR_OK && er.has_digest_alg) {
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_true(view_equal(out, d->record));
    }
    if (strstr(name, "foreign") == NULL) {
        w = wr_init(other_bytes, sizeof other_bytes);
        assert_int_equal(er_attach(&w, d->data_object, d->record), ERR_OK);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_true(view_equal(out, whole));
    }
}

static void good_tokens_come_apart(void **state)
{
    size_t compared = 0;

    (void)state;
    need_vectors();
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        struct view token = read_file(good[i], ".tst", token_bytes);
        struct er_detached d;
        enum err e = ERR_OK;
        struct view want;

        print_message("%s\n", good[i]);
        assert_true(token.n > 0);
        assert_int_equal(judge(token, &e, &d), STEP_DONE);
        want = read_file(good[i], ".classic.tst", other_bytes);
        if (want.n > 0) {
            assert_true(view_equal(d.data_object, want));
            compared++;
        }
        want = read_file(good[i], ".er", other_bytes);
        if (want.n > 0) {
            assert_true(view_equal(d.record, want));
            compared++;
        }
        write_again(token, &d, good[i]);
        token = read_file(good[i], ".tsr", token_bytes);
        if (token.n > 0) {
            assert_int_equal(judge(token, &e, &d), STEP_DONE);
            compared++;
        }
    }
    print_message("%zu files compared\n", compared);
    assert_true(compared >= 40);
}

static const struct {
    const char *name;
    enum step step;
    enum err want;
} bad[] = {
    {"bad/neg-stripped", STEP_DETACH, ERR_OK}, /* ABSENT */
    {"bad/neg-er-external-oid", STEP_DETACH, ERR_OK},
    {"dual/dual-stripped-to-classic", STEP_DETACH, ERR_OK},
    {"bad/neg-two-values", STEP_DETACH, ERR_LENGTH},
    {"bad/neg-two-attributes", STEP_DETACH, ERR_EXTENSION},
    {"bad/neg-empty-unsigned", STEP_DETACH, ERR_RANGE},
    {"dual/dual", STEP_DETACH, ERR_STATE},
    {"dual/dual-nocert", STEP_DETACH, ERR_STATE},
    {"dual/two-p384", STEP_DETACH, ERR_STATE},
    {"bad/neg-er-garbage", STEP_RECORD, ERR_TAG},
    {"bad/neg-sha256-tree", STEP_RECORD, ERR_BAD_ALG},
    {"bad/neg-digestalgs-mismatch", STEP_RECORD, ERR_BAD_ALG},
    {"bad/neg-dalg-mismatch", STEP_RECORD, ERR_MISMATCH},
    {"bad/neg-er-trailing", STEP_RECORD, ERR_TRAILING},
    {"probe/probe-two-ats", STEP_RECORD, ERR_STATE},
    {"shape/shape-only-single-unhashed-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-only-single-unhashed-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-only-single-hashed-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-only-single-hashed-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-flat5-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-flat5-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-ternary-rfc-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-ternary-rfc-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-ternary-bc-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-ternary-bc-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-emptygroup-pq", STEP_RECORD, ERR_RANGE},
    {"shape/shape-emptygroup-si", STEP_RECORD, ERR_RANGE},
    {"shape/shape-dup-sibling-pq", STEP_RECORD, ERR_EVIDENCE},
    {"shape/shape-dup-sibling-si", STEP_RECORD, ERR_EVIDENCE},
    {"shape/shape-leaf-in-second-pq", STEP_PATH, ERR_MISMATCH},
    {"shape/shape-leaf-in-second-si", STEP_PATH, ERR_MISMATCH},
    {"shape/shape-literal-single-first-pq", STEP_ROOT, ERR_MISMATCH},
    {"shape/shape-literal-single-first-si", STEP_ROOT, ERR_MISMATCH},
    {"shape/shape-unsorted-hashed-pq", STEP_ROOT, ERR_MISMATCH},
    {"shape/shape-unsorted-hashed-si", STEP_ROOT, ERR_MISMATCH},
    {"bad/neg-er-of-other-token", STEP_ROOT, ERR_MISMATCH},
    {"bad/neg-classic-signature-bit", STEP_ROOT, ERR_MISMATCH},
    {"bad/neg-hash-over-with-empty-unsigned", STEP_ROOT, ERR_MISMATCH},
    {"probe/probe-foreign-attr-after", STEP_ROOT, ERR_MISMATCH},
};

static void bad_tokens_are_refused_where_they_should(void **state)
{
    (void)state;
    need_vectors();
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        const struct view token = read_file(bad[i].name, ".tst", token_bytes);
        struct er_detached d;
        enum err e = ERR_OK;
        enum step step = STEP_DONE;

        assert_true(token.n > 0);
        step = judge(token, &e, &d);
        print_message("%s: step %d, %s\n", bad[i].name, (int)step, err_name(e));
        assert_int_equal(step, bad[i].step);
        assert_int_equal(e, bad[i].want);
    }
}

static void our_trees_have_their_roots(void **state)
{
    static struct er_tree tree;
    static struct er_hash leaves[1000];
    static const size_t sizes[] = {5, 1000};

    (void)state;
    need_vectors();
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char name[64];
        struct view in;
        struct view root;

        (void)snprintf(name, sizeof name, "batch/leaves-%zu", sizes[i]);
        in = read_file(name, ".bin", token_bytes);
        assert_int_equal(in.n, sizes[i] * ER_HASH_LEN);
        memcpy(leaves, in.p, in.n);
        assert_int_equal(er_tree_build(&tree, leaves, sizes[i]), ERR_OK);
        (void)snprintf(name, sizeof name, "batch/root-%zu", sizes[i]);
        root = read_file(name, ".bin", other_bytes);
        assert_true(view_equal(er_tree_root(&tree), root));
    }
}

/* The path of our tree is the one of the file's record. */
static void our_paths_are_those_of_the_files(void **state)
{
    static struct er_tree tree;
    static struct er_hash leaves[1000];
    static const struct {
        size_t n, i;
    } rows[] = {{5, 0}, {5, 1}, {5, 2}, {5, 3}, {5, 4}, {1000, 0}, {1000, 1}, {1000, 674}};

    (void)state;
    need_vectors();
    for (size_t k = 0; k < sizeof rows / sizeof rows[0]; k++) {
        char name[64];
        struct view in;
        struct view out;
        struct evidence_record er;
        struct er_path path;
        struct writer w = wr_init(cut_bytes, sizeof cut_bytes);

        (void)snprintf(name, sizeof name, "batch/leaves-%zu", rows[k].n);
        in = read_file(name, ".bin", token_bytes);
        memcpy(leaves, in.p, in.n);
        assert_int_equal(er_tree_build(&tree, leaves, rows[k].n), ERR_OK);
        assert_int_equal(er_tree_path(&tree, rows[k].i, &path), ERR_OK);
        (void)snprintf(name, sizeof name, "batch/hybrid-%zu-i%zu", rows[k].n, rows[k].i);
        in = read_file(name, ".er", other_bytes);
        assert_int_equal(evidence_record_parse(in, &er), ERR_OK);
        assert_int_equal(evidence_record_write(&w, &path, er.time_stamp), ERR_OK);
        assert_int_equal(wr_finish(&w, &out), ERR_OK);
        assert_true(view_equal(out, in));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_tokens_come_apart),
        cmocka_unit_test(bad_tokens_are_refused_where_they_should),
        cmocka_unit_test(our_trees_have_their_roots),
        cmocka_unit_test(our_paths_are_those_of_the_files),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
