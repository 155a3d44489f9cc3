#include "base/hex.h"

void hex_write(struct view in, char *out)
{
    static const char digits[] = "0123456789abcdef";

    for (size_t i = 0; i < in.n; i++) {
        out[2 * i] = digits[in.p[i] >> 4];
        out[2 * i + 1] = digits[in.p[i] & 0xf];
    }
    out[2 * in.n] = '\0';
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    if (c >= 'a' && c <= 'f') {
        return c - 'a' + 10;
    }
    if (c >= 'A' && c <= 'F') {
        return c - 'A' + 10;
    }
    return -1;
}

enum err hex_parse(const char *text, uint8_t *out, size_t cap, size_t *n_out)
{
    size_t n = 0;

    *n_out = 0;
    for (const char *t = text; *t != '\0'; t += 2) {
        const int hi = digit(t[0]);
        int lo = 0;

        if (hi < 0) {
            return ERR_ENCODING;
        }
        if (t[1] == '\0') {
            return ERR_LENGTH;
        }
        lo = digit(t[1]);
        if (lo < 0) {
            return ERR_ENCODING;
        }
        if (n == cap) {
            return ERR_NOSPACE;
        }
        out[n++] = (uint8_t)(hi << 4 | lo);
    }
    *n_out = n;
    return ERR_OK;
}
