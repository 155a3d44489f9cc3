#include "host/authority/dev_request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct dev_request request;

/* Three values, each ended by a line end, then the requests. */
static char *take_line(struct reader *r, char line[128])
{
    size_t n = 0;
    uint8_t c = 0;

    while (rd_u8(r, &c) == ERR_OK && c != '\n' && n < 127) {
        line[n++] = (char)c;
    }
    line[n] = '\0';
    return n == 0 ? NULL : line;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char lines[3][128];
    struct reader r = rd_init((struct view){data, size});
    const char *epoch_id = take_line(&r, lines[0]);
    const char *threshold = take_line(&r, lines[1]);
    const char *total = take_line(&r, lines[2]);
    char why[DEV_WHY_MAX];
    const enum err e =
        dev_request_parse((struct view){r.p, r.n}, epoch_id, threshold, total, &request, why);

    if (e == ERR_OK) {
        if (request.n_classic == 0 || request.n_classic > DEV_CLASSIC_MAX ||
            request.threshold < 1 || request.threshold > request.total || request.total > 64) {
            abort();
        }
    } else if (request.n_classic != 0 || request.has_pq || request.total != 0) {
        abort();
    }
    return 0;
}
