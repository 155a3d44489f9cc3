/* parser_cases.h - what every parser is put through: prefixes, one byte more, each bit flipped.
 * Each input lies in a block of its own size, so that the sanitizer sees a read past its end.
 */
#ifndef TESTS_PARSER_CASES_H
#define TESTS_PARSER_CASES_H

#include "testing.h"

#include "base/bytes.h"
#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

/* The bytes of hexadecimal text; out must hold them. */
static inline struct view hex_bytes(const char *text, uint8_t *out, size_t cap)
{
    size_t n = 0;

    assert_int_equal(hex_parse(text, out, cap, &n), ERR_OK);
    return (struct view){out, n};
}

/* Parses and says what the parser said; asserts whatever holds for every result. */
typedef enum err (*parser_fn)(struct view in);

static inline enum err parse_copy(parser_fn parse, const uint8_t *p, size_t n)
{
    uint8_t *copy = malloc(n > 0 ? n : 1);
    enum err e = ERR_OK;

    assert_non_null(copy);
    memcpy(copy, p, n);
    e = parse((struct view){copy, n});
    free(copy);
    return e;
}

static inline void refuses_every_prefix_of(parser_fn parse, struct view good)
{
    assert_int_equal(parse_copy(parse, good.p, good.n), ERR_OK);
    for (size_t n = 0; n < good.n; n++) {
        assert_int_not_equal(parse_copy(parse, good.p, n), ERR_OK);
    }
}

static inline void refuses_a_byte_after(parser_fn parse, struct view good)
{
    uint8_t *longer = malloc(good.n + 1);

    assert_non_null(longer);
    memcpy(longer, good.p, good.n);
    longer[good.n] = 0;
    assert_int_equal(parse_copy(parse, longer, good.n + 1), ERR_TRAILING);
    free(longer);
}

/* Flips each bit in turn; returns how many of the results were accepted. What is accepted is up
 * to the parser; that it neither crashes nor reads outside is what is tested here. */
static inline size_t survives_every_flip_of(parser_fn parse, struct view good)
{
    uint8_t *bad = malloc(good.n);
    size_t accepted = 0;

    assert_non_null(bad);
    memcpy(bad, good.p, good.n);
    for (size_t bit = 0; bit < 8 * good.n; bit++) {
        bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
        accepted += parse_copy(parse, bad, good.n) == ERR_OK ? 1 : 0;
        bad[bit / 8] ^= (uint8_t)(1U << bit % 8);
    }
    free(bad);
    return accepted;
}

/* What the parser says of good with the byte at `at` set to `to`. */
static inline enum err parse_with(parser_fn parse, struct view good, size_t at, uint8_t to)
{
    uint8_t *bad = malloc(good.n);
    enum err e = ERR_OK;

    assert_non_null(bad);
    assert_true(at < good.n);
    memcpy(bad, good.p, good.n);
    bad[at] = to;
    e = parse((struct view){bad, good.n});
    free(bad);
    return e;
}

#endif
