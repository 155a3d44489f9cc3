/* JSON: another reader takes the same texts, and each value of one that is taken is by itself
 * one that is. */
#include "promise.h"

#include "format/json.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Whether the other reader says the same, but for what one of the two has no limit for. It
 * skips bytes of zero between values, so texts with one are not shown to it. */
static bool other_agrees(struct view text, enum err e)
{
    json_error_t error;
    json_t *other =
        json_loadb((const char *)text.p, text.n,
                   JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | JSON_ALLOW_NUL, &error);
    const bool taken = other != NULL;
    const enum json_error_code code = taken ? json_error_unknown : json_error_code(&error);

    json_decref(other);
    if (e == ERR_OK) {
        return taken || code == json_error_numeric_overflow ||
               code == json_error_null_byte_in_key;
    }
    return !taken || e == ERR_RANGE || e == ERR_LENGTH;
}

static void read_all_ways(const struct json_value *v, uint8_t *buf, size_t cap)
{
    struct view out;
    uint64_t u = 0;
    int64_t i = 0;
    bool b = false;
    const bool plain = json_plain(v, &out) == ERR_OK;
    const struct view span = out;
    const bool text = json_text(v, buf, cap, &out) == ERR_OK;

    promise(!plain || (text && view_equal(span, out)));
    promise(text == (v->type == JSON_TYPE_STRING));
    promise((json_bool(v, &b) == ERR_OK) == (v->type == JSON_TYPE_BOOL));
    if (json_u64(v, UINT64_MAX, &u) == ERR_OK && json_i64(v, &i) == ERR_OK) {
        promise(i >= 0 && (uint64_t)i == u);
    }
    (void)json_string_is(v, "tcbInfo");
}

/* Each value by itself, down to the last. */
static void walk(const struct json_value *root, uint8_t *buf, size_t cap)
{
    struct json_items open[JSON_DEPTH_MAX];
    size_t depth = 0;
    struct json_value key;
    struct json_value v = *root;
    struct json_value again;

    for (;;) {
        promise(json_parse(v.raw, &again) == ERR_OK && again.type == v.type);
        promise(view_equal(again.raw, v.raw));
        read_all_ways(&v, buf, cap);
        if (v.type >= JSON_TYPE_ARRAY) {
            promise(depth < JSON_DEPTH_MAX);
            open[depth] = json_items(&v);
            depth++;
        }
        while (depth > 0 && !json_next(&open[depth - 1], &key, &v)) {
            depth--;
        }
        if (depth == 0) {
            return;
        }
        promise((key.type == JSON_TYPE_STRING) == open[depth - 1].object);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t buf[8192];
    struct json_value v;
    const enum err e = json_parse((struct view){data, size}, &v);

    promise((size > 0 && memchr(data, 0, size)) || other_agrees((struct view){data, size}, e));
    if (e != ERR_OK) {
        promise_zero(&v, sizeof v);
        return 0;
    }
    walk(&v, buf, sizeof buf);
    return 0;
}
