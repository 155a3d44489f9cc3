#include "promise.h"

#include "format/ber.h"
#include "format/tsp_resp.h"

#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct view in = {data, size};
    const struct tsp_resp zero = {0};
    struct tsp_resp t;
    struct reader texts;
    struct view text;

    if (tsp_resp_parse(in, &t) != ERR_OK) {
        promise(memcmp(&t, &zero, sizeof t) == 0);
        return 0;
    }
    promise(!tsp_resp_is_token(in));
    promise(t.has_fail_info || t.fail_info == 0);
    promise((t.flaws & ~BER_FLAW_ALL) == 0);
    promise(t.token.n == 0 || t.token.p[0] == 0x30);
    promise_inside(t.status_string, in);
    promise_inside(t.token, in);
    texts = rd_init(t.status_string);
    while (texts.n > 0) {
        promise(tsp_resp_next_text(&texts, &text) == ERR_OK);
        promise_inside(text, in);
    }
    promise(tsp_resp_status_name(t.status) != NULL);
    return 0;
}
