#include "host/authority/core_sets.h"

#include <stdio.h>
#include <string.h>

static void put(struct writer *w, const char *word, unsigned n)
{
    char line[CORE_SETS_MAX];

    (void)snprintf(line, sizeof line, "%s %u\n", word, n);
    wr_bytes(w, line, strlen(line));
}

void core_sets_write(struct writer *w, const struct core_sets *s)
{
    put(w, "serves", s->serves);
    if (s->next != 0) {
        put(w, "next", s->next);
    }
    if (s->retires != 0) {
        put(w, "retires", s->retires);
    }
}

/* Takes "WORD N\n" off, if it stands there; else *n is 0. */
static enum err take(struct view *in, const char *word, unsigned *n)
{
    const size_t len = strlen(word);
    size_t at = len + 1;

    *n = 0;
    if (in->n <= len || memcmp(in->p, word, len) != 0 || in->p[len] != ' ') {
        return ERR_OK;
    }
    for (; at < in->n && in->p[at] >= '0' && in->p[at] <= '9' && *n <= CORE_SETS_LAST; at++) {
        *n = *n * 10 + (unsigned)(in->p[at] - '0');
    }
    if (at == len + 1 || at == in->n || in->p[at] != '\n' || in->p[len + 1] == '0') {
        return *n > CORE_SETS_LAST ? ERR_RANGE : ERR_ENCODING;
    }
    *in = (struct view){in->p + at + 1, in->n - at - 1};
    return *n <= CORE_SETS_LAST ? ERR_OK : ERR_RANGE;
}

static enum err parse(struct view in, struct core_sets *out)
{
    TRY(take(&in, "serves", &out->serves));
    TRY(take(&in, "next", &out->next));
    TRY(take(&in, "retires", &out->retires));
    if (in.n > 0 || out->serves == 0 || (out->next != 0 && out->retires != 0)) {
        return ERR_ENCODING;
    }
    return (out->next == 0 || out->next > out->serves) && out->retires < out->serves
               ? ERR_OK
               : ERR_RANGE;
}

enum err core_sets_parse(struct view in, struct core_sets *out)
{
    *out = (struct core_sets){0};
    const enum err e = parse(in, out);

    if (e != ERR_OK) {
        *out = (struct core_sets){0};
    }
    return e;
}

bool core_sets_want(const struct core_sets *s, unsigned n)
{
    return n != 0 && (n == s->serves || n == s->next || n == s->retires);
}

size_t core_sets_others(const struct core_sets *s, unsigned out[CORE_SETS_OTHERS])
{
    const unsigned beside = s->next != 0 ? s->next : s->retires;
    size_t n = 0;

    if (s->serves > 1) {
        out[n++] = s->serves;
    }
    if (beside > 1) {
        out[n++] = beside;
    }
    return n;
}

enum err core_sets_begin(struct core_sets *s)
{
    if (s->next != 0 || s->retires != 0) {
        return ERR_STATE;
    }
    if (s->serves >= CORE_SETS_LAST) {
        return ERR_NOSPACE;
    }
    s->next = s->serves + 1;
    return ERR_OK;
}

void core_sets_go_over(struct core_sets *s)
{
    *s = (struct core_sets){.serves = s->next, .retires = s->serves};
}

void core_sets_let_go(struct core_sets *s)
{
    *s = (struct core_sets){.serves = s->serves};
}

static enum err whole(int n)
{
    return n > 0 && n < PATH_MAX ? ERR_OK : ERR_NOSPACE;
}

enum err core_sets_path(const char *dir, unsigned set, const char *name, char out[PATH_MAX])
{
    const char *const slash = name[0] != '\0' ? "/" : "";

    return whole(set > 1 ? snprintf(out, PATH_MAX, "%s/cores-%u%s%s", dir, set, slash, name)
                         : snprintf(out, PATH_MAX, "%s%s%s", dir, slash, name));
}

enum err core_sets_conf(const char *dir, unsigned set, char out[PATH_MAX])
{
    return whole(snprintf(out, PATH_MAX, "%s/quorate-%u.conf", dir, set));
}
