#include "format/er_attach.h"

#include "format/cms_attrs.h"
#include "format/oid.h"
#include "format/tsp_resp.h"

/* TimeStampResp, ContentInfo, [0], SignedData, signerInfos, SignerInfo, unsignedAttrs. */
#define FRAMES_MAX 7

/* The elements around the attribute, outermost first. */
struct path {
    struct der_element frame[FRAMES_MAX];
    size_t n;
    bool has_attrs; /* the innermost is unsignedAttrs, else SignerInfo */
};

/* One change: the bytes old, inside of the innermost frame, give way to head and insert. */
struct splice {
    struct view old, head, insert;
};

static enum err enter(struct path *path, struct reader *r, enum der_tag tag)
{
    struct der_element *el = &path->frame[path->n];

    TRY(der_read_any(r, el));
    if (el->tag != (uint8_t)tag) {
        return ERR_TAG;
    }
    path->n++;
    *r = rd_init(el->body);
    return ERR_OK;
}

static enum err skip_to(struct reader *r, enum der_tag tag)
{
    struct der_element el;

    while (r->n > 0 && !der_next_is(r, tag)) {
        TRY(der_read_any(r, &el));
    }
    return ERR_OK;
}

/* From the ContentInfo to its SignerInfo, or to unsignedAttrs if they are there. */
static enum err walk(struct view token, struct path *path)
{
    struct reader r = rd_init(token);
    struct signed_data sd;
    struct der_element el;

    TRY(cms_parse(token, &sd)); /* the whole structure: what follows only finds the places */
    if (sd.n_signers != 1) {
        return ERR_STATE;
    }
    TRY(enter(path, &r, DER_SEQUENCE)); /* ContentInfo */
    TRY(skip_to(&r, DER_CONTEXT_0));
    TRY(enter(path, &r, DER_CONTEXT_0));
    TRY(enter(path, &r, DER_SEQUENCE)); /* SignedData */
    TRY(der_read_any(&r, &el));         /* version */
    TRY(der_read_any(&r, &el));         /* digestAlgorithms, the other SET */
    TRY(skip_to(&r, DER_SET));
    TRY(enter(path, &r, DER_SET));      /* signerInfos */
    TRY(enter(path, &r, DER_SEQUENCE)); /* SignerInfo */
    TRY(skip_to(&r, DER_CONTEXT_1));
    path->has_attrs = r.n > 0;
    return path->has_attrs ? enter(path, &r, DER_CONTEXT_1) : ERR_OK;
}

/* The one record among the attributes: *attr is the whole attribute, empty if there is none. */
static enum err find_record(struct view attrs, struct view *attr, struct view *record)
{
    struct reader r = rd_init(attrs);
    struct der_element el;
    struct cms_attr a;

    *attr = (struct view){NULL, 0};
    *record = (struct view){NULL, 0};
    if (attrs.n == 0) {
        return ERR_RANGE; /* SIZE (1..MAX), RFC 5652 5.3 */
    }
    while (r.n > 0) {
        struct reader one;

        TRY(der_read_any(&r, &el));
        one = rd_init(el.whole);
        TRY(cms_attrs_next(&one, &a));
        if (oid_find(a.type) != OID_ER_INTERNAL) {
            continue;
        }
        if (attr->n > 0) {
            return ERR_EXTENSION;
        }
        *attr = el.whole;
        one = rd_init(a.values);
        if (a.values.n == 0) {
            return ERR_LENGTH;
        }
        TRY(der_read_any(&one, &el));
        if (one.n > 0) {
            return ERR_LENGTH;
        }
        *record = el.whole;
    }
    return ERR_OK;
}

static size_t offset(struct view in, const uint8_t *p)
{
    return (size_t)(p - in.p);
}

static void copy(struct writer *w, struct view in, size_t from, size_t to)
{
    wr_view(w, (struct view){in.p + from, to - from});
}

