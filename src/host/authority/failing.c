#include "host/authority/failing.h"

#include <stdio.h>
#include <string.h>

#define WORD "failing "
#define TIMES_ENOUGH 100000 /* no more digits are read */

static bool take_line(struct reader *r, struct view *line)
{
    const uint8_t *const end = r->n > 0 ? memchr(r->p, '\n', r->n) : NULL;
    struct view feed;

    return end != NULL && rd_take(r, (size_t)(end - r->p), line) == ERR_OK &&
           rd_take(r, 1, &feed) == ERR_OK;
}

static void copy(struct view text, char *out, size_t cap)
{
    const size_t n = text.n < cap ? text.n : cap - 1;

    for (size_t i = 0; i < n; i++) {
        const uint8_t c = text.p[i];

        out[i] = (char)(c >= ' ' && c <= '~' ? c : '?');
    }
    out[n] = '\0';
}

bool failing_last_line(struct view log, char out[FAILING_SAID_MAX])
{
    struct reader r = rd_init(log);
    struct view line;
    bool any = false;

    while (take_line(&r, &line)) {
        if (line.n > 0) {
            copy(line, out, FAILING_SAID_MAX);
            any = true;
        }
    }
    return any;
}

void failing_note(struct failing *f, const struct failing_end *end)
{
    if (end->times >= f->times) {
        f->times = end->times;
        (void)snprintf(f->name, sizeof f->name, "%s", end->name);
        (void)snprintf(f->how, sizeof f->how, "%s", end->how);
        (void)snprintf(f->said, sizeof f->said, "%s", end->said);
    }
}

void failing_write(struct writer *w, const struct failing *f)
{
    char line[sizeof WORD + sizeof *f + 32];

    if (f->name[0] != '\0') {
        (void)snprintf(line, sizeof line, WORD "%s times %u %s: %s\n", f->name, f->times,
                       f->how, f->said);
        wr_bytes(w, line, strlen(line));
    }
}

/* Takes what stands before a word, and the word. */
static bool take_until(struct view *in, const char *word, char *out, size_t cap)
{
    const size_t n = strlen(word);
    const uint8_t *const at = memmem(in->p, in->n, word, n);

    if (at == NULL) {
        return false;
    }
    const size_t before = (size_t)(at - in->p);

    copy((struct view){in->p, before}, out, cap);
    *in = (struct view){at + n, in->n - before - n};
    return true;
}

static bool parse(struct view line, struct failing *out)
{
    const size_t word = sizeof WORD - 1;
    char times[12];

    if (line.n < word || memcmp(line.p, WORD, word) != 0) {
        return false;
    }
    line = (struct view){line.p + word, line.n - word};
    if (!take_until(&line, " times ", out->name, sizeof out->name) ||
        !take_until(&line, " ", times, sizeof times) ||
        !take_until(&line, ": ", out->how, sizeof out->how)) {
        return false;
    }
    for (const char *c = times; *c >= '0' && *c <= '9' && out->times < TIMES_ENOUGH; c++) {
        out->times = out->times * 10 + (unsigned)(*c - '0');
    }
    copy(line, out->said, sizeof out->said);
    return true;
}

bool failing_find(struct view status, const char *name, struct failing *out)
{
    struct reader r = rd_init(status);
    struct view line;

    while (take_line(&r, &line)) {
        memset(out, 0, sizeof *out);
        if (parse(line, out) && (name == NULL || strcmp(out->name, name) == 0)) {
            return true;
        }
    }
    memset(out, 0, sizeof *out);
    return false;
}
