#include "format/multiple_signatures.h"

#include "format/cms_attrs.h"
#include "format/oid.h"

#define BLANK_MAX 4096 /* bytes of one blanked attribute */

static void write_alg(struct writer *w, const struct alg_id *alg)
{
    der_head(w, DER_SEQUENCE, der_len(alg->oid.n) + alg->params.n);
    der_write(w, DER_OID, alg->oid);
    wr_view(w, alg->params);
}

void multiple_signatures_write(struct writer *w, const struct multiple_signatures *m)
{
    const size_t whole = der_begin(w, DER_SEQUENCE);

    write_alg(w, &m->body_hash_alg);
    write_alg(w, &m->sign_alg);

    const size_t hash = der_begin(w, DER_SEQUENCE);

    write_alg(w, &m->hash_alg);
    der_write(w, DER_OCTETS, m->hash);
    der_end(w, hash);
    wr_view(w, m->cert);
    der_end(w, whole);
}

static enum err parse(struct view value, struct multiple_signatures *m)
{
    struct reader r = rd_init(value);
    struct reader seq;
    struct reader hash;

    TRY(der_enter(&r, DER_SEQUENCE, &seq));
    TRY(rd_finish(&r));
    TRY(cms_parse_alg(&seq, &m->body_hash_alg));
    TRY(cms_parse_alg(&seq, &m->sign_alg));
    TRY(der_enter(&seq, DER_SEQUENCE, &hash));
    TRY(cms_parse_alg(&hash, &m->hash_alg));
    TRY(der_read(&hash, DER_OCTETS, &m->hash));
    TRY(rd_finish(&hash));
    if (seq.n > 0) {
        TRY(der_read_whole(&seq, DER_SEQUENCE, &m->cert));
    }
    return rd_finish(&seq);
}

enum err multiple_signatures_parse(struct view value, struct multiple_signatures *out)
{
    struct multiple_signatures m = {0};
    const enum err e = parse(value, &m);

    *out = e == ERR_OK ? m : (struct multiple_signatures){0};
    return e;
}

enum err multiple_signatures_find(struct view signed_attrs, struct view *value)
{
    struct view found = {NULL, 0};
    struct cms_attr a;
    struct reader r;

    *value = found;
    TRY(cms_attrs_open(signed_attrs, &r));
    while (r.n > 0) {
        struct der_element el;
        struct reader values;

        TRY(cms_attrs_next(&r, &a));
        if (oid_find(a.type) != OID_MULTIPLE_SIGNATURES) {
            continue;
        }
        if (found.n > 0 || a.values.n == 0) {
            return ERR_RANGE;
        }
        values = rd_init(a.values);
        TRY(der_read_any(&values, &el));
        if (values.n > 0) {
            return ERR_RANGE;
        }
        found = el.whole;
    }
    *value = found;
    return found.n > 0 ? ERR_OK : ERR_EXTENSION;
}

/* The attribute anew, its hash empty. */
static enum err blank_attribute(struct view signed_attrs, struct writer *w)
{
    struct multiple_signatures m;
    struct view value;

    TRY(multiple_signatures_find(signed_attrs, &value));
    TRY(multiple_signatures_parse(value, &m));
    m.hash = (struct view){NULL, 0};

    const size_t attribute = der_begin(w, DER_SEQUENCE);

    der_write(w, DER_OID, oid_body(OID_MULTIPLE_SIGNATURES));

    const size_t set = der_begin(w, DER_SET);

    multiple_signatures_write(w, &m);
    der_end(w, set);
    der_end(w, attribute);
    return ERR_OK;
}

struct sorted {
    struct view list[CMS_ATTRS_MAX];
    size_t n, bytes;
};

static enum err insert(struct sorted *s, struct view attribute)
{
    size_t at = s->n;

    if (s->n == CMS_ATTRS_MAX) {
        return ERR_RANGE;
    }
    for (; at > 0 && der_sorts_before(attribute, s->list[at - 1]); at--) {
        s->list[at] = s->list[at - 1];
    }
    s->list[at] = attribute;
    s->n++;
    s->bytes += attribute.n;
    return ERR_OK;
}

enum err multiple_signatures_blank(struct writer *w, struct view signed_attrs)
{
    uint8_t buf[BLANK_MAX];
    struct writer blank = wr_init(buf, sizeof buf);
    struct sorted s = {.n = 0};
    struct view blanked;
    struct reader r;

    TRY(blank_attribute(signed_attrs, &blank));
    TRY(wr_finish(&blank, &blanked));
    TRY(cms_attrs_open(signed_attrs, &r));
    while (r.n > 0) {
        struct der_element el;
        struct reader one;
        struct cms_attr a;

        TRY(der_read_any(&r, &el));
        one = rd_init(el.whole);
        TRY(cms_attrs_next(&one, &a));
        TRY(insert(&s, oid_find(a.type) == OID_MULTIPLE_SIGNATURES ? blanked : el.whole));
    }
    der_head(w, DER_SET, s.bytes);
    for (size_t i = 0; i < s.n; i++) {
        wr_view(w, s.list[i]);
    }
    return ERR_OK;
}
