/* json_string.h - bytes and strings of JSON, RFC 8259 2 and 7: what json.c reads a text with.
 */
#ifndef FORMAT_JSON_STRING_H
#define FORMAT_JSON_STRING_H

#include "format/json.h"

/* The next byte; 0, which stands in no JSON, when there is none. */
static inline uint8_t json_peek(const struct reader *r)
{
    return r->n > 0 ? r->p[0] : 0;
}

static inline void json_skip(struct reader *r)
{
    struct view one;

    (void)!rd_take(r, 1, &one);
}

static inline void json_skip_space(struct reader *r)
{
    while (json_peek(r) == ' ' || json_peek(r) == '\t' || json_peek(r) == '\n' ||
           json_peek(r) == '\r') {
        json_skip(r);
    }
}

/* What it means that another byte was expected here. */
static inline enum err json_unexpected(const struct reader *r)
{
    return r->n == 0 ? ERR_TRUNCATED : ERR_ENCODING;
}

static inline bool json_is_digit(uint8_t c)
{
    return c >= '0' && c <= '9';
}

/* Takes a string, quotes and all, and gives FNV-1a of its characters. ERR_TRUNCATED,
 * ERR_ENCODING: as json_parse(). */
MUST_CHECK enum err json_take_string(struct reader *r, uint64_t *hash);

/* What stands between the quotes of a string that was checked. */
struct reader json_inside(struct view raw);

#endif
