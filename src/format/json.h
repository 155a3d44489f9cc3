/* json.h - reads JSON of others, RFC 8259: strict, without a heap and without recursion. A text
 * is checked whole, once; what is read of it after are spans of its bytes as they stand, so
 * that a signature over a value is verified over exactly those. */
#ifndef FORMAT_JSON_H
#define FORMAT_JSON_H

#include "base/bytes.h"

#define JSON_TEXT_MAX 131072 /* bytes */
#define JSON_DEPTH_MAX 24    /* arrays and objects in one another */
#define JSON_MEMBERS_MAX 128 /* of one object */
#define JSON_KEYS_MAX 256    /* of the objects that are open at once */

enum json_type {
    JSON_TYPE_NULL = 0,
    JSON_TYPE_BOOL,
    JSON_TYPE_NUMBER,
    JSON_TYPE_STRING,
    JSON_TYPE_ARRAY,
    JSON_TYPE_OBJECT,
};

/* raw is the value as it stands: a string with its quotes, an object from { to }. Values come
 * of json_parse() alone, and so do all that are read of them. */
struct json_value {
    enum json_type type;
    struct view raw;
};

/* Checks one text and nothing but space after it. *out points into it; on failure it is all
 * zero.
 *
 * ERR_LENGTH: over JSON_TEXT_MAX. ERR_TRUNCATED: it ends too soon. ERR_TRAILING: more follows.
 * ERR_ENCODING: not by the grammar; not UTF-8 (a byte order mark, a surrogate, a form that is
 * longer than needed); an escape of half a surrogate pair. ERR_RANGE: two members of one object
 * with one name, however it is escaped, or with names of one FNV-1a hash of 64 bits; over
 * JSON_DEPTH_MAX, JSON_MEMBERS_MAX, JSON_KEYS_MAX.
 */
MUST_CHECK enum err json_parse(struct view text, struct json_value *out);

/* ---- members and elements ---- */

/* What is left of an array or object. */
struct json_items {
    struct view rest;
    bool object;
};

/* From its first one on; of any other value there are none. */
struct json_items json_items(const struct json_value *v);

/* Takes the next one, in the order of the text. key is the name, a string; of an element it is
 * null. false: there is none, and both are null. */
bool json_next(struct json_items *it, struct json_value *key, struct json_value *value);

/* The member of that name, which is ASCII. false: no such member, or v is no object; *out is
 * null. */
bool json_find(const struct json_value *v, const char *name, struct json_value *out);

/* ---- values ---- */

/* Whether it is a string that says text, which is ASCII. */
bool json_string_is(const struct json_value *v, const char *text);

/* What stands between the quotes, in the text itself. ERR_TAG: not a string. ERR_ENCODING: a
 * character is escaped: json_text() reads that. *out is empty then. */
MUST_CHECK enum err json_plain(const struct json_value *v, struct view *out);

/* The string's characters as UTF-8, in buf: a character that is escaped as zero is a byte of
 * zero. ERR_TAG: not a string. ERR_NOSPACE: over cap. *out is empty then. */
MUST_CHECK enum err json_text(const struct json_value *v, uint8_t *buf, size_t cap,
                              struct view *out);

/* An integer. ERR_TAG: not a number. ERR_ENCODING: with a fraction or an exponent; minus zero.
 * ERR_RANGE: outside that type, or over max. *out is 0 then. */
MUST_CHECK enum err json_u64(const struct json_value *v, uint64_t max, uint64_t *out);
MUST_CHECK enum err json_i64(const struct json_value *v, int64_t *out);

/* ERR_TAG: neither true nor false. *out is false then. */
MUST_CHECK enum err json_bool(const struct json_value *v, bool *out);

#endif
