#include "host/front/client_addr.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Up to the first line end a list of networks, then an X-Forwarded-For. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct client_addr peer = {.family = 4, .bytes = {10, 0, 0, 1}};
    const uint8_t *end = size > 0 ? memchr(data, '\n', size) : NULL;
    const size_t n = end != NULL ? (size_t)(end - data) : size;
    const size_t skip = end != NULL ? n + 1 : n;
    char text[512] = {0};
    char name[CLIENT_ADDR_TEXT_MAX];
    struct client_nets nets;

    if (n >= sizeof text) {
        return 0;
    }
    if (n > 0) {
        memcpy(text, data, n);
    }
    if (client_nets_parse(text, &nets) == ERR_OK) {
        for (size_t i = 0; i < nets.n; i++) {
            if (nets.at[i].bits > (nets.at[i].addr.family == 4 ? 32 : 128)) {
                abort();
            }
        }
    } else if (nets.n != 0) {
        abort();
    }
    nets.at[0].addr = peer; /* at least one proxy is trusted, so the list is walked */
    nets.at[0].bits = 8;
    nets.n = nets.n > 0 ? nets.n : 1;
    const struct client_addr who =
        client_addr_behind(peer, (struct view){data + skip, size - skip}, &nets);

    client_addr_text(&who, name);
    if ((who.family != 4 && who.family != 6) || name[0] == '\0') {
        abort();
    }
    return 0;
}
