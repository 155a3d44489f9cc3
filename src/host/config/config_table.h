/* config_table.h - the rows of quorate.conf, and how a value is read and printed by its row. */
#ifndef HOST_CONFIG_CONFIG_TABLE_H
#define HOST_CONFIG_CONFIG_TABLE_H

#include "host/config/config.h"

enum config_section {
    CONFIG_FRONT,
    CONFIG_JOURNAL,
    CONFIG_POLICY, /* [policy NAME], one for each policy */
    CONFIG_AUTHORITY,
    CONFIG_TIME,
    CONFIG_PRESIGN,
    CONFIG_SECTION_COUNT,
};

enum config_type {
    CONFIG_TEXT,      /* char[CONFIG_TEXT_MAX] */
    CONFIG_PATH,      /* the same; a relative one is taken from the folder of the file */
    CONFIG_ENDPOINT,  /* the same; a relative path after "unix:" is taken from there, too */
    CONFIG_PATHS,     /* char[CONFIG_LINES_MAX]; paths, the key may stand on several lines */
    CONFIG_ENDPOINTS, /* the same with endpoints */
    CONFIG_TEXTS,     /* the same with any text */
    CONFIG_LIST,      /* char[CONFIG_TEXT_MAX]; words, the key may stand on several lines */
    CONFIG_NUMBER,    /* int64_t from least to most */
    CONFIG_BOOL,      /* bool; yes or no, on or off, true or false */
    CONFIG_CHOICE,    /* int64_t: the place of the word in choices */
    CONFIG_OID,       /* struct config_oid */
};

/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the order in which one reads it */
struct config_row {
    enum config_section section;
    const char *key;
    enum config_type type;
    int64_t least, most;
    const char *choices; /* "text|json" */
    const char *preset;  /* NULL: the key must be there */
    const char *help;
    size_t offset; /* in the struct of its section */
};

#define CONFIG_ROWS 74
extern const struct config_row config_rows[CONFIG_ROWS];

/* Whether a key of this type may stand on several lines. */
static inline bool config_type_adds(enum config_type t)
{
    return t == CONFIG_LIST || t == CONFIG_PATHS || t == CONFIG_ENDPOINTS || t == CONFIG_TEXTS;
}

/* "front", "journal", "policy", "authority", "time", "presign" */
const char *config_section_name(enum config_section s);

/* Reads text into the row's field of the section's struct. again: the key was set before (lists
 * only). ERR_ENCODING: not of that type. ERR_RANGE: outside the range. ERR_NOSPACE: too long.
 * The field is then untouched. */
MUST_CHECK enum err config_value_parse(const struct config_row *row, const char *text,
                                       const char *dir, bool again, void *section);

/* Appends the field's value as text. */
void config_value_print(const struct config_row *row, const void *section, struct writer *w);

#endif
