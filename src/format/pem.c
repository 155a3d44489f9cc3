#include "format/pem.h"

#include <string.h>

#define LINE_BYTES ((size_t)48) /* in a line of 64 characters, RFC 7468 2 */

/* The digit of the lowest six bits of v, or padding. */
static uint8_t digit_of(unsigned v, bool padding)
{
    static const char digits[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    return padding ? '=' : (uint8_t)digits[v & 63];
}

void pem_write_base64(struct writer *w, struct view bytes)
{
    for (size_t i = 0; i < bytes.n; i += 3) {
        const size_t left = bytes.n - i;
        const unsigned b0 = bytes.p[i];
        const unsigned b1 = left > 1 ? bytes.p[i + 1] : 0;
        const unsigned b2 = left > 2 ? bytes.p[i + 2] : 0;
        const uint8_t quad[4] = {
            digit_of(b0 >> 2, false),
            digit_of(b0 << 4 | b1 >> 4, false),
            digit_of(b1 << 2 | b2 >> 6, left < 2),
            digit_of(b2, left < 3),
        };

        wr_bytes(w, quad, sizeof quad);
    }
}

/* Value of a digit; 64 for '='; else 255. */
static unsigned digit(uint8_t c)
{
    if (c >= 'A' && c <= 'Z') {
        return (unsigned)(c - 'A');
    }
    if (c >= 'a' && c <= 'z') {
        return 26U + (unsigned)(c - 'a');
    }
    if (c >= '0' && c <= '9') {
        return 52U + (unsigned)(c - '0');
    }
    return c == '+' ? 62 : c == '/' ? 63 : c == '=' ? 64 : 255;
}

/* Writes the bytes of four digits, the last one or two of which may be padding. */
static enum err write_quad(struct writer *w, const unsigned q[4])
{
    const unsigned v = (q[0] & 63) << 18 | (q[1] & 63) << 12 | (q[2] & 63) << 6 | (q[3] & 63);
    const size_t pads = (q[2] == 64 ? 1U : 0U) + (q[3] == 64 ? 1U : 0U);
    const uint8_t bytes[3] = {(uint8_t)(v >> 16), (uint8_t)(v >> 8), (uint8_t)v};

    if (q[0] > 63 || q[1] > 63 || (q[2] == 64 && q[3] != 64)) {
        return ERR_ENCODING;
    }
    if ((pads == 1 && (q[2] & 3) != 0) || (pads == 2 && (q[1] & 15) != 0)) {
        return ERR_ENCODING; /* bits left over, RFC 4648 3.5 */
    }
    wr_bytes(w, bytes, 3 - pads);
    return ERR_OK;
}

static bool is_space(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Four digits at a time, whose first n are there. */
struct quad {
    unsigned v[4];
    size_t n;
};

static enum err put_char(struct writer *w, struct quad *q, uint8_t c)
{
    if (is_space(c)) {
        return ERR_OK;
    }
    if (q->n == 4) {
        TRY(write_quad(w, q->v));
        q->n = 0;
    }
    if (q->v[3] == 64 || digit(c) == 255) { /* nothing follows padding */
        return ERR_ENCODING;
    }
    q->v[q->n++] = digit(c);
    return ERR_OK;
}

static enum err read_base64(struct writer *w, struct view text)
{
    struct quad q = {0};

    for (size_t i = 0; i < text.n; i++) {
        TRY(put_char(w, &q, text.p[i]));
    }
    if (q.n == 4) {
        return write_quad(w, q.v);
    }
    return q.n == 0 ? ERR_OK : ERR_ENCODING;
}

enum err pem_parse_base64(struct view text, uint8_t *out, size_t cap, struct view *bytes)
{
    struct writer w = wr_init(out, cap);

    *bytes = (struct view){NULL, 0};
    TRY(read_base64(&w, text));
    return wr_finish(&w, bytes);
}

static void write_text(struct writer *w, const char *text)
{
    wr_bytes(w, text, strlen(text));
}

static void write_boundary(struct writer *w, const char *what, const char *label)
{
    write_text(w, "-----");
    write_text(w, what);
    write_text(w, " ");
    write_text(w, label);
    write_text(w, "-----\n");
}

void pem_write(struct writer *w, const char *label, struct view der)
{
    write_boundary(w, "BEGIN", label);
    for (size_t i = 0; i < der.n; i += LINE_BYTES) {
        const size_t left = der.n - i;

        pem_write_base64(w, (struct view){der.p + i, left < LINE_BYTES ? left : LINE_BYTES});
        wr_u8(w, '\n');
    }
    write_boundary(w, "END", label);
}

/* Next line, without its end; spaces there are dropped. */
static struct view next_line(struct reader *r)
{
    struct view line = {NULL, 0};
    uint8_t c = 0;
    size_t n = 0;

    while (n < r->n && r->p[n] != '\n') {
        n++;
    }
    if (rd_take(r, n, &line) != ERR_OK || (r->n > 0 && rd_u8(r, &c) != ERR_OK)) {
        return (struct view){NULL, 0};
    }
    while (line.n > 0 && (line.p[line.n - 1] == '\r' || line.p[line.n - 1] == ' ' ||
                          line.p[line.n - 1] == '\t')) {
        line.n--;
    }
    return line;
}

/* Whether line is "-----what label-----". */
static bool is_boundary(struct view line, const char *what, const char *label)
{
    const char *const parts[] = {"-----", what, " ", label, "-----"};
    struct reader r = rd_init(line);
    struct view got;

    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        const struct view want = {(const uint8_t *)parts[i], strlen(parts[i])};

        if (rd_take(&r, want.n, &got) != ERR_OK || !view_equal(got, want)) {
            return false;
        }
    }
    return r.n == 0;
}

enum err pem_parse(struct reader *r, const char *label, uint8_t *out, size_t cap,
                   struct view *der)
{
    struct view text = {NULL, 0};

    *der = (struct view){NULL, 0};
    do {
        if (r->n == 0) {
            return ERR_TRAILING;
        }
    } while (!is_boundary(next_line(r), "BEGIN", label));
    text.p = r->p;
    while (r->n > 0) {
        struct reader before = *r;

        if (is_boundary(next_line(r), "END", label)) {
            return pem_parse_base64(text, out, cap, der);
        }
        text.n += before.n - r->n;
    }
    return ERR_TRUNCATED;
}
