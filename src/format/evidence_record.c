#include "format/evidence_record.h"

#include "format/cms_parse.h"
#include "format/oid.h"

static void write_alg(struct writer *w, enum der_tag tag)
{
    const size_t mark = der_begin(w, tag);

    der_write(w, DER_OID, oid_body(OID_SHA512));
    der_end(w, mark);
}

static void write_path(struct writer *w, const struct er_path *path)
{
    const size_t value = der_len(ER_HASH_LEN);
    size_t mark = 0;

    if (path->n_first == 0) {
        return;
    }
    mark = der_begin(w, DER_CONTEXT_2);
    der_head(w, DER_SEQUENCE, 2 * value);
    der_write(w, DER_OCTETS, path->first[0]);
    der_write(w, DER_OCTETS, path->first[1]);
    for (size_t i = 0; i < path->n_later; i++) {
        der_head(w, DER_SEQUENCE, value);
        der_write(w, DER_OCTETS, path->later[i]);
    }
    der_end(w, mark);
}

enum err evidence_record_write(struct writer *w, const struct er_path *path,
                               struct view time_stamp)
{
    size_t record = 0;
    size_t algs = 0;
    size_t sequence = 0;
    size_t chain = 0;
    size_t stamp = 0;

    if (path->n_first == 1) {
        return ERR_RANGE;
    }
    TRY(er_path_check(path));
    if (path->n_first == 2 && !der_sorts_before(path->first[0], path->first[1])) {
        return ERR_RANGE;
    }
    record = der_begin(w, DER_SEQUENCE);
    der_write(w, DER_INTEGER, (struct view){(const uint8_t *)"\1", 1});
    algs = der_begin(w, DER_SEQUENCE);
    write_alg(w, DER_SEQUENCE);
    der_end(w, algs);
    sequence = der_begin(w, DER_SEQUENCE);
    chain = der_begin(w, DER_SEQUENCE);
    stamp = der_begin(w, DER_SEQUENCE);
    write_alg(w, DER_CONTEXT_0);
    write_path(w, path);
    wr_view(w, time_stamp);
    der_end(w, stamp);
    der_end(w, chain);
    der_end(w, sequence);
    der_end(w, record);
    return ERR_OK;
}

/* Whether it is SHA-512, parameters absent (RFC 5754 2). */
static bool is_sha512(const struct alg_id *alg)
{
    return alg->params.n == 0 && oid_find(alg->oid) == OID_SHA512;
}

/* One group of reducedHashtree: up to cap values. */
static enum err parse_group(struct reader *tree, struct view *values, size_t cap, size_t *n)
{
    struct reader group;

    *n = 0;
    TRY(der_enter(tree, DER_SEQUENCE, &group));
    while (group.n > 0) {
        if (*n == cap) {
            return ERR_RANGE;
        }
        TRY(der_read(&group, DER_OCTETS, &values[*n]));
        (*n)++;
    }
    return *n > 0 ? ERR_OK : ERR_RANGE;
}

static enum err parse_tree(struct reader *r, struct er_path *path)
{
    struct reader tree;
    size_t n = 0;

    TRY(der_enter(r, DER_CONTEXT_2, &tree));
    if (tree.n == 0) {
        return ERR_RANGE;
    }
    TRY(parse_group(&tree, path->first, 2, &path->n_first));
    while (tree.n > 0) {
        if (path->n_later == ER_LATER_MAX) {
            return ERR_RANGE;
        }
        TRY(parse_group(&tree, &path->later[path->n_later], 1, &n));
        path->n_later++;
    }
    return er_path_check(path);
}

/* ContentInfo, whose content cms_parse() is to read. */
static enum err parse_time_stamp(struct reader *r, struct view *whole)
{
    struct reader again;
    struct reader seq;
    struct view type;
    struct view content;

    TRY(der_read_whole(r, DER_SEQUENCE, whole));
    again = rd_init(*whole);
    TRY(der_enter(&again, DER_SEQUENCE, &seq));
    TRY(der_read_oid(&seq, &type));
    if (oid_find(type) != OID_SIGNED_DATA) {
        return ERR_TYPE;
    }
    TRY(der_read(&seq, DER_CONTEXT_0, &content));
    return rd_finish(&seq);
}

static enum err parse_archive_time_stamp(struct reader *r, struct evidence_record *er)
{
    struct reader seq;
    struct alg_id alg;

    TRY(der_enter(r, DER_SEQUENCE, &seq));
    if (der_next_is(&seq, DER_CONTEXT_0)) {
        TRY(cms_parse_alg_as(&seq, DER_CONTEXT_0, &alg));
        if (!is_sha512(&alg)) {
            return ERR_MISMATCH;
        }
        er->has_digest_alg = true;
    }
    if (der_next_is(&seq, DER_CONTEXT_1)) {
        return ERR_EXTENSION;
    }
    if (der_next_is(&seq, DER_CONTEXT_2)) {
        TRY(parse_tree(&seq, &er->path));
    }
    TRY(parse_time_stamp(&seq, &er->time_stamp));
    return rd_finish(&seq);
}

/* archiveTimeStampSequence: one chain of one. */
static enum err parse_sequence(struct reader *r, struct evidence_record *er)
{
    struct reader sequence;
    struct reader chain;

    TRY(der_enter(r, DER_SEQUENCE, &sequence));
    TRY(der_enter(&sequence, DER_SEQUENCE, &chain));
    TRY(parse_archive_time_stamp(&chain, er));
    return chain.n > 0 || sequence.n > 0 ? ERR_STATE : ERR_OK;
}

static enum err parse_record(struct view in, struct evidence_record *er)
{
    struct reader top = rd_init(in);
    struct reader seq;
    struct reader algs;
    struct view version;
    struct alg_id alg;

    TRY(der_enter(&top, DER_SEQUENCE, &seq));
    TRY(rd_finish(&top));
    TRY(der_read_integer(&seq, &version));
    if (version.n != 1 || version.p[0] != 1) {
        return ERR_VERSION;
    }
    TRY(der_enter(&seq, DER_SEQUENCE, &algs));
    TRY(cms_parse_alg(&algs, &alg));
    if (!is_sha512(&alg) || algs.n > 0) {
        return ERR_BAD_ALG;
    }
    if (der_next_is(&seq, DER_CONTEXT_0) || der_next_is(&seq, DER_CONTEXT_1)) {
        return ERR_EXTENSION;
    }
    TRY(parse_sequence(&seq, er));
    return rd_finish(&seq);
}

enum err evidence_record_parse(struct view in, struct evidence_record *out)
{
    struct evidence_record er = {0};
    const enum err e = parse_record(in, &er);

    *out = e == ERR_OK ? er : (struct evidence_record){0};
    return e;
}
