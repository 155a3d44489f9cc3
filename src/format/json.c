#include "format/json.h"

#include "format/json_string.h"

/* ---- numbers and words ---- */

static enum err take_digits(struct reader *r)
{
    if (!json_is_digit(json_peek(r))) {
        return json_unexpected(r);
    }
    while (json_is_digit(json_peek(r))) {
        json_skip(r);
    }
    return ERR_OK;
}

/* RFC 8259 6 */
static enum err take_number(struct reader *r)
{
    if (json_peek(r) == '-') {
        json_skip(r);
    }
    if (json_peek(r) == '0') {
        json_skip(r);
    } else {
        TRY(take_digits(r));
    }
    if (json_peek(r) == '.') {
        json_skip(r);
        TRY(take_digits(r));
    }
    if (json_peek(r) == 'e' || json_peek(r) == 'E') {
        json_skip(r);
        if (json_peek(r) == '+' || json_peek(r) == '-') {
            json_skip(r);
        }
        TRY(take_digits(r));
    }
    return ERR_OK;
}

static enum err take_word(struct reader *r, const char *word)
{
    for (; *word != '\0'; word++) {
        if (json_peek(r) != (uint8_t)*word) {
            return json_unexpected(r);
        }
        json_skip(r);
    }
    return ERR_OK;
}

static enum json_type type_of(uint8_t c)
{
    return c == '{'               ? JSON_TYPE_OBJECT
           : c == '['             ? JSON_TYPE_ARRAY
           : c == '"'             ? JSON_TYPE_STRING
           : c == 't' || c == 'f' ? JSON_TYPE_BOOL
           : c == 'n'             ? JSON_TYPE_NULL
                                  : JSON_TYPE_NUMBER;
}

static enum err take_scalar(struct reader *r)
{
    uint64_t hash = 0;

    switch (type_of(json_peek(r))) {
    case JSON_TYPE_STRING:
        return json_take_string(r, &hash);
    case JSON_TYPE_BOOL:
        return take_word(r, json_peek(r) == 't' ? "true" : "false");
    case JSON_TYPE_NULL:
        return take_word(r, "null");
    case JSON_TYPE_NUMBER:
        return take_number(r);
    case JSON_TYPE_ARRAY:
    case JSON_TYPE_OBJECT:
        break;
    }
    return ERR_BUG;
}

/* ---- the whole text ---- */

/* Where the reader stands: which of the open ones are objects, the lowest bit the innermost;
 * and the names that each of them has so far. */
struct parser {
    struct reader r;
    uint32_t objects;
    size_t depth;
    size_t first_key[JSON_DEPTH_MAX];
    size_t n_keys;
    uint64_t keys[JSON_KEYS_MAX]; /* hashes */
};

_Static_assert(JSON_DEPTH_MAX <= 32, "a bit for each");

/* Names of one hash are one: honest texts have none that differ, and others would have us
 * compare long names, each with all before it. */
static enum err add_key(struct parser *p, uint64_t hash)
{
    const size_t first = p->first_key[p->depth - 1];

    if (p->n_keys == JSON_KEYS_MAX || p->n_keys - first == JSON_MEMBERS_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = first; i < p->n_keys; i++) {
        if (p->keys[i] == hash) {
            return ERR_RANGE;
        }
    }
    p->keys[p->n_keys] = hash;
    p->n_keys++;
    return ERR_OK;
}

/* A name and its colon; of an array nothing. */
static enum err take_key(struct parser *p)
{
    uint64_t hash = 0;

    if ((p->objects & 1U) == 0) {
        return ERR_OK;
    }
    TRY(json_take_string(&p->r, &hash));
    TRY(add_key(p, hash));
    json_skip_space(&p->r);
    TRY(take_word(&p->r, ":"));
    json_skip_space(&p->r);
    return ERR_OK;
}

/* Goes into the arrays and objects that begin here, up to what is neither, or is empty. */
static enum err take_value(struct parser *p)
{
    while (json_peek(&p->r) == '{' || json_peek(&p->r) == '[') {
        const bool object = json_peek(&p->r) == '{';

        if (p->depth == JSON_DEPTH_MAX) {
            return ERR_RANGE;
        }
        p->objects = p->objects << 1 | (object ? 1U : 0U);
        p->first_key[p->depth] = p->n_keys;
        p->depth++;
        json_skip(&p->r);
        json_skip_space(&p->r);
        if (json_peek(&p->r) == (object ? '}' : ']')) {
            return ERR_OK;
        }
        TRY(take_key(p));
    }
    return take_scalar(&p->r);
}

