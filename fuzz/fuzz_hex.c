#include "base/hex.h"

#include <stdlib.h>
#include <string.h>

#define OUT_LEN 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[4 * OUT_LEN];
    char again[2 * OUT_LEN + 1];
    uint8_t out[OUT_LEN];
    size_t n = 0;

    if (size >= sizeof text) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (hex_parse(text, out, sizeof out, &n) != ERR_OK) {
        return 0;
    }
    /* What was accepted is written back as the same digits, in lower case. */
    hex_write((struct view){out, n}, again);
    if (n > sizeof out || strlen(again) != strlen(text)) {
        abort();
    }
    for (size_t i = 0; text[i] != '\0'; i++) {
        if ((text[i] | 0x20) != again[i]) {
            abort();
        }
    }
    return 0;
}
