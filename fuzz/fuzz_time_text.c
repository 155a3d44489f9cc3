#include "client/kit/time_text.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[64];
    char back[TIME_TEXT_LEN];
    int64_t s = 0;
    int64_t again = 0;

    if (size >= sizeof text) {
        return 0;
    }
    memcpy(text, data, size);
    text[size] = '\0';
    if (time_text_parse(text, &s) != ERR_OK) {
        return 0;
    }
    time_text_write(s, 0, back);
    if (time_text_parse(back, &again) != ERR_OK || again != s) {
        abort();
    }
    return 0;
}
