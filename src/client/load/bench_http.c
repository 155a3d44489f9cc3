#include "client/load/bench_http.h"

#include <string.h>

static enum err copy_text(char *out, size_t cap, struct view text)
{
    if (text.n >= cap) {
        return ERR_NOSPACE;
    }
    memcpy(out, text.p, text.n);
    out[text.n] = '\0';
    return ERR_OK;
}

/* host, [v6], host:port or [v6]:port */
static enum err parse_authority(struct view a, struct bench_url *out)
{
    const struct view port_80 = {(const uint8_t *)"80", 2};
    const uint8_t *close_bracket = a.n > 0 && a.p[0] == '[' ? memchr(a.p, ']', a.n) : NULL;
    struct view host = a;
    struct view port = port_80;
    size_t end = 0;

    if (a.n == 0 || memchr(a.p, '@', a.n) != NULL || (a.p[0] == '[' && close_bracket == NULL)) {
        return ERR_ENCODING;
    }
    if (close_bracket != NULL) {
        end = (size_t)(close_bracket - a.p) + 1;
        host = (struct view){a.p + 1, end - 2};
    } else {
        const uint8_t *colon = memchr(a.p, ':', a.n);

        end = colon != NULL ? (size_t)(colon - a.p) : a.n;
        host.n = end;
    }
    if (end < a.n) {
        if (a.p[end] != ':') {
            return ERR_ENCODING;
        }
        port = (struct view){a.p + end + 1, a.n - end - 1};
    }
    if (host.n == 0 || port.n == 0) {
        return ERR_ENCODING;
    }
    for (size_t i = 0; i < port.n; i++) {
        if (port.p[i] < '0' || port.p[i] > '9') {
            return ERR_ENCODING;
        }
    }
    TRY(copy_text(out->host, sizeof out->host, host));
    return copy_text(out->port, sizeof out->port, port);
}

enum err bench_url_parse(const char *text, struct bench_url *out)
{
    static const char scheme[] = "http://";
    const size_t n = strlen(text);

    *out = (struct bench_url){.path = "/"};
    if (strncmp(text, scheme, sizeof scheme - 1) != 0) {
        return ERR_TYPE;
    }
    const char *start = text + sizeof scheme - 1;
    const size_t authority = strcspn(start, "/?#");
    const size_t rest = n - (sizeof scheme - 1) - authority;

    for (size_t i = 0; i < n; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return ERR_ENCODING;
        }
    }
    TRY(parse_authority((struct view){(const uint8_t *)start, authority}, out));
    if (rest == 0 || start[authority] == '#') {
        return ERR_OK;
    }
    if (start[authority] != '/') {
        return ERR_ENCODING;
    }
    return copy_text(out->path, sizeof out->path,
                     (struct view){(const uint8_t *)start + authority, rest});
}

static bool same_letters(struct view a, const char *name)
{
    if (a.n != strlen(name)) {
        return false;
    }
    for (size_t i = 0; i < a.n; i++) {
        const uint8_t c = a.p[i] >= 'A' && a.p[i] <= 'Z' ? (uint8_t)(a.p[i] | 0x20) : a.p[i];

        if (c != (uint8_t)name[i]) {
            return false;
        }
    }
    return true;
}

static struct view trim(struct view v)
{
    while (v.n > 0 && (v.p[0] == ' ' || v.p[0] == '\t')) {
        v.p++;
        v.n--;
    }
    while (v.n > 0 && (v.p[v.n - 1] == ' ' || v.p[v.n - 1] == '\t')) {
        v.n--;
    }
    return v;
}

static enum err parse_number(struct view v, size_t max, size_t *out)
{
    *out = 0;
    for (size_t i = 0; i < v.n; i++) {
        if (v.p[i] < '0' || v.p[i] > '9') {
            return ERR_ENCODING;
        }
        *out = *out * 10 + (size_t)(v.p[i] - '0');
        if (*out > max) {
            return ERR_ENCODING;
        }
    }
    return v.n > 0 ? ERR_OK : ERR_ENCODING;
}

/* One line without its CRLF. */
static bool next_line(struct view *rest, struct view *line)
{
    const uint8_t *end = memmem(rest->p, rest->n, "\r\n", 2);

    if (end == NULL) {
        return false;
    }
    *line = (struct view){rest->p, (size_t)(end - rest->p)};
    rest->n -= line->n + 2;
    rest->p = end + 2;
    return true;
}

/* "HTTP/1.1 200 OK" */
static enum err parse_status(struct view line, struct bench_head *out)
{
    size_t status = 0;

    if (line.n < 12 || memcmp(line.p, "HTTP/1.", 7) != 0 || line.p[8] != ' ') {
        return ERR_ENCODING;
    }
    out->close = line.p[7] == '0';
    TRY(parse_number((struct view){line.p + 9, 3}, 999, &status));
    out->status = (unsigned)status;
    return ERR_OK;
}

static enum err parse_field(struct view line, bool *has_length, struct bench_head *out)
{
    const uint8_t *colon = memchr(line.p, ':', line.n);

    if (colon == NULL) {
        return ERR_ENCODING;
    }
    const struct view name = {line.p, (size_t)(colon - line.p)};
    const struct view value = trim((struct view){colon + 1, line.n - name.n - 1});

    if (same_letters(name, "content-length")) {
        *has_length = true;
        return parse_number(value, SIZE_MAX / 20, &out->body_len);
    }
    if (same_letters(name, "connection") && same_letters(value, "close")) {
        out->close = true;
    }
    return ERR_OK;
}

static enum err parse_head(struct view in, struct bench_head *out)
{
    bool has_length = false;
    struct view rest = in;
    struct view line;

    if (!next_line(&rest, &line)) {
        return ERR_TRUNCATED;
    }
    TRY(parse_status(line, out));
    while (next_line(&rest, &line)) {
        if (line.n == 0) {
            out->head_len = in.n - rest.n;
            return has_length ? ERR_OK : ERR_TYPE;
        }
        TRY(parse_field(line, &has_length, out));
    }
    return ERR_TRUNCATED;
}

enum err bench_head_parse(struct view in, struct bench_head *out)
{
    *out = (struct bench_head){0};
    const enum err e = parse_head(in, out);

    if (e != ERR_OK) {
        *out = (struct bench_head){0};
    }
    return e;
}
