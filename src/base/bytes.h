/* bytes.h - bounds-checked access to byte strings.
 *
 * A view borrows: it never owns, and lives no longer than what it points into.
 * A reader is a view that shrinks from the front. A failed read changes nothing
 * but empties the reader, so a forgotten check cannot read on.
 * A writer fills a caller's buffer; it is sticky: overflow is remembered and
 * reported once, by wr_finish(). */
#ifndef BASE_BYTES_H
#define BASE_BYTES_H

#include "base/err.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct view {
    const uint8_t *p; /* may be NULL when n == 0 */
    size_t n;         /* bytes */
};

/* Same bytes. Never for secrets: ct_equal() is. */
bool view_equal(struct view a, struct view b);

struct reader {
    const uint8_t *p;
    size_t n; /* bytes left */
};

struct writer {
    uint8_t *p;
    size_t cap, len;
    bool full;
};

static inline struct reader rd_init(struct view in)
{
    return (struct reader){in.p, in.n};
}

/* Takes the next n bytes as a view into the input.
 * ERR_TRUNCATED: fewer than n are left. */
MUST_CHECK enum err rd_take(struct reader *r, size_t n, struct view *out);

/* Takes one byte, or an integer in the byte order that the name says. ERR_TRUNCATED: *out is 0.
 */
MUST_CHECK enum err rd_u8(struct reader *r, uint8_t *out);
MUST_CHECK enum err rd_u16le(struct reader *r, uint16_t *out);
MUST_CHECK enum err rd_u32le(struct reader *r, uint32_t *out);
MUST_CHECK enum err rd_u64le(struct reader *r, uint64_t *out);
MUST_CHECK enum err rd_i64le(struct reader *r, int64_t *out);
MUST_CHECK enum err rd_u16be(struct reader *r, uint16_t *out);
MUST_CHECK enum err rd_u32be(struct reader *r, uint32_t *out);
MUST_CHECK enum err rd_u64be(struct reader *r, uint64_t *out);

/* Copies the next n bytes out. ERR_TRUNCATED: out is untouched. */
MUST_CHECK enum err rd_copy(struct reader *r, void *out, size_t n);

/* Ends a parse. ERR_TRAILING: bytes are left over. */
MUST_CHECK enum err rd_finish(const struct reader *r);

static inline struct writer wr_init(uint8_t *buf, size_t cap)
{
    return (struct writer){.p = buf, .cap = cap};
}

void wr_bytes(struct writer *w, const void *src, size_t n);

/* Puts n bytes before what stands at offset at, moving the rest up. */
void wr_insert(struct writer *w, size_t at, const void *src, size_t n);

void wr_u8(struct writer *w, uint8_t v);
void wr_u16le(struct writer *w, uint16_t v);
void wr_u32le(struct writer *w, uint32_t v);
void wr_u64le(struct writer *w, uint64_t v);
void wr_i64le(struct writer *w, int64_t v);
void wr_u16be(struct writer *w, uint16_t v);
void wr_u32be(struct writer *w, uint32_t v);
void wr_u64be(struct writer *w, uint64_t v);
void wr_view(struct writer *w, struct view v);

/* Overwrites four bytes already written, at offset at. Outside of what is written: overflow. */
void wr_patch_u32le(struct writer *w, size_t at, uint32_t v);

/* Ends a write and gives what was written. ERR_NOSPACE: it did not fit, and the
 * buffer has been zeroed. */
MUST_CHECK enum err wr_finish(struct writer *w, struct view *out);

#endif
