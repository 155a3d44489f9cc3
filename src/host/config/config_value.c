#include "format/der.h"
#include "host/config/config_table.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* The field of row in its section's struct: what style 8 means by the column offset. */
static void *field_of(const struct config_row *row, void *section)
{
    return (uint8_t *)section + row->offset;
}

static const void *const_field_of(const struct config_row *row, const void *section)
{
    return (const uint8_t *)section + row->offset;
}

static enum err parse_number(const char *text, int64_t least, int64_t most, int64_t *out)
{
    int64_t v = 0;

    if (*text == '\0') {
        return ERR_ENCODING;
    }
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9') {
            return ERR_ENCODING;
        }
        v = v * 10 + (*text - '0');
        if (v > most) { /* most is far from INT64_MAX / 10 */
            return ERR_RANGE;
        }
    }
    if (v < least) {
        return ERR_RANGE;
    }
    *out = v;
    return ERR_OK;
}

static enum err parse_bool(const char *text, bool *out)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true"};

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i % 2 == 1;
            return ERR_OK;
        }
    }
    return ERR_ENCODING;
}

/* Finds word number at in "a|b|c"; n is its length, 0 past the last. */
static const char *choice_at(const char *choices, int64_t at, size_t *n)
{
    for (;;) {
        *n = strcspn(choices, "|");
        if (at == 0 || *n == 0) {
            return choices;
        }
        at--;
        choices += *n;
        choices += *choices == '|' ? 1 : 0;
    }
}

static enum err parse_choice(const char *text, const char *choices, int64_t *out)
{
    for (int64_t at = 0;; at++) {
        size_t n;
        const char *word = choice_at(choices, at, &n);

        if (n == 0) {
            return ERR_ENCODING;
        }
        if (strlen(text) == n && strncmp(text, word, n) == 0) {
            *out = at;
            return ERR_OK;
        }
    }
}

static enum err parse_text(const char *text, char *out)
{
    const size_t n = strlen(text);

    if (n >= CONFIG_TEXT_MAX) {
        return ERR_NOSPACE;
    }
    memcpy(out, text, n + 1);
    return ERR_OK;
}

/* before: what stands in front of the path, "" or "unix:". */
static enum err parse_path(const char *text, const char *before, const char *dir, char *out)
{
    const char *path = text + strlen(before);
    char whole[CONFIG_TEXT_MAX];

    if (path[0] == '\0' || path[0] == '/' || dir[0] == '\0') {
        return parse_text(text, out);
    }
    const int n = snprintf(whole, sizeof whole, "%s%s/%s", before, dir, path);

    if (n < 0 || (size_t)n >= sizeof whole) {
        return ERR_NOSPACE;
    }
    return parse_text(whole, out);
}

/* One more line, after what is there already if the key stands again. */
static enum err parse_line(const char *item, bool again, char *out)
{
    const size_t before = again ? strlen(out) : 0;
    const size_t n = strlen(item);
    const size_t gap = before > 0 ? 1 : 0;

    if (n == 0 && again) {
        return ERR_OK;
    }
    if (before + gap + n >= CONFIG_LINES_MAX) {
        return ERR_NOSPACE;
    }
    if (gap == 1) {
        out[before] = '\n';
    }
    memcpy(out + before + gap, item, n + 1);
    return ERR_OK;
}

static enum err parse_endpoint(const char *text, const char *dir, char *out)
{
    return strncmp(text, "unix:", 5) == 0 ? parse_path(text, "unix:", dir, out)
                                          : parse_text(text, out);
}

size_t config_items(const char *lines)
{
    size_t n = lines[0] != '\0' ? 1 : 0;

    for (; *lines != '\0'; lines++) {
        n += *lines == '\n' ? 1 : 0;
    }
    return n;
}

void config_item(const char *lines, size_t at, char out[CONFIG_TEXT_MAX])
{
    size_t n;

    for (; at > 0; at--) {
        lines += strcspn(lines, "\n");
        lines += *lines == '\n' ? 1 : 0;
    }
    n = strcspn(lines, "\n");
    assert(n < CONFIG_TEXT_MAX); /* each was parsed as one text */
    memcpy(out, lines, n);
    out[n] = '\0';
}

