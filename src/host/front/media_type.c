#include "host/front/media_type.h"

#include <string.h>
#include <strings.h>

static bool is_ows(uint8_t c)
{
    return c == ' ' || c == '\t';
}

/* tchar, RFC 9110 5.6.2 */
static bool is_tchar(uint8_t c)
{
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
           (c != '\0' && strchr("!#$%&'*+-.^_`|~", c) != NULL);
}

static void skip_ows(struct reader *r)
{
    struct view gone;

    while (r->n > 0 && is_ows(r->p[0]) && rd_take(r, 1, &gone) == ERR_OK) {
    }
}

static bool take_char(struct reader *r, uint8_t c)
{
    struct view gone;

    return r->n > 0 && r->p[0] == c && rd_take(r, 1, &gone) == ERR_OK;
}

static bool take_token(struct reader *r, struct view *out)
{
    size_t n = 0;

    while (n < r->n && is_tchar(r->p[n])) {
        n++;
    }
    return n > 0 && rd_take(r, n, out) == ERR_OK;
}

/* quoted-string, RFC 9110 5.6.4; *out: what stands between the quotes, escapes and all. */
static bool take_quoted(struct reader *r, struct view *out)
{
    size_t n = 0;

    if (!take_char(r, '"')) {
        return false;
    }
    while (n < r->n && r->p[n] != '"') {
        const bool escape = r->p[n] == '\\';

        if (r->p[n] < ' ' && r->p[n] != '\t') {
            return false;
        }
        n += escape ? 2 : 1;
    }
    return n < r->n && rd_take(r, n, out) == ERR_OK && take_char(r, '"');
}

static bool equals(struct view v, const char *word)
{
    return v.n == strlen(word) && strncasecmp((const char *)v.p, word, v.n) == 0;
}

/* qvalue in thousandths, RFC 9110 12.4.2; -1: none. */
static int read_weight(struct view v)
{
    int weight = 0;
    int unit = 1000;

    if (v.n == 0 || v.n > 5 || (v.n > 1 && v.p[1] != '.')) {
        return -1;
    }
    for (size_t i = 0; i < v.n; i++) {
        if (i == 1) {
            continue;
        }
        if (v.p[i] < '0' || v.p[i] > '9') {
            return -1;
        }
        weight += (v.p[i] - '0') * unit;
        unit /= 10;
    }
    return weight <= 1000 ? weight : -1;
}

/* *( OWS ";" OWS [ token "=" ( token / quoted-string ) ] ); *weight: of the last q, else left
 * alone. */
static bool take_parameters(struct reader *r, int *weight)
{
    for (;;) {
        struct view name;
        struct view value;

        skip_ows(r);
        if (!take_char(r, ';')) {
            return true;
        }
        skip_ows(r);
        if (r->n == 0 || r->p[0] == ';' || r->p[0] == ',') {
            continue; /* an empty parameter is allowed */
        }
        if (!take_token(r, &name) || !take_char(r, '=') ||
            !(take_token(r, &value) || take_quoted(r, &value))) {
            return false;
        }
        if (equals(name, "q")) {
            *weight = read_weight(value);
            if (*weight < 0) {
                return false;
            }
        }
    }
}

static enum media_type name_type(struct view type, struct view subtype)
{
    if (equals(type, "application")) {
        if (equals(subtype, "timestamp-query")) {
            return MEDIA_QUERY;
        }
        if (equals(subtype, "timestamp-reply")) {
            return MEDIA_REPLY;
        }
        if (equals(subtype, "json")) {
            return MEDIA_JSON;
        }
    }
    return MEDIA_OTHER;
}

/* type "/" subtype parameters; "*" is a token, so ranges are read too. */
static enum media_type take_type(struct reader *r, int *weight)
{
    struct view type;
    struct view subtype;

    *weight = 1000;
    if (!take_token(r, &type) || !take_char(r, '/') || !take_token(r, &subtype) ||
        !take_parameters(r, weight)) {
        return MEDIA_BAD;
    }
    return name_type(type, subtype);
}

enum media_type media_type_parse(struct view value)
{
    struct reader r = rd_init(value);
    int weight;

    skip_ows(&r);
    if (r.n == 0) {
        return MEDIA_NONE;
    }
    const enum media_type t = take_type(&r, &weight);

    return r.n == 0 ? t : MEDIA_BAD;
}

bool media_accepts_json(struct view value)
{
    struct reader r = rd_init(value);
    int json = 0;
    int reply = 0;

    for (;;) {
        int weight;

        skip_ows(&r);
        if (r.n > 0 && r.p[0] != ',') {
            const enum media_type t = take_type(&r, &weight);

            if (t == MEDIA_BAD) {
                return false;
            }
            if (t == MEDIA_JSON) {
                json = weight;
            } else if (t == MEDIA_REPLY) {
                reply = weight;
            }
        }
        if (r.n == 0) {
            return json > 0 && json >= reply;
        }
        if (!take_char(&r, ',')) {
            return false;
        }
    }
}
