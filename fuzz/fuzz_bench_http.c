#include "client/load/bench_http.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct bench_head head;
    struct bench_url url;
    char text[512];

    if (bench_head_parse((struct view){data, size}, &head) == ERR_OK &&
        (head.head_len > size || head.head_len < 4 || head.status > 999 ||
         memcmp(data + head.head_len - 4, "\r\n\r\n", 4) != 0)) {
        abort();
    }
    if (size < sizeof text) {
        memcpy(text, data, size);
        text[size] = '\0';
        if (bench_url_parse(text, &url) == ERR_OK &&
            (url.host[0] == '\0' || url.port[0] == '\0' || url.path[0] != '/')) {
            abort();
        }
    }
    return 0;
}
