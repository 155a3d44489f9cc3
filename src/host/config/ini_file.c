#include "host/config/ini_file.h"

#include <ini.h>
#include <stdio.h>
#include <string.h>

void ini_fail(struct ini_file *f, enum err e, const char *what, const char *key)
{
    if (f->err != ERR_OK) {
        return;
    }
    f->err = e;
    if (f->line > 0) {
        (void)snprintf(f->error, INI_ERROR_MAX, "%.120s:%d: %.120s: %s", f->name, f->line, key,
                       what);
    } else {
        (void)snprintf(f->error, INI_ERROR_MAX, "%.120s: %.120s: %s", f->name, key, what);
    }
    for (char *c = f->error; *c != '\0'; c++) { /* the file may hold anything */
        if (*c < ' ' || *c > '~') {
            *c = '?';
        }
    }
}

/* Sections without a key never reach handle_key(), and what follows a bracket reaches nobody:
 * looked at here. */
static bool section_valid(const struct ini_file *f, const char *line)
{
    char name[INI_LINE_MAX];

    line += strspn(line, " \t");
    if (*line != '[') {
        return true;
    }
    const size_t n = strcspn(++line, "]");

    if (line[n] != ']' || n >= sizeof name) {
        return false;
    }
    memcpy(name, line, n);
    name[n] = '\0';
    line += n + 1;
    line += strspn(line, " \t\r\n");
    return (*line == '\0' || *line == ';' || *line == '#') && f->knows_section(name);
}

/* libinih's reader: one line, like fgets(). Counts lines; ends the parse at the first failure.
 */
static char *read_line(char *line, int cap, void *user)
{
    struct ini_file *f = user;
    size_t n = 0;

    if (f->in.n == 0 || f->err != ERR_OK) {
        return NULL;
    }
    f->line++;
    while (f->in.n > 0) {
        uint8_t c = 0;

        if (rd_u8(&f->in, &c) != ERR_OK || c == '\n') {
            break;
        }
        if (c == '\0') {
            ini_fail(f, ERR_ENCODING, "a zero byte", "line");
            return NULL;
        }
        if (n + 2 >= (size_t)cap) {
            ini_fail(f, ERR_NOSPACE, "too long", "line");
            return NULL;
        }
        line[n++] = (char)c;
    }
    line[n] = '\n';
    line[n + 1] = '\0';
    if (!section_valid(f, line)) {
        line[n] = '\0';
        ini_fail(f, ERR_TYPE, "unknown section", line);
        return NULL;
    }
    return line;
}

/* libinih's handler. 1: go on. */
static int handle_key(void *user, const char *section, const char *key, const char *value)
{
    struct ini_file *f = user;

    if (f->err != ERR_OK) {
        return 0;
    }
    if (section[0] == '\0') {
        ini_fail(f, ERR_TYPE, "stands before any section", "key");
    } else if (value[0] == ';') {
        /* libinih wants a space before a comment; "key =; x" is most likely one */
        ini_fail(f, ERR_ENCODING, "a value cannot begin with ;", key);
    } else {
        f->take(f, section, key, value);
    }
    return f->err == ERR_OK ? 1 : 0;
}

enum err ini_read(struct ini_file *f, struct view in)
{
    f->in = rd_init(in);
    f->err = ERR_OK;
    f->line = 0;
    f->error[0] = '\0';

    /* libinih's own settings; the same for everybody in this process. */
    ini_allow_multiline = false; /* an indented key is a key */
    ini_use_stack = false;
    ini_max_line = INI_LINE_MAX;
    ini_initial_alloc = INI_LINE_MAX;

    const int bad = ini_parse_stream(read_line, f, handle_key, f);

    if (bad != 0) { /* keeps an earlier, better reason */
        f->line = bad > 0 ? bad : f->line;
        ini_fail(f, bad > 0 ? ERR_ENCODING : ERR_NOSPACE, "neither [section] nor key = value",
                 "line");
    }
    f->line = 0;
    return f->err;
}
