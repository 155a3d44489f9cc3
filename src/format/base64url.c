#include "format/base64url.h"

/* Value of a digit; 64 for what is none. */
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
    return c == '-' ? 62 : c == '_' ? 63 : 64;
}

enum err base64url_decode(struct view text, uint8_t *out, size_t cap, struct view *bytes)
{
    struct writer w = wr_init(out, cap);
    unsigned bits = 0; /* the lowest n_bits of it wait */
    unsigned n_bits = 0;

    *bytes = (struct view){NULL, 0};
    if (text.n % 4 == 1) {
        return ERR_ENCODING;
    }
    for (size_t i = 0; i < text.n; i++) {
        const unsigned d = digit(text.p[i]);

        if (d > 63) {
            return ERR_ENCODING;
        }
        bits = bits << 6 | d;
        n_bits += 6;
        if (n_bits >= 8) {
            n_bits -= 8;
            wr_u8(&w, (uint8_t)(bits >> n_bits));
            bits &= (1U << n_bits) - 1;
        }
    }
    return bits == 0 ? wr_finish(&w, bytes) : ERR_ENCODING;
}