/* Goes out of those that end here. */
static void take_ends(struct parser *p)
{
    json_skip_space(&p->r);
    while (p->depth > 0 && json_peek(&p->r) == ((p->objects & 1U) != 0 ? '}' : ']')) {
        p->depth--;
        p->n_keys = p->first_key[p->depth];
        p->objects >>= 1;
        json_skip(&p->r);
        json_skip_space(&p->r);
    }
}

static enum err check_text(struct parser *p)
{
    TRY(take_value(p));
    take_ends(p);
    while (p->depth > 0) {
        TRY(take_word(&p->r, ","));
        json_skip_space(&p->r);
        TRY(take_key(p));
        TRY(take_value(p));
        take_ends(p);
    }
    return rd_finish(&p->r);
}

/* Takes one value of a text that was checked, without a look at what is in it. */
static struct json_value take_checked(struct reader *r)
{
    const struct reader begin = *r;
    const enum json_type type = type_of(json_peek(r));
    size_t depth = 0;

    do {
        const uint8_t c = json_peek(r);
        uint64_t hash = 0;

        if (c == '"') {
            (void)!json_take_string(r, &hash);
            continue;
        }
        if (type < JSON_TYPE_STRING && (c == ',' || c == ']' || c == '}' || c <= ' ')) {
            break;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
        json_skip(r);
    } while (r->n > 0 && (depth > 0 || type < JSON_TYPE_STRING));
    return (struct json_value){type, {begin.p, begin.n - r->n}};
}

enum err json_parse(struct view text, struct json_value *out)
{
    struct parser p = {.r = rd_init(text)};

    *out = (struct json_value){0};
    if (text.n > JSON_TEXT_MAX) {
        return ERR_LENGTH;
    }
    json_skip_space(&p.r);
    struct reader begin = p.r;

    TRY(check_text(&p));
    *out = take_checked(&begin);
    return ERR_OK;
}

/* ---- members and elements ---- */

struct json_items json_items(const struct json_value *v)
{
    if (v->type < JSON_TYPE_ARRAY) {
        return (struct json_items){0};
    }
    const struct reader r = json_inside(v->raw);

    return (struct json_items){{r.p, r.n}, v->type == JSON_TYPE_OBJECT};
}

bool json_next(struct json_items *it, struct json_value *key, struct json_value *value)
{
    struct reader r = rd_init(it->rest);

    *key = (struct json_value){0};
    *value = (struct json_value){0};
    json_skip_space(&r);
    if (json_peek(&r) == ',') {
        json_skip(&r);
        json_skip_space(&r);
    }
    if (r.n > 0) {
        if (it->object) {
            *key = take_checked(&r);
            json_skip_space(&r);
            json_skip(&r); /* : */
            json_skip_space(&r);
        }
        *value = take_checked(&r);
    }
    it->rest = (struct view){r.p, r.n};
    return value->raw.n > 0;
}

bool json_find(const struct json_value *v, const char *name, struct json_value *out)
{
    struct json_items it = json_items(v);
    struct json_value key;

    while (it.object && json_next(&it, &key, out)) {
        if (json_string_is(&key, name)) {
            return true;
        }
    }
    *out = (struct json_value){0};
    return false;
}

/* ---- values ---- */

/* Digits alone, up to max. */
static enum err read_digits(struct reader r, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    *out = 0;
    for (size_t i = 0; i < r.n; i++) {
        const unsigned d = (unsigned)r.p[i] - '0';

        if (!json_is_digit(r.p[i])) {
            return ERR_ENCODING;
        }
        if (d > max || n > (max - d) / 10) {
            return ERR_RANGE;
        }
        n = n * 10 + d;
    }
    *out = n;
    return ERR_OK;
}

enum err json_u64(const struct json_value *v, uint64_t max, uint64_t *out)
{
    *out = 0;
    if (v->type != JSON_TYPE_NUMBER) {
        return ERR_TAG;
    }
    if (v->raw.p[0] == '-') {
        return ERR_RANGE;
    }
    return read_digits(rd_init(v->raw), max, out);
}

enum err json_i64(const struct json_value *v, int64_t *out)
{
    struct reader r = rd_init(v->raw);
    const bool negative = json_peek(&r) == '-';
    uint64_t n = 0;

    *out = 0;
    if (v->type != JSON_TYPE_NUMBER) {
        return ERR_TAG;
    }
    if (negative) {
        json_skip(&r);
    }
    TRY(read_digits(r, (uint64_t)INT64_MAX + (negative ? 1 : 0), &n));
    if (negative && n == 0) {
        return ERR_ENCODING;
    }
    *out = negative ? -(int64_t)(n - 1) - 1 : (int64_t)n;
    return ERR_OK;
}

enum err json_bool(const struct json_value *v, bool *out)
{
    *out = v->type == JSON_TYPE_BOOL && v->raw.p[0] == 't';
    return v->type == JSON_TYPE_BOOL ? ERR_OK : ERR_TAG;
}
