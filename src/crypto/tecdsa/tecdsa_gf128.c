#include "crypto/tecdsa/tecdsa_gf128.h"

#include "base/secret.h"

#include <assert.h>
#include <string.h>

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
               "elements are read as words in place");

/* A polynomial below x^192: two words of an element, and one for what is shifted out of it. */
struct wide {
    uint64_t w[3];
};

/* The sixteen multiples of v by polynomials below x^4. */
static void fill(const uint8_t *v, struct wide table[16])
{
    memset(table, 0, sizeof table[0]);
    memcpy(table[1].w, v, TECDSA_GF128_LEN);
    table[1].w[2] = 0;
    for (int i = 2; i < 16; i += 2) {
        const uint64_t *half = table[i / 2].w;

        table[i].w[0] = half[0] << 1;
        table[i].w[1] = half[1] << 1 | half[0] >> 63;
        table[i].w[2] = half[2] << 1 | half[1] >> 63;
        for (int j = 0; j < 3; j++) {
            table[i + 1].w[j] = table[i].w[j] ^ table[1].w[j];
        }
    }
}

/* Times x^4: what leaves the element at the top, 4 bits and what the table put above it, comes
 * back as its product with x^7 + x^2 + x + 1. */
static void shift(uint64_t a[2])
{
    const uint64_t out = a[1] >> 60;

    a[1] = a[1] << 4 | a[0] >> 60;
    a[0] = a[0] << 4 ^ out ^ out << 1 ^ out << 2 ^ out << 7;
}

void tecdsa_gf128_hash(const uint8_t *v, const uint8_t *chi, size_t n,
                       uint8_t out[TECDSA_GF128_LEN])
{
    struct wide table[TECDSA_GF128_TERMS_MAX][16];
    uint64_t sum[2] = {0, 0};
    uint64_t last[2];

    assert(n <= TECDSA_GF128_TERMS_MAX);
    for (size_t m = 0; m < n; m++) {
        fill(v + m * TECDSA_GF128_LEN, table[m]);
    }
    for (unsigned digit = 32; digit-- > 0;) {
        uint64_t over = 0;

        shift(sum);
        for (size_t m = 0; m < n; m++) {
            const unsigned byte = chi[m * TECDSA_GF128_LEN + digit / 2];
            const uint64_t *w = table[m][byte >> (4 * (digit % 2)) & 15].w;

            sum[0] ^= w[0];
            sum[1] ^= w[1];
            over ^= w[2];
        }
        sum[0] ^= over ^ over << 1 ^ over << 2 ^ over << 7;
    }
    memcpy(last, v + n * TECDSA_GF128_LEN, sizeof last);
    sum[0] ^= last[0];
    sum[1] ^= last[1];
    memcpy(out, sum, sizeof sum);
    wipe(table, sizeof table);
    wipe(sum, sizeof sum);
    wipe(last, sizeof last);
}
