#include "host/front/json_nonce.h"

#include <string.h>

#define FEWEST_DIGITS 19 /* fewer fit into 63 bits */
#define OUT_LEN 64

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* The end of the string that begins at its quotation mark; n: it has none. */
static size_t string_end(const char *text, size_t at, size_t n)
{
    for (at++; at < n; at++) {
        if (text[at] == '\\') {
            at++;
        } else if (text[at] == '"') {
            return at + 1;
        }
    }
    return n;
}

/* Where the value of the outermost member "nonce" begins; n: nowhere. */
static size_t find_value(const char *text, size_t n)
{
    static const char name[] = "\"nonce\"";
    size_t depth = 0;

    for (size_t at = 0; at < n;) {
        const char c = text[at];

        if (c != '"') {
            depth += c == '{' || c == '[' ? 1 : 0;
            depth -= (c == '}' || c == ']') && depth > 0 ? 1 : 0;
            at++;
            continue;
        }
        const size_t end = string_end(text, at, n);
        size_t next = end;

        while (next < n && is_blank(text[next])) {
            next++;
        }
        if (depth == 1 && end - at == sizeof name - 1 &&
            memcmp(text + at, name, end - at) == 0 && next < n && text[next] == ':') {
            for (next++; next < n && is_blank(text[next]); next++) {
            }
            return next;
        }
        at = end;
    }
    return n;
}

/* Decimal digits to a big-endian number at the end of out. */
static void convert(const char *digits, size_t n, uint8_t out[OUT_LEN])
{
    memset(out, 0, OUT_LEN);
    for (size_t i = 0; i < n; i++) {
        unsigned carry = (unsigned)(digits[i] - '0');

        for (size_t at = OUT_LEN; at > 0; at--) {
            carry += out[at - 1] * 10U;
            out[at - 1] = (uint8_t)carry;
            carry >>= 8;
        }
    }
}

enum err json_nonce_lift(char *text, size_t n, uint8_t out[64], struct view *nonce)
{
    const size_t at = find_value(text, n);
    size_t end = at;
    size_t from = 0;

    *nonce = (struct view){NULL, 0};
    while (end < n && is_digit(text[end])) {
        end++;
    }
    if (end - at < FEWEST_DIGITS || text[at] == '0' || end == n || text[end] == '.' ||
        text[end] == 'e' || text[end] == 'E') {
        return ERR_OK;
    }
    if (end - at > JSON_NONCE_DIGITS_MAX) {
        return ERR_RANGE;
    }
    convert(text + at, end - at, out);
    while (out[from] == 0 && out[from + 1] < 0x80) { /* the number is not 0 */
        from++;
    }
    *nonce = (struct view){out + from, OUT_LEN - from};
    memset(text + at, ' ', end - at);
    text[at] = '0';
    return ERR_OK;
}
