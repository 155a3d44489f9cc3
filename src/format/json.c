#include "format/json.h"

#include <string.h>

#define SURROGATE_HIGH 0xd800U
#define SURROGATE_LOW 0xdc00U
#define SURROGATE_END 0xe000U
#define UNICODE_END 0x110000U
#define FNV_BASIS 2166136261U
#define FNV_PRIME 16777619U

/* The next byte; 0, which stands in no JSON, when there is none. */
static uint8_t peek(const struct reader *r)
{
    return r->n > 0 ? r->p[0] : 0;
}

static void skip(struct reader *r)
{
    struct view one;

    (void)!rd_take(r, 1, &one);
}

static void skip_space(struct reader *r)
{
    while (peek(r) == ' ' || peek(r) == '\t' || peek(r) == '\n' || peek(r) == '\r') {
        skip(r);
    }
}

/* What it means that another byte was expected here. */
static enum err unexpected(const struct reader *r)
{
    return r->n == 0 ? ERR_TRUNCATED : ERR_ENCODING;
}

static bool is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* ---- strings, RFC 8259 7 ---- */

static enum err take_hex4(struct reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = 0;

        TRY(rd_u8(r, &c));
        if (is_digit(c)) {
            *out = *out << 4 | (uint32_t)(c - '0');
        } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
            *out = *out << 4 | (uint32_t)((c | 0x20) - 'a' + 10);
        } else {
            return ERR_ENCODING;
        }
    }
    return ERR_OK;
}

/* What stands behind \u; of a surrogate pair both halves. */
static enum err take_unicode(struct reader *r, uint32_t *out)
{
    uint32_t low = 0;
    uint8_t c = 0;

    TRY(take_hex4(r, out));
    if (*out < SURROGATE_HIGH || *out >= SURROGATE_END) {
        return ERR_OK;
    }
    if (*out >= SURROGATE_LOW) {
        return ERR_ENCODING;
    }
    TRY(rd_u8(r, &c));
    if (c != '\\') {
        return ERR_ENCODING;
    }
    TRY(rd_u8(r, &c));
    if (c != 'u') {
        return ERR_ENCODING;
    }
    TRY(take_hex4(r, &low));
    if (low < SURROGATE_LOW || low >= SURROGATE_END) {
        return ERR_ENCODING;
    }
    *out = 0x10000U + ((*out - SURROGATE_HIGH) << 10 | (low - SURROGATE_LOW));
    return ERR_OK;
}

/* What stands behind \ */
static enum err take_escape(struct reader *r, uint32_t *out)
{
    static const char from[] = "\"\\/bfnrt";
    static const char to[] = "\"\\/\b\f\n\r\t";
    uint8_t c = 0;

    TRY(rd_u8(r, &c));
    if (c == 'u') {
        return take_unicode(r, out);
    }
    for (size_t i = 0; i < sizeof from - 1; i++) {
        if (c == (uint8_t)from[i]) {
            *out = (uint8_t)to[i];
            return ERR_OK;
        }
    }
    return ERR_ENCODING;
}

/* What stands behind the first byte of a character of several, RFC 3629 3. */
static enum err take_utf8(struct reader *r, uint8_t first, uint32_t *out)
{
    static const uint32_t least[] = {0x80, 0x800, 0x10000};
    const size_t more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : 1;

    if (first < 0xc0 || first >= 0xf8) {
        return ERR_ENCODING;
    }
    *out = first & (0x3fU >> more);
    for (size_t i = 0; i < more; i++) {
        uint8_t c = 0;

        TRY(rd_u8(r, &c));
        if ((c & 0xc0) != 0x80) {
            return ERR_ENCODING;
        }
        *out = *out << 6 | (c & 0x3fU);
    }
    if (*out < least[more - 1] || *out >= UNICODE_END ||
        (*out >= SURROGATE_HIGH && *out < SURROGATE_END)) {
        return ERR_ENCODING;
    }
    return ERR_OK;
}

/* One character of a string, which is not at its end. */
static enum err take_char(struct reader *r, uint32_t *out)
{
    uint8_t c = 0;

    TRY(rd_u8(r, &c));
    if (c == '\\') {
        return take_escape(r, out);
    }
    if (c < ' ') {
        return ERR_ENCODING;
    }
    *out = c;
    return c < 0x80 ? ERR_OK : take_utf8(r, c, out);
}

/* A string, quotes and all, and a hash of its characters. */
static enum err take_string(struct reader *r, uint32_t *hash)
{
    uint32_t c = 0;