/* in, which is the outermost frame or holds it, with the splice made. */
static void write_spliced(struct writer *w, struct view in, const struct path *path,
                          const struct splice *s)
{
    size_t lens[FRAMES_MAX];
    size_t shrunk = s->old.n;
    size_t grown = s->head.n + s->insert.n;
    size_t at = 0;

    for (size_t i = path->n; i > 0; i--) {
        const struct der_element *el = &path->frame[i - 1];

        lens[i - 1] = el->body.n - shrunk + grown;
        shrunk = el->whole.n;
        grown = der_len(lens[i - 1]);
    }
    for (size_t i = 0; i < path->n; i++) {
        copy(w, in, at, offset(in, path->frame[i].whole.p));
        der_head(w, (enum der_tag)path->frame[i].tag, lens[i]);
        at = offset(in, path->frame[i].body.p);
    }
    copy(w, in, at, offset(in, s->old.p));
    wr_view(w, s->head);
    wr_view(w, s->insert);
    copy(w, in, offset(in, s->old.p) + s->old.n, in.n);
}

/* The token in a token or TimeStampResp. */
static enum err find_token(struct view in, struct view *token)
{
    struct tsp_resp resp;

    *token = in;
    if (tsp_resp_is_token(in)) {
        return ERR_OK;
    }
    TRY(tsp_resp_parse(in, &resp));
    *token = resp.token;
    return token->n > 0 ? ERR_OK : ERR_TRUNCATED;
}

static void write_heads(struct writer *w, bool with_attrs, size_t record_len)
{
    const size_t oid_len = der_len(oid_body(OID_ER_INTERNAL).n);
    const size_t attr_len = oid_len + der_len(record_len);

    if (with_attrs) {
        der_head(w, DER_CONTEXT_1, der_len(attr_len));
    }
    der_head(w, DER_SEQUENCE, attr_len);
    der_write(w, DER_OID, oid_body(OID_ER_INTERNAL));
    der_head(w, DER_SET, record_len);
}

enum err er_attach(struct writer *w, struct view in, struct view record)
{
    uint8_t buf[ER_ATTACH_ROOM];
    struct writer heads = wr_init(buf, sizeof buf);
    struct reader r = rd_init(in);
    struct path path = {.n = 0};
    struct splice s = {.insert = record};
    struct view token;
    struct view attr;
    struct view old_record;
    struct view body;

    TRY(find_token(in, &token));
    if (token.n < in.n) {
        TRY(enter(&path, &r, DER_SEQUENCE)); /* TimeStampResp */
    }
    TRY(walk(token, &path));
    body = path.frame[path.n - 1].body;
    if (path.has_attrs) {
        TRY(find_record(body, &attr, &old_record));
        if (attr.n > 0) {
            return ERR_EXTENSION;
        }
    }
    write_heads(&heads, !path.has_attrs, record.n);
    TRY(wr_finish(&heads, &s.head));
    s.old = (struct view){body.p + body.n, 0};
    write_spliced(w, in, &path, &s);
    return ERR_OK;
}

static enum err detach(struct view in, uint8_t *out, size_t cap, struct er_detached *d)
{
    struct writer w = wr_init(out, cap);
    struct path path = {.n = 0};
    struct splice s = {.insert = {NULL, 0}};
    struct view token;

    TRY(find_token(in, &token));
    TRY(walk(token, &path));
    d->data_object = token;
    if (!path.has_attrs) {
        return ERR_OK;
    }
    TRY(find_record(path.frame[path.n - 1].body, &s.old, &d->record));
    if (s.old.n == 0) {
        return ERR_OK;
    }
    if (s.old.n == path.frame[path.n - 1].body.n) {
        path.n--; /* nothing is left: unsignedAttrs goes too */
        s.old = path.frame[path.n].whole;
    }
    write_spliced(&w, token, &path, &s);
    return wr_finish(&w, &d->data_object);
}

enum err er_detach(struct view in, uint8_t *out, size_t cap, struct er_detached *d)
{
    struct er_detached got = {{NULL, 0}, {NULL, 0}};
    const enum err e = detach(in, out, cap, &got);

    *d = e == ERR_OK ? got : (struct er_detached){{NULL, 0}, {NULL, 0}};
    return e;
}
