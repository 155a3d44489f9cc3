#include "base/bytes.h"

#include <string.h>

bool view_equal(struct view a, struct view b)
{
    return a.n == b.n && (a.n == 0 || memcmp(a.p, b.p, a.n) == 0);
}

enum err rd_take(struct reader *r, size_t n, struct view *out)
{
    if (n > r->n) {
        *r = (struct reader){NULL, 0};
        *out = (struct view){NULL, 0};
        return ERR_TRUNCATED;
    }
    *out = (struct view){r->p, n};
    if (n > 0) {
        r->p += n;
        r->n -= n;
    }
    return ERR_OK;
}

enum err rd_u8(struct reader *r, uint8_t *out)
{
    struct view v;

    *out = 0;
    TRY(rd_take(r, 1, &v));
    *out = v.p[0];
    return ERR_OK;
}

/* Reads n <= 8 bytes, lowest first. */
static enum err rd_le(struct reader *r, size_t n, uint64_t *out)
{
    struct view v;

    *out = 0;
    TRY(rd_take(r, n, &v));
    for (size_t i = n; i > 0; i--) {
        *out = *out << 8 | v.p[i - 1];
    }
    return ERR_OK;
}

enum err rd_u16le(struct reader *r, uint16_t *out)
{
    uint64_t v = 0;
    const enum err e = rd_le(r, sizeof *out, &v);

    *out = (uint16_t)v;
    return e;
}

enum err rd_u32le(struct reader *r, uint32_t *out)
{
    uint64_t v = 0;
    const enum err e = rd_le(r, sizeof *out, &v);

    *out = (uint32_t)v;
    return e;
}

enum err rd_u64le(struct reader *r, uint64_t *out)
{
    return rd_le(r, sizeof *out, out);
}

enum err rd_i64le(struct reader *r, int64_t *out)
{
    uint64_t v = 0;
    const enum err e = rd_le(r, sizeof *out, &v);

    memcpy(out, &v, sizeof v);
    return e;
}

/* Reads n <= 8 bytes, highest first. */
static enum err rd_be(struct reader *r, size_t n, uint64_t *out)
{
    struct view v;

    *out = 0;
    TRY(rd_take(r, n, &v));
    for (size_t i = 0; i < n; i++) {
        *out = *out << 8 | v.p[i];
    }
    return ERR_OK;
}

enum err rd_u16be(struct reader *r, uint16_t *out)
{
    uint64_t v = 0;
    const enum err e = rd_be(r, sizeof *out, &v);

    *out = (uint16_t)v;
    return e;
}

enum err rd_u32be(struct reader *r, uint32_t *out)
{
    uint64_t v = 0;
    const enum err e = rd_be(r, sizeof *out, &v);

    *out = (uint32_t)v;
    return e;
}

enum err rd_u64be(struct reader *r, uint64_t *out)
{
    return rd_be(r, sizeof *out, out);
}

enum err rd_copy(struct reader *r, void *out, size_t n)
{
    struct view v;

    TRY(rd_take(r, n, &v));
    if (n > 0) {
        memcpy(out, v.p, n);
    }
    return ERR_OK;
}

enum err rd_finish(const struct reader *r)
{
    return r->n == 0 ? ERR_OK : ERR_TRAILING;
}

void wr_bytes(struct writer *w, const void *src, size_t n)
{
    if (w->full || n > w->cap - w->len) {
        w->full = true;
        return;
    }
    if (n > 0) {
        memcpy(w->p + w->len, src, n);
        w->len += n;
    }
}

void wr_insert(struct writer *w, size_t at, const void *src, size_t n)
{
    if (w->full || at > w->len || n > w->cap - w->len) {
        w->full = true;
        return;
    }
    memmove(w->p + at + n, w->p + at, w->len - at);
    memcpy(w->p + at, src, n);
    w->len += n;
}

static void wr_le(struct writer *w, uint64_t v, size_t n)
{
    uint8_t b[sizeof v];

    for (size_t i = 0; i < n; i++) {
        b[i] = (uint8_t)(v >> (8 * i));
    }
    wr_bytes(w, b, n);
}

void wr_u8(struct writer *w, uint8_t v)
{
    wr_bytes(w, &v, 1);
}

void wr_u16le(struct writer *w, uint16_t v)
{
    wr_le(w, v, sizeof v);
}

void wr_u32le(struct writer *w, uint32_t v)
{
    wr_le(w, v, sizeof v);
}

void wr_u64le(struct writer *w, uint64_t v)
{
    wr_le(w, v, sizeof v);
}

void wr_i64le(struct writer *w, int64_t v)
{
    wr_le(w, (uint64_t)v, sizeof v);
}

void wr_view(struct writer *w, struct view v)
{
    wr_bytes(w, v.p, v.n);
}

void wr_patch_u32le(struct writer *w, size_t at, uint32_t v)
{
    if (w->full || w->len < sizeof v || at > w->len - sizeof v) {
        w->full = true;
        return;
    }
    for (size_t i = 0; i < sizeof v; i++) {
        w->p[at + i] = (uint8_t)(v >> (8 * i));
    }
}

static void wr_be(struct writer *w, uint64_t v, size_t n)
{
    uint8_t b[sizeof v];

    for (size_t i = 0; i < n; i++) {
        b[i] = (uint8_t)(v >> (8 * (n - 1 - i)));
    }
    wr_bytes(w, b, n);
}

void wr_u16be(struct writer *w, uint16_t v)
{
    wr_be(w, v, sizeof v);
}

void wr_u32be(struct writer *w, uint32_t v)
{
    wr_be(w, v, sizeof v);
}

void wr_u64be(struct writer *w, uint64_t v)
{
    wr_be(w, v, sizeof v);
}

enum err wr_finish(struct writer *w, struct view *out)
{
    if (w->full) {
        memset(w->p, 0, w->cap);
        *out = (struct view){NULL, 0};
        return ERR_NOSPACE;
    }
    *out = (struct view){w->p, w->len};
    return ERR_OK;
}