    *hash = FNV_BASIS;
    if (peek(r) != '"') {
        return unexpected(r);
    }
    skip(r);
    while (peek(r) != '"') {
        TRY(take_char(r, &c));
        *hash = (*hash ^ c) * FNV_PRIME;
    }
    skip(r);
    return ERR_OK;
}

/* What stands between the quotes of a string that was checked. */
static struct reader inside(struct view raw)
{
    return raw.n >= 2 ? (struct reader){raw.p + 1, raw.n - 2} : (struct reader){NULL, 0};
}

static bool same_string(struct view a, struct view b)
{
    struct reader x = inside(a);
    struct reader y = inside(b);

    while (x.n > 0 && y.n > 0) {
        uint32_t c = 0;
        uint32_t d = 0;

        if (take_char(&x, &c) != ERR_OK || take_char(&y, &d) != ERR_OK || c != d) {
            return false;
        }
    }
    return x.n == 0 && y.n == 0;
}

/* ---- numbers and words ---- */

static enum err take_digits(struct reader *r)
{
    if (!is_digit(peek(r))) {
        return unexpected(r);
    }
    while (is_digit(peek(r))) {
        skip(r);
    }
    return ERR_OK;
}

/* RFC 8259 6 */
static enum err take_number(struct reader *r)
{
    if (peek(r) == '-') {
        skip(r);
    }
    if (peek(r) == '0') {
        skip(r);
    } else {
        TRY(take_digits(r));
    }
    if (peek(r) == '.') {
        skip(r);
        TRY(take_digits(r));
    }
    if (peek(r) == 'e' || peek(r) == 'E') {
        skip(r);
        if (peek(r) == '+' || peek(r) == '-') {
            skip(r);
        }
        TRY(take_digits(r));
    }
    return ERR_OK;
}

