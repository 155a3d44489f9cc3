#include "host/config/config_table.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static void put(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

/* A line feed in a value stands between items, each of which has a line of its own. */
static void print_row(const struct config_row *row, const void *section, struct writer *w)
{
    uint8_t text[CONFIG_LINES_MAX];
    struct writer value = wr_init(text, sizeof text);

    config_value_print(row, section, &value);
    put(w, row->key);
    put(w, " = ");
    for (size_t i = 0; i < value.len; i++) {
        wr_u8(w, text[i]);
        if (text[i] == '\n') {
            put(w, row->key);
            put(w, " = ");
        }
    }
    put(w, "\n");
}

static void print_section(enum config_section s, const char *name, const void *section,
                          struct writer *w)
{
    put(w, "[");
    put(w, config_section_name(s));
    if (name != NULL) {
        put(w, " ");
        put(w, name);
    }
    put(w, "]\n");
    for (size_t i = 0; i < CONFIG_ROWS; i++) {
        if (config_rows[i].section == s) {
            print_row(&config_rows[i], section, w);
        }
    }
    put(w, "\n");
}

void config_print(const struct config *c, struct writer *w)
{
    print_section(CONFIG_FRONT, NULL, &c->front, w);
    print_section(CONFIG_JOURNAL, NULL, &c->journal, w);
    for (size_t i = 0; i < c->n_policies; i++) {
        print_section(CONFIG_POLICY, c->policies[i].name, &c->policies[i], w);
    }
    print_section(CONFIG_AUTHORITY, NULL, &c->authority, w);
    print_section(CONFIG_TIME, NULL, &c->time, w);
    print_section(CONFIG_PRESIGN, NULL, &c->presign, w);
}

static const char *type_name(const struct config_row *row, char *space, size_t cap)
{
    switch (row->type) {
    case CONFIG_TEXT:
        return "text";
    case CONFIG_PATH:
        return "path";
    case CONFIG_ENDPOINT:
        return "endpoint";
    case CONFIG_PATHS:
        return "paths";
    case CONFIG_ENDPOINTS:
        return "endpoints";
    case CONFIG_TEXTS:
        return "texts";
    case CONFIG_LIST:
        return "list";
    case CONFIG_NUMBER:
        (void)snprintf(space, cap, "%" PRId64 " to %" PRId64, row->least, row->most);
        return space;
    case CONFIG_BOOL:
        return "yes|no";
    case CONFIG_CHOICE:
        return row->choices;
    case CONFIG_OID:
        return "OID";
    }
    return "";
}

/* scdoc takes '_' and '*' in running text for underline and bold. */
static void put_escaped(struct writer *w, const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '_' || *text == '*' || *text == '\\') {
            wr_u8(w, '\\');
        }
        wr_u8(w, (uint8_t)*text);
    }
}

static void help_row(const struct config_row *row, struct writer *w)
{
    char range[64];

    put(w, "*");
    put_escaped(w, row->key);
    put(w, "* = _");
    put_escaped(w, type_name(row, range, sizeof range));
    put(w, "_ ");
    if (row->preset == NULL) {
        put(w, "(required)");
    } else if (row->preset[0] == '\0') {
        put(w, "(preset: empty)");
    } else {
        put(w, "(preset: ");
        put_escaped(w, row->preset);
        put(w, ")");
    }
    put(w, "\n\t");
    put_escaped(w, row->help);
    put(w, "\n\n");
}

void config_help(struct writer *w)
{
    for (int s = 0; s < CONFIG_SECTION_COUNT; s++) {
        put(w, "## [");
        put(w, config_section_name((enum config_section)s));
        put(w, s == CONFIG_POLICY ? " NAME]\n\n" : "]\n\n");
        for (size_t i = 0; i < CONFIG_ROWS; i++) {
            if (config_rows[i].section == (enum config_section)s) {
                help_row(&config_rows[i], w);
            }
        }
    }
}
