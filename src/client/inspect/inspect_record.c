#include "client/inspect/inspect_record.h"

#include "client/inspect/inspect_token.h"
#include "client/token/token_facts.h"
#include "client/verify/record_check.h"

#include <string.h>

#define HEX_MAX (2 * ER_HASH_LEN + 1)

/* What the bytes of the record are, read or not. */
struct record_facts {
    char leaf[HEX_MAX], root[HEX_MAX]; /* "" unless the record could be read */
    size_t n_groups;
    bool has_archive;
    struct token archive;
};

static enum err gather(const struct record *r, struct record_facts *f)
{
    uint8_t leaf[HASH_MAX];

    *f = (struct record_facts){.leaf = "", .root = ""};
    if (r->er.time_stamp.n == 0) {
        return ERR_OK;
    }
    hash_once(HASH_SHA512, r->data_object, leaf);
    token_facts_hex((struct view){leaf, ER_HASH_LEN}, f->leaf, sizeof f->leaf);
    if (r->err == ERR_OK) {
        token_facts_hex((struct view){r->root, sizeof r->root}, f->root, sizeof f->root);
    }
    f->n_groups = r->er.path.n_first == 0 ? 0 : 1 + r->er.path.n_later;
    f->has_archive = true;
    return token_open(r->er.time_stamp, &f->archive);
}

static void print_facts(const struct record *r, const struct record_facts *f, FILE *out)
{
    (void)fprintf(out, "  evidence record: %zu bytes\n", r->bytes.n);
    if (r->err != ERR_OK) {
        (void)fprintf(out, "    problem: %s\n", r->reason);
    }
    if (!f->has_archive) {
        return;
    }
    (void)fprintf(out, "    data object: %zu bytes, sha512 %s\n", r->data_object.n, f->leaf);
    if (f->n_groups == 0) {
        (void)fputs("    tree:        none: the token alone\n", out);
    } else {
        (void)fprintf(out, "    tree:        %zu groups, %zu values in the first\n",
                      f->n_groups, r->er.path.n_first);
    }
    if (f->root[0] != '\0') {
        (void)fprintf(out, "    root:        %s\n", f->root);
    }
    (void)fputs("archive time-stamp of the record: ", out);
    inspect_token_print(&f->archive, out);
}

enum err inspect_record_print(struct view in, const struct token *t, FILE *out)
{
    struct record record;
    struct record_facts facts = {.leaf = ""};
    enum err e = record_open(in, t, &record);

    if (e == ERR_OK && record.present) {
        e = gather(&record, &facts);
        if (e == ERR_OK) {
            print_facts(&record, &facts, out);
        }
        if (facts.has_archive) {
            token_close(&facts.archive);
        }
    }
    record_close(&record);
    return e;
}

static json_t *facts_json(const struct record *r, const struct record_facts *f)
{
    json_t *archive = f->has_archive ? inspect_token_json(&f->archive) : NULL;

    return json_pack("{s:I, s:s*, s:s*, s:s*, s:I, s:o*}", "bytes", (json_int_t)r->bytes.n,
                     "problem", r->err != ERR_OK ? r->reason : NULL, "data_object_sha512",
                     f->leaf[0] != '\0' ? f->leaf : NULL, "root",
                     f->root[0] != '\0' ? f->root : NULL, "groups", (json_int_t)f->n_groups,
                     "archive_time_stamp", archive);
}

enum err inspect_record_json(struct view in, const struct token *t, json_t **j)
{
    struct record record;
    struct record_facts facts = {.leaf = ""};
    enum err e = record_open(in, t, &record);

    *j = NULL;
    if (e == ERR_OK && record.present) {
        e = gather(&record, &facts);
        if (e == ERR_OK) {
            *j = facts_json(&record, &facts);
            e = *j != NULL ? ERR_OK : ERR_NOSPACE;
        }
        if (facts.has_archive) {
            token_close(&facts.archive);
        }
    }
    record_close(&record);
    return e;
}