static enum err take_word(struct reader *r, const char *word)
{
    for (; *word != '\0'; word++) {
        if (peek(r) != (uint8_t)*word) {
            return unexpected(r);
        }
        skip(r);
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
    uint32_t hash = 0;

    switch (type_of(peek(r))) {
    case JSON_TYPE_STRING:
        return take_string(r, &hash);
    case JSON_TYPE_BOOL:
        return take_word(r, peek(r) == 't' ? "true" : "false");
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

struct key {
    uint32_t hash;
    struct view raw;
};

/* Where the reader stands: which of the open ones are objects, the lowest bit the innermost;
 * and the names that each of them has so far. */
struct parser {
    struct reader r;
    uint32_t objects;
    size_t depth;
    size_t first_key[JSON_DEPTH_MAX];
    size_t n_keys;
    struct key keys[JSON_KEYS_MAX];
};

_Static_assert(JSON_DEPTH_MAX <= 32, "a bit for each");

static enum err add_key(struct parser *p, uint32_t hash, struct view raw)
{
    const size_t first = p->first_key[p->depth - 1];

    if (p->n_keys == JSON_KEYS_MAX || p->n_keys - first == JSON_MEMBERS_MAX) {
        return ERR_RANGE;
    }
    for (size_t i = first; i < p->n_keys; i++) {
        if (p->keys[i].hash == hash && same_string(p->keys[i].raw, raw)) {
            return ERR_RANGE;
        }
    }
    p->keys[p->n_keys] = (struct key){hash, raw};
    p->n_keys++;
    return ERR_OK;
}

/* A name and its colon; of an array nothing. */
static enum err take_key(struct parser *p)
{
    struct view raw = {p->r.p, p->r.n};
    uint32_t hash = 0;

    if ((p->objects & 1U) == 0) {
        return ERR_OK;
    }
    TRY(take_string(&p->r, &hash));
    raw.n -= p->r.n;
    TRY(add_key(p, hash, raw));
    skip_space(&p->r);
    TRY(take_word(&p->r, ":"));
    skip_space(&p->r);
    return ERR_OK;
}

/* Goes into the arrays and objects that begin here, up to what is neither, or is empty. */
static enum err take_value(struct parser *p)
{
    while (peek(&p->r) == '{' || peek(&p->r) == '[') {
        const bool object = peek(&p->r) == '{';

        if (p->depth == JSON_DEPTH_MAX) {
            return ERR_RANGE;
        }
        p->objects = p->objects << 1 | (object ? 1U : 0U);
        p->first_key[p->depth] = p->n_keys;
        p->depth++;
        skip(&p->r);
        skip_space(&p->r);
        if (peek(&p->r) == (object ? '}' : ']')) {
            return ERR_OK;
        }
        TRY(take_key(p));
    }
    return take_scalar(&p->r);
}

/* Goes out of those that end here. */
static void take_ends(struct parser *p)
{
    skip_space(&p->r);
    while (p->depth > 0 && peek(&p->r) == ((p->objects & 1U) != 0 ? '}' : ']')) {
        p->depth--;
        p->n_keys = p->first_key[p->depth];
        p->objects >>= 1;
        skip(&p->r);
        skip_space(&p->r);
    }
}

static enum err check_text(struct parser *p)
{
    TRY(take_value(p));
    take_ends(p);
    while (p->depth > 0) {
        TRY(take_word(&p->r, ","));
        skip_space(&p->r);
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
    const enum json_type type = type_of(peek(r));
    size_t depth = 0;

    do {
        const uint8_t c = peek(r);
        uint32_t hash = 0;

        if (c == '"') {
            (void)!take_string(r, &hash);
            continue;
        }
        if (type < JSON_TYPE_STRING && (c == ',' || c == ']' || c == '}' || c <= ' ')) {
            break;
        }
        depth += c == '{' || c == '[' ? 1 : 0;
        depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
        skip(r);
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
    skip_space(&p.r);
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
    const struct reader r = inside(v->raw);

    return (struct json_items){{r.p, r.n}, v->type == JSON_TYPE_OBJECT};
}

bool json_next(struct json_items *it, struct json_value *key, struct json_value *value)
{
    struct reader r = rd_init(it->rest);

    *key = (struct json_value){0};
    *value = (struct json_value){0};
    skip_space(&r);
    if (peek(&r) == ',') {
        skip(&r);
        skip_space(&r);
    }
    if (r.n > 0) {
        if (it->object) {
            *key = take_checked(&r);
            skip_space(&r);
            skip(&r); /* : */
            skip_space(&r);
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

bool json_string_is(const struct json_value *v, const char *text)
{
    struct reader r = inside(v->raw);

    if (v->type != JSON_TYPE_STRING) {
        return false;
    }
    for (; r.n > 0; text++) {
        uint32_t c = 0;

        if (take_char(&r, &c) != ERR_OK || *text == '\0' || c != (uint8_t)*text) {
            return false;
        }
    }
    return *text == '\0';
}

enum err json_plain(const struct json_value *v, struct view *out)
{
    const struct reader r = inside(v->raw);

    *out = (struct view){NULL, 0};
    if (v->type != JSON_TYPE_STRING) {
        return ERR_TAG;
    }
    if (r.n > 0 && memchr(r.p, '\\', r.n)) {
        return ERR_ENCODING;
    }
    *out = (struct view){r.p, r.n};
    return ERR_OK;
}

/* RFC 3629 3 */
static void write_utf8(struct writer *w, uint32_t c)
{
    if (c < 0x80) {
        wr_u8(w, (uint8_t)c);
        return;
    }
    if (c < 0x800) {
        wr_u8(w, (uint8_t)(0xc0 | c >> 6));
    } else if (c < 0x10000) {
        wr_u8(w, (uint8_t)(0xe0 | c >> 12));
        wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    } else {
        wr_u8(w, (uint8_t)(0xf0 | c >> 18));
        wr_u8(w, (uint8_t)(0x80 | (c >> 12 & 0x3f)));
        wr_u8(w, (uint8_t)(0x80 | (c >> 6 & 0x3f)));
    }
    wr_u8(w, (uint8_t)(0x80 | (c & 0x3f)));
}

enum err json_text(const struct json_value *v, uint8_t *buf, size_t cap, struct view *out)
{
    struct writer w = wr_init(buf, cap);
    struct reader r = inside(v->raw);
    uint32_t c = 0;

    *out = (struct view){NULL, 0};
    if (v->type != JSON_TYPE_STRING) {
        return ERR_TAG;
    }
    while (r.n > 0) {
        TRY(take_char(&r, &c));
        write_utf8(&w, c);
    }
    return wr_finish(&w, out);
}

/* Digits alone, up to max. */
static enum err read_digits(struct reader r, uint64_t max, uint64_t *out)
{
    uint64_t n = 0;

    *out = 0;
    for (size_t i = 0; i < r.n; i++) {
        const unsigned d = (unsigned)r.p[i] - '0';

        if (!is_digit(r.p[i])) {
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
    const bool negative = peek(&r) == '-';
    uint64_t n = 0;

    *out = 0;
    if (v->type != JSON_TYPE_NUMBER) {
        return ERR_TAG;
    }
    if (negative) {
        skip(&r);
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
