#include "promise.h"

#include "host/coord/ended_list.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct reader r = rd_init((struct view){data, size});
    uint8_t nonce[PLAN_NONCE_LEN];
    uint8_t again[PLAN_NONCE_LEN];
    uint8_t line[ENDED_LINE_MAX];

    while (ended_list_next(&r, nonce)) {
        struct writer w = wr_init(line, sizeof line);
        struct view text;

        ended_list_write(&w, "core-1", nonce);
        promise(wr_finish(&w, &text) == ERR_OK);
        struct reader own = rd_init(text);

        promise(ended_list_next(&own, again) && memcmp(nonce, again, sizeof nonce) == 0);
    }
    return 0;
}
