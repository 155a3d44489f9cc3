#include "host/front/json_out.h"

#include "base/hex.h"
#include "format/pem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define HEX_MAX 256

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

static void put_quoted(struct writer *w, const char *text)
{
    wr_u8(w, '"');
    for (; *text != '\0'; text++) {
        const unsigned char c = (unsigned char)*text;
        char code[8];

        if (c < ' ' || c >= 0x7f) {
            (void)snprintf(code, sizeof code, "\\u00%02x", c);
            put(w, code);
            continue;
        }
        if (c == '"' || c == '\\') {
            wr_u8(w, '\\');
        }
        wr_u8(w, c);
    }
    wr_u8(w, '"');
}

static void put_name(struct json *j, const char *name)
{
    if (!j->first) {
        wr_u8(j->w, ',');
    }
    j->first = false;
    put_quoted(j->w, name);
    wr_u8(j->w, ':');
}

struct json json_begin(struct writer *w)
{
    wr_u8(w, '{');
    return (struct json){.w = w, .first = true};
}

void json_object(struct json *j, const char *name)
{
    put_name(j, name);
    wr_u8(j->w, '{');
    j->first = true;
}

void json_end(struct json *j)
{
    wr_u8(j->w, '}');
    j->first = false;
}

void json_array(struct json *j, const char *name)
{
    put_name(j, name);
    wr_u8(j->w, '[');
    j->first = true;
}

void json_item(struct json *j)
{
    if (!j->first) {
        wr_u8(j->w, ',');
    }
    wr_u8(j->w, '{');
    j->first = true;
}

void json_array_end(struct json *j)
{
    wr_u8(j->w, ']');
    j->first = false;
}

void json_text(struct json *j, const char *name, const char *text)
{
    if (text == NULL) {
        json_null(j, name);
        return;
    }
    put_name(j, name);
    put_quoted(j->w, text);
}

void json_int(struct json *j, const char *name, int64_t v)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, v);
    put_name(j, name);
    put(j->w, digits);
}

void json_bool(struct json *j, const char *name, bool v)
{
    put_name(j, name);
    put(j->w, v ? "true" : "false");
}

void json_null(struct json *j, const char *name)
{
    put_name(j, name);
    put(j->w, "null");
}

void json_hex(struct json *j, const char *name, struct view v)
{
    char digits[2 * HEX_MAX + 1];

    v.n = v.n < HEX_MAX ? v.n : HEX_MAX;
    hex_write(v, digits);
    json_text(j, name, digits);
}

void json_base64(struct json *j, const char *name, struct view v)
{
    put_name(j, name);
    wr_u8(j->w, '"');
    pem_write_base64(j->w, v);
    wr_u8(j->w, '"');
}
