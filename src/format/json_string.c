#include "format/json_string.h"

#include <string.h>

#define SURROGATE_HIGH 0xd800U
#define SURROGATE_LOW 0xdc00U
#define SURROGATE_END 0xe000U
#define UNICODE_END 0x110000U
#define FNV_BASIS UINT64_C(14695981039346656037)
#define FNV_PRIME UINT64_C(1099511628211)

static enum err take_hex4(struct reader *r, uint32_t *out)
{
    *out = 0;
    for (int i = 0; i < 4; i++) {
        uint8_t c = 0;

        TRY(rd_u8(r, &c));
        if (json_is_digit(c)) {
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
static enum err json_take_char(struct reader *r, uint32_t *out)
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

enum err json_take_string(struct reader *r, uint64_t *hash)
{
    uint32_t c = 0;

    *hash = FNV_BASIS;
    if (json_peek(r) != '"') {
        return json_unexpected(r);
    }
    json_skip(r);
    while (json_peek(r) != '"') {
        TRY(json_take_char(r, &c));
        *hash = (*hash ^ c) * FNV_PRIME;
    }
    json_skip(r);
    return ERR_OK;
}

struct reader json_inside(struct view raw)
{
    return raw.n >= 2 ? (struct reader){raw.p + 1, raw.n - 2} : (struct reader){NULL, 0};
}

/* ---- values ---- */

bool json_string_is(const struct json_value *v, const char *text)
{
    struct reader r = json_inside(v->raw);

    if (v->type != JSON_TYPE_STRING) {
        return false;
    }
    for (; r.n > 0; text++) {
        uint32_t c = 0;

        if (json_take_char(&r, &c) != ERR_OK || *text == '\0' || c != (uint8_t)*text) {
            return false;
        }
    }
    return *text == '\0';
}

enum err json_plain(const struct json_value *v, struct view *out)
{
    const struct reader r = json_inside(v->raw);

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
    struct reader r = json_inside(v->raw);
    uint32_t c = 0;

    *out = (struct view){NULL, 0};
    if (v->type != JSON_TYPE_STRING) {
        return ERR_TAG;
    }
    while (r.n > 0) {
        TRY(json_take_char(&r, &c));
        write_utf8(&w, c);
    }
    return wr_finish(&w, out);
}