/* The words of text, single spaces between them, after what is there already if the key stands
 * again. */
static enum err parse_list(const char *text, bool again, char *out)
{
    struct writer w;
    struct view all;
    char whole[CONFIG_TEXT_MAX];

    w = wr_init((uint8_t *)whole, sizeof whole);
    if (again) {
        wr_bytes(&w, out, strlen(out));
    }
    for (;;) {
        text += strspn(text, " \t");
        const size_t n = strcspn(text, " \t");

        if (n == 0) {
            break;
        }
        if (w.len > 0) {
            wr_u8(&w, ' ');
        }
        wr_bytes(&w, text, n);
        text += n;
    }
    wr_u8(&w, 0);
    TRY(wr_finish(&w, &all));
    memcpy(out, all.p, all.n);
    return ERR_OK;
}

/* Go's encoding/asn1 reads no arc of 2^31 and more, and a policy stands in every token: refused
 * here. */
static enum err check_arcs(const char *text)
{
    while (*text != '\0') {
        const size_t n = strcspn(text, ".");
        char digits[12] = {0};
        int64_t arc;

        if (n >= sizeof digits) {
            return ERR_RANGE;
        }
        memcpy(digits, text, n);
        TRY(parse_number(digits, 0, INT32_MAX, &arc));
        text += n;
        text += *text == '.' ? 1 : 0;
    }
    return ERR_OK;
}

static enum err parse_oid(const char *text, struct config_oid *out)
{
    struct config_oid oid = {0};
    const size_t n = strlen(text);

    if (n >= sizeof oid.text) {
        return ERR_NOSPACE;
    }
    TRY(der_oid_from_text(text, oid.body, sizeof oid.body, &oid.body_len));
    TRY(check_arcs(text));
    memcpy(oid.text, text, n + 1);
    *out = oid;
    return ERR_OK;
}

enum err config_value_parse(const struct config_row *row, const char *text, const char *dir,
                            bool again, void *section)
{
    void *field = field_of(row, section);
    char item[CONFIG_TEXT_MAX];

    switch (row->type) {
    case CONFIG_TEXT:
        return parse_text(text, field);
    case CONFIG_PATH:
        return parse_path(text, "", dir, field);
    case CONFIG_ENDPOINT:
        return parse_endpoint(text, dir, field);
    case CONFIG_PATHS:
        TRY(parse_path(text, "", dir, item));
        return parse_line(item, again, field);
    case CONFIG_ENDPOINTS:
        TRY(parse_endpoint(text, dir, item));
        return parse_line(item, again, field);
    case CONFIG_TEXTS:
        TRY(parse_text(text, item));
        return parse_line(item, again, field);
    case CONFIG_LIST:
        return parse_list(text, again, field);
    case CONFIG_NUMBER:
        return parse_number(text, row->least, row->most, field);
    case CONFIG_BOOL:
        return parse_bool(text, field);
    case CONFIG_CHOICE:
        return parse_choice(text, row->choices, field);
    case CONFIG_OID:
        return parse_oid(text, field);
    }
    return ERR_BUG;
}

void config_value_print(const struct config_row *row, const void *section, struct writer *w)
{
    const void *field = const_field_of(row, section);
    char digits[24];
    const char *text = digits;
    size_t n;

    switch (row->type) {
    case CONFIG_TEXT:
    case CONFIG_PATH:
    case CONFIG_ENDPOINT:
    case CONFIG_PATHS:
    case CONFIG_ENDPOINTS:
    case CONFIG_TEXTS:
    case CONFIG_LIST:
        text = field;
        n = strlen(text);
        break;
    case CONFIG_NUMBER:
        n = (size_t)snprintf(digits, sizeof digits, "%" PRId64, *(const int64_t *)field);
        break;
    case CONFIG_BOOL:
        text = *(const bool *)field ? "yes" : "no";
        n = strlen(text);
        break;
    case CONFIG_CHOICE:
        text = choice_at(row->choices, *(const int64_t *)field, &n);
        break;
    case CONFIG_OID:
        text = ((const struct config_oid *)field)->text;
        n = strlen(text);
        break;
    }
    wr_bytes(w, text, n);
}
