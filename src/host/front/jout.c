#include "host/front/jout.h"

#include "base/hex.h"
#include "format/pem.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

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

static void put_name(struct jout *j, const char *name)
{
    if (!j->first) {
        wr_u8(j->w, ',');
    }
    j->first = false;
    put_quoted(j->w, name);
    wr_u8(j->w, ':');
}

struct jout jout_begin(struct writer *w)
{
    wr_u8(w, '{');
    return (struct jout){.w = w, .first = true};
}

void jout_object(struct jout *j, const char *name)
{
    put_name(j, name);
    wr_u8(j->w, '{');
    j->first = true;
}

void jout_end(struct jout *j)
{
    wr_u8(j->w, '}');
    j->first = false;
}

void jout_array(struct jout *j, const char *name)
{
    put_name(j, name);
    wr_u8(j->w, '[');
    j->first = true;
}

void jout_item(struct jout *j)
{
    if (!j->first) {
        wr_u8(j->w, ',');
    }
    wr_u8(j->w, '{');
    j->first = true;
}

static void put_int(struct jout *j, int64_t v)
{
    char digits[24];

    (void)snprintf(digits, sizeof digits, "%" PRId64, v);
    put(j->w, digits);
}

void jout_item_int(struct jout *j, int64_t v)
{
    if (!j->first) {
        wr_u8(j->w, ',');
    }
    j->first = false;
    put_int(j, v);
}

void jout_array_end(struct jout *j)
{
    wr_u8(j->w, ']');
    j->first = false;
}

void jout_text(struct jout *j, const char *name, const char *text)
{
    if (text == NULL) {
        jout_null(j, name);
        return;
    }
    put_name(j, name);
    put_quoted(j->w, text);
}

void jout_int(struct jout *j, const char *name, int64_t v)
{
    put_name(j, name);
    put_int(j, v);
}

void jout_bool(struct jout *j, const char *name, bool v)
{
    put_name(j, name);
    put(j->w, v ? "true" : "false");
}

void jout_null(struct jout *j, const char *name)
{
    put_name(j, name);
    put(j->w, "null");
}

void jout_hex(struct jout *j, const char *name, struct view v)
{
    put_name(j, name);
    wr_u8(j->w, '"');
    for (size_t i = 0; i < v.n; i++) {
        char digits[3];

        hex_write((struct view){v.p + i, 1}, digits);
        put(j->w, digits);
    }
    wr_u8(j->w, '"');
}

void jout_base64(struct jout *j, const char *name, struct view v)
{
    put_name(j, name);
    wr_u8(j->w, '"');
    pem_write_base64(j->w, v);
    wr_u8(j->w, '"');
}
