#include "sample_token.h"

#include "format/er_attach.h"
#include "format/evidence_record.h"

#include <stdio.h>
#include <stdlib.h>

/* Writes a batch of tokens with their records. Arguments: how many, and a folder: N.tst there.
 * The signatures are not genuine; what is tried is the tree. */

static struct er_tree tree;
static struct er_hash leaves[ER_TREE_LEAVES_MAX];

static void must(enum err e)
{
    if (e != ERR_OK) {
        (void)fprintf(stderr, "%s\n", err_name(e));
        exit(1);
    }
}

/* The token of the batch with that number; over root if there is one: the archive's. */
static void make_token(struct sample *s, size_t number, struct view root)
{
    struct writer w;

    sample_make(s);
    s->fields.serial_number[5] = (uint8_t)(number >> 8);
    s->fields.serial_number[6] = (uint8_t)number;
    if (root.n > 0) {
        s->fields.hash_alg = HASH_SHA512;
        s->fields.hashed_message = root;
    }
    w = wr_init(s->tst_info_bytes, sizeof s->tst_info_bytes);
    tst_info_write(&w, &s->fields);
    must(wr_finish(&w, &s->parts.tst_info));
    w = wr_init(s->token_bytes, sizeof s->token_bytes);
    must(token_write(&w, &s->parts));
    must(wr_finish(&w, &s->token));
}

static void write_token(size_t number, struct view time_stamp, const char *folder)
{
    static uint8_t record_bytes[8192];
    static uint8_t token_bytes[16384];
    struct writer w = wr_init(record_bytes, sizeof record_bytes);
    struct sample s;
    struct er_path path;
    struct view record;
    struct view token;
    char name[4096];
    FILE *f = NULL;

    make_token(&s, number, (struct view){NULL, 0});
    must(er_tree_path(&tree, number, &path));
    must(evidence_record_write(&w, &path, time_stamp));
    must(wr_finish(&w, &record));
    w = wr_init(token_bytes, sizeof token_bytes);
    must(er_attach(&w, s.token, record));
    must(wr_finish(&w, &token));
    (void)snprintf(name, sizeof name, "%s/%zu.tst", folder, number);
    f = fopen(name, "wb");
    if (f == NULL || fwrite(token.p, 1, token.n, f) != token.n || fclose(f) != 0) {
        must(ERR_IO);
    }
}

int main(int argc, char **argv)
{
    const size_t n = argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    struct sample s;

    if (n == 0 || n > ER_TREE_LEAVES_MAX) {
        return 2;
    }
    for (size_t i = 0; i < n; i++) {
        make_token(&s, i, (struct view){NULL, 0});
        hash_once(HASH_SHA512, s.token, leaves[i].b);
    }
    must(er_tree_build(&tree, leaves, n));
    make_token(&s, ER_TREE_LEAVES_MAX, er_tree_root(&tree));
    for (size_t i = 0; i < n; i++) {
        write_token(i, s.token, argv[2]);
    }
    return 0;
}
